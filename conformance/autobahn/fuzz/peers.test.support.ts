// Peers for the tests of the fuzzers: echo servers of ours and of ws, servers that misbehave, clients. Each listens on a free port of this
// machine, and is stopped by whoever started it.
import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { type ClientOptions, WebSocket, WebSocketServer } from "ws";
import { connect, serve } from "../../../adapters/node.ts";
import { runCases } from "../../runtimes/cases.ts";
import { CASES } from "../cases/all.ts";
import type { Case } from "../cases/case.ts";
import { patternsOf, select } from "../cases/select.ts";
import type { CaseResult } from "../engine/result.ts";
import { acceptOf, parseHead } from "../engine/head.ts";
import type { KeyPair } from "./certificate.ts";

/** A server under test. */
export interface Peer {
  readonly url: string;
  stop(): Promise<void>;
}

/** The cases of a list as the command line has it. */
export function cases(list: string, exclude = ""): readonly Case[] {
  return select(CASES, patternsOf(CASES, list), patternsOf(CASES, exclude));
}

/** How many results had which pair of verdicts, and the ids of those that were not simply fine. */
export function summary(results: readonly CaseResult[]): { counts: Record<string, number>; others: string[] } {
  const counts: Record<string, number> = {};
  const others: string[] = [];
  for (const { id, behavior, behaviorClose } of results) {
    const verdict = `${behavior} / ${behaviorClose}`;
    counts[verdict] = (counts[verdict] ?? 0) + 1;
    if (verdict !== "OK / OK") others.push(`${id} ${verdict}`);
  }
  return { counts, others: others.sort() };
}

/** Our adapter for Node, echoing. */
export async function ourEcho(tls?: KeyPair): Promise<Peer> {
  const server = await serve({ host: "127.0.0.1", port: 0, ...(tls === undefined ? {} : { tls }) }, {
    async message(socket, data) {
      await socket.send(data);
    },
  });
  return { url: server.url, stop: () => server.close({ deadline: 100 }) };
}

/** The package ws, echoing. */
export async function wsEcho(): Promise<Peer> {
  const server = new WebSocketServer({ host: "127.0.0.1", port: 0, perMessageDeflate: true });
  server.on("headers", (headers) => headers.push("Server: ws@8"));
  server.on("connection", (socket) => {
    socket.on("message", (data, binary) => socket.send(data, { binary }));
    socket.on("error", () => {});
  });
  await once(server, "listening");
  return {
    url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    async stop() {
      for (const socket of server.clients) socket.terminate();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** A server that completes the handshake and then does what it is told with the socket. */
export function rawServer(open: (socket: Socket) => void, header = ""): Promise<Peer> {
  return tcpServer((socket) => {
    socket.once("data", (head) => {
      const key = parseHead(head.toString()).headers.get("sec-websocket-key") ?? "";
      socket.write(
        `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n${header}Sec-WebSocket-Accept: ${
          acceptOf(key)
        }\r\n\r\n`,
      );
      open(socket);
    });
  });
}

/** A server that does what it is told with every connection. */
export async function tcpServer(take: (socket: Socket) => void): Promise<Peer> {
  const sockets = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.add(socket.on("error", () => {}));
    take(socket);
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  return {
    url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    async stop() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Our client, as `npm run client` runs it: case after case. */
export function ourClient(url: string, agent: string, ca?: string): Promise<void> {
  return runCases(
    (path, options) => connect(`${url}${path}`, { ...options, ...(ca === undefined ? {} : { tls: { ca } }) }),
    agent,
  );
}

/** The client of ws, echoing on one connection; resolves to the texts it got when it has ended. Rejects if it never opened. */
export function wsClient(url: string, echoes = false, options: ClientOptions = {}): Promise<string[]> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(url, { perMessageDeflate: true, ...options });
    const texts: string[] = [];
    let opened = false;
    socket.on("open", () => opened = true);
    socket.on("message", (data, binary) => {
      if (echoes) socket.send(data, { binary });
      else texts.push(String(data));
    });
    socket.on("error", (error) => opened || reject(error));
    socket.on("close", () => resolve(texts));
  });
}
