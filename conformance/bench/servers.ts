// What comes in: what a server shall be like. What goes out: our echo server or that of ws, in this process, on a free port of 127.0.0.1.
// RFC 6455 §1.2; RFC 7692 §7.1. For what is measured inside of the server's process. Next files: floods.ts, footprint.ts.
import type { AddressInfo } from "node:net";
import { once } from "node:events";
import { WebSocketServer } from "ws";
import { serve } from "../../adapters/node.ts";
import { zlib } from "../../adapters/zlib.ts";

/** What permessage-deflate a server agrees to; null: none. */
export type Compression = "takeover" | "no takeover" | null;
export interface Listening {
  readonly port: number;
  /** Connections that are open. */
  readonly size: number;
}
export type Listen = (compression: Compression) => Promise<Listening>;

export const LIBRARIES: Readonly<Record<"sansws" | "ws", Listen>> = {
  sansws: async (compression) => {
    const deflate = compression === null ? null : { engine: zlib, contextTakeover: compression === "takeover" };
    const server = await serve({ port: 0, host: HOST, deflate }, { message: (socket, data) => void socket.send(data) });
    return {
      port: Number(new URL(server.url).port),
      get size() {
        return server.sockets.size;
      },
    };
  },
  ws: async (compression) => {
    const fresh = { serverNoContextTakeover: true, clientNoContextTakeover: true };
    const perMessageDeflate = compression === null ? false : compression === "takeover" ? true : fresh;
    const server = new WebSocketServer({ port: 0, host: HOST, perMessageDeflate });
    server.on("connection", (socket) => {
      socket.on("message", (data, binary) => socket.send(data, { binary }));
      socket.on("error", () => {});
    });
    await once(server, "listening");
    return {
      port: (server.address() as AddressInfo).port,
      get size() {
        return server.clients.size;
      },
    };
  },
};

export const HOST = "127.0.0.1";
