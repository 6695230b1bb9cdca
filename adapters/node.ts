// Node's net and tls as an adapter: `serve` listens, `connect` dials, and `host` is what the runtime itself gives; both speak to the shared layer
// in socket/. It runs unchanged on Bun and Deno. RFC 6455 §4.1, §4.2. Next files: node-sockets.ts, which has the sockets, and node-http.ts, for
// an HTTP server that is there already.
import { randomFillSync } from "node:crypto";
import { natives } from "./node-natives.ts";
import { dial, listen, type NodeConnect, type NodeServe } from "./node-sockets.ts";
import type { Connect, Handler, Serve, ServeOptions, Server } from "./socket/handle.ts";
import { connecting } from "./socket/open.ts";
import { listener } from "./socket/server.ts";
import type { Host } from "./socket/transport.ts";
import { zlib } from "./zlib.ts";

export { HandshakeError, WebSocketError } from "./socket/errors.ts";
export { UsageError } from "../core/index.ts";
export type { WebSocketErrorCode } from "./socket/errors.ts";
export type * from "./socket/handle.ts";
export type { NodeConnect, NodeServe };

/** Listens on a port of TCP, or on a path (RFC 6455 §4.2). Rejects with what `listen` failed with, or with `signal.reason`. */
export const serve: Serve<NodeServe> = async <Data>(
  options: ServeOptions<Data> & NodeServe,
  handler: Handler<Data, any>,
): Promise<Server<Data>> => {
  options.signal?.throwIfAborted();
  return listen(listener(options, handler, host), options);
};

/**
 * Connects to a ws, wss or ws+unix URL. Rejects with HandshakeError (another answer than 101), WebSocketError (CONNECT, TLS, or a
 * fault of the handshake), UsageError, or `signal.reason`; nothing stays open then.
 */
export const connect: Connect<NodeConnect> = connecting((to, { tls }, signal) => dial(to, tls, signal), () => host);

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
