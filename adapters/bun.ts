// Bun's sockets, which tell what happens by one record of functions for all of them, keep no queue and copy what they take. What comes in:
// the options of node.ts, as far as Bun has them. What goes out: `serve` and `connect`. A socket opens before its TLS does, and what TLS failed
// with comes as an event, or as an end. Bun is described by what is used of it, so that its types, which change the globals of every file,
// are not needed. RFC 6455 §4.1, §7.1.1. Next file: cloudflare.ts.
import { natives } from "./node-natives.ts";
import { type Endpoint, noTls, pemText, pemTexts, type Trust } from "./socket/endpoint.ts";
import type { Connect, ConnectOptions, Handler, Handlers, Serve, ServeOptions, Server, Socket } from "./socket/handle.ts";
import { open } from "./socket/open.ts";
import { listener } from "./socket/server.ts";
import { parseTarget, type Target, tcpUrl, unixUrl } from "./socket/target.ts";
import type { Driver, Host, Peer, Transport } from "./socket/transport.ts";
import { web } from "./socket/web.ts";
import { zlib } from "./zlib.ts";

export { HandshakeError, WebSocketError } from "./socket/errors.ts";
export { UsageError } from "../core/index.ts";
export type { WebSocketErrorCode } from "./socket/errors.ts";
export type * from "./socket/handle.ts";

/** Where to listen: a port of TCP or a path, with TLS or without. */
export interface BunServe extends Endpoint {}
/** Authorities for wss, and the server's name where it is not the URL's. */
export interface BunConnect extends Trust {}

/** Listens on a port of TCP, or on a path (RFC 6455 §4.2). Rejects with what `Bun.listen` throws, or with `signal.reason`. */
export const serve: Serve<BunServe> = async <Data>(
  options: ServeOptions<Data> & BunServe,
  handler: Handler<Data, any>,
): Promise<Server<Data>> => {
  const { tls, path, port = 0, host: hostname = "0.0.0.0", signal } = options;
  signal?.throwIfAborted();
  const core = listener(options, handler, host);
  const pending = tls === undefined ? null : options.timers?.handshake ?? 10_000;
  const server = Bun.listen({
    allowHalfOpen: true,
    socket: events(pending, (transport) => core.accept(transport, transport), (error) => core.failed(error)),
    ...(path === undefined ? { hostname, port } : { unix: path }),
    ...(tls && { tls: { key: pemText(tls.key), cert: pemText(tls.cert) } }),
  });
  const url = path === undefined ? tcpUrl(hostname, server.port, tls !== undefined) : unixUrl(path, tls !== undefined);
  return core.server(() => url, () => server.stop());
};

/**
 * Connects to a ws, wss or ws+unix URL. Rejects with HandshakeError (another answer than 101), WebSocketError (CONNECT, TLS, or a
 * fault of the handshake), UsageError, or `signal.reason`; nothing stays open then.
 */
export const connect: Connect<BunConnect> = async (
  url: string | { readonly href: string },
  options: ConnectOptions & BunConnect = {},
  handlers?: Handlers,
): Promise<Socket<any, any>> => {
  const to = parseTarget(url, options);
  return open((signal) => dial(to, options.tls, signal), to.target, options, host, handlers);
};

export const host: Host = Object.freeze({ ...web, natives, deflate: Object.freeze({ engine: zlib }) });

function dial(to: Target, trust: Trust["tls"], signal: AbortSignal): Promise<{ transport: Transport; peer: Peer }> {
  const tls = {
    serverName: trust?.servername ?? to.host,
    ...(trust?.ca === undefined ? {} : { ca: pemTexts(trust.ca) }),
  };
  return new Promise((resolve, reject) => {
    const abandon = (transport: BunTransport): void => {
      if (signal.aborted) transport.destroy();
      else signal.addEventListener("abort", () => transport.abandon(), { once: true });
    };
    const done = (transport: BunTransport): void => resolve({ transport, peer: transport });
    const connecting = Bun.connect({
      allowHalfOpen: true,
      socket: events(to.secure ? Infinity : null, done, reject, abandon),
      ...(to.unix === null ? { hostname: to.host, port: to.port } : { unix: to.unix }),
      ...(to.secure && { tls }),
    });
    connecting.catch(reject);
  });
}

/** `pending`: how long TLS may take; null without TLS. `arrived` or `failed` is called once, `opened` before them. */
function events(
  pending: number | null,
  arrived: (transport: BunTransport) => void,
  failed: (error: unknown) => void,
  opened: (transport: BunTransport) => void = () => {},
): SocketEvents {
  return {
    open(wire) {
      const transport = wire.data = new BunTransport(wire, pending !== null);
      wire.setNoDelay(true);
      opened(transport);
      if (pending === null) return arrived(transport);
      const timer = pending === Infinity ? undefined : setTimeout(() => wire.terminate(), pending);
      transport.unproven = (error) => {
        clearTimeout(timer);
        transport.unproven = null;
        if (error === null) return arrived(transport);
        wire.terminate();
        failed(noTls(error));
      };
    },
    handshake: (wire, proven, error) => wire.data.unproven?.(proven ? null : error ?? CLOSED),
    data: (wire, chunk) => wire.data.driver?.received(chunk),
    drain: (wire) => wire.data.drained(),
    end: (wire) => wire.data.ended(),
    close(wire, error) {
      wire.data.unproven?.(error ?? CLOSED);
      wire.data.ended(error);
    },
    error: (wire, error) => wire.data.ended(error),
    connectError() {}, // the promise of Bun.connect rejects with the same
  };
}

/** A socket. It is its own Peer. */
class BunTransport implements Transport, Peer {
  driver: Driver | null = null;
  /** What waits for TLS; called with null for success. */
  unproven: ((error: unknown) => void) | null = null;
  readonly secure: boolean;
  readonly #wire: Wire;
  /** It took less than it was given, and will say when there is room. */
  #full = false;
  #readEnded = false;
  #writeEnded = false;

  constructor(wire: Wire, secure: boolean) {
    this.#wire = wire;
    this.secure = secure;
  }
  get address(): string | null {
    return this.#wire.remoteAddress ?? null;
  }
  get port(): number | null {
    return this.#wire.remotePort ?? null;
  }

  start(driver: Driver): void {
    this.driver = driver;
    if (this.#readEnded) driver.ended();
  }
  write(chunk: Uint8Array): number {
    const count = Math.max(0, this.#wire.write(chunk)); // -1 for a socket that is gone: `close` tells
    this.#full = count < chunk.byteLength;
    return count;
  }
  end(): void {
    this.#writeEnded = true;
    if (this.#readEnded) this.#wire.end();
    else this.#wire.shutdown();
  }
  destroy(): void {
    if (this.#full) this.#wire.terminate();
    else this.#wire.end();
  }
  pause(): void {
    this.#wire.pause();
  }
  resume(): void {
    this.#wire.resume();
  }

  drained(): void {
    if (!this.#full) return;
    this.#full = false;
    this.driver?.wrote(0);
  }
  ended(error?: unknown): void {
    this.#readEnded = true;
    this.driver?.ended(error);
    if (this.#writeEnded) this.#wire.end();
  }
  /** The attempt was given up; harmless once it has succeeded. */
  abandon(): void {
    if (this.driver === null) this.#wire.terminate();
  }
}

const CLOSED = new Error("the stream was closed");

declare const Bun: {
  listen(options: SocketOptions & { tls?: { key: string; cert: string } }): { readonly port: number; stop(): void };
  connect(options: SocketOptions & { tls?: { serverName: string; ca?: string[] } }): Promise<unknown>;
};
type SocketOptions = { socket: SocketEvents; allowHalfOpen: boolean } & ({ hostname: string; port: number } | { unix: string });
interface SocketEvents {
  open(wire: Wire): void;
  handshake(wire: Wire, proven: boolean, error: unknown): void;
  data(wire: Wire, chunk: Uint8Array): void;
  drain(wire: Wire): void;
  end(wire: Wire): void;
  close(wire: Wire, error?: unknown): void;
  error(wire: Wire, error: unknown): void;
  connectError(wire: Wire, error: unknown): void;
}
interface Wire {
  data: BunTransport;
  readonly remoteAddress?: string;
  readonly remotePort?: number;
  setNoDelay(on: boolean): unknown;
  write(chunk: Uint8Array): number;
  shutdown(): void;
  end(): unknown;
  terminate(): void;
  pause(): void;
  resume(): void;
}
