// For authors of adapters: a runtime's sockets in, serve() and connect() out. Write a Transport, or a Pulled where sockets are read with
// promises, and a Host; call `listener` for a server and `open` for a client. node.ts does the first, streams.ts the second.
// Next file: socket/transport.ts.
/**
 * The kit that every adapter of sansws is made of.
 * @module
 */
export { listener } from "./socket/server.ts";
export { open } from "./socket/open.ts";
export { pulled } from "./socket/pull.ts";
export { parseTarget, tcpUrl, unixUrl } from "./socket/target.ts";
export { failure, HandshakeError, WebSocketError } from "./socket/errors.ts";
export { UsageError } from "../core/index.ts";
export type { Pulled } from "./socket/pull.ts";
export type { Target } from "./socket/target.ts";
export type { WebSocketErrorCode } from "./socket/errors.ts";
export type { Dial, Driver, Host, Listener, Peer, Transport } from "./socket/transport.ts";
export type * from "./socket/handle.ts";
