// What comes in: servers, cases. What goes out: a run: every case played on a connection of its own, several at a time.
// The first connection to a server decides: if it cannot be made, the server is unreachable, and its Server header names the agent. A later
// connection that cannot be made is a result like any other, until so many in a row fail that the server must be gone.
// RFC 6455 §4.1. Next file: server.ts.
import { CASES } from "../cases/all.ts";
import type { Case, CaseId } from "../cases/case.ts";
import { isFor } from "../cases/select.ts";
import type { CaseResult, Profile } from "../engine/result.ts";
import type { AgentInfo } from "../report/run-info.ts";
import { type Circumstances, playOn, reach, unconnected } from "./client-case.ts";
import { FuzzError, reasonOf } from "./errors.ts";
import { asksForSomething } from "./liveness.ts";
import { messagesText, type Observer, type Run, runOf } from "./run.ts";
import { inLanes, JOBS } from "./schedule.ts";
import { type ServerTarget, targetOf } from "./target.ts";

/** How servers are tested. */
export interface FuzzServersOptions {
  /** URLs, or what is known of a server besides. */
  readonly servers: readonly (string | ServerTarget)[];
  /** Default: all 517. Those that mean something against clients only are left out. */
  readonly cases?: readonly Case[] | undefined;
  /** Cases side by side; 9.x always one by one, 12 and 13 at most three. Default 8. */
  readonly jobs?: number | undefined;
  /** Default "compat". */
  readonly profile?: Profile | undefined;
  /** Messages of each case of round trips; 1,000 is all. null: all of 9.x, and in 12 and 13 at most 500 and 2 MiB. Default null. */
  readonly messages?: number | null | undefined;
  /** Seconds after which a case is given up at the latest. Default: as long as the case itself may wait. */
  readonly patience?: number | null | undefined;
  /** Cases that are not played with an agent. */
  readonly excludes?: ((agent: string, id: CaseId) => boolean) | undefined;
  readonly observer?: Observer | undefined;
  /** Ends the run: what is being played gives no result. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Tests servers one after the other. Rejects with a FuzzError, UNREACHABLE, if none of them can be reached; one of several that cannot be
 * reached is told, and all of its cases are missing.
 */
export async function fuzzServers(options: FuzzServersOptions): Promise<Run> {
  const { jobs = JOBS, signal } = options;
  const known: Known = {
    cases: (options.cases ?? CASES).filter((one) => isFor(one, "client")),
    excludes: options.excludes ?? (() => false),
    observer: options.observer ?? {},
    profile: options.profile ?? "compat",
    messages: options.messages ?? null,
    patience: options.patience ?? null,
    signal,
  };
  const { cases, excludes, observer, profile, messages, patience } = known;
  const targets = options.servers.map((server) => typeof server === "string" ? targetOf(server) : server);
  const isStopped = (): boolean => signal?.aborted === true;
  const started = Date.now();
  const results: CaseResult[] = [];
  const probes: CaseResult[] = [];
  const agents: AgentInfo[] = [];
  const unreachable: FuzzError[] = [];

  for (const target of targets) {
    if (isStopped()) break;
    const url = target.url.text;
    const name = (agent: string): string => agents.some((one) => one.name === agent) ? `${agent} at ${url}` : agent;
    const begun = await begin(target, known, name).catch((error) => {
      if (!(error instanceof FuzzError)) throw error;
      return error;
    });
    if (begun instanceof FuzzError) {
      if (isStopped()) break;
      unreachable.push(begun);
      if (targets.length > 1) observer.tells?.(begun.message);
      agents.push({ name: name(target.agent ?? url), url });
      continue;
    }
    agents.push({ name: begun.agent, url });
    probes.push(...begun.probes);
    await begun.finish(jobs, results);
  }
  if (unreachable.length > 0 && unreachable.length === targets.length) throw unreachable[0];
  return runOf({
    results,
    probes,
    cases,
    excludes,
    agents,
    role: "server",
    transport: targets.some(({ url }) => url.secure) ? "wss" : "ws",
    profile,
    started,
    options: { jobs, messages: messagesText(messages), patience, stopped: isStopped() ? true : null },
  });
}

interface Known extends Circumstances {
  readonly cases: readonly Case[];
  readonly excludes: (agent: string, id: CaseId) => boolean;
  readonly observer: Observer;
}

/** A server that could be reached. */
interface Begun {
  readonly agent: string;
  readonly probes: readonly CaseResult[];
  /** Plays the rest. */
  finish(jobs: number, results: CaseResult[]): Promise<void>;
}

/** Plays the first case, alone: it tells who the server is. */
async function begin(target: ServerTarget, options: Known, nameOf: (agent: string) => string): Promise<Begun> {
  const { cases, excludes, observer } = options;
  const lone = cases.some(asksForSomething) ? [] : CASES.filter(({ id }) => id === PROBE);
  const [first, ...rest] = [...lone, ...cases];
  if (first === undefined) return { agent: target.agent ?? target.url.text, probes: [], finish: async () => {} };
  const connection = await reach(target, options).catch((error) => {
    throw new FuzzError("UNREACHABLE", `${target.url.text} cannot be reached: ${reasonOf(error)}${hint(error)}.`, {
      cause: error,
    });
  });
  let agent = target.agent;
  const found = await playOn(connection, first, target, options, {
    agent,
    admits: (name) => {
      agent = name;
      return lone.length > 0 || !excludes(nameOf(name), first.id);
    },
  });
  agent = nameOf(found?.agent ?? agent ?? UNNAMED);
  const name = agent;
  const own = (theCase: Case): boolean => !excludes(name, theCase.id);
  const result = found === null ? null : { ...found, agent };
  observer.expects?.(agent, cases.filter(own));
  if (lone.length === 0) observer.ends?.(agent, first, result);
  return {
    agent,
    probes: lone.length > 0 && result !== null ? [result] : [],
    async finish(jobs, results) {
      if (lone.length === 0 && result !== null) results.push(result);
      await playAll(target, name, rest.filter(own), jobs, options, results);
    },
  };
}

async function playAll(
  target: ServerTarget,
  agent: string,
  cases: readonly Case[],
  jobs: number,
  options: Known,
  results: CaseResult[],
): Promise<void> {
  const { observer, signal } = options;
  let failures = 0;
  await inLanes(cases, jobs, async (theCase) => {
    if (signal?.aborted === true || failures > jobs + GONE) return;
    observer.begins?.(agent, theCase);
    const result = await reach(target, options).then(
      (connection) => {
        failures = 0;
        return playOn(connection, theCase, target, options, { agent });
      },
      (error) => {
        if (signal?.aborted === true) return null;
        if (++failures === jobs + GONE + 1) {
          observer.tells?.(`${target.url.text} is gone: ${reasonOf(error)}; the rest of its cases are missing.`);
        }
        return unconnected(theCase, target, options, { agent }, `No connection: ${reasonOf(error)}`);
      },
    );
    if (result !== null) results.push(result);
    observer.ends?.(agent, theCase, result);
  });
}

function hint(error: unknown): string {
  const code = (error as { code?: unknown } | null)?.code;
  const isTrust = typeof code === "string" && /CERT|SELF_SIGNED|UNABLE_TO/.test(code);
  return isTrust ? " (--ca FILE trusts an authority, --insecure any certificate)" : "";
}

/** What a server without a name is called; the original's word. */
const UNNAMED = "UnknownServer";
/** A case that asks for an echo. */
const PROBE: CaseId = "1.1.2";
/** So many connections in a row may fail besides those that are under way. */
const GONE = 3;
