// The npm package ws as the peer under test: it checks this runner, not sansws (`npm run autobahn -- --peer ws ...`). Its failures are
// known: NON-STRICT in 6.4.x (it checks UTF-8 per message), FAILED in 9.3.1, 9.3.2, 9.4.1 and 9.4.2 (at most 16,384 fragments).
// The arguments and the output are those of conformance/runtimes/echo.ts and client.ts, behind the word echo or client.
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { createServer as createSecureServer } from "node:https";
import type { AddressInfo } from "node:net";
import process from "node:process";
import { parseArgs } from "node:util";
import { type RawData, WebSocket, WebSocketServer } from "ws";

/** `echo --port N [--tls --key F --cert F]` or `client --url URL --agent NAME [--ca F]`. */
export async function main(args: string[]): Promise<number> {
  const texts = ["port", "key", "cert", "url", "agent", "ca"] as const;
  const options = {
    ...Object.fromEntries(texts.map((name) => [name, { type: "string" }] as const)),
    tls: { type: "boolean" },
  } as const;
  const { values, positionals } = parseArgs({ args, allowPositionals: true, strict: false, options });
  const value = (name: string): string => String(values[name] ?? "");
  return positionals[0] === "client"
    ? await client(value("url"), value("agent"), value("ca"))
    : await echo(Number(value("port")), values.tls === true ? { key: value("key"), cert: value("cert") } : null);
}

async function echo(port: number, tls: { key: string; cert: string } | null): Promise<number> {
  const http = tls === null ? createServer() : createSecureServer({ key: readFileSync(tls.key), cert: readFileSync(tls.cert) });
  const server = new WebSocketServer({ server: http, perMessageDeflate: true });
  server.on("connection", (socket) => {
    socket.on("message", (data, binary) => socket.send(data, { binary }));
    socket.on("error", () => {}); // the suite's very purpose
  });
  await once(http.listen(port, "127.0.0.1"), "listening");
  console.log(`listening on ${tls === null ? "ws" : "wss"}://127.0.0.1:${(http.address() as AddressInfo).port}/`);
  await Promise.race([once(process, "SIGTERM"), once(process, "SIGINT")]);
  return 0;
}

async function client(url: string, agent: string, ca: string): Promise<number> {
  const name = encodeURIComponent(agent);
  let count = 0;
  await converse(`${url}/getCaseCount`, ca, (_, data) => (count = Number(data)));
  for (let number = 1; number <= count; number++) {
    await converse(`${url}/runCase?case=${number}&agent=${name}`, ca, (socket, data, binary) => socket.send(data, { binary }));
  }
  await converse(`${url}/updateReports?agent=${name}`, ca, () => {});
  return 0;
}

/** Resolves when the connection has ended, however; rejects if it never opened. */
function converse(url: string, ca: string, message: (socket: WebSocket, data: RawData, binary: boolean) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(url, { perMessageDeflate: true, ...(ca === "" ? {} : { ca: readFileSync(ca) }) });
    let opened = false;
    socket.on("open", () => (opened = true));
    socket.on("message", (data, binary) => message(socket, data, binary));
    socket.on("error", (error) => opened || reject(error));
    socket.on("close", () => resolve());
  });
}
