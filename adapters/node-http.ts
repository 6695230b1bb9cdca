// An HTTP server that is there already, of node:http, node:https, express or fastify: it reads the head, the core answers it, the stream is
// a connection from then on. Routes are not touched, nor is what other `upgrade` listeners take.
// RFC 6455 §4.2, RFC 9110 §7.8. Next files: node-attached.ts, and node-http2.ts for HTTP/2.
import type { IncomingMessage, Server as HttpServer } from "node:http";
import { Server as HttpsServer } from "node:https";
import type { Socket as NetSocket } from "node:net";
import type { Duplex } from "node:stream";
import { host } from "./node.ts";
import { type Attached, Attachments, isAt, pairs } from "./node-attached.ts";
import { NodeTransport, urlOf } from "./node-sockets.ts";
import type { Handler, Part, ServeOptions, Server } from "./socket/handle.ts";
import { listener } from "./socket/server.ts";
import type { Listener } from "./socket/transport.ts";

export { HandshakeError, WebSocketError } from "./socket/errors.ts";
export { UsageError } from "../core/index.ts";
export type { WebSocketErrorCode } from "./socket/errors.ts";
export type * from "./socket/handle.ts";

/** Which upgrade requests are ours; the others are left to the next listener, and answered with 404 if there is none. */
export interface HttpAttach {
  /** Only this path; the query does not count. */
  readonly path?: string | undefined;
  /** false: not ours. */
  readonly filter?: ((request: IncomingMessage) => boolean) | undefined;
}

/**
 * Serves WebSockets beside the routes of `server`. Closing what it returns closes them and leaves `server` alone. Throws UsageError.
 *
 * @example
 * const http = createServer(app).listen(8080);
 * attach(http, { path: "/chat" }, async (socket) => { for await (const message of socket) await socket.send(message); });
 */
export function attach<Data = unknown>(
  server: HttpServer | HttpsServer,
  options: ServeOptions<Data> & HttpAttach & { messages: "parts" },
  handler: Handler<Data, Part>,
): Server<Data>;
export function attach<Data = unknown>(
  server: HttpServer | HttpsServer,
  options: ServeOptions<Data> & HttpAttach,
  handler: Handler<Data>,
): Server<Data>;
export function attach<Data>(
  server: HttpServer | HttpsServer,
  options: ServeOptions<Data> & HttpAttach,
  handler: Handler<Data, any>,
): Server<Data> {
  const core = listener(options, handler, host);
  const attached: Attached<IncomingMessage> = {
    core,
    takes: (request) => isAt(request.url ?? "", options.path) && options.filter?.(request) !== false,
  };
  const detach = attachments.add(server, attached, () => server.on("upgrade", onUpgrade), () => server.off("upgrade", onUpgrade));
  const secure = server instanceof HttpsServer;
  return core.server(() => urlOf(server.address(), secure), detach);
}

const attachments = new Attachments<HttpServer | HttpsServer, IncomingMessage>();

/** One listener for all attachments of a server, so that it can tell when a request is nobody's. */
function onUpgrade(this: HttpServer | HttpsServer, request: IncomingMessage, stream: Duplex, head: Uint8Array): void {
  const attached = attachments.find(this, request);
  if (attached !== undefined) return take(attached.core, request, stream, head);
  if (this.listenerCount("upgrade") === 1) answer(stream, "404 Not Found");
}
/** An `upgrade` event that is ours. */
export function take(core: Listener<any>, request: IncomingMessage, stream: Duplex, head: Uint8Array): void {
  if (request.httpVersion !== "1.1") return answer(stream, "505 HTTP Version Not Supported"); // RFC 6455 §4.2.1
  const socket = stream as Partial<NetSocket> & Duplex;
  socket.allowHalfOpen = true;
  socket.setTimeout?.(0);
  socket.setNoDelay?.(true);
  if (head.byteLength > 0) stream.unshift(head); // octets behind the request head
  const transport = new NodeTransport(stream);
  core.accept(transport, transport, {
    http: 1,
    method: request.method ?? "",
    target: request.url ?? "",
    authority: request.headers.host ?? "",
    headers: pairs(request.rawHeaders),
  });
}
/** An `upgrade` event that is not for us. */
export function answer(stream: Duplex, status: string): void {
  stream.on("error", () => stream.destroy());
  stream.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`, () => stream.destroy());
}
