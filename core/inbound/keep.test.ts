import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { settle } from "../options.ts";
import { readKey } from "../wire/mask.ts";
import { Input } from "./input.ts";
import { keep, mayView } from "./keep.ts";

const settings = settle({});
const place = fc.record({
  size: fc.oneof(fc.nat(70), fc.nat(10_000), fc.constantFrom(0, 64, 65, 4095, 4096, 4097, 8192)),
  /** Where its chunk starts in its buffer, where it starts in its chunk, how much is behind it, and behind the chunk. */
  offset: fc.nat(20),
  before: fc.oneof(fc.nat(20), fc.constant(9000)),
  behind: fc.oneof(fc.nat(20), fc.constant(9000)),
  rest: fc.constantFrom(0, 3, 20_000),
  key: fc.oneof(fc.constant(new Uint8Array(4)), fc.uint8Array({ minLength: 4, maxLength: 4 })),
  /** Node's sockets give Buffers, whose `slice` is a view. */
  ofNode: fc.boolean(),
});
type Place = typeof place extends fc.Arbitrary<infer T> ? T : never;

describe("keep", () => {
  it("gives the unmasked octets as a Uint8Array that pins at most twice itself and 64 octets, or 8 KiB (L9)", () => {
    fc.assert(fc.property(fc.array(place, { minLength: 1, maxLength: 5 }), (places) => {
      const kept = places.map(({ ...place }) => {
        const { input, from, expected } = put(place);
        return { data: keep(input, from, from + place.size, readKey(place.key, 0), settings), expected };
      });
      // Looked at when all of them have been made: none overwrites another.
      for (const { data, expected } of kept) {
        expect(Buffer.compare(data, expected)).toBe(0);
        expect(data.constructor).toBe(Uint8Array);
        const { byteLength } = data.buffer;
        expect(byteLength).toBeLessThanOrEqual(data.length <= 64 ? 2 * data.length + 64 : Math.max(2 * data.length + 64, 8192));
      }
    }));
  });
  it("touches nothing of the chunk outside of the range", () => {
    fc.assert(fc.property(place, (place) => {
      const { input, from, buffer } = put(place);
      const before = buffer.slice();
      keep(input, from, from + place.size, readKey(place.key, 0), settings);
      const start = place.offset + from;
      expect(Buffer.compare(buffer.subarray(0, start), before.subarray(0, start))).toBe(0);
      expect(Buffer.compare(buffer.subarray(start + place.size), before.subarray(start + place.size))).toBe(0);
    }));
  });
  it("copies nothing where the octets fill their buffer by half, or the buffer is small", () => {
    for (const [size, held] of [[40_000, 65536], [200, 8192], [20, 100]]) {
      const buffer = new Uint8Array(held);
      const input = new Input();
      input.push(buffer);
      expect(keep(input, 10, 10 + size, 0x01020304, settings).buffer).toBe(buffer.buffer);
    }
  });
  it("lets messages of a busy connection share slabs of 8 KiB", () => {
    const input = new Input();
    input.push(new Uint8Array(65536));
    const buffers = new Set<ArrayBufferLike>();
    for (let i = 0; i < 300; i++) buffers.add(keep(input, 200 * i, 200 * i + 100, 1, settings).buffer);
    expect(buffers.size).toBeLessThan(6);
    expect(buffers).not.toContain(input.chunk.buffer);
  });
});

describe("mayView", () => {
  it("is the bound of the design: half of the buffer or 8 KiB; up to 64 octets, 64 more than twice", () => {
    expect([mayView(64, 192), mayView(64, 193), mayView(65, 8192), mayView(65, 8193)]).toEqual([true, false, true, false]);
    expect([mayView(5000, 10_000), mayView(5000, 10_001), mayView(0, 64), mayView(0, 65)]).toEqual([true, false, true, false]);
  });
});

function put({ size, offset, before, behind, rest, key, ofNode }: Place) {
  const buffer = new Uint8Array(offset + before + size + behind + rest).map((_, i) => i * 13);
  const expected = buffer.slice(offset + before, offset + before + size);
  for (let i = 0; i < size; i++) expected[i] ^= key[i & 3];
  const chunk = buffer.subarray(offset, buffer.length - rest);
  const input = new Input();
  input.push(ofNode ? Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length) : chunk);
  return { input, from: before, expected, buffer };
}
