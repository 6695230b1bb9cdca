// What comes in: a seed. What goes out: numbers that look random and are the same in every run and on every host.
// Marsaglia's xorshift with shifts 13, 17, 5: good enough to be hard to compress, and three lines long. Next file: all.ts.

/** Numbers from a seed. */
export interface Seeded {
  /** An integer from 0 to `end` - 1. `end` is at most 2^32. */
  below(end: number): number;
  /** One of the list. */
  pick<T>(list: readonly T[]): T;
}

/** Starts a row of numbers; `seed` is any integer but 0. */
export function seeded(seed: number): Seeded {
  let state = seed >>> 0;
  const below = (end: number): number => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return Math.floor(((state >>> 0) / 0x1_0000_0000) * end);
  };
  return { below, pick: (list) => list[below(list.length)] };
}
