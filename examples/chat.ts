// A chat room with names: authentication in the HTTP request, typed data for each connection, broadcast. `node dist/examples/chat.js [port]`,
// then for each person `node dist/examples/client-node.js ws://127.0.0.1:8081/?name=Ann hello`.
import process from "node:process";
import { serve } from "sansws/node";

const room = await serve({
  host: "127.0.0.1",
  port: Number(process.argv[2] ?? 8081),
  limits: { message: 4096 },
  upgrade(request) {
    const name = new URL(request.target, "http://localhost").searchParams.get("name");
    return name === null ? { status: 401, body: "say who you are: ?name=...\n" } : { data: { name } };
  },
}, {
  open: (socket) => void room.broadcast(`${socket.data.name} joined`),
  message: (socket, text) => void room.broadcast(`${socket.data.name}: ${text}`),
  close: (socket) => void room.broadcast(`${socket.data.name} left`),
});
console.log(`listening on ${room.url}/`);
process.once("SIGTERM", () => void room.close());
