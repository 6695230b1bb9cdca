// Sockets of Cloudflare Workers. What comes in: a URL to dial, or the TCP connections that the runtime hands to a Worker's `connect`; a Worker
// listens nowhere itself. What goes out: the handle. Sockets and timers belong to the call that made them and end with it, so nothing is
// shared between calls. node:zlib needs the flag nodejs_compat, the default from the compatibility date 2026-08-04 on.
// RFC 6455 §4.1, §4.2. The file before: streams.ts.
import { UsageError } from "../core/index.ts";
import { noTls } from "./socket/endpoint.ts";
import type { Connect, ConnectOptions, Handler, Handlers, Part, ServeOptions, Socket } from "./socket/handle.ts";
import { open } from "./socket/open.ts";
import { type Pulled, pulled } from "./socket/pull.ts";
import { listener } from "./socket/server.ts";
import { parseTarget, type Target } from "./socket/target.ts";
import type { Host, Peer, Transport } from "./socket/transport.ts";
import { type ByteStreams, host as shared, streamed } from "./streams.ts";

export { HandshakeError, WebSocketError } from "./socket/errors.ts";
export { UsageError };
export type { WebSocketErrorCode } from "./socket/errors.ts";
export type * from "./socket/handle.ts";

/** A socket of Cloudflare, by what is used of it. */
export interface CloudflareSocket extends ByteStreams {
  readonly opened: Promise<{ readonly remoteAddress?: string | null | undefined }>;
  close(): Promise<unknown>;
}
/** `export default` this, or call it from a `connect` of yours. */
export interface CloudflareServer {
  /** Serves one connection; settles when its socket is closed. What a handler does later is lost without `waitUntil`. */
  connect(socket: CloudflareSocket): Promise<void>;
}
/** Each connection is a call of its own: there is nobody to count them, to broadcast, or to close them all. */
export interface CloudflareServe<Data = unknown> extends Omit<ServeOptions<Data>, "maxConnections" | "signal"> {
  /** What `peer.secure` shall be: the runtime does not tell a Worker whether clients came by TLS. Default: false. */
  readonly secure?: boolean | undefined;
}
/** The server's name, where it is not the URL's. Authorities are those of the Worker's configuration. */
export interface CloudflareConnect {
  readonly tls?: { readonly servername?: string | undefined } | undefined;
}
/** Throws UsageError. */
export interface ServeCloudflare {
  <Data = unknown>(options: CloudflareServe<Data> & { messages: "parts" }, handler: Handler<Data, Part>): CloudflareServer;
  <Data = unknown>(options: CloudflareServe<Data>, handler: Handler<Data>): CloudflareServer;
}

/** What the runtime calls for a connection of TCP (RFC 6455 §4.2). */
export const serve: ServeCloudflare = <Data>(options: CloudflareServe<Data>, handler: Handler<Data, any>): CloudflareServer => {
  listener(options, handler, host()); // says at once what is wrong with them
  return {
    async connect(socket) {
      const peer = peerOf((await socket.opened).remoteAddress, options.secure === true);
      const core = listener(options, handler, host());
      await new Promise<void>((resolve) => core.accept(pulled(stream(socket, resolve)), peer));
    },
  };
};

/**
 * Connects to a ws or wss URL. Rejects with HandshakeError (another answer than 101), WebSocketError (CONNECT, TLS, or a fault of the
 * handshake), UsageError, or `signal.reason`; nothing stays open then.
 */
export const connect: Connect<CloudflareConnect> = async (
  url: string | { readonly href: string },
  options: ConnectOptions & CloudflareConnect = {},
  handlers?: Handlers,
): Promise<Socket<any, any>> => {
  const to = parseTarget(url, options);
  if (to.unix !== null) throw new UsageError("BAD_ARGUMENT", "a Worker reaches no path of the file system");
  return open((signal) => dial(to, options.tls, signal), to.target, options, host(), handlers);
};

/** One for each call: the timers of a host are shared by all that it serves. */
function host(): Host {
  return { ...shared };
}

/** TLS starts behind the connection, or its failures could not be told from a refusal. */
async function dial(
  to: Target,
  tls: CloudflareConnect["tls"],
  signal: AbortSignal,
): Promise<{ transport: Transport; peer: Peer }> {
  const { connect } = await import(SOCKETS) as Sockets;
  const hostname = to.host.includes(":") ? `[${to.host}]` : to.host;
  let socket = connect({ hostname, port: to.port }, { allowHalfOpen: true, secureTransport: to.secure ? "starttls" : "off" });
  const abort = (): void => quietly(socket);
  signal.addEventListener("abort", abort);
  try {
    const { remoteAddress } = await socket.opened; // a refused one reads as ended
    if (to.secure) socket = await secured(socket, tls?.servername);
    return { transport: pulled(stream(socket)), peer: peerOf(remoteAddress, to.secure) };
  } finally {
    signal.removeEventListener("abort", abort);
  }
}
/** Rejects with TLS. */
async function secured(socket: Dialed, servername: string | undefined): Promise<Dialed> {
  try {
    const secure = socket.startTls(servername === undefined ? {} : { expectedServerHostname: servername });
    await secure.opened;
    return secure;
  } catch (error) {
    quietly(socket);
    throw noTls(error);
  }
}

/**
 * `close` of a socket waits for what was written, unless that was aborted before; but an aborted one stays open until the call of the Worker
 * ends, whatever is said to it, so only those are aborted that have something to write.
 */
function stream(socket: CloudflareSocket, released: () => void = () => {}): Pulled {
  return streamed(socket, () => void socket.close().then(released, released), true);
}
function quietly(socket: CloudflareSocket): void {
  socket.close().catch(() => {});
}
/** From "192.0.2.1:443" or "[2001:db8::1]:443". A socket in the file system has none; one that was dialed by a name has that name there. */
function peerOf(remote: string | null | undefined, secure: boolean): Peer {
  const [, address = null, port = null] = /^\[?([\d.]+|[\da-f:.]+)\]?:(\d+)$/i.exec(remote ?? "") ?? [];
  return { address, port: port === null ? null : Number(port), secure };
}

/** Named by a variable, so that nothing but a Worker looks for it. */
const SOCKETS: string = "cloudflare:sockets";
interface Sockets {
  connect(
    address: { hostname: string; port: number },
    options: { allowHalfOpen: boolean; secureTransport: "off" | "starttls" },
  ): Dialed;
}
interface Dialed extends CloudflareSocket {
  startTls(options: { expectedServerHostname?: string }): Dialed;
}
