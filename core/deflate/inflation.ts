// What comes in: compressed octets of messages, in pieces, and room for what comes out. RFC 7692 §6.2, §7.2.2, §7.2.3.
// The caller bounds the output, so that a limit is exact and a bomb never expands further. Next file: deflation.ts.
import type { Codec } from "../types.ts";
import { copy } from "../wire/copy.ts";
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
  /** The last four octets read. */
  #recent = FLUSHED;
  /** Octets of window that may still be shown to new streams of this message. */
  #credit = CREDIT;

  constructor(lender: Lender, windowBits: number, takeover: boolean) {
    this.#lender = lender;
    this.#windowBits = windowBits;
    this.#takeover = takeover;
  }
  /** A compressed message begins. */
  begin(): void {
    this.#codec ??= this.#lender.take();
    this.#recent = FLUSHED;
    this.#credit = CREDIT;
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
    this.#credit += CREDIT_PER_OCTET * (this.read + this.written);
    for (let i = Math.max(at, at + this.read - 4); i < at + this.read; i++) this.#recent = (this.#recent << 8) | src[i]!;
    const done = last && this.read === end - at && put + this.written < limit;
    if (this.written > 0 && (this.#takeover || !done)) {
      (this.#window ??= new Window(1 << this.#windowBits)).append(dst, put, put + this.written);
    }
    return at === end || this.read > 0 || this.written > 0 || this.#ended;
  }
  /**
   * The message is over. false: it was cut short inside of a block. The end that the sender removed is put back with one octet more, and
   * the inflater must stop in front of that octet: it takes an end whole only at the border of a block. Behind a final block it takes
   * nothing, and an engine may say only now that the stream has ended.
   */
  finish(): boolean {
    const codec = this.#codec!;
    // Nothing was removed from a message without octets, nor from one with its end in place: whole octets are used, a whole block follows.
    const end = this.#recent === FLUSHED ? WHOLE_END : REST_OF_END;
    let complete = this.#ended;
    if (!complete) {
      try {
        codec.run(end, 0, end.length, SPILL, 0, SPILL.length, "border");
        this.#ended = codec.ended;
        complete = codec.written === 0 && codec.read === (codec.ended ? 0 : end.length - 1);
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
    this.#credit -= block.length;
    if (this.#credit < 0) throw new Error("streams that end too often");
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
      copy(bytes, from, from + part, this.#ring, this.#next);
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

/** What a flush ends with, and every message but for its removal (§7.2.1). */
const FLUSHED = 0x0000ffff;
/** That, and the first octet of another stored block. */
const REST_OF_END = new Uint8Array([0x00, 0x00, 0xff, 0xff, 0x00]);
/** The same with the first octet of its own block, which the last octet of a message holds otherwise. */
const WHOLE_END = new Uint8Array([0x00, 0x00, 0x00, 0xff, 0xff, 0x00]);
const SPILL = new Uint8Array(16);
/**
 * Measured: showing a window of 32 KiB costs as much as inflating 3,000 octets, and a sender can ask for it with two. So a message has to
 * earn it, but for two times that are free: for the stream that the message before has ended, and for one of its own.
 */
const CREDIT = 2 * (32 * 1024 + 5);
const CREDIT_PER_OCTET = 64;
