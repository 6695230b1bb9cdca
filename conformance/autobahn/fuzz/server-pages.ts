// What comes in: a request without Upgrade, and how far the run is. What goes out: an HTTP response: the cases as JSON for harnesses, or a
// page for people. Everything that a peer named is escaped. Pure. RFC 9112 §4. Next file: server.ts.
import { Buffer } from "node:buffer";
import type { Case } from "../cases/case.ts";
import { html } from "../report/escape.ts";

/** A response that says all, behind which the connection ends. */
export function httpText(status: string, type: string, body: string, ...headers: readonly string[]): string {
  return [
    `HTTP/1.1 ${status}`,
    `Content-Type: ${type}; charset=utf-8`,
    `Content-Length: ${Buffer.byteLength(body)}`,
    "Cache-Control: no-store",
    "Access-Control-Allow-Origin: *",
    "Connection: close",
    ...headers,
    "",
    body,
  ].join("\r\n");
}

/** `/cases`: what `case` and `casetuple` of the other paths mean. */
export function casesJson(cases: readonly Case[]): string {
  return JSON.stringify(cases.map(({ id, description, expectation }, at) => ({ case: at + 1, id, description, expectation })));
}

/** How far an agent is. */
export interface Standing {
  readonly agent: string;
  readonly done: number;
}

/** The page that a browser sees. */
export function statusPage(suite: string, url: string, cases: number, standings: readonly Standing[]): string {
  const paths = [
    "getCaseCount",
    "getCaseInfo?case=1",
    "runCase?case=1&agent=NAME",
    "getCaseStatus?case=1&agent=NAME",
    "updateReports?agent=NAME",
  ];
  const rows = standings.map(({ agent, done }) => `<tr><td>${html(agent)}</td><td>${done} of ${cases}</td></tr>`);
  return [
    '<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">',
    `<title>${
      html(suite)
    }</title><style>body{font-family:sans-serif;margin:2em;color-scheme:light dark}td{padding:0 1em 0 0}</style>`,
    `</head><body><h1>${html(suite)}</h1><p>A fuzzing server: it tests WebSocket clients. ${cases} cases are selected; `,
    '<a href="/cases">/cases</a> lists them.</p><p>A client connects to</p><ul>',
    ...paths.map((path) => `<li><code>${html(`${url}/${path}`)}</code></li>`),
    "</ul><h2>Clients so far</h2>",
    rows.length === 0 ? "<p>None.</p>" : `<table>${rows.join("")}</table>`,
    "</body></html>\n",
  ].join("\n");
}
