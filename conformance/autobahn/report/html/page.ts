// One page for the whole run. In: a report. Out: one HTML text that opens from disk: no other file, no network, no framework.
// The matrix stands in the HTML; a case's report is drawn when it is opened, from the data block. Peers write agent names, handshakes and
// payloads, so beside the escaping a content security policy lets nothing run or style but the two texts whose hashes it names, and Trusted
// Types forbid to turn strings into HTML. Next files: model.ts, matrix.ts, style.ts, script.ts.
import { createHash } from "node:crypto";
import { html, scriptJson } from "../escape.ts";
import type { Report } from "../report.ts";
import { header, legend, matrix, tools } from "./matrix.ts";
import { type Links, model } from "./model.ts";
import { caseScript } from "./script-case.ts";
import { flowScript } from "./script-flow.ts";
import { listScript } from "./script-list.ts";
import { caseStyle } from "./style-case.ts";
import { listStyle } from "./style-list.ts";

/** The text of index.html. `links`: which files of each case stand beside it. */
export function page(report: Report, links: Links = { json: false, text: false }): string {
  const style = `${listStyle}${caseStyle}`;
  const script = `"use strict";\n(() => {\n${flowScript}${caseScript}${listScript}})();\n`;
  const names = report.agents.map(({ name }) => name).join(", ");
  const policy = [
    "default-src 'none'",
    `script-src '${hash(script)}'`,
    `style-src '${hash(style)}'`,
    "base-uri 'none'",
    "form-action 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join("; ");
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>${html(`WebSocket conformance: ${names.slice(0, 200)}`)}</title>
<style>${style}</style>
</head>
<body>
<div id="app">
<main id="list">
${header(report)}
${legend()}
${tools(report)}
${matrix(report)}
</main>
<aside id="case" aria-label="Report of a case" tabindex="-1" hidden></aside>
</div>
<noscript><p>Without scripts the matrix is complete, but search, filters and the reports of single cases are not there.</p></noscript>
<script type="application/json" id="data">${scriptJson(model(report, links))}</script>
<script>${script}</script>
</body>
</html>
`;
}

function hash(text: string): string {
  return `sha256-${createHash("sha256").update(text).digest("base64")}`;
}
