// What comes in: raw DEFLATE octets and the window behind them. What goes out: every octet they give, and where they stop.
// RFC 1951; RFC 7692 §7.2.2. Bit by bit and slow, but exact where a one-shot zlib is not: at which octet an error shows, and
// whether the input stops at the border of a block or inside one. Next file: oracle.ts.
import type { Bytes } from "../../core/types.ts";

/**
 * Where the input stopped. "tail": behind the header of an empty stored block, as a message does whose `00 00 ff ff` was removed;
 * "border": behind a whole block, on the border of an octet; "final": behind a final block; "inside": anywhere else;
 * "corrupt": at octets that no DEFLATE stream has.
 */
export type Stop = "tail" | "border" | "final" | "inside" | "corrupt";
export interface Inflated {
  readonly output: Bytes;
  readonly stop: Stop;
}

/**
 * Inflates a whole string. `history` is what earlier messages gave. Octets behind a final block start a new stream over the
 * same window. Stops when `room` octets of output are there.
 */
export function inflate(input: Uint8Array, history: Uint8Array, windowBits: number, room: number = Infinity): Inflated {
  const window = 1 << windowBits;
  const out = [...history.subarray(-window)];
  const before = out.length;
  const stream: Stream = { input, bit: 0, out, window, ceiling: before + room };
  let stop: Stop = "border";
  try {
    while (stream.bit < input.byteLength * 8 && out.length < stream.ceiling) stop = block(stream) ? "final" : "border";
  } catch (error) {
    if (error !== CORRUPT && error !== SHORT && error !== AT_TAIL) throw error;
    stop = error === CORRUPT ? "corrupt" : error === SHORT ? "inside" : "tail";
  }
  return { output: Uint8Array.from(out.slice(before)), stop };
}

interface Stream {
  readonly input: Uint8Array;
  /** The next bit to read, counted from the first octet's lowest. */
  bit: number;
  readonly out: number[];
  readonly window: number;
  readonly ceiling: number;
}

/** One block (RFC 1951 §3.2.3); true if it was the final one. */
function block(stream: Stream): boolean {
  const final = bits(stream, 1) === 1;
  const type = bits(stream, 2);
  if (type === 0) stored(stream);
  else if (type === 1) compressed(stream, FIXED_LITERALS, FIXED_DISTANCES);
  else if (type === 2) dynamic(stream);
  else throw CORRUPT;
  if (final) skipToOctet(stream);
  return final;
}

/** RFC 1951 §3.2.4 */
function stored(stream: Stream): void {
  skipToOctet(stream);
  if (stream.bit === stream.input.byteLength * 8) throw AT_TAIL;
  const length = bits(stream, 16);
  const complement = bits(stream, 16);
  if (length !== (complement ^ 0xffff)) throw CORRUPT;
  for (let i = 0; i < length; i++) emit(stream, bits(stream, 8));
}

/** RFC 1951 §3.2.7 */
function dynamic(stream: Stream): void {
  const literals = bits(stream, 5) + 257;
  const distances = bits(stream, 5) + 1;
  const codes = bits(stream, 4) + 4;
  if (literals > 286 || distances > 30) throw CORRUPT;
  const codeLengths: number[] = new Array(19).fill(0);
  for (let i = 0; i < codes; i++) codeLengths[ORDER[i]] = bits(stream, 3);
  const code = huffman(codeLengths);
  if (code.symbols.length === 0) {
    // No code at all: every zlib reads a bit for each length first, and only then sees that there is no end of block.
    for (let i = 0; i < literals + distances; i++) bits(stream, 1);
    throw CORRUPT;
  }
  if (code.left !== 0) throw CORRUPT;
  const lengths: number[] = [];
  while (lengths.length < literals + distances) {
    const value = symbol(stream, code);
    if (value < 16) {
      lengths.push(value);
      continue;
    }
    if (value === 16 && lengths.length === 0) throw CORRUPT;
    const repeated = value === 16 ? lengths[lengths.length - 1] : 0;
    const times = value === 16 ? 3 + bits(stream, 2) : value === 17 ? 3 + bits(stream, 3) : 11 + bits(stream, 7);
    if (lengths.length + times > literals + distances) throw CORRUPT;
    for (let i = 0; i < times; i++) lengths.push(repeated);
  }
  if (lengths[256] === 0) throw CORRUPT;
  const literalCode = huffman(lengths.slice(0, literals));
  const distanceCode = huffman(lengths.slice(literals));
  for (const { left, longest } of [literalCode, distanceCode]) {
    if (left < 0 || (left > 0 && longest > 1)) throw CORRUPT;
  }
  compressed(stream, literalCode, distanceCode);
}

/** RFC 1951 §3.2.5 */
function compressed(stream: Stream, literals: Huffman, distances: Huffman): void {
  for (let value = symbol(stream, literals); value !== 256; value = symbol(stream, literals)) {
    if (value < 256) {
      emit(stream, value);
      continue;
    }
    if (value > 285) throw CORRUPT;
    const length = LENGTH_BASE[value - 257] + bits(stream, LENGTH_EXTRA[value - 257]);
    const code = symbol(stream, distances);
    if (code > 29) throw CORRUPT;
    const distance = DISTANCE_BASE[code] + bits(stream, DISTANCE_EXTRA[code]);
    if (distance > stream.window || distance > stream.out.length) throw CORRUPT;
    for (let i = 0; i < length; i++) emit(stream, stream.out[stream.out.length - distance]);
  }
}

interface Huffman {
  /** How many codes have each length. */
  readonly count: readonly number[];
  /** The symbols in the order of their codes. */
  readonly symbols: readonly number[];
  /** Below 0: more codes than bits allow. Above 0: some are unused. */
  readonly left: number;
  readonly longest: number;
}

/** Canonical codes from their lengths (RFC 1951 §3.2.2). */
function huffman(lengths: readonly number[]): Huffman {
  const count: number[] = new Array(16).fill(0);
  for (const length of lengths) count[length]++;
  count[0] = 0;
  const symbols = lengths.map((_, value) => value).filter((value) => lengths[value] > 0);
  symbols.sort((a, b) => lengths[a] - lengths[b] || a - b);
  let left = 1;
  for (let length = 1; length <= 15; length++) left = left * 2 - count[length];
  return { count, symbols, left, longest: count.findLastIndex((many) => many > 0) };
}

function symbol(stream: Stream, code: Huffman): number {
  let value = 0;
  let first = 0;
  let index = 0;
  for (let length = 1; length <= Math.max(1, code.longest); length++) {
    value = value * 2 + bits(stream, 1);
    const many = code.count[length];
    first *= 2;
    if (value - first < many) return code.symbols[index + value - first];
    index += many;
    first += many;
  }
  throw CORRUPT;
}

/** RFC 1951 §3.1.1: the lowest bit of an octet is the first. */
function bits(stream: Stream, count: number): number {
  let value = 0;
  for (let i = 0; i < count; i++, stream.bit++) {
    if (stream.bit >= stream.input.byteLength * 8) throw SHORT;
    value |= ((stream.input[stream.bit >> 3] >> (stream.bit & 7)) & 1) << i;
  }
  return value;
}
function skipToOctet(stream: Stream): void {
  stream.bit = (stream.bit + 7) & ~7;
}
function emit(stream: Stream, octet: number): void {
  if (stream.out.length >= stream.ceiling) throw SHORT;
  stream.out.push(octet);
}

/** What unwinds the decoder. */
const CORRUPT = Symbol("corrupt");
const SHORT = Symbol("short");
const AT_TAIL = Symbol("tail");

const ORDER: readonly number[] = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];
const LENGTH_EXTRA: readonly number[] = [0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0];
const LENGTH_BASE: readonly number[] = LENGTH_EXTRA.map((_, i) => i === 28 ? 258 : 3 + total(LENGTH_EXTRA, i));
const DISTANCE_EXTRA: readonly number[] = Array.from({ length: 30 }, (_, i) => i < 2 ? 0 : (i >> 1) - 1);
const DISTANCE_BASE: readonly number[] = DISTANCE_EXTRA.map((_, i) => 1 + total(DISTANCE_EXTRA, i));
const FIXED_LITERALS: Huffman = huffman(Array.from({ length: 288 }, (_, i) => i < 144 ? 8 : i < 256 ? 9 : i < 280 ? 7 : 8));
const FIXED_DISTANCES: Huffman = huffman(new Array(32).fill(5));

/** How many values the codes before this one stand for. */
function total(extra: readonly number[], before: number): number {
  return extra.slice(0, before).reduce((sum, width) => sum + 2 ** width, 0);
}
