// What comes in: octets in any pieces. What goes out: frames, unmasked, whatever rule they break.
// RFC 6455 §5.2. Tolerant on purpose: it judges nothing, it only notes what a judge needs. Next file: utf8.ts.
import type { Bytes } from "../../core/types.ts";

/** A frame as it stood on the wire. */
export interface Frame {
  readonly fin: boolean;
  /** Three bits, RSV1 the highest. */
  readonly rsv: number;
  readonly opcode: number;
  /** The masking key, or null. */
  readonly mask: Bytes | null;
  /** Unmasked; the reader's own copy. */
  readonly payload: Bytes;
  /** The length had its shortest form. */
  readonly minimal: boolean;
}

/** Cuts a byte stream into frames. A frame that declares more than arrives stays pending for ever. */
export class FrameReader {
  #held: Uint8Array = new Uint8Array(256);
  #at = 0;
  #end = 0;

  /** Copies the bytes. */
  receive(bytes: Uint8Array): void {
    if (this.#end + bytes.byteLength > this.#held.byteLength) {
      const grown = new Uint8Array(2 * (this.pending + bytes.byteLength));
      grown.set(this.#held.subarray(this.#at, this.#end));
      [this.#held, this.#at, this.#end] = [grown, 0, this.pending];
    }
    this.#held.set(bytes, this.#end);
    this.#end += bytes.byteLength;
  }

  /** The next whole frame, or null until more octets arrive. */
  next(): Frame | null {
    const head = readHeader(this.#held.subarray(0, this.#end), this.#at);
    if (head === null || head.payloadAt + head.length > this.#end) return null;
    const end = head.payloadAt + head.length;
    const payload = new Uint8Array(this.#held.subarray(head.payloadAt, end));
    if (head.mask !== null) {
      for (let i = 0; i < payload.byteLength; i++) payload[i] ^= head.mask[i & 3];
    }
    this.#at = end;
    return { fin: head.fin, rsv: head.rsv, opcode: head.opcode, mask: head.mask, payload, minimal: head.minimal };
  }

  /** Octets received that belong to no frame yet. */
  get pending(): number {
    return this.#end - this.#at;
  }
}

/** All whole frames of a byte string, and what is left behind the last one. */
export function readFrames(bytes: Uint8Array): { readonly frames: readonly Frame[]; readonly rest: number } {
  const reader = new FrameReader();
  reader.receive(bytes);
  const frames: Frame[] = [];
  for (let frame = reader.next(); frame !== null; frame = reader.next()) frames.push(frame);
  return { frames, rest: reader.pending };
}

/** Where the octets behind an HTTP head start, or -1 while the head is not complete. */
export function afterHead(bytes: Uint8Array): number {
  for (let i = 3; i < bytes.byteLength; i++) {
    if (bytes[i - 3] === 13 && bytes[i - 2] === 10 && bytes[i - 1] === 13 && bytes[i] === 10) return i + 1;
  }
  return -1;
}

interface Header extends Omit<Frame, "payload"> {
  readonly length: number;
  readonly payloadAt: number;
}

function readHeader(bytes: Uint8Array, at: number): Header | null {
  if (bytes.byteLength < at + 2) return null;
  const [byte0, byte1] = [bytes[at], bytes[at + 1]];
  const small = byte1 & 127;
  const form = small === 126 ? 2 : small === 127 ? 8 : 0;
  const masked = byte1 >= 128;
  const payloadAt = at + 2 + form + (masked ? 4 : 0);
  if (bytes.byteLength < payloadAt) return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = form === 0 ? BigInt(small) : form === 2 ? BigInt(view.getUint16(at + 2)) : view.getBigUint64(at + 2);
  return {
    fin: byte0 >= 128,
    rsv: (byte0 >> 4) & 7,
    opcode: byte0 & 15,
    mask: masked ? new Uint8Array(bytes.subarray(payloadAt - 4, payloadAt)) : null,
    minimal: length >= LEAST[form],
    length: Number(length),
    payloadAt,
  };
}

/** The smallest length that needs so many octets. */
const LEAST: Readonly<Record<0 | 2 | 8, bigint>> = { 0: 0n, 2: 126n, 8: 65536n };
