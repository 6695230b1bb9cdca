// A first look at an adapter, in its own runtime: its client against its server. In: the runtime's name as the last argument. Out: one line of
// JSON, which must equal `expected` on every runtime: what a program sees must not depend on where it runs.
import { rmSync } from "node:fs";
import { connect as dialTcp } from "node:net";
import { tmpdir } from "node:os";
import process from "node:process";
import { fileURLToPath } from "node:url";
import type { Closed, Handler, ServeOptions, Server, Socket, WebSocketError } from "../../adapters/adapter.ts";
import { V8 } from "../../core/wire/engine.ts";
import { certificate, foreign, key } from "../support/certificate.ts";
import { type Adapter, adapterOf, type SocketRuntime } from "./adapter-of.ts";

export const expected: Readonly<Record<string, unknown>> = {
  echo: ["hello", 3, 1_048_576, 0],
  peer: ["127.0.0.1", false],
  closed: [4000, true],
  none: ["CONNECT", "ECONNREFUSED"],
  used: "EADDRINUSE",
  tls: ["secret", true, 4000],
  untrusted: "TLS",
  misnamed: "TLS",
  plain: "TLS",
  heard: "TLS",
  path: ["/target?x", null, 1005],
  aborted: "changed my mind",
  ends: ["LOST", "TERMINATED"],
  slow: true,
  farewell: [1001, 0],
  engine: true,
};

export async function smoke({ serve, connect }: Adapter): Promise<unknown> {
  const at = { host: "127.0.0.1", port: 0 };
  const echo: Handler<any> = async (socket) => {
    for await (const message of socket) await socket.send(message);
  };
  const code = async (connecting: Promise<Socket>): Promise<string> => connecting.then(() => "no error", (error) => error.code);
  const found: Record<string, unknown> = {};

  const server: Server = await serve(at, echo);
  const socket = await connect(server.url);
  const iterator = socket[Symbol.asyncIterator]();
  const sizes: unknown[] = [];
  for (
    const message of [
      "hello",
      Uint8Array.of(1, 2, 3),
      "x".repeat(1 << 20),
      new Uint8Array(0),
    ]
  ) {
    void socket.send(message);
    const back = (await iterator.next()).value!;
    sizes.push(
      back.length < 10 && typeof back === "string" ? back : back.length,
    );
  }
  found.echo = sizes;
  found.peer = [[...server.sockets][0]!.peer.address, socket.peer.secure];
  found.closed = facts(await socket.close(4000), "code", "clean");

  const spare = await serve(at, echo);
  await spare.close();
  found.none = await connect(spare.url).catch((
    { code, cause }: WebSocketError,
  ) => [code, (cause as { code?: string }).code]);
  found.used = await serve(
    { ...at, port: Number(new URL(server.url).port) },
    echo,
  ).catch((error) => error.code);

  const heard: unknown[] = [];
  const hook: ServeOptions = {
    error: (error) => void heard.push((error as WebSocketError).code),
  };
  const secure = await serve({
    ...at,
    ...hook,
    tls: { key, cert: certificate },
  }, echo);
  const safe = await connect(secure.url.replace("127.0.0.1", "localhost"), {
    tls: { ca: certificate },
  });
  void safe.send("secret");
  const secret = (await safe[Symbol.asyncIterator]().next()).value;
  found.tls = [secret, safe.peer.secure, (await safe.close(4000)).code];
  found.untrusted = await code(connect(secure.url));
  const misnamed = await serve({ ...at, tls: { key, cert: foreign } }, echo);
  found.misnamed = await code(connect(misnamed.url, { tls: { ca: foreign } }));
  found.plain = await code(connect(server.url.replace("ws:", "wss:")));
  heard.length = 0;
  await connect(secure.url.replace("wss:", "ws:")).catch(() => {});
  await until(() => heard.length > 0);
  found.heard = heard[0];

  const path = `${tmpdir()}/sansws ${process.pid}.sock`;
  let target = "";
  const local = await serve({ path }, {
    open: (_, request) => void (target = request!.target),
  });
  const near = await connect(`${local.url}:/target?x`);
  found.path = [target, near.peer.address, (await near.close()).code];
  await local.close();
  rmSync(path, { force: true });

  const silent = await serve(
    { ...at, upgrade: () => new Promise(() => {}) },
    echo,
  );
  const abort = new AbortController();
  setTimeout(() => abort.abort("changed my mind"), 20);
  found.aborted = await connect(silent.url, { signal: abort.signal }).catch((
    reason,
  ) => reason);

  const ends: Closed[] = [];
  const watched = await serve(at, {
    close: (_, closed) => void ends.push(closed),
  });
  const raw = dialTcp(Number(new URL(watched.url).port), "127.0.0.1");
  raw.on("error", () => {}).on("data", () => raw.end()).write(UPGRADE);
  await until(() => ends.length === 1);
  await connect(watched.url);
  await until(() => watched.sockets.size === 1);
  [...watched.sockets][0]!.terminate();
  await until(() => ends.length === 2);
  found.ends = ends.map(({ error }) => error?.code);

  // Nobody reads, so TCP stops the sender; then somebody does.
  const slow = await connect(server.url, { deflate: null });
  const sent = (async () => {
    let count = 0;
    for (; count < 400; count++) {
      if (!await slow.send(new Uint8Array(65_536))) break;
    }
    return count;
  })();
  await new Promise((resolve) => setTimeout(resolve, 100));
  const waits = slow.bufferedAmount > 0;
  let count = 0;
  for await (const _ of slow) if (++count === 400) break;
  found.slow = waits && await sent === 400;

  const last = server.close();
  found.farewell = [
    (await slow.closed).code,
    (await last, server.sockets.size),
  ];
  found.engine = V8 === !("Bun" in globalThis); // kernels of the core depend on it: a wrong guess made Bun seven times slower
  await Promise.all(
    [secure, misnamed, silent, watched].map((server) => server.close({ deadline: 0 })),
  );
  return found;
}

function facts<Key extends keyof Closed>(
  closed: Closed,
  ...keys: Key[]
): unknown[] {
  return keys.map((key) => closed[key]);
}
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 1));
}

const UPGRADE = "GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n" +
  "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  console.log(
    JSON.stringify(
      await smoke(await adapterOf(process.argv[2] as SocketRuntime)),
    ),
  );
}
