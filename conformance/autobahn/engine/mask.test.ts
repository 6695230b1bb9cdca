import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { applyMask } from "./mask.ts";

describe("applyMask", () => {
  it("is the XOR with the key, octet by octet, wherever the octets stand in memory and in the frame", () => {
    const args = fc.tuple(fc.uint8Array({ maxLength: 90 }), fc.uint8Array({ minLength: 4, maxLength: 4 }), fc.nat(7), fc.nat(9));
    fc.assert(fc.property(args, ([octets, key, phase, offset]) => {
      const room = new Uint8Array(octets.byteLength + 20).fill(7);
      room.set(octets, offset);
      applyMask(room.subarray(offset, offset + octets.byteLength), key, phase);
      const expected = new Uint8Array(room.byteLength).fill(7);
      expected.set(octets.map((octet, i) => octet ^ key[(phase + i) % 4]), offset);
      expect(room).toEqual(expected);
    }));
  });
});
