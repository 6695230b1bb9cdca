// What comes in: what both fuzzers find out. What goes out: a run, results and the record of it, which is what all reports are made of,
// and the shape of an observer who hears of cases while they are played. Next file: client.ts, then server.ts.
import { createRequire } from "node:module";
import { ALL_TITLES } from "../cases/beyond/all.ts";
import type { Case, CaseId } from "../cases/case.ts";
import type { CaseResult, Profile } from "../engine/result.ts";
import type { AgentInfo, RunInfo, Transport } from "../report/run-info.ts";
import { gate } from "./liveness.ts";

/** A run over sockets: give both to `report`. */
export interface Run {
  readonly results: readonly CaseResult[];
  readonly info: RunInfo;
}

/** Hears of a run while it goes on. Nothing here may throw. */
export interface Observer {
  /** These cases are going to be played with this agent. */
  expects?(agent: string, cases: readonly Case[]): void;
  begins?(agent: string, theCase: Case): void;
  /** null: there is no result, because the agent is not tested with this case or the run was stopped. */
  ends?(agent: string, theCase: Case, result: CaseResult | null): void;
  /** A sentence for people. */
  tells?(sentence: string): void;
}

/** What a fuzzer knows at the end. */
export interface Played {
  readonly results: readonly CaseResult[];
  /** Evidence for the liveness gate only. */
  readonly probes: readonly CaseResult[];
  readonly cases: readonly Case[];
  readonly excludes: (agent: string, id: CaseId) => boolean;
  readonly agents: readonly Omit<AgentInfo, "ids">[];
  readonly role: RunInfo["role"];
  readonly transport: Transport;
  readonly profile: Profile;
  /** Milliseconds since 1970. */
  readonly started: number;
  readonly options: Record<string, string | number | boolean | null | undefined>;
}

/** Joins them, past the liveness gate. */
export function runOf({ results, probes, cases, excludes, agents, role, transport, profile, started, options }: Played): Run {
  const gated = gate(results, cases, probes);
  const ids = cases.map(({ id }) => id);
  return {
    results: gated.results,
    info: {
      suite: SUITE,
      profile,
      role,
      transport,
      started,
      seconds: (Date.now() - started) / 1000,
      agents: agents.map((agent) => ({ ...agent, ids: ids.filter((id) => !excludes(agent.name, id)) })),
      ids,
      titles: ALL_TITLES,
      options: Object.fromEntries(
        Object.entries(options).filter((entry): entry is [string, string | number | boolean] => entry[1] != null),
      ),
      findings: gated.findings,
    },
  };
}

/** How a run says what it did with the number of messages. */
export function messagesText(messages: number | null): string | number {
  return messages ?? "in 12 and 13 at most 500 and 2 MiB per case";
}

const { version } = createRequire(import.meta.url)("sansws/package.json") as { version: string };
/** What this suite calls itself. */
export const SUITE: RunInfo["suite"] = { name: "sansws conformance", version };
