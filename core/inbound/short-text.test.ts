import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it, vi } from "vitest";
import { shortText } from "./short-text.ts";

const LONGEST = 24;

describe("shortText", () => {
  it("is the file that this generator writes", () => {
    const file = readFileSync(new URL("./short-text.ts", import.meta.url), "utf8");
    const first = file.indexOf("    case 0:"), end = file.indexOf("    default:");
    expect(file.slice(first, end)).toBe(Array.from({ length: LONGEST + 1 }, (_, size) => branch(size)).join(""));
  });
  it("is the definition for every length, offset and key, and null exactly where an octet is not ASCII", () => {
    const key = fc.uint8Array({ minLength: 4, maxLength: 4 });
    const ascii = fc.uint8Array({ maxLength: LONGEST, max: 127 });
    const octets = fc.oneof(
      ascii,
      ascii,
      fc.uint8Array({ maxLength: LONGEST }),
      fc.uint8Array({ maxLength: 3, min: 126, max: 129 }),
    );
    fc.assert(
      fc.property(octets, key, fc.nat(9), (clear, [k0, k1, k2, k3], at) => {
        const bytes = new Uint8Array(at + clear.length + 3).fill(0xff);
        clear.forEach((octet, i) => bytes[at + i] = octet ^ [k0, k1, k2, k3][i & 3]);
        const before = bytes.slice();
        const expected = clear.every((octet) => octet < 128) ? String.fromCharCode(...clear) : null;
        expect(shortText(bytes, at, clear.length, k0, k1, k2, k3)).toBe(expected);
        expect(bytes).toEqual(before);
      }),
      { numRuns: 1000 },
    );
  });
  it("looks at each octet of each length", () => {
    for (let size = 0; size <= LONGEST; size++) {
      const bytes = Uint8Array.from({ length: size }, (_, i) => 97 + i);
      expect(shortText(bytes, 0, size, 0, 0, 0, 0)).toBe("abcdefghijklmnopqrstuvwxyz".slice(0, size));
      for (let i = 0; i < size; i++) {
        const wrong = bytes.slice();
        wrong[i] |= 0x80;
        expect(shortText(wrong, 0, size, 0, 0, 0, 0)).toBe(null);
      }
    }
  });
  it("is null where there is no line for that many octets", () => {
    expect(shortText(new Uint8Array(LONGEST + 1), 0, LONGEST + 1, 0, 0, 0, 0)).toBe(null);
  });
  it.each([true, false])("is for 24 octets on V8, and for none elsewhere: %s", async (V8) => {
    vi.resetModules();
    vi.doMock("../wire/engine.ts", () => ({ V8 }));
    const { SHORT_TEXT } = await import("./short-text.ts");
    expect(SHORT_TEXT).toBe(V8 ? LONGEST : 0);
  });
});

/** One line of the switch. */
function branch(size: number): string {
  if (size === 0) return '    case 0: return "";\n';
  const names = Array.from({ length: size }, (_, i) => `c${i}`);
  const reads = names.map((name, i) => `${name} = b[p${i === 0 ? "" : ` + ${i}`}]! ^ k${i & 3}`).join(", ");
  const { length } = names;
  return `    case ${length}: { const ${reads}; return (${names.join(" | ")}) > 127 ? null : String.fromCharCode(${
    names.join(", ")
  }); }\n`;
}
