// One case for tools: the 39 keys of the original's case JSON with the original's names and values, and ours among them: note, opened,
// profile, schemaVersion, suite, times, transport. Readers of the original's files pass over keys they do not know. Pure.
// Next file: case-text.ts, the same for people.
import type { CaseResult } from "../engine/result.ts";
import { SCHEMA_VERSION } from "./index-json.ts";
import { json } from "./json.ts";
import { isoTime } from "./report.ts";
import type { RunInfo } from "./run-info.ts";

/** The text of `<agent>_case_<id>.json`. */
export function caseJson(result: CaseResult, info: RunInfo): string {
  const { expectedClose: close, ...rest } = result;
  return json({
    ...rest,
    createStats: true,
    duration: result.duration ?? 0,
    expectedClose: close === null ? {} : {
      closeCode: close.codes,
      closedByMe: close.closedByMe,
      requireClean: close.requireClean,
      ...(close.wrongEndpointIsFatal === true && { closedByWrongEndpointIsFatal: true }),
    },
    httpRequest: result.httpRequest || "?",
    httpResponse: result.httpResponse || "?",
    started: isoTime(result.started),
    opened: result.duration !== null,
    schemaVersion: SCHEMA_VERSION,
    suite: `${info.suite.name} ${info.suite.version}`,
    transport: info.transport,
  });
}
