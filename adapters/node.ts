// Node's net and tls: sockets to the core and back. `serve` listens, `connect` dials; both speak to the shared layer in socket/.
// Measured on Node: a write of net completes within the call unless the peer is slow, so a chunk is usually finished with at once.
// RFC 6455 §4.1, §7.1.1. Next file: node-http.ts, for an HTTP server that is there already.
import { randomFillSync } from "node:crypto";
import { connect as dialTcp, createServer as createTcpServer, isIP, type ListenOptions, Socket as NetSocket } from "node:net";
import type { Duplex } from "node:stream";
import {
  connect as dialTls,
  type ConnectionOptions,
  createServer as createTlsServer,
  type TlsOptions,
  type TLSSocket,
} from "node:tls";
import { natives } from "./node-natives.ts";
import { failure } from "./socket/errors.ts";
import type { Connect, ConnectOptions, Handler, Handlers, Serve, ServeOptions, Server, Socket } from "./socket/handle.ts";
import { open } from "./socket/open.ts";
import { listener } from "./socket/server.ts";
import { parseTarget, type Target, tcpUrl, unixUrl } from "./socket/target.ts";
import type { Driver, Host, Peer, Transport } from "./socket/transport.ts";
import { zlib } from "./zlib.ts";

export { HandshakeError, WebSocketError } from "./socket/errors.ts";
export { UsageError } from "../core/index.ts";
export type { WebSocketErrorCode } from "./socket/errors.ts";
export type * from "./socket/handle.ts";

/** Where to listen, as `server.listen` of node:net has it, and with `tls` what node:tls needs. */
export interface NodeServe
  extends Pick<ListenOptions, "port" | "host" | "path" | "backlog" | "exclusive" | "ipv6Only" | "readableAll" | "writableAll"> {
  readonly tls?: TlsOptions | undefined;
}
/** Certificates and the like for wss; the server's name is that of the URL unless `tls.servername` says otherwise. */
export interface NodeConnect {
  readonly tls?: ConnectionOptions | undefined;
}

/** Listens on a port of TCP, or on a path (RFC 6455 §4.2). Rejects with what `listen` failed with, or with `signal.reason`. */
export const serve: Serve<NodeServe> = async <Data>(
  options: ServeOptions<Data> & NodeServe,
  handler: Handler<Data, any>,
): Promise<Server<Data>> => {
  const { tls, signal } = options;
  signal?.throwIfAborted();
  const core = listener(options, handler, host);
  const take = (socket: NetSocket): void => {
    socket.allowHalfOpen = true;
    const transport = new NodeTransport(socket);
    core.accept(transport, transport);
  };
  // TLS becomes half-open only behind its handshake, or a client that leaves inside of it would stay until the timeout.
  const server = tls === undefined ? createTcpServer({ noDelay: true, allowHalfOpen: true }, take) : createTlsServer({
    handshakeTimeout: options.timers?.handshake ?? 10_000,
    ...tls,
    noDelay: true,
    ALPNProtocols: ["http/1.1"],
  }, take);
  server.on("tlsClientError", (error) => core.failed(failure("TLS", error)));
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(addressOf(options), () => {
      server.off("error", reject);
      resolve();
    });
  });
  server.on("error", (error) => core.failed(error));
  const url = urlOf(server.address(), tls !== undefined);
  return core.server(() => url, () => void server.close());
};

/**
 * Connects to a ws, wss or ws+unix URL. Rejects with HandshakeError (another answer than 101), WebSocketError (CONNECT, TLS, or a
 * fault of the handshake), UsageError, or `signal.reason`; nothing stays open then.
 */
export const connect: Connect<NodeConnect> = async (
  url: string | { readonly href: string },
  options: ConnectOptions & NodeConnect = {},
  handlers?: Handlers,
): Promise<Socket<any, any>> => {
  const to = parseTarget(url, options);
  return open((signal) => dial(to, options.tls, signal), to.target, options, host, handlers);
};

const resolved = Promise.resolve();

export const host: Host = Object.freeze({
  now: () => performance.now(),
  // Sockets keep the process alive, deadlines of sockets do not.
  after: (delay: number, run: () => void) => setTimeout(run, delay).unref(),
  cancel: (timer: unknown) => clearTimeout(timer as NodeJS.Timeout),
  // A tick asked for outside of microtasks would run before them.
  soon: (run: () => void) => void resolved.then(() => process.nextTick(run)),
  random: (into: Uint8Array) => void randomFillSync(into),
  natives,
  deflate: Object.freeze({ engine: zlib }),
});

/** node:net takes a port that is undefined for any port, even beside a path. */
function addressOf(options: NodeServe): ListenOptions {
  const { port, host, path, backlog, exclusive, ipv6Only, readableAll, writableAll } = options;
  const given = Object.entries({ port, host, path, backlog, exclusive, ipv6Only, readableAll, writableAll });
  return Object.fromEntries(given.filter(([, value]) => value !== undefined));
}

/** The URL of a server. */
export function urlOf(address: ReturnType<ReturnType<typeof createTcpServer>["address"]>, secure: boolean): string {
  if (address === null) return "";
  return typeof address === "string" ? unixUrl(address, secure) : tcpUrl(address.address, address.port, secure);
}

/** A net or tls socket, or any Duplex of octets. It is its own Peer: an idle connection pays for one object with one field. */
export class NodeTransport implements Transport, Peer {
  readonly #stream: Stream;

  constructor(stream: Duplex) {
    this.#stream = stream as Stream;
    stream.on("error", onError);
  }
  get address(): string | null {
    return this.#stream.remoteAddress ?? null;
  }
  get port(): number | null {
    return this.#stream.remotePort ?? null;
  }
  get secure(): boolean {
    return this.#stream.encrypted === true;
  }

  start(driver: Driver): void {
    const stream = this.#stream;
    stream[DRIVER] = driver;
    if (stream.destroyed) return driver.ended(stream.errored ?? undefined);
    stream.on("data", onData);
    stream.on("end", onEnd);
    stream.on("close", onEnd);
  }
  write(chunk: Uint8Array): number {
    const stream = this.#stream;
    if (stream.encrypted === true) {
      this.#flush(chunk, chunk.byteLength); // Deno's TLS refuses an empty write
      return 0;
    }
    // A stream that is not net's may keep what it has taken, so it is given a copy.
    const isNet = stream instanceof NetSocket;
    stream.write(isNet ? chunk : chunk.slice());
    if (!isNet || stream.writableLength === 0) return chunk.byteLength;
    // libuv still reads the memory. An empty write tells when it has finished; a callback for each write costs more (measured).
    this.#flush(NOTHING, chunk.byteLength);
    return 0;
  }
  end(): void {
    this.#stream.end();
  }
  destroy(): void {
    const stream = this.#stream;
    // RST frees what the kernel holds for a peer that does not read. Without need it would only alarm an HTTP server that said no.
    if (stream.writableLength === 0) return void stream.destroy();
    try {
      stream.resetAndDestroy!();
    } catch {
      stream.destroy(); // TLS, a pipe, another stream: they have no RST
    }
  }
  pause(): void {
    this.#stream.pause();
  }
  resume(): void {
    this.#stream.resume();
  }

  /** A write that tells when it has finished, and with it so many octets. */
  #flush(chunk: Uint8Array, octets: number): void {
    const stream = this.#stream;
    stream.write(chunk, (error) => {
      if (error == null) stream[DRIVER]!.wrote(octets);
    });
  }
}

function dial(
  to: Target,
  tls: ConnectionOptions | undefined,
  signal: AbortSignal,
): Promise<{ transport: Transport; peer: Peer }> {
  const wire = {
    allowHalfOpen: true,
    noDelay: true,
    ...(to.unix === null ? { host: to.host, port: to.port } : { path: to.unix }),
  };
  const name = isIP(to.host) === 0 ? { servername: to.host } : {}; // an address is no server name (RFC 6066 §3)
  const socket = to.secure ? dialTls({ ...name, ...tls, ...wire, ALPNProtocols: ["http/1.1"] }) : dialTcp(wire);
  const transport = new NodeTransport(socket);
  return new Promise((resolve, reject) => {
    let reached = false;
    const settle = (): void => {
      signal.removeEventListener("abort", abort);
      socket.off("error", fail).off("close", closed);
    };
    const abort = (): void => {
      settle();
      socket.destroy();
      reject(signal.reason);
    };
    const fail = (error: unknown): void => {
      settle();
      reject(to.secure && reached ? failure("TLS", error, `no TLS connection: ${(error as Error).message}`) : error);
    };
    const closed = (): void => fail(new Error("the stream was closed"));
    socket.on("error", fail).on("close", closed);
    socket.once("connect", () => reached = true);
    socket.once(to.secure ? "secureConnect" : "connect", () => {
      settle();
      resolve({ transport, peer: transport });
    });
    signal.addEventListener("abort", abort);
  });
}

/** One set of functions for all sockets finds the driver through the socket: closures would cost each connection 400 octets. */
type Stream = Duplex & Partial<Pick<TLSSocket, "remoteAddress" | "remotePort" | "encrypted" | "resetAndDestroy">> & {
  [DRIVER]: Driver | null;
};
const DRIVER = Symbol("driver");
function onData(this: Duplex, chunk: Uint8Array): void {
  (this as Stream)[DRIVER]!.received(chunk);
}
function onEnd(this: Duplex): void {
  (this as Stream)[DRIVER]!.ended();
}
function onError(this: Duplex, error: unknown): void {
  (this as Stream)[DRIVER]?.ended(error);
}

const NOTHING = new Uint8Array(0);
