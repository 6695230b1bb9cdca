import { isUtf8 } from "node:buffer";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { utf8 } from "../../conformance/frames/encode.ts";
import { ACCEPT, firstInvalid, REJECT, validate } from "./utf8.ts";

const native = (bytes: Uint8Array, from: number, to: number): boolean => isUtf8(bytes.subarray(from, to));
const checks: readonly [string, typeof native | null][] = [["without a native check", null], ["with a native check", native]];
/** Few different octets, so that sequences are nearly right; long enough for the native check. */
const nearly = fc.array(
  fc.constantFrom(
    0x41,
    0x7f,
    0x80,
    0x8f,
    0x90,
    0x9f,
    0xa0,
    0xbf,
    0xc1,
    0xc2,
    0xdf,
    0xe0,
    0xe1,
    0xed,
    0xef,
    0xf0,
    0xf1,
    0xf4,
    0xf5,
    0xff,
  ),
  { maxLength: 12 },
).map((octets) => Uint8Array.from(octets));
/** On every border of UTF-8. */
const character = fc.constantFrom(
  ..."a\u0000\u007f\u0080\u00e9\u07ff\u0800\u20ac\ud7ff\ue000\ufeff\ufffd\uffff\u{10000}\u{1f600}\u{10ffff}",
);
const text = fc.string({ unit: character, maxLength: 120 }).map(utf8);
const octets: fc.Arbitrary<Uint8Array> = fc.oneof(
  nearly,
  text,
  fc.tuple(text, nearly, text).map((parts) => Uint8Array.from(parts.flatMap((part) => [...part]))),
  fc.tuple(text, fc.nat(), fc.nat(255)).map(([bytes, at, octet]) => {
    if (bytes.length > 0) bytes[at % bytes.length] = octet;
    return bytes;
  }),
);

describe.each(checks)("validate %s", (_, check) => {
  it("agrees with a fatal TextDecoder, over the whole and over two pieces cut anywhere", () => {
    fc.assert(fc.property(octets, (bytes) => {
      const whole = validate(bytes, 0, bytes.length, ACCEPT, check);
      expect(whole === ACCEPT).toBe(isText(bytes));
      for (let cut = 0; cut <= bytes.length; cut++) {
        const middle = validate(bytes, 0, cut, ACCEPT, check);
        expect(validate(bytes, cut, bytes.length, middle, check)).toBe(whole);
      }
    }));
  });
  it("rejects at the octet that no text can follow, and not before", () => {
    fc.assert(fc.property(octets, (bytes) => {
      const dead = deadEnd(bytes);
      for (let end = 0; end <= bytes.length; end++) {
        expect(validate(bytes, 0, end, ACCEPT, check) === REJECT).toBe(end > dead);
      }
    }));
  });
  it("reads only its range", () => {
    fc.assert(fc.property(octets, fc.nat(5), (bytes, before) => {
      const padded = new Uint8Array(before + bytes.length + 4).fill(0xff);
      padded.set(bytes, before);
      expect(validate(padded, before, before + bytes.length, ACCEPT, check)).toBe(validate(bytes, 0, bytes.length, ACCEPT, null));
    }));
  });
});

describe("the native check", () => {
  it("is asked about long stretches of whole code points, wherever the piece ends", () => {
    for (const unit of ["a", "\u00e9", "\u20ac", "\u{1f600}", "a\u{1f600}\u00e9"]) {
      const bytes = utf8(unit.repeat(120));
      for (let end = 96; end < 130; end++) {
        let asked = 0;
        const state = validate(bytes, 0, end, ACCEPT, (of, from, to) => {
          asked++;
          expect(end - to).toBeLessThan(4);
          expect(native(of, from, to)).toBe(true);
          return true;
        });
        expect(asked).toBe(1);
        expect(state).toBe(validate(bytes, 0, end, ACCEPT, null));
      }
    }
  });
  it("has the last word on its stretch", () => {
    expect(validate(new Uint8Array(200).fill(0x61), 0, 200, ACCEPT, () => false)).toBe(REJECT);
  });
});

describe("firstInvalid", () => {
  it("finds the same octet from any state in which an earlier piece left off", () => {
    fc.assert(fc.property(octets, (bytes) => {
      const dead = Math.min(bytes.length, deadEnd(bytes));
      for (let cut = 0; cut <= dead; cut++) {
        expect(firstInvalid(bytes, cut, bytes.length, validate(bytes, 0, cut, ACCEPT, null))).toBe(dead);
      }
    }));
  });
});

function isText(bytes: Uint8Array): boolean {
  try {
    new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    return true;
  } catch {
    return false;
  }
}
/** The index of the first octet with which the text can no longer be completed; Infinity if there is none. */
function deadEnd(bytes: Uint8Array): number {
  for (let end = 1; end <= bytes.length; end++) {
    if (!COMPLETIONS.some((tail) => isText(Uint8Array.from([...bytes.subarray(0, end), ...tail])))) return end - 1;
  }
  return Infinity;
}
/** One of them completes whatever can be completed: A0 follows E0, 90 follows F0. */
const COMPLETIONS = [[], [0x80], [0xa0, 0x80], [0x80, 0x80], [0x90, 0x80, 0x80], [0x80, 0x80, 0x80]];
