// Where the events of a case begin to differ from what was expected. In: the expected sets and the events observed. Out: the set that agrees
// longest, the place of the first difference, and a sentence about it. The original prints both lists and leaves the search to the reader.
// Pure. Next file: timeline.ts.
import type { CaseResult, EventRow } from "../engine/result.ts";
import { eventWords } from "./wire-text.ts";

/** The first event that no longer fits. */
export interface Difference {
  /** The name of the expected set that agrees longest: "OK" or "NON-STRICT". */
  readonly set: string;
  /** How many events agree. */
  readonly index: number;
  /** null: nothing more was expected. */
  readonly expected: EventRow | null;
  /** null: nothing more came. */
  readonly observed: EventRow | null;
  readonly sentence: string;
}

/** The first difference; null if the events equal one of the sets, or if there is none to hold them against (9, 12, 13). */
export function firstDifference({ expected, received }: Pick<CaseResult, "expected" | "received">): Difference | null {
  const candidates = Object.entries(expected).map(([set, events]) => ({ set, events, index: agreeing(events, received) }));
  if (candidates.length === 0) return null;
  if (candidates.some(({ events, index }) => index === events.length && index === received.length)) return null;
  const { set, events, index } = candidates.reduce((best, next) => (next.index > best.index ? next : best));
  const wanted = events[index] ?? null;
  const came = received[index] ?? null;
  return { set, index, expected: wanted, observed: came, sentence: sentence(index, wanted, came) };
}

/** Whether two events are the same as far as a report knows them: payloads are previews. */
export function sameEvent(one: EventRow | undefined, other: EventRow | undefined): boolean {
  return one !== undefined && other !== undefined && one.length === other.length &&
    one.every((part, index) => part === other[index]);
}

function agreeing(events: readonly EventRow[], received: readonly EventRow[]): number {
  const index = received.findIndex((event, place) => !sameEvent(event, events[place]));
  return index === -1 ? received.length : index;
}

function sentence(index: number, wanted: EventRow | null, came: EventRow | null): string {
  const which = `Event ${index + 1}`;
  if (wanted === null) return `${which}: nothing more was expected, but a ${eventWords(came!)} came.`;
  if (came === null) return `${which}: expected a ${eventWords(wanted)}, but nothing ${index === 0 ? "" : "more "}came.`;
  return `${which}: expected a ${eventWords(wanted)}, but a ${eventWords(came)} came.`;
}
