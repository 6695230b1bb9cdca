// What comes in: a port. What goes out: an attacker: a socket of TCP that obeys no rule. Everything that was opened is destroyed by `forget`.
// RFC 6455 §1.2. Next files: the tests beside this one.
import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { concat } from "../frames/encode.ts";
import { afterHead } from "../frames/reader.ts";
import { requestText } from "../support/machine.ts";

export interface Raw {
  readonly socket: Socket;
  /** Octets that have come so far, and how many. */
  received(): Uint8Array;
  readonly length: number;
  /** The same as text, one character for each octet. */
  text(): string;
  /** Resolves when the stream has ended or was reset. */
  readonly ended: Promise<unknown>;
}

/** Connects, and says nothing. */
export async function raw(port: number): Promise<Raw> {
  const socket = connect({ port, host: "127.0.0.1", allowHalfOpen: true, noDelay: true });
  const one = around(socket);
  await once(socket, "connect");
  return one;
}
/** Behind the head of a 101. */
export async function upgradedRaw(port: number, target = "/0", lines: readonly string[] = []): Promise<Raw> {
  const one = await raw(port);
  one.socket.write(requestText(lines).replace("/chat", target));
  while (afterHead(one.received()) === -1) await once(one.socket, "data");
  return one;
}
/** A server by hand. */
export async function listening(take: (one: Raw) => void): Promise<number> {
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => take(around(socket)));
  servers.add(server);
  await once(server.listen(0, "127.0.0.1"), "listening");
  return (server.address() as AddressInfo).port;
}
/** Call it behind each test. */
export function forget(): void {
  for (const server of servers) server.close();
  for (const socket of sockets) socket.destroy();
  servers.clear();
  sockets.clear();
}
/** Resolves as soon as this holds. */
export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!await condition()) await new Promise((resolve) => setTimeout(resolve, 5));
}

function around(socket: Socket): Raw {
  sockets.add(socket);
  const pieces: Uint8Array[] = [];
  let length = 0;
  socket.on("data", (piece) => length += pieces[pieces.push(piece) - 1].length).on("error", () => {});
  const ended = new Promise((resolve) => void socket.once("end", resolve).once("close", resolve));
  const received = (): Uint8Array => concat(pieces);
  return {
    socket,
    received,
    get length() {
      return length;
    },
    text: () => new TextDecoder("latin1").decode(received()),
    ended,
  };
}

const sockets = new Set<Socket>();
const servers = new Set<Server>();
