// One case for people who read plain text: the sections of the original's page in its order, its lines for tables and wire log, and two that
// it does not have: the first difference between expected and observed, and the time of each row. In: a CaseResult. Out: a text. Pure.
// Next file: table.ts, the whole run in one table.
import type { CaseResult } from "../engine/result.ts";
import { firstDifference } from "./difference.ts";
import { visible } from "./escape.ts";
import { isoTime } from "./report.ts";
import { closingRows, eventsText, expectedText, frameRows, headLines, octetRows, wireLines } from "./wire-text.ts";
import { behaviorWord } from "./words.ts";

/** The report of a case, with a line end behind its last line. */
export function caseText(result: CaseResult): string {
  const difference = firstDifference(result);
  return [
    [headline(result)],
    ["Case Description", "", ...lines(result.description)],
    ["Case Expectation", "", ...lines(result.expectation)],
    ["Case Outcome", "", ...lines(result.result), ...(result.note === null ? [] : ["", ...lines(result.note)])],
    ["Expected:", expectedText(result.expected)],
    ["Observed:", eventsText(result.received)],
    ...(difference === null ? [] : [["First Difference:", difference.sentence]]),
    ["Case Closing Behavior", "", `${result.resultClose} (${result.behaviorClose})`],
    ["Opening Handshake", "", ...headLines(result.httpRequest || "?"), "", ...headLines(result.httpResponse || "?")],
    ["Closing Behavior", "", ...table(["Key", "Value", "Description"], closingRows(result))],
    ["Wire Statistics"],
    ["Octets Received by Chop Size", "", ...table(["Chop Size", "Count", "Octets"], octetRows(result.rxOctetStats))],
    ["Octets Transmitted by Chop Size", "", ...table(["Chop Size", "Count", "Octets"], octetRows(result.txOctetStats))],
    ["Frames Received by Opcode", "", ...table(["Opcode", "Count"], frameRows(result.rxFrameStats))],
    ["Frames Transmitted by Opcode", "", ...table(["Opcode", "Count"], frameRows(result.txFrameStats))],
    ...traffic(result),
    ["Wire Log", "", ...wireLines(result).flat()],
    ...(result.times.length === 0 ? [] : [["Wire Log Times (milliseconds, by row)", "", result.times.join(" ")]]),
  ].map((section) => section.join("\n")).join("\n\n") + "\n";
}

/** `stratus@2 - Case 5.19 : Fail - 2003 ms @ 2026-04-02T15:18:08.966Z` */
export function headline({ agent, id, behavior, duration, started }: CaseResult): string {
  const label = longNames[behavior as keyof typeof longNames] ?? behaviorWord(behavior).label;
  const time = duration === null ? "never opened" : `${duration} ms`;
  return `${visible(agent)} - Case ${id} : ${label} - ${time}${started === 0 ? "" : ` @ ${isoTime(started)}`}`;
}

function table(head: readonly string[], rows: readonly (readonly (string | number)[])[]): string[] {
  return [head, ...rows].map((cells) => `| ${cells.join(" | ")} |`);
}

function traffic({ trafficStats: stats, reportCompressionRatio }: CaseResult): string[][] {
  if (!reportCompressionRatio || stats === null) return [];
  const rows = Object.entries(stats).map(([key, value]): [string, string] => [key, value === null ? "-" : String(value)]);
  return [["Compression", "", ...table(["Key", "Value"], rows)]];
}

function lines(text: string): string[] {
  return text.split(/\r?\n/).map(visible);
}

// In headlines the original writes two verdicts out that it abbreviates in tables.
const longNames = { "NON-STRICT": "Non-Strict", INFORMATIONAL: "Informational" } as const;
