// What comes in: the pieces of one message. What goes out: the message in one array. Memory follows the octets received: never a
// declared length, never the number of pieces. Next file: decoder.ts, which feeds it.
import type { Bytes } from "../types.ts";
import { copy } from "../wire/copy.ts";
import { EMPTY } from "./input.ts";
import { mayView } from "./keep.ts";

/**
 * Large pieces are kept as they came, small ones are copied into a tail that doubles.
 * Measured: joining at the end beats one doubling buffer by a factor of two at 1 MiB, whose copies and fresh pages cost more than unmasking.
 */
export class Assembler {
  length = 0;
  #pieces: Bytes[] = [];
  #tail: Bytes = EMPTY;
  #used = 0;

  /** Adds chunk[from, to), which belongs to us. `ahead`: octets declared to follow; they bound the tail, they never size it. Infinity: more frames follow. */
  append(chunk: Uint8Array, from: number, to: number, ahead: number): void {
    const size = to - from;
    // Measured: where this is most of the message, one copy now, while the octets are in the cache, is cheaper than one at the end.
    const most = this.length === 0 && ahead < size;
    if (!most && size >= LARGE && size * 8 >= chunk.buffer.byteLength * 7) {
      this.#seal();
      this.#pieces.push(new Uint8Array(chunk.buffer as ArrayBuffer, chunk.byteOffset + from, size));
      this.length += size;
      return;
    }
    while (from < to) {
      const room = this.room(to - from, ahead);
      const part = Math.min(to - from, room.length - this.#used);
      copy(chunk, from, from + part, room, this.#used);
      this.wrote(part);
      from += part;
    }
  }
  /** The tail, with at least one free octet behind `used`; about `want` where the octets so far justify it. */
  room(want: number, ahead: number): Bytes {
    if (this.#used < this.#tail.length) return this.#tail;
    if (this.#used >= SEGMENT) this.#seal();
    const least = this.#used + Math.min(want, SEGMENT);
    const next = new Uint8Array(Math.min(2 * least, least + ahead));
    copy(this.#tail, 0, this.#used, next, 0);
    return this.#tail = next;
  }
  get used(): number {
    return this.#used;
  }
  /** `count` octets have been written behind `used`. */
  wrote(count: number): void {
    this.#used += count;
    this.length += count;
  }
  /** The message, in an array to keep. The assembler is empty after that. */
  take(): Bytes {
    this.#seal();
    const pieces = this.#pieces, length = this.length;
    this.#pieces = [];
    this.length = 0;
    // Room for what an inflater makes may be far more than it made.
    if (pieces.length === 1 && mayView(length, pieces[0]!.buffer.byteLength)) return pieces[0]!;
    const message = new Uint8Array(length);
    let at = 0;
    for (const piece of pieces) {
      copy(piece, 0, piece.length, message, at);
      at += piece.length;
    }
    return message;
  }
  #seal(): void {
    if (this.#used === 0) return;
    this.#pieces.push(this.#tail.subarray(0, this.#used));
    this.#tail = EMPTY;
    this.#used = 0;
  }
}

/** Pieces from here on are kept if they fill most of their buffer. */
const LARGE = 4096;
/** A full tail of this size is not copied any more. */
const SEGMENT = 64 * 1024;
