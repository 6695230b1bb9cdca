// The program under attack: an adapter in its own runtime, which does what it is told and says what it has seen. In: the runtime's name as the
// argument, commands as lines of JSON, `[name, argument]`. Out: one line of JSON for each. When the input ends it stops serving and must come to
// an end by itself: what does not has kept something alive. Next file: victims.ts, the other end of the lines.
import { readdirSync } from "node:fs";
import process from "node:process";
import type { Closed, ServeOptions, Server, Socket } from "../../adapters/adapter.ts";
import { adapterOf, type SocketRuntime } from "../runtimes/adapter-of.ts";
import { HEARD, isNext, say } from "./session.ts";

/** What a server is told. `pending`: requests wait until their signal aborts. */
export interface Serving extends Pick<ServeOptions, "limits" | "timers"> {
  readonly deflate?: "takeover" | "none";
  readonly pending?: true;
}
/** One end of a connection, as its application saw it. */
export interface Seen {
  opened: number;
  closed: number;
  /** Messages, each of which was the next of the session. */
  heard: number;
  clean: boolean;
  code: number;
  /** Of the error with which it ended, or was never open. */
  error: string | null;
  /** What must never be. */
  wrong: string | null;
}
/** Everything else. */
export interface Tally {
  readonly sockets: number;
  /** Connections that failed before they were open, and requests whose signal aborted. */
  readonly failed: number;
  readonly aborted: number;
  /** Errors that nobody handled. */
  readonly unhandled: readonly string[];
  /** File descriptors; 0 where the system does not tell. */
  readonly files: number;
  /** Octets, behind a collection of garbage where the runtime was started so that it can be asked for one. */
  readonly resident: number;
  readonly heap: number;
}
/** The commands, with their arguments and answers. */
export interface Commands {
  /** Listens; answers with the port. */
  serve(options: Serving): Promise<number>;
  /** Clients of that port, one for each number, which is their target. */
  sessions(clients: { readonly port: number; readonly numbers: readonly number[] }): Promise<readonly Seen[]>;
  /** What the server saw of connections with these targets; null: it never saw an open one. */
  seen(numbers: readonly number[]): Promise<readonly (Seen | null)[]>;
  /** Sends so many octets so often to all, and waits each time for all but the one with the target `deaf`. */
  broadcast(what: { readonly size: number; readonly count: number; readonly deaf: number }): Promise<Broadcast>;
  /** Clients of that port that change their mind after so many milliseconds. */
  churn(clients: { readonly port: number; readonly count: number; readonly after: number }): Promise<readonly string[]>;
  tally(): Promise<Tally>;
}
export interface Broadcast {
  /** The most octets that waited for one socket. */
  readonly most: number;
  /** How the connections that have ended meanwhile did. */
  readonly ends: readonly (string | null)[];
}

const { serve, connect } = await adapterOf(process.argv[2] as SocketRuntime);
const unhandled: string[] = [];
const seen = new Map<number, Seen>();
const ends: (string | null)[] = [];
let server: Server<any> | null = null;
let failed = 0, aborted = 0;

for (const event of ["unhandledRejection", "uncaughtException"] as const) {
  process.on(event, (error: unknown) => void unhandled.push(String(error)));
}

const commands: Commands = {
  async serve({ limits, timers, deflate, pending }) {
    server = await serve({
      host: "127.0.0.1",
      port: 0,
      limits,
      timers,
      ...(deflate === "none" ? { deflate: null } : {}),
      ...(deflate === "takeover" ? await takeover() : {}),
      error: () => void failed++,
      upgrade: (request, _, signal) => pending ? undecided(signal) : { data: Number(request.target.slice(1)) },
    }, {
      open: (socket) => void (see(socket.data).opened++),
      async message(socket, data) {
        listen(see(socket.data), data);
        await socket.send(data);
      },
      close(socket, closed) {
        end(see(socket.data), closed);
        ends.push(closed.error?.code ?? null);
      },
    });
    return Number(new URL(server.url).port);
  },
  async sessions({ port, numbers }) {
    const left = [...numbers.entries()];
    const found: Seen[] = [];
    const worker = async (): Promise<void> => {
      for (let next = left.shift(); next !== undefined; next = left.shift()) found[next[0]] = await session(port, next[1]);
    };
    await Promise.all(Array.from({ length: 24 }, worker));
    return found;
  },
  async seen(numbers) {
    while (server!.sockets.size > 0) await turn();
    return numbers.map((number) => seen.get(number) ?? null);
  },
  async broadcast({ size, count, deaf }) {
    let most = 0;
    for (let i = 0; i < count; i++) {
      server!.broadcast(new Uint8Array(size).fill(i));
      const sockets = [...server!.sockets];
      most = Math.max(most, ...sockets.map(({ bufferedAmount }) => bufferedAmount));
      while (sockets.some(({ data, bufferedAmount }) => data !== deaf && bufferedAmount > 0)) await turn();
    }
    return { most, ends };
  },
  async churn({ port, count, after }) {
    const told = new Set<string>();
    for (let left = count; left > 0; left -= 50) {
      await Promise.all(Array.from({ length: Math.min(50, left) }, async () => {
        const abort = new AbortController();
        setTimeout(() => abort.abort("enough"), after);
        told.add(await connect(`ws://127.0.0.1:${port}/`, { signal: abort.signal }).then(() => "open", String));
      }));
    }
    return [...told];
  },
  async tally() {
    for (let i = 0; i < 3; i++) {
      await new Promise((resolve) => setTimeout(resolve, 20));
      (globalThis as { gc?: () => void }).gc?.();
    }
    const { rss: resident, heapUsed: heap } = process.memoryUsage();
    return { sockets: server?.sockets.size ?? 0, failed, aborted, unhandled, files: files(), resident, heap };
  },
};

async function session(port: number, number: number): Promise<Seen> {
  const mine = nothingYet();
  let socket: Socket;
  try {
    socket = await connect(`ws://127.0.0.1:${port}/${number}`);
  } catch (error) {
    return { ...mine, error: (error as { code?: string }).code ?? String(error) };
  }
  mine.opened++;
  const saying = say(socket);
  try {
    for await (const message of socket) {
      listen(mine, message);
      if (mine.heard === HEARD.length) break;
    }
  } catch {
    // socket.closed has the same
  }
  await saying;
  end(mine, mine.heard === HEARD.length ? await socket.close(1000) : await socket.closed);
  return mine;
}
function nothingYet(): Seen {
  return { opened: 0, closed: 0, heard: 0, clean: false, code: 0, error: null, wrong: null };
}
function see(number: number): Seen {
  let one = seen.get(number);
  if (one === undefined) {
    seen.set(number, one = nothingYet());
  }
  return one;
}
function listen(one: Seen, message: string | Uint8Array<ArrayBuffer>): void {
  if (one.closed > 0) one.wrong = "a message behind the end";
  else if (!isNext(message, one.heard)) one.wrong = `message ${one.heard} is not the one that was sent`;
  one.heard++;
}
function end(one: Seen, { clean, code, error }: Closed): void {
  Object.assign(one, { clean, code, error: error?.code ?? null });
  one.closed++;
}
function undecided(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener("abort", () => {
      aborted++;
      reject(signal.reason);
    });
  });
}
async function takeover(): Promise<Pick<ServeOptions, "deflate">> {
  const { zlib } = await import("../../adapters/zlib.ts");
  return { deflate: { engine: zlib, contextTakeover: true } };
}
function files(): number {
  try {
    return readdirSync("/proc/self/fd").length;
  } catch {
    return 0;
  }
}
function turn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 1));
}

async function obey(line: string): Promise<void> {
  const [name, argument] = JSON.parse(line) as [keyof Commands, any];
  const answer: unknown = await commands[name](argument as never).catch((error: unknown) => ({ error: String(error) }));
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
let rest = "";
process.stdin.setEncoding("utf8").on("data", (text: string) => {
  const lines = (rest + text).split("\n");
  rest = lines.pop()!;
  for (const line of lines) void obey(line);
}).on("end", () => void server?.close({ deadline: 0 }));
