// What comes in: the two verdicts of a case. What goes out: how they are named, marked and explained to people, in one place for all reports.
// Behavior says what the peer sent, behaviorClose how the connection ended (RFC 6455 §7.1). Pure.
// Next file: policy.ts, which verdicts fail a run.
import type { Behavior, BehaviorClose, CaseResult } from "../engine/result.ts";

/** How a verdict is shown. `mark` is one character, so that colour never stands alone; `style` names it in the page's style sheet. */
export interface Word {
  readonly label: string;
  readonly mark: string;
  readonly style: string;
  readonly meaning: string;
}

/** How a behavior is shown; `null`: a selected case without a result. */
export function behaviorWord(behavior: string | null): Word {
  return behaviors[(behavior ?? "MISSING") as Behavior | "MISSING"] ?? { ...behaviors.FAILED, label: behavior ?? "" };
}

/** How the end of a connection is shown. */
export function closeWord(behaviorClose: string): Word {
  return closes[behaviorClose as BehaviorClose] ?? { ...closes.FAILED, label: behaviorClose };
}

/** The end of a connection in a cell: the word if something was wrong, with the peer's close code where that is the point. */
export function closeCell(behaviorClose: string, remoteCloseCode: number | null): string {
  switch (behaviorClose) {
    case "OK":
      return remoteCloseCode === null ? "no code" : String(remoteCloseCode);
    case "WRONG CODE":
      return `Wrong code ${remoteCloseCode ?? ""}`.trimEnd();
    default:
      return closeWord(behaviorClose).label;
  }
}

/** A verdict in one line, for texts: `FAILED / UNCLEAN`. */
export function both(verdict: { readonly behavior: string; readonly behaviorClose: string } | null): string {
  return verdict === null ? "MISSING" : `${verdict.behavior} / ${verdict.behaviorClose}`;
}

/** Both findings as sentences. */
export function outcome({ result, resultClose }: Pick<CaseResult, "result" | "resultClose">): string {
  return [result, resultClose].map((text) => (/[.!?]$/.test(text) ? text : `${text}.`)).join(" ");
}

/** All behaviors and the missing result, best first. */
export const behaviors: Readonly<Record<Behavior | "MISSING", Word>> = {
  OK: { label: "Pass", mark: "✓", style: "pass", meaning: "The peer did what the case expects." },
  "NON-STRICT": {
    label: "Non-strict",
    mark: "≈",
    style: "non-strict",
    meaning: "The peer did what the RFC allows, but later or with less than it could have done.",
  },
  INFORMATIONAL: {
    label: "Info",
    mark: "i",
    style: "info",
    meaning: "The RFC leaves it open: no verdict, for information only.",
  },
  UNIMPLEMENTED: {
    label: "Unimplemented",
    mark: "○",
    style: "unimplemented",
    meaning: "The peer did not agree to the extension that the case needs.",
  },
  FAILED: { label: "Fail", mark: "✗", style: "fail", meaning: "What the peer sent differs from everything that is allowed." },
  MISSING: { label: "Missing", mark: "–", style: "missing", meaning: "The case was selected, but gave no result." },
};

/** All ends of a connection, best first. */
export const closes: Readonly<Record<BehaviorClose, Word>> = {
  OK: { label: "Closed well", mark: "✓", style: "pass", meaning: "The right side closed, with an allowed code or none." },
  INFORMATIONAL: { label: "Close info", mark: "i", style: "info", meaning: "The RFC leaves it open how this connection ends." },
  "FAILED BY CLIENT": {
    label: "Client ended TCP",
    mark: "≈",
    style: "non-strict",
    meaning: "The closing handshake was done, but the server left it to the client to end TCP (RFC 6455 §7.1.1).",
  },
  "WRONG CODE": {
    label: "Wrong code",
    mark: "≈",
    style: "non-strict",
    meaning: "The peer's Close carried a code that does not fit the case.",
  },
  UNCLEAN: { label: "Unclean", mark: "✗", style: "fail", meaning: "The closing handshake was required, and was not completed." },
  FAILED: {
    label: "Close failed",
    mark: "✗",
    style: "fail",
    meaning: "The wrong side ended the connection, or it was never opened.",
  },
};
