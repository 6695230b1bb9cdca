// What an item of the scenario is made of, and what its two halves find: the half of the client runs in the runtime under test, the other one
// in the driver, which plays a raw peer of the server. No host is named here: every file of items runs in a Worker too.
// Next files: opening.ts, messages.ts, endings.ts, flow.ts, reach.ts, which are the items; then server.ts.
import type { Closed, Connect, Socket, WebSocketError } from "../../../adapters/adapter.ts";

export interface Item {
  readonly name: string;
  /** What a client does with the server, or with a raw peer. Rejects with what is wrong. */
  readonly client?: (at: Client) => Promise<void>;
  /** What a raw client does to the server. Runs in the driver. */
  readonly raw?: (at: Raw) => Promise<void>;
}

/** The listeners of a server: each differs from `main` by the option that its name says. */
export const listeners = ["main", "parts", "raw", "plain", "stall", "secure", "untrusted", "misnamed", "unix"] as const;
export type Listening = (typeof listeners)[number];
/** Without a slash at the end; a target follows. */
export type Urls = Readonly<Record<Listening, string>>;

/** What a client finds. */
export interface Client {
  /** Where a runtime takes authorities from its configuration, `ca` is left out of consideration. */
  readonly connect: Connect<
    { readonly tls?: { readonly ca?: string; readonly servername?: string } }
  >;
  readonly urls: Urls;
  /** The raw peers of the driver. */
  readonly peers: string;
  /** New for each run, so that nobody answers for another run. */
  readonly run: string;
}
/** What the driver's half finds. */
export interface Raw extends Pick<Client, "connect" | "urls" | "run"> {
  /** Connects to `main` or another listener and asks for the upgrade; resolves behind the head of the answer. */
  dial(listening: Listening, target: string): Promise<RawPeer>;
  /** Connects and says nothing. */
  dialSilent(listening: Listening): Promise<Pick<RawPeer, "ended">>;
}
/** A stream of TCP that obeys no rule. */
export interface RawPeer {
  write(bytes: Uint8Array): void;
  /** Octets behind the head of the answer, so far. */
  received(): Uint8Array;
  /** Half-close. */
  end(): void;
  /** RST. */
  reset(): void;
  /** Does not read any more. */
  pause(): void;
  /** How the other side ended: "end" for FIN, "error" for RST. */
  readonly ended: Promise<"end" | "error">;
}

/** What a server remembers of a connection that gave itself an `id`. */
export interface Note {
  /** A send() waits for drain. */
  waiting: boolean;
  /** Messages taken, with that one. */
  sent: number;
  /** May go on. */
  go: boolean;
  closed: Ended | null;
}
/** A `Closed` that fits into JSON. */
export interface Ended {
  readonly code: number;
  readonly reason: string;
  readonly clean: boolean;
  readonly error: string | null;
  /** The error of the runtime is an Error too. */
  readonly cause: boolean;
}
export function ended({ code, reason, clean, error }: Closed): Ended {
  return { code, reason, clean, error: error?.code ?? null, cause: error?.cause instanceof Error };
}

/** Asks the server about the connection `id`, as soon as the field is true or set. */
export async function noted(at: Pick<Client, "connect" | "urls">, id: string, field: keyof Note): Promise<Note> {
  return JSON.parse(await first(await at.connect(`${at.urls.main}/noted?id=${id}&field=${field}`)));
}
/** The next message. What else comes is dropped. */
export async function first(socket: Socket): Promise<string> {
  const { value } = await socket[Symbol.asyncIterator]().next();
  await socket.close();
  return String(value);
}
/** What connect() rejected with, as "CODE", or "CODE cause" if the runtime's error came with it. */
export async function failing(connecting: Promise<Socket<any, any>>): Promise<string> {
  try {
    await (await connecting).close();
    return "no error";
  } catch (error) {
    const { code, cause } = error as WebSocketError;
    return cause instanceof Error ? `${code} cause` : `${code}`;
  }
}

/** Throws unless both look the same in JSON. */
export function same(what: string, actual: unknown, expected: unknown): void {
  const [found, wanted] = [JSON.stringify(actual), JSON.stringify(expected)];
  if (found !== wanted) throw new Error(`${what}: ${cut(found)}, not ${cut(wanted)}`);
}
/** Throws unless the octets are the same. */
export function sameBytes(what: string, actual: unknown, expected: Uint8Array): void {
  same(`${what}, is bytes`, actual instanceof Uint8Array, true);
  const bytes = actual as Uint8Array;
  same(`${what}, length`, bytes.byteLength, expected.byteLength);
  same(`${what}, first difference`, bytes.findIndex((octet, at) => octet !== expected[at]), -1);
}
/** Resolves when the condition holds. Who waits in vain is ended by the deadline of the item. */
export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!await condition()) await pause(5);
}
export function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
/** Octets that zlib cannot make smaller: a generator of linear congruence. */
export function noise(length: number): Uint8Array<ArrayBuffer> {
  let state = 1;
  return Uint8Array.from({ length }, () => (state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0) >>> 16);
}

function cut(text: string | undefined): string {
  return text === undefined || text.length <= 120 ? String(text) : `${text.slice(0, 117)}...`;
}
