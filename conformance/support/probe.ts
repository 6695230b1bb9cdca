// What comes in: a machine, and one input after the other. What goes out: what it said and wrote since one last looked, in words short
// enough to compare by eye. For tests that follow one connection step by step, in core and here; laws use collect.ts.
// Next file: pair.ts.
import { clientConnection, serverConnection, upgradedConnection } from "../../core/index.ts";
import type {
  Agreement,
  ClientTarget,
  Event,
  Kind,
  Millis,
  Options,
  RequestHead,
  Role,
  ServerConnection,
} from "../../core/types.ts";
import { concat, encode, type FrameSpec } from "../frames/encode.ts";
import { type Frame, FrameReader } from "../frames/reader.ts";
import { seededRandom } from "./virtual.ts";

export interface Probe {
  /** Clients are machines of the same kind, so tests may call what only a server has. */
  readonly machine: ServerConnection;
  /** The clock of all inputs. */
  now: Millis;
  /** Octets, or frames that are masked as the role asks, arrive as one chunk. */
  receive(...input: readonly (Uint8Array | FrameSpec | string)[]): void;
  /** The stream ends, or fails. */
  end(error?: unknown): void;
  /** Events since one last looked; see `inShort`. */
  said(): string[];
  /** Frames that left since one last looked: everything is consumed. */
  wrote(): string[];
  /** The same as octets. */
  octets(): Uint8Array;
  /** Milliseconds to the next deadline. */
  deadline(): Millis | null;
  /** So much time passes, with a call of handleTimeout at its end. */
  pass(by: Millis): void;
}

/** A connection behind its opening handshake, whose `open` has been polled, and its deadlines asked for. */
export function opened(role: Role, options: Options = {}, agreement: Partial<Agreement> = {}, now: Millis = 0): Probe {
  const agreed: Agreement = { status: 101, headers: [], protocol: "", deflate: null, ...agreement };
  const machine = role === "server"
    ? upgradedConnection("server", agreed, options)
    : upgradedConnection("client", agreed, { ...options, random: seededRandom() });
  const one = probe(machine);
  one.now = now;
  machine.poll();
  one.deadline();
  return one;
}
/** A server before its opening handshake; with `head`, behind a request that somebody else has read. */
export function server(options: Options = {}, head?: RequestHead): Probe {
  return probe(serverConnection(options, head));
}
/** A client whose request waits. */
export function client(options: Options = {}, target: Partial<ClientTarget> = {}): Probe {
  return probe(clientConnection({ authority: "localhost", target: "/", ...target }, { ...options, random: seededRandom() }));
}

export function probe(connection: object): Probe {
  const machine = connection as ServerConnection;
  const reader = new FrameReader();
  const mask = machine.role === "server" ? MASK : null;
  const one: Probe = {
    machine,
    now: 0,
    receive(...input) {
      const chunk = concat(input.map((item) => {
        if (typeof item === "string") return Buffer.from(item, "latin1");
        return item instanceof Uint8Array ? item : encode({ mask, ...item });
      }));
      machine.receive(chunk, one.now);
    },
    end: (error) => machine.receiveEnd(one.now, error),
    said() {
      const said: string[] = [];
      for (let event; (event = machine.poll()) !== null;) said.push(inShort(event));
      return said;
    },
    wrote() {
      reader.receive(one.octets());
      const frames: string[] = [];
      for (let frame; (frame = reader.next()) !== null;) frames.push(frameInShort(frame));
      return frames;
    },
    octets() {
      const chunks: Uint8Array[] = [];
      for (let chunk; (chunk = machine.peekOutput()) !== null;) {
        chunks.push(chunk.slice());
        machine.consumeOutput(chunk.length);
      }
      return concat(chunks);
    },
    deadline() {
      const at = machine.nextTimeout(one.now);
      return at === null ? null : at - one.now;
    },
    pass(by) {
      one.now += by;
      machine.handleTimeout(one.now);
    },
  };
  return one;
}

/** An event in words: its type and what matters of it, octets as hexadecimal digits. */
export function inShort(event: Event): string {
  switch (event.type) {
    case "text":
      return `text ${event.data}`;
    case "binary":
    case "ping":
    case "pong":
      return `${event.type} ${hex(event.data)}`.trimEnd();
    case "part":
      return piece(event.type, event.kind, event.data, event.first, event.last);
    case "raw":
      return piece(event.type, event.kind, event.bytes.subarray(event.start, event.end), event.first, event.last);
    case "close":
      return `close ${event.close.code} ${event.close.reason}`.trimEnd();
    case "fault":
      return `fault ${event.fault.code}`;
    case "closed":
      return `closed ${event.close.code} ${event.close.reason}`.trimEnd() + (event.clean ? " clean" : "");
    case "request":
      return `request ${event.request.target}`;
    case "respond":
    case "rejected":
      return `${event.type} ${event.status}`;
    case "open":
      return "open";
  }
}

function piece(type: string, kind: Kind, data: Uint8Array, first: boolean, last: boolean): string {
  const shown = kind === "text" ? Buffer.from(data).toString() : hex(data);
  return `${type} ${kind} ${shown}`.trimEnd() + (first ? " first" : "") + (last ? " last" : "");
}
function frameInShort({ fin, rsv, opcode, payload }: Frame): string {
  const name = `${NAMES[opcode] ?? opcode}${rsv === 4 ? " packed" : rsv === 0 ? "" : ` rsv ${rsv}`}${fin ? "" : " part"}`;
  const view = new DataView(payload.buffer);
  if (opcode === 8) return payload.length < 2 ? name : `${name} ${view.getUint16(0)} ${text(payload.subarray(2))}`.trimEnd();
  return `${name} ${opcode === 1 && rsv === 0 ? text(payload) : hex(payload)}`.trimEnd();
}
function hex(octets: Uint8Array): string {
  return Buffer.from(octets).toString("hex");
}
function text(octets: Uint8Array): string {
  return Buffer.from(octets).toString();
}

const MASK = Uint8Array.of(0x37, 0xfa, 0x21, 0xbd);
const NAMES: Readonly<Record<number, string>> = { 0: "more", 1: "text", 2: "binary", 8: "close", 9: "ping", 10: "pong" };
