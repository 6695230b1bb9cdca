// The part of the page that needs no script: what was tested, the counts, and the matrix of cases by agents. In: a report. Out: HTML.
// Every text goes through `html()`; the class names and ids below are those of style.ts and script.ts. Pure. Next file: page.ts.
import type { CaseId } from "../../cases/case.ts";
import type { Verdict } from "../verdict.ts";
import { html } from "../escape.ts";
import type { Judged } from "../policy.ts";
import { type AgentReport, isoTime, type Report, sectionsOf } from "../report.ts";
import { conclusion } from "../table.ts";
import { behaviors, behaviorWord, closeCell, closes, type Word } from "../words.ts";

/** What was tested, when, by what, and how it went. */
export function header(report: Report): string {
  const { info, agents, ids, judgement } = report;
  const facts: [string, string][] = [
    ["Tested", `${plural(agents.length, info.role)}, ${plural(ids.length, "case")}`],
    ["Over", info.transport === "in-process" ? "calls in one process" : info.transport],
    [
      "Profile",
      info.profile === "compat" ? "compat: verdicts as the original's" : "strict: the original's known mistakes mended",
    ],
    ["Suite", `${info.suite.name} ${info.suite.version}`],
    ["When", info.started === 0 ? "on a virtual clock" : `${isoTime(info.started).slice(0, 19).replace("T", " ")} UTC`],
    ["Took", duration(info.seconds)],
    ...Object.entries(info.options).map(([name, value]): [string, string] => [name, String(value)]),
  ];
  return `<header class="top">
<p class="kicker">WebSocket conformance, RFC 6455 and RFC 7692</p>
<h1>${agents.length === 1 ? name(agents[0].name) : html(`${agents.length} ${info.role}s compared`)}</h1>
<p class="conclusion ${judgement.holds ? "pass" : "fail"}"><span aria-hidden="true">${judgement.holds ? "✓" : "✗"}</span> ${
    html(conclusion(judgement))
  }</p>
<dl class="facts">${facts.map(([key, value]) => `<div><dt>${html(key)}</dt><dd>${html(value)}</dd></div>`).join("")}</dl>
<div class="cards">${agents.map((agent) => card(agent, report)).join("")}</div>
</header>`;
}

/** Search, sections, verdicts. Without the script they are hidden. */
export function tools({ agents, ids, info, judgement }: Report): string {
  const keys = new Map<string, number>();
  for (const agent of agents) {
    for (const id of agent.ids) for (const key of cellKeys(agent, id, judgement)) keys.set(key, (keys.get(key) ?? 0) + 1);
  }
  const chips = Object.entries(chipWords).filter(([key]) => keys.has(key)).map(([key, { label, mark, style, meaning }]) =>
    `<button type="button" class="chip ${style}" data-key="${key}" aria-pressed="false" title="${html(meaning)}">` +
    `<span aria-hidden="true">${mark}</span> ${html(label)} <b>${keys.get(key)}</b></button>`
  );
  const sections = [...new Set(ids.flatMap((id) => sectionsOf(id)))].map((section) =>
    `<option value="${html(section)}">${section.includes(".") ? "&#8195;" : ""}${
      html(`${section} ${short(info.titles[section])}`)
    }</option>`
  );
  return `<div class="tools" id="tools" role="search">
<div class="line"><label class="search"><span class="hidden">Search by case id or text</span><input id="search" type="search" placeholder="Search: 6.4 or close code" autocomplete="off" spellcheck="false"></label>
<label class="sections"><span class="hidden">Section</span><select id="section"><option value="">All sections</option>${
    sections.join("")
  }</select></label>
<button type="button" id="theme" class="plain" title="Dark, light or as the system has it">Theme: system</button></div>
<div class="chips" role="group" aria-label="Show only cases with">${
    chips.join("")
  }<output id="count" for="search section"></output></div>
</div>`;
}

/** The matrix. */
export function matrix({ info, agents, ids, judgement }: Report): string {
  const groups: string[] = [];
  let section = "";
  let subsection = "";
  for (const id of ids) {
    const [own, sub] = sectionsOf(id);
    if (own !== section) {
      if (groups.length > 0) groups.push("</tbody>");
      groups.push(`<tbody>${groupRow("section", own, info.titles[own], agents, (one) => sectionsOf(one)[0] === own)}`);
    }
    if (sub !== subsection && sub !== own) {
      groups.push(groupRow("subsection", sub, info.titles[sub], agents, (one) => sectionsOf(one)[1] === sub));
    }
    [section, subsection] = [own, sub];
    const keys = new Set(agents.flatMap((agent) => (agent.ids.includes(id) ? cellKeys(agent, id, judgement) : [])));
    const text = agents.map(({ results }) => results.get(id)?.description).find((one) => one !== undefined) ?? "";
    const cells = agents.map((agent, index) => cell(agent, index, id)).join("");
    groups.push(
      `<tr data-id="${html(id)}" data-keys="${[...keys].join(" ")}"><th scope="row">${html(id)}</th>` +
        `<td class="about"><span>${html(text.replace(/\s+/g, " "))}</span></td>${cells}</tr>`,
    );
  }
  const heads = agents.map(({ name: one }) => `<th scope="col" class="agent">${name(one)}</th>`).join("");
  return `<table id="matrix" class="${agents.length === 1 ? "single" : "several"}">
<caption class="hidden">Verdicts by case and agent. Arrow keys move, Enter opens a case.</caption>
<thead><tr><th scope="col">Case</th><th scope="col" class="about">What is sent</th>${heads}</tr></thead>
${groups.join("\n")}${groups.length > 0 ? "</tbody>" : ""}
</table>
<p id="nothing" class="nothing" hidden>No case fits. <button type="button" id="reset" class="plain">Show all cases</button></p>`;
}

/** What the marks and the keys mean. */
export function legend(): string {
  const rows = (words: readonly Word[]): string =>
    words.map(({ label, mark, style, meaning }) =>
      `<div><dt><span class="badge ${style}"><span aria-hidden="true">${mark}</span> ${html(label)}</span></dt><dd>${
        html(meaning)
      }</dd></div>`
    ).join("");
  const keys = [
    ["/", "search"],
    ["↑ ↓ ← →", "move between cases and agents (j and k too)"],
    ["Enter", "open a case"],
    ["n, p", "next and previous case of those shown"],
    ["Esc", "close the case, or clear the search"],
  ].map(([key, meaning]) => `<div><dt><kbd>${key}</kbd></dt><dd>${meaning}</dd></div>`);
  return `<details class="legend" id="legend"><summary>What the marks and keys mean</summary>
<h2>What the peer sent</h2><dl>${rows(Object.values(behaviors))}</dl>
<h2>How the connection ended</h2><dl>${rows(Object.values(closes))}</dl>
<h2>Keys</h2><dl>${keys.join("")}</dl></details>`;
}

function card({ name: agent, url, ids, verdicts }: AgentReport, { info }: Report): string {
  const labels = Object.keys(behaviors) as (keyof typeof behaviors)[];
  const count = (label: string): number => ids.filter((id) => (verdicts.get(id)?.behavior ?? "MISSING") === label).length;
  const counts = labels.map((label) => ({ word: behaviors[label], times: count(label) })).filter(({ times }) => times > 0);
  const passed = count("OK");
  let x = 0;
  const bars = counts.map(({ word, times }) => {
    const bar = `<rect class="${word.style}" x="${x}" width="${times}" height="10"/>`;
    x += times;
    return bar;
  });
  const ends = Object.entries(closes).filter(([label]) => label !== "OK" && label !== "INFORMATIONAL").map(([label, word]) => ({
    word,
    times: [...verdicts.values()].filter(({ behaviorClose }) => behaviorClose === label).length,
  }));
  const badges = [...counts, ...ends].filter(({ word, times }) => times > 0 && word !== behaviors.OK).map(({ word, times }) =>
    `<li class="badge ${word.style}"><span aria-hidden="true">${word.mark}</span> ${times} ${html(word.label)}</li>`
  );
  const silent = info.findings.filter((finding) => finding.agent === agent);
  return `<section class="card"><h2>${name(agent)}</h2><p class="score"><b>${passed}</b> of ${ids.length} passed</p>
${url === null ? "" : `<p class="url">${html(url)}</p>`}
<svg class="bar" viewBox="0 0 ${Math.max(1, ids.length)} 10" preserveAspectRatio="none" aria-hidden="true">${bars.join("")}</svg>
<ul class="badges">${badges.length === 0 ? "<li>Nothing else to tell.</li>" : badges.join("")}</ul>${
    silent.map(({ text }) => `<p class="silent">${html(text)}</p>`).join("")
  }</section>`;
}

function groupRow(
  kind: string,
  section: string,
  title: string | undefined,
  agents: readonly AgentReport[],
  inside: (id: CaseId) => boolean,
): string {
  const counts = agents.map(({ ids, verdicts }) => {
    const own = ids.filter(inside);
    const good = own.filter((id) => verdicts.get(id)?.behavior === "OK" && verdicts.get(id)?.behaviorClose === "OK").length;
    return `<td>${own.length === 0 ? "" : `<span class="hidden">clean passes </span>${good}/${own.length}`}</td>`;
  });
  return `<tr class="group ${kind}" data-group="${html(section)}"><th colspan="2" scope="rowgroup"><div><span>${
    html(section)
  }</span> ${html(title ?? "")}</div></th>${counts.join("")}</tr>`;
}

function cell({ stem, ids, results, verdicts }: AgentReport, index: number, id: CaseId): string {
  if (!ids.includes(id)) return `<td class="absent"><span class="hidden">not selected for this agent</span></td>`;
  const verdict = verdicts.get(id);
  const word = behaviorWord(verdict?.behavior ?? null);
  const label = `<span class="mark" aria-hidden="true">${word.mark}</span> <span class="label">${html(word.label)}</span>`;
  if (verdict === undefined) return `<td><span class="cell ${word.style}">${label}</span></td>`;
  const { reportTime, duration } = results.get(id)!;
  const time = reportTime && duration !== null ? `<span class="time">${duration.toLocaleString("en")} ms</span>` : "";
  return `<td><a class="cell ${word.style}" tabindex="-1" data-agent="${index}" href="#${
    html(`${encodeURIComponent(id)}/${stem}`)
  }">${label}</a>${close(verdict)}${time}</td>`;
}

function close({ behaviorClose, remoteCloseCode }: Verdict): string {
  const { style, meaning } = closes[behaviorClose as keyof typeof closes] ?? closes.FAILED;
  return `<span class="close ${behaviorClose === "OK" ? "" : style}" title="${html(meaning)}">${
    html(closeCell(behaviorClose, remoteCloseCode))
  }</span>`;
}

/** What a cell can be filtered by: names of `chipWords`. */
function cellKeys(agent: AgentReport, id: CaseId, judgement: Report["judgement"]): string[] {
  const verdict = agent.verdicts.get(id);
  const among = (list: readonly Judged[]): boolean => list.some((one) => one.id === id && one.agent === agent.name);
  return [
    behaviorWord(verdict?.behavior ?? null).style,
    ...(verdict === undefined ? [] : [verdict.behaviorClose.toLowerCase().replaceAll(" ", "-")].map((close) => `close-${close}`)),
    ...(among(judgement.failures) ? ["failing"] : []),
    ...(among(judgement.known) ? ["known"] : []),
    ...(among(judgement.improvements) ? ["better"] : []),
  ];
}

function name(agent: string): string {
  return `<bdi>${html(agent)}</bdi>`;
}

function short(title: string | undefined): string {
  return title === undefined ? "" : title.length > 60 ? `${title.slice(0, 59)}…` : title;
}

function duration(seconds: number): string {
  if (seconds < 120) return `${seconds.toFixed(1)} s`;
  return `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`;
}

function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

// The filters, most wanted first.
const chipWords: Readonly<Record<string, Word>> = {
  failing: { label: "Fails the run", mark: "!", style: "fail", meaning: "What the policy does not let pass." },
  known: { label: "Known", mark: "=", style: "info", meaning: "As bad as in the baseline." },
  better: { label: "Better", mark: "+", style: "pass", meaning: "Better than in the baseline." },
  fail: behaviors.FAILED,
  missing: behaviors.MISSING,
  "close-failed": closes.FAILED,
  "close-unclean": closes.UNCLEAN,
  "close-wrong-code": closes["WRONG CODE"],
  "close-failed-by-client": closes["FAILED BY CLIENT"],
  "non-strict": behaviors["NON-STRICT"],
  info: behaviors.INFORMATIONAL,
  unimplemented: behaviors.UNIMPLEMENTED,
  pass: behaviors.OK,
};
