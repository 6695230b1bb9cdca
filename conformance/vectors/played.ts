// What comes in: an attack, and how its octets are cut. What goes out: what an echo made of the core came to, or what an answer has to
// hold. The same expectation serves the core and servers on real sockets. Next files: attacks.test.ts, server.test.ts.
import { zlib } from "../../adapters/zlib.ts";
import { upgradedConnection } from "../../core/index.ts";
import type { Connection, DeflateParams, Event, Options, ServerConnection } from "../../core/types.ts";
import { closePayload, utf8 } from "../frames/encode.ts";
import type { Frame } from "../frames/reader.ts";
import { agreementOf } from "../support/arbitraries.ts";
import { collect, type Collected } from "../support/collect.ts";
import { freshClient, freshServer } from "../support/machine.ts";
import { inShort } from "../support/probe.ts";
import { seededRandom } from "../support/virtual.ts";
import { DEFLATE } from "./attacks-deflate.ts";
import { CONTROLS, FRAMES, MESSAGES } from "./attacks-frames.ts";
import { REQUESTS, RESPONSES } from "./attacks-handshake.ts";
import { REGRESSIONS } from "./regressions.ts";
import type { Attack } from "./vector.ts";

export const ATTACKS: readonly Attack[] = [
  ...REQUESTS,
  ...RESPONSES,
  ...FRAMES,
  ...MESSAGES,
  ...CONTROLS,
  ...DEFLATE,
  ...REGRESSIONS,
];

export interface Played extends Omit<Collected, "events"> {
  readonly machine: Connection;
  readonly events: readonly string[];
  /** The same as they were polled. */
  readonly raw: readonly Event[];
}

/** Lets an echo hear the attack. The stream stays open. */
export function played(attack: Attack, chunks: readonly Uint8Array[]): Played {
  const machine = machineFor(attack);
  const collected = collect(machine, chunks, { app: echo });
  return { ...collected, machine, raw: collected.events, events: collected.events.map(inShort) };
}

/** The options that let a side agree on what the attack assumes. What is echoed is not compressed. */
export function optionsFor({ options = {}, deflate }: Attack): Options {
  if (deflate === undefined) return options;
  const contextTakeover = deflate.serverTakeover || deflate.clientTakeover;
  return { ...options, deflate: { engine: zlib, threshold: Number.MAX_SAFE_INTEGER, contextTakeover } };
}
/** The offer that leads to these parameters. */
export function offerOf({ serverWindowBits, clientWindowBits, serverTakeover, clientTakeover }: DeflateParams): string {
  return [
    "permessage-deflate",
    ...(serverTakeover ? [] : ["server_no_context_takeover"]),
    ...(clientTakeover ? [] : ["client_no_context_takeover"]),
    ...(serverWindowBits < 15 ? [`server_max_window_bits=${serverWindowBits}`] : []),
    ...(clientWindowBits < 15 ? [`client_max_window_bits=${clientWindowBits}`] : []),
  ].join("; ");
}

/** The data frames and the Close that an echo writes: what was reported comes back, and the Close behind it. */
export function echoed({ events, answer }: Attack): readonly string[] {
  const frames = events.flatMap((event): string[] => {
    const [type] = event.split(" ", 1);
    const rest = event.slice(type.length + 1);
    return type === "text" ? [`1 ${hex(utf8(rest))}`] : type === "binary" ? [`2 ${rest}`] : [];
  });
  return answer === null || answer < 1000 ? frames : [...frames, `8 ${answer === 1005 ? "" : codeOf(answer)}`];
}
/** The same of what was written; the reason of a Close is free. */
export function queued(frames: readonly Frame[]): readonly string[] {
  return frames.filter(({ opcode }) => opcode < 9).map(({ opcode, payload }) =>
    `${opcode} ${hex(opcode === 8 ? payload.subarray(0, 2) : payload)}`
  );
}
/** The last Ping, which must be answered whatever became of earlier ones (RFC 6455 §5.5.3); null: there was none. */
export function lastPing({ events }: Attack): string | null {
  return events.findLast((event) => event.split(" ", 1)[0] === "ping")?.slice(5) ?? null;
}
export function lastPong(frames: readonly Frame[]): string | null {
  const pong = frames.findLast(({ opcode }) => opcode === 10);
  return pong === undefined ? null : hex(pong.payload);
}

/** The status of a server's answer, 101 included; null where the attack does not come to one. */
export function statusFor({ role, opening, events, answer }: Attack): number | null {
  if (role === "client" || opening === undefined) return null;
  return events.includes("open") ? 101 : answer;
}
/** One header of a head, without case; null: it is not there. */
export function headerOf(head: string, name: string): string | null {
  const line = head.split("\r\n").slice(1).find((line) => line.toLowerCase().startsWith(`${name}: `));
  return line === undefined ? null : line.slice(name.length + 2);
}

function machineFor(attack: Attack): Connection {
  const { role, opening, protocols = [], deflate = null } = attack;
  const options = optionsFor(attack);
  if (opening !== undefined) return role === "server" ? freshServer(options) : freshClient(options, { protocols });
  return role === "server"
    ? upgradedConnection("server", agreementOf(deflate), options)
    : upgradedConnection("client", agreementOf(deflate), { ...options, random: seededRandom() });
}
function echo(event: Event, machine: Connection): void {
  if (event.type === "request") (machine as ServerConnection).accept();
  if (event.type === "text" || event.type === "binary") machine.send(event.data);
}
function codeOf(code: number): string {
  return hex(closePayload(code));
}
function hex({ buffer, byteOffset, byteLength }: Uint8Array): string {
  return Buffer.from(buffer, byteOffset, byteLength).toString("hex");
}
