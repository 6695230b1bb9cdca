// What comes in: fast-check. What goes out: any one character, for texts of every plane: `fc.string({ unit: character })`.
// Unicode §3.9, "Unicode scalar value"; RFC 3629 §3. Next file: arbitraries.ts.
import fc from "fast-check";

/** Where the surrogates stand, and how many they are. */
const [SURROGATE, SURROGATES] = [0xd800, 0x800];

/**
 * Any code point that is no surrogate. Measured: the unit "binary" of fast-check draws the same, but makes a table of all 1,112,064 of them,
 * which costs a second, and 80 MB that every collection of garbage has to go through from then on.
 */
export const character: fc.Arbitrary<string> = fc.nat(0x10ffff - SURROGATES).map(
  (index) => String.fromCodePoint(index < SURROGATE ? index : index + SURROGATES),
  indexOf,
);

/** The way back, by which fast-check finds the texts that it likes to try. Throws where there is none. */
function indexOf(text: unknown): number {
  const [one, ...more] = typeof text === "string" ? text : "";
  const point = one?.codePointAt(0) ?? NaN;
  const index = point < SURROGATE ? point : point - SURROGATES;
  if (more.length > 0 || !(point < SURROGATE || index >= SURROGATE)) throw new Error("not one character");
  return index;
}
