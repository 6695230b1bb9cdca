import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fromHex, utf8 } from "./encode.ts";
import { judgeUtf8 } from "./utf8.ts";

describe("judgeUtf8", () => {
  it("finds the first octet that nothing can make right", () => {
    const cases: readonly [hex: string, wrongAt: number, open: boolean][] = [
      ["", -1, false],
      ["61 c3 a9 e2 82 ac f0 9f 98 80", -1, false],
      ["f4 8f bf bf", -1, false],
      ["c0 80", 0, false],
      ["c1 bf", 0, false],
      ["80", 0, false],
      ["f5", 0, false],
      ["e0 9f 80", 1, false],
      ["ed a0 80", 1, false],
      ["f0 8f", 1, false],
      ["f4 90", 1, false],
      ["e2 82 28", 2, false],
      ["e2 82", -1, true],
      ["61 f0", -1, true],
    ];
    for (const [hex, wrongAt, open] of cases) expect([hex, judgeUtf8(fromHex(hex))]).toEqual([hex, { wrongAt, open }]);
  });

  it("agrees with the fatal decoder on whole strings", () => {
    const fatal = new TextDecoder("utf-8", { fatal: true });
    const decodes = (bytes: Uint8Array): boolean => {
      try {
        fatal.decode(bytes);
        return true;
      } catch {
        return false;
      }
    };
    const nearText = fc.tuple(fc.string({ unit: "grapheme" }), fc.nat(40), fc.nat(255)).map(([text, at, octet]) => {
      const bytes = utf8(text);
      if (at < bytes.byteLength) bytes[at] = octet;
      return bytes;
    });
    fc.assert(fc.property(fc.oneof(nearText, fc.uint8Array({ maxLength: 8 })), (bytes) => {
      const { wrongAt, open } = judgeUtf8(bytes);
      expect(wrongAt === -1 && !open).toBe(decodes(bytes));
      if (wrongAt >= 0) expect(judgeUtf8(bytes.subarray(0, wrongAt)).wrongAt).toBe(-1);
    }));
  });
});
