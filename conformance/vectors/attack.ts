// What comes in: nothing. What goes out: the form of an attack vector, words to write one down, and a player that shows it to the core:
// whole, octet by octet, at every cut, in every way of delivery. RFC 6455 §5, §7. Next file: attacks-frames.ts.
import { isDeepStrictEqual } from "node:util";
import { expect } from "vitest";
import type { Bytes, ClientTarget, Connection, DeflateParams, FaultCode, Options, Role } from "../../core/types.ts";
import { closePayload, concat, encode, type FrameSpec, utf8 } from "../frames/encode.ts";
import { closeCodeOf, type Told } from "../frames/oracle.ts";
import type { Frame } from "../frames/reader.ts";
import { cut } from "../support/arbitraries.ts";
import { collect, type Collected } from "../support/collect.ts";
import { freshClient, freshServer, octets, requestOf, upgraded } from "../support/machine.ts";

/** Frames that come on an open connection, and all that must follow from them. */
export interface FrameAttack {
  /** The row of the checklist that it belongs to. */
  readonly row: string;
  readonly name: string;
  /** Who reads it. */
  readonly role: Role;
  readonly deflate?: DeflateParams;
  readonly options?: Options;
  readonly bytes: Bytes;
  /** Behind `open`, delivered whole. */
  readonly told: readonly Told[];
  /** What is written, as `written` says it; a Close with its code only. */
  readonly frames: readonly string[];
  readonly transport: Connection["transport"];
}
/** A request, and what a server answers that accepts whatever it may. */
export interface RequestAttack {
  readonly row: string;
  readonly name: string;
  readonly options?: Options;
  /** One character for each octet. */
  readonly request: string;
  readonly status: number;
  /** Of the fault; absent for 101. */
  readonly code?: FaultCode;
  /** Lines that the answer has, and text that it has nowhere. */
  readonly has?: readonly string[];
  readonly lacks?: string;
  /** Events behind `open`. */
  readonly told?: readonly Told[];
}
/** A response, and what a client makes of it. */
export interface ResponseAttack {
  readonly row: string;
  readonly name: string;
  readonly options?: Options;
  readonly target?: Partial<ClientTarget>;
  /** One character for each octet. */
  readonly response: (request: string) => string;
  readonly told: readonly Told[];
  readonly frames?: readonly string[];
  readonly transport: Connection["transport"];
}

export function playFrames({ role, deflate, options, bytes, told, frames, transport }: FrameAttack): void {
  for (const messages of ["whole", "parts", "raw"] as const) {
    for (const sizes of cuttings(bytes.byteLength)) {
      const machine = upgraded(role, deflate ?? null, { ...options, messages });
      const result = collect(machine, cut(bytes, sizes));
      expectSame(completed(result.told), [{ type: "open" }, ...told], `events, ${messages}, in pieces of ${sizes}`);
      expect(result.frames.map(written), `frames, ${messages}, in pieces of ${sizes}`).toEqual(frames);
      expect(result.stray).toBe(0);
      expect(result.transport).toBe(transport);
      expectEnd(machine, told);
    }
  }
}
export function playRequest({ options = {}, request, status, code, has = [], lacks, told = [] }: RequestAttack): void {
  const bytes = octets(request);
  for (const sizes of cuttings(bytes.byteLength)) {
    const server = freshServer(options);
    const app = ({ type }: { type: string }): void => void (type === "request" && server.accept());
    const result = collect(server, cut(bytes, sizes), { app });
    const expected: readonly Told[] = code === undefined
      ? [{ type: "request" }, { type: "open" }, ...told]
      : [{ type: "fault", code, closeCode: 1006 }];
    expectSame(result.told, expected, `events, in pieces of ${sizes}`);
    const answer = new TextDecoder("latin1").decode(result.output);
    expect(answer).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    for (const line of has) expect(answer.split("\r\n")).toContain(line);
    if (lacks !== undefined) expect(answer).not.toContain(lacks);
    if (code === undefined) continue;
    expect(answer).toMatch(/\r\nConnection: close(, Upgrade)?\r\n/);
    expect(answer).toMatch(/\r\nContent-Length: [0-9]+\r\n/);
    expect(result.transport).toBe("end");
    expectEnd(server, expected);
  }
}
export function playResponse({ options, target, response, told, frames = [], transport }: ResponseAttack): void {
  const bytes = octets(response(requestOf(freshClient(options, target))));
  for (const sizes of cuttings(bytes.byteLength)) {
    const client = freshClient(options, target);
    client.consumeOutput(client.peekOutput()?.byteLength ?? 0);
    const result = collect(client, cut(bytes, sizes));
    expectSame(result.told, told, `events, in pieces of ${sizes}`);
    expect(result.frames.map(written)).toEqual(frames);
    expect(result.transport).toBe(transport);
  }
}

/** A frame in words; octets in hexadecimal, a Close with its code only. */
export function written({ fin, rsv, opcode, payload }: Frame): string {
  const [kind, rest] = [KINDS[opcode] ?? `opcode ${opcode}`, `${fin ? "" : " more"}${rsv === 4 ? " compressed" : ""}`];
  if (opcode === 8) return payload.byteLength === 0 ? "close" : `close ${payload[0] * 256 + payload[1]}`;
  return `${kind}${rest} ${Buffer.from(payload).toString("hex")}`.trim();
}

/** Octets that a peer of `role` reads: masked for a server. */
export function sent(role: Role, specs: readonly FrameSpec[]): Bytes {
  return concat(specs.map((spec) => encode({ ...(role === "server" ? { mask: KEY } : {}), ...spec })));
}
export const text = (data: string, more: Partial<FrameSpec> = {}): FrameSpec => ({ opcode: 1, payload: utf8(data), ...more });
export const close = (code: number, reason: string | Uint8Array = ""): FrameSpec => ({
  opcode: 8,
  payload: closePayload(code, reason),
});
export const heardText = (data: string): Told => ({ type: "text", data });
export const heardClose = (code: number, reason = ""): Told => ({ type: "close", code, reason });
export const fault = (code: FaultCode): Told => ({ type: "fault", code, closeCode: closeCodeOf(code) });

/** What a fault of the peer leads to on an open connection, for both roles if none is named. */
export function failing(
  row: string,
  name: string,
  code: FaultCode,
  specs: readonly FrameSpec[] | ((role: Role) => Bytes),
  more: Partial<Omit<FrameAttack, "row" | "name">> = {},
): FrameAttack[] {
  const roles: readonly Role[] = more.role === undefined ? ["server", "client"] : [more.role];
  return roles.map((role): FrameAttack => ({
    row,
    name: `${name}, to a ${role}`,
    told: [fault(code)],
    frames: [`close ${closeCodeOf(code)}`],
    transport: role === "server" ? "end" : "keep",
    ...more,
    role,
    bytes: typeof specs === "function" ? specs(role) : sent(role, specs),
  }));
}
/** What is no fault: the events, and what is written. */
export function passing(
  row: string,
  name: string,
  specs: readonly FrameSpec[],
  told: readonly Told[],
  frames: readonly string[] = [],
  more: Partial<Omit<FrameAttack, "row" | "name">> = {},
): FrameAttack[] {
  const closes = told.some(({ type }) => type === "close");
  return (["server", "client"] as const).map((role): FrameAttack => ({
    row,
    name: `${name}, to a ${role}`,
    role,
    bytes: sent(role, specs),
    told,
    frames,
    transport: closes && role === "server" ? "end" : "keep",
    ...more,
  }));
}

/** Behind everything, the end of the stream: `closed` comes once, and clean only for a Close without a fault. */
function expectEnd(machine: Connection, told: readonly Told[]): void {
  const { told: rest } = collect(machine, [], { end: "eof" });
  const close = told.find((event) => event.type === "close");
  const [code, reason] = close === undefined ? [1006, ""] : [close.code, close.reason];
  expect(rest).toEqual([{ type: "closed", code, reason, clean: close !== undefined }]);
}
/** Messages in pieces as if they had been delivered whole, where their last piece came; without those that never ended. */
function completed(told: Collected["told"]): readonly Told[] {
  const result: Told[] = [];
  let parts: Bytes[] = [];
  for (const event of told) {
    if (event.type !== "piece") {
      result.push(event);
      continue;
    }
    if (event.first) parts = [];
    parts.push(event.data);
    const data = concat(parts);
    if (event.last) {
      result.push(
        event.kind === "text" ? heardText(new TextDecoder("utf-8", { ignoreBOM: true }).decode(data)) : { type: "binary", data },
      );
    }
  }
  return result;
}
function expectSame(actual: readonly Told[], expected: readonly Told[], what: string): void {
  if (!isDeepStrictEqual(actual, expected)) expect(actual, what).toEqual(expected);
}
/** Whole, octet by octet, in two pieces: at every place, or at some where there are many. */
function cuttings(length: number): readonly (readonly number[])[] {
  const step = Math.max(1, Math.floor(length / 60));
  const places = Array.from({ length: Math.ceil(length / step) }, (_, i) => i * step).filter((at) => at > 0);
  const bites = length > 10_000 ? [[1000]] : [[1], [3]];
  return [[Infinity], ...bites, ...places.map((at) => [at, Infinity])];
}

export const KEY: Uint8Array = Uint8Array.of(0x37, 0xfa, 0x21, 0x3d);
const KINDS: Readonly<Record<number, string>> = { 0: "continuation", 1: "text", 2: "binary", 9: "ping", 10: "pong" };
