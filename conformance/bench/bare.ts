// What comes in: a port to listen on. What goes out: an echo server that does the least a WebSocket can do in JavaScript, as the bound for all
// others: it trusts its clients, checks nothing, makes no event and no text, and turns each frame into its answer where it lies, header
// and payload in one pass over words. RFC 6455 §4.2.2, §5.3. It is no WebSocket. Next file: echo-load.ts.
import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { responseText } from "../support/machine.ts";

/** Listens on a free port of `host`, and says which. */
export async function bare(host: string): Promise<number> {
  const server = createServer({ noDelay: true }, (socket) => {
    socket.on("error", () => {});
    socket.once("data", (head) => {
      socket.write(responseText(head.toString("latin1")));
      echo(socket);
    });
  });
  await once(server.listen(0, host), "listening");
  return (server.address() as AddressInfo).port;
}

/** Data frames of less than 64 KiB in, the same unmasked out. */
function echo(socket: Socket): void {
  let rest: Buffer | null = null;
  socket.on("data", (chunk: Buffer) => {
    const bytes = rest === null ? chunk : Buffer.concat([rest, chunk]);
    const words = new Int32Array(bytes.buffer, 0, bytes.buffer.byteLength >> 2);
    const base = bytes.byteOffset;
    let at = 0, put = 0;
    while (at + 8 <= bytes.length) {
      const short = bytes[at + 1]! & 127;
      const header = short < 126 ? 2 : 4;
      const size = short < 126 ? short : (bytes[at + 2]! << 8) | bytes[at + 3]!;
      const from = at + header + 4, to = from + size;
      if (to > bytes.length) break;
      const key = bytes.readInt32LE(from - 4);
      for (let i = 0; i < header; i++) bytes[put + i] = bytes[at + i]!;
      bytes[put + 1]! &= 127;
      unmask(bytes, words, base, from, to, key, from - put - header);
      put += header + size;
      at = to;
    }
    rest = at === bytes.length ? null : Buffer.from(bytes.subarray(at));
    if (put > 0) socket.write(bytes.subarray(0, put));
  });
}

/** To `shift` octets before where it lies, which is a multiple of four. */
function unmask(bytes: Buffer, words: Int32Array, base: number, from: number, to: number, key: number, shift: number): void {
  let at = from;
  for (; ((base + at) & 3) !== 0 && at < to; at++) {
    bytes[at - shift] = bytes[at]! ^ key;
    key = (key >>> 8) | (key << 24);
  }
  const last = (base + to) >> 2, jump = shift >> 2;
  let word = (base + at) >> 2;
  for (const stop = last - 3; word < stop; word += 4) {
    words[word - jump] = words[word]! ^ key;
    words[word + 1 - jump] = words[word + 1]! ^ key;
    words[word + 2 - jump] = words[word + 2]! ^ key;
    words[word + 3 - jump] = words[word + 3]! ^ key;
  }
  for (; word < last; word++) words[word - jump] = words[word]! ^ key;
  for (at = Math.max(at, (last << 2) - base); at < to; at++) {
    bytes[at - shift] = bytes[at]! ^ key;
    key = (key >>> 8) | (key << 24);
  }
}
