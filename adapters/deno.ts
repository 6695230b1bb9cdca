// Deno's sockets, whose reads and writes are promises. What comes in: the options of node.ts, as far as Deno has them. What goes out: `serve`
// and `connect`. Deno is described by what is used of it, so that the package compiles without its types. TLS goes by node:tls, since with
// Deno's own a connection that is given up inside of its handshake stays open until the peer leaves, and accepted ones wait for ACKs before they
// send the rest of a message (measured: 22 round trips of 64 KiB a second instead of 1,400). RFC 6455 §4.1, §7.1.1. Next file: bun.ts.
import process from "node:process";
import { natives } from "./deno-natives.ts";
import { dial as dialNode, listen as listenNode } from "./node-sockets.ts";
import { type Endpoint, pemText, pemTexts, type Trust } from "./socket/endpoint.ts";
import type { Connect, Handler, Serve, ServeOptions, Server } from "./socket/handle.ts";
import { connecting } from "./socket/open.ts";
import { type Pulled, pulled } from "./socket/pull.ts";
import { listener } from "./socket/server.ts";
import { type Target, tcpUrl, unixUrl } from "./socket/target.ts";
import type { Host, Listener as Core, Peer, Transport } from "./socket/transport.ts";
import { reads, web } from "./socket/web.ts";
import { zlib } from "./zlib.ts";

export { HandshakeError, WebSocketError } from "./socket/errors.ts";
export { UsageError } from "../core/index.ts";
export type { WebSocketErrorCode } from "./socket/errors.ts";
export type * from "./socket/handle.ts";

/** Where to listen; a path needs --allow-read and --allow-write. */
export interface DenoServe extends Endpoint {}
/** Authorities for wss, and the server's name where it is not the URL's. */
export interface DenoConnect extends Trust {}

/** Listens on a port of TCP, or on a path (RFC 6455 §4.2). Rejects with what the runtime's `listen` throws, or with `signal.reason`. */
export const serve: Serve<DenoServe> = async <Data>(
  options: ServeOptions<Data> & DenoServe,
  handler: Handler<Data, any>,
): Promise<Server<Data>> => {
  options.signal?.throwIfAborted();
  const core = listener(options, handler, host);
  const { tls } = options;
  return tls === undefined
    ? listen(core, options)
    : listenNode(core, { ...options, tls: { key: pemText(tls.key), cert: pemText(tls.cert) } });
};

/**
 * Connects to a ws, wss or ws+unix URL. Rejects with HandshakeError (another answer than 101), WebSocketError (CONNECT, TLS, or a
 * fault of the handshake), UsageError, or `signal.reason`; nothing stays open then.
 */
export const connect: Connect<DenoConnect> = connecting((to, { tls: { ca, servername } = {} }, signal) => {
  if (!to.secure) return dial(to);
  return dialNode(
    to,
    { ...(ca === undefined ? {} : { ca: pemTexts(ca) }), ...(servername === undefined ? {} : { servername }) },
    signal,
  );
}, () => host);

const resolved = Promise.resolve();
export const host: Host = Object.freeze({
  ...web,
  // A tick asked for outside of microtasks would run before them.
  soon: (run: () => void) => void resolved.then(() => process.nextTick(run)),
  natives,
  deflate: Object.freeze({ engine: zlib }),
});

function listen<Data>(core: Core<Data>, { path, port = 0, host: hostname = "0.0.0.0" }: DenoServe): Server<Data> {
  const server = Deno.listen(path === undefined ? { hostname, port } : { transport: "unix", path });
  let stopped = false;
  const accept = async (): Promise<void> => {
    while (!stopped) {
      try {
        const conn = await server.accept();
        core.accept(pulled(stream(conn)), peerOf(conn));
      } catch (error) {
        if (stopped) return;
        core.failed(error);
        // A peer that has left already is no reason to keep others waiting.
        if (error instanceof Error && LEFT.has(error.name)) continue;
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
  const url = addr.transport === "unix" ? unixUrl(addr.path, false) : tcpUrl(addr.hostname, addr.port, false);
  return core.server(() => url, stop);
}

/** Its own signal would leave descriptors behind (measured: 40 of 100 attempts); a connection that comes too late is dropped by whoever gave up. */
async function dial({ unix, host: hostname, port }: Target): Promise<{ transport: Transport; peer: Peer }> {
  const conn = await Deno.connect(unix === null ? { hostname, port } : { transport: "unix", path: unix });
  return { transport: pulled(stream(conn)), peer: peerOf(conn) };
}

/** Deno reads into the memory it is given, and sends from it until a write has settled. It has no RST. */
function stream(conn: Conn): Pulled {
  conn.setNoDelay?.(true);
  const close = (): void => {
    try {
      conn.close();
    } catch {
      // closed already
    }
  };
  return {
    read: reads(async (room) => {
      const count = await conn.read(room);
      return count === null ? null : room.subarray(0, count);
    }),
    write: (chunk) => conn.write(chunk),
    closeWrite: () => conn.closeWrite(),
    close,
    abort: close,
  };
}
function peerOf({ remoteAddr: addr }: Conn): Peer {
  if (addr.transport === "unix") return { address: null, port: null, secure: false };
  return { address: addr.hostname, port: addr.port, secure: false };
}

const LEFT = new Set(["NotConnected", "ConnectionReset", "ConnectionAborted"]);

declare const Deno: {
  listen(options: { hostname: string; port: number } | { transport: "unix"; path: string }): Listener;
  connect(options: { hostname: string; port: number } | { transport: "unix"; path: string }): Promise<Conn>;
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
}
