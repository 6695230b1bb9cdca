// On the same port as an express application (fastify: pass `app.server`). `node dist/examples/beside-express.js [port]`.
import { createServer } from "node:http";
import process from "node:process";
import express from "express";
import { attach } from "sansws/node-http";

const app = express();
app.get("/", (_request, response) => void response.send("HTTP is served here; WebSocket at /live\n"));

const http = createServer(app);
const live = attach(http, { path: "/live" }, async (socket) => {
  for await (const message of socket) await socket.send(message);
});
http.listen(Number(process.argv[2] ?? 8083), "127.0.0.1", () => console.log("listening on", http.address()));
process.once("SIGTERM", async () => {
  await live.close();
  http.close();
});
