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
  let expected: readonly Range[] = [];
  for (let i = 0; i < bytes.byteLength; i++) {
    const octet = bytes[i];
    if (expected.length > 0) {
      const [[low, high], ...later] = expected;
      if (octet < low || octet > high) return { wrongAt: i, open: false };
      expected = later;
      continue;
    }
    const row = SEQUENCES.find(([[low, high]]) => octet >= low && octet <= high);
    if (row === undefined) return { wrongAt: i, open: false };
    expected = row.slice(1);
  }
  return { wrongAt: -1, open: expected.length > 0 };
}

type Range = readonly [low: number, high: number];

const TAIL: Range = [0x80, 0xbf];
/** RFC 3629 §4: UTF8-1, UTF8-2, UTF8-3, UTF8-4. */
const SEQUENCES: readonly (readonly [Range, ...Range[]])[] = [
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
