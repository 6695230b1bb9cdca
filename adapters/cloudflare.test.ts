import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { afterEach, describe, expect, it } from "vitest";
import { installed } from "../conformance/runtimes/binaries.ts";
import { type CloudflareSocket, connect, serve, UsageError } from "./cloudflare.ts";
import * as node from "./node.ts";
import { connect as connectStreams } from "./streams.ts";

const undo: (() => unknown)[] = [];
afterEach(async () => {
  for (const run of undo.splice(0).reverse()) await run();
});
const launcher = new URL("../conformance/run.mjs", import.meta.url).pathname;
function command(name: string, ...args: string[]): ChildProcess {
  const child = spawn(process.execPath, [launcher, name, "--runtime", "cloudflare", ...args], {
    env: { ...process.env, SANSWS_NO_BUILD: "1" },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = once(child, "exit");
  undo.push(() => {
    child.kill();
    return ended;
  });
  return child;
}

// workerd is a package of its own, which nothing but `npm ci --prefix conformance/runtimes` installs. It runs what dist/ holds.
describe.skipIf(installed("cloudflare") === null)("in workerd (skipped where its program is not installed)", () => {
  it("serve echoes to clients at the same time, and closes cleanly", async () => {
    const lines = createInterface({ input: command("echo").stdout! });
    const [line] = await once(lines, "line") as [string];
    const url = /^listening on (ws:\/\/127\.0\.0\.1:\d+\/)$/.exec(line)![1]!;
    const sockets = await Promise.all([node.connect(url), node.connect(url)]);
    for (const [i, socket] of sockets.entries()) {
      const message = "x".repeat(1_000_000) + i;
      void socket.send(message);
      expect((await socket[Symbol.asyncIterator]().next()).value === message).toBe(true);
    }
    for (const socket of sockets) expect(await socket.close(4000)).toMatchObject({ code: 4000, clean: true });
  }, 30_000);
  it("connect reaches a server and echoes", async () => {
    const seen: string[] = [];
    const message = "x".repeat(1_000_000);
    // As the Autobahn Testsuite does.
    const server = await node.serve({ host: "127.0.0.1", port: 0 }, async (socket, request) => {
      seen.push(request.target);
      if (request.target === "/getCaseCount") void socket.send("1");
      if (!request.target.startsWith("/runCase")) return;
      void socket.send(message);
      seen.push((await socket[Symbol.asyncIterator]().next()).value === message ? "echoed" : "not echoed");
    });
    undo.push(() => server.close({ deadline: 0 }));
    const client = command("client", "--url", server.url, "--agent", "workerd");
    client.stdout!.resume();
    expect(await once(client, "exit")).toEqual([0, null]);
    expect(seen).toEqual(["/getCaseCount", "/runCase?case=1&agent=workerd", "echoed", "/updateReports?agent=workerd"]);
  }, 30_000);
});

describe("the adapter of Cloudflare", () => {
  it("serves a socket until it is closed, and tells who the peer is", async () => {
    for (
      const [remoteAddress, address, port] of [["192.0.2.1:443", "192.0.2.1", 443], ["[2001:db8::1]:80", "2001:db8::1", 80], [
        undefined,
        null,
        null,
      ]] as const
    ) {
      const there = new TransformStream<Uint8Array, Uint8Array>(), back = new TransformStream<Uint8Array, Uint8Array>();
      const calls: string[] = [];
      const socket: CloudflareSocket = {
        readable: there.readable,
        writable: back.writable,
        opened: Promise.resolve({ remoteAddress }),
        close: () => Promise.resolve(calls.push("close")),
      };
      let peer: unknown;
      const worker = serve({ secure: true, upgrade: (_, given) => (peer = { ...given }, { data: 0 }) }, {});
      const served = worker.connect(socket).then(() => calls.push("settled"));
      const client = await connectStreams({ readable: back.readable, writable: there.writable }, "ws://example.org/");
      expect(peer).toEqual({ address, port, secure: true });
      expect(calls).toEqual([]);
      await client.close();
      await served;
      expect(calls).toEqual(["close", "settled"]);
    }
  });
  it("closes a socket that has nothing to write without aborting it, which would keep it open until the call ends", async () => {
    const there = new TransformStream<Uint8Array, Uint8Array>(), back = new TransformStream<Uint8Array, Uint8Array>();
    const calls: string[] = [];
    const socket: CloudflareSocket = {
      readable: there.readable,
      writable: back.writable,
      opened: Promise.resolve({}),
      close: () => Promise.resolve(calls.push("close")),
    };
    const served = serve({}, { open: (socket) => void setTimeout(() => socket.terminate()) }).connect(socket);
    const client = await connectStreams({ readable: back.readable, writable: there.writable }, "ws://example.org/");
    await served;
    expect(calls).toEqual(["close"]);
    expect(client.state).toBe("open"); // an abort would have reached it through the stream
    client.terminate();
  });
  it("throws for wrong options where the Worker is loaded, not at its first connection", () => {
    expect(() => serve({ limits: { message: -1 } }, {})).toThrow(UsageError);
    expect(() => serve({}, undefined!)).toThrow(UsageError);
  });
  it("reaches no path of the file system, and nothing outside of a Worker", async () => {
    await expect(connect("ws+unix:/tmp/x")).rejects.toThrow(UsageError);
    await expect(connect("ws://127.0.0.1:1/")).rejects.toMatchObject({ code: "CONNECT", cause: expect.any(Error) });
  });
});
