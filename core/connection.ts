// The entry points: a machine for either role, before or after the opening handshake. What comes in: options, and where the host stands
// in the handshake. What goes out: a Connection. RFC 6455 §4, RFC 8441 §5. Next file: types.ts for the interfaces, machine.ts for the rest.
import { UsageError } from "./errors.ts";
import { ClientOpening, ServerOpening } from "./handshake/opening.ts";
import { requestHead as headOf, type Verdict, verifyResponse as verify } from "./handshake/negotiate.ts";
import { WebSocketMachine } from "./machine.ts";
import { settle } from "./options.ts";
import type {
  Agreement,
  ClientOptions,
  ClientTarget,
  Connection,
  Header,
  Options,
  RequestHead,
  Role,
  ServerConnection,
} from "./types.ts";

/**
 * A client on a fresh byte stream. Its request waits in `peekOutput` at once. Throws BAD_OPTION, BAD_ARGUMENT. RFC 6455 §4.1
 *
 * @example
 * const client = clientConnection({ authority: "example.org", target: "/chat" }, { random: (into) => crypto.getRandomValues(into) });
 * socket.write(client.peekOutput());
 */
export function clientConnection(target: ClientTarget, options: ClientOptions): Connection {
  const settings = settle(options, "client");
  return WebSocketMachine.opening(settings, new ClientOpening(target, settings, options.random));
}

/**
 * A server on a fresh byte stream; with `head`, behind a request that an HTTP host has read (the octets behind it are the first `receive`).
 * Poll until `request`, then `accept` or `reject`. Throws BAD_OPTION. RFC 6455 §4.2
 *
 * @example
 * const server = serverConnection({});
 * server.receive(bytes, now);
 * for (let event = server.poll(); event !== null; event = server.poll()) {
 *   if (event.type === "request") server.accept();
 *   if (event.type === "text") server.send(event.data);
 * }
 */
export function serverConnection(options: Options, head?: RequestHead): ServerConnection {
  const settings = settle(options, "server");
  return WebSocketMachine.opening(settings, new ServerOpening(settings, head));
}

/** A connection whose opening handshake somebody else has done. Its first event is `open`. Throws BAD_OPTION. */
export function upgradedConnection(role: "server", agreement: Agreement, options: Options): Connection;
export function upgradedConnection(role: "client", agreement: Agreement, options: ClientOptions): Connection;
export function upgradedConnection(role: Role, agreement: Agreement, options: Options | ClientOptions): Connection {
  const settings = settle(options, role);
  if (agreement.deflate !== null && settings.deflate === null) {
    throw new UsageError("BAD_OPTION", "the agreement needs options.deflate");
  }
  return WebSocketMachine.upgraded(settings, agreement);
}

/** What an HTTP/2 client sends: an extended CONNECT (RFC 8441 §5). Throws BAD_ARGUMENT, BAD_OPTION. */
export function requestHead(target: ClientTarget, options: Options): RequestHead {
  return headOf(target, settle(options, "server").deflate, null);
}
/** Checks what the server answered to `requestHead`; the agreement goes to `upgradedConnection`. Never throws for what the server sent. */
export function verifyResponse(target: ClientTarget, options: Options, status: number, headers: readonly Header[]): Verdict {
  return verify({ target, deflate: settle(options, "server").deflate, key: null }, status, headers);
}
