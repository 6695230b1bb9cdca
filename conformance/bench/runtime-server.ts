// What comes in: a runtime with sockets of its own, and the name of a server, as arguments. What goes out: that server, run by that runtime,
// and its port as a line. "raw TCP" echoes octets, "native" is the WebSocket that the runtime has built in. Next file: worker-server.ts,
// for the runtime that runs no programs.
import process from "node:process";
import { adapterOf, type SocketRuntime } from "../runtimes/adapter-of.ts";

const HOST = "127.0.0.1";

export async function main([runtime, name]: readonly string[]): Promise<void> {
  console.log(
    name === "handlers" ? await handlers(runtime as SocketRuntime) : await SERVERS[`${runtime}, ${name}`](),
  );
}

async function handlers(runtime: SocketRuntime): Promise<number> {
  const { serve } = await adapterOf(runtime);
  const server = await serve({ host: HOST, port: 0, deflate: null }, {
    message: (socket, data) => void socket.send(data),
  });
  return Number(new URL(server.url).port);
}

/** As far as these servers need them: neither runtime's types are on when this is compiled. */
interface DenoConn {
  read(into: Uint8Array): Promise<number | null>;
  write(bytes: Uint8Array): Promise<number>;
  setNoDelay(): void;
}
interface DenoLike {
  listen(
    options: object,
  ): AsyncIterable<DenoConn> & { readonly addr: { readonly port: number } };
  serve(
    options: object,
    answer: (request: unknown) => unknown,
  ): { readonly addr: { readonly port: number } };
  upgradeWebSocket(
    request: unknown,
  ): { readonly socket: WebSocketLike; readonly response: unknown };
}
interface WebSocketLike {
  binaryType: string;
  onmessage: ((event: { readonly data: string | ArrayBuffer }) => void) | null;
  send(data: string | ArrayBuffer): void;
}
interface BunSocket {
  data: Uint8Array[];
  write(bytes: Uint8Array): number;
}
interface BunLike {
  listen(options: object): { readonly port: number };
  serve(options: object): { readonly port: number };
}
const { Deno, Bun } = globalThis as unknown as {
  readonly Deno: DenoLike;
  readonly Bun: BunLike;
};

const SERVERS: Readonly<Record<string, () => number | Promise<number>>> = {
  "deno, raw TCP": () => {
    const listener = Deno.listen({ hostname: HOST, port: 0 });
    void (async () => {
      for await (const connection of listener) {
        void echo(connection).catch(() => {});
      }
    })();
    return listener.addr.port;
  },
  "deno, native": () =>
    Deno.serve({ hostname: HOST, port: 0, onListen() {} }, (request) => {
      const { socket, response } = Deno.upgradeWebSocket(request);
      socket.binaryType = "arraybuffer";
      socket.onmessage = ({ data }) => socket.send(data);
      return response;
    }).addr.port,
  "bun, raw TCP": () =>
    Bun.listen({
      hostname: HOST,
      port: 0,
      socket: {
        open(socket: BunSocket) {
          socket.data = [];
        },
        data(socket: BunSocket, chunk: Uint8Array) {
          if (socket.data.length > 0) {
            return void socket.data.push(chunk.slice());
          }
          const taken = socket.write(chunk);
          if (taken < chunk.length) socket.data.push(chunk.slice(taken));
        },
        drain(socket: BunSocket) {
          while (socket.data.length > 0) {
            const taken = socket.write(socket.data[0]);
            if (taken < socket.data[0].length) {
              socket.data[0] = socket.data[0].subarray(taken);
              return;
            }
            socket.data.shift();
          }
        },
      },
    }).port,
  "bun, native": () =>
    Bun.serve({
      hostname: HOST,
      port: 0,
      fetch(request: unknown, server: { upgrade(request: unknown): boolean }) {
        return server.upgrade(request) ? undefined : new Response(null, { status: 400 });
      },
      websocket: {
        message(socket: { send(data: unknown): void }, data: unknown) {
          socket.send(data);
        },
      },
    }).port,
};

async function echo(connection: DenoConn): Promise<void> {
  connection.setNoDelay();
  const memory = new Uint8Array(64 * 1024);
  for (
    let count = await connection.read(memory);
    count !== null;
    count = await connection.read(memory)
  ) {
    for (let at = 0; at < count;) {
      at += await connection.write(memory.subarray(at, count));
    }
  }
}

await main(process.argv.slice(2));
