import fc from "fast-check";
import { constants, deflateRawSync, inflateRawSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { concat, fromHex, utf8 } from "./encode.ts";
import { inflate } from "./inflate.ts";

const NONE = new Uint8Array(0);
const data = fc.oneof(
  fc.uint8Array({ maxLength: 600 }),
  fc.array(fc.constantFrom("alpha ", "beta", "\u00e9\u4e2d", "0000"), { maxLength: 400 }).map((words) => utf8(words.join(""))),
);
const settings = fc.record({
  level: fc.integer({ min: 0, max: 9 }),
  windowBits: fc.integer({ min: 9, max: 15 }),
  strategy: fc.constantFrom(constants.Z_DEFAULT_STRATEGY, constants.Z_FIXED, constants.Z_HUFFMAN_ONLY, constants.Z_RLE),
});

describe("inflate", () => {
  it("undoes what zlib does, for every level, window, strategy and history", () => {
    fc.assert(fc.property(data, data, settings, (history, bytes, how) => {
      const dictionary = history.byteLength > 0 ? { dictionary: history } : {};
      const packed = deflateRawSync(bytes, { ...how, ...dictionary, finishFlush: constants.Z_SYNC_FLUSH });
      const result = inflate(packed.subarray(0, -4), history, how.windowBits);
      expect(result.output).toEqual(new Uint8Array(bytes));
      if (bytes.byteLength > 0) expect(result.stop).toBe("tail");
      expect(inflate(deflateRawSync(bytes, { ...how, ...dictionary }), history, how.windowBits).stop).toBe("final");
    }));
  });

  it("fails where zlib fails on damaged streams, and gives no other octets", () => {
    fc.assert(
      fc.property(
        data,
        settings,
        fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 3 }),
        (bytes, how, hits) => {
          const packed = Uint8Array.from(deflateRawSync(bytes, how));
          for (const [at, octet] of hits) packed[at % packed.byteLength] = octet;
          const mine = inflate(packed, NONE, 15, 100_000);
          let theirs: Uint8Array | null = null;
          try {
            // A full 32 KiB window: inside one output buffer zlib does not hold distances against a smaller one.
            theirs = inflateRawSync(packed, { windowBits: 15, finishFlush: constants.Z_SYNC_FLUSH });
          } catch { /* corrupt */ }
          // zlib stops at the first final block: what follows it may be corrupt here and unseen there.
          if (theirs === null) expect(mine.stop).toBe("corrupt");
          else expect(mine.output.subarray(0, theirs.byteLength)).toEqual(new Uint8Array(theirs));
        },
      ),
    );
  });

  it("says where the input stopped", () => {
    expect(inflate(NONE, NONE, 15).stop).toBe("border");
    expect(inflate(fromHex("00"), NONE, 15).stop).toBe("tail");
    expect(inflate(fromHex("00 00 00 ff ff"), NONE, 15).stop).toBe("border");
    expect(inflate(fromHex("f2 48 cd c9 c9 07"), NONE, 15).stop).toBe("inside");
    expect(inflate(fromHex("f2 48 cd c9 c9 07 00"), NONE, 15)).toEqual({ output: utf8("Hello"), stop: "tail" });
    expect(inflate(fromHex("f3 48 cd c9 c9 07 00"), NONE, 15)).toEqual({ output: utf8("Hello"), stop: "final" });
    expect(inflate(fromHex("f3 48 cd c9 c9 07 00 00"), NONE, 15)).toEqual({ output: utf8("Hello"), stop: "tail" });
    expect(inflate(fromHex("06"), NONE, 15).stop).toBe("corrupt");
  });

  it("finds a code without codes where zlib finds it: behind all the lengths that it cannot say", () => {
    const start = fromHex("55 21 00 00");
    expect(inflate(start, NONE, 15).stop).toBe("inside");
    expect(() => inflateRawSync(start, { finishFlush: constants.Z_SYNC_FLUSH })).not.toThrow();
    const whole = concat([start, new Uint8Array(40)]);
    expect(inflate(whole, NONE, 15).stop).toBe("corrupt");
    expect(() => inflateRawSync(whole, { finishFlush: constants.Z_SYNC_FLUSH })).toThrow();
  });

  it("reaches back into the history, and no farther than the window", () => {
    const hello = utf8("Hello");
    expect(inflate(fromHex("f2 00 11 00 00"), hello, 15)).toEqual({ output: hello, stop: "tail" });
    expect(inflate(fromHex("f2 00 11 00 00"), NONE, 15)).toEqual({ output: utf8("H"), stop: "corrupt" });
    const noise = Uint8Array.from({ length: 300 }, (_, i) => (i * i * 31) >> 3);
    const packed = deflateRawSync(concat([noise, noise]));
    expect(inflate(packed, NONE, 9).stop).toBe("final");
    expect(inflate(packed, NONE, 8).stop).toBe("corrupt");
  });

  it("stops when the room is full", () => {
    const packed = deflateRawSync(new Uint8Array(100_000));
    expect(inflate(packed, NONE, 15, 10).output).toEqual(new Uint8Array(10));
  });
});
