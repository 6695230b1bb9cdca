// What comes in: who is told of messages. What goes out: the server's side of a connection, ours or that of ws, whose peer sends what it is
// made to and never reads (RFC 6455 §10.4). It is made by the same code as on a port, from a request for an upgrade on.
// Next file: servers.ts, on real sockets.
import { IncomingMessage } from "node:http";
import { Socket as NetSocket } from "node:net";
import { WebSocketServer } from "ws";
import { listener } from "../../adapters/adapter.ts";
import { host } from "../../adapters/node.ts";
import { NodeTransport } from "../../adapters/node-sockets.ts";
import type { Socket } from "../../adapters/socket/handle.ts";
import { KEY, requestText } from "../support/machine.ts";

/** The server's side of a connection that is flooded. */
export interface Victim {
  readonly socket: Unread;
  readonly open: boolean;
  /** Octets that wait for the peer. */
  readonly queued: number;
}
/** `message` is given what arrives. */
export type Open = (message: (data: Uint8Array) => void) => Victim;

export const sansws: Open = (message) => {
  let handle: Socket | null = null;
  const handlers = {
    open: (socket: Socket) => void (handle = socket),
    message: (_: Socket, data: string | Uint8Array) => message(data as Uint8Array),
  };
  const socket = new Unread();
  const transport = new NodeTransport(socket);
  listener({ deflate: null }, handlers, host).accept(transport, transport);
  socket.emit("data", Buffer.from(requestText()));
  return {
    socket,
    get open() {
      return handle?.state === "open";
    },
    get queued() {
      return Math.max(handle!.bufferedAmount, socket.writableLength);
    },
  };
};

/** ws with these options in place of its own. */
export function ws(limits: object): Open {
  return (message) => {
    const socket = new Unread();
    const headers = {
      upgrade: "websocket",
      connection: "Upgrade",
      "sec-websocket-version": "13",
      "sec-websocket-key": KEY,
    };
    const request = Object.assign(new IncomingMessage(socket), { method: "GET", url: "/", headers });
    const server = new WebSocketServer({ noServer: true, perMessageDeflate: false, ...limits });
    let [open, queued] = [(): boolean => false, (): number => 0];
    server.handleUpgrade(request, socket, Buffer.alloc(0), (connection) => {
      connection.on("message", (data) => message(data as Buffer)).on("error", () => {});
      [open, queued] = [() => connection.readyState === connection.OPEN, () => connection.bufferedAmount];
    });
    return {
      socket,
      get open() {
        return open();
      },
      get queued() {
        return queued();
      },
    };
  };
}

/** A socket of TCP with a peer that never reads: what is written waits for ever. */
class Unread extends NetSocket {
  override _read(): void {}
  override _write(): void {}
  override _writev(): void {}
}
