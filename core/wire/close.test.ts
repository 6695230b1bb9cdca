import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { closePayload as framed, utf8 } from "../../conformance/frames/encode.ts";
import { closePayload, faultPayload, isCloseCode, NO_STATUS, parseClose, twoOctets } from "./close.ts";
import { textCodec } from "./text.ts";

const text = textCodec({});
/** On every border of UTF-8. */
const character = fc.constantFrom(
  ..."a\u0000\u007f\u0080\u00e9\u07ff\u0800\u20ac\ud7ff\ue000\ufeff\ufffd\uffff\u{10000}\u{1f600}\u{10ffff}",
);
/** RFC 6455 §7.4 and the registry of IANA, written down a second time. */
const LEGAL = new Set([1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014]);
for (let code = 3000; code < 5000; code++) LEGAL.add(code);

describe("isCloseCode", () => {
  it("knows 1000 to 1003, 1007 to 1014 and 3000 to 4999, and nothing else of 65,536", () => {
    const known = Array.from({ length: 65536 }, (_, code) => code).filter(isCloseCode);
    expect(known).toEqual([...LEGAL].sort((a, b) => a - b));
  });
});

describe("closePayload", () => {
  it("is empty without a code, and needs one for a reason", () => {
    expect(closePayload(undefined, undefined, text)).toEqual(new Uint8Array(0));
    expect(closePayload(undefined, "", text)).toEqual(new Uint8Array(0));
    expect(() => closePayload(undefined, "why", text)).toThrow(expect.objectContaining({ code: "BAD_ARGUMENT" }));
  });
  it("is two octets of code and the reason in UTF-8", () => {
    fc.assert(fc.property(fc.constantFrom(...LEGAL), fc.string({ unit: character, maxLength: 30 }), (code, reason) => {
      expect(closePayload(code, reason, text)).toEqual(framed(code, reason));
    }));
  });
  it("takes 123 octets of reason and not 124, counted in octets and not in characters", () => {
    expect(closePayload(1000, "x".repeat(123), text)).toHaveLength(125);
    expect(closePayload(1000, "\u20ac".repeat(41), text)).toHaveLength(125);
    expect(() => closePayload(1000, "x".repeat(124), text)).toThrow(expect.objectContaining({ code: "BAD_ARGUMENT" }));
    expect(() => closePayload(1000, "\u20ac".repeat(42), text)).toThrow(expect.objectContaining({ code: "BAD_ARGUMENT" }));
  });
  it("refuses codes that must not be on the wire, and what is not a number or not a string", () => {
    for (const code of [0, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000, 65536 + 1000, -1, 1000.5, NaN, "1000", null]) {
      expect(() => closePayload(code as number, "", text), String(code)).toThrow(
        expect.objectContaining({ code: "BAD_ARGUMENT" }),
      );
    }
    for (const reason of [5, null, {}]) {
      expect(() => closePayload(1000, reason as string, text)).toThrow(expect.objectContaining({ code: "BAD_ARGUMENT" }));
    }
  });
  it("is two octets where there is a code and no reason, as `twoOctets` has it", () => {
    for (const code of LEGAL) {
      const expected = Uint8Array.of(code >> 8, code & 255);
      expect(closePayload(code, undefined, text)).toEqual(expected);
      expect(closePayload(code, "", text)).toEqual(expected);
      expect(twoOctets(code)).toEqual(expected);
    }
  });
  it("turns lone surrogates into U+FFFD", () => {
    expect(closePayload(1000, "\ud800!", text)).toEqual(framed(1000, "\ufffd!"));
  });
});

describe("faultPayload", () => {
  it("cuts any sentence to 123 octets without splitting a code point", () => {
    fc.assert(fc.property(fc.string({ unit: character, maxLength: 200, size: "max" }), (sentence) => {
      const payload = faultPayload(1002, sentence, text);
      const reason = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(payload.subarray(2));
      expect(payload.length).toBeLessThanOrEqual(125);
      expect(utf8(sentence).subarray(0, payload.length - 2)).toEqual(payload.subarray(2));
      // At most three octets of room are given away.
      if (reason !== sentence) expect(payload.length).toBeGreaterThan(121);
    }));
  });
});

describe("parseClose", () => {
  it("refuses half a code, also where it could be the first half of a good one", () => {
    for (let octet = 0; octet < 256; octet++) expect(parseClose(Uint8Array.of(octet), text)).toBe("BAD_CLOSE");
  });
  it("reads back what closePayload wrote", () => {
    fc.assert(fc.property(fc.constantFrom(...LEGAL), fc.string({ unit: character, maxLength: 30 }), (code, reason) => {
      expect(parseClose(closePayload(code, reason, text), text)).toEqual({ code, reason });
    }));
    expect(parseClose(new Uint8Array(0), text)).toBe(NO_STATUS);
  });
  it("calls half a code, every illegal code, and a reason that is not UTF-8 by their faults", () => {
    expect(parseClose(Uint8Array.of(3), text)).toBe("BAD_CLOSE");
    for (let code = 0; code < 65536; code += code < 6000 ? 1 : 997) {
      if (!LEGAL.has(code)) expect(parseClose(framed(code), text)).toBe("BAD_CLOSE");
    }
    expect(parseClose(framed(1000, Uint8Array.of(0xc3)), text)).toBe("BAD_UTF8");
    expect(parseClose(framed(1000, Uint8Array.of(0xed, 0xa0, 0x80)), text)).toBe("BAD_UTF8");
  });
  it("looks at the code before the reason", () => {
    expect(parseClose(framed(1005, Uint8Array.of(0xff)), text)).toBe("BAD_CLOSE");
  });
  it("keeps a byte order mark and a real U+FFFD", () => {
    expect(parseClose(framed(1000, "\ufeffa\ufffd"), text)).toEqual({ code: 1000, reason: "\ufeffa\ufffd" });
  });
});
