// Every attack against the core: whole, octet by octet and cut in two. However it is cut, the same is reported, answered and asked of the
// transport, and behind a fault only the end of the stream is left. Next file: attacks-opening.test.ts.
import { isDeepStrictEqual } from "node:util";
import { describe, expect, it } from "vitest";
import type { Connection, State } from "../../core/types.ts";
import { decodeAll } from "../frames/oracle.ts";
import { violations } from "../frames/well-formed.ts";
import { cut } from "../support/arbitraries.ts";
import { collect } from "../support/collect.ts";
import { disagreement } from "../support/told.ts";
import { ATTACKS, echoed, headerOf, lastPing, lastPong, type Played, played, queued, statusFor } from "./played.ts";
import type { Attack } from "./vector.ts";

const rows = [...new Set(ATTACKS.map(({ row }) => row))];

describe.each(rows)("%s", (row) => {
  it.each(ATTACKS.filter((attack) => attack.row === row))("$name", (attack) => {
    const mustBe = expected(attack);
    const mustEnd = expectedEnd(attack);
    for (const sizes of cuttings(attack.input.byteLength)) {
      const result = played(attack, cut(attack.input, sizes));
      const way = `in pieces of ${sizes}`;
      expectSame(summary(attack, result), mustBe, way);
      if (mustEnd !== null) expectSame(end(attack, result), mustEnd, way);
    }
  });
});

describe("R14: what is said about a fault", () => {
  it.each(ATTACKS.filter(({ events }) => events.some((event) => event.startsWith("fault "))))("$row: $name", (attack) => {
    const { raw } = played(attack, [attack.input]);
    for (const event of raw) {
      if (event.type !== "fault") continue;
      // A sentence of ours, which can stand in a log as it is: nothing of what the peer sent is in it.
      expect(event.fault.message).toMatch(/^[\x20-\x7e]{10,123}$/);
      expect(event.fault.message).not.toMatch(/evil|garbage|hi there|y{20}|\d{6}/);
    }
  });
});

describe("the reference decoder, in every way of delivery", () => {
  it.each(ATTACKS.filter(({ opening }) => opening === undefined))("$row: $name", (attack) => {
    const { role, input, deflate = null, options = {} } = attack;
    for (const messages of ["whole", "parts", "raw"] as const) {
      const verdict = decodeAll(input, { role, deflate, limits: options.limits ?? {}, messages });
      for (const sizes of [[Infinity], [3], [1, Infinity], [input.byteLength >> 1, Infinity]]) {
        const chunks = cut(input, sizes.map((size) => Math.max(1, size)));
        const { told, output } = played({ ...attack, options: { ...options, messages } }, chunks);
        const way = `${messages}, in pieces of ${sizes}`;
        expectSame(disagreement(verdict, told), null, way);
        expectSame(violations(output, { role }), [], way);
      }
    }
  });
});

/** What can be compared of a run. */
interface Summary {
  readonly events: readonly string[];
  readonly frames: readonly string[];
  readonly stray: number;
  readonly pong: string | null;
  readonly status: string | null;
  readonly headers: Attack["headers"];
  readonly state: State;
  readonly transport: Connection["transport"];
}

function expected(attack: Attack): Summary {
  const { role, events, answer, headers = {} } = attack;
  const failed = events.includes("closed 1006");
  const closing = answer !== null;
  const status = statusFor(attack);
  return {
    events: attack.opening === undefined ? ["open", ...events] : events,
    frames: echoed(attack),
    stray: 0,
    pong: lastPing(attack),
    status: status === null ? null : `HTTP/1.1 ${status}`,
    headers,
    state: failed ? "closed" : closing ? "closing" : attack.opening && !events.includes("open") ? "connecting" : "open",
    transport: failed ? "destroy" : closing && role === "server" ? "end" : "keep",
  };
}
function summary(attack: Attack, { events, frames, stray, head, output, state, transport }: Played): Summary {
  const status = statusFor(attack);
  const refused = status !== null && status !== 101;
  return {
    events,
    frames: queued(refused ? [] : frames),
    // What is behind the head of a refusal is its body.
    stray: refused ? output.length - head.length - Number(headerOf(head, "content-length")) : stray,
    pong: refused ? null : lastPong(frames),
    status: status === null ? null : head.slice(0, 12),
    headers: Object.fromEntries(Object.keys(attack.headers ?? {}).map((name) => [name, headerOf(head, name)])),
    state,
    transport,
  };
}

/** What the end of the stream comes to; null: there is none to come. */
interface End {
  readonly events: readonly unknown[];
  readonly output: number;
  readonly state: State;
  readonly waiting: Uint8Array | null;
}

/** More octets change nothing behind a Close or a fault, and the end of the stream is the end. */
function expectedEnd(attack: Attack): End | null {
  const { events, answer } = attack;
  if (events.includes("closed 1006") || expected(attack).state === "connecting") return null;
  const isClosed = events.some((event) => event.startsWith("close "));
  return { events: [[isClosed ? answer : 1006, isClosed]], output: 0, state: "closed", waiting: null };
}
function end({ answer }: Attack, { machine }: Played): End {
  const behind = answer === null ? [] : [Uint8Array.of(0x81, 0x80, 1, 2, 3, 4)];
  const { events, output } = collect(machine, behind, { end: "eof" });
  return {
    events: events.map((event) => event.type === "closed" ? [event.close.code, event.clean] : event),
    output: output.length,
    state: machine.state,
    waiting: machine.peekOutput(),
  };
}

/** `expect` of every way to cut would cost as much as the attacks do, so it is called where there is a difference to show. */
function expectSame<T>(found: T, mustBe: T, way: string): void {
  if (!isDeepStrictEqual(found, mustBe)) expect(found, way).toEqual(mustBe);
}

/** Whole, octet by octet, and at every cut of what is short; at some cuts of what is long. */
function cuttings(length: number): readonly (readonly number[])[] {
  const cuts = length <= 64 ? range(1, length) : [1, 2, 3, 7, 14, 15, length >> 1, length - 1];
  return [[Infinity], ...(length <= 40_000 ? [[1]] : []), ...cuts.map((at) => [at, Infinity])];
}
function range(from: number, to: number): readonly number[] {
  return Array.from({ length: Math.max(0, to - from) }, (_, i) => from + i);
}
