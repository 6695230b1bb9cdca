// The run as GitHub shows it: annotations (workflow commands on stdout) and a step summary (Markdown, for the file that GITHUB_STEP_SUMMARY
// names). In: a report. Out: texts. Pure. Next file: write.ts.
import { githubData, githubProperty } from "./escape.ts";
import { markdown } from "./markdown.ts";
import type { Judged } from "./policy.ts";
import type { Report } from "./report.ts";
import { conclusion } from "./table.ts";
import { both, outcome } from "./words.ts";

/** Lines for stdout: an error for what fails, a notice for what became better. */
export function annotations({ judgement, agents }: Report): string {
  const silent = judgement.silent.map(({ agent, text }) => command("error", `${agent} passes by silence`, text));
  const failed = judgement.failures.map((judged) =>
    command("error", `${judged.agent} ${judged.id}: ${both(judged.verdict)}`, why(judged, agents))
  );
  const empty = [command("error", "Conformance", conclusion(judgement))];
  const errors = judgement.holds || silent.length + failed.length > 0 ? [...silent, ...failed] : empty;
  const better = judgement.improvements.map(({ agent, id, verdict, before }) =>
    command("notice", `${agent} ${id} is better than the baseline`, `${both(verdict)}, was ${both(before)}`)
  );
  return [...few(errors, "error"), ...few(better, "notice")].map((line) => `${line}\n`).join("");
}

/** Markdown for the step summary. */
export function stepSummary(report: Report): string {
  return `## WebSocket conformance\n\n${markdown(report)}`;
}

function why({ agent, id, before }: Judged, agents: Report["agents"]): string {
  const result = agents.find(({ name }) => name === agent)?.results.get(id);
  const was = before === null ? "" : ` The baseline has ${both(before)}.`;
  return `${result === undefined ? "The case gave no result." : outcome(result)}${was}`;
}

function few(lines: readonly string[], kind: "error" | "notice"): string[] {
  if (lines.length <= kept) return [...lines];
  const rest = lines.length - kept + 1;
  return [...lines.slice(0, kept - 1), command(kind, "Conformance", `and ${rest} more: see the step summary`)];
}

function command(kind: "error" | "notice", title: string, message: string): string {
  return `::${kind} title=${githubProperty(title)}::${githubData(message)}`;
}

// GitHub keeps ten annotations of each kind per step and drops the others without a word.
const kept = 10;
