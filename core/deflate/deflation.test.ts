import { inflateRawSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { zlib } from "../../adapters/zlib.ts";
import { concat, fromHex } from "../../conformance/frames/encode.ts";
import type { Codec } from "../types.ts";
import { deflaters, type Lender } from "./codec.ts";
import { Deflation } from "./deflation.ts";

const TAIL = fromHex("00 00 ff ff");
/** Octets with and without repetition, sometimes none. */
const fragment = fc.oneof(
  fc.constant(new Uint8Array(0)),
  fc.uint8Array({ maxLength: 300 }),
  fc.tuple(fc.nat(255), fc.nat(40_000)).map(([octet, size]) => new Uint8Array(size).fill(octet)),
  fc.integer({ min: 16_000, max: 40_000 }).map((size) => Uint8Array.from({ length: size }, (_, i) => (i * i * 7919) >>> 9)),
);
const message = fc.array(fragment, { minLength: 1, maxLength: 4 });

describe("Deflation", () => {
  it("makes fragments that another inflates to the message, when the end is put back, with and without takeover", () => {
    const given = fc.tuple(
      fc.array(message, { minLength: 1, maxLength: 3 }),
      fc.boolean(),
      fc.constantFrom(0, 1, 9),
      fc.constantFrom(8, 9, 12, 15),
    );
    fc.assert(
      fc.property(given, ([messages, takeover, level, bits]) => {
        const deflation = new Deflation(deflaters(zlib, bits, level), bits, takeover, 0);
        const wire: Uint8Array[] = [], sent: Uint8Array[] = [];
        for (const fragments of messages) {
          if (!takeover) wire.length = sent.length = 0;
          sent.push(...fragments);
          wire.push(...compressed(deflation, fragments), TAIL);
          expect(Buffer.compare(inflateRawSync(concat([...wire, FINAL_EMPTY])), concat(sent))).toBe(0);
        }
        deflation.close();
      }),
      { numRuns: 40 },
    );
  });
  it("keeps the end of each flush but the last (RFC 7692 §7.2.1), so that every fragment can be inflated when it arrives", () => {
    const deflation = deflationOf(15, false);
    const [first, second] = compressed(deflation, [new Uint8Array(100), new Uint8Array(100).fill(7)]);
    expect(first.subarray(-4)).toEqual(TAIL);
    expect(inflateRawSync(concat([first, FINAL_EMPTY]))).toHaveLength(100);
    expect(second.subarray(-4)).not.toEqual(TAIL);
  });
  it("makes nothing of an empty fragment, and 00 of an empty last one", () => {
    const deflation = deflationOf(15, true);
    const none = new Uint8Array(0);
    expect(compressed(deflation, [none, Uint8Array.of(1), none, none]).map((octets) => octets.length === 0)).toEqual([
      true,
      false,
      true,
      false,
    ]);
    expect(compressed(deflation, [Uint8Array.of(1), none])[1]).toEqual(Uint8Array.of(0));
    expect(compressed(deflation, [none])[0]).toEqual(Uint8Array.of(0));
  });
  it("refers to earlier messages with takeover, and not without", () => {
    const noise = Uint8Array.from({ length: 300 }, (_, i) => (i * i * 7919) >>> 9);
    const again = (takeover: boolean): number => {
      const deflation = deflationOf(15, takeover);
      compressed(deflation, [noise]);
      const [octets] = compressed(deflation, [noise]);
      deflation.close();
      return octets.length;
    };
    expect(again(true)).toBeLessThan(20);
    expect(again(false)).toBeGreaterThan(300);
  });
  it("refers to nothing from before it was told to forget", () => {
    const noise = Uint8Array.from({ length: 300 }, (_, i) => (i * i * 7919) >>> 9);
    const deflation = deflationOf(15, true);
    deflation.forget();
    compressed(deflation, [noise]);
    deflation.forget();
    const [octets] = compressed(deflation, [noise]);
    expect(Buffer.compare(inflateRawSync(concat([octets, TAIL, FINAL_EMPTY])), noise)).toBe(0);
    expect(compressed(deflation, [noise])[0].length).toBeLessThan(20);
  });
  it("never refers farther back than its window, 8 bits included", () => {
    const noise = Uint8Array.from({ length: 3000 }, (_, i) => (i * i * 7919) >>> 9);
    for (const bits of [8, 9, 10]) {
      const far = concat([noise.slice(0, 100), noise.slice(500, 500 + (1 << bits)), noise.slice(0, 100)]);
      const [octets] = compressed(deflationOf(bits, false), [far]);
      expect(octets.length).toBeGreaterThan(far.length);
      const near = concat([noise.slice(0, 100), noise.slice(0, 100)]);
      expect(compressed(deflationOf(bits, false), [near])[0].length).toBeLessThan(130);
    }
  });
  it("grows its output as far as needed, for noise of every size around the first buffer", () => {
    const deflation = deflationOf(15, false);
    for (const size of [16_200, 16_310, 16_320, 16_321, 16_384, 20_000, 200_000, 1_100_000, 100]) {
      const noise = Uint8Array.from({ length: size }, (_, i) => (Math.imul(i, i) * 7919) >>> 9);
      const [octets] = compressed(deflation, [noise]);
      expect(Buffer.compare(inflateRawSync(concat([octets, TAIL, FINAL_EMPTY])), noise)).toBe(0);
    }
  });
  it("asks again, with more room, an engine that filled what it was given", () => {
    const codec: Codec = {
      read: 0,
      written: 0,
      ended: false,
      // Three octets for each, and four for the flush; what it has not written yet it writes next time.
      run(_, from, to, dst, at, end) {
        waiting.push(...Array.from({ length: 3 * (to - from) }, (_, i) => i & 255), ...to > from ? TAIL : []);
        const part = waiting.splice(0, end - at);
        dst.set(part, at);
        Object.assign(codec, { read: to - from, written: part.length });
      },
      reset() {},
      close() {},
    };
    const waiting: number[] = [];
    const deflation = new Deflation({ take: () => codec, give() {} }, 15, false, 0);
    const [octets] = compressed(deflation, [new Uint8Array(40_000)]);
    expect(octets.length).toBe(120_000);
    expect(octets.every((octet, i) => octet === (i & 255))).toBe(true);
  });
});

describe("the codec of a Deflation", () => {
  it("is held inside of a message only, without takeover", () => {
    const { lender, out } = counting();
    const deflation = new Deflation(lender, 15, false, 0);
    deflation.compress(Uint8Array.of(1), 0, 1, false);
    expect(out()).toBe(1);
    deflation.compress(Uint8Array.of(2), 0, 1, true);
    expect(out()).toBe(0);
    deflation.compress(Uint8Array.of(1), 0, 1, false);
    deflation.close();
    deflation.close();
    expect(out()).toBe(0);
  });
  it("is held from the first message to the end of the connection, with takeover", () => {
    const { lender, out } = counting();
    const deflation = new Deflation(lender, 15, true, 0);
    deflation.forget();
    expect(out()).toBe(0);
    deflation.compress(Uint8Array.of(1), 0, 1, true);
    expect(out()).toBe(1);
    deflation.forget();
    expect(out()).toBe(1);
    deflation.close();
    expect(out()).toBe(0);
  });
});

const FINAL_EMPTY = fromHex("03 00");

function deflationOf(bits: number, takeover: boolean): Deflation {
  return new Deflation(deflaters(zlib, bits, 1), bits, takeover, 0);
}
/** Copies, since what `compress` gives is borrowed. The fragments stand in a larger array, so that ranges matter. */
function compressed(deflation: Deflation, fragments: readonly Uint8Array[]): Uint8Array[] {
  return fragments.map((fragment, i) => {
    const padded = concat([Uint8Array.of(1, 2, 3), fragment, Uint8Array.of(4)]);
    return deflation.compress(padded, 3, 3 + fragment.length, i === fragments.length - 1).slice();
  });
}
function counting(): { lender: Lender; out: () => number } {
  const inner = deflaters(zlib, 15, 1);
  let out = 0;
  return {
    out: () => out,
    lender: {
      take: () => (out++, inner.take()),
      give: (codec) => (out--, inner.give(codec)),
    },
  };
}
