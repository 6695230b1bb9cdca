import { afterEach, describe, expect, it } from "vitest";
import { BEYOND } from "../cases/beyond/all.ts";
import { isFor } from "../cases/select.ts";
import { FuzzError } from "./errors.ts";
import { fuzzServers } from "./client.ts";
import { cases, ourEcho, type Peer, rawServer, summary, tcpServer, wsEcho } from "./peers.test.support.ts";
import { certificate, key } from "../../support/certificate.ts";
import { targetOf } from "./target.ts";

const peers: Peer[] = [];
const started = async (peer: Promise<Peer>): Promise<Peer> => {
  peers.push(await peer);
  return peers.at(-1)!;
};
afterEach(async () => {
  for (const peer of peers.splice(0)) await peer.stop();
});

const INFORMATIONAL = ["7.1.6", "7.13.1", "7.13.2"].map((id) => `${id} INFORMATIONAL / INFORMATIONAL`);

describe("servers under test", () => {
  it("finds nothing wrong with our echo server in sections 1 to 7 and 10", { timeout: 60_000 }, async () => {
    const { url } = await started(ourEcho());
    const run = await fuzzServers({ servers: [url], cases: cases("1-7,10") });
    expect(summary(run.results).others).toEqual(INFORMATIONAL);
    expect(run.results).toHaveLength(247);
    expect(run.info.findings).toEqual([]);
  });

  it("finds nothing wrong with it beyond the original either", { timeout: 60_000 }, async () => {
    const { url } = await started(ourEcho());
    const run = await fuzzServers({ servers: [url], cases: BEYOND.filter((one) => isFor(one, "client")) });
    expect(summary(run.results).others).toEqual([]);
    expect(run.results.every((result) => result.case > 517)).toBe(true);
  });

  it("finds ws late in 6.4.x and nothing else, under the name in its Server header", { timeout: 60_000 }, async () => {
    const { url } = await started(wsEcho());
    const run = await fuzzServers({ servers: [url], cases: cases("1-7,10") });
    const late = ["6.4.1", "6.4.2", "6.4.3", "6.4.4"].map((id) => `${id} NON-STRICT / OK`);
    expect(summary(run.results).others).toEqual([...late, ...INFORMATIONAL]);
    expect(run.info.agents.map(({ name }) => name)).toEqual(["ws@8"]);
    expect(new Set(run.results.map(({ agent }) => agent))).toEqual(new Set(["ws@8"]));
  });

  it("plays large messages, round trips and compressed messages, and says where it sent fewer", { timeout: 60_000 }, async () => {
    const { url } = await started(ourEcho());
    const run = await fuzzServers({ servers: [url], cases: cases("9.1.2,9.4.5,9.5.6,9.7.2,12.2.10,13.7.11"), messages: 5 });
    expect(summary(run.results).counts).toEqual({ "OK / OK": 6 });
    const notes = Object.fromEntries(run.results.map(({ id, note }) => [id, note]));
    expect(notes["9.1.2"]).toBeNull();
    expect(notes["9.7.2"]).toBe("5 of 1000 messages.");
    expect(notes["13.7.11"]).toBe("5 of 1000 messages.");
  });

  it("checks a certificate unless told not to, and takes the authority it is given", { timeout: 60_000 }, async () => {
    const { url } = await started(ourEcho({ key, cert: certificate }));
    const run = async (tls: Parameters<typeof targetOf>[1]) =>
      summary((await fuzzServers({ servers: [targetOf(url, tls)], cases: cases("1.1.2,7.3.1") })).results).counts;
    await expect(run({})).rejects.toMatchObject({ code: "UNREACHABLE", message: expect.stringContaining("--insecure") });
    expect(await run({ tls: { insecure: true } })).toEqual({ "OK / OK": 2 });
    expect(await run({ tls: { ca: certificate } })).toEqual({ "OK / OK": 2 });
    await expect(run({ tls: { ca: certificate, servername: "elsewhere.example" } })).rejects.toThrow(FuzzError);
  });

  it("does not play a case with an agent it is excluded for, and does not miss it", async () => {
    const { url } = await started(wsEcho());
    const run = await fuzzServers({
      servers: [url],
      cases: cases("1.1.1-1.1.3"),
      excludes: (agent, id) => agent === "ws@8" && id !== "1.1.2",
    });
    expect(run.results.map(({ id }) => id)).toEqual(["1.1.2"]);
    expect(run.info.agents[0].ids).toEqual(["1.1.2"]);
  });

  it("gives two servers of the same name different names", async () => {
    const servers = [(await started(wsEcho())).url, (await started(wsEcho())).url];
    const run = await fuzzServers({ servers, cases: cases("1.1.1,1.1.2") });
    expect(new Set(run.info.agents.map(({ name }) => name)).size).toBe(2);
    expect(run.results).toHaveLength(4);
  });
});

describe("servers that misbehave", () => {
  it("a server that cannot be reached rejects, and beside another one is missing and told", async () => {
    const gone = await tcpServer(() => {});
    await gone.stop();
    await expect(fuzzServers({ servers: [gone.url] })).rejects.toMatchObject({
      code: "UNREACHABLE",
      message: expect.stringMatching(/cannot be reached: connect ECONNREFUSED/),
    });
    const { url } = await started(ourEcho());
    const told: string[] = [];
    const run = await fuzzServers({
      servers: [gone.url, url],
      cases: cases("1.1.1"),
      observer: { tells: (sentence) => void told.push(sentence) },
    });
    expect(run.results).toHaveLength(1);
    expect(run.info.agents).toHaveLength(2);
    expect(told.join()).toContain("cannot be reached");
  });

  it("a watchdog ends a case that would never end", async () => {
    // It closes first and keeps TCP open; the fuzzer would wait for it for ever.
    const { url } = await started(rawServer((socket) => void socket.write(Uint8Array.of(0x88, 2, 3, 239))));
    const run = await fuzzServers({ servers: [url], cases: cases("6.4.1"), patience: 0.3 });
    const [result] = run.results;
    expect(result.note).toContain("Given up by the watchdog after 0.3 seconds.");
    expect(result.behavior).toBe("FAILED");
  });

  it("a server that refuses every handshake fails every case under one name", async () => {
    const { url } = await started(tcpServer((socket) => socket.end("HTTP/1.1 403 Forbidden\r\nServer: no\r\n\r\n")));
    const run = await fuzzServers({ servers: [url], cases: cases("1.1.*") });
    expect(summary(run.results).counts).toEqual({ "FAILED / FAILED": 8 });
    expect(new Set(run.results.map(({ agent }) => agent)).size).toBe(1);
    expect(run.results[0].wasNotCleanReason).toContain("403");
  });

  it("a server that goes away leaves results for the connections it refused, and the rest missing", async () => {
    let left = 3;
    const peer: Peer = await tcpServer((socket) => {
      socket.destroy();
      if (--left === 0) void peer.stop();
    });
    const told: string[] = [];
    const run = await fuzzServers({
      servers: [peer.url],
      cases: cases("1-4"),
      jobs: 1,
      observer: { tells: (sentence) => void told.push(sentence) },
    });
    expect(run.results.length).toBeGreaterThan(3);
    expect(run.results.length).toBeLessThan(12);
    expect(run.results.at(-1)?.note).toContain("No connection: connect ECONNREFUSED");
    expect(told.join()).toContain("the rest of its cases are missing");
  });

  it("a server that passes by silence is found out, even where only refusals are asked for", async () => {
    const { url } = await started(rawServer((socket) => socket.end()));
    const refusals = await fuzzServers({ servers: [url], cases: cases("3.1,5.1,7.9.1") });
    expect(summary(refusals.results).counts).toEqual({ "OK / OK": 3 });
    expect(refusals.info.findings).toHaveLength(1);
    expect(refusals.results.every(({ note }) => note?.includes("Liveness gate"))).toBe(true);
    const mixed = await fuzzServers({ servers: [url], cases: cases("1.1.1,3.1") });
    expect(mixed.info.findings).toHaveLength(1);
  });

  it("stops when the signal says so, without results of what was being played", async () => {
    const { url } = await started(rawServer((socket) => void socket.resume()));
    const stopping = new AbortController();
    const run = await fuzzServers({
      servers: [url],
      cases: cases("9.1.1,9.5.1"),
      signal: stopping.signal,
      observer: { begins: () => setImmediate(() => stopping.abort()) },
      patience: 0.3,
    });
    expect(run.results.map(({ id }) => id)).toEqual(["9.1.1"]);
    expect(run.info.options).toMatchObject({ stopped: true });
  });
});
