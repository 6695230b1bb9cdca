// What comes in: a role, what was agreed, options. What goes out: a machine as tests need it, and the peer's half of its opening
// handshake, written by hand. RFC 6455 §4.1, §4.2. Next file: life.ts.
import { createHash } from "node:crypto";
import { zlib } from "../../adapters/zlib.ts";
import { clientConnection, serverConnection, upgradedConnection } from "../../core/index.ts";
import type {
  Bytes,
  ClientTarget,
  Connection,
  Deflate,
  DeflateEngine,
  DeflateParams,
  Options,
  Role,
  ServerConnection,
} from "../../core/types.ts";
import { utf8 } from "../frames/encode.ts";
import { agreementOf } from "./agreement.ts";
import { seededRandom } from "./virtual.ts";

/**
 * zlib whose deflaters forget everything in `reset`. Measured: a reset deflater now and then finds another match in what its memory holds
 * from before, so that the same message has other octets, as valid as the first. Tests compare octets.
 */
const steady: DeflateEngine = {
  ...zlib,
  deflater(windowBits, level) {
    let codec = zlib.deflater(windowBits, level);
    return {
      run: (src, srcAt, srcEnd, dst, dstAt, dstEnd, mode) => codec.run(src, srcAt, srcEnd, dst, dstAt, dstEnd, mode),
      get read() {
        return codec.read;
      },
      get written() {
        return codec.written;
      },
      get ended() {
        return codec.ended;
      },
      reset() {
        codec.close();
        codec = zlib.deflater(windowBits, level);
      },
      close: () => codec.close(),
    };
  },
};
/** Compresses everything, so that small messages are compressed too. */
export const EAGER: Deflate = { engine: steady, threshold: 0 };

/** A machine behind its opening handshake; its first event is `open`. Compression only where `deflate` was agreed. */
export function upgraded(role: Role, deflate: DeflateParams | null = null, options: Options = {}, seed = 1): Connection {
  const settings = { ...options, deflate: deflate === null ? null : options.deflate ?? EAGER };
  return role === "server"
    ? upgradedConnection("server", agreementOf(deflate), settings)
    : upgradedConnection("client", agreementOf(deflate), { ...settings, random: seededRandom(seed) });
}

/**
 * Connections append their output to memory that all of them share. What already lies there decides where a chunk ends, and so between
 * which frames a Ping may go. This leaves the memory empty, so that the same life is written in the same way.
 */
export function startMemoryAnew(): void {
  occupyMemory(SPACE.length)();
}
/** Lets a connection hold so many octets of that memory, until the function that this gives is called. */
export function occupyMemory(octets: number): () => void {
  const spacer = upgraded("server");
  spacer.send(SPACE.subarray(0, octets));
  return () => {
    for (let chunk = spacer.peekOutput(); chunk !== null; chunk = spacer.peekOutput()) spacer.consumeOutput(chunk.byteLength);
  };
}
/** A server before its opening handshake. */
export function freshServer(options: Options = {}): ServerConnection {
  return serverConnection(options);
}
/** A client before its opening handshake; with the same seed it asks for the same. */
export function freshClient(options: Options = {}, target: Partial<ClientTarget> = {}, seed = 1): Connection {
  return clientConnection({ authority: "localhost", target: "/", ...target }, { ...options, random: seededRandom(seed) });
}

/** A request that every server accepts (RFC 6455 §1.2), with more lines if wanted. */
export function requestText(more: readonly string[] = []): string {
  return head(["GET /chat HTTP/1.1", "Host: server.example.com", ...UPGRADE, `Sec-WebSocket-Key: ${KEY}`, VERSION, ...more]);
}
/** The answer that a client with this request accepts (RFC 6455 §4.2.2). */
export function responseText(request: string, more: readonly string[] = []): string {
  const key = /^Sec-WebSocket-Key: *(.*?)\r$/im.exec(request)?.[1] ?? "";
  return head(["HTTP/1.1 101 Switching Protocols", ...UPGRADE, `Sec-WebSocket-Accept: ${acceptOf(key)}`, ...more]);
}
/** RFC 6455 §4.2.2, item 5.4. */
export function acceptOf(key: string): string {
  return createHash("sha1").update(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").digest("base64");
}
/** The lines of an HTTP head. */
export function head(lines: readonly string[]): string {
  return lines.map((line) => line + "\r\n").join("") + "\r\n";
}
/** What a fresh client has written so far, as text; nothing is consumed. */
export function requestOf(client: Connection): string {
  return new TextDecoder("latin1").decode(client.peekOutput() ?? new Uint8Array(0));
}
/** Octets from text with one octet per character. */
export function octets(text: string): Bytes {
  return /^[\0-\x7f]*$/.test(text) ? utf8(text) : Uint8Array.from(text, (character) => character.charCodeAt(0));
}

/** More than a stretch of that memory. */
const SPACE = new Uint8Array(140_000);
/** The key of RFC 6455 §1.3. */
export const KEY = "dGhlIHNhbXBsZSBub25jZQ==";
const UPGRADE: readonly string[] = ["Upgrade: websocket", "Connection: Upgrade"];
const VERSION = "Sec-WebSocket-Version: 13";
