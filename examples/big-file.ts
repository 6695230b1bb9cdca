// A file of any size in one message, in both directions, with a few buffers of memory: `sendParts` reads the source only as fast as the
// peer takes it, `messages: "parts"` hands over pieces as they arrive. `node dist/examples/big-file.js FROM TO`.
import { createReadStream, createWriteStream } from "node:fs";
import process from "node:process";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { connect, serve } from "sansws/node";

const [from = "package.json", to = "/dev/null"] = process.argv.slice(2);

const endless = { message: Infinity, fragments: Infinity };
const server = await serve({ host: "127.0.0.1", port: 0, messages: "parts", limits: endless }, async (socket) => {
  async function* pieces() {
    for await (const part of socket) {
      yield part.data;
      if (part.last) return;
    }
  }
  await pipeline(Readable.from(pieces()), createWriteStream(to));
});
const socket = await connect(server.url);
await socket.sendParts(createReadStream(from));
await socket.closed; // the server closes when its handler is done
await server.close();
console.log(`${from} -> ${to}`);
