// What comes in: a port and a kind of load. What goes out: how many echoes came back between "begin" and "end", and in how many seconds.
// 64 connections, each sends a batch of frames in one write, and the next batch when the whole echo is there. The frames are made
// before; the first echo of each connection is compared octet by octet, the length of every other. Next file: echo.ts.
import { connect, type Socket } from "node:net";
import type { Kind } from "../../core/types.ts";
import { encode } from "../frames/encode.ts";
import { afterHead } from "../frames/reader.ts";
import { payload } from "./traffic.ts";

export interface Load {
  readonly port: number;
  /** false: the server echoes octets, without a handshake. */
  readonly handshake: boolean;
  readonly kind: Kind;
  readonly size: number;
  readonly depth: number;
  readonly warm: number;
  readonly measure: number;
}
/** "begin" and "end" of the measured time. */
export type FromLoad = { readonly phase: "begin" } | {
  readonly phase: "end";
  readonly echoes: number;
  readonly seconds: number;
};

const CONNECTIONS = 64;

process.on("message", (load: Load) => void run(load));
process.on("disconnect", () => process.exit(0));

async function run(load: Load): Promise<void> {
  const data = {
    opcode: load.kind === "text" ? 1 : 2,
    payload: payload(load.kind, load.size),
  };
  const frame = encode({
    ...data,
    mask: Uint8Array.of(0x37, 0xfa, 0x21, 0x3d),
  });
  const answer = load.handshake ? encode(data) : frame;
  const batch = Buffer.concat(Array.from({ length: load.depth }, () => frame));
  const expected = Buffer.concat(
    Array.from({ length: load.depth }, () => answer),
  );
  const sockets = await Promise.all(
    Array.from({ length: CONNECTIONS }, () => open(load)),
  );
  const rest = stayAwake();
  let echoes = 0;
  for (const socket of sockets) {
    pump(socket, batch, expected, () => {
      echoes += load.depth;
    });
  }
  await sleep(load.warm);
  const before = echoes;
  const start = performance.now();
  tell({ phase: "begin" });
  await sleep(load.measure);
  tell({
    phase: "end",
    echoes: echoes - before,
    seconds: (performance.now() - start) / 1000,
  });
  rest();
  for (const socket of sockets) socket.destroy();
}

/**
 * Keeps this process from sleeping. Measured: the kernel charges the server 10 us for a write that wakes its client, and only a server that is
 * slower than the client lets it fall asleep, so that 20 us of work more looked like 30.
 */
function stayAwake(): () => void {
  let awake = true;
  const again = (): void => {
    if (awake) setImmediate(again);
  };
  again();
  return () => {
    awake = false;
  };
}

/** Sends the batch over and over. */
function pump(
  socket: Socket,
  batch: Buffer,
  expected: Buffer,
  echoed: () => void,
): void {
  let received = 0;
  let first = true;
  socket.on("data", (chunk) => {
    if (
      first &&
      expected.compare(
          chunk,
          0,
          chunk.length,
          received,
          received + chunk.length,
        ) !== 0
    ) throw new Error("not an echo");
    received += chunk.length;
    if (received < expected.length) return;
    if (received > expected.length) throw new Error("more than an echo");
    received = 0;
    first = false;
    echoed();
    socket.write(batch);
  });
  socket.write(batch);
}

/** A connection on which frames are next. */
function open({ port, handshake }: Load): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: "127.0.0.1", noDelay: true });
    socket.on("error", reject);
    socket.once("connect", () => {
      if (!handshake) return resolve(socket);
      socket.write(
        `GET / HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n${UPGRADE}\r\n\r\n`,
      );
      socket.once("data", (head) => {
        if (
          !head.toString("latin1").startsWith("HTTP/1.1 101 ") ||
          afterHead(head) !== head.length
        ) reject(new Error("no upgrade"));
        else resolve(socket);
      });
    });
  });
}

const UPGRADE = [
  "Upgrade: websocket",
  "Connection: Upgrade",
  "Sec-WebSocket-Version: 13",
  "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
].join("\r\n");

function sleep(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
function tell(message: FromLoad): void {
  process.send?.(message);
}
