// What comes in: what one side says, and what the other one hears. What goes out: an error where that differs: a message or a Ping lost,
// repeated, changed, cut short or out of order, or a Pong that answers none. One ledger for each direction. Next file: watch.ts.
import type { Event, Kind } from "../../core/types.ts";
import { utf8 } from "../frames/encode.ts";

/** A message as it was taken: the first `length` octets of `bytes`, which grow while it is sent in parts. */
interface Said {
  readonly kind: Kind;
  bytes: Uint8Array;
  length: number;
  complete: boolean;
}

export class Ledger {
  readonly #said: Said[] = [];
  /** Whole messages that were heard. */
  heard = 0;
  /** A wrong octet has been delivered: from here on nobody knows what is heard. */
  tainted = false;
  /** Octets heard of the message that comes in pieces; null: between messages. */
  #inside: number | null = null;
  /** Payloads of Pings, without the machine's own; how many were heard, and which of them no Pong has answered. */
  readonly #pings: Uint8Array[] = [];
  #pingsHeard = 0;
  readonly #unanswered: Uint8Array[] = [];

  /** A message, or a part of one, was taken. `first`: the call said whether a message begins; bytes of `send` go on with what is open. */
  say(kind: Kind, bytes: Uint8Array, last: boolean, first?: boolean): void {
    const open = this.#said.at(-1);
    const begins = open === undefined || open.complete;
    if (first !== undefined && first !== begins) {
      throw new Error(first ? "a message was taken inside of another" : "a piece of no message was taken");
    }
    if (open === undefined || open.complete) {
      this.#said.push({ kind, bytes, length: bytes.length, complete: last });
      return;
    }
    const length = open.length + bytes.length;
    if (length > open.bytes.length) {
      const grown = new Uint8Array(2 * length);
      grown.set(open.bytes.subarray(0, open.length));
      open.bytes = grown;
    }
    open.bytes.set(bytes, open.length);
    open.length = length;
    open.complete = last;
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
  /** A Ping of the application was taken. */
  ping(payload: Uint8Array): void {
    this.#pings.push(payload);
    this.#unanswered.push(payload);
  }
  hearPing(payload: Uint8Array): void {
    if (this.tainted || payload.length === OWN) return;
    const ping = this.#pings[this.#pingsHeard++];
    if (ping === undefined || Buffer.compare(ping, payload) !== 0) {
      throw new Error(`Ping ${this.#pingsHeard - 1} is not what was said`);
    }
  }
  /** The other side answers on the way of `back`: some of the Pings, none twice; Pongs behind a Close overtake (RFC 6455 §5.5.3). */
  hearPong(payload: Uint8Array, back: Ledger): void {
    if (this.tainted || back.tainted || payload.length === OWN) return;
    const at = this.#unanswered.findIndex((ping) => Buffer.compare(ping, payload) === 0);
    if (at === -1) throw new Error("a Pong answers no Ping");
    this.#unanswered.splice(at, 1);
  }
  /** The other side has read our Close: everything we said before it must have been heard; `pings`: it is told of those too. */
  complete(pings: boolean): void {
    if (this.tainted) return;
    const due = this.#said.filter(({ complete }) => complete).length;
    if (this.heard !== due) throw new Error(`${this.heard} of ${due} messages were heard before the Close`);
    const all = this.#pings.length;
    if (pings && this.#pingsHeard !== all) throw new Error(`${this.#pingsHeard} of ${all} Pings were heard before the Close`);
  }

  #piece(kind: Kind, bytes: Uint8Array, first: boolean, last: boolean): void {
    if (this.tainted) return;
    const message = this.#said[this.heard];
    if (message === undefined) throw new Error(`message ${this.heard} was heard, but never said`);
    if (first !== (this.#inside === null)) {
      throw new Error(`message ${this.heard}: a piece that is${first ? "" : " not"} the first`);
    }
    const start = this.#inside ?? 0;
    const end = start + bytes.length;
    const same = kind === message.kind && end <= message.length &&
      Buffer.compare(bytes, message.bytes.subarray(start, end)) === 0;
    if (!same) throw new Error(`message ${this.heard}: ${bytes.length} octets of ${kind} at ${start} are not what was said`);
    this.#inside = end;
    if (!last) return;
    if (!message.complete || end < message.length) throw new Error(`message ${this.heard} was cut short at ${end}`);
    this.heard++;
    this.#inside = null;
  }
}

/** Octets of a Ping that the machine sends by itself. */
const OWN = 2;
