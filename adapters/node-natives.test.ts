import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { character } from "../conformance/support/character.ts";
import { textCodec } from "../core/wire/text.ts";
import { natives } from "./node-natives.ts";

const portable = textCodec({});
const strings = fc.oneof(
  fc.string({ unit: character }),
  fc.string({ unit: fc.integer({ min: 0, max: 0xffff }).map((unit) => String.fromCharCode(unit)) }),
);
const octets = fc.oneof(fc.uint8Array(), strings.map((text) => new TextEncoder().encode(text)));
const around = fc.record({ before: fc.nat(9), behind: fc.nat(9) });

describe("Node's own functions", () => {
  it("are all there", () => {
    expect(Object.keys(natives).sort()).toEqual(["decodeAscii", "decodeUtf8", "isUtf8", "writeUtf8"]);
  });
  it("decode and check a part of an array as the portable ones do", () => {
    fc.assert(fc.property(octets, around, (part, { before, behind }) => {
      const all = new Uint8Array([...new Uint8Array(before).fill(0xe2), ...part, ...new Uint8Array(behind).fill(0x80)]);
      const end = before + part.length;
      expect(natives.isUtf8!(all, before, end)).toBe(portable.isUtf8(all, before, end));
      expect(natives.decodeUtf8!(all, before, end)).toBe(portable.decodeValid(all, before, end));
      const ascii = all.map((octet) => octet & 0x7f);
      expect(natives.decodeAscii!(ascii, before, end)).toBe(portable.decodeAscii(ascii, before, end));
    }));
  });
  it("keep a byte order mark", () => {
    expect(natives.decodeUtf8!(Uint8Array.of(0xef, 0xbb, 0xbf, 65), 0, 4)).toBe("\ufeffA");
  });
  it("write any string as the portable one does, lone surrogates too, and touch nothing around it", () => {
    fc.assert(fc.property(strings, around, (text, { before, behind }) => {
      const expected = portable.encode(text);
      const into = new Uint8Array(before + 3 * text.length + behind).fill(7);
      expect(natives.writeUtf8!(text, into, before)).toBe(expected.length);
      expect(into.slice(before, before + expected.length)).toEqual(expected);
      expect(into.slice(0, before).every((octet) => octet === 7)).toBe(true);
      expect(into.slice(before + 3 * text.length).every((octet) => octet === 7)).toBe(true);
    }));
  });
});
