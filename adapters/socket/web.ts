// What comes in: the globals that every runtime of the web family has. What goes out: a Host of nothing but these, for adapters to build
// on, and reads into memory that grows with the traffic. Next file: the adapter of the runtime.
import type { Host } from "./transport.ts";

/** Clock, timers and randomness of the runtime, whichever it is; no natives, no compression. */
export const web: Host = Object.freeze({
  now: () => performance.now(),
  after(delay: number, run: () => void) {
    const timer: { unref?(): unknown } = setTimeout(run, delay);
    timer.unref?.(); // a number on some runtimes, which keep no process alive either
    return timer;
  },
  cancel: (timer: unknown) => clearTimeout(timer as number),
  soon: (run: () => void) => void idle(run),
  random: (into: Uint8Array<ArrayBuffer>) => void crypto.getRandomValues(into),
});

/**
 * A `read` for Pulled over one that fills given memory and resolves to the filled part, or to null at the end. An idle connection holds 4 KiB;
 * one that fills them gets 64. What fills its memory is handed out as it is, the rest is copied: a short message must not pin a large array.
 */
export function reads(fill: (room: Uint8Array<ArrayBuffer>) => Promise<Uint8Array | null>): () => Promise<Uint8Array | null> {
  let room = new Uint8Array(SMALL);
  return async () => {
    const part = await fill(room);
    if (part === null) return null;
    const { buffer, byteLength } = part;
    if (byteLength === buffer.byteLength) {
      room = new Uint8Array(LARGE);
      return part;
    }
    room = new Uint8Array(buffer as ArrayBuffer); // a stream that takes memory away gives it back with the part
    return part.slice();
  };
}

/** Other microtasks of this turn run first, unless their chain is longer: nothing on these runtimes runs exactly behind all of them. */
async function idle(run: () => void): Promise<void> {
  for (let hop = 0; hop < HOPS; hop++) await null;
  run();
}

const HOPS = 8;
const SMALL = 4_096;
const LARGE = 65_536;

declare const crypto: { getRandomValues(into: Uint8Array<ArrayBuffer>): unknown };
