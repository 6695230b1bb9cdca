// A connection without a network, for tests of adapters: a transport in memory, whose other end is written by hand, frame by frame.
// What comes in: what a test says as the peer. What goes out: what the other side wrote, write by write. Next file: virtual.ts.
import type { Driver, Peer, Transport } from "../../adapters/socket/transport.ts";
import type { Bytes, Header } from "../../core/types.ts";
import { closePayload, concat, encode, type FrameSpec, utf8 } from "../frames/encode.ts";
import { type Frame, FrameReader } from "../frames/reader.ts";
import type { VirtualHost } from "./virtual.ts";

/** What an adapter would write, and what the peer says. */
export class Wire implements Transport, Peer {
  readonly address = "192.0.2.1";
  readonly port = 4711;
  readonly secure = false;
  /** Every write, copied. */
  readonly writes: Bytes[] = [];
  /** Everything that was asked of the transport, in order. */
  readonly calls: string[] = [];
  /** "now": a write is finished with at once; "later": when `finish` says so. */
  answers: "now" | "later" = "now";
  /** The most octets that one write takes. */
  most: number = Infinity;
  /** The peer masks its frames, as a client does. */
  readonly masked: boolean;
  driver: Driver | null = null;
  #flight: Uint8Array | null = null;

  constructor(masked = true) {
    this.masked = masked;
  }
  start(driver: Driver): void {
    this.driver = driver;
  }
  write(chunk: Uint8Array): number {
    if (this.#flight !== null) throw new Error("two writes at once");
    if (this.ended) throw new Error("a write behind the end");
    const taken = chunk.slice(0, this.most);
    this.writes.push(taken);
    if (this.answers === "now") return taken.length;
    this.#flight = chunk;
    return 0;
  }
  end(): void {
    if (this.#flight !== null) throw new Error("ended inside of a write");
    this.calls.push("end");
  }
  destroy(): void {
    this.calls.push("destroy");
  }
  pause(): void {
    this.calls.push("pause");
  }
  resume(): void {
    this.calls.push("resume");
  }
  get ended(): boolean {
    return this.calls.includes("end");
  }
  get destroyed(): boolean {
    return this.calls.includes("destroy");
  }
  get writing(): boolean {
    return this.#flight !== null;
  }
  /** The write in flight is done; its octets are checked against what was written. */
  finish(): void {
    const chunk = this.#flight, written = this.writes.at(-1)!;
    if (chunk === null) throw new Error("no write in flight");
    if (!written.every((octet, i) => octet === chunk[i])) throw new Error("the chunk changed while it was borrowed");
    this.#flight = null;
    this.driver!.wrote(written.length);
  }

  /** Octets of the peer. */
  receive(...octets: readonly Uint8Array[]): void {
    this.driver!.received(concat(octets));
  }
  /** Frames of the peer, in one chunk. */
  say(...frames: readonly FrameSpec[]): void {
    this.receive(...frames.map((frame) => encode({ mask: this.masked ? Uint8Array.of(1, 2, 3, 4) : null, ...frame })));
  }
  ask(headers: readonly Header[] = [], target = "/"): void {
    const lines = [...UPGRADE, ...headers].map(([name, value]) => `${name}: ${value}\r\n`);
    this.receive(utf8(`GET ${target} HTTP/1.1\r\n${lines.join("")}\r\n`));
  }
  /** The head that the other side wrote first. */
  get head(): string {
    return this.#parts()[0];
  }
  /** Behind the head. */
  get body(): string {
    return new TextDecoder().decode(this.#parts()[1]);
  }
  get frames(): readonly Frame[] {
    const reader = new FrameReader();
    reader.receive(this.#parts()[1]);
    const frames: Frame[] = [];
    for (let frame = reader.next(); frame !== null; frame = reader.next()) frames.push(frame);
    return frames;
  }
  /** The frames, written as one word each. */
  get said(): readonly string[] {
    return this.frames.map((frame) => {
      const text = new TextDecoder().decode(frame.payload);
      if (frame.opcode === 8) return frame.payload.length < 2 ? "close" : `close ${(frame.payload[0]! << 8) | frame.payload[1]!}`;
      return `${NAMES[frame.opcode]}${frame.fin ? "" : "..."} ${text}`.trim();
    });
  }
  #parts(): [string, Bytes] {
    const all = concat(this.writes);
    const end = indexOf(all, utf8("\r\n\r\n")) + 4;
    return end < 4 ? ["", all] : [new TextDecoder().decode(all.subarray(0, end)), all.slice(end)];
  }
}

export const text = (payload: string): FrameSpec => ({ opcode: 1, payload: utf8(payload) });
export const binary = (...payload: readonly number[]): FrameSpec => ({ opcode: 2, payload: Uint8Array.from(payload) });
export const ping = (payload = ""): FrameSpec => ({ opcode: 9, payload: utf8(payload) });
export const pong = (payload: string | Uint8Array = ""): FrameSpec => ({
  opcode: 10,
  payload: typeof payload === "string" ? utf8(payload) : payload,
});
export const close = (code?: number): FrameSpec =>
  code === undefined ? { opcode: 8 } : { opcode: 8, payload: closePayload(code) };
/** A frame that breaks the protocol. */
export const bad: FrameSpec = { opcode: 3 };

/** Lets promises and what waits for them run, on a host whose time stands still. */
export async function settle(host: VirtualHost): Promise<void> {
  for (let i = 0; i < 4; i++) {
    await new Promise<void>((resolve) => setImmediate(resolve));
    host.drain();
  }
}

const UPGRADE: readonly Header[] = [
  ["Host", "example.org"],
  ["Upgrade", "websocket"],
  ["Connection", "Upgrade"],
  ["Sec-WebSocket-Version", "13"],
  ["Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="],
];
const NAMES: readonly string[] = ["more", "text", "binary", "3", "4", "5", "6", "7", "close", "ping", "pong"];

function indexOf(all: Uint8Array, part: Uint8Array): number {
  return all.findIndex((_, at) => part.every((octet, i) => all[at + i] === octet));
}
