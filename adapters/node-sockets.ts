// The sockets of Node, net and tls: listening, dialing, and the transport over any Duplex of octets. What comes in: options of node:net and
// node:tls. What goes out: connections for a listener, or one of our own. Deno's adapter takes its TLS from here too.
// Measured on Node: a write of net completes within the call unless the peer is slow, so a chunk is usually finished with at once.
// RFC 6455 §4.1, §7.1.1. The file before: node.ts.
import { connect as dialTcp, createServer as createTcpServer, isIP, type ListenOptions, Socket as NetSocket } from "node:net";
import type { Duplex } from "node:stream";
import {
  connect as dialTls,
  type ConnectionOptions,
  createServer as createTlsServer,
  type TlsOptions,
  type TLSSocket,
} from "node:tls";
import { coming, unlessAborted } from "./node-events.ts";
import { handshakePeriod } from "./socket/context.ts";
import { noTls } from "./socket/endpoint.ts";
import { failure } from "./socket/errors.ts";
import type { ServeOptions, Server } from "./socket/handle.ts";
import { type Target, tcpUrl, unixUrl } from "./socket/target.ts";
import type { Dial, Driver, Listener, Peer, Transport } from "./socket/transport.ts";

/** Where to listen, as `server.listen` of node:net has it, and with `tls` what node:tls needs. */
export interface NodeServe
  extends Pick<ListenOptions, "port" | "host" | "path" | "backlog" | "exclusive" | "ipv6Only" | "readableAll" | "writableAll"> {
  readonly tls?: TlsOptions | undefined;
}
/** Certificates and the like for wss; the server's name is that of the URL unless `tls.servername` says otherwise. */
export interface NodeConnect {
  readonly tls?: ConnectionOptions | undefined;
}

/** Opens a port or a path, and gives `core` what comes. Rejects with what `listen` failed with. */
export async function listen<Data>(
  core: Listener<Data>,
  options: NodeServe & Pick<ServeOptions, "timers">,
): Promise<Server<Data>> {
  const { tls } = options;
  const take = (socket: NetSocket): void => {
    socket.allowHalfOpen = true;
    const transport = new NodeTransport(socket);
    core.accept(transport, transport);
  };
  // TLS becomes half-open only behind its handshake, or a client that leaves inside of it would stay until the timeout.
  const server = tls === undefined ? createTcpServer({ noDelay: true, allowHalfOpen: true }, take) : createTlsServer({
    handshakeTimeout: handshakePeriod(options),
    ...tls,
    noDelay: true,
    ALPNProtocols: ["http/1.1"],
  }, take);
  server.on("tlsClientError", (error: Error, socket: TLSSocket) => {
    socket.destroy(); // Bun and Deno leave it open
    core.failed(failure("TLS", error));
  });
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
}

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
    if (!(stream instanceof NetSocket)) {
      this.#flush(chunk.slice(), chunk.byteLength); // another stream may keep what it has taken
      return 0;
    }
    stream.write(chunk);
    if (stream.writableLength === 0) return chunk.byteLength;
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

/** Opens a stream of TCP, of TLS, or of the file system. */
export async function dial(to: Target, tls: ConnectionOptions | undefined, signal: AbortSignal): ReturnType<Dial> {
  const wire = {
    allowHalfOpen: true,
    noDelay: true,
    ...(to.unix === null ? { host: to.host, port: to.port } : { path: to.unix }),
  };
  const name = isIP(to.host) === 0 ? { servername: to.host } : {}; // an address is no server name (RFC 6066 §3)
  const socket = to.secure ? dialTls({ ...name, ...tls, ...wire, ALPNProtocols: ["http/1.1"] }) : dialTcp(wire);
  const transport = new NodeTransport(socket);
  let reached = false;
  socket.once("connect", () => reached = true);
  try {
    await unlessAborted(coming(socket, to.secure ? "secureConnect" : "connect"), signal);
    return { transport, peer: transport };
  } catch (error) {
    socket.destroy();
    throw to.secure && reached && !signal.aborted ? noTls(error) : error;
  }
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
