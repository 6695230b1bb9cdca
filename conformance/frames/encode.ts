// What comes in: the description of a frame, however wrong. What goes out: its octets, unchecked.
// RFC 6455 §5.2. This frame layer shares no code with core: it feeds the oracle, the fuzzer and the vectors, so a mistake
// would have to be made twice to go unseen. Next file: reader.ts.
import type { Bytes } from "../../core/types.ts";

/** A frame as it shall stand on the wire. Nothing is checked, so every violation can be written down. */
export interface FrameSpec {
  /** Four bits: 0 continuation, 1 text, 2 binary, 8 Close, 9 Ping, 10 Pong. */
  readonly opcode: number;
  /** Default true. */
  readonly fin?: boolean;
  /** Three bits, RSV1 the highest: 4, 2, 1. Default 0. */
  readonly rsv?: number;
  readonly payload?: Uint8Array;
  /** The masking key, four octets; null or absent: unmasked. */
  readonly mask?: Uint8Array | null;
  /** The length that the header declares; default the true one. */
  readonly declare?: number | bigint;
  /** Octets of extended length; default the shortest form of the declared length. */
  readonly form?: 0 | 2 | 8;
}

/** The octets of one frame. */
export function encode(spec: FrameSpec): Bytes {
  const payload = spec.payload ?? EMPTY;
  const mask = spec.mask ?? null;
  const declared = BigInt(spec.declare ?? payload.byteLength);
  const form = spec.form ?? (declared < 126n ? 0 : declared < 65536n ? 2 : 8);
  const header = 2 + form + (mask === null ? 0 : 4);
  const frame = new Uint8Array(header + payload.byteLength);
  const view = new DataView(frame.buffer);
  const small = form === 0 ? Number(declared & 127n) : form === 2 ? 126 : 127;
  frame[0] = ((spec.fin ?? true) ? 0x80 : 0) | ((spec.rsv ?? 0) << 4) | spec.opcode;
  frame[1] = (mask === null ? 0 : 0x80) | small;
  if (form === 2) view.setUint16(2, Number(declared & 0xffffn));
  if (form === 8) view.setBigUint64(2, declared);
  frame.set(payload, header);
  if (mask !== null) {
    frame.set(mask, header - 4);
    for (let i = 0; i < payload.byteLength; i++) frame[header + i] ^= mask[i & 3];
  }
  return frame;
}

/** The octets of many frames, one behind the other. */
export function encodeAll(specs: readonly FrameSpec[]): Bytes {
  return concat(specs.map(encode));
}

/** The payload of a Close frame (RFC 6455 §5.5.1); any number is written as a code. */
export function closePayload(code: number, reason: string | Uint8Array = ""): Bytes {
  const text = typeof reason === "string" ? utf8(reason) : reason;
  return concat([Uint8Array.of(code >> 8, code & 255), text]);
}

/** UTF-8 of a string. */
export function utf8(text: string): Bytes {
  return new TextEncoder().encode(text);
}

export function concat(pieces: readonly Uint8Array[]): Bytes {
  const whole = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.byteLength, 0));
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.byteLength;
  }
  return whole;
}

/** Octets from hexadecimal digits; white space is ignored. */
export function fromHex(digits: string): Bytes {
  const pairs = digits.replace(/\s+/g, "").match(/../g) ?? [];
  return Uint8Array.from(pairs, (pair) => Number.parseInt(pair, 16));
}
export function toHex(bytes: Uint8Array): string {
  return Array.from(bytes, (octet) => octet.toString(16).padStart(2, "0")).join(" ");
}

const EMPTY = new Uint8Array(0);
