// What comes in: a difference between the suites. What goes out: why it is right to differ there, or null: then it is a mistake, and the
// comparison fails. Next file: suites.ts.
import { CASES } from "../cases/all.ts";
import { patternsOf } from "../cases/select.ts";
import type { Role } from "../genuine/verdicts.ts";
import type { Difference } from "./record.ts";

/** A difference that is understood. */
interface Explanation {
  readonly peer: string;
  readonly role: Role;
  /** In the notation of the command line. */
  readonly cases: string;
  /** With the bytes that make it. */
  readonly why: string;
}

/** Why they differ. */
export function explanation(peer: string, role: Role, { id }: Difference): string | null {
  const fits = (one: Explanation): boolean => one.peer === peer && one.role === role && patternsOf(CASES, one.cases).includes(id);
  return EXPLANATIONS.find(fits)?.why ?? null;
}

/** None so far: they agree in every case that is compared. */
const EXPLANATIONS: readonly Explanation[] = [];
