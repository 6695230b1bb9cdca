import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { encode } from "../../conformance/frames/encode.ts";
import { headerLength, writeHeader } from "./frame.ts";

const length = fc.oneof(
  fc.constantFrom(0, 125, 126, 65535, 65536, 2 ** 31, 2 ** 32 - 1, 2 ** 32, 2 ** 40 + 5, Number.MAX_SAFE_INTEGER),
  fc.maxSafeNat(),
  fc.nat(70_000),
);

describe("writeHeader", () => {
  it("writes what another encoder writes, for every length up to 2^53 - 1, and nothing behind it", () => {
    fc.assert(fc.property(length, fc.nat(15), fc.boolean(), fc.nat(9), (payload, opcode, masked, at) => {
      const into = new Uint8Array(32).fill(0xee);
      const end = writeHeader(into, at, 0x80 | opcode, masked ? 0x80 : 0, payload);
      const expected = encode({ opcode, declare: payload });
      if (masked) expected[1] |= 0x80;
      expect(into.subarray(at, end)).toEqual(expected);
      expect(into.subarray(0, at).every((octet) => octet === 0xee)).toBe(true);
      expect(into.subarray(end).every((octet) => octet === 0xee)).toBe(true);
    }));
  });
  it("takes as many octets as headerLength says", () => {
    fc.assert(fc.property(length, (payload) => {
      expect(writeHeader(new Uint8Array(10), 0, 0x82, 0, payload)).toBe(headerLength(payload));
    }));
  });
});
