// Results and the record of their run, joined once for all texts. In: CaseResult[], RunInfo, a policy. Out: the agents in order, the cases
// of each in order, their verdicts as index.json has them, their file names, and the judgement. Pure.
// Next files: index-json.ts and case-json.ts for tools, case-text.ts and html/page.ts for people.
import type { CaseId } from "../cases/case.ts";
import type { CaseResult } from "../engine/result.ts";
import type { Verdict } from "./verdict.ts";
import { agentStems, caseStem } from "./names.ts";
import { DEFAULT_FAIL_ON, judge, type Judgement, type Policy } from "./policy.ts";
import type { RunInfo } from "./run-info.ts";

/** Everything that the reports tell. */
export interface Report {
  readonly info: RunInfo;
  readonly agents: readonly AgentReport[];
  /** The cases of all agents, in the order of the suite. */
  readonly ids: readonly CaseId[];
  readonly judgement: Judgement;
}

/** One peer and its results. */
export interface AgentReport {
  readonly name: string;
  readonly url: string | null;
  /** The part of file names that stands for the agent. */
  readonly stem: string;
  /** The selected cases and those that gave a result, in the order of the suite. */
  readonly ids: readonly CaseId[];
  readonly results: ReadonlyMap<CaseId, CaseResult>;
  readonly verdicts: ReadonlyMap<CaseId, Verdict>;
}

/** Joins them. If a case was played twice with the same agent, the later result counts, as with the original. */
export function report(
  results: readonly CaseResult[],
  info: RunInfo,
  policy: Policy = { failOn: DEFAULT_FAIL_ON, baseline: null },
): Report {
  const names = [...new Set([...info.agents.map(({ name }) => name), ...results.map(({ agent }) => agent)])];
  const stems = agentStems(names);
  const agents = names.map((name, index): AgentReport => {
    const known = info.agents.find((agent) => agent.name === name);
    const stem = stems[index];
    const own = new Map(results.filter(({ agent }) => agent === name).map((result) => [result.id, result]));
    const ids = inOrder([...(known?.ids ?? info.ids), ...own.keys()]);
    const verdicts = new Map([...own].map(([id, result]) => [id, verdict(result, caseStem(stem, id))]));
    return { name, url: known?.url ?? null, stem, ids, results: own, verdicts };
  });
  const ids = inOrder(agents.flatMap((agent) => agent.ids));
  return { info, agents, ids, judgement: judge(agents, policy, info.findings) };
}

/** Orders ids as the suite does: by numbers, 2.9 before 2.10; own sections, which begin with a letter, behind them. */
export function compareIds(one: CaseId, other: CaseId): number {
  const left = one.split(".");
  const right = other.split(".");
  for (let index = 0; index < Math.max(left.length, right.length); index++) {
    const [a = "", b = ""] = [left[index], right[index]];
    if (a === b) continue;
    const difference = Number(a) - Number(b);
    return Number.isNaN(difference) ? (a < b ? -1 : 1) : difference;
  }
  return 0;
}

/** "6" and "6.4" for "6.4.1"; "5" and "5" for "5.19". */
export function sectionsOf(id: CaseId): [section: string, subsection: string] {
  const parts = id.split(".");
  return [parts[0], parts.length > 2 ? `${parts[0]}.${parts[1]}` : parts[0]];
}

/** "2026-04-02T15:18:08.966Z"; the original's way to write a time. */
export function isoTime(milliseconds: number): string {
  return new Date(milliseconds).toISOString();
}

function inOrder(ids: readonly CaseId[]): CaseId[] {
  return [...new Set(ids)].sort(compareIds);
}

// A connection that never opened lasted no time. (The original says milliseconds since 1970, which spoils every sum.)
function verdict(result: CaseResult, stem: string): Verdict {
  const { behavior, behaviorClose, duration, remoteCloseCode } = result;
  return { behavior, behaviorClose, duration: duration ?? 0, remoteCloseCode, reportfile: `${stem}.json` };
}
