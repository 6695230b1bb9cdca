// What comes in: everything a played case has left. What goes out: its record: plain data under the names of the original's case JSON,
// with previews instead of payloads. Next file: wire.ts, a connection without a network.
import type { Case, Expected } from "../cases/case.ts";
import type { Course } from "./conduct.ts";
import type { Facts } from "./endpoint.ts";
import type { CaseResult, EventRow, Profile } from "./result.ts";
import type { Verdict } from "./verdict.ts";
import { hex, messageRow, pongRow, type Wirelog } from "./wirelog.ts";

export interface Remains {
  readonly theCase: Case;
  readonly isServer: boolean;
  readonly profile: Profile;
  readonly facts: Readonly<Facts>;
  readonly verdict: Verdict;
  readonly course: Course;
  readonly wirelog: Wirelog;
  readonly agent: string;
  readonly index: number;
  readonly started: number;
  readonly duration: number | null;
  readonly request: string;
  readonly response: string;
  readonly note: string | null;
}

/** The record of a case. */
export function record(remains: Remains): CaseResult {
  const { theCase, isServer, profile, facts, verdict, course, wirelog } = remains;
  const { behavior, behaviorClose, result, resultClose } = verdict;
  const conduct = theCase.conduct?.type ?? "record";
  const isCompression = theCase.deflate !== undefined;
  return {
    agent: remains.agent,
    id: theCase.id,
    case: remains.index,
    description: theCase.description,
    expectation: theCase.expectation,
    isServer,
    behavior,
    behaviorClose,
    result,
    resultClose,
    expected: facts.wasOpen
      ? Object.fromEntries(theCase.expected.map(({ verdict, events }) => [verdict, events.map(eventRow)]))
      : {},
    expectedClose: facts.wasOpen || isCompression ? theCase.close : null,
    received: course.received.map(eventRow),
    started: remains.started,
    duration: remains.duration,
    reportTime: conduct !== "record",
    reportCompressionRatio: isCompression,
    httpRequest: remains.request,
    httpResponse: remains.response,
    closedByMe: facts.closedByMe,
    failedByMe: facts.failedByMe,
    droppedByMe: facts.droppedByMe,
    wasClean: facts.wasClean,
    wasNotCleanReason: facts.wasNotCleanReason,
    wasServerConnectionDropTimeout: facts.wasServerConnectionDropTimeout,
    wasOpenHandshakeTimeout: facts.wasOpenHandshakeTimeout,
    wasCloseHandshakeTimeout: facts.wasCloseHandshakeTimeout,
    localCloseCode: facts.localCloseCode,
    localCloseReason: localReason(theCase, facts.localCloseReason),
    remoteCloseCode: facts.remoteCloseCode,
    remoteCloseReason: facts.remoteCloseReason,
    rxOctetStats: wirelog.rxOctetStats,
    txOctetStats: wirelog.txOctetStats,
    rxFrameStats: wirelog.rxFrameStats,
    txFrameStats: wirelog.txFrameStats,
    trafficStats: course.trafficStats,
    createWirelog: wirelog.writes,
    wirelog: wirelog.rows,
    times: wirelog.times,
    note: remains.note,
    profile,
  };
}

function eventRow(event: Expected): EventRow {
  switch (event.type) {
    case "message":
      return messageRow(event.payload, event.kind === "binary");
    case "pong":
      return pongRow(event.payload);
    case "timeout":
      return ["timeout", event.tag];
  }
}

/** 7.5.1 sends a reason that is no text. */
function localReason({ ruling }: Case, reason: Uint8Array | null): string | null {
  if (ruling === "invalid-reason") return reason === null || reason.byteLength === 0 ? "?" : hex(reason);
  return reason === null ? null : new TextDecoder("utf-8", { ignoreBOM: true }).decode(reason);
}
