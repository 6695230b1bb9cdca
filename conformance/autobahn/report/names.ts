// Agents and case ids to file names. In: names as peers give them, so any text. Out: names that are safe in a folder and never meet.
// The rule is the original's ("stratus@2" and 5.19 give stratus_2_case_5_19), with two mends: there, agents whose names differ in special
// characters only overwrite each other's files; and a name that a peer sends may be longer than a file name. Pure.
import type { CaseId } from "../cases/case.ts";

/** The part of a file name that stands for each agent, in the order given. No two are equal. */
export function agentStems(agents: readonly string[]): string[] {
  const taken = new Set<string>();
  return agents.map((agent) => {
    const stem = slug(agent);
    let free = stem;
    for (let next = 2; taken.has(free); next++) free = `${stem}_${next}`;
    taken.add(free);
    return free;
  });
}

/** A report's file name without its ending. */
export function caseStem(agentStem: string, id: CaseId): string {
  return `${agentStem}_case_${id.replace(/[^0-9A-Za-z]/g, "_")}`;
}

function slug(agent: string): string {
  return agent.trim().toLowerCase().replace(/[^0-9a-z]/g, " ").trim().replaceAll(" ", "_").slice(0, 100);
}
