// What comes in: a case, a link to a peer, a world, and how far the opening handshake has come. What goes out: a player, which hears what
// the link says and at the end gives the record of the case. RFC 6455 §4 to §8.
//
// The boundary to whoever owns the sockets. As a client the player does everything, from the request on: play it on a fresh connection.
// As a server the owner has to read the request first, because the case and the agent stand in it. It judges the request and makes the
// answer with handshake.ts, sends nothing, and hands over an `Opening`: every read so far, the heads, what lies behind the head. The
// player then writes the answer itself, so that the log and the counts begin with the handshake as in the original.
// Next file: wire.ts and in-process.ts, which play without sockets.
import { Buffer } from "node:buffer";
import type { Case, Step } from "../cases/case.ts";
import { concat, utf8 } from "../../frames/encode.ts";
import { type Course, createConduct } from "./conduct.ts";
import { createEndpoint, type Endpoint } from "./endpoint.ts";
import type { Answer } from "./handshake.ts";
import { type ClientTarget, judgeResponse, requestText } from "./handshake-client.ts";
import { cutHead } from "./head.ts";
import type { Link, LinkEvents, World } from "./link.ts";
import { judgeRefusal, protocolsOf, reshape, shown } from "./opening.ts";
import { record } from "./record.ts";
import type { CaseResult, Profile } from "./result.ts";
import { expand } from "./sender.ts";
import { DEFAULTS, type Settings } from "./settings.ts";
import { judge, UNDECIDED } from "./verdict.ts";
import { Wirelog } from "./wirelog.ts";

/** How to play a case. */
export type PlayOptions = CommonOptions & (ClientOptions | ServerOptions);

export interface CommonOptions {
  readonly link: Link;
  readonly world: World;
  /** Default "compat". */
  readonly profile?: Profile | undefined;
  /** The number of the case in the record, 1-based. */
  readonly index: number;
  /** The most messages of a ping-pong in 9.7, 9.8, 12 and 13; fewer than 1,000 are declared in `note`. Default: all. */
  readonly messages?: number | undefined;
  readonly settings?: Partial<Settings> | undefined;
  /** false: this agent is not tested with this case, so the connection is closed at once and there is no record. */
  readonly admits?: ((agent: string) => boolean) | undefined;
  /** The record, once, when TCP is gone; null: the agent was not admitted. */
  readonly done: (result: CaseResult | null) => void;
}
/** The fuzzer is the client. */
export interface ClientOptions {
  readonly role: "client";
  readonly target: ClientTarget;
  /** The name of the peer; null: its Server header. */
  readonly agent?: string | null | undefined;
}
/** The fuzzer is the server. */
export interface ServerOptions {
  readonly role: "server";
  readonly agent: string;
  readonly opening: Opening;
}
/** An opening handshake that the owner of the socket has read and judged, but not answered. */
export interface Opening extends Answer {
  /** Every read so far, in order; the player owns them. */
  readonly reads: readonly Uint8Array[];
  /** The head of the request. */
  readonly request: string;
  /** Octets behind it. */
  readonly rest: Uint8Array;
}

/** Plays one case. The link's owner calls its methods. */
export interface Player extends LinkEvents {
  /** What the fuzzer's endpoint is doing. */
  readonly endpoint: Pick<Endpoint, "state" | "facts">;
  /** For a watchdog: drops the connection and gives the record now, with the reason in `note`. */
  abandon(reason: string): void;
}

/** Starts to play a case on a connection that has just been made (client) or asked for (server). */
export function play(theCase: Case, options: PlayOptions): Player {
  const { link, world, profile = "compat", role } = options;
  const settings = { ...DEFAULTS, ...options.settings };
  const started = { date: world.date(), now: world.now() };
  const wirelog = new Wirelog(() => world.now());
  const course: Course = { received: [], ...UNDECIDED, trafficStats: null };
  const notes = new Set<string>();
  const wish = theCase.deflate ?? null;
  const { chop, behind, refusal } = theCase.handshake ?? {};
  let agent = options.agent ?? null;
  let openedAt: number | null = null;
  let request: string = UNKNOWN;
  let response: string = UNKNOWN;
  let admitted = true;

  const mended = (sentence: string): void => void notes.add(`Strict profile: ${sentence}.`);
  const endpoint = createEndpoint({
    role,
    profile,
    settings,
    link,
    world,
    wirelog,
    linger: theCase.ruling === "one-close" ? LINGER : 0,
    mended,
    message: (binary, octets) => admitted && conduct.message(binary, octets),
    pong: (payload) => admitted && conduct.pong(payload),
    gone() {
      if (!admitted) return options.done(null);
      const isServer = role === "server";
      const { facts } = endpoint;
      if (refusal !== undefined && response === UNKNOWN && !facts.droppedByMe) Object.assign(course, judgeRefusal(refusal, null));
      const { txFrameStats, rxFrameStats } = wirelog;
      const verdict = judge({ theCase, isServer, profile, facts, ...course, txFrameStats, rxFrameStats });
      if (verdict.mended !== null) mended(verdict.mended);
      options.done(record({
        theCase,
        isServer,
        profile,
        facts,
        verdict,
        course,
        wirelog,
        agent: agent ?? "UnknownServer",
        index: options.index,
        started: started.date,
        duration: openedAt === null ? null : Math.round(world.now() - openedAt),
        request: shown(request),
        response: shown(response),
        note: notes.size === 0 ? null : [...notes].join(" "),
      }));
    },
  });
  const { sender } = endpoint;
  const later = (seconds: number, then: () => void): void =>
    world.later(seconds * 1000, () => {
      if (endpoint.state !== "closed") then();
    });
  const perform = (steps: readonly Step[]): void => steps.forEach(doStep);
  const doStep = (step: Step): void => {
    switch (step.do) {
      case "frame":
        return sender.frame(step);
      case "message":
        return sender.message(step.kind, expand(step.payload), step);
      case "beginFrame":
        return sender.beginFrame(step.kind, step.length);
      case "frameData":
        return sender.frameData(expand(step.payload));
      case "endMessage":
        return sender.endMessage();
      case "close":
        return endpoint.close(step.code, step.reason);
      case "killAfter":
        wirelog.timer(["KL", step.seconds]);
        return later(step.seconds, () => {
          wirelog.timer(["KLE"]);
          endpoint.fail(1001, "Going Away");
        });
      case "closeAfter":
        wirelog.timer(["TI", step.seconds]);
        return later(step.seconds, () => {
          wirelog.timer(["TIE"]);
          endpoint.close();
        });
      case "repeat":
        for (let i = 0; i < step.times; i++) perform(step.steps);
        return;
      case "log":
        return wirelog.enable(step.on);
      case "wait": {
        const { seconds, tag = null, onlyOpen, then } = step;
        wirelog.timer(["CT", seconds, tag]);
        return later(seconds, () => {
          wirelog.timer(["CTE", tag]);
          if (onlyOpen === true && endpoint.state !== "open") return;
          if (tag !== null) course.received.push({ type: "timeout", tag });
          perform(then);
        });
      }
    }
  };
  const messages = options.messages ?? Infinity;
  const conduct = createConduct({ theCase, profile, messages, endpoint, wirelog, course, perform, mended });
  if (theCase.conduct?.type === "ping-pong" && messages < theCase.conduct.count) {
    notes.add(`${messages} of ${theCase.conduct.count} messages.`);
  }

  const open = (deflate: Answer["deflate"], rest: Uint8Array): void => {
    endpoint.open(deflate);
    openedAt = world.now();
    if (theCase.autoFragment !== undefined) sender.fragment = theCase.autoFragment;
    admitted = options.admits?.(agent ?? "UnknownServer") ?? true;
    if (admitted) conduct.start();
    else endpoint.close();
    if (rest.byteLength > 0) endpoint.receive(rest);
  };
  let receive = (bytes: Uint8Array): void => endpoint.receive(bytes);
  if (options.role === "server") {
    const { opening } = options;
    request = opening.request;
    response = reshape(opening.response, theCase.handshake);
    for (const bytes of opening.reads) endpoint.read(bytes);
    endpoint.write(utf8(response), { chop });
    if (opening.failed !== null) endpoint.refuse(opening.failed, "end");
    else open(opening.deflate, opening.rest);
  } else {
    const { target } = options;
    const key = newKey(world);
    let held: Uint8Array | null = new Uint8Array(0);
    request = reshape(requestText(target, key, wish), theCase.handshake);
    endpoint.write(concat([utf8(request), behind ?? new Uint8Array(0)]), { chop });
    // A head in pieces takes a turn of the event loop for each: hundreds, which on a busy machine is seconds.
    world.later(settings.openHandshakeTimeout * (chop === undefined ? 1000 : 2000), () => {
      if (endpoint.state !== "connecting") return;
      endpoint.refuse("peer did not finish (in time) the opening handshake", "timeout");
    });
    receive = (bytes) => {
      if (held === null) return endpoint.receive(bytes);
      held = concat([held, bytes]);
      const cut = cutHead(held);
      if (cut === null) return;
      held = null;
      response = cut.head;
      const refused = refusal === undefined ? null : judgeRefusal(refusal, response);
      if (refused !== null) {
        Object.assign(course, refused);
        return endpoint.refuse(refused.result, "end");
      }
      const { server, deflate, failed } = judgeResponse(cut.head, { key, wish, protocols: protocolsOf(request) });
      if (failed !== null) return endpoint.refuse(failed, "abort");
      agent ??= server;
      open(deflate, cut.rest);
    };
  }

  return {
    endpoint,
    received(bytes) {
      if (endpoint.state === "closed" || bytes.byteLength === 0) return;
      endpoint.read(bytes);
      receive(bytes);
    },
    lost: () => endpoint.lost(),
    abandon(reason) {
      notes.add(`${reason}.`);
      endpoint.abandon(reason);
    },
  };
}

/** Seconds. A peer that sends more than one Close, or something behind it, does so at once. */
const LINGER = 0.1;
/** What a record says of a head that was never sent or never came. */
const UNKNOWN = "?";

function newKey(world: World): string {
  const nonce = new Uint8Array(16);
  world.random(nonce);
  return Buffer.from(nonce).toString("base64");
}
