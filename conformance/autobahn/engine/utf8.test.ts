import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { concat, utf8 } from "../../frames/encode.ts";
import { judgeUtf8 } from "../../frames/utf8.ts";
import { Utf8Watch } from "./utf8.ts";

const piece = fc.oneof(fc.string({ unit: "grapheme", maxLength: 6 }).map(utf8), fc.uint8Array({ maxLength: 4 }));
const pieces = fc.array(piece, { maxLength: 8 });

describe("Utf8Watch", () => {
  it("finds the same octet as a judge who has the whole text, with the first piece that shows it", () => {
    fc.assert(fc.property(pieces, (pieces) => {
      const watch = new Utf8Watch();
      let seen: Uint8Array = new Uint8Array(0);
      for (const piece of pieces) {
        seen = concat([seen, piece]);
        const { wrongAt, open } = judgeUtf8(seen);
        expect(watch.push(piece)).toBe(wrongAt === -1 || piece.byteLength === 0);
        expect(watch.at).toBe(wrongAt === -1 ? seen.byteLength : wrongAt);
        expect(watch.complete).toBe(wrongAt === -1 && !open);
      }
    }));
  });

  it("begins anew with each message", () => {
    const watch = new Utf8Watch();
    expect([watch.push(Uint8Array.of(0x61, 0xff)), watch.push(utf8("a")), watch.at]).toEqual([false, false, 1]);
    watch.begin();
    expect([watch.push(utf8("ä")), watch.complete, watch.at]).toEqual([true, true, 2]);
  });
});
