// The run in Markdown, for a README, a pull request or a step summary. In: a report. Out: a table of sections by agents, then what the policy
// minds. Peers' names are written as code, so that nothing in them is a mention or a link. Pure. Next file: junit.ts.
import type { Verdict } from "./verdict.ts";
import { markdown as escape, markdownCode as code } from "./escape.ts";
import type { Judged } from "./policy.ts";
import { type AgentReport, isoTime, type Report } from "./report.ts";
import { conclusion, type Group, sectionGroups } from "./table.ts";
import { behaviors, behaviorWord, both, closeWord } from "./words.ts";

/** The text of summary.md. */
export function markdown({ info, agents, ids, judgement }: Report): string {
  const groups = sectionGroups(ids, info.titles);
  const rows = groups.map((group) => [
    escape(group.title),
    String(group.ids.length),
    ...agents.map((agent) => cell(agent, group)),
  ]);
  const all = ["**all**", String(ids.length), ...agents.map((agent) => cell(agent, { title: "all", ids }))];
  const when = info.started === 0 ? "on a virtual clock" : isoTime(info.started);
  return [
    `**${escape(conclusion(judgement))}**`,
    "",
    ...table(["Section", "Cases", ...agents.map(({ name }) => code(name))], [...rows, all]),
    "",
    `${escape(`${info.suite.name} ${info.suite.version}`)}, profile ${info.profile}, ${info.role}s over ${info.transport}, ` +
    `${info.seconds.toFixed(1)} s, ${when}.`,
    ...section("Fail", judgement.failures),
    ...judgement.silent.flatMap(({ agent, text }) => ["", `${code(agent)} passes by silence: ${escape(text)}`]),
    ...section("As bad as in the baseline", judgement.known),
    ...section("Better than in the baseline", judgement.improvements),
    "",
  ].join("\n");
}

/** `16/16`, or what is not simply a pass: `14/16: 1 Fail, 1 Unclean`. */
function cell({ ids, verdicts }: AgentReport, group: Group): string {
  const own = new Set(ids);
  const selected = group.ids.filter((id) => own.has(id));
  if (selected.length === 0) return "not run";
  const found = selected.map((id) => verdicts.get(id) ?? null);
  const good = found.filter((verdict) => verdict?.behavior === "OK" && verdict.behaviorClose === "OK").length;
  const rest = [...counted(found, behaviorOf), ...counted(found, closeOf)];
  return `${good}/${selected.length}${rest.length === 0 ? "" : `: ${rest.join(", ")}`}`;
}

function counted(found: readonly (Verdict | null)[], of: (verdict: Verdict | null) => string | null): string[] {
  const labels = found.map(of).filter((label) => label !== null);
  return [...new Set(labels)].map((label) => `${labels.filter((one) => one === label).length} ${escape(label)}`);
}

function behaviorOf(verdict: Verdict | null): string | null {
  const { label } = behaviorWord(verdict?.behavior ?? null);
  return label === behaviors.OK.label ? null : label;
}

function closeOf(verdict: Verdict | null): string | null {
  const plain = verdict === null || verdict.behaviorClose === "OK" || verdict.behaviorClose === "INFORMATIONAL";
  return plain ? null : closeWord(verdict.behaviorClose).label;
}

function section(title: string, list: readonly Judged[]): string[] {
  if (list.length === 0) return [];
  const rows = list.slice(0, longest).map(({ agent, id, verdict, before }) => [
    code(agent),
    id,
    both(verdict),
    before === null ? "" : both(before),
  ]);
  const more = list.length > longest ? ["", `and ${list.length - longest} more`] : [];
  return ["", `### ${title} (${list.length})`, "", ...table(["Agent", "Case", "Found", "Before"], rows), ...more];
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  return [head, head.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`);
}

// Rows of a list: a pull request's comment has at most 65,536 characters.
const longest = 100;
