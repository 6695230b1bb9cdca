// Which JavaScript engine runs this, without asking the host: a few kernels differ by a factor of up to 100 between engines.
// Next file: mask.ts.

/**
 * True on V8, by the words of an error that each engine makes up itself: "Cannot read properties of null" there, "null is not an object" in
 * JavaScriptCore. What functions print does not tell: Bun prints native ones as V8 does. A wrong guess costs speed, never correctness.
 */
export const V8: boolean = complaint().startsWith("Cannot read");

function complaint(): string {
  try {
    return (null as unknown as { length: string }).length;
  } catch (error) {
    return (error as Error).message;
  }
}
