// Raw peers of the scenario, in the driver: a server that obeys no rule but the target of the request, and a client that writes what it is told.
// In: connections of TCP. Out: resets, halves, silence, on purpose; and how many connections of a kind there are. RFC 6455 §4.2, §5.2.
// Next file: pair.ts.
import { once } from "node:events";
import { type AddressInfo, connect as dialTcp, createServer, type Socket } from "node:net";
import { closePayload, concat, encode, encodeAll, utf8 } from "../../frames/encode.ts";
import { afterHead, readFrames } from "../../frames/reader.ts";
import { responseText } from "../../support/machine.ts";
import type { RawPeer } from "./item.ts";

/** The raw server. */
export interface Peers {
  readonly url: string;
  close(): void;
}

export async function peers(): Promise<Peers> {
  const living = new Map<string, number>();
  const sockets = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    sockets.add(socket.on("close", () => sockets.delete(socket)).on("error", () => {}));
    const octets = collect(socket);
    socket.on("data", function head() {
      const bytes = octets();
      const at = bytes[0] === TLS ? 0 : afterHead(bytes);
      if (at < 0) return;
      socket.off("data", head);
      if (bytes[0] === TLS) count(living, "tls", socket);
      else act(new TextDecoder().decode(bytes.subarray(0, at)), socket, () => octets().subarray(at), living);
    });
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  return {
    url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close() {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

/** A client of `url` that says nothing. */
export async function dialSilent(url: string): Promise<Pick<RawPeer, "ended">> {
  const { socket, ended } = dial(url);
  void ended.finally(() => socket.destroy());
  return { ended };
}
/** A client of `url` that has asked for the upgrade and has been answered. */
export async function dialRaw(url: string, target: string): Promise<RawPeer> {
  const { socket, octets, ended } = dial(url);
  socket.write(
    `GET ${target} HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n` +
      "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
  );
  while (afterHead(octets()) < 0) await once(socket, "data");
  const at = afterHead(octets());
  return {
    write: (bytes) => void socket.write(bytes),
    received: () => octets().subarray(at),
    end: () => void socket.end(),
    reset: () => void socket.resetAndDestroy(),
    pause: () => void socket.pause(),
    ended,
  };
}

function dial(url: string): { socket: Socket; octets: () => Uint8Array; ended: RawPeer["ended"] } {
  const socket = dialTcp({ port: Number(new URL(url).port), host: "127.0.0.1", allowHalfOpen: true, noDelay: true });
  const ended: RawPeer["ended"] = new Promise((resolve) => {
    socket.once("end", () => resolve("end")).on("error", () => resolve("error"));
  });
  return { socket, octets: collect(socket), ended };
}

/** `octets`: what came behind the head. */
function act(head: string, socket: Socket, octets: () => Uint8Array, living: Map<string, number>): void {
  const { pathname, searchParams } = new URL(/^GET (\S+)/.exec(head)?.[1] ?? "", "ws://localhost");
  if (pathname === "/silent") return count(living, "silent", socket);
  if (pathname === "/reset-early") return void socket.resetAndDestroy();
  socket.write(responseText(head));
  const words = { opcode: 1, payload: utf8("last words") };
  switch (pathname) {
    case "/living": {
      const number = utf8(String(living.get(searchParams.get("name") ?? "") ?? 0));
      return void socket.end(encodeAll([{ opcode: 1, payload: number }, { opcode: 8, payload: closePayload(1000) }]));
    }
    case "/deaf":
      return count(living, "deaf", socket);
    case "/stall":
      return void socket.pause();
    case "/reset": // the Pong tells that the first half has been read
      socket.write(encodeAll([{ opcode: 9 }, { opcode: 1, payload: utf8("half"), declare: 100 }]));
      return void socket.on("data", () => octets().length > 0 && socket.resetAndDestroy());
    case "/cut":
      return void socket.end(encode(words));
    case "/fin":
      socket.end(encodeAll([words, { opcode: 8, payload: closePayload(4003) }]));
      return void socket.once("end", () => {
        const [frame] = readFrames(octets()).frames;
        if (frame?.opcode === 8) living.set("answered", 1);
      });
  }
}

function count(living: Map<string, number>, name: string, socket: Socket): void {
  const add = (step: number) => living.set(name, (living.get(name) ?? 0) + step);
  add(1);
  socket.once("end", () => socket.end()).once("close", () => add(-1));
}
/** Everything that the socket has received. */
function collect(socket: Socket): () => Uint8Array {
  const chunks: Uint8Array[] = [];
  socket.on("data", (chunk) => void chunks.push(chunk));
  return () => concat(chunks);
}

/** The first octet of a ClientHello: a record of the handshake (RFC 8446 §5.1). */
const TLS = 22;
