// The layout of a frame, for both directions: opcodes, bits, header sizes. RFC 6455 §5.2. Next file: close.ts.

export const CONTINUATION = 0x0;
export const TEXT = 0x1;
export const BINARY = 0x2;
export const CLOSE = 0x8;
export const PING = 0x9;
export const PONG = 0xa;

/** First octet: the last fragment of a message. */
export const FIN = 0x80;
/** First octet: the message is compressed (RFC 7692 §6). */
export const RSV1 = 0x40;
/** First octet: reserved, no extension here gives them meaning. */
export const RSV23 = 0x30;
/** Second octet: a masking key follows the length. */
export const MASK = 0x80;

/** The longest payload of a control frame (§5.5). */
export const CONTROL_MAX = 125;

/** Octets of a header without its masking key. */
export function headerLength(payload: number): number {
  return payload < 126 ? 2 : payload < 65536 ? 4 : 10;
}

/** Writes a header without its masking key, in the shortest form; returns the offset behind it. */
export function writeHeader(into: Uint8Array, at: number, first: number, maskBit: number, payload: number): number {
  into[at] = first;
  if (payload >= 126) return writeLength(into, at, maskBit, payload);
  into[at + 1] = maskBit | payload;
  return at + 2;
}

/** Apart, since engines inline small functions only. */
function writeLength(into: Uint8Array, at: number, maskBit: number, payload: number): number {
  if (payload < 65536) {
    into[at + 1] = maskBit | 126;
    into[at + 2] = payload >>> 8;
    into[at + 3] = payload;
    return at + 4;
  }
  const high = (payload / 0x1_0000_0000) | 0;
  into[at + 1] = maskBit | 127;
  into[at + 2] = 0;
  into[at + 3] = high >>> 16;
  into[at + 4] = high >>> 8;
  into[at + 5] = high;
  into[at + 6] = payload >>> 24;
  into[at + 7] = payload >>> 16;
  into[at + 8] = payload >>> 8;
  into[at + 9] = payload;
  return at + 10;
}
