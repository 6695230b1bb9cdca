// What comes in: messages or fragments of them. What goes out: their compressed octets. RFC 7692 §6.1, §7.2.1.
// Next file: ../outbound/encoder.ts, which puts them into frames.
import type { Codec } from "../types.ts";
import type { Lender } from "./codec.ts";

/** The outbound side of permessage-deflate for one connection. Holds a codec only inside of a message, or with context takeover. */
export class Deflation {
  /** Messages of fewer octets go uncompressed. */
  readonly threshold: number;
  readonly windowBits: number;
  readonly #lender: Lender;
  readonly #takeover: boolean;
  #codec: Codec | null = null;

  constructor(lender: Lender, windowBits: number, takeover: boolean, threshold: number) {
    this.#lender = lender;
    this.windowBits = windowBits;
    this.#takeover = takeover;
    this.threshold = threshold;
  }
  /** The compressed form of one fragment, borrowed until the next call of any connection. `last`: it ends the message. */
  compress(bytes: Uint8Array, from: number, to: number, last: boolean): Uint8Array {
    const codec = this.#codec ??= this.#lender.take();
    const length = from === to ? 0 : run(codec, bytes, from, to);
    if (last && !this.#takeover) this.close();
    if (!last) return output.subarray(0, length);
    // A fragment keeps the tail of its flush, so an empty last one is the header of an empty block (§7.2.1, §7.2.3.6).
    return length === 0 ? EMPTY_BLOCK : output.subarray(0, length - 4);
  }
  /** The peer was sent a message that this context does not know (see prepare): forget the context, so that nothing refers behind it. */
  forget(): void {
    this.#codec?.reset();
  }
  /** Gives the codec back. */
  close(): void {
    if (this.#codec !== null) this.#lender.give(this.#codec);
    this.#codec = null;
  }
}

/** Compresses and flushes into `output`; returns how many octets there are. */
function run(codec: Codec, bytes: Uint8Array, from: number, to: number): number {
  let length = 0;
  // zlib repeats the flush marker when it is left with fewer than 7 octets of room, so there is always more.
  if (output.length < to - from + 64 || output.length > LARGE) {
    output = new Uint8Array(Math.max(SMALL, to - from + ((to - from) >> 3) + 64));
  }
  for (;;) {
    codec.run(bytes, from, to, output, length, output.length, "flush");
    from += codec.read;
    length += codec.written;
    if (length < output.length) return length;
    const grown = new Uint8Array(2 * output.length);
    grown.set(output);
    output = grown;
  }
}

const SMALL = 16 * 1024;
/** A larger output is not kept for the next message. */
const LARGE = 1024 * 1024;
let output: Uint8Array = new Uint8Array(0);
const EMPTY_BLOCK: Uint8Array = new Uint8Array([0x00]);
