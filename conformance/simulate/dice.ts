// What comes in: a seed. What goes out: decisions, the same for the same seed. Seeds that follow each other have nothing in common, so that
// lifetime N of a run is the first of a run that starts there. Next file: plan.ts.
import type { Bytes } from "../../core/types.ts";

export interface Dice {
  /** True in so many cases of 1. */
  chance(share: number): boolean;
  /** 0 to count - 1. */
  below(count: number): number;
  /** Both ends included. */
  between(least: number, most: number): number;
  /** Mostly near `least`, seldom near `most`: each factor of two is as likely as the next. */
  spread(least: number, most: number): number;
  pick<T>(choices: readonly T[]): T;
  fill(into: Bytes): void;
}

/** Mulberry32 (Tommy Ettinger): 32 bits of state, and each seed starts somewhere else. */
export function dice(seed: number): Dice {
  let state = Math.imul(seed ^ 0x5bd1e995, 0x9e3779b1) | 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  };
  const below = (count: number): number => Math.floor((next() / 2 ** 32) * count);
  return {
    chance: (share) => next() < share * 2 ** 32,
    below,
    between: (least, most) => least + below(most - least + 1),
    spread: (least, most) => Math.floor(least * (most / least + 1 / least) ** (next() / 2 ** 32)),
    pick: (choices) => choices[below(choices.length)],
    fill(into) {
      for (let i = 0; i < into.length; i++) into[i] = next() >>> 24;
    },
  };
}
