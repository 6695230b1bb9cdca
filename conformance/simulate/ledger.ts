// What comes in: what one side says, and what the other one hears. What goes out: an error where that differs: a message lost, repeated,
// changed, cut short or out of order. One ledger for each direction. Next file: watch.ts.
import type { Event, Kind } from "../../core/types.ts";
import { utf8 } from "../frames/encode.ts";

/** A message as it was taken; `bytes` grows while it is sent in parts. */
export interface Said {
  readonly kind: Kind;
  bytes: Uint8Array;
  complete: boolean;
}

export class Ledger {
  readonly said: Said[] = [];
  /** Whole messages that were heard. */
  heard = 0;
  /** A wrong octet has been delivered: from here on nobody knows what is heard. */
  tainted = false;
  /** Octets heard of the message that comes in pieces; null: between messages. */
  #inside: number | null = null;

  /** A message, or a part of one, was taken. */
  say(kind: Kind, bytes: Uint8Array, last: boolean): void {
    const open = this.said.at(-1);
    if (open === undefined || open.complete) this.said.push({ kind, bytes, complete: last });
    else {
      open.bytes = Buffer.concat([open.bytes, bytes]);
      open.complete = last;
    }
  }
  /** A message, or a piece of one. */
  hear(event: Event): void {
    switch (event.type) {
      case "text":
        return this.#piece("text", utf8(event.data), true, true);
      case "binary":
        return this.#piece("binary", event.data, true, true);
      case "part":
        return this.#piece(event.kind, event.data, event.first, event.last);
      case "raw":
        return this.#piece(event.kind, event.bytes.subarray(event.start, event.end), event.first, event.last);
      default:
        return;
    }
  }
  /** The other side has read our Close: everything we said before it must have been heard. */
  complete(): void {
    const due = this.said.filter(({ complete }) => complete).length;
    if (!this.tainted && this.heard !== due) throw new Error(`${this.heard} of ${due} messages were heard before the Close`);
  }

  #piece(kind: Kind, bytes: Uint8Array, first: boolean, last: boolean): void {
    if (this.tainted) return;
    const message = this.said[this.heard];
    if (message === undefined) throw new Error(`message ${this.heard} was heard, but never said`);
    if (first !== (this.#inside === null)) {
      throw new Error(`message ${this.heard}: a piece that is${first ? "" : " not"} the first`);
    }
    const start = this.#inside ?? 0;
    const end = start + bytes.length;
    const same = kind === message.kind && end <= message.bytes.length &&
      Buffer.compare(bytes, message.bytes.subarray(start, end)) === 0;
    if (!same) throw new Error(`message ${this.heard}: ${bytes.length} octets of ${kind} at ${start} are not what was said`);
    this.#inside = end;
    if (!last) return;
    if (!message.complete || end < message.bytes.length) throw new Error(`message ${this.heard} was cut short at ${end}`);
    this.heard++;
    this.#inside = null;
  }
}
