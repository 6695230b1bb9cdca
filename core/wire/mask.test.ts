import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Lanes, lanesOf, readKey, rotate, writeKey, xor, xorCopy } from "./mask.ts";

const KEY = Uint8Array.of(0x37, 0xfa, 0x21, 0xbd);
/** No doubles: the kernels of an engine that is not V8. */
const wordsOnly = (lanes: Lanes): Lanes => ({ ...lanes, doubles: null });
const kinds: readonly [string, (lanes: Lanes) => Lanes][] = [["double words", (lanes) => lanes], ["words", wordsOnly]];
const noise = Uint8Array.from({ length: 700 }, (_, i) => (i * 167 + (i >> 3)) & 255);

describe("a masking key", () => {
  it("is four octets as one number, and back", () => {
    fc.assert(fc.property(fc.uint8Array({ minLength: 4, maxLength: 4 }), fc.nat(3), (octets, at) => {
      const bytes = new Uint8Array(8);
      bytes.set(octets, at);
      const copy = new Uint8Array(8);
      writeKey(copy, at, readKey(bytes, at));
      expect(copy).toEqual(bytes);
    }));
  });
  it("rotated by n is the key that applies n octets later", () => {
    for (let by = 0; by < 9; by++) {
      const later = new Uint8Array(4);
      writeKey(later, 0, rotate(readKey(KEY, 0), by));
      expect([...later]).toEqual([0, 1, 2, 3].map((i) => KEY[(by + i) & 3]));
    }
  });
});

describe.each(kinds)("xor by %s", (_, view) => {
  it("is the definition, octet by octet, for every offset, length up to 600 and phase, and leaves the neighbours alone", () => {
    for (const { at, size, phase } of cases()) {
      const lanes = view(lanesOf(noise.slice(0, at + size + 9).buffer));
      xor(lanes, at, at + size, rotate(readKey(KEY, 0), phase));
      expectSame(lanes.bytes, definition(noise.slice(0, at + size + 9), at, size, phase), { at, size, phase });
    }
  });
  it("answers 0 exactly for ASCII, of short ranges; for long ones always 1", () => {
    for (let size = 0; size < 140; size++) {
      for (let high = -1; high < size; high++) {
        const at = size & 7, key = 0x01020304;
        const lanes = view(lanesOf(new ArrayBuffer(160)));
        lanes.bytes.fill(0xff);
        for (let i = 0; i < size; i++) {
          lanes.bytes[at + i] = (0x40 | (i & 31)) ^ (key >>> ((i & 3) << 3)) ^ (i === high ? 0x80 : 0);
        }
        const answer = xor(lanes, at, at + size, key);
        if (answer === 0 ? high !== -1 : size < 128 && high === -1) expect.fail(`size ${size}, high octet at ${high}: ${answer}`);
      }
    }
  });
});

describe.each(kinds)("xorCopy by %s", (_, view) => {
  it("writes what xor would leave, to any place that is congruent modulo 8, and nothing else on either side", () => {
    for (const { at, size, phase } of cases()) {
      const from = view(lanesOf(noise.slice(0, at + size + 9).buffer));
      const put = (at & 7) + 8 * ((size + phase) % 3);
      const to = view(lanesOf(new ArrayBuffer(put + size + 11)));
      to.bytes.fill(0x55);
      xorCopy(from, at, at + size, rotate(readKey(KEY, 0), phase), to, put);
      expectSame(from.bytes, noise.slice(0, at + size + 9), { at, size, phase });
      const expected = new Uint8Array(put + size + 11).fill(0x55);
      expected.set(definition(noise.slice(), at, size, phase).subarray(at, at + size), put);
      expectSame(to.bytes, expected, { at, size, phase });
    }
  });
  it("works between buffers of different kinds", () => {
    const from = lanesOf(noise.slice(0, 400).buffer), to = wordsOnly(lanesOf(new ArrayBuffer(400)));
    xorCopy(from, 3, 390, readKey(KEY, 0), to, 3);
    expect(to.bytes.subarray(3, 390)).toEqual(definition(noise.slice(0, 400), 3, 387, 0).subarray(3, 390));
  });
});

/** RFC 6455 §5.3: octet i of the payload XOR octet i modulo 4 of the key. */
function definition(bytes: Uint8Array, at: number, size: number, phase: number): Uint8Array {
  for (let i = 0; i < size; i++) bytes[at + i] ^= KEY[(i + phase) & 3];
  return bytes;
}
function* cases(): Generator<{ at: number; size: number; phase: number }> {
  for (let size = 0; size <= 600; size++) {
    for (let at = 0; at < 8; at++) yield { at, size, phase: (size + at) & 3 };
  }
  for (let phase = 0; phase < 4; phase++) {
    for (let at = 0; at < 16; at++) {
      for (const size of [0, 1, 3, 4, 7, 8, 31, 127, 128, 129, 143, 255, 256]) yield { at, size, phase };
    }
  }
}
/** `toEqual` on typed arrays is too slow for 20,000 of them. */
function expectSame(actual: Uint8Array, expected: Uint8Array, where: object): void {
  if (Buffer.compare(actual, expected) !== 0) expect(actual, JSON.stringify(where)).toEqual(expected);
}
