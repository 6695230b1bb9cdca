// Verdicts counted, as a table for a terminal. In: groups of cases and what was found of each. Out: lines: per group how many cases ended
// how, how long they took, how their connections ended. Serves the original's results too (genuine/verdicts.ts). Pure.
// Next file: markdown.ts.
import type { CaseId } from "../cases/case.ts";
import type { Verdict } from "./verdict.ts";
import { visible } from "./escape.ts";
import { type Report, sectionsOf } from "./report.ts";
import { both } from "./words.ts";
import type { Judged } from "./policy.ts";

/** Cases that are counted together. */
export interface Group {
  readonly title: string;
  readonly ids: readonly CaseId[];
}

/** Per group and for all of them: how many cases ended how, and how long they took together. */
export function verdictTable(groups: readonly Group[], found: ReadonlyMap<CaseId, Verdict>): string {
  const all: Group = { title: "all", ids: groups.flatMap(({ ids }) => ids) };
  const head = ["section", "cases", ...behaviors, "MISSING", "seconds", "close"];
  const lines = [head, ...[...groups.filter(({ ids }) => ids.length > 0), all].map((group) => row(group, found))];
  const widths = head.map((_, column) => Math.max(...lines.map((line) => line[column].length)));
  return lines.map((line) => line.map((cell, column) => align(cell, column, widths)).join("  ").trimEnd()).join("\n");
}

/** The whole run for a terminal: a table per agent, then what fails, what is known and what became better. */
export function terminal({ info, agents, judgement }: Report): string {
  const tables = agents.map(({ name, ids, verdicts }) =>
    `${visible(name)}\n${verdictTable(sectionGroups(ids, info.titles), verdicts)}`
  );
  const lists: [string, readonly Judged[]][] = [
    ["Fail", judgement.failures],
    ["As bad as in the baseline", judgement.known],
    ["Better than in the baseline", judgement.improvements],
  ];
  return [
    ...tables,
    ...lists.filter(([, list]) => list.length > 0).map(([title, list]) => [`${title}:`, ...list.map(judgedLine)].join("\n")),
    ...judgement.silent.map(({ agent, text }) => `${visible(agent)} passes by silence: ${visible(text)}`),
    conclusion(judgement),
  ].join("\n\n") + "\n";
}

/** The judgement in one sentence. */
export function conclusion({ holds, failures, silent, known, improvements }: Report["judgement"]): string {
  const baseline = known.length + improvements.length === 0
    ? ""
    : ` (${known.length} known from the baseline, ${improvements.length} better than it)`;
  if (holds) return `Passed: nothing fails${baseline}.`;
  if (failures.length + silent.length === 0) return "Failed: no case gave a result.";
  const silence = silent.length === 0 ? "" : `, ${silent.length} silent`;
  return `Failed: ${failures.length} ${failures.length === 1 ? "case" : "cases"}${silence}${baseline}.`;
}

/** The cases by section. */
export function sectionGroups(ids: readonly CaseId[], titles: Report["info"]["titles"]): Group[] {
  const sections = [...new Set(ids.map((id) => sectionsOf(id)[0]))];
  return sections.map((section) => ({
    title: `${section} ${titles[section] ?? ""}`.trimEnd(),
    ids: ids.filter((id) => sectionsOf(id)[0] === section),
  }));
}

/** One case that the policy minds, in a line. */
export function judgedLine({ agent, id, verdict, before }: Judged): string {
  return `${visible(agent)} ${id}  ${both(verdict)}${before === null ? "" : `, was ${both(before)}`}`;
}

function row({ title, ids }: Group, found: ReadonlyMap<CaseId, Verdict>): string[] {
  const verdicts = ids.flatMap((id) => found.get(id) ?? []);
  const count = (name: string, of: (verdict: Verdict) => string): number =>
    verdicts.filter((verdict) => of(verdict) === name).length;
  const cells = behaviors.map((name) => count(name, (verdict) => verdict.behavior));
  const close = closes.map((name) => [count(name, (verdict) => verdict.behaviorClose), name] as const).filter(([times]) =>
    times > 0
  );
  // Measured: the original gives a case whose connection never opened the milliseconds since 1970 as its duration.
  const seconds = verdicts.reduce((sum, { duration }) => sum + (duration < 1e11 ? duration : 0), 0) / 1_000;
  return [
    title,
    String(ids.length),
    ...[...cells, ids.length - verdicts.length].map((times) => (times === 0 ? "-" : String(times))),
    seconds.toFixed(1),
    close.map(([times, name]) => `${times} ${name}`).join(", "),
  ];
}

function align(cell: string, column: number, widths: readonly number[]): string {
  return column === 0 || column === widths.length - 1 ? cell.padEnd(widths[column]) : cell.padStart(widths[column]);
}

const behaviors: readonly string[] = ["OK", "NON-STRICT", "INFORMATIONAL", "UNIMPLEMENTED", "FAILED"];
const closes: readonly string[] = ["OK", "INFORMATIONAL", "UNCLEAN", "WRONG CODE", "FAILED BY CLIENT", "FAILED"];
