// The run as JUnit XML, which CI systems read. A suite per agent, a test case per case. In: a report. Out: an XML document. Only what the
// policy minds is a failure; a missing result is an error; unimplemented extensions and what the baseline knows are skipped. Pure.
// Next file: github.ts.
import type { CaseId } from "../cases/case.ts";
import type { CaseResult } from "../engine/result.ts";
import { caseText } from "./case-text.ts";
import { xml } from "./escape.ts";
import { type AgentReport, isoTime, type Report, sectionsOf } from "./report.ts";
import { both, outcome } from "./words.ts";

/** The text of junit.xml. */
export function junit(report: Report): string {
  const suites = report.agents.map((agent) => suite(agent, report));
  const total = (key: "tests" | "failures" | "errors" | "skipped"): number => suites.reduce((sum, one) => sum + one[key], 0);
  const name = attribute("name", `${report.info.suite.name} ${report.info.suite.version}`);
  const counts = `tests="${total("tests")}" failures="${total("failures")}" errors="${total("errors")}" skipped="${
    total("skipped")
  }"`;
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites ${name} ${counts} time="${report.info.seconds.toFixed(3)}">`,
    ...suites.flatMap(({ lines }) => lines),
    "</testsuites>",
    "",
  ].join("\n");
}

interface Suite {
  readonly tests: number;
  readonly failures: number;
  readonly errors: number;
  readonly skipped: number;
  readonly lines: readonly string[];
}

function suite(agent: AgentReport, { info, judgement }: Report): Suite {
  const failing = new Set(judgement.failures.filter((one) => one.agent === agent.name).map(({ id }) => id));
  const known = new Set(judgement.known.filter((one) => one.agent === agent.name).map(({ id }) => id));
  const cases = agent.ids.map((id) => {
    const outcome = outcomeOf(id, agent.results.get(id), failing.has(id), known.has(id));
    return { kind: outcome?.kind ?? null, lines: testcase(id, agent, info.titles, outcome?.line ?? null) };
  });
  const silent = judgement.silent.filter((finding) => finding.agent === agent.name).map(({ text }) => ({
    kind: "failure" as const,
    lines: [
      `    <testcase ${attribute("classname", agent.name)} name="liveness" time="0">`,
      `      <failure type="silent" ${attribute("message", text)}/>`,
      "    </testcase>",
    ],
  }));
  const all = [...cases, ...silent];
  const count = (kind: Outcome["kind"]): number => all.filter((one) => one.kind === kind).length;
  const [tests, failures, errors, skipped] = [all.length, count("failure"), count("error"), count("skipped")];
  const seconds = [...agent.verdicts.values()].reduce((sum, { duration }) => sum + duration, 0) / 1_000;
  const counts = `tests="${tests}" failures="${failures}" errors="${errors}" skipped="${skipped}" time="${seconds.toFixed(3)}"`;
  const properties = {
    profile: info.profile,
    role: info.role,
    transport: info.transport,
    ...(agent.url !== null && { url: agent.url }),
  };
  return {
    tests,
    failures,
    errors,
    skipped,
    lines: [
      `  <testsuite ${attribute("name", agent.name)} ${counts} timestamp="${isoTime(info.started).slice(0, 19)}">`,
      "    <properties>",
      ...Object.entries(properties).map(([name, value]) => `      <property name="${name}" ${attribute("value", value)}/>`),
      "    </properties>",
      ...all.flatMap(({ lines }) => lines),
      "  </testsuite>",
    ],
  };
}

interface Outcome {
  readonly kind: "failure" | "error" | "skipped";
  readonly line: string;
}

function outcomeOf(id: CaseId, result: CaseResult | undefined, failing: boolean, known: boolean): Outcome | null {
  if (result === undefined) {
    const message = 'message="the case gave no result"';
    return failing
      ? { kind: "error", line: `<error type="MISSING" ${message}/>` }
      : { kind: "skipped", line: `<skipped ${message}/>` };
  }
  const message = attribute("message", `${both(result)}: ${outcome(result)}`);
  if (failing) {
    return { kind: "failure", line: `<failure ${attribute("type", both(result))} ${message}>${xml(caseText(result))}</failure>` };
  }
  if (known) {
    return { kind: "skipped", line: `<skipped ${attribute("message", `known from the baseline: ${id} ${both(result)}`)}/>` };
  }
  return result.behavior === "UNIMPLEMENTED" ? { kind: "skipped", line: `<skipped ${message}/>` } : null;
}

function testcase(
  id: CaseId,
  { name, results, verdicts }: AgentReport,
  titles: Report["info"]["titles"],
  line: string | null,
): string[] {
  const [section, subsection] = sectionsOf(id);
  const title = titles[subsection] ?? titles[section] ?? `Section ${section}`;
  const seconds = ((verdicts.get(id)?.duration ?? 0) / 1_000).toFixed(3);
  const text = results.get(id)?.description.split("\n")[0] ?? "";
  const open = `<testcase ${attribute("classname", `${name}.${title}`)} ${
    attribute("name", `${id} ${text}`.trim())
  } time="${seconds}"`;
  return line === null ? [`    ${open}/>`] : [`    ${open}>`, `      ${line}`, "    </testcase>"];
}

function attribute(name: string, value: string): string {
  return `${name}="${xml(value)}"`;
}
