import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { concat, utf8 } from "../../frames/encode.ts";
import { countCharacters, createSlices } from "./slices.ts";

describe("createSlices", () => {
  it("walks round a document, by octets", () => {
    const next = createSlices(utf8("abcde"), 3, false);
    expect(Array.from({ length: 4 }, () => new TextDecoder().decode(next()))).toEqual(["abc", "dea", "bcd", "eab"]);
  });

  it("cuts text between characters, so that the messages are the document over and over", () => {
    const text = fc.string({ unit: fc.constantFrom("a", "ä", "中", "😀"), minLength: 2, maxLength: 30 });
    fc.assert(fc.property(text, fc.nat(28), (text, more) => {
      const characters = [...text];
      const length = 1 + more % (characters.length - 1);
      const next = createSlices(utf8(text), length, true);
      const messages = Array.from({ length: 5 }, () => next().slice());
      for (const message of messages) expect(countCharacters(message)).toBe(length);
      expect(new TextDecoder().decode(concat(messages))).toBe(
        characters.join("").repeat(6).match(/./gu)!.slice(0, 5 * length).join(""),
      );
    }));
  });
});
