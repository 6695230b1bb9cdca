import { afterEach, describe, expect, it } from "vitest";
import { once } from "node:events";
import { connect as dial, type Socket } from "node:net";
import { WebSocket } from "ws";
import { BEYOND } from "../cases/beyond/all.ts";
import { isFor } from "../cases/select.ts";
import { selfSigned } from "./certificate.ts";
import { cases, ourClient, summary, wsClient } from "./peers.test.support.ts";
import type { Run } from "./run.ts";
import { fuzzClients, type FuzzClientsOptions, type FuzzingServer } from "./server.ts";

const servers: FuzzingServer[] = [];
const listening = async (options: FuzzClientsOptions): Promise<FuzzingServer> => {
  servers.push(await fuzzClients({ port: 0, ...options }));
  return servers.at(-1)!;
};
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
});

/** Asks with HTTP and nothing else. */
async function get({ port }: FuzzingServer, head: string): Promise<string> {
  const socket = dial(port, "127.0.0.1").on("error", () => {});
  let text = "";
  socket.on("data", (chunk) => text += String(chunk));
  socket.write(`${head}\r\n\r\n`);
  await closed(socket);
  return text;
}
/** However it ended. */
function closed(socket: Socket): Promise<void> {
  return new Promise((resolve) => void socket.on("close", () => resolve()));
}
const upgrade = (path: string): string =>
  `GET ${path} HTTP/1.1\r\nHost: anything:1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n` +
  "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==";

describe("clients under test", () => {
  it("finds nothing wrong with our client, whose own loop it serves to the end", { timeout: 60_000 }, async () => {
    const reported: [Run, boolean][] = [];
    const server = await listening({
      cases: cases("1-7,10,12.1.1,13.7.1", "5.19,5.20,6.4"),
      messages: 3,
      observer: { reports: (run, stop) => void reported.push([run, stop]) },
    });
    await ourClient(server.url, "ours");
    expect(reported).toHaveLength(1);
    const [[run, stop]] = reported;
    expect(stop).toBe(false);
    expect(summary(run.results).others).toEqual(["7.1.6", "7.13.1", "7.13.2"].map((id) => `${id} INFORMATIONAL / INFORMATIONAL`));
    expect(run.results).toHaveLength(243);
    expect(run.info).toMatchObject({ role: "client", transport: "ws", findings: [], agents: [{ name: "ours" }] });
  });

  it("finds nothing wrong with it beyond the original either", { timeout: 60_000 }, async () => {
    const server = await listening({ cases: BEYOND.filter((one) => isFor(one, "server")) });
    await ourClient(server.url, "ours");
    expect(summary(server.run().results).others).toEqual([]);
  });

  it("finds ws late in 6.4.x and nothing else, with all of its cases at a time", { timeout: 60_000 }, async () => {
    const server = await listening({ cases: cases("1-7,10") });
    const [count] = await wsClient(`${server.url}/getCaseCount`);
    expect(count).toBe("247");
    const numbers = Array.from({ length: Number(count) }, (_, at) => at + 1).values();
    const worker = async (): Promise<void> => {
      for (const number of numbers) await wsClient(`${server.url}/runCase?case=${number}&agent=ws`, true);
    };
    await Promise.all(Array.from({ length: 8 }, worker));
    const late = ["6.4.1", "6.4.2", "6.4.3", "6.4.4"].map((id) => `${id} NON-STRICT / OK`);
    expect(summary(server.run().results).others).toEqual([
      ...late,
      ...["7.1.6", "7.13.1", "7.13.2"].map((id) => `${id} INFORMATIONAL / INFORMATIONAL`),
    ]);
  });

  it("speaks TLS with a certificate made for it", { timeout: 60_000 }, async () => {
    const tls = selfSigned();
    const server = await listening({ tls, cases: cases("1.1.1-1.1.4") });
    expect(server.url).toMatch(/^wss:/);
    await ourClient(server.url, "ours", tls.cert);
    expect(summary(server.run().results).counts).toEqual({ "OK / OK": 4 });
    expect(server.run().info.transport).toBe("wss");
  });

  it("gives up a case whose client hangs", async () => {
    const server = await listening({ cases: cases("9.1.1"), patience: 0.3 });
    const socket = dial(server.port, "127.0.0.1").on("error", () => {});
    socket.write(`${upgrade("/runCase?case=1&agent=hangs")}\r\n\r\n`);
    await closed(socket.resume());
    const [result] = server.run().results;
    expect(result).toMatchObject({ behavior: "FAILED", note: "Given up by the watchdog after 0.3 seconds." });
  });
});

describe("the paths of a fuzzing server", () => {
  it("answers a question for a status whenever it comes, in any number", async () => {
    const server = await listening({ cases: cases("1.1.1-1.1.8") });
    const ask = (number: number): Promise<string[]> => wsClient(`${server.url}/getCaseStatus?case=${number}&agent=a%20b`);
    const early = [1, 2, 3, 3, 4].map(ask);
    const played = [1, 2, 3, 4].map((number) => wsClient(`${server.url}/runCase?case=${number}&agent=a%20b`, true));
    await Promise.all(played);
    const late = [1, 2, 3, 4].map(ask);
    expect(await Promise.all([...early, ...late])).toEqual(Array(9).fill(['{"behavior":"OK"}']));
  });

  it("does not play, and does not wait for, a case that is excluded for an agent", async () => {
    const server = await listening({ cases: cases("1.1.1"), excludes: (agent) => agent === "not this one" });
    expect(await wsClient(`${server.url}/runCase?case=1&agent=not%20this%20one`, true)).toEqual([]);
    expect(await wsClient(`${server.url}/getCaseStatus?case=1&agent=not%20this%20one`)).toEqual(['{"behavior":"MISSING"}']);
    expect(server.run().results).toEqual([]);
  });

  it("tells what a case is, by number or by id", async () => {
    const server = await listening({ cases: cases("5.19,7") });
    const [byNumber] = await wsClient(`${server.url}/getCaseInfo?case=2`);
    const [byId] = await wsClient(`${server.url}/getCaseInfo?casetuple=7.1.1`);
    expect(byNumber).toBe(byId);
    expect(JSON.parse(byId)).toMatchObject({ id: "7.1.1", description: expect.stringMatching(/./) });
    // The number goes before the id.
    expect(JSON.parse((await wsClient(`${server.url}/getCaseInfo?case=1&casetuple=7.1.1`))[0])).toMatchObject({ id: "5.19" });
  });

  it("refuses missing and wrong parameters with HTTP 500, and keeps no result", async () => {
    const server = await listening({ cases: cases("1.1.1") });
    const wrong = [
      "/runCase?case=1",
      "/runCase?agent=a",
      "/runCase?case=1&agent=",
      "/runCase?case=1&agent=a&agent=b",
      "/runCase?case=2&agent=a",
      "/runCase?case=0&agent=a",
      "/runCase?case=x&agent=a",
      "/runCase?casetuple=1.1.2&agent=a",
      "/getCaseInfo",
      "/getCaseStatus?case=1",
      "/updateReports",
    ];
    for (const path of wrong) expect(await get(server, upgrade(path)), path).toMatch(/^HTTP\/1\.1 500 Internal Server Error\r\n/);
    expect(server.run().results).toEqual([]);
  });

  it("hears that the reports are wanted and that it is to stop", async () => {
    const heard: string[] = [];
    const server = await listening({
      cases: cases("1.1.1"),
      observer: { reports: (_, stop) => void heard.push(`reports ${stop}`), stops: () => void heard.push("stop") },
    });
    for (const path of ["/updateReports?agent=a", "/updateReports?agent=a&shutdownOnComplete=true", "/stopServer"]) {
      await wsClient(`${server.url}${path}`);
    }
    expect(heard).toEqual(["reports false", "reports true", "stop"]);
  });

  it("shows a page and the list of cases to whoever asks without Upgrade, and nobody's markup", async () => {
    const server = await listening({ cases: cases("1.1.1,1.1.2") });
    await wsClient(`${server.url}/runCase?case=1&agent=%3Cb%3E`, true);
    const page = await get(server, "GET / HTTP/1.1\r\nHost: x");
    expect(page).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
    expect(page).toContain("1 of 2");
    expect(page).not.toContain("<b>");
    const list = await get(server, "GET /cases HTTP/1.1\r\nHost: x");
    expect(JSON.parse(list.split("\r\n\r\n")[1])).toMatchObject([{ case: 1, id: "1.1.1" }, { case: 2, id: "1.1.2" }]);
    expect(await get(server, "POST / HTTP/1.1\r\nHost: x")).toMatch(/^HTTP\/1\.1 405 /);
    expect(await get(await listening({ status: false }), "GET / HTTP/1.1\r\nHost: x")).toMatch(/^HTTP\/1\.1 426 /);
  });

  it("sends the frames that a peer commands on any other path", async () => {
    const server = await listening({});
    const socket = new WebSocket(`${server.url}/`);
    const got: string[] = [];
    socket.on("message", (data) => got.push(String(data)));
    await once(socket, "open");
    socket.send("no command");
    socket.send('["sendframe",{"payload":"ab","payload_len":5}]');
    socket.send('["sendframes",[{"payload":"one","fin":false},{"opcode":0,"payload":"two"}]]');
    socket.send('["close",{"code":3333,"reason":"told to"}]');
    const [code, reason] = await once(socket, "close");
    expect(got).toEqual(["ababa", "onetwo"]);
    expect([code, String(reason)]).toEqual([3333, "told to"]);
  });

  it("does not wait for a peer that never asks, nor for a head without an end", async () => {
    const server = await listening({ settings: { openHandshakeTimeout: 0.05 } });
    await closed(dial(server.port, "127.0.0.1").on("error", () => {}).resume());
    expect(await get(server, `GET / HTTP/1.1\r\nX: ${"x".repeat(70_000)}`)).toMatch(/^HTTP\/1\.1 431 /);
  });

  it("says which port cannot be listened on", async () => {
    const { port } = await listening({});
    await expect(fuzzClients({ port })).rejects.toMatchObject({ code: "NO_LISTEN", message: expect.stringContaining(`${port}`) });
    await expect(fuzzClients({ port: 0, tls: { key: "no key", cert: "none" } })).rejects.toMatchObject({ code: "BAD_OPTION" });
  });
});
