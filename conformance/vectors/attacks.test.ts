// Every attack against the core: whole, octet by octet and cut in two. However it is cut, the same is reported, answered and asked of the
// transport, and behind a fault only the end of the stream is left. Next file: attacks-opening.test.ts.
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
    for (const sizes of cuttings(attack.input.byteLength)) {
      const result = played(attack, cut(attack.input, sizes));
      expect(summary(attack, result), `in pieces of ${sizes}`).toEqual(expected(attack));
      expectEnd(attack, result);
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
        expect(disagreement(verdict, told), `${messages}, in pieces of ${sizes}`).toBe(null);
        expect(violations(output, { role })).toEqual([]);
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

/** More octets change nothing behind a Close or a fault, and the end of the stream is the end. */
function expectEnd({ events, answer }: Attack, { machine }: Played): void {
  if (events.includes("closed 1006") || machine.state === "connecting") return;
  const behind = answer === null ? [] : [Uint8Array.of(0x81, 0x80, 1, 2, 3, 4)];
  const { events: last, output } = collect(machine, behind, { end: "eof" });
  const close = events.findLast((event) => event.startsWith("close "));
  const code = close === undefined ? 1006 : answer;
  expect(last.map((event) => event.type === "closed" ? [event.close.code, event.clean] : event)).toEqual([[
    code,
    close !== undefined,
  ]]);
  expect([output.length, machine.state, machine.peekOutput()]).toEqual([0, "closed", null]);
}

/** Whole, octet by octet, and at every cut of what is short; at some cuts of what is long. */
function cuttings(length: number): readonly (readonly number[])[] {
  const cuts = length <= 64 ? range(1, length) : [1, 2, 3, 7, 14, 15, length >> 1, length - 1];
  return [[Infinity], ...(length <= 40_000 ? [[1]] : []), ...cuts.map((at) => [at, Infinity])];
}
function range(from: number, to: number): readonly number[] {
  return Array.from({ length: Math.max(0, to - from) }, (_, i) => from + i);
}
