// The body of a response that is not an agreement, for the error report. What comes in: octets behind the head, cut anywhere.
// What goes out: at most `limits.body` octets of content, and the news that it is complete. RFC 9112 §6.3, §7.1. The connection
// is not used again, so nothing behind the last octet of content matters: no trailers, and where the framing breaks, the body
// ends. Memory follows the octets received, never a declared length. Next file: client.ts.
import type { Bytes, Limits } from "../types.ts";
import { type Fields, joined, listOf } from "./headers.ts";

/** Octets by Content-Length, chunks, or everything until the stream ends (Infinity). */
export type Framing = number | "chunked";

/** RFC 9112 §6.3, items 1 and 3 to 8, for a response to GET. null: a Content-Length that cannot be believed. */
export function framingOf(status: number, fields: Fields): Framing | null {
  if (status === 204 || status === 304) return 0;
  const codings = joined(fields, "transfer-encoding");
  if (codings !== null) return listOf(codings).at(-1)?.toLowerCase() === "chunked" ? "chunked" : Infinity;
  const length = joined(fields, "content-length");
  if (length === null) return Infinity;
  const [first, ...others] = listOf(length);
  return first !== undefined && /^[0-9]+$/.test(first) && others.every((other) => other === first) ? Number(first) : null;
}

/** Reads one body from octets that may be cut anywhere (RFC 9112 §6.3, §7.1). */
export class BodyReader {
  readonly #limits: Limits;
  readonly #chunked: boolean;
  #step: Step;
  /** Octets left of the body, or of the chunk. */
  #left: number;
  /** Octets of the line with the size of a chunk. */
  #line = 0;
  #content: Bytes = new Uint8Array(0);
  #length = 0;
  #complete: boolean;

  constructor(framing: Framing, limits: Limits) {
    this.#limits = limits;
    this.#chunked = framing === "chunked";
    this.#step = framing === "chunked" ? "size" : "data";
    this.#left = framing === "chunked" ? 0 : framing;
    this.#complete = framing === 0;
  }

  /** The body has ended, or has reached the limit. */
  get complete(): boolean {
    return this.#complete;
  }
  /** What has arrived, in an array of its own. */
  content(): Bytes {
    return this.#content.slice(0, this.#length);
  }

  /** Returns the octets used; keeps none of `bytes`. */
  read(bytes: Uint8Array, from: number, to: number): number {
    let at = from;
    while (at < to && !this.#complete) {
      if (this.#step === "data") at += this.#data(bytes, at, to);
      else this.#frame(this.#step, bytes[at++]);
    }
    return at - from;
  }

  #data(bytes: Uint8Array, from: number, to: number): number {
    const count = Math.min(to - from, this.#left, this.#limits.body - this.#length);
    this.#keep(bytes.subarray(from, from + count));
    this.#left -= count;
    if (this.#left === 0) this.#step = "data CR";
    this.#complete = this.#length === this.#limits.body || (this.#left === 0 && !this.#chunked);
    return count;
  }
  #keep(piece: Uint8Array): void {
    const length = this.#length + piece.length;
    if (length > this.#content.length) {
      const content = new Uint8Array(Math.min(this.#limits.body, Math.max(length, this.#content.length * 2)));
      content.set(this.#content.subarray(0, this.#length));
      this.#content = content;
    }
    this.#content.set(piece, this.#length);
    this.#length = length;
  }

  /** One octet between the data of two chunks: CRLF, a size in hexadecimal, extensions that nobody reads, CRLF. */
  #frame(step: Exclude<Step, "data">, octet: number): void {
    switch (step) {
      case "size":
      case "extension":
        return this.#sizeLine(step, octet);
      case "size LF":
        // The last chunk has the size 0.
        return this.#expect(octet === LF && this.#left > 0, "data");
      case "data CR":
        return this.#expect(octet === CR, "data LF");
      case "data LF":
        return this.#expect(octet === LF, "size");
    }
  }
  #sizeLine(step: "size" | "extension", octet: number): void {
    const digit = step === "size" ? hexDigit(octet) : -1;
    if (digit !== -1) {
      this.#left = Math.min(this.#left * 16 + digit, Number.MAX_SAFE_INTEGER);
      this.#expect(++this.#line <= this.#limits.line, "size");
    } else if (octet === CR) {
      this.#expect(this.#line > 0, "size LF");
      this.#line = 0;
    } else {
      const fits = step === "extension" || EXTENSION_STARTS.includes(octet);
      this.#expect(fits && octet !== LF && this.#line > 0 && ++this.#line <= this.#limits.line, "extension");
    }
  }
  /** Goes on, or ends the body where its framing ends or breaks. */
  #expect(fits: boolean, next: Step): void {
    this.#step = next;
    this.#complete = !fits;
  }
}

type Step = "size" | "extension" | "size LF" | "data" | "data CR" | "data LF";

function hexDigit(octet: number): number {
  if (octet >= 0x30 && octet <= 0x39) return octet - 0x30;
  const letter = octet | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -1;
}

const CR = 0x0d;
const LF = 0x0a;
/** Semicolon, and the whitespace that may stand before it (RFC 9112 §7.1.1). */
const EXTENSION_STARTS = [0x3b, 0x20, 0x09];
