import { mkdtemp, rm } from "node:fs/promises";
import { connect as dialTcp, createServer as createTcp, type Server as TcpServer, type Socket as TcpSocket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Duplex, Readable } from "node:stream";
import { connect as dialTls } from "node:tls";
import { afterEach, describe, expect, it } from "vitest";
import { certificate, foreign, key } from "../conformance/support/certificate.ts";
import { connect, HandshakeError, host, serve, UsageError, WebSocketError } from "./node.ts";
import { NodeTransport } from "./node-sockets.ts";
import type { NodeServe } from "./node.ts";
import type { Closed, Handler, ServeOptions, Server, Socket } from "./node.ts";

const undo: (() => unknown)[] = [];
afterEach(async () => {
  for (const run of undo.splice(0).reverse()) await run();
});
const at = { port: 0, host: "127.0.0.1" } as const;
const echo: Handler<any> = async (socket) => {
  for await (const message of socket) await socket.send(message);
};
async function serving(handler: Handler<any, any> = echo, options: ServeOptions<any> & NodeServe = {}): Promise<Server<any>> {
  const server = await serve<any>({ ...at, ...options }, handler);
  undo.push(() => server.close({ deadline: 0 }));
  return server;
}
async function next<T>(socket: Socket<unknown, T>): Promise<T | undefined> {
  return (await socket[Symbol.asyncIterator]().next()).value;
}
/** A server that speaks TCP only, by hand. */
async function listening(take: (socket: TcpSocket) => void): Promise<number> {
  const sockets = new Set<TcpSocket>();
  const server: TcpServer = createTcp({ allowHalfOpen: true }, (socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
    take(socket);
  });
  await new Promise<void>((resolve) => server.listen(at, resolve));
  undo.push(() => {
    for (const socket of sockets) socket.destroy();
    return new Promise((resolve) => server.close(resolve));
  });
  return (server.address() as { port: number }).port;
}
const portOf = (server: Server<any>): number => Number(new URL(server.url).port);
const UPGRADE = "GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n" +
  "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
/** A client that speaks TCP only, behind the upgrade. */
async function upgraded(server: Server<any>): Promise<TcpSocket> {
  const socket = dialTcp({ port: portOf(server), host: "127.0.0.1", allowHalfOpen: true });
  undo.push(() => socket.destroy());
  socket.on("error", () => {});
  socket.write(UPGRADE);
  await new Promise((resolve) => socket.once("data", resolve));
  return socket;
}
/** Waits until a figure has not changed for many turns of the event loop. */
const stands = async (figure: () => number): Promise<void> => {
  for (let before = NaN, same = 0; same < 100; same++) {
    await new Promise((resolve) => setImmediate(resolve));
    if (figure() !== before) [before, same] = [figure(), 0];
  }
};
const until = async (condition: () => boolean): Promise<void> => {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve));
};

describe("serve and connect over TCP", () => {
  it("echo text, binary, large and empty messages, and close cleanly", async () => {
    const server = await serving();
    expect(server.url).toMatch(/^ws:\/\/127\.0\.0\.1:\d+$/);
    const socket = await connect(server.url);
    const messages = [
      "hello",
      "",
      Uint8Array.of(1, 2, 3),
      new Uint8Array(0),
      "x".repeat(3_000_000),
      new Uint8Array(3_000_000).fill(7),
      "ünï",
    ];
    const sending = (async () => {
      for (const message of messages) await socket.send(message);
    })();
    const iterator = socket[Symbol.asyncIterator]();
    for (const message of messages) {
      const { value } = await iterator.next();
      expect(typeof value).toBe(typeof message);
      expect(Buffer.compare(Buffer.from(value as string), Buffer.from(message as string))).toBe(0);
    }
    await sending;
    expect(await socket.ping()).toBeGreaterThanOrEqual(0);
    expect(await socket.close(1000, "bye")).toMatchObject({ code: 1000, clean: true, error: null });
    await until(() => server.sockets.size === 0);
  });
  it("agree on compression by default, and not with null", async () => {
    let extensions: string | null = null;
    const server = await serving(echo, {
      upgrade: (request) => {
        extensions = request.header("sec-websocket-extensions");
        return { data: null };
      },
    });
    const socket = await connect(server.url);
    expect(extensions).toContain("permessage-deflate");
    const text = "compress me ".repeat(10_000);
    void socket.send(text);
    expect(await next(socket)).toBe(text);
    expect(socket.headers.some(([name]) => name === "Sec-WebSocket-Extensions")).toBe(true);
    const plain = await connect(server.url, { deflate: null });
    expect(extensions).toBe(null);
    plain.terminate();
    await socket.close();
  });
  it("write once per chunk, from a loop and from handlers", async () => {
    const handlers: Handler<any>[] = [echo, { message: (socket, data) => void socket.send(data) }, {
      message: async (socket, data) => void await socket.send(data),
    }];
    for (const handler of handlers) {
      const server = await serving(handler, { deflate: null });
      const client = await upgraded(server);
      const frame = Buffer.from([0x81, 0x82, 0, 0, 0, 0, 104, 105]);
      let chunks = 0, octets = 0;
      client.on("data", (chunk) => (chunks++, octets += chunk.length));
      client.write(Buffer.concat(Array.from({ length: 500 }, () => frame)));
      await until(() => octets === 2000);
      expect(chunks).toBeLessThanOrEqual(2); // a chunk may arrive in two
    }
  });
  it("tell each other who they are, and give the request to the application", async () => {
    const seen: unknown[] = [];
    const server = await serving({
      open: (socket, request) =>
        void seen.push(request?.target, request?.header("authorization"), socket.peer.address, socket.peer.secure, socket.data),
    }, { upgrade: (_, peer) => ({ data: peer.port }) });
    const socket = await connect(server.url.replace("ws://", "http://ann:secret@") + "/path?q");
    expect([socket.peer.address, socket.peer.port, socket.peer.secure]).toEqual(["127.0.0.1", portOf(server), false]);
    expect(seen.slice(0, 4)).toEqual(["/path?q", `Basic ${btoa("ann:secret")}`, "127.0.0.1", false]);
    expect(seen[4]).toBeGreaterThan(0);
    socket.terminate();
  });
  it("stream gigabytes in pieces, with no more memory than a few of them", async () => {
    let received = 0;
    const server = await serving(async (socket) => {
      for await (const part of socket as Socket<any, any>) received += part.data.length;
    }, { messages: "parts", limits: { message: Infinity, fragments: Infinity } });
    const socket = await connect(server.url, { deflate: null });
    const piece = new Uint8Array(65_536);
    let most = 0;
    const sent = await socket.sendParts(Readable.from((function* () {
      for (let i = 0; i < 800; i++) {
        most = Math.max(most, socket.bufferedAmount);
        yield piece;
      }
    })()));
    expect(sent).toBe(true);
    expect((await socket.close()).clean).toBe(true);
    expect(received).toBe(800 * 65_536);
    expect(most).toBeLessThan(1_000_000);
  });
  it("stop each other by TCP when nobody reads", async () => {
    let go: (() => void) | null = null;
    const server = await serving(async (socket) => {
      const iterator = socket[Symbol.asyncIterator]();
      await iterator.next();
      await new Promise<void>((resolve) => go = resolve);
      for (let i = 0; i < 299; i++) await iterator.next();
      await socket.close(4000);
    });
    const socket = await connect(server.url, { deflate: null, limits: { output: 1 << 30 } });
    const message = new Uint8Array(100_000);
    for (let i = 0; i < 300; i++) void socket.send(message);
    await until(() => go !== null);
    await stands(() => socket.bufferedAmount);
    expect(socket.bufferedAmount).toBeGreaterThan(1_000_000);
    go!();
    expect((await socket.closed).code).toBe(4000);
  });
  it("keep the octets of a write unchanged while a slow peer reads them", async () => {
    const server = await serving(async (socket) => {
      for (let i = 0; i < 400; i++) await socket.send(new Uint8Array(30_000).fill(i & 255));
      await socket.close();
    });
    const socket = await connect(server.url, { deflate: null });
    let count = 0;
    for await (const message of socket) {
      expect((message as Uint8Array).every((octet) => octet === (count & 255))).toBe(true);
      count++;
      if (count % 50 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    expect(count).toBe(400);
  });
  it("see a lost peer: LOST after an end, TRANSPORT after a reset", async () => {
    const ends: Closed[] = [];
    const server = await serving({ close: (_, closed) => void ends.push(closed) });
    (await upgraded(server)).end();
    await until(() => ends.length === 1);
    (await upgraded(server)).resetAndDestroy();
    await until(() => ends.length === 2);
    expect(ends.map(({ code, error }) => [code, error?.code])).toEqual([[1006, "LOST"], [1006, "TRANSPORT"]]);
    expect(ends[1]!.error!.cause).toMatchObject({ code: "ECONNRESET" });
  });
  it("answer a fault with a Close that arrives, although the peer goes on sending", async () => {
    const server = await serving({});
    const client = await upgraded(server);
    const got: Buffer[] = [];
    let ended = false;
    client.on("data", (chunk) => void got.push(chunk)).on("end", () => ended = true);
    client.write(Buffer.concat([Buffer.from([0x83, 0x80, 0, 0, 0, 0]), Buffer.alloc(300_000)]));
    await until(() => ended);
    const all = Buffer.concat(got);
    expect([all[0], all.readUInt16BE(2)]).toEqual([0x88, 1002]);
    client.end();
    await until(() => server.sockets.size === 0);
  });
  it("report an address in use, and a server goes on after errors of single connections", async () => {
    const server = await serving();
    await expect(serve({ ...at, port: portOf(server) }, echo)).rejects.toMatchObject({ code: "EADDRINUSE" });
    dialTcp(portOf(server), "127.0.0.1").on("connect", function (this: TcpSocket) {
      this.resetAndDestroy();
    });
    const socket = await connect(server.url);
    await socket.close();
  });
  it("close a server: the port is free, loops have ended", async () => {
    const server = await serving();
    const sockets = [await connect(server.url), await connect(server.url)];
    const ends = sockets.map((socket) => next(socket));
    await server.close();
    expect(await Promise.all(ends)).toEqual([undefined, undefined]);
    expect((await sockets[0]!.closed).code).toBe(1001);
    await expect(connect(server.url)).rejects.toMatchObject({ code: "CONNECT" });
    const again = await serving(echo, { port: portOf(server) });
    expect(again.url).toBe(server.url);
  });
  it("do not listen with a signal that has aborted, and close with one that does", async () => {
    const reason = new Error("no");
    await expect(serve({ ...at, signal: AbortSignal.abort(reason) }, echo)).rejects.toBe(reason);
    const abort = new AbortController();
    const server = await serving(echo, { signal: abort.signal });
    const socket = await connect(server.url);
    abort.abort();
    expect((await socket.closed).code).toBe(1001);
  });
});

describe("a path of the file system", () => {
  it("is listened on and connected to, with a target", async () => {
    const folder = await mkdtemp(join(tmpdir(), "sansws "));
    undo.push(() => rm(folder, { recursive: true }));
    let target = "";
    const server = await serve({ path: join(folder, "s.sock") }, { open: (_, request) => void (target = request!.target) });
    undo.push(() => server.close({ deadline: 0 }));
    const socket = await connect(`${server.url}:/chat?x`);
    expect([target, socket.peer.address, socket.peer.port]).toEqual(["/chat?x", null, null]);
    await socket.close();
    await connect(server.url).then((second) => second.close());
    expect(target).toBe("/");
  });
});

describe("TLS", () => {
  const tls = { key, cert: certificate };
  it("echoes, half-closes, and tells the application that it is secure", async () => {
    const server = await serving(echo, { tls });
    expect(server.url).toMatch(/^wss:/);
    for (const name of ["127.0.0.1", "localhost"]) {
      const socket = await connect(server.url.replace("127.0.0.1", name), { tls: { ca: certificate } });
      const text = "x".repeat(500_000);
      void socket.send(text);
      expect(await next(socket)).toBe(text);
      expect([socket.peer.secure, [...server.sockets][0]!.peer.secure]).toEqual([true, true]);
      expect(await socket.close(4000)).toMatchObject({ code: 4000, clean: true });
    }
    await until(() => server.sockets.size === 0);
  });
  it("rejects a certificate that is not trusted, and one for another name, as TLS", async () => {
    const failures: unknown[] = [];
    const server = await serving(echo, {
      tls,
      error: (error, socket) => void failures.push([(error as WebSocketError).code, socket]),
    });
    await expect(connect(server.url)).rejects.toMatchObject({ code: "TLS", cause: { code: "DEPTH_ZERO_SELF_SIGNED_CERT" } });
    const other = await serving(echo, { tls: { key, cert: foreign } });
    await expect(connect(other.url, { tls: { ca: foreign } })).rejects.toMatchObject({
      code: "TLS",
      cause: { code: "ERR_TLS_CERT_ALTNAME_INVALID" },
    });
  });
  it("is not harmed by clients that do not speak it; the hook hears of them", async () => {
    const failures: unknown[] = [];
    const server = await serving(echo, {
      tls,
      error: (error, socket) => void failures.push([(error as WebSocketError).code, socket]),
    });
    await expect(connect(server.url.replace("wss", "ws"))).rejects.toBeInstanceOf(WebSocketError);
    await until(() => failures.length === 1);
    expect(failures).toEqual([["TLS", null]]);
    const socket = await connect(server.url, { tls: { ca: certificate } });
    await socket.close();
  });
  it("rejects a server that does not speak it", async () => {
    const server = await serving();
    await expect(connect(server.url.replace("ws:", "wss:"))).rejects.toMatchObject({ code: "TLS" });
  });
  it("takes an end without close_notify for what it is", async () => {
    const ends: (string | undefined)[] = [];
    const server = await serving({ close: (_, { error }) => void ends.push(error?.code) }, { tls });
    const client = dialTls({ port: portOf(server), host: "127.0.0.1", ca: certificate });
    client.on("error", () => {});
    client.write(UPGRADE);
    await new Promise((resolve) => client.once("data", resolve));
    client.destroy();
    await until(() => ends.length === 1);
    expect(["LOST", "TRANSPORT"]).toContain(ends[0]);
  });
});

describe("a peer that has closed its half of the stream", () => {
  for (const secure of [false, true]) {
    it(`still gets our answer and our Close${secure ? ", over TLS" : ""}`, async () => {
      let go = (): void => {};
      const server = await serving(async (socket) => {
        for await (const _ of socket) {
          await new Promise<void>((resolve) => go = resolve);
          go = () => {};
          await socket.send("b");
        }
      }, secure ? { tls: { key, cert: certificate }, deflate: null } : { deflate: null });
      const at = { port: portOf(server), host: "127.0.0.1", allowHalfOpen: true };
      const client = secure ? dialTls({ ...at, ca: certificate }) : dialTcp(at);
      undo.push(() => client.destroy());
      const got: Buffer[] = [];
      client.write(UPGRADE);
      await new Promise((resolve) => client.once("data", resolve));
      client.on("data", (chunk) => void got.push(chunk));
      const before = go;
      client.end(Buffer.from([0x81, 0x81, 0, 0, 0, 0, 97, 0x88, 0x80, 0, 0, 0, 0])); // a message, a Close, and the end
      await until(() => go !== before);
      for (let i = 0; i < 3; i++) await (await connect(server.url, secure ? { tls: { ca: certificate } } : {})).close(); // the end has arrived
      go();
      await new Promise((resolve) => client.once("close", resolve));
      expect(Buffer.concat(got)).toEqual(Buffer.from([0x81, 1, 98, 0x88, 0]));
    });
  }
});

describe("a connect that fails", () => {
  it("is CONNECT where nobody listens, or where there is no such name, with the runtime's error as its cause", async () => {
    const server = await serving();
    await server.close();
    const error: WebSocketError = await connect(server.url).catch((error) => error);
    expect(error).toBeInstanceOf(WebSocketError);
    expect([error.code, error.kind, (error.cause as { code: string }).code]).toEqual(["CONNECT", "transport", "ECONNREFUSED"]);
    await expect(connect("ws://no-such-name.invalid/")).rejects.toMatchObject({ code: "CONNECT" });
    await expect(connect("ws+unix:/no/such/socket")).rejects.toMatchObject({ code: "CONNECT", cause: { code: "ENOENT" } });
  });
  it("is a HandshakeError where the server answers something else", async () => {
    const server = await serving(echo, { upgrade: () => ({ status: 404, headers: [["X-A", "1"]], body: "not here" }) });
    const error: HandshakeError = await connect(server.url).catch((error) => error);
    expect(error).toBeInstanceOf(HandshakeError);
    expect([error.status, new TextDecoder().decode(error.body)]).toEqual([404, "not here"]);
    expect(error.headers).toContainEqual(["X-A", "1"]);
    await expect(connect(server.url, { origin: "https://evil.example" })).rejects.toMatchObject({ status: 403 });
  });
  it("is a UsageError for what is no URL of a WebSocket", async () => {
    for (const url of ["ws://127.0.0.1/#fragment", "ftp://127.0.0.1", "nonsense"]) {
      await expect(connect(url)).rejects.toThrow(UsageError);
    }
  });
  it("gives up in time on a server that does not answer, and closes the stream", async () => {
    let closed = false;
    const port = await listening((socket) => void socket.resume().on("end", () => closed = true));
    await expect(connect(`ws://127.0.0.1:${port}`, { timers: { handshake: 50 } })).rejects.toMatchObject({
      code: "HANDSHAKE_TIMEOUT",
    });
    await until(() => closed);
  });
  it("rejects with the signal's reason while dialing and inside of the handshake, and leaves nothing open", async () => {
    const reason = new Error("changed my mind");
    let open = 0;
    const arrived: (() => void)[] = [];
    const port = await listening((socket) => {
      open++;
      socket.on("data", () => arrived.shift()?.()).on("end", () => (open--, socket.destroy()));
    });
    const early = new AbortController();
    const first = connect(`ws://127.0.0.1:${port}`, { signal: early.signal });
    early.abort(reason);
    await expect(first).rejects.toBe(reason);
    const late = new AbortController();
    const asked = new Promise<void>((resolve) => void arrived.push(resolve));
    const second = connect(`ws://127.0.0.1:${port}`, { signal: late.signal });
    await asked;
    late.abort(reason);
    await expect(second).rejects.toBe(reason);
    await until(() => open === 0);
    const secure = new AbortController();
    const third = connect(`wss://127.0.0.1:${port}`, { signal: secure.signal });
    await until(() => open === 1);
    secure.abort(reason);
    await expect(third).rejects.toBe(reason);
    await until(() => open === 0);
  });
  it("terminates an open connection when the signal aborts", async () => {
    const server = await serving();
    const abort = new AbortController();
    const socket = await connect(server.url, { signal: abort.signal });
    abort.abort();
    expect((await socket.closed).error).toMatchObject({ code: "TERMINATED" });
    await until(() => server.sockets.size === 0);
  });
});

describe("deadlines", () => {
  it("fire on an idle server: a silent client gets a ping, and is dropped without an answer", async () => {
    const ends: (string | undefined)[] = [];
    const server = await serving({ close: (_, { error }) => void ends.push(error?.code) }, {
      timers: { ping: 20, pong: 20, close: 20 },
    });
    const client = await upgraded(server);
    const got: number[] = [];
    client.on("data", (chunk) => void got.push(chunk[0]!));
    await until(() => ends.length === 1);
    expect([ends, got[0]]).toEqual([["PONG_TIMEOUT"], 0x89]);
  });
  it("end an unanswered close", async () => {
    const server = await serving({});
    const port = await listening((socket) =>
      void socket.pipe(dialTcp(portOf(server), "127.0.0.1").on("error", () => {}), { end: false })
        .once("data", (head) => void socket.write(head))
    ); // forwards the answer to the upgrade, and nothing behind it
    const socket = await connect(`ws://127.0.0.1:${port}`, { timers: { close: 30 } });
    expect(await socket.close()).toMatchObject({ code: 1006, error: { code: "CLOSE_TIMEOUT" } });
  });
  it("do not keep the process alive", () => {
    const timer = host.after(1_000_000, () => {}) as NodeJS.Timeout;
    expect(timer.hasRef()).toBe(false);
    host.cancel(timer);
  });
});

describe("another Duplex than net's", () => {
  it("is given a copy of what is written, since it may keep it, and is not finished before it says so", async () => {
    const kept: Uint8Array[] = [], wrote: number[] = [];
    let done = (): void => {};
    const stream = new Duplex({ read() {}, write: (chunk, _, finished) => (kept.push(chunk), done = finished) });
    const transport = new NodeTransport(stream);
    transport.start({ received() {}, wrote: (count) => void wrote.push(count), ended() {} });
    const chunk = Uint8Array.of(1, 2, 3);
    expect(transport.write(chunk)).toBe(0);
    chunk.fill(0);
    expect([...kept[0]!]).toEqual([1, 2, 3]);
    expect(wrote).toEqual([]);
    done();
    await until(() => wrote.length === 1);
    expect(wrote).toEqual([3]);
    expect([transport.address, transport.port, transport.secure]).toEqual([null, null, false]);
  });
  it("that is gone already is reported as ended", () => {
    const stream = new Duplex({ read() {} });
    const transport = new NodeTransport(stream), gone = new Error("gone");
    stream.destroy(gone);
    const ends: unknown[] = [];
    transport.start({ received() {}, wrote() {}, ended: (error) => void ends.push(error) });
    expect(ends).toEqual([gone]);
    transport.destroy();
    transport.destroy();
  });
});
