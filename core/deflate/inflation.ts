// What comes in: compressed octets of messages, in pieces, and room for what comes out. RFC 7692 §6.2, §7.2.2, §7.2.3.
// The caller bounds the output, so that a limit is exact and a bomb never expands further. Next file: deflation.ts.
import type { Codec } from "../types.ts";
import type { Lender } from "./codec.ts";

/** The inbound side of permessage-deflate for one connection. Holds a codec only inside of a message, or with context takeover. */
export class Inflation {
  /** Octets used and made by the last run. */
  read = 0;
  written = 0;
  readonly #lender: Lender;
  readonly #windowBits: number;
  readonly #takeover: boolean;
  #codec: Codec | null = null;
  #window: Window | null = null;
  /** A final block was reached; what follows starts a new stream with the same window (§7.2.3.4). */
  #ended = false;

  constructor(lender: Lender, windowBits: number, takeover: boolean) {
    this.#lender = lender;
    this.#windowBits = windowBits;
    this.#takeover = takeover;
  }
  /** A compressed message begins. */
  begin(): void {
    this.#codec ??= this.#lender.take();
  }
  /** Inflates from src[at, end) to dst[put, limit), which has room. `last`: src ends the message. false: the data is corrupt. */
  run(src: Uint8Array, at: number, end: number, dst: Uint8Array, put: number, limit: number, last: boolean): boolean {
    this.read = this.written = 0;
    if (this.#ended && at === end) return true;
    const codec = this.#codec!;
    try {
      if (this.#ended) this.#restart(codec);
      codec.run(src, at, end, dst, put, limit, "more");
    } catch {
      return false;
    }
    this.read = codec.read;
    this.written = codec.written;
    this.#ended = codec.ended;
    const done = last && this.read === end - at && put + this.written < limit;
    if (this.written > 0 && (this.#takeover || !done)) {
      (this.#window ??= new Window(1 << this.#windowBits)).append(dst, put, put + this.written);
    }
    return at === end || this.read > 0 || this.written > 0 || this.#ended;
  }
  /**
   * The message is over. false: it was cut short inside of a block. The tail that the sender removed is put back with one octet more, and
   * the inflater must stop in front of that octet: it takes the whole tail as an empty block only at the border of a block.
   */
  finish(): boolean {
    const codec = this.#codec!;
    let complete = this.#ended;
    if (!complete) {
      try {
        codec.run(TAIL, 0, TAIL.length, SPILL, 0, SPILL.length, "border");
        complete = codec.read === 4 && codec.written === 0 && !codec.ended;
      } catch {
        complete = false;
      }
    }
    if (!this.#takeover) this.close();
    return complete;
  }
  /** Gives the codec back. */
  close(): void {
    if (this.#codec !== null) this.#lender.give(this.#codec);
    this.#codec = this.#window = null;
    this.#ended = false;
  }
  /** A stream after a final block: a new one that is first shown the window as a stored block. */
  #restart(codec: Codec): void {
    codec.reset();
    this.#ended = false;
    if (this.#window === null) return;
    const block = this.#window.storedBlock();
    const waste = new Uint8Array(block.length);
    codec.run(block, 0, block.length, waste, 0, waste.length, "more");
  }
}

/** The last octets that came out, as many as a distance can reach back. Grows with what arrives. */
class Window {
  readonly #size: number;
  #ring: Uint8Array = new Uint8Array(0);
  #filled = 0;
  #next = 0;
  constructor(size: number) {
    this.#size = size;
  }
  append(bytes: Uint8Array, from: number, to: number): void {
    from = Math.max(from, to - this.#size);
    const needed = Math.min(this.#filled + to - from, this.#size);
    if (needed > this.#ring.length) {
      const grown = new Uint8Array(Math.min(Math.max(needed, 2 * this.#ring.length), this.#size));
      grown.set(this.#ring.subarray(0, this.#filled));
      this.#ring = grown;
      this.#next = this.#filled;
    }
    while (from < to) {
      if (this.#next === this.#ring.length) this.#next = 0;
      const part = Math.min(to - from, this.#ring.length - this.#next);
      this.#ring.set(bytes.subarray(from, from + part), this.#next);
      this.#next += part;
      from += part;
    }
    this.#filled = needed;
  }
  /** RFC 1951 §3.2.4 */
  storedBlock(): Uint8Array {
    const length = this.#filled;
    const block = new Uint8Array(5 + length);
    block.set([0x00, length, length >>> 8, ~length, ~length >>> 8]);
    const split = this.#filled === this.#ring.length ? this.#next : 0;
    block.set(this.#ring.subarray(split, this.#filled), 5);
    block.set(this.#ring.subarray(0, split), 5 + this.#filled - split);
    return block;
  }
}

/** `00 00 ff ff`, and the first octet of another stored block. */
const TAIL = new Uint8Array([0x00, 0x00, 0xff, 0xff, 0x00]);
const SPILL = new Uint8Array(16);
