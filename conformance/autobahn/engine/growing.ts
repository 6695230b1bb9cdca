// What comes in: pieces of a message. What goes out: the message, in one array that is used again for the next one.
// So an octet is copied once, and now and then once more when the array grows. Next file: traffic.ts.

/** Octets that are put together; the array behind them is reused. */
export class Growing {
  length = 0;
  #room: Uint8Array = new Uint8Array(1024);

  /** Everything so far; borrowed until the next change. */
  get octets(): Uint8Array {
    return this.#room.subarray(0, this.length);
  }

  /** The array behind it; what stands after `length` is free to be written to. */
  get room(): Uint8Array {
    return this.#room;
  }

  /** Makes room for so many more octets. */
  reserve(more: number): void {
    const needed = this.length + more;
    if (needed <= this.#room.byteLength) return;
    const grown = new Uint8Array(Math.max(needed, 2 * this.#room.byteLength));
    grown.set(this.octets);
    this.#room = grown;
  }

  append(bytes: Uint8Array): void {
    this.reserve(bytes.byteLength);
    this.#room.set(bytes, this.length);
    this.length += bytes.byteLength;
  }
}
