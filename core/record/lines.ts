// What comes in: arguments of calls, and what came of them. What goes out: values that JSON can hold, and back. Octets are hexadecimal
// digits, as the vectors of the conformance suite have them. Next file: replay.ts.
import { isBytes, PreparedMessage } from "../outbound/prepared.ts";
import type {
  Acceptance,
  Agreement,
  Bytes,
  ClientTarget,
  Deflate,
  DeflateEngine,
  Event,
  Header,
  Kind,
  Limits,
  Millis,
  Options,
  Prepared,
  RequestHead,
  Role,
  SendOptions,
} from "../types.ts";

/** One line of a recording. The first says how the machine was made; `gives` is what a call came to, in short. */
export type Line =
  | { readonly do: "client"; readonly target: ClientTarget; readonly options: PlainOptions }
  | { readonly do: "server"; readonly options: PlainOptions; readonly head?: RequestHead }
  | { readonly do: "upgraded"; readonly role: Role; readonly agreement: Agreement; readonly options: PlainOptions }
  | { readonly do: "random"; readonly bytes: string }
  | { readonly do: "receive"; readonly now: Millis; readonly bytes: string }
  | { readonly do: "receiveEnd"; readonly now: Millis; readonly error?: string }
  | Call & { readonly gives?: unknown };
/** A call whose result is on record. */
export type Call =
  | { readonly do: "handleTimeout" | "nextTimeout"; readonly now: Millis }
  | { readonly do: "poll" | "peekOutput" }
  | { readonly do: "consumeOutput"; readonly count: number }
  | { readonly do: "send"; readonly data: Data; readonly options?: SendOptions }
  | { readonly do: "sendPrepared"; readonly message: PlainPrepared | null }
  | { readonly do: "relay"; readonly kind: Kind; readonly bytes: string; readonly first: boolean; readonly last: boolean }
  | { readonly do: "ping"; readonly data?: Data }
  | { readonly do: "close"; readonly code?: number; readonly reason?: string }
  | { readonly do: "accept"; readonly answer?: Acceptance }
  | { readonly do: "reject"; readonly status: number; readonly headers: readonly Header[]; readonly body: Data };

/** Options without functions; limits without end are the word. */
export interface PlainOptions {
  readonly messages: NonNullable<Options["messages"]>;
  readonly limits: Readonly<Partial<Record<keyof Limits, number | "Infinity">>>;
  readonly timers: NonNullable<Options["timers"]>;
  readonly deflate: Omit<Deflate, "engine"> | null;
}
/** A string, octets, or null for what is neither. */
export type Data = { readonly text: string } | { readonly bytes: string } | null;
export interface PlainPrepared {
  readonly kind: Kind;
  readonly payload: string;
  readonly compressed: string | null;
  readonly windowBits: number;
}

export function optionsOf({ messages = "whole", limits = {}, timers = {}, deflate = null }: Options): PlainOptions {
  return {
    messages,
    limits: Object.fromEntries(Object.entries(limits).map(([name, most]) => [name, most === Infinity ? "Infinity" : most])),
    timers,
    deflate: deflate === null ? null : withoutEngine(deflate),
  };
}
export function optionsFrom({ messages, limits, timers, deflate }: PlainOptions, engine: DeflateEngine | undefined): Options {
  if (deflate !== null && engine === undefined) throw new TypeError("this recording needs an engine for its compression");
  return {
    messages,
    limits: Object.fromEntries(Object.entries(limits).map(([name, most]) => [name, most === "Infinity" ? Infinity : most])),
    timers,
    deflate: deflate === null ? null : { ...deflate, engine: engine! },
  };
}

export function dataOf(data: string | Uint8Array): Data {
  if (typeof data === "string") return { text: data };
  return isBytes(data) ? { bytes: hex(data) } : null;
}
export function dataFrom(data: Data): string | Bytes {
  if (data === null) return null as never; // it was neither, and is refused again
  return "text" in data ? data.text : octets(data.bytes);
}
export function preparedOf(message: Prepared): PlainPrepared | null {
  if (!(message instanceof PreparedMessage)) return null;
  const { kind, plain, compressed } = message;
  const payload = hex(plain.bytes.subarray(plain.payload));
  if (compressed === null) return { kind, payload, compressed: null, windowBits: 0 };
  return { kind, payload, compressed: hex(compressed.bytes.subarray(compressed.payload)), windowBits: compressed.windowBits };
}
export function preparedFrom(message: PlainPrepared | null): Prepared {
  if (message === null) return null as never;
  const { kind, payload, compressed, windowBits } = message;
  return new PreparedMessage(kind, octets(payload), compressed === null ? null : octets(compressed), windowBits);
}

/** An event in a few words: its type, its size, what it ends. */
export function brief(event: Event | null): string | null {
  if (event === null) return null;
  switch (event.type) {
    case "text":
    case "binary":
    case "ping":
    case "pong":
      return `${event.type} ${event.data.length}`;
    case "part":
      return piece("part", event.kind, event.data.length, event.first, event.last);
    case "raw":
      return piece("raw", event.kind, event.end - event.start, event.first, event.last);
    case "close":
      return `close ${event.close.code}`;
    case "closed":
      return `closed ${event.close.code}${event.clean ? " clean" : ""}`;
    case "fault":
      return `fault ${event.fault.code}`;
    case "respond":
    case "rejected":
      return `${event.type} ${event.status}`;
    case "request":
    case "open":
      return event.type;
  }
}
/** The length of a chunk, and the FNV-1a hash of its octets. */
export function sumOf(chunk: Uint8Array | null): string | null {
  if (chunk === null) return null;
  let hash = 0x811c9dc5;
  for (let i = 0; i < chunk.length; i++) hash = Math.imul(hash ^ chunk[i]!, 0x01000193);
  return `${chunk.length} ${(hash >>> 0).toString(16).padStart(8, "0")}`;
}
export function hex(bytes: Uint8Array): string {
  let digits = "";
  for (let i = 0; i < bytes.length; i++) digits += PAIRS[bytes[i]!];
  return digits;
}
export function octets(digits: string): Bytes {
  const bytes = new Uint8Array(digits.length >> 1);
  for (let i = 0; i < bytes.length; i++) bytes[i] = Number.parseInt(digits.slice(2 * i, 2 * i + 2), 16);
  return bytes;
}

function piece(type: string, kind: Kind, size: number, first: boolean, last: boolean): string {
  return `${type} ${kind} ${size}${first ? " first" : ""}${last ? " last" : ""}`;
}
function withoutEngine({ engine: _, ...rest }: Deflate): Omit<Deflate, "engine"> {
  return rest;
}

const PAIRS: readonly string[] = Array.from({ length: 256 }, (_, octet) => octet.toString(16).padStart(2, "0"));
