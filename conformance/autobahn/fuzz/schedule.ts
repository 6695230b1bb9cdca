// What comes in: cases. What goes out: in which order and how many at a time they are played, how many messages they send, how long each
// is expected to take and after how long it is given up. Most cases only wait, so they may run side by side without any change of meaning;
// 9.x measures the peer's time and has the machine to itself; 12 and 13 need processors, not patience. Next file: liveness.ts.
import type { Case, Conduct, Step } from "../cases/case.ts";
import { DEFAULTS, type Settings } from "../engine/settings.ts";

/** Plays every case, those of a lane `jobs` at a time at most; resolves when all are done. `run` must not reject. */
export async function inLanes(
  cases: readonly Case[],
  jobs: number,
  run: (theCase: Case) => Promise<void>,
): Promise<void> {
  for (const lane of LANES) {
    const waiting = cases.filter((theCase) => laneOf(theCase) === lane).values();
    const worker = async (): Promise<void> => {
      for (const theCase of waiting) await run(theCase);
    };
    await Promise.all(Array.from({ length: Math.min(jobs, MOST[lane]) }, worker));
  }
}

/**
 * How many messages a case of round trips sends. `wanted` is a number for all of them, at most the case's own. null: all of the case in
 * 9.7 and 9.8, and in 12 and 13 as many as make 2 MiB, 500 at most. Measured: half an hour of a run of the original is spent there.
 */
export function messagesOf({ conduct, deflate }: Case, wanted: number | null): number | undefined {
  if (conduct?.type !== "ping-pong") return undefined;
  if (wanted !== null) return Math.min(wanted, conduct.count);
  return deflate === undefined ? conduct.count : Math.min(conduct.count, COUNT, Math.ceil(VOLUME / conduct.length));
}

/** Seconds that a case takes with a healthy peer, roughly: it foretells the end of a run, and nothing is judged by it. */
export function costOf(theCase: Case, wanted: number | null): number {
  const { conduct = RECORD, steps } = theCase;
  switch (conduct.type) {
    case "record":
      return 0.005 + pauses(steps);
    case "one-echo": {
      const pieces = steps.reduce((sum, step) => sum + piecesOf(step, conduct.length), 0);
      return 0.005 + conduct.length / 100e6 + pieces * 20e-6;
    }
    case "ping-pong": {
      const octets = theCase.deflate === undefined ? conduct.length / 200e6 : conduct.length / 30e6;
      return 0.005 + (messagesOf(theCase, wanted) ?? 0) * (octets + 100e-6);
    }
  }
}

/**
 * Seconds after which a case is given up. The case's own timers come first, so that a watchdog changes no verdict: it ends what would
 * never end. The original waits for ever in 6.4.x for a server that closes and keeps TCP open.
 */
export function patienceOf({ conduct = RECORD, steps }: Case, settings: Partial<Settings>, most: number | null): number {
  const { openHandshakeTimeout, closeHandshakeTimeout, serverConnectionDropTimeout } = { ...DEFAULTS, ...settings };
  const own = conduct.type === "record" ? longest(steps) : conduct.seconds;
  const all = openHandshakeTimeout + own + closeHandshakeTimeout + serverConnectionDropTimeout + SLACK;
  return most === null ? all : Math.min(all, most);
}

/** How many cases run side by side unless told otherwise. */
export const JOBS = 8;

type Lane = "waits" | "measures" | "compresses";
const LANES: readonly Lane[] = ["waits", "measures", "compresses"];
const MOST: Readonly<Record<Lane, number>> = { waits: Infinity, measures: 1, compresses: 3 };

function laneOf({ conduct = RECORD, deflate, steps }: Case): Lane {
  if (conduct.type === "record") return steps.some((step) => step.do === "repeat") ? "measures" : "waits";
  return deflate === undefined ? "measures" : "compresses";
}

/** Seconds that the steps wait, whatever the peer does. */
function pauses(steps: readonly Step[]): number {
  return steps.reduce((sum, step) => step.do === "wait" ? sum + step.seconds + pauses(step.then) : sum, 0);
}

/** Seconds until the last timer of the steps has expired. */
function longest(steps: readonly Step[]): number {
  return steps.reduce((most, step) => {
    if (step.do === "killAfter" || step.do === "closeAfter") return Math.max(most, step.seconds);
    return step.do === "wait" ? Math.max(most, step.seconds + longest(step.then)) : most;
  }, 0);
}

function piecesOf(step: Step, length: number): number {
  if (step.do === "frame") return step.chop === undefined ? 1 : length / step.chop;
  return step.do === "message" && step.fragment !== undefined ? length / step.fragment : 0;
}

const RECORD: Conduct = { type: "record" };
/** Octets or characters that a case of 12 or 13 sends, unless told otherwise. */
const VOLUME = 2 * 1_048_576;
/** And messages, at most. */
const COUNT = 500;
/** Seconds that a busy machine may lose. */
const SLACK = 10;
