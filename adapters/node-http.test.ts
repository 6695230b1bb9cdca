import express from "express";
import fastify from "fastify";
import { createServer, get, type Server as HttpServer } from "node:http";
import { createServer as createHttps } from "node:https";
import { type AddressInfo, connect as dial } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { certificate, key } from "../conformance/support/certificate.ts";
import { attach } from "./node-http.ts";
import { connect, type Handler } from "./node.ts";

const undo: (() => unknown)[] = [];
afterEach(async () => {
  for (const run of undo.splice(0).reverse()) await run();
});
const echo: Handler<any> = async (socket) => {
  for await (const message of socket) await socket.send(message);
};
async function listening(server: HttpServer): Promise<number> {
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  undo.push(() => (server.closeAllConnections(), new Promise((resolve) => server.close(resolve))));
  return (server.address() as AddressInfo).port;
}
async function echoes(url: string, options = {}): Promise<void> {
  const socket = await connect(url, options);
  void socket.send("hello");
  expect((await socket[Symbol.asyncIterator]().next()).value).toBe("hello");
  expect((await socket.close()).clean).toBe(true);
}
function body(port: number, path: string): Promise<string> {
  return new Promise((resolve, reject) => {
    get({ port, host: "127.0.0.1", path }, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (chunk) => text += chunk).on(
        "end",
        () => resolve(`${response.statusCode} ${text}`),
      );
    }).on("error", reject);
  });
}
/** What a server answers to octets. */
function raw(port: number, octets: string | Uint8Array): Promise<string> {
  return new Promise((resolve) => {
    let text = "";
    const socket = dial(port, "127.0.0.1");
    socket.setEncoding("latin1").on("data", (chunk) => text += chunk).on("error", () => {}).on("close", () => resolve(text));
    socket.write(octets);
  });
}
const upgrade = (target = "/", version = "1.1", extra = ""): string =>
  `GET ${target} HTTP/${version}\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n` +
  `Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n${extra}\r\n`;

describe("attach", () => {
  it("serves beside the routes of node:http", async () => {
    const http = createServer((_, response) => void response.end("page"));
    const server = attach(http, {}, echo);
    expect(server.url).toBe("");
    const port = await listening(http);
    expect(server.url).toBe(`ws://127.0.0.1:${port}`);
    await echoes(server.url);
    expect(await body(port, "/")).toBe("200 page");
  });
  it("serves beside express, on the same port", async () => {
    const app = express();
    app.get("/page", (_, response) => void response.send("express"));
    const http = createServer(app);
    attach(http, { path: "/chat" }, echo);
    const port = await listening(http);
    await Promise.all([
      echoes(`ws://127.0.0.1:${port}/chat?token=1`),
      body(port, "/page").then((text) => expect(text).toBe("200 express")),
    ]);
    await expect(connect(`ws://127.0.0.1:${port}/page`)).rejects.toMatchObject({ status: 404 });
    expect(await body(port, "/chat")).toContain("404");
  });
  it("serves beside fastify, on the same port", async () => {
    const app = fastify();
    app.get("/page", () => "fastify");
    const server = attach(app.server, { path: "/chat" }, echo);
    undo.push(() => app.close());
    await app.listen({ port: 0, host: "127.0.0.1" });
    await echoes(`${server.url}/chat`);
    expect(await body(Number(new URL(server.url).port), "/page")).toBe("200 fastify");
  });
  it("serves beside node:https", async () => {
    const https = createHttps({ key, cert: certificate }, (_, response) => void response.end());
    const server = attach(https, {}, echo);
    await listening(https);
    expect(server.url).toMatch(/^wss:/);
    await echoes(server.url, { tls: { ca: certificate } });
  });
  it("gives the application the request as the client wrote it", async () => {
    const http = createServer();
    const server = attach(http, {
      protocols: ["p"],
      upgrade: (request, peer) => ({
        data: null,
        headers: [["X-Seen", `${request.target} ${request.header("x-twice")} ${request.authority} ${peer.address}`]],
      }),
    }, echo);
    const port = await listening(http);
    const socket = await connect(`${server.url}/a?b`, { protocols: ["p"], headers: [["X-Twice", "1"], ["X-Twice", "2"]] });
    expect(socket.headers).toContainEqual(["X-Seen", `/a?b 1, 2 127.0.0.1:${port} 127.0.0.1`]);
    expect(socket.protocol).toBe("p");
    await socket.close();
  });
  it("leaves to other listeners what its filter declines", async () => {
    const http = createServer();
    attach(http, { filter: (request) => request.headers["x-mine"] === "yes" }, echo);
    http.on("upgrade", (request, stream) => {
      if (request.headers["x-mine"] !== "yes") stream.end("HTTP/1.1 418 Other\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
    });
    const port = await listening(http);
    await echoes(`ws://127.0.0.1:${port}`, { headers: { "X-Mine": "yes" } });
    await expect(connect(`ws://127.0.0.1:${port}`)).rejects.toMatchObject({ status: 418 });
  });
  it("shares a server between attachments, and answers 404 where none takes a request", async () => {
    const http = createServer();
    const first = attach(http, { path: "/a" }, { open: (socket) => void socket.send("a") });
    attach(http, { path: "/b" }, { open: (socket) => void socket.send("b") });
    const port = await listening(http);
    for (const name of ["a", "b"]) {
      const socket = await connect(`ws://127.0.0.1:${port}/${name}`);
      expect((await socket[Symbol.asyncIterator]().next()).value).toBe(name);
      socket.terminate();
    }
    await expect(connect(`ws://127.0.0.1:${port}/c`)).rejects.toMatchObject({ status: 404 });
    await first.close();
    await expect(connect(`ws://127.0.0.1:${port}/a`)).rejects.toMatchObject({ status: 404 });
  });
  it("survives a filter that throws", async () => {
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
  it("takes frames that come in one segment with the head", async () => {
    const http = createServer();
    const seen: unknown[] = [];
    attach(http, {}, {
      message(socket, data) {
        seen.push(data);
        socket.terminate();
      },
    });
    const port = await listening(http);
    await raw(port, Buffer.concat([Buffer.from(upgrade()), Buffer.from([0x81, 0x82, 1, 2, 3, 4, 104 ^ 1, 105 ^ 2])]));
    expect(seen).toEqual(["hi"]);
  });
  it("refuses HTTP/1.0, a body, and a bad handshake", async () => {
    const http = createServer();
    attach(http, { error() {} }, echo);
    const port = await listening(http);
    expect(await raw(port, upgrade("/", "1.0"))).toMatch(/^HTTP\/1.1 505 /);
    expect(await raw(port, upgrade("/", "1.1", "Content-Length: 6\r\n") + "abcdef")).toMatch(/^HTTP\/1.1 400 /);
    expect(await raw(port, upgrade().replace("Version: 13", "Version: 8"))).toMatch(/^HTTP\/1.1 426 /);
  });
  it("closes its sockets and leaves the HTTP server alone", async () => {
    const http = createServer((_, response) => void response.end("page"));
    const server = attach(http, {}, echo);
    const port = await listening(http);
    const socket = await connect(server.url);
    await server.close();
    expect((await socket.closed).code).toBe(1001);
    expect(http.listenerCount("upgrade")).toBe(0);
    expect(await body(port, "/")).toBe("200 page");
  });
  it("survives clients that leave inside of the handshake", async () => {
    const errors: unknown[] = [];
    const http = createServer();
    let arrived = (): void => {};
    attach(http, { upgrade: () => new Promise(() => arrived()), error: (error) => void errors.push(error) }, echo);
    const port = await listening(http);
    const asked = new Promise<void>((resolve) => arrived = resolve);
    const client = dial(port, "127.0.0.1").on("error", () => {});
    client.write(upgrade());
    await asked;
    client.resetAndDestroy();
    while (errors.length === 0) await new Promise((resolve) => setImmediate(resolve));
    expect(errors).toMatchObject([{ name: "WebSocketError" }]);
  });
});
