// What comes in: a server, a case, and the circumstances. What goes out: a connection to the one and the record of the other.
// A watchdog ends what would never end. RFC 6455 §4.1. Next file: server.ts.
import { performance } from "node:perf_hooks";
import { ALL } from "../cases/beyond/all.ts";
import type { Case } from "../cases/case.ts";
import { indexOf } from "../cases/select.ts";
import type { Link, World } from "../engine/link.ts";
import { type CommonOptions, play, type PlayOptions } from "../engine/play.ts";
import type { CaseResult, Profile } from "../engine/result.ts";
import { messagesOf, patienceOf } from "./schedule.ts";
import type { ServerTarget } from "./target.ts";
import { dial, type Tcp } from "./tcp.ts";

/** What holds for all cases of a run. */
export interface Circumstances {
  readonly profile: Profile;
  /** As `messagesOf` takes it. */
  readonly messages: number | null;
  /** As `patienceOf` takes it. */
  readonly patience: number | null;
  readonly signal: AbortSignal | undefined;
}

/** The name of the peer, if it is known, and who is let in. */
export interface Who extends Pick<CommonOptions, "admits"> {
  readonly agent: string | null;
}

/** A connection; a second try if the first one fails, as a server under load may refuse one for want of room. */
export async function reach({ url, tls }: ServerTarget, { signal }: Circumstances): Promise<Tcp> {
  const address = { host: url.host, port: url.port, tls: url.secure ? tls : null };
  try {
    return await dial(address, { signal });
  } catch (error) {
    if (signal?.aborted === true) throw error;
    await new Promise((resolve) => setTimeout(resolve, AGAIN));
    return await dial(address, { signal });
  }
}

/** Plays one case; null: not admitted, or stopped. */
export function playOn(
  connection: Tcp,
  theCase: Case,
  target: ServerTarget,
  options: Circumstances,
  who: Who,
): Promise<CaseResult | null> {
  const { signal } = options;
  return new Promise((resolve) => {
    const finish = (result: CaseResult | null): void => {
      clearTimeout(watchdog);
      signal?.removeEventListener("abort", stop);
      resolve(signal?.aborted === true ? null : result);
    };
    const player = play(theCase, optionsOf(connection, theCase, target, options, who, finish));
    const giveUp = (reason: string): void => {
      player.abandon(reason);
      connection.link.abort();
    };
    const stop = (): void => giveUp("The run was stopped");
    const seconds = patienceOf(theCase, target.settings, options.patience);
    const watchdog = setTimeout(() => giveUp(`Given up by the watchdog after ${seconds} seconds`), seconds * 1000);
    signal?.addEventListener("abort", stop);
    connection.start(player);
  });
}

/** The record of a case whose connection could not be made. */
export function unconnected(
  theCase: Case,
  target: ServerTarget,
  options: Circumstances,
  who: Who,
  reason: string,
): CaseResult | null {
  let found: CaseResult | null = null;
  const player = play(theCase, optionsOf(NOWHERE, theCase, target, options, who, (result) => found = result));
  player.abandon(reason);
  return found;
}

function optionsOf(
  { link, world }: Pick<Tcp, "link" | "world">,
  theCase: Case,
  { url, origin, protocols, settings }: ServerTarget,
  { profile, messages }: Circumstances,
  { agent, admits }: Who,
  done: CommonOptions["done"],
): PlayOptions {
  return {
    role: "client",
    link,
    world,
    profile,
    settings,
    admits,
    agent,
    done,
    index: indexOf(ALL, theCase.id),
    messages: messagesOf(theCase, messages),
    target: { resource: url.resource, authority: url.authority, origin: origin ?? undefined, protocols },
  };
}

const nothing = (): void => {};
const NOWHERE: { readonly link: Link; readonly world: World } = {
  link: { write: nothing, end: nothing, abort: nothing },
  world: { now: () => performance.now(), date: () => Date.now(), later: nothing, random: nothing },
};
/** Milliseconds until the second try. */
const AGAIN = 200;
