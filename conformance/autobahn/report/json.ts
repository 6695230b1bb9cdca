// JSON as the original writes it: keys sorted, three blanks per level, everything outside of ASCII escaped. So files of both compare line by
// line, and no reader stumbles over an encoding. Pure. Next file: index-json.ts.

/** `value` as text, without a line end behind it. */
export function json(value: unknown): string {
  const text = JSON.stringify(sorted(value), null, 3);
  return text.replace(/[\u007f-\uffff]/g, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

// Object.fromEntries makes own properties of all keys, so that an agent may be called "__proto__". Keys that are numbers come first and by
// size, as everywhere in JavaScript; the original's statistics want that too.
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1));
  return Object.fromEntries(entries.map(([key, inner]) => [key, sorted(inner)]));
}
