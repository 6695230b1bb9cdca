// What comes in: octets that claim to be UTF-8. What goes out: where the first wrong one stands.
// RFC 3629 §4, the table of well-formed sequences, read one octet at a time. Next file: inflate.ts.

export interface Utf8Verdict {
  /** Index of the first octet that no continuation of what stands before it allows, or -1. */
  readonly wrongAt: number;
  /** Nothing is wrong, but the last character is not complete. */
  readonly open: boolean;
}

/** Judges a whole string of octets. */
export function judgeUtf8(bytes: Uint8Array): Utf8Verdict {
  let row = SEQUENCES[0];
  let read = row.length;
  for (let i = 0; i < bytes.byteLength; i++) {
    const octet = bytes[i];
    if (read < row.length) {
      const [low, high] = row[read++];
      if (octet < low || octet > high) return { wrongAt: i, open: false };
      continue;
    }
    const next = BEGUN_BY[octet];
    if (next === undefined) return { wrongAt: i, open: false };
    row = next;
    read = 1;
  }
  return { wrongAt: -1, open: read < row.length };
}

type Range = readonly [low: number, high: number];
type Sequence = readonly [Range, ...Range[]];

const TAIL: Range = [0x80, 0xbf];
/** RFC 3629 §4: UTF8-1, UTF8-2, UTF8-3, UTF8-4. */
const SEQUENCES: readonly Sequence[] = [
  [[0x00, 0x7f]],
  [[0xc2, 0xdf], TAIL],
  [[0xe0, 0xe0], [0xa0, 0xbf], TAIL],
  [[0xe1, 0xec], TAIL, TAIL],
  [[0xed, 0xed], [0x80, 0x9f], TAIL],
  [[0xee, 0xef], TAIL, TAIL],
  [[0xf0, 0xf0], [0x90, 0xbf], TAIL, TAIL],
  [[0xf1, 0xf3], TAIL, TAIL, TAIL],
  [[0xf4, 0xf4], [0x80, 0x8f], TAIL, TAIL],
];
/** The sequence that each octet begins. */
const BEGUN_BY: readonly (Sequence | undefined)[] = Array.from(
  { length: 256 },
  (_, octet) => SEQUENCES.find(([[low, high]]) => octet >= low && octet <= high),
);
