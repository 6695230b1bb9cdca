// What comes in: nothing. What goes out: the record of a run, which the reports tell besides its results: what was tested, by what, when.
// Plain data, made by whoever played the cases (in process or over sockets). Next file: report.ts, which joins it with the results.
import type { CaseId, Titles } from "../cases/case.ts";
import type { Profile } from "../engine/result.ts";
import type { Role } from "./verdict.ts";

/** One run of the suite against one or more peers. Plain data: it goes through JSON unchanged. */
export interface RunInfo {
  readonly suite: { readonly name: string; readonly version: string };
  readonly profile: Profile;
  /** Which side the peers under test played. */
  readonly role: Role;
  readonly transport: Transport;
  /** When the run began, milliseconds since 1970; 0 on a virtual clock. */
  readonly started: number;
  /** How long it took by the clock on the wall. */
  readonly seconds: number;
  /** Whom it tested, in the order of the report. Peers found in the results only are added behind them. */
  readonly agents: readonly AgentInfo[];
  /** The selected cases. One without a result counts as missing. */
  readonly ids: readonly CaseId[];
  /** Titles of sections and sub-sections. */
  readonly titles: Titles;
  /** What differs from the defaults, for people. */
  readonly options: Readonly<Record<string, string | number | boolean>>;
  /** Peers that passed cases by staying silent. */
  readonly findings: readonly Finding[];
}

/** How the peers were reached. */
export type Transport = "ws" | "wss" | "in-process";

/** A peer under test. */
export interface AgentInfo {
  readonly name: string;
  /** Where it was, if it was a server. */
  readonly url: string | null;
  /** The cases selected for it, where some are excluded for this peer alone; else `RunInfo.ids`. */
  readonly ids?: readonly CaseId[];
}

/** What the liveness gate has to say of a peer, in one sentence. */
export interface Finding {
  readonly agent: string;
  readonly text: string;
}
