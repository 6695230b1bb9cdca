// Reports into a folder: the only file here that touches the world. In: a report, a folder, the formats wanted. Out: the files written.
// The folder is made if it is not there, and never emptied: it is the caller's.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { caseJson } from "./case-json.ts";
import { caseText } from "./case-text.ts";
import { annotations, stepSummary } from "./github.ts";
import { page } from "./html/page.ts";
import { indexJson, runJson } from "./index-json.ts";
import { junit } from "./junit.ts";
import { markdown } from "./markdown.ts";
import { caseStem } from "./names.ts";
import type { Report } from "./report.ts";
import { terminal } from "./table.ts";

/** What can be written. */
export type Format = "html" | "json" | "text" | "junit" | "markdown" | "github";

/** Every format, as `--format` names them. */
export const FORMATS: readonly Format[] = ["html", "json", "text", "junit", "markdown", "github"];

/**
 * Writes the report and gives the paths of its files. `json`: index.json, run.json and a file per case; `text`: summary.txt and a file per case;
 * `html`: index.html; `junit`: junit.xml; `markdown`: summary.md; `github`: annotations.txt (to be printed) and step-summary.md.
 * Throws what the file system throws.
 */
export function write(report: Report, outdir: string, formats: readonly Format[]): string[] {
  mkdirSync(outdir, { recursive: true });
  return FORMATS.filter((format) => formats.includes(format)).flatMap((format) => texts(report, format, formats)).map(
    ([name, text]) => {
      const path = join(outdir, name);
      writeFileSync(path, text);
      return path;
    },
  );
}

function texts(report: Report, format: Format, formats: readonly Format[]): [name: string, text: string][] {
  switch (format) {
    case "html":
      return [["index.html", page(report, { json: formats.includes("json"), text: formats.includes("text") })]];
    case "json":
      return [["index.json", indexJson(report)], ["run.json", runJson(report)], ...cases(report, "json")];
    case "text":
      return [["summary.txt", terminal(report)], ...cases(report, "txt")];
    case "junit":
      return [["junit.xml", junit(report)]];
    case "markdown":
      return [["summary.md", markdown(report)]];
    case "github":
      return [["annotations.txt", annotations(report)], ["step-summary.md", stepSummary(report)]];
  }
}

function cases({ agents, info }: Report, ending: "json" | "txt"): [name: string, text: string][] {
  return agents.flatMap(({ stem, results }) =>
    [...results.values()].map((result): [string, string] => [
      `${caseStem(stem, result.id)}.${ending}`,
      ending === "json" ? caseJson(result, info) : caseText(result),
    ])
  );
}
