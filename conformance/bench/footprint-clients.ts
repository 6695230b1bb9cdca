// What comes in: how many connections to open more, over IPC. What goes out: how many are open, each behind the echo of one message.
// They stay open until the parent leaves. The message is compressed where a compression is asked for (RFC 7692 §7.2.1).
// Next file: servers.ts, the other end.
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { constants, deflateRawSync } from "node:zlib";
import { concat, encode } from "../frames/encode.ts";
import { afterHead, readFrames } from "../frames/reader.ts";
import { requestText } from "../support/machine.ts";
import { type Compression, HOST } from "./servers.ts";
import { payload } from "./traffic.ts";

export interface Wish {
  readonly port: number;
  readonly count: number;
  readonly compression: Compression;
  readonly size: number;
}
export interface FromClients {
  readonly open: number;
}

const AT_ONCE = 50;
const sockets: Socket[] = [];

process.on("message", async (wish: Wish) => {
  const request = requestText(OFFERS[wish.compression ?? "none"]);
  const message = messageOf(wish);
  for (let left = wish.count; left > 0; left -= AT_ONCE) {
    sockets.push(...await Promise.all(Array.from({ length: Math.min(left, AT_ONCE) }, () => open(wish, request, message))));
  }
  process.send?.({ open: sockets.length } satisfies FromClients);
});
process.on("disconnect", () => process.exit(0));

function messageOf({ compression, size }: Wish): Uint8Array {
  const text = payload("text", size);
  const mask = Uint8Array.of(0x37, 0xfa, 0x21, 0x3d);
  if (compression === null) return encode({ opcode: 1, payload: text, mask });
  // The last four octets are those that RFC 7692 §7.2.1 removes.
  const packed = deflateRawSync(text, { finishFlush: constants.Z_SYNC_FLUSH }).subarray(0, -4);
  return encode({ opcode: 1, rsv: 4, payload: packed, mask });
}

/** Resolves behind the echo. */
async function open({ port, compression, size }: Wish, request: string, message: Uint8Array): Promise<Socket> {
  const socket = connect({ port, host: HOST, noDelay: true });
  socket.on("error", fail).on("close", () => fail(new Error("a connection was closed")));
  socket.write(request);
  const head = await until(socket, (bytes) => afterHead(bytes) === bytes.length);
  const agreed = /^sec-websocket-extensions:.*$/im.exec(Buffer.from(head).toString("latin1"))?.[0] ?? "";
  if (agreed.includes("permessage-deflate") !== (compression !== null)) throw new Error(`agreed on ${agreed}`);
  if (agreed.includes("server_no_context_takeover") !== (compression === "no takeover")) throw new Error(`agreed on ${agreed}`);
  socket.write(message);
  const echo = await until(socket, (bytes) => readFrames(bytes).frames.length > 0);
  const { opcode, rsv } = readFrames(echo).frames[0];
  if (opcode !== 1 || (size >= 1024 && rsv !== 4)) throw new Error("not the echo that was expected");
  return socket;
}
async function until(socket: Socket, enough: (bytes: Uint8Array) => boolean): Promise<Uint8Array> {
  for (let bytes: Uint8Array = new Uint8Array(0);;) {
    bytes = concat([bytes, (await once(socket, "data"))[0]]);
    if (enough(bytes)) return bytes;
  }
}
function fail(error: Error): void {
  console.error(error);
  process.exit(1);
}

const OFFERS: Readonly<Record<Exclude<Compression, null> | "none", readonly string[]>> = {
  none: [],
  takeover: ["Sec-WebSocket-Extensions: permessage-deflate"],
  "no takeover": ["Sec-WebSocket-Extensions: permessage-deflate; server_no_context_takeover; client_no_context_takeover"],
};
