// What comes in: a request for a WebSocket. What goes out: what its path stands for: the paths that every client for the original knows,
// with the same query parameters. Where the original would spoil its reports or wait for ever (a case without an agent, the status of a
// case that is never played), this one answers. A wrong parameter is refused before there is a WebSocket, with HTTP 500, as there.
// Next files: store.ts, talk.ts.
import type { Case, CaseId } from "../cases/case.ts";
import { play } from "../engine/play.ts";
import type { Profile } from "../engine/result.ts";
import type { Settings } from "../engine/settings.ts";
import type { Observer, Run } from "./run.ts";
import { messagesOf, patienceOf } from "./schedule.ts";
import type { Arrival } from "./server-arrival.ts";
import { httpText } from "./server-pages.ts";
import type { Store } from "./store.ts";
import { direct, type Talk, talk } from "./talk.ts";
import type { Tcp } from "./tcp.ts";

/** Hears of a fuzzing server's run, and of what clients ask of the server itself. */
export interface ServerObserver extends Observer {
  /** A client asked for the reports, and is answered when this returns. `stop`: it also asked that the server ends. */
  reports?(run: Run, stop: boolean): void;
  /** A client asked that the server ends. */
  stops?(): void;
}

export interface PathsOptions {
  readonly cases: readonly Case[];
  readonly profile: Profile;
  readonly messages: number | null;
  readonly patience: number | null;
  readonly settings: Partial<Settings>;
  readonly excludes: (agent: string, id: CaseId) => boolean;
  readonly observer: ServerObserver;
  readonly store: Store;
  readonly run: () => Run;
}

/** Does what the path of a request says. */
export function paths(options: PathsOptions): (connection: Tcp, arrival: Arrival) => void {
  const { cases, settings, excludes, observer, store } = options;
  return (connection, arrival) => {
    const { request: { path, parameters } } = arrival;
    const theCase = caseOf(cases, parameters);
    const agent = agentOf(parameters);
    const speak = (heard?: Parameters<typeof talk>[4]): Talk => {
      const opening = arrival.opening(null);
      return talk(connection, opening, opening.rest, settings, heard);
    };
    const refuse = (): void =>
      arrival.refuse(httpText(
        "500 Internal Server Error",
        "text/plain",
        `${path} needs ${NEEDS[path]}; case is a number from 1 to ${cases.length}.\n`,
      ));
    switch (path) {
      case "/getCaseCount":
        return speak().end(`${cases.length}`);
      case "/getCaseInfo":
        return theCase === null ? refuse() : speak().end(infoOf(theCase));
      case "/runCase":
        return theCase === null || agent === null ? refuse() : playOn(options, connection, arrival, theCase, agent);
      case "/getCaseStatus": {
        if (theCase === null || agent === null) return refuse();
        const conversation = speak();
        const tell = (behavior: string): void => conversation.end(JSON.stringify({ behavior }));
        // Of a case that is not played with this agent there never will be a result.
        return excludes(agent, theCase.id) ? tell("MISSING") : store.whenKnown(agent, theCase.id, tell);
      }
      case "/updateReports": {
        if (agent === null) return refuse();
        const stop = /^(true|yes|1)$/i.test(parameters.get("shutdownOnComplete")?.[0] ?? "");
        observer.reports?.(options.run(), stop);
        return speak().end();
      }
      case "/stopServer":
        speak().end();
        return observer.stops?.();
      default:
        return void speak(direct);
    }
  };
}

function playOn(options: PathsOptions, connection: Tcp, arrival: Arrival, theCase: Case, agent: string): void {
  const { cases, profile, messages, patience, settings, excludes, observer, store } = options;
  const isExcluded = excludes(agent, theCase.id);
  if (!isExcluded) store.begins(agent, theCase);
  const seconds = patienceOf(theCase, settings, patience);
  const watchdog = setTimeout(() => {
    player.abandon(`Given up by the watchdog after ${seconds} seconds`);
    connection.link.abort();
  }, seconds * 1000);
  const player = play(theCase, {
    role: "server",
    link: connection.link,
    world: connection.world,
    profile,
    settings,
    agent,
    index: cases.indexOf(theCase) + 1,
    messages: messagesOf(theCase, messages),
    opening: arrival.opening(theCase),
    admits: () => !isExcluded,
    done(result) {
      clearTimeout(watchdog);
      if (isExcluded) return;
      if (result !== null) store.keep(result);
      observer.ends?.(agent, theCase, result);
    },
  });
  connection.start(player);
}

type Query = ReadonlyMap<string, readonly string[]>;

/** `case` counts from 1 and goes before `casetuple`, which is an id; null: no such case. */
function caseOf(cases: readonly Case[], query: Query): Case | null {
  const [number] = query.get("case") ?? [];
  const [id] = query.get("casetuple") ?? [];
  if (number === undefined) return cases.find((one) => one.id === id) ?? null;
  return /^\s*\+?\d+\s*$/.test(number) ? cases[Number(number) - 1] ?? null : null;
}

/** The name, given once; else null. */
function agentOf(query: Query): string | null {
  const agents = query.get("agent") ?? [];
  return agents.length === 1 ? agents[0] : null;
}

function infoOf({ id, description }: Case): string {
  return JSON.stringify({ id, description: description.replace(/\s+/g, " ") });
}

const NEEDS: Readonly<Record<string, string>> = {
  "/getCaseInfo": "case or casetuple",
  "/runCase": "case or casetuple, and agent once",
  "/getCaseStatus": "case or casetuple, and agent once",
  "/updateReports": "agent once",
};
