// Deno's sockets, whose reads and writes are promises. What comes in: the options of node.ts, as far as Deno has them. What goes out: `serve`
// and `connect`. TLS is proven before the core hears of a connection, so that its failures have a code of their own. Deno is described by what
// is used of it, so that the package compiles without its types. RFC 6455 §4.1, §7.1.1. Next file: bun.ts.
import { Buffer, isUtf8 } from "node:buffer";
import process from "node:process";
import { UsageError } from "../core/index.ts";
import type { Natives } from "../core/types.ts";
import { type Endpoint, noTls, pemText, pemTexts, type Trust } from "./socket/endpoint.ts";
import type { Connect, ConnectOptions, Handler, Handlers, Serve, ServeOptions, Server, Socket } from "./socket/handle.ts";
import { open } from "./socket/open.ts";
import { type Pulled, pulled } from "./socket/pull.ts";
import { listener } from "./socket/server.ts";
import { parseTarget, type Target, tcpUrl, unixUrl } from "./socket/target.ts";
import type { Host, Peer, Transport } from "./socket/transport.ts";
import { reads, web } from "./socket/web.ts";
import { zlib } from "./zlib.ts";

export { HandshakeError, WebSocketError } from "./socket/errors.ts";
export { UsageError };
export type { WebSocketErrorCode } from "./socket/errors.ts";
export type * from "./socket/handle.ts";

/** Where to listen; a path needs --allow-read and --allow-write, and has no TLS. */
export interface DenoServe extends Endpoint {}
/** Authorities for wss, and the server's name where it is not the URL's. */
export interface DenoConnect extends Trust {}

/** Listens on a port of TCP, or on a path (RFC 6455 §4.2). Rejects with what `Deno.listen` throws, or with `signal.reason`. */
export const serve: Serve<DenoServe> = async <Data>(
  options: ServeOptions<Data> & DenoServe,
  handler: Handler<Data, any>,
): Promise<Server<Data>> => {
  const { tls, signal } = options;
  signal?.throwIfAborted();
  const core = listener(options, handler, host);
  const server = listen(options);
  const take = async (conn: Conn): Promise<void> => {
    if (tls !== undefined) await secured(conn, options.timers?.handshake ?? 10_000);
    core.accept(pulled(stream(conn)), peerOf(conn, tls !== undefined));
  };
  let stopped = false;
  const accept = async (): Promise<void> => {
    while (!stopped) {
      try {
        take(await server.accept()).catch(core.failed.bind(core));
      } catch (error) {
        if (stopped) return;
        core.failed(error);
        await new Promise((resolve) => setTimeout(resolve, 100)); // no file descriptor is left, for one: later there may be
      }
    }
  };
  const accepting = accept();
  const stop = (): Promise<void> => {
    stopped = true;
    server.close();
    return accepting; // until then the port is taken, and connections are reset
  };
  const { addr } = server;
  const url = addr.transport === "unix" ? unixUrl(addr.path, false) : tcpUrl(addr.hostname, addr.port, tls !== undefined);
  return core.server(() => url, stop);
};

/**
 * Connects to a ws, wss or ws+unix URL. Rejects with HandshakeError (another answer than 101), WebSocketError (CONNECT, TLS, or a
 * fault of the handshake), UsageError, or `signal.reason`; nothing stays open then.
 */
export const connect: Connect<DenoConnect> = async (
  url: string | { readonly href: string },
  options: ConnectOptions & DenoConnect = {},
  handlers?: Handlers,
): Promise<Socket<any, any>> => {
  const to = parseTarget(url, options);
  if (to.unix !== null && to.secure) throw new UsageError("BAD_ARGUMENT", "Deno has no TLS over a path: ws+unix, not wss+unix");
  return open((signal) => dial(to, options.tls, signal), to.target, options, host, handlers);
};

const { utf8Slice } = Buffer.prototype as unknown as { utf8Slice(this: Uint8Array, from: number, to: number): string };
const lenient = new TextDecoder("utf-8", { ignoreBOM: true });
const natives: Partial<Natives> = Object.freeze({
  isUtf8: (bytes: Uint8Array, from: number, to: number): boolean => isUtf8(bytes.subarray(from, to)),
  // Measured: half the time of a decoder for short texts, but six times as much for those of 1 KiB.
  decodeUtf8: (bytes: Uint8Array, from: number, to: number): string =>
    to - from <= 160 ? utf8Slice.call(bytes, from, to) : lenient.decode(bytes.subarray(from, to)),
});

const resolved = Promise.resolve();
export const host: Host = Object.freeze({
  ...web,
  // A tick asked for outside of microtasks would run before them.
  soon: (run: () => void) => void resolved.then(() => process.nextTick(run)),
  natives,
  deflate: Object.freeze({ engine: zlib }),
});

function listen({ tls, path, port = 0, host: hostname = "0.0.0.0" }: DenoServe): Listener {
  if (path === undefined) {
    if (tls === undefined) return Deno.listen({ hostname, port });
    return Deno.listenTls({ hostname, port, key: pemText(tls.key), cert: pemText(tls.cert), alpnProtocols: ["http/1.1"] });
  }
  if (tls !== undefined) throw new UsageError("BAD_OPTION", "Deno has no TLS over a path: either `tls` or `path`");
  return Deno.listen({ transport: "unix", path });
}

async function dial(to: Target, tls: Trust["tls"], signal: AbortSignal): Promise<{ transport: Transport; peer: Peer }> {
  if (to.unix !== null) {
    const conn = await Deno.connect({ transport: "unix", path: to.unix });
    return { transport: pulled(stream(conn)), peer: peerOf(conn, false) };
  }
  let conn = await Deno.connect({ hostname: to.host, port: to.port, signal });
  const peer = peerOf(conn, to.secure);
  if (!to.secure) return { transport: pulled(stream(conn)), peer };
  conn.setNoDelay?.(true); // behind this point there is no way to
  const caCerts = tls?.ca === undefined ? {} : { caCerts: pemTexts(tls.ca) };
  const abort = (): void => quietly(conn);
  signal.addEventListener("abort", abort);
  try {
    conn = await Deno.startTls(conn, { hostname: tls?.servername ?? to.host, ...caCerts, alpnProtocols: ["http/1.1"] });
    await conn.handshake!();
  } catch (error) {
    quietly(conn);
    throw noTls(error);
  } finally {
    signal.removeEventListener("abort", abort);
  }
  return { transport: pulled(stream(conn)), peer };
}

/** Waits for TLS on a server's connection. Rejects with TLS, and has then closed it. */
async function secured(conn: Conn, deadline: number): Promise<void> {
  const timer = setTimeout(() => quietly(conn), deadline);
  try {
    await conn.handshake!();
  } catch (error) {
    quietly(conn);
    throw noTls(error);
  } finally {
    clearTimeout(timer);
  }
}

/** Deno reads into the memory it is given, and sends from it until a write has settled. It has no RST. */
function stream(conn: Conn): Pulled {
  conn.setNoDelay?.(true);
  return {
    read: reads(async (room) => {
      const count = await conn.read(room);
      return count === null ? null : room.subarray(0, count);
    }),
    write: (chunk) => conn.write(chunk),
    closeWrite: () => conn.closeWrite(),
    close: () => quietly(conn),
    abort: () => quietly(conn),
  };
}
function quietly(conn: Conn): void {
  try {
    conn.close();
  } catch {
    // closed already
  }
}
function peerOf({ remoteAddr: addr }: Conn, secure: boolean): Peer {
  return addr.transport === "unix" ? { address: null, port: null, secure } : { address: addr.hostname, port: addr.port, secure };
}

declare const Deno: {
  listen(options: { hostname: string; port: number } | { transport: "unix"; path: string }): Listener;
  listenTls(options: { hostname: string; port: number; key: string; cert: string; alpnProtocols: string[] }): Listener;
  connect(options: { hostname: string; port: number; signal: AbortSignal } | { transport: "unix"; path: string }): Promise<Conn>;
  startTls(conn: Conn, options: { hostname: string; caCerts?: string[]; alpnProtocols: string[] }): Promise<Conn>;
};
type Addr = { transport: "tcp"; hostname: string; port: number } | { transport: "unix"; path: string };
interface Listener {
  readonly addr: Addr;
  accept(): Promise<Conn>;
  close(): void;
}
interface Conn {
  readonly remoteAddr: Addr;
  read(into: Uint8Array): Promise<number | null>;
  write(chunk: Uint8Array): Promise<number>;
  closeWrite(): Promise<void>;
  close(): void;
  setNoDelay?(on: boolean): void;
  handshake?(): Promise<unknown>;
}
