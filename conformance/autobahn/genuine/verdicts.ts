// What the suite says of each case, held against what is expected. In: the two verdicts of every case (behavior: what the peer sent;
// behaviorClose: how the connection ended) and the rules of expected.json. Out: deviations in both directions, and a table by section.
// The suite itself always exits with 0, so the decision is made here. Pure. Next file: install.ts.
import { verdictTable } from "../report/table.ts";
import type { Role, Verdict } from "../report/verdict.ts";
import { matches, sectionOf, sections } from "./cases.ts";

export type { Role, Verdict };

/** Which verdicts the cases that fit `cases` may have. Of several rules for one case the last counts. */
export interface Rule {
  readonly cases: string;
  readonly behavior: readonly string[];
  readonly behaviorClose: readonly string[];
  /** Why it is not simply OK. */
  readonly why?: string;
}

/** A case that ended otherwise than its rule says; `found` is null if it gave no verdict at all. */
export interface Deviation {
  readonly id: string;
  readonly rule: Rule;
  readonly found: Verdict | null;
}

/** Reads expected.json. Throws a SyntaxError if it does not have the shape that compare() relies on. */
export function readRules(text: string): Readonly<Record<Role, readonly Rule[]>> {
  const json = JSON.parse(text) as Record<Role, Rule[]>;
  for (const role of ["server", "client"] as const) {
    const rules = json[role];
    if (!Array.isArray(rules) || rules[0]?.cases !== "*") {
      throw new SyntaxError(`expected.json: "${role}" must begin with a rule for "*"`);
    }
    for (const { cases, behavior, behaviorClose } of rules) {
      const lists = typeof cases === "string" && Array.isArray(behavior) && Array.isArray(behaviorClose);
      if (!lists || !behavior.every((name) => behaviors.has(name)) || !behaviorClose.every((name) => closes.has(name))) {
        throw new SyntaxError(`expected.json: not a rule: ${JSON.stringify({ cases, behavior, behaviorClose })}`);
      }
    }
  }
  return json;
}

/**
 * Every case whose verdicts are not the expected ones. A better verdict deviates too: expected.json would be out of date, and would hide
 * the way back.
 */
export function compare(ids: readonly string[], found: ReadonlyMap<string, Verdict>, rules: readonly Rule[]): Deviation[] {
  return ids.flatMap((id) => {
    const rule = rules.findLast(({ cases }) => matches(cases, id));
    if (rule === undefined) throw new RangeError(`no rule for case ${id}`);
    const verdict = found.get(id) ?? null;
    const expected = verdict !== null && rule.behavior.includes(verdict.behavior) &&
      rule.behaviorClose.includes(verdict.behaviorClose);
    return expected ? [] : [{ id, rule, found: verdict }];
  });
}

/** A table for people: per section how many cases ended how, and how long they took together. */
export function table(ids: readonly string[], found: ReadonlyMap<string, Verdict>): string {
  const groups = sections.map(([section, title]) => ({
    title: `${section} ${title}`,
    ids: ids.filter((id) => sectionOf(id) === section),
  }));
  return verdictTable(groups, found);
}

const behaviors: ReadonlySet<string> = new Set(["OK", "NON-STRICT", "INFORMATIONAL", "UNIMPLEMENTED", "FAILED"]);
const closes: ReadonlySet<string> = new Set(["OK", "INFORMATIONAL", "UNCLEAN", "WRONG CODE", "FAILED BY CLIENT", "FAILED"]);
