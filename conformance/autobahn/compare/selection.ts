// What comes in: a peer. What goes out: the cases that both suites play with it: all of sections 1 to 7 and 10, and of the large sections
// 9, 12 and 13 a sample of every kind: kinds, sizes, fragments, chops, round trips; each document and each row of parameters.
// With broken peers only those cases whose own timers are short: 9.5 waits 1,000 s for an echo that does not come. Next file: record.ts.
import { CASES } from "../cases/all.ts";
import type { CaseId } from "../cases/case.ts";
import { patternsOf, select } from "../cases/select.ts";
import { PEERS } from "./peers.ts";

/** The ids, in order; `wanted` narrows them, in the notation of the command line. Throws a RangeError. */
export function idsFor(name: string, wanted: string | null = null): CaseId[] {
  const peer = PEERS[name];
  const list = peer === undefined
    ? `${QUICK},${SHORT},${ROUND_TRIPS},${LONG}`
    : peer.slow
    ? `${QUICK},${SHORT}`
    : `${QUICK},${SHORT},${ROUND_TRIPS}`;
  const chosen = select(CASES, patternsOf(CASES, list), peer?.skips?.cases ?? []);
  return select(chosen, wanted === null ? ["*"] : patternsOf(CASES, wanted).filter((item) => fits(chosen, item)))
    .map(({ id }) => id);
}

/** An id that is not among the chosen ones narrows to nothing; it is no mistake. */
function fits(chosen: readonly { readonly id: CaseId }[], item: string): boolean {
  return item.includes("*") || chosen.some(({ id }) => id === item);
}

const QUICK = "1-7,10";
/** They wait for 10 s, or end at once for want of compression. */
const SHORT = "9.1.1,9.2.1,12.1.1,12.2.2,12.3.3,12.4.4,12.5.1,13.1.1,13.2.2,13.3.3,13.4.4,13.5.1,13.6.2,13.7.11";
/** They wait for 60 s. */
const ROUND_TRIPS = "9.7.1,9.8.2";
/** They wait for up to 1,000 s, and move up to 32 MiB each way. */
const LONG = "9.1.2,9.2.6,9.3.1,9.3.4,9.3.9,9.4.2,9.4.6,9.5.4,9.6.6,9.7.5,9.8.6,12.1.11,12.2.11,12.4.7,12.5.5,13.2.6,13.5.8";
