// What comes in: the name of a server, as argument. What goes out: that server on a free port of 127.0.0.1, and its CPU time on demand.
// Each echoes what it gets; "raw TCP" echoes octets and knows no protocol. Next file: bare.ts.
import { createServer } from "node:net";
import { WebSocketServer } from "ws";
import { serve } from "../../adapters/node.ts";
import { bare } from "./bare.ts";

const HOST = "127.0.0.1";
const options = { port: 0, host: HOST, deflate: null } as const;
const portOf = (url: string): number => Number(new URL(url).port);

/** What the parent is told. */
export type FromServer = { readonly port: number } | { readonly cpu: number };

const SERVERS: Readonly<Record<string, () => Promise<number>>> = {
  "raw TCP": () =>
    new Promise((resolve) => {
      const server = createServer({ noDelay: true }, (socket) => {
        socket.on("data", (chunk) => socket.write(chunk));
        socket.on("error", () => {});
      });
      server.listen(0, HOST, () => resolve((server.address() as { port: number }).port));
    }),
  bare: () => bare(HOST),
  ws: () =>
    new Promise((resolve) => {
      const server = new WebSocketServer({
        port: 0,
        host: HOST,
        perMessageDeflate: false,
      });
      server.on("connection", (socket) => {
        socket.on("message", (data, isBinary) => socket.send(data, { binary: isBinary }));
        socket.on("error", () => {});
      });
      server.on("listening", () => resolve((server.address() as { port: number }).port));
    }),
  handlers: async () => {
    const server = await serve(options, {
      message: (socket, data) => void socket.send(data),
    });
    return portOf(server.url);
  },
  raw: async () => {
    const server = await serve({ ...options, messages: "raw" }, {
      raw: (socket, piece) => void socket.relay(piece),
    });
    return portOf(server.url);
  },
  iteration: async () => {
    const server = await serve(options, async (socket) => {
      for await (const message of socket) await socket.send(message);
    });
    return portOf(server.url);
  },
};

process.on("message", () => {
  const { user, system } = process.cpuUsage();
  tell({ cpu: (user + system) / 1e6 });
});
process.on("disconnect", () => process.exit(0));
tell({ port: await SERVERS[process.argv[2]]() });

function tell(message: FromServer): void {
  process.send?.(message);
}
