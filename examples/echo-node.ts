// An echo server: `npm start`, or `node dist/examples/echo-node.js [port]`. Stop it with Ctrl-C: every client is told before it ends.
import process from "node:process";
import { serve } from "sansws/node";

const server = await serve({ host: "127.0.0.1", port: Number(process.argv[2] ?? 8080) }, async (socket) => {
  for await (const message of socket) await socket.send(message); // string | Uint8Array; send waits for a slow reader
});
console.log(`listening on ${server.url}/`);
console.log(`try it in another terminal: node dist/examples/client-node.js ${server.url}/ hello`);

const stop = () => void server.close();
process.once("SIGINT", stop).once("SIGTERM", stop);
