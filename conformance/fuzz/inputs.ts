// What comes in: dice. What goes out: what a peer may send: valid frames of all kinds, most of them damaged a little, some noise. Written
// into memory that is used again and again: making an input must not cost more than reading it. Next file: play.ts.
import { constants, deflateRawSync } from "node:zlib";
import { fromHex, utf8 } from "../frames/encode.ts";
import type { Dice } from "../simulate/dice.ts";
import type { Rules } from "./reference.ts";

export class Inputs {
  /** The octets of the input are the first `size` of these. */
  readonly bytes: Uint8Array = new Uint8Array(1 << 18);
  size = 0;
  readonly #dice: Dice;

  constructor(dice: Dice) {
    this.#dice = dice;
  }
  /** The next input, for a reader with these rules. */
  next(rules: Rules): void {
    const dice = this.#dice;
    this.size = 0;
    if (dice.chance(0.05)) return this.#noise(dice.below(40));
    let inMessage = false;
    for (let count = dice.between(1, 5); count > 0; count--) inMessage = this.#frame(rules, inMessage);
    if (dice.chance(0.7)) { for (let count = dice.between(1, 3); count > 0; count--) this.#damage(); }
  }

  #noise(count: number): void {
    for (let i = 0; i < count; i++) this.#put(this.#dice.chance(0.5) ? this.#dice.pick(TELLING) : this.#dice.below(256));
  }
  /** A frame; answers whether a message is in progress behind it. */
  #frame(rules: Rules, inMessage: boolean): boolean {
    const dice = this.#dice;
    const kind = dice.below(20);
    if (kind < 4) {
      this.#header(dice.pick([0x89, 0x8a, 0x89, 0x8a, 0x88]), 0, rules, this.#control());
      return inMessage;
    }
    const fin = dice.chance(0.7);
    if (!inMessage && rules.deflate && kind < 14) {
      const packed = dice.pick(rules.takeover && dice.chance(0.5) ? LINKED : PACKED);
      if (fin || packed.length < 2) this.#header(dice.pick([0xc1, 0xc2]), 0, rules, packed);
      else {
        // In two fragments: the second is written at once, or it never comes.
        const cut = dice.below(packed.length);
        this.#header(dice.pick([0x41, 0x42]), 0, rules, packed.subarray(0, cut));
        if (dice.chance(0.2)) this.#header(0x89, 0, rules, NOTHING);
        if (dice.chance(0.1)) return true;
        this.#header(0x80, 0, rules, packed.subarray(cut));
      }
      return false;
    }
    const opcode = inMessage ? 0 : dice.chance(0.6) ? 1 : 2;
    const payload = opcode === 2 ? this.#octets() : this.#text();
    this.#header((fin ? 0x80 : 0) | opcode, dice.chance(0.03) ? dice.pick([2, 8] as const) : 0, rules, payload);
    return !fin;
  }
  #control(): Uint8Array {
    const dice = this.#dice;
    return dice.chance(0.4)
      ? dice.pick(CLOSES)
      : dice.chance(0.1)
      ? this.#octets().subarray(0, 125)
      : dice.pick(TEXTS).subarray(0, 125);
  }
  #text(): Uint8Array {
    const kind = this.#dice.below(20);
    return this.#dice.pick(kind < 2 ? NO_TEXTS : kind < 3 ? LONG_TEXTS : TEXTS);
  }
  #octets(): Uint8Array {
    const dice = this.#dice;
    const kind = dice.below(2000);
    const size = kind < 1900 ? dice.below(20) : kind < 1999 ? dice.pick(BORDERS) : dice.spread(300, 70_000);
    return RAMP.subarray(dice.below(7), dice.below(7) + size);
  }
  #header(first: number, form: 0 | 2 | 8, rules: Rules, payload: Uint8Array): void {
    const dice = this.#dice;
    const size = payload.length;
    const mask = rules.isServer ? 0x80 : 0;
    this.#put(first);
    const shape = form !== 0 ? form : size < 126 ? 0 : size < 65536 ? 2 : 8;
    this.#put(mask | (shape === 0 ? size : shape === 2 ? 126 : 127));
    for (let i = shape - 1; i >= 0; i--) this.#put(i > 3 ? 0 : (size >>> (8 * i)) & 255);
    const at = this.size;
    if (mask !== 0) { for (let i = 0; i < 4; i++) this.#put(dice.chance(0.3) ? 0 : dice.below(256)); }
    if (this.size + size > this.bytes.length) return;
    const { bytes } = this;
    for (let i = 0; i < size; i++) bytes[this.size++] = mask !== 0 ? payload[i] ^ bytes[at + (i & 3)] : payload[i];
  }
  #put(octet: number): void {
    if (this.size < this.bytes.length) this.bytes[this.size++] = octet;
  }

  #damage(): void {
    const dice = this.#dice, { bytes } = this;
    if (this.size === 0) return;
    // Mostly near the front, where the headers are.
    const at = dice.chance(0.5) ? dice.below(Math.min(this.size, 16)) : dice.below(this.size);
    switch (dice.below(6)) {
      case 0:
        bytes[at] ^= 1 << dice.below(8);
        return;
      case 1:
        bytes[at] = dice.chance(0.5) ? dice.pick(TELLING) : dice.below(256);
        return;
      case 2:
        this.size = at;
        return;
      case 3: {
        const count = Math.min(this.size - at, dice.between(1, 4));
        bytes.copyWithin(at, at + count, this.size);
        this.size -= count;
        return;
      }
      case 4: {
        const count = Math.min(this.size - at, dice.between(1, 20), bytes.length - this.size);
        bytes.copyWithin(at + count, at, this.size);
        this.size += count;
        return;
      }
      case 5:
        return this.#noise(dice.between(1, 6));
    }
  }
}

/** Octets that mean something in a header. */
const TELLING: readonly number[] = [
  ...[0x00, 0x01, 0x02, 0x03, 0x08, 0x09, 0x41, 0x80, 0x81, 0x82, 0x83, 0x88, 0x89, 0x8a, 0x8b, 0xb1, 0xc0, 0xc1, 0xc2, 0xc9],
  ...[0x05, 0x7d, 0x7e, 0x7f, 0x85, 0xfd, 0xfe, 0xff],
];
const TEXTS: readonly Uint8Array[] = [
  ...["", "a", "Hello", '{"id":1}', "é", "中文", "\u{1f600}", "\ufeffx", "a\u07ff\u0800\uffff\u{10000}\u{10ffff}"].map(utf8),
];
const BORDERS: readonly number[] = [63, 64, 65, 124, 125, 126, 127, 128, 200];
const LONG_TEXTS: readonly Uint8Array[] = [
  ...["a".repeat(64), "b".repeat(125), "é".repeat(63), "x".repeat(70) + "\u{1f600}".repeat(3)].map(utf8),
];
/** Not UTF-8, or only a part of it. */
const NO_TEXTS: readonly Uint8Array[] = ["ff", "c080", "eda080", "f4908080", "e282", "f09f", "61c3", "a9", "9f9880"].map(fromHex);
const CLOSES: readonly Uint8Array[] = [
  [],
  [3],
  ...[999, 1000, 1001, 1004, 1005, 1006, 1007, 1014, 1015, 1016, 2999, 3000, 4999, 5000].map((code) => [code >> 8, code & 255]),
  [3, 232, 0x62, 0x79, 0x65],
  [3, 232, 0xc3, 0xa9],
  [3, 232, 0xff],
  [15, 161, 0xe2, 0x82],
].map((octets) => Uint8Array.from(octets));
const RAMP = Uint8Array.from({ length: 80_000 }, (_, i) => (i * 7) ^ (i >> 8));
const NOTHING = new Uint8Array(0);

/** Messages as senders compress them, and as few do: with several blocks, a final block, an end that was left in place, none. */
const PACKED: readonly Uint8Array[] = [
  "",
  "a",
  "Hello",
  "Hello Hello Hello Hello",
  '{"id":12345,"name":"user"}',
  "\u4e2d\u6587\u00e9\u{1f600}",
  "\u00e9".repeat(40),
  "z".repeat(300),
].flatMap((text) => {
  const data = utf8(text);
  const flush = (more: object): Uint8Array => deflateRawSync(data, { finishFlush: constants.Z_SYNC_FLUSH, ...more });
  const plain = flush({});
  return [
    plain.subarray(0, -4),
    plain,
    flush({ level: 0 }).subarray(0, -4),
    flush({ strategy: constants.Z_FIXED }).subarray(0, -4),
    flush({ strategy: constants.Z_HUFFMAN_ONLY }).subarray(0, -4),
    deflateRawSync(data),
    Buffer.concat([deflateRawSync(data), Uint8Array.of(0)]),
    Buffer.concat([plain, plain.subarray(0, -4)]),
    Buffer.concat([plain.subarray(0, -4), Uint8Array.of(1)]),
  ].map((octets) => new Uint8Array(octets));
}).concat([0, 1].map((octet) => Uint8Array.of(octet)));
/** Messages that refer to an earlier one, which has often been there. */
const LINKED: readonly Uint8Array[] = ["Hello", "Hello Hello", '{"id":12345,"name":"other"}'].flatMap((text) =>
  ["Hello", "Hello Hello Hello Hello", '{"id":12345,"name":"user"}'].map((dictionary) =>
    new Uint8Array(
      deflateRawSync(utf8(text), { finishFlush: constants.Z_SYNC_FLUSH, dictionary: utf8(dictionary) }).subarray(0, -4),
    )
  )
);
