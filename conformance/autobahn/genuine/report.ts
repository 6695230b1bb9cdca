// The results of several processes of the suite as one report. In: the report folders of the jobs. Out: one folder with the suite's own page
// and JSON file for every case, one index.json in the suite's format, and one index.html that links to them (the suite's own index pages
// know the cases of one process only). Next file: progress.ts.
import { copyFileSync, existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { type Deviation, table, type Verdict } from "./verdicts.ts";

/** Everything the pages show. */
export interface Report {
  readonly agent: string;
  /** For people: what tested what, and when. */
  readonly title: string;
  readonly ids: readonly string[];
  readonly verdicts: ReadonlyMap<string, Verdict>;
  readonly deviations: readonly Deviation[];
}

/** Fills `folder`, which is emptied first, from the jobs' report folders. */
export function write(folder: string, report: Report, parts: readonly string[]): void {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  for (const part of parts.filter((path) => existsSync(path))) {
    for (const name of readdirSync(part).filter((file) => !file.startsWith("index."))) {
      copyFileSync(`${part}/${name}`, `${folder}${name}`);
    }
  }
  const index = {
    [report.agent]: Object.fromEntries(
      report.ids.filter((id) => report.verdicts.has(id)).map((id) => [id, report.verdicts.get(id)]),
    ),
  };
  writeFileSync(`${folder}index.json`, JSON.stringify(index, null, 3));
  writeFileSync(`${folder}index.html`, page(report));
}

/** Lines for people: every deviation with the case, both verdicts, what was expected and the file with the details. */
export function describe(deviations: readonly Deviation[], folder: string): string[] {
  const missing = deviations.flatMap(({ id, found }) => found === null ? [id] : []);
  const lines = deviations.flatMap(({ id, rule, found }) => {
    if (found === null) return [];
    const wanted = `${rule.behavior.join(" or ")} / ${rule.behaviorClose.join(" or ")}`;
    return [`${id}  ${found.behavior} / ${found.behaviorClose}, expected ${wanted}  ${folder}${html(found.reportfile)}`];
  });
  return missing.length === 0 ? lines : [...lines, `${missing.length} cases gave no verdict: ${missing.join(" ")}`];
}

function page({ title, ids, verdicts, deviations }: Report): string {
  const deviating = new Set(deviations.map(({ id }) => id));
  const rows = ids.map((id) => {
    const verdict = verdicts.get(id);
    const link = verdict === undefined ? id : `<a href="${html(verdict.reportfile)}">${id}</a>`;
    const cells = verdict === undefined
      ? ["MISSING", "", "", ""]
      : [verdict.behavior, verdict.behaviorClose, verdict.remoteCloseCode ?? "none", `${verdict.duration} ms`];
    return `<tr${deviating.has(id) ? ' class="deviation"' : ""}><td>${[link, ...cells].join("</td><td>")}</td></tr>`;
  });
  return [
    `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>${title}</title>`,
    "<style>body{font-family:sans-serif}td,th{padding:0 1em;text-align:left}.deviation{background:#fcc}</style></head>",
    `<body><h1>${title}</h1><p>${ids.length} cases, ${deviations.length} not as expected.</p><pre>${table(ids, verdicts)}</pre>`,
    "<table><tr><th>case</th><th>behavior</th><th>close</th><th>peer's close code</th><th>time</th></tr>",
    ...rows,
    "</table></body></html>",
    "",
  ].join("\n");
}

function html(reportfile: string): string {
  return reportfile.replace(/\.json$/, ".html");
}
