// WebSockets over HTTP/2, a stream each, so that many share one connection of TCP and TLS. What comes in: a server of node:http2 that is there
// already; a URL, perhaps with a session that leads to its server. What goes out: the same handle as everywhere. Runs unchanged on Bun and Deno.
// RFC 8441. Next file: node-http2-streams.ts.
import type { EventEmitter } from "node:events";
import type { IncomingMessage } from "node:http";
import type { Http2SecureServer, Http2Server, Http2ServerRequest, Http2ServerResponse } from "node:http2";
import type { IncomingHttpHeaders, ServerHttp2Stream } from "node:http2";
import type { Duplex } from "node:stream";
import { requestHead } from "../core/index.ts";
import { host } from "./node.ts";
import { type Attached, Attachments, isAt, pairs } from "./node-attached.ts";
import { answer, take } from "./node-http.ts";
import { dial, fieldsOf, type Http2Connect, Http2Transport } from "./node-http2-streams.ts";
import { urlOf } from "./node-sockets.ts";
import { coreOptions } from "./socket/context.ts";
import type { Connect, ConnectOptions, Handler, Handlers, Part, ServeOptions, Server, Socket } from "./socket/handle.ts";
import { open } from "./socket/open.ts";
import { listener } from "./socket/server.ts";
import { parseTarget } from "./socket/target.ts";
import type { Listener } from "./socket/transport.ts";

export { HandshakeError, WebSocketError } from "./socket/errors.ts";
export { UsageError } from "../core/index.ts";
export type { WebSocketErrorCode } from "./socket/errors.ts";
export type * from "./socket/handle.ts";
export type { Http2Connect };

/** Which requests for a WebSocket are ours; the others are left to other listeners, and answered with 404 if there are none. */
export interface Http2Attach {
  /** Only this path; the query does not count. */
  readonly path?: string | undefined;
  /** false: not ours. */
  readonly filter?: ((headers: IncomingHttpHeaders) => boolean) | undefined;
}
type Http2Host = Http2Server | Http2SecureServer;

/**
 * Serves WebSockets beside the routes of `server`, whose later clients are told so (RFC 8441 §3). A secure server should have `allowHTTP1: true`:
 * browsers ask by HTTP/1.1 where no page came by HTTP/2 before, which is served too. Closing what this returns closes them and leaves `server`
 * alone. Throws UsageError.
 *
 * @example
 * const http = createSecureServer({ key, cert, allowHTTP1: true }, app).listen(8443);
 * attach(http, { path: "/chat" }, async (socket) => { for await (const message of socket) await socket.send(message); });
 */
export function attach<Data = unknown>(
  server: Http2Host,
  options: ServeOptions<Data> & Http2Attach & { messages: "parts" },
  handler: Handler<Data, Part>,
): Server<Data>;
export function attach<Data = unknown>(
  server: Http2Host,
  options: ServeOptions<Data> & Http2Attach,
  handler: Handler<Data>,
): Server<Data>;
export function attach<Data>(
  server: Http2Host,
  options: ServeOptions<Data> & Http2Attach,
  handler: Handler<Data, any>,
): Server<Data> {
  const core = listener(options, handler, host);
  const attached: Attached<Asked> = {
    core,
    takes: ({ target, headers }) => isAt(target, options.path) && options.filter?.(headers) !== false,
  };
  const emitter: EventEmitter = server;
  const detach = attachments.add(
    server,
    attached,
    () => emitter.on("stream", onStream).on("connect", onConnect).on("upgrade", onUpgrade),
    () => emitter.off("stream", onStream).off("connect", onConnect).off("upgrade", onUpgrade),
  );
  server.updateSettings({ enableConnectProtocol: true });
  const secure = "setSecureContext" in server;
  return core.server(() => urlOf(server.address(), secure), detach);
}

/**
 * Connects over HTTP/2 to a ws, wss or ws+unix URL; ws means HTTP/2 without TLS, by prior knowledge. Rejects as `connect` of the other adapters
 * does: HandshakeError for another status than 2xx, CONNECT also for a server that offers no WebSockets over HTTP/2.
 *
 * @example
 * const session = http2.connect("https://example.org");
 * const [a, b] = await Promise.all(["a", "b"].map((name) => connect(`wss://example.org/${name}`, { session })));
 */
export const connect: Connect<Http2Connect> = async (
  url: string | { readonly href: string },
  options: ConnectOptions & Http2Connect = {},
  handlers?: Handlers,
): Promise<Socket<any, any>> => {
  const to = parseTarget(url, options);
  const settings = coreOptions(options, host);
  const head = requestHead(to.target, settings); // throws for a mistake before anything is opened
  return open((signal) => dial(to, head, settings, options, signal), null, options, host, handlers);
};

interface Asked {
  readonly target: string;
  readonly headers: IncomingHttpHeaders;
}
const attachments = new Attachments<Http2Host, Asked>();

/** One listener for all attachments of a server, so that it can tell when a request is nobody's. `raw` is missing on some runtimes. */
function onStream(this: Http2Host, stream: ServerHttp2Stream, headers: IncomingHttpHeaders, _: number, raw?: string[]): void {
  if (!asksForWebSocket(headers)) return;
  const attached = attachments.find(this, { target: headers[":path"] ?? "", headers });
  if (attached !== undefined) return accept(attached.core, stream, headers, raw);
  const compatible = this.listenerCount("request") > 0 ? 1 : 0; // node:http2 listens itself for servers with a request listener
  if (this.listenerCount("stream") - compatible > 1 || this.listenerCount("connect") > 1) return;
  stream.on("error", () => {});
  stream.respond({ ":status": 404 }, { endStream: true });
}
/** Of HTTP/1.1, on a server that allows it. */
function onUpgrade(this: Http2Host, request: IncomingMessage, stream: Duplex, head: Uint8Array): void {
  const attached = attachments.find(this, { target: request.url ?? "", headers: request.headers });
  if (attached !== undefined) take(attached.core, request, stream, head);
  else if (this.listenerCount("upgrade") === 1) answer(stream, "404 Not Found");
}
/** Only servers with a request listener have this event; what is nobody's is refused as if it had no listener. */
function onConnect(this: Http2Host, request: Http2ServerRequest, response: Http2ServerResponse): void {
  if (asksForWebSocket(request.headers) || this.listenerCount("connect") > 1) return;
  response.statusCode = 405;
  response.end();
}
function asksForWebSocket(headers: IncomingHttpHeaders): boolean {
  return headers[":method"] === "CONNECT" && String(headers[":protocol"]).toLowerCase() === "websocket";
}
function accept(core: Listener<any>, stream: ServerHttp2Stream, headers: IncomingHttpHeaders, raw?: string[]): void {
  const transport = new Http2Transport(stream);
  core.accept(transport, transport, {
    http: 2,
    method: "CONNECT",
    target: headers[":path"] ?? "",
    authority: headers[":authority"] ?? "",
    headers: raw === undefined ? fieldsOf(headers) : pairs(raw).filter(([name]) => !name.startsWith(":")),
    protocol: "websocket",
  });
}
