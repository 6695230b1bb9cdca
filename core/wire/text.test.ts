import { Buffer, isUtf8 } from "node:buffer";
import fc from "fast-check";
import { describe, expect, it, vi } from "vitest";
import { utf8 } from "../../conformance/frames/encode.ts";
import { type TextCodec, textCodec } from "./text.ts";

// Made anew in each test: a run of Stryker changes the code behind the import.
const portable = (): TextCodec => textCodec({});
const native = (): TextCodec =>
  textCodec({
    isUtf8: (bytes, from, to) => isUtf8(bytes.subarray(from, to)),
    decodeUtf8: (bytes, from, to) => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("utf8", from, to),
    writeUtf8: (text, into, at) => Buffer.from(into.buffer, into.byteOffset, into.byteLength).write(text, at, "utf8"),
  });
const codecs: readonly [string, () => TextCodec][] = [["portable functions", portable], ["functions of the host", native]];
/** On every border of UTF-8. */
const character = fc.constantFrom(
  ..."a\u0000\u007f\u0080\u00e9\u07ff\u0800\u20ac\ud7ff\ue000\ufeff\ufffd\uffff\u{10000}\u{1f600}\u{10ffff}",
);
const octets = fc.oneof(
  fc.uint8Array({ maxLength: 40 }),
  fc.string({ unit: character, maxLength: 40 }).map(utf8),
  fc.tuple(fc.string({ unit: character, maxLength: 40 }), fc.nat(), fc.nat(255)).map(([text, at, octet]) => {
    const bytes = utf8(text);
    if (bytes.length > 0) bytes[at % bytes.length] = octet;
    return bytes;
  }),
);

describe.each(codecs)("textCodec with %s", (_, made) => {
  it("decodes a range as a fatal TextDecoder does, and gives null where that throws", () => {
    const codec = made();
    fc.assert(fc.property(octets, fc.nat(3), fc.nat(3), (bytes, before, behind) => {
      const padded = new Uint8Array(before + bytes.length + behind).fill(0xff);
      padded.set(bytes, before);
      const expected = strict(bytes);
      expect(codec.decode(padded, before, before + bytes.length)).toBe(expected);
      expect(codec.isUtf8(padded, before, before + bytes.length)).toBe(expected !== null);
      if (expected !== null) expect(codec.decodeValid(padded, before, before + bytes.length)).toBe(expected);
    }));
  });
  it("takes a real U+FFFD for text, keeps a byte order mark, and refuses what only decodes to U+FFFD", () => {
    const codec = made();
    expect(codec.decode(utf8("a\ufffdb"), 0, 5)).toBe("a\ufffdb");
    expect(codec.decode(utf8("\ufeffa"), 0, 4)).toBe("\ufeffa");
    expect(codec.decode(Uint8Array.of(0xef, 0xbf, 0xbd, 0x80), 0, 4)).toBe(null);
  });
  it("writes any string at an offset, lone surrogates as U+FFFD, and touches nothing else", () => {
    const codec = made();
    fc.assert(
      fc.property(fc.string({ unit: fc.integer({ min: 0, max: 0xffff }).map((unit) => String.fromCharCode(unit)) }), (text) => {
        const into = new Uint8Array(5 + 3 * text.length + 5).fill(7);
        const written = codec.write(text, into, 5);
        expect(into.subarray(5, 5 + written)).toEqual(utf8(text));
        expect(into.subarray(0, 5)).toEqual(new Uint8Array(5).fill(7));
        expect(into.subarray(5 + 3 * text.length)).toEqual(new Uint8Array(5).fill(7));
        expect(codec.encode(text)).toEqual(utf8(text));
      }),
    );
  });
});

it.each([[true, 8], [false, 24]])(
  "writes short texts by hand, as long as that pays: on V8 (%s) up to %i units",
  async (V8, units) => {
    vi.resetModules();
    vi.doMock("./engine.ts", () => ({ V8 }));
    const { textCodec } = await import("./text.ts");
    expect(textCodec({ writeUtf8: () => 0 }).byHand).toBe(units);
    expect(textCodec({}).byHand).toBe(32);
  },
);

it("decodes ASCII by the host's function for it, or else as any text", () => {
  expect(textCodec({}).decodeAscii(utf8("xASCIIx"), 1, 6)).toBe("ASCII");
  expect(textCodec({ decodeUtf8: (_, from, to) => `${from} to ${to}` }).decodeAscii(utf8("xASCIIx"), 1, 6)).toBe("1 to 6");
  expect(textCodec({ decodeAscii: () => "the host's" }).decodeAscii(utf8("xASCIIx"), 1, 6)).toBe("the host's");
});

function strict(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return null;
  }
}
