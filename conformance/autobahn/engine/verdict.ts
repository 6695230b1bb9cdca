// What comes in: a case, and everything that happened while it was played. What goes out: its two verdicts and their sentences.
// Pure, and asked once, when TCP is gone. `behavior` says whether the peer sent what it should, `behaviorClose` how the connection ended
// (RFC 6455 §7.1). The rules and their order are the original suite's; `strict` mends the ones it is known for. Next file: play.ts.
import { Buffer } from "node:buffer";
import type { Case, Expected } from "../cases/case.ts";
import type { Facts } from "./endpoint.ts";
import type { Behavior, BehaviorClose, CaseResult, Profile } from "./result.ts";
import { sizeOf } from "./sender.ts";
import type { Counts } from "./wirelog.ts";

/** Everything that a verdict is made of. */
export interface Evidence {
  readonly theCase: Case;
  /** The fuzzer was the server. */
  readonly isServer: boolean;
  readonly profile: Profile;
  readonly facts: Readonly<Facts>;
  readonly received: readonly Expected[];
  /** What the case itself found, before its events are compared. */
  readonly behavior: Behavior;
  readonly result: string;
  /** Frames sent, by opcode. */
  readonly txFrameStats: Counts;
  /** Frames received, by opcode. */
  readonly rxFrameStats: Counts;
}

export interface Verdict extends Pick<CaseResult, "behavior" | "behaviorClose" | "result" | "resultClose"> {
  /** Where the strict profile had a say. */
  readonly mended: string | null;
}

/** What a case stands at before anything has happened. */
export const UNDECIDED: { readonly behavior: Behavior; readonly result: string } = {
  behavior: "FAILED",
  result: "Actual events differ from any expected.",
};

/** The two verdicts of a case. */
export function judge(evidence: Evidence): Verdict {
  const { theCase, facts } = evidence;
  if (!facts.wasOpen && theCase.handshake?.refusal !== undefined) return judgeRefused(evidence);
  const events = judgeEvents(evidence);
  if (!facts.wasOpen) return overrule(evidence, { ...events, ...NEVER_OPEN, mended: null });
  const { behaviorClose, resultClose, mended } = judgeClose(evidence);
  const wrongSide = theCase.close.closedByMe !== facts.closedByMe;
  const isFatal = wrongSide && theCase.close.wrongEndpointIsFatal === true;
  return overrule(evidence, { ...events, ...(isFatal ? { behavior: "FAILED" } : {}), behaviorClose, resultClose, mended });
}

/** The same events, in the same order. */
export function sameEvents(got: readonly Expected[], expected: readonly Expected[]): boolean {
  return got.length === expected.length && got.every((event, i) => isSame(event, expected[i]));
}

function judgeEvents({ theCase, received, behavior, result }: Evidence): Pick<Verdict, "behavior" | "result"> {
  const met = theCase.expected.find(({ events }) => sameEvents(received, events));
  return met === undefined
    ? { behavior, result }
    : { behavior: met.verdict, result: "Actual events match at least one expected." };
}

function judgeClose({ theCase, isServer, profile, facts }: Evidence): Pick<Verdict, "behaviorClose" | "resultClose" | "mended"> {
  const { closedByMe, codes, requireClean } = theCase.close;
  const found = (behaviorClose: BehaviorClose, resultClose: string, mended: string | null = null) => ({
    behaviorClose,
    resultClose,
    mended,
  });
  const fine = "Connection was properly closed";
  if (closedByMe !== facts.closedByMe) return found("FAILED", "The connection was failed by the wrong endpoint");
  if (requireClean && !facts.wasClean) return found("UNCLEAN", "The spec requires the connection to be failed cleanly here");
  if (facts.remoteCloseCode !== null && !codes.includes(facts.remoteCloseCode)) {
    // RFC 6455 §7.4.1: 1010 is what clients say; a client may call it an error from a server.
    if (profile === "strict" && isServer && facts.localCloseCode === 1010 && facts.remoteCloseCode === 1002) {
      return found("OK", fine, "a client may refuse close code 1010, which no server sends");
    }
    return found("WRONG CODE", `The close code should have been ${codes.join(",")} or empty`);
  }
  if (!isServer && facts.droppedByMe) {
    return found("FAILED BY CLIENT", "It is preferred that the server close the TCP connection");
  }
  return found("OK", fine);
}

function overrule(evidence: Evidence, verdict: Verdict): Verdict {
  const { ruling } = evidence.theCase;
  if (ruling === undefined) return verdict;
  switch (ruling) {
    case "wrong-code-fails":
    case "invalid-reason":
      return failWrongCode(verdict);
    case "one-close":
      return (evidence.rxFrameStats["8"] ?? 0) > 1 ? { ...verdict, ...TWO_CLOSES } : failWrongCode(verdict);
    case "limit-optional":
      return evidence.facts.wasOpen && evidence.facts.closedByMe && verdict.behavior !== "UNIMPLEMENTED"
        ? informational(verdict, "The peer has no limit that this exceeds, or would wait for all of it.")
        : verdict;
    case "message-then-close":
      return evidence.profile === "strict" ? judgeOvertaken(evidence, verdict) : informational(verdict, TEXTS[verdict.behavior]);
    case "undefined-by-rfc":
      return informational(verdict, "Actual events are undefined by the spec.");
    case "fragments-counted":
      return countFragments(evidence, verdict);
  }
}

/** A server that was asked for something wrong: what it did about it was judged when it did it. */
function judgeRefused({ behavior, result }: Evidence): Verdict {
  if (behavior === "FAILED") return { behavior, result, ...NEVER_OPEN, mended: null };
  return { behavior, result, behaviorClose: "OK", resultClose: "The opening handshake was refused", mended: null };
}

function failWrongCode(verdict: Verdict): Verdict {
  return verdict.behaviorClose === "WRONG CODE" ? { ...verdict, behavior: "FAILED", result: verdict.resultClose } : verdict;
}

function informational(verdict: Verdict, result: string | undefined): Verdict {
  return { ...verdict, behavior: "INFORMATIONAL", behaviorClose: "INFORMATIONAL", result: result ?? verdict.result };
}

/** 7.1.6, mended: everything sent before the Close comes back, or only the first part of it. */
function judgeOvertaken({ theCase, received, facts }: Evidence, verdict: Verdict): Verdict {
  const mended = "every message before the Close counts, the long one too";
  const sent = theCase.steps.flatMap((step) => step.do === "frame" && step.opcode === 1 ? [sizeOf(step.payload)] : []);
  const came = received.map((event) => event.type === "message" && event.kind === "text" ? event.payload.byteLength : -1);
  if (!facts.wasOpen || came.some((size, i) => size !== sent[i])) return { ...verdict, ...UNDECIDED, mended };
  return came.length === sent.length
    ? { ...verdict, behavior: "OK", result: "Both messages were processed before close.", mended }
    : { ...verdict, behavior: "NON-STRICT", result: "Close was processed before all messages could be returned.", mended };
}

/** 10.1.1: as many frames as the size of a fragment demands. */
function countFragments({ theCase, facts, txFrameStats }: Evidence, verdict: Verdict): Verdict {
  if (!facts.wasOpen) return { ...verdict, behavior: "FAILED", result: "WebSocket connection was never open" };
  const fragment = theCase.autoFragment ?? 1;
  const size = theCase.steps.reduce((sum, step) => step.do === "message" ? sum + sizeOf(step.payload) : sum, 0);
  const expected = `{0: ${Math.floor(size / fragment)}, 1: ${size % fragment > 0 ? 1 : 0}}`;
  const got = `{0: ${txFrameStats["0"] ?? 0}, 1: ${txFrameStats["1"] ?? 0}}`;
  if (got === expected) return verdict;
  return { ...verdict, behavior: "FAILED", result: `Frames transmitted ${got} does not match what we expected ${expected}.` };
}

function isSame(a: Expected, b: Expected): boolean {
  if (a.type === "timeout") return b.type === "timeout" && a.tag === b.tag;
  if (a.type === "message") return b.type === "message" && a.kind === b.kind && Buffer.compare(a.payload, b.payload) === 0;
  return b.type === "pong" && Buffer.compare(a.payload, b.payload) === 0;
}

const NEVER_OPEN: Pick<Verdict, "behaviorClose" | "resultClose"> = {
  behaviorClose: "FAILED",
  resultClose: "The WebSocket opening handshake was never completed!",
};
const TWO_CLOSES: Pick<Verdict, "behavior" | "result"> = {
  behavior: "FAILED",
  result: "The peer sent more than one Close frame.",
};
/** What 7.1.6 says of its events. */
const TEXTS: Readonly<Partial<Record<Behavior, string>>> = {
  OK: "Text message was processed before close.",
  "NON-STRICT": "Close was processed before text message could be returned.",
};
