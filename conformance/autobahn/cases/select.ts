// What comes in: cases, and patterns from a spec file or from a command line. What goes out: the cases that they choose.
// Spec files have the original's patterns, oddities included: with `*` a regular expression that need only fit the start of an id
// (`1*` also chooses 10.1.1), without `*` one id. A command line may also name sections and ranges. A wrong pattern throws a RangeError
// that names it. Next file: ../engine/result.ts.
import type { Case, CaseId } from "./case.ts";

/**
 * The cases that fit a pattern of `include` and none of `exclude`, each once and in the order of `cases`. A pattern that fits nothing is
 * allowed. An id in `include` must exist; in `exclude` it may be one that only older suites had.
 */
export function select(cases: readonly Case[], include: readonly string[], exclude: readonly string[] = []): readonly Case[] {
  const known = new Set(cases.map(({ id }) => id));
  const chosen = new Set<CaseId>();
  for (const pattern of include) {
    const fitting = idsThatFit(known, pattern);
    if (fitting.length === 0 && !isGlob(pattern)) throw new RangeError(`There is no case ${JSON.stringify(pattern)}.`);
    for (const id of fitting) chosen.add(id);
  }
  for (const pattern of exclude) {
    for (const id of idsThatFit(known, pattern)) chosen.delete(id);
  }
  return cases.filter(({ id }) => chosen.has(id));
}

/**
 * The patterns of a command line, separated by commas, as `select` takes them: patterns with `*` and ids as they are; sections and
 * sub-sections ("6", "6.2": not 6.20) and ranges of them or of ids ("1-7", "6.1-6.4", "9.1.1-9.2.3", both ends included) as their ids.
 */
export function patternsOf(cases: readonly Case[], list: string): string[] {
  const ids = cases.map(({ id }) => id);
  // A comma inside brackets belongs to the pattern.
  const items = list.split(/,(?![^[]*\])/).map((item) => item.trim()).filter((item) => item !== "");
  return items.flatMap((item) => isGlob(item) || ids.includes(item) ? [item] : range(ids, item));
}

/** Which case of which agent a spec file excludes: `rules` maps patterns of agents to patterns of cases; here both must fit as a whole. */
export function exclusionsByAgent(rules: Readonly<Record<string, readonly string[]>>): (agent: string, id: CaseId) => boolean {
  const whole = (pattern: string): RegExp => expression(pattern, "$");
  const compiled = Object.entries(rules).map(([agent, patterns]) => ({ agent: whole(agent), ids: patterns.map(whole) }));
  return (agent, id) => compiled.some((rule) => rule.agent.test(agent) && rule.ids.some((pattern) => pattern.test(id)));
}

/** The case means something where the fuzzer has this role; all of the 517 do in both. */
export function isFor({ role }: Case, fuzzer: "client" | "server"): boolean {
  return role === undefined || role === fuzzer;
}

/** Where a case stands among `cases`, counted from 1; 0: it is not there. */
export function indexOf(cases: readonly Case[], id: CaseId): number {
  return cases.findIndex((one) => one.id === id) + 1;
}

function idsThatFit(known: ReadonlySet<CaseId>, pattern: string): CaseId[] {
  if (!isGlob(pattern)) {
    if (known.has(pattern)) return [pattern];
    if (/^\d+(\.\d+)*$/.test(pattern)) return [];
    throw new RangeError(`${JSON.stringify(pattern)} is neither the id of a case nor a pattern with "*".`);
  }
  const fits = expression(pattern, "");
  return [...known].filter((id) => fits.test(id));
}

function isGlob(pattern: string): boolean {
  return pattern.includes("*");
}

/** Only dots and stars are translated, so that what else a regular expression has still works: `9.[1-3].*`. */
function expression(pattern: string, end: "" | "$"): RegExp {
  try {
    return new RegExp(`^(?:${pattern.replaceAll(".", "\\.").replaceAll("*", ".*")})${end}`);
  } catch {
    throw new RangeError(`${JSON.stringify(pattern)} is not a pattern: it does not make a regular expression.`);
  }
}

function range(ids: readonly CaseId[], item: string): CaseId[] {
  const [first, last = first, ...more] = item.split("-").map((end) => end.trim());
  const under = (prefix: string) => (id: CaseId): boolean => id === prefix || id.startsWith(`${prefix}.`);
  const from = ids.findIndex(under(first));
  const to = ids.findLastIndex(under(last));
  if (from < 0 || to < 0 || more.length > 0) throw new RangeError(`There is no case and no section ${JSON.stringify(item)}.`);
  if (to < from) throw new RangeError(`The range ${JSON.stringify(item)} ends before it begins.`);
  return ids.slice(from, to + 1);
}
