// What comes in: a seed, calls. What goes out: time that moves when it is told to, and octets that only look random.
// Everything a test needs to run the same way twice. Next file: pair.ts.
import type { Bytes, Millis } from "../../core/types.ts";

/** A host without a world: time stands still until `advance` or `next`. It has the shape of an adapter's Host. */
export interface VirtualHost {
  now(): Millis;
  after(delay: Millis, run: () => void): unknown;
  cancel(timer: unknown): void;
  soon(run: () => void): void;
  random(into: Bytes): void;
  /** Moves time by so much, firing what becomes due in order. */
  advance(by: Millis): void;
  /** Moves time to the next timer and fires it; false when there is none. */
  next(): boolean;
  /** Runs what `soon` was given, and what that gave in turn. */
  drain(): void;
  /** Timers that are armed. */
  readonly timers: number;
}

interface Timer {
  readonly at: Millis;
  readonly run: () => void;
}

export function virtualHost(seed = 1, start: Millis = 0): VirtualHost {
  let now = start;
  let soon: (() => void)[] = [];
  const timers = new Set<Timer>();
  const random = seededRandom(seed);
  const drain = (): void => {
    while (soon.length > 0) {
      const runs = soon;
      soon = [];
      for (const run of runs) run();
    }
  };
  const earliest = (): Timer | undefined =>
    [...timers].reduce<Timer | undefined>((a, b) => a === undefined || b.at < a.at ? b : a, undefined);
  const fire = (timer: Timer): void => {
    timers.delete(timer);
    now = Math.max(now, timer.at);
    timer.run();
    drain();
  };
  return {
    now: () => now,
    after(delay, run) {
      const timer = { at: now + delay, run };
      timers.add(timer);
      return timer;
    },
    cancel: (timer) => void timers.delete(timer as Timer),
    soon: (run) => void soon.push(run),
    random,
    advance(by) {
      const end = now + by;
      drain();
      for (let timer = earliest(); timer !== undefined && timer.at <= end; timer = earliest()) fire(timer);
      now = end;
    },
    next() {
      drain();
      const timer = earliest();
      if (timer !== undefined) fire(timer);
      return timer !== undefined;
    },
    drain,
    get timers() {
      return timers.size;
    },
  };
}

/** Fills arrays with the same octets for the same seed. Not for secrets. */
export function seededRandom(seed = 1): (into: Bytes) => void {
  let state = stateOf(seed);
  return (into) => {
    for (let i = 0; i < into.byteLength; i++) into[i] = (state = after(state)) >>> 24;
  };
}

/** Numbers from 0 to 2^32 - 1, the same for the same seed: Marsaglia's xorshift with 32 bits of state. */
export function seededNumbers(seed = 1): () => number {
  let state = stateOf(seed);
  return () => (state = after(state)) >>> 0;
}

function stateOf(seed: number): number {
  return (seed ^ 0x9e3779b9) | 0 || 1;
}
function after(state: number): number {
  state ^= state << 13;
  state ^= state >>> 17;
  return state ^ state << 5;
}
