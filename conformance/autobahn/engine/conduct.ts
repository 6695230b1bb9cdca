// What comes in: a case, the fuzzer's endpoint, messages and Pongs of the peer. What goes out: what the case does about them, and its
// course: the events recorded, and the verdict of cases that judge for themselves. RFC 6455 §6.2; the three ways are those of the
// original's cases: all of 1 to 7 and 10, then 9.1 to 9.6, then 9.7, 9.8, 12 and 13. Next file: verdict.ts.
import { Buffer, isUtf8 } from "node:buffer";
import { createHash } from "node:crypto";
import type { Case, Conduct, DocumentName, Expected, Step } from "../cases/case.ts";
import { documentOctets } from "../cases/documents.ts";
import type { Endpoint } from "./endpoint.ts";
import { createSeries, type NextCompressed } from "./repeats.ts";
import type { Behavior, Profile, TrafficStats } from "./result.ts";
import { expand } from "./sender.ts";
import { countCharacters, createSlices } from "./slices.ts";
import { trafficStats } from "./traffic.ts";
import { canBeAgreed } from "./negotiate-strict.ts";
import { sameEvents } from "./verdict.ts";
import { hex, type Wirelog } from "./wirelog.ts";

/** What a case has come to so far. */
export interface Course {
  readonly received: Expected[];
  behavior: Behavior;
  result: string;
  trafficStats: TrafficStats | null;
}

export interface ConductOptions {
  readonly theCase: Case;
  readonly profile: Profile;
  /** The most messages of a ping-pong. */
  readonly messages: number;
  readonly endpoint: Endpoint;
  readonly wirelog: Wirelog;
  readonly course: Course;
  /** Does what a case says. */
  readonly perform: (steps: readonly Step[]) => void;
  readonly mended: (sentence: string) => void;
}

/** What happens from the moment the connection is open. */
export interface Conducted {
  start(): void;
  /** The octets are borrowed. */
  message(binary: boolean, octets: Uint8Array): void;
  pong(payload: Uint8Array): void;
}

export function createConduct(options: ConductOptions): Conducted {
  const { theCase, profile, course, mended } = options;
  const conduct = theCase.conduct ?? RECORD;
  const finish = (): void => finishWhenDone(options);
  const keepsLast = conduct.type === "record" && conduct.pongs === "last";
  // An empty set of expectations counts as met, so in 9, 12 and 13 any Pong ends the case.
  const pong = (payload: Uint8Array): void => {
    if (profile === "strict" && conduct.type !== "record") return mended("a Pong was ignored, as it may come at any time");
    if (keepsLast && course.received.at(-1)?.type === "pong") course.received.pop();
    course.received.push({ type: "pong", payload });
    finish();
  };
  switch (conduct.type) {
    case "record":
      return {
        start() {
          const { deflate } = theCase;
          if (deflate === undefined || options.endpoint.ownDeflate !== null || !canBeAgreed(deflate)) {
            return options.perform(theCase.steps);
          }
          course.behavior = "UNIMPLEMENTED";
          course.result = "The peer did not agree to permessage-deflate.";
          options.endpoint.close(1000);
        },
        message(binary, octets) {
          course.received.push({ type: "message", kind: binary ? "binary" : "text", payload: octets.slice() });
          finish();
        },
        pong,
      };
    case "one-echo":
      return { ...oneEcho(options, conduct), pong };
    case "ping-pong": {
      const { content } = conduct;
      const exchange = "octet" in content
        ? roundTrips(options, conduct, content.octet)
        : documents(options, conduct, content.document);
      return { ...exchange, pong };
    }
  }
}

function finishWhenDone({ theCase: { expected, close, suppressClose }, endpoint, course }: ConductOptions): void {
  if (!expected.every(({ events }) => sameEvents(course.received, events))) return;
  if (close.closedByMe && suppressClose !== true) endpoint.close(close.codes[0]);
}

type OneEcho = Extract<Conduct, { readonly type: "one-echo" }>;
type PingPong = Extract<Conduct, { readonly type: "ping-pong" }>;
type Exchange = Omit<Conducted, "pong">;

/** 9.1 to 9.6: a large message, whose echo must have its kind and length. */
function oneEcho(options: ConductOptions, { kind, length, seconds, misnamed }: OneEcho): Exchange {
  const { theCase, profile, endpoint, wirelog, course, perform, mended } = options;
  const judge = (binary: boolean, octets: Uint8Array): void => {
    const other = kind === "text" || misnamed === true ? "binary" : "text";
    if (binary !== (kind === "binary")) {
      course.result = `Expected ${kind} message with payload, but got ${other}.`;
    } else if (octets.byteLength !== length) {
      course.result = `Expected ${kind} message with payload of length ${length}, but got ${octets.byteLength}.`;
    } else if (profile === "strict" && !isEqual(octets, payloadOf(theCase))) {
      course.behavior = "FAILED";
      course.result = differing(octets, payloadOf(theCase));
      mended("the contents of the echo were compared");
    } else {
      course.behavior = "OK";
      course.result = `Received ${kind} message of length ${length}.`;
    }
  };
  return {
    start() {
      wirelog.writes = false;
      course.result = `Did not receive message within ${seconds} seconds.`;
      perform([...theCase.steps, { do: "closeAfter", seconds }]);
    },
    message(binary, octets) {
      judge(binary, octets);
      wirelog.writes = true;
      endpoint.close(1000);
    },
  };
}

/** 9.7 and 9.8: many small messages, each sent when the echo of the one before it is in. */
function roundTrips(options: ConductOptions, conduct: PingPong, octet: number): Exchange {
  const { kind, length } = conduct;
  const { profile, mended } = options;
  const payload = new Uint8Array(length).fill(octet);
  const pattern = { pattern: Uint8Array.of(octet), length };
  return pingPong(options, conduct, {
    send: ({ sender }) => sender.frame({ opcode: kind === "text" ? 1 : 2, payload: pattern }),
    judge(binary, octets) {
      if (binary !== (kind === "binary") || octets.byteLength !== length) {
        const got = `got binary = ${python(binary)}, payload length = ${octets.byteLength}`;
        return `Echo'ed message type or length differs from what I sent (${got}).`;
      }
      if (profile !== "strict" || isEqual(octets, payload)) return null;
      mended("the contents of the echoes were compared");
      return differing(octets, payload);
    },
  });
}

/** 12 and 13: many compressed messages, cut from a document. */
function documents(options: ConductOptions, conduct: PingPong, document: DocumentName): Exchange {
  const { kind, length, fragment } = conduct;
  const { endpoint, wirelog, course } = options;
  const text = kind === "text";
  const next = createSlices(documentOctets(document), length, text);
  let compress: NextCompressed = (octets) => octets;
  let sent: Uint8Array | null = null;
  const exchange = pingPong(options, conduct, {
    send({ state, sender }) {
      sent = next();
      if (state === "open") sender.message(kind, sent, { compressed: compress(sent) });
    },
    judge(binary, octets) {
      // A case that was never begun has nothing to compare with, and what is not UTF-8 has no length in characters.
      if (sent === null || (text && binary && !isUtf8(octets))) return "crash";
      if (binary === text) {
        return `Echo'ed message type differs from what I sent (got binary ${python(binary)}, expected binary ${python(!text)}).`;
      }
      if (isEqual(octets, sent)) return null;
      const got = text ? countCharacters(octets) : octets.byteLength;
      if (got === length) return differing(octets, sent);
      return `Echo'ed message length differs from what I sent (got length ${got}, expected length ${length}).`;
    },
  });
  return {
    ...exchange,
    start() {
      endpoint.sender.fragment = fragment;
      if (endpoint.sender.compress === null) {
        wirelog.enable(false);
        course.behavior = "UNIMPLEMENTED";
        return endpoint.close(1000);
      }
      const name = JSON.stringify([document, length, endpoint.ownDeflate]);
      compress = createSeries(name, mostOf(options, conduct), endpoint.sender.compress);
      exchange.start();
    },
  };
}

interface Game {
  readonly send: (endpoint: Endpoint) => void;
  /** null: the echo is right; "crash": the original's program could not even look at it. */
  readonly judge: (binary: boolean, octets: Uint8Array) => string | null;
}

function pingPong(options: ConductOptions, conduct: PingPong, { send, judge }: Game): Exchange {
  const { content, seconds } = conduct;
  const { endpoint, wirelog, course, perform } = options;
  const most = mostOf(options, conduct);
  let sent = 0;
  const sendOne = (): void => {
    send(endpoint);
    sent++;
  };
  const end = (behavior: Behavior, result: string): void => {
    course.behavior = behavior;
    course.result = result;
    if (behavior === "OK" && "document" in content) course.trafficStats = trafficStats(endpoint.traffic);
    wirelog.enable(true);
    endpoint.close(1000);
  };
  return {
    start() {
      wirelog.enable(false);
      course.result = `Case did not finish within ${seconds} seconds.`;
      perform([{ do: "closeAfter", seconds }]);
      sendOne();
    },
    message(binary, octets) {
      const wrong = judge(binary, octets);
      if (wrong === "crash") endpoint.crash();
      else if (wrong !== null) end("FAILED", wrong);
      else if (sent < most) sendOne();
      else end("OK", "Ok, received all echo'ed messages in time.");
    },
  };
}

/** How many messages are exchanged. */
function mostOf({ messages }: ConductOptions, { count }: PingPong): number {
  return Math.min(count, messages);
}
/** What the one data step of a case sends. */
function payloadOf({ steps }: Case): Uint8Array {
  for (const step of steps) if (step.do === "frame" || step.do === "message") return expand(step.payload);
  return new Uint8Array(0);
}
function isEqual(a: Uint8Array, b: Uint8Array): boolean {
  return a.byteLength === b.byteLength && Buffer.compare(a, b) === 0;
}
function differing(got: Uint8Array, expected: Uint8Array): string {
  const sha1 = (octets: Uint8Array): string => hex(createHash("sha1").update(octets).digest());
  return `Echo'ed message contents differs from what I sent (got SHA1 ${sha1(got)}, expected SHA1 ${sha1(expected)}).`;
}
/** Truth as the original's texts show it. */
function python(value: boolean): string {
  return value ? "True" : "False";
}

const RECORD: Conduct = { type: "record" };
