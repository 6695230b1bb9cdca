// Masking: XOR with four octets, in place and into a copy. RFC 6455 §5.3. What comes in: octets, a range and the masking key as
// one little-endian integer whose low octet applies at the start of the range. Next file: inbound/input.ts.
import type { Bytes } from "../types.ts";
import { V8 } from "./engine.ts";

/**
 * A buffer seen as octets, words and double words, all from its first octet.
 * Measured: making a word view costs 30 to 40 ns, so it is made once per buffer; double words pay from 128 octets on V8, never on JSC.
 */
export interface Lanes {
  /** Measured: asking a view for its buffer costs 15 ns each time. */
  readonly buffer: ArrayBuffer;
  readonly bytes: Bytes;
  readonly words: Int32Array;
  readonly doubles: BigUint64Array | null;
}
export function lanesOf(buffer: ArrayBuffer): Lanes {
  const size = buffer.byteLength;
  return {
    buffer,
    bytes: new Uint8Array(buffer),
    words: new Int32Array(buffer, 0, size >> 2),
    doubles: V8 && size >= SHORT ? new BigUint64Array(buffer, 0, size >> 3) : null,
  };
}

/** The masking key at bytes[at, at + 4). */
export function readKey(bytes: Uint8Array, at: number): number {
  return bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
}
export function writeKey(bytes: Uint8Array, at: number, key: number): void {
  bytes[at] = key;
  bytes[at + 1] = key >>> 8;
  bytes[at + 2] = key >>> 16;
  bytes[at + 3] = key >>> 24;
}
/** The key as it applies `by` octets later. */
export function rotate(key: number, by: number): number {
  const bits = (by & 3) << 3;
  return bits === 0 ? key : (key >>> bits) | (key << (32 - bits));
}

/** XORs lanes.bytes[at, end) in place. Returns 0 only if all results are ASCII; long ranges are not looked at and return 1. */
export function xor(lanes: Lanes, at: number, end: number, key: number): number {
  if (end - at < SHORT) return xorShort(lanes.bytes, lanes.words, at, end, key);
  if (lanes.doubles === null) xorLongWords(lanes.bytes, lanes.words, at, end, key);
  else xorDoubles(lanes.bytes, lanes.words, lanes.doubles, at, end, key);
  return 1;
}

/** XORs from[at, end) into `to` at `put`, which must be congruent to `at` modulo 8. One pass instead of copy and XOR. */
export function xorCopy(from: Lanes, at: number, end: number, key: number, to: Lanes, put: number): void {
  if (end - at >= SHORT && from.doubles !== null && to.doubles !== null) {
    xorCopyDoubles(from, from.doubles, at, end, key, to, to.doubles, put);
  } else xorCopyWords(from, at, end, key, to, put);
}

/** From here on double words are used. */
export const SHORT = 128;

/** As `xor`, of less than `SHORT` octets. The octets' high bits are gathered on the way: free there, half the speed above. */
export function xorShort(bytes: Uint8Array, words: Int32Array, at: number, end: number, key: number): number {
  let high = 0, x = 0;
  while ((at & 3) !== 0 && at < end) {
    x = bytes[at]! ^ (key & 255);
    high |= x << 24;
    bytes[at++] = x;
    key = (key >>> 8) | (key << 24);
  }
  let word = at >> 2;
  const last = end >> 2;
  for (const stop = last - 3; word < stop; word += 4) {
    const a = words[word]! ^ key, b = words[word + 1]! ^ key, c = words[word + 2]! ^ key, d = words[word + 3]! ^ key;
    words[word] = a;
    words[word + 1] = b;
    words[word + 2] = c;
    words[word + 3] = d;
    high |= a | b | c | d;
  }
  for (; word < last; word++) {
    x = words[word]! ^ key;
    words[word] = x;
    high |= x;
  }
  for (at = word << 2 > at ? word << 2 : at; at < end; at++) {
    x = bytes[at]! ^ (key & 255);
    high |= x << 24;
    bytes[at] = x;
    key = (key >>> 8) | (key << 24);
  }
  return high & 0x80808080;
}

function xorLongWords(bytes: Uint8Array, words: Int32Array, at: number, end: number, key: number): void {
  while ((at & 3) !== 0) {
    bytes[at++]! ^= key;
    key = (key >>> 8) | (key << 24);
  }
  let word = at >> 2;
  const last = end >> 2;
  for (const stop = last - 7; word < stop; word += 8) {
    words[word]! ^= key;
    words[word + 1]! ^= key;
    words[word + 2]! ^= key;
    words[word + 3]! ^= key;
    words[word + 4]! ^= key;
    words[word + 5]! ^= key;
    words[word + 6]! ^= key;
    words[word + 7]! ^= key;
  }
  for (; word < last; word++) words[word]! ^= key;
  for (at = last << 2; at < end; at++) {
    bytes[at]! ^= key;
    key = (key >>> 8) | (key << 24);
  }
}

/** Measured: a BigInt made of the key is unboxed for every element; read through an alias it stays in a register (18 -> 24 GB/s). */
const aliasWords: Int32Array = new Int32Array(2);
const aliasDoubles: BigUint64Array = new BigUint64Array(aliasWords.buffer);

function xorDoubles(bytes: Uint8Array, words: Int32Array, doubles: BigUint64Array, at: number, end: number, key: number): void {
  while ((at & 3) !== 0) {
    bytes[at++]! ^= key;
    key = (key >>> 8) | (key << 24);
  }
  if ((at & 4) !== 0) {
    words[at >> 2]! ^= key;
    at += 4;
  }
  aliasWords[0] = key;
  aliasWords[1] = key;
  const wide = aliasDoubles[0]!;
  let j = at >> 3;
  const last = end >> 3;
  for (const stop = last - 15; j < stop; j += 16) {
    doubles[j]! ^= wide;
    doubles[j + 1]! ^= wide;
    doubles[j + 2]! ^= wide;
    doubles[j + 3]! ^= wide;
    doubles[j + 4]! ^= wide;
    doubles[j + 5]! ^= wide;
    doubles[j + 6]! ^= wide;
    doubles[j + 7]! ^= wide;
    doubles[j + 8]! ^= wide;
    doubles[j + 9]! ^= wide;
    doubles[j + 10]! ^= wide;
    doubles[j + 11]! ^= wide;
    doubles[j + 12]! ^= wide;
    doubles[j + 13]! ^= wide;
    doubles[j + 14]! ^= wide;
    doubles[j + 15]! ^= wide;
  }
  for (; j < last; j++) doubles[j]! ^= wide;
  at = last << 3;
  if (end - at >= 4) {
    words[at >> 2]! ^= key;
    at += 4;
  }
  for (; at < end; at++) {
    bytes[at]! ^= key;
    key = (key >>> 8) | (key << 24);
  }
}

function xorCopyWords(from: Lanes, at: number, end: number, key: number, to: Lanes, put: number): void {
  const source = from.bytes, target = to.bytes, words = from.words, puts = to.words;
  const shift = put - at;
  while ((at & 3) !== 0 && at < end) {
    target[at + shift] = source[at]! ^ key;
    at++;
    key = (key >>> 8) | (key << 24);
  }
  let word = at >> 2;
  const last = end >> 2, jump = shift >> 2;
  for (const stop = last - 3; word < stop; word += 4) {
    puts[word + jump] = words[word]! ^ key;
    puts[word + jump + 1] = words[word + 1]! ^ key;
    puts[word + jump + 2] = words[word + 2]! ^ key;
    puts[word + jump + 3] = words[word + 3]! ^ key;
  }
  for (; word < last; word++) puts[word + jump] = words[word]! ^ key;
  for (at = word << 2 > at ? word << 2 : at; at < end; at++) {
    target[at + shift] = source[at]! ^ key;
    key = (key >>> 8) | (key << 24);
  }
}

function xorCopyDoubles(
  from: Lanes,
  doubles: BigUint64Array,
  at: number,
  end: number,
  key: number,
  to: Lanes,
  puts: BigUint64Array,
  put: number,
): void {
  const source = from.bytes, target = to.bytes;
  const shift = put - at;
  while ((at & 3) !== 0) {
    target[at + shift] = source[at]! ^ key;
    at++;
    key = (key >>> 8) | (key << 24);
  }
  if ((at & 4) !== 0) {
    to.words[(at + shift) >> 2] = from.words[at >> 2]! ^ key;
    at += 4;
  }
  aliasWords[0] = key;
  aliasWords[1] = key;
  const wide = aliasDoubles[0]!;
  let j = at >> 3;
  const last = end >> 3, jump = shift >> 3;
  for (const stop = last - 7; j < stop; j += 8) {
    puts[j + jump] = doubles[j]! ^ wide;
    puts[j + jump + 1] = doubles[j + 1]! ^ wide;
    puts[j + jump + 2] = doubles[j + 2]! ^ wide;
    puts[j + jump + 3] = doubles[j + 3]! ^ wide;
    puts[j + jump + 4] = doubles[j + 4]! ^ wide;
    puts[j + jump + 5] = doubles[j + 5]! ^ wide;
    puts[j + jump + 6] = doubles[j + 6]! ^ wide;
    puts[j + jump + 7] = doubles[j + 7]! ^ wide;
  }
  for (; j < last; j++) puts[j + jump] = doubles[j]! ^ wide;
  at = last << 3;
  if (end - at >= 4) {
    to.words[(at + shift) >> 2] = from.words[at >> 2]! ^ key;
    at += 4;
  }
  for (; at < end; at++) {
    target[at + shift] = source[at]! ^ key;
    key = (key >>> 8) | (key << 24);
  }
}
