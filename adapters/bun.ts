// Bun as an adapter. What comes in: the options of node.ts, as far as Bun has them. What goes out: `serve` and `connect`, over Bun's own sockets
// of TCP, of TLS and of the file system. RFC 6455 §4.1, §4.2. Next files: bun-sockets.ts, then cloudflare.ts.
import { type BunApi, type BunTransport, events } from "./bun-sockets.ts";
import { natives } from "./node-natives.ts";
import { handshakePeriod } from "./socket/context.ts";
import { type Endpoint, pemText, pemTexts, type Trust } from "./socket/endpoint.ts";
import type { Connect, Handler, Serve, ServeOptions, Server } from "./socket/handle.ts";
import { connecting } from "./socket/open.ts";
import { listener } from "./socket/server.ts";
import { type Target, tcpUrl, unixUrl } from "./socket/target.ts";
import type { Host, Peer, Transport } from "./socket/transport.ts";
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
  const pending = tls === undefined ? null : handshakePeriod(options);
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
export const connect: Connect<BunConnect> = connecting((to, { tls }, signal) => dial(to, tls, signal), () => host);

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

declare const Bun: BunApi;
