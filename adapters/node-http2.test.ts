import {
  type ClientHttp2Session,
  connect as dialSession,
  createSecureServer,
  createServer,
  type Http2Server,
  type ServerHttp2Stream,
} from "node:http2";
import { type AddressInfo, createServer as createTcpServer, type Socket as NetSocket } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { certificate, key } from "../conformance/support/certificate.ts";
import { recorder, replay } from "../core/record/index.ts";
import { connect as connectHttp1 } from "./node.ts";
import { attach, connect, type Handler, type Socket } from "./node-http2.ts";

const undo: (() => unknown)[] = [];
afterEach(async () => {
  for (const run of undo.splice(0).reverse()) await run();
});
const echo: Handler<any> = async (socket) => {
  for await (const message of socket) await socket.send(message);
};
/** A server without routes, and its port. Sessions that a test leaves open end with it. */
async function listening(server: Pick<Http2Server, "listen" | "close" | "address" | "on">): Promise<number> {
  const sessions = new Set<{ destroy(): void }>();
  server.on("session", (session) => void sessions.add(session));
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  undo.push(() => {
    for (const session of sessions) session.destroy();
    return new Promise((resolve) => server.close(resolve));
  });
  return (server.address() as AddressInfo).port;
}
function sessionTo(port: number): ClientHttp2Session {
  const session = dialSession(`http://127.0.0.1:${port}`);
  undo.push(() => session.destroy());
  return session;
}
async function next(socket: Socket): Promise<unknown> {
  return (await socket[Symbol.asyncIterator]().next()).value;
}
/** Status and body of an answer. */
async function answered(session: ClientHttp2Session, head: Record<string, string>): Promise<string> {
  const stream = session.request(head).setEncoding("utf8");
  stream.end();
  let text = "";
  const status = new Promise((resolve) => stream.once("response", (headers) => resolve(headers[":status"])));
  for await (const chunk of stream) text += chunk;
  return `${await status} ${text}`;
}

describe("attach and connect over HTTP/2", () => {
  it("echo beside the routes of the server, and close cleanly on both sides", async () => {
    const http = createServer((_, response) => void response.end("page"));
    let leaves = (_: unknown): void => {};
    const left = new Promise((resolve) => leaves = resolve);
    const server = attach(http, {}, { message: (socket, data) => void socket.send(data), close: (_, how) => leaves(how) });
    expect(server.url).toBe("");
    const port = await listening(http);
    expect(server.url).toBe(`ws://127.0.0.1:${port}`);
    const socket = await connect(`${server.url}/chat?x`);
    void socket.send("hello");
    expect(await next(socket)).toBe("hello");
    expect(await answered(sessionTo(port), { ":path": "/" })).toBe("200 page");
    expect(await socket.close(4001, "bye")).toMatchObject({ code: 4001, clean: true });
    expect(await left).toMatchObject({ code: 4001, reason: "bye", clean: true });
  });
  it("serve a server of bare streams, which still gets the others", async () => {
    const http = createServer();
    http.on("stream", (stream: ServerHttp2Stream, headers) => {
      if (headers[":method"] === "GET") stream.end("stream");
    });
    const server = attach(http, {}, echo);
    const port = await listening(http);
    const socket = await connect(server.url);
    void socket.send("hello");
    expect(await next(socket)).toBe("hello");
    expect(await answered(sessionTo(port), { ":path": "/" })).toBe("200 stream");
    await socket.close();
  });
  it("share a session between many sockets, which it outlives", async () => {
    const http = createServer();
    const server = attach(http, {}, echo);
    const session = sessionTo(await listening(http));
    const sockets = await Promise.all(Array.from({ length: 40 }, (_, i) => connect(`${server.url}/${i}`, { session })));
    expect(server.sockets.size).toBe(40);
    sockets.forEach((socket, i) => void socket.send(`${i}`));
    expect(await Promise.all(sockets.map(next))).toEqual(sockets.map((_, i) => `${i}`));
    await Promise.all(sockets.map((socket) => socket.close()));
    expect(session.closed).toBe(false);
    await (await connect(server.url, { session })).close();
  });
  it("work over TLS, with an authority that the client knows", async () => {
    const https = createSecureServer({ key, cert: certificate });
    const server = attach(https, {}, echo);
    await listening(https);
    expect(server.url).toMatch(/^wss:/);
    const socket = await connect(server.url, { tls: { ca: certificate } });
    expect([socket.peer.secure, socket.peer.address]).toEqual([true, "127.0.0.1"]);
    void socket.send("hello");
    expect(await next(socket)).toBe("hello");
    await socket.close();
    await expect(connect(server.url)).rejects.toMatchObject({ name: "WebSocketError", code: "TLS", cause: { name: "Error" } });
  });
  it("take upgrades of HTTP/1.1 on the same port, where the server allows those", async () => {
    const https = createSecureServer({ key, cert: certificate, allowHTTP1: true });
    const versions: number[] = [];
    const server = attach(https, {
      path: "/live",
      upgrade: ({ http }) => {
        versions.push(http);
        return { data: null };
      },
    }, echo);
    await listening(https);
    for (const way of [connectHttp1, connect]) {
      const socket = await way(`${server.url}/live?x`, { tls: { ca: certificate } });
      void socket.send("hello");
      expect(await next(socket)).toBe("hello");
      await socket.close();
      await expect(way(`${server.url}/other`, { tls: { ca: certificate } })).rejects.toMatchObject({ status: 404 });
    }
    expect(versions).toEqual([1, 2]);
  });
  it("record a client's connection, which replays", async () => {
    const http = createServer();
    const lines: string[] = [];
    const server = attach(http, {}, echo);
    await listening(http);
    const socket = await connect(server.url, { deflate: null, record: recorder((line) => void lines.push(line)) });
    void socket.send("hello");
    expect(await next(socket)).toBe("hello");
    await socket.close();
    expect(JSON.parse(lines[0]!)).toMatchObject({ do: "upgraded", role: "client" });
    expect(replay(lines.join("\n")).differs).toBeNull();
  });
  it("agree on a subprotocol, on compression and on headers, and tell the application the request", async () => {
    const http = createServer();
    const seen: unknown[] = [];
    const server = attach(http, {
      protocols: ["p"],
      upgrade({ http, method, target, authority, protocols, header }, peer) {
        seen.push([http, method, target, authority, protocols, header("x-twice"), peer.address]);
        return { data: null, headers: [["X-Own", "1"], ["X-Own", "2"]] };
      },
    }, echo);
    const port = await listening(http);
    const socket = await connect(`${server.url}/a?b`, { protocols: ["q", "p"], headers: [["X-Twice", "1"], ["X-Twice", "2"]] });
    expect(seen).toEqual([[2, "CONNECT", "/a?b", `127.0.0.1:${port}`, ["q", "p"], "1, 2", "127.0.0.1"]]);
    expect(socket.protocol).toBe("p");
    const headers = new Map(socket.headers);
    expect(headers.get("x-own")).toBe("1, 2");
    expect(headers.get("sec-websocket-extensions")).toMatch(/^permessage-deflate/);
    void socket.send("long ".repeat(100_000));
    expect(await next(socket)).toBe("long ".repeat(100_000));
    await socket.close();
  });
  it("carry megabytes against a reader that pauses", async () => {
    const http = createServer();
    const server = attach(http, { deflate: null }, echo);
    await listening(http);
    const socket = await connect(server.url, { deflate: null });
    const iterator = socket[Symbol.asyncIterator]();
    const data = new Uint8Array(300_000).map((_, i) => i * 7);
    const sending = (async () => {
      for (let i = 0; i < 20; i++) await socket.send(data);
    })();
    for (let i = 0; i < 20; i++) {
      await new Promise((resolve) => setImmediate(resolve));
      expect(Buffer.from((await iterator.next()).value as Uint8Array).equals(data)).toBe(true);
    }
    await sending;
    await socket.close();
  });
  it("refuse what the server refuses, with its status, its headers and its body", async () => {
    const http = createServer();
    const server = attach(http, { upgrade: () => ({ status: 401, headers: [["X-Why", "no"]], body: "who are you\n" }) }, echo);
    await listening(http);
    const error = await connect(server.url).catch((error: unknown) => error);
    expect(error).toMatchObject({ name: "HandshakeError", code: "BAD_RESPONSE", status: 401 });
    expect(error).toHaveProperty("headers", expect.arrayContaining([["x-why", "no"]]));
    expect(new TextDecoder().decode((error as { body: Uint8Array }).body)).toBe("who are you\n");
    await expect(connect(server.url, { origin: "https://elsewhere.example" })).rejects.toMatchObject({ status: 403 });
    await expect(connect(server.url, { limits: { body: 3 } })).rejects.toHaveProperty("body.length", 3);
  });
  it("answer 500 where the application answers with headers that HTTP/2 does not take, and tell it", async () => {
    const http = createServer();
    const told: unknown[] = [];
    const server = attach(http, {
      upgrade: ({ target }) => ({ data: null, headers: [[target.slice(1), "a"], [target.slice(1), "b"]] }),
      error: (error) => void told.push((error as { code: string }).code),
    }, { close: (_, { error }) => void told.push((error?.cause as { code: string }).code) });
    await listening(http);
    await expect(connect(`${server.url}/Keep-Alive`)).rejects.toMatchObject({ status: 500 });
    await expect(connect(`${server.url}/Content-Type`)).rejects.toMatchObject({ status: 500 });
    expect(told).toEqual(["BAD_ARGUMENT", "ERR_HTTP2_HEADER_SINGLE_VALUE"]);
  });
  it("survive a client that leaves while the application thinks about its request", async () => {
    const http = createServer();
    const errors: unknown[] = [];
    let ask = (_: unknown): void => {};
    const asked = new Promise((resolve) => ask = resolve);
    let answer = (_: { data: null }): void => {};
    attach(http, {
      upgrade(request) {
        ask(request);
        return new Promise((resolve) => answer = resolve);
      },
      error: (error) => void errors.push((error as { name: string }).name),
    }, echo);
    const abort = new AbortController();
    const connecting = connect(`ws://127.0.0.1:${await listening(http)}`, { signal: abort.signal });
    await asked;
    abort.abort("left");
    await expect(connecting).rejects.toBe("left");
    while (errors.length === 0) await new Promise((resolve) => setImmediate(resolve));
    answer({ data: null });
    await new Promise((resolve) => setImmediate(resolve));
    expect(errors).toEqual(["WebSocketError"]);
  });
  it("answer 404 where no attachment takes a request, and 405 to another CONNECT", async () => {
    const http = createServer((_, response) => void response.end());
    const first = attach(http, { path: "/a" }, { open: (socket) => void socket.send("a") });
    attach(http, { filter: (headers) => headers["x-mine"] === "yes" }, { open: (socket) => void socket.send("b") });
    const port = await listening(http);
    const url = `ws://127.0.0.1:${port}`;
    const sockets = [await connect(`${url}/a`), await connect(`${url}/c`, { headers: { "X-Mine": "yes" } })];
    expect(await Promise.all(sockets.map(next))).toEqual(["a", "b"]);
    for (const socket of sockets) socket.terminate();
    await expect(connect(`${url}/c`)).rejects.toMatchObject({ status: 404 });
    expect(await answered(sessionTo(port), { ":method": "CONNECT", ":authority": "x:1" })).toBe("405 ");
    await first.close();
    await expect(connect(`${url}/a`)).rejects.toMatchObject({ status: 404 });
  });
  it("leave to others what no attachment takes", async () => {
    const http = createServer();
    attach(http, { path: "/a" }, echo);
    http.on("stream", (stream: ServerHttp2Stream, headers) => {
      if (headers[":path"] !== "/a") stream.respond({ ":status": 418 }, { endStream: true });
    });
    const port = await listening(http);
    await expect(connect(`ws://127.0.0.1:${port}/b`)).rejects.toMatchObject({ status: 418 });
  });
  it("survive a filter that throws", async () => {
    const errors: unknown[] = [];
    const http = createServer();
    attach(http, {
      error: (error) => void errors.push((error as Error).message),
      filter: () => {
        throw new Error("filter");
      },
    }, echo);
    const port = await listening(http);
    await expect(connect(`ws://127.0.0.1:${port}`)).rejects.toMatchObject({ status: 404 });
    expect(errors).toEqual(["filter"]);
  });
  it("tell a server without WebSockets over HTTP/2, one that is not there, and one that is no HTTP", async () => {
    const plain = await listening(createServer());
    const message = expect.stringContaining("RFC 8441");
    await expect(connect(`ws://127.0.0.1:${plain}`)).rejects.toMatchObject({ code: "CONNECT", message });
    const session = sessionTo(plain);
    await new Promise((resolve) => session.once("remoteSettings", resolve));
    while (session.pendingSettingsAck) await new Promise((resolve) => setImmediate(resolve));
    await expect(connect(`ws://127.0.0.1:${plain}`, { session })).rejects.toMatchObject({ code: "CONNECT", message });
    session.destroy();
    await expect(connect(`ws://127.0.0.1:${plain}`, { session })).rejects.toMatchObject({ code: "CONNECT" });
    await expect(connect("ws://127.0.0.1:1")).rejects.toMatchObject({ code: "CONNECT", cause: { code: "ECONNREFUSED" } });
    await expect(connect(`ws://127.0.0.1:${await tcp((socket) => socket.end("HTTP/1.1 400 No\r\n\r\n"))}`)).rejects
      .toMatchObject({ code: "CONNECT" });
  });
  it("tell what a server agreed to that was never offered", async () => {
    const http = createServer({ settings: { enableConnectProtocol: true } });
    http.on("stream", (stream: ServerHttp2Stream) => {
      stream.on("error", () => {});
      stream.respond({ ":status": 200, "sec-websocket-protocol": "other" });
    });
    const port = await listening(http);
    await expect(connect(`ws://127.0.0.1:${port}`)).rejects.toMatchObject({ code: "BAD_PROTOCOL" });
  });
  it("give up when the signal says so, in whatever phase, and leave nothing open", async () => {
    const http = createServer({ settings: { enableConnectProtocol: true } });
    const port = await listening(http);
    const silent = await tcp(() => {});
    let streams = 0;
    http.on("stream", (stream: ServerHttp2Stream, headers) => {
      streams++;
      stream.on("error", () => {}).on("close", () => streams--);
      if (headers[":path"] === "/body") stream.respond({ ":status": 500 });
    });
    for (const url of [`ws://127.0.0.1:${silent}`, `ws://127.0.0.1:${port}/answer`, `ws://127.0.0.1:${port}/body`]) {
      const abort = new AbortController();
      const connecting = connect(url, { signal: abort.signal }).catch((error: unknown) => error);
      while (url.includes(`${port}`) && streams === 0) await new Promise((resolve) => setImmediate(resolve));
      abort.abort("changed my mind");
      expect(await connecting).toBe("changed my mind");
      while (streams > 0) await new Promise((resolve) => setImmediate(resolve));
    }
    const late = connect(`ws://127.0.0.1:${port}/answer`, { timers: { handshake: 50 } });
    await expect(late).rejects.toMatchObject({ code: "HANDSHAKE_TIMEOUT" });
  });
  it("throw for a mistake of the caller before anything is opened", async () => {
    await expect(connect("ws://127.0.0.1:1", { protocols: ["a", "a"] })).rejects.toMatchObject({ code: "BAD_ARGUMENT" });
    await expect(connect("ws://127.0.0.1:1", { timers: { ping: -1 } })).rejects.toMatchObject({ code: "BAD_OPTION" });
  });
  it("tell a stream that is reset, and one that ends without a Close", async () => {
    const http = createServer();
    const closed: unknown[] = [];
    const server = attach(http, {}, { close: (_, { code, error }) => void closed.push([code, error?.code]) });
    const session = sessionTo(await listening(http));
    for (const end of ["destroy", "end"] as const) {
      const stream = session.request({
        ":method": "CONNECT",
        ":protocol": "websocket",
        ":path": "/",
        ":scheme": "http",
        ":authority": "x",
        "sec-websocket-version": "13",
      }, { endStream: false });
      stream.on("error", () => {});
      await new Promise((resolve) => stream.once("response", resolve));
      const before = closed.length;
      stream[end]();
      while (closed.length === before) await new Promise((resolve) => setImmediate(resolve));
    }
    expect(closed).toEqual([[1006, "TRANSPORT"], [1006, "LOST"]]);
    const socket = await connect(server.url, { session });
    const atServer = [...server.sockets][0]!;
    atServer.terminate();
    expect(await socket.closed).toMatchObject({ code: 1006, clean: false });
    expect(session.closed).toBe(false);
  });
  it("close their sockets and leave the HTTP server alone", async () => {
    const http = createServer((_, response) => void response.end("page"));
    const server = attach(http, {}, echo);
    const port = await listening(http);
    const session = sessionTo(port);
    const socket = await connect(server.url, { session });
    await server.close();
    expect((await socket.closed).code).toBe(1001);
    expect(["stream", "connect", "upgrade"].map((event) => http.listenerCount(event))).toEqual([1, 0, 0]);
    expect(await answered(session, { ":path": "/" })).toBe("200 page");
  });
});

async function tcp(take: (socket: NetSocket) => void): Promise<number> {
  const sockets = new Set<NetSocket>();
  const server = createTcpServer((socket) => {
    sockets.add(socket.on("error", () => {}).resume());
    take(socket);
  });
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  undo.push(() => {
    for (const socket of sockets) socket.destroy();
    return new Promise((resolve) => server.close(resolve));
  });
  return (server.address() as AddressInfo).port;
}
