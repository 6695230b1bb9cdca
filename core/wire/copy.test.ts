// A copy at every size where it changes its way: by hand, in one piece, in many; as V8 makes its views and as others do.
import fc from "fast-check";
import { afterEach, describe, expect, it, vi } from "vitest";

afterEach(() => {
  vi.doUnmock("./engine.ts");
  vi.resetModules();
});

describe("copy", () => {
  it.each([true, false])(
    "puts just these octets just there, of an array or of a view into one, whatever the size: on V8 %s",
    async (V8) => {
      vi.resetModules();
      vi.doMock("./engine.ts", () => ({ V8 }));
      const { copy } = await import("./copy.ts");
      const around = (size: number): fc.Arbitrary<number> => fc.integer({ min: Math.max(0, size - 3), max: size + 3 });
      const sizes = fc.oneof(...[0, 4, 48, 2048, 4096, 6144].map(around));
      fc.assert(fc.property(sizes, fc.nat(70), fc.nat(70), fc.nat(9), fc.boolean(), (size, from, at, shift, whole) => {
        const start = whole ? 0 : from;
        const src = new Uint8Array(shift + start + size + (whole ? 0 : 5)).map((_, i) => 1 + i % 251).subarray(shift);
        const into = new Uint8Array(at + size + 5);
        copy(src, start, start + size, into, at);
        expect(into.every((octet, i) => octet === (i >= at && i < at + size ? src[start + i - at] : 0))).toBe(true);
      }));
    },
  );
});
