// What comes in: nothing. What goes out: octets of JavaScript heap for one idle connection, without the runtime's socket.
// Thousands of connections on sockets that are not there; each has echoed a message, so that what is made on first use has been made.
// Next files: floods.ts, for a connection that is attacked, and footprint.ts, for the whole process.
import { setTimeout as sleep } from "node:timers/promises";
import type { Duplex } from "node:stream";
import { type Handler, listener } from "../../adapters/adapter.ts";
import { host } from "../../adapters/node.ts";
import { NodeTransport } from "../../adapters/node-sockets.ts";
import { natives } from "../../adapters/node-natives.ts";
import { upgradedConnection } from "../../core/index.ts";
import { encode, utf8 } from "../frames/encode.ts";
import { loadWs } from "./peers.ts";
import type { Contender, Contenders, Figures } from "./race.ts";
import { median, type Row } from "./table.ts";

const CONNECTIONS = 10_000;
const HELLO = encode({
  opcode: 1,
  payload: utf8("hello hello hello"),
  mask: Uint8Array.of(1, 2, 3, 4),
});
const REQUEST = utf8([
  "GET / HTTP/1.1",
  "Host: localhost",
  "Upgrade: websocket",
  "Connection: Upgrade",
  "Sec-WebSocket-Version: 13",
  "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
  "\r\n",
].join("\r\n"));

/** A socket that takes everything and says nothing. It has no memory of its own: both sides give every socket the same functions. */
class Nowhere {
  static readonly listeners: Map<
    string,
    (this: Nowhere, chunk: Buffer) => void
  > = new Map();
  readonly destroyed = false;
  readonly writableLength = 0;
  on(event: string, listener: (this: Nowhere, chunk: Buffer) => void): this {
    Nowhere.listeners.set(event, listener);
    return this;
  }
  once(): this {
    return this;
  }
  removeListener(): this {
    return this;
  }
  /** Without it the write would be in flight for ever, and the connection not idle. */
  write(_: Uint8Array, written?: (error: null) => void): boolean {
    written?.(null);
    return true;
  }
  cork(): void {}
  uncork(): void {}
  pause(): this {
    return this;
  }
  resume(): this {
    return this;
  }
  data(bytes: Uint8Array): void {
    Nowhere.listeners.get("data")?.call(this, Buffer.from(bytes));
  }
}

/** `open` makes a connection on a socket; what it returns is kept. */
function contender(open: (socket: Nowhere) => unknown): Contender {
  const prepare = (): () => Promise<number> => async () => {
    const warm = Array.from({ length: 200 }, () => open(new Nowhere()));
    const sockets = Array.from({ length: CONNECTIONS }, () => new Nowhere());
    const kept: unknown[] = new Array(CONNECTIONS).fill(null);
    const before = (await collected()).heapUsed;
    for (let i = 0; i < CONNECTIONS; i++) kept[i] = open(sockets[i]);
    const after = (await collected()).heapUsed;
    if (warm.length + kept.length + sockets.length < CONNECTIONS) {
      throw new Error("something was not kept");
    }
    return (after - before) / CONNECTIONS;
  };
  return { cases: ["idle"], prepare, once: true, flags: ["--expose-gc"] };
}
/** What the process uses when there is no garbage. Needs --expose-gc. */
export async function collected(): Promise<NodeJS.MemoryUsage> {
  for (let i = 0; i < 3; i++) {
    await sleep(50);
    globalThis.gc?.();
  }
  return process.memoryUsage();
}

const AGREEMENT = {
  status: 101,
  headers: [],
  protocol: "",
  deflate: null,
} as const;
const OPTIONS = Object.freeze({ natives });

function machine(): unknown {
  const connection = upgradedConnection("server", AGREEMENT, OPTIONS);
  connection.receive(HELLO.slice(), 0);
  for (
    let event = connection.poll();
    event !== null;
    event = connection.poll()
  ) {
    if (event.type === "text") connection.send(event.data);
  }
  for (
    let out = connection.peekOutput();
    out !== null;
    out = connection.peekOutput()
  ) connection.consumeOutput(out.byteLength);
  connection.nextTimeout(0);
  return connection;
}

/** A whole connection of the Node adapter: transport, machine, handle, and what the server remembers of it. */
function adapted(handler: Handler): (socket: Nowhere) => unknown {
  const server = listener({ deflate: null }, handler, host);
  return (socket) => {
    const transport = new NodeTransport(socket as unknown as Duplex);
    server.accept(transport, transport);
    socket.data(REQUEST);
    socket.data(HELLO);
    return transport;
  };
}
const HANDLERS: Handler = { message: (socket, data) => void socket.send(data) };
const ITERATION: Handler = async (socket) => {
  for await (const message of socket) await socket.send(message);
};

function ws(socket: Nowhere): unknown {
  const { WebSocket } = loadWs();
  const connection = new WebSocket(null, undefined, { autoPong: true });
  connection.setSocket(socket, Buffer.alloc(0), {
    allowSynchronousEvents: true,
    maxPayload: 1 << 24,
    skipUTF8Validation: false,
  });
  connection.on("message", echo);
  socket.data(HELLO);
  return connection;
}
function echo(
  this: { send(data: Buffer, options: object): void },
  data: Buffer,
  binary: boolean,
): void {
  this.send(data, { binary });
}

export const contenders: Contenders = {
  "machine alone": contender(machine),
  "handlers": contender(adapted(HANDLERS)),
  "iteration": contender(adapted(ITERATION)),
  "ws": contender(ws),
};

export function rows(figures: Figures): Row[] {
  return MOST.map(([name, most]): Row => {
    const [mine, theirs] = [
      median(figures[name].idle),
      median(figures.ws.idle),
    ];
    const floor = most === null ? null : { text: `≤ ${most} B`, reached: mine <= most };
    const [ours, peers] = [mine, theirs].map((octets) => `${octets.toFixed(0)} B`);
    return {
      name: `idle connection, ${name}`,
      mine: ours,
      peer: "ws",
      theirs: peers,
      ratio: theirs / mine,
      floor,
    };
  });
}

const MOST: readonly (readonly [name: string, most: number | null])[] = [
  ["machine alone", null],
  ["handlers", 512],
  ["iteration", null],
];
