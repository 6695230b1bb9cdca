// Rows H9 and R13 behind real gateways, where they are installed: nginx and HAProxy. They read HTTP in their own ways, so what an attacker
// writes is not what the server gets; a tap between the two has what it does get. Whatever that is: no octet of a body is a frame, none is a
// request that the gateway would have refused, and what was refused is ended (RFC 9112 §11.2). Measured: behind nginx 1.22, ws 8.23 takes a
// frame in a body for a message. And good clients speak through them.
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, it, vi } from "vitest";
import type { Closed, Message, Socket } from "../../adapters/adapter.ts";
import { connect, serve } from "../../adapters/node.ts";
import { attach } from "../../adapters/node-http.ts";
import { encode, utf8 } from "../frames/encode.ts";
import { KEY, octets, requestText } from "../support/machine.ts";
import { gateway, type GatewayName, missing } from "./gateways.ts";
import { forget, listening, type Raw, raw, until } from "./raw.ts";
import { HEARD } from "./session.ts";
import { here, victim } from "./victims.ts";

const undo: (() => unknown)[] = [];
afterEach(async () => {
  for (const run of undo.splice(0).reverse()) await run();
  forget();
});

const SECRET = "GET /secret HTTP/1.1\r\nHost: internal\r\n\r\n";
const FRAME = String.fromCharCode(...encode({ opcode: 1, payload: utf8("smuggled"), mask: Uint8Array.of(1, 2, 3, 4) }));
const chunked = (body: string): string => `${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`;
/** What never becomes a connection, and what stands behind each head; `forwarded`: both gateways pass it on, if changed. */
const ATTEMPTS: readonly (readonly [name: string, forwarded: boolean, request: string, behind: string])[] = [
  ["a frame in a body", true, requestText([`Content-Length: ${FRAME.length}`]), FRAME],
  ["a request in a body", true, requestText([`Content-Length: ${SECRET.length}`]), SECRET],
  ["a body that is shorter than what follows", true, requestText(["Content-Length: 4"]), FRAME + SECRET],
  ["a body that waits to be asked for", true, requestText(["Expect: 100-continue", "Content-Length: 40"]), SECRET],
  ["a frame in a chunk", true, requestText(["Transfer-Encoding: chunked"]), chunked(FRAME)],
  ["a request in a chunk", true, requestText(["Transfer-Encoding: chunked"]), chunked(SECRET)],
  ["a length and chunks", false, requestText(["Content-Length: 45", "Transfer-Encoding: chunked"]), `0\r\n\r\n${SECRET}`],
  ["two lengths", false, requestText(["Content-Length: 0", "Content-Length: 14"]), FRAME],
  ["an unknown coding", false, requestText(["Transfer-Encoding: xchunked"]), chunked(FRAME)],
  ["a version that is refused", true, requestText().replace("Version: 13", "Version: 777"), SECRET + FRAME],
  ["a key that is refused", false, requestText().replace(KEY, "short"), SECRET + FRAME],
  ["a page that is refused", true, requestText(["Origin: https://evil.example"]), SECRET + FRAME],
];

for (const name of ["nginx", "haproxy"] satisfies GatewayName[]) {
  const reason = missing(name);
  if (reason !== null) console.warn(`No server is tested behind ${name}: ${reason}.`);

  describe.skipIf(reason !== null)(`behind ${name}${reason === null ? "" : ` (skipped: ${reason})`}`, () => {
    vi.setConfig({ testTimeout: 60_000 });

    async function behind(to: number, idle?: number): Promise<number> {
      const { port, kill } = await gateway(name, to, idle);
      undo.push(kill);
      return port;
    }

    describe.each(["tcp", "node:http"] as const)("a server of %s", (kind) => {
      it.each(ATTEMPTS)("H9: %s is neither a frame nor a request", async (_, forwarded, request, rest) => {
        const { port, heard, paths } = await secretive(kind);
        const { taps, to } = await tap(port);
        const attacker = await raw(await behind(to));
        attacker.socket.write(octets(request));
        attacker.socket.write(octets(rest));
        await until(() => FINAL.test(attacker.text()));
        const status = Number(FINAL.exec(attacker.text())![1]);
        // HAProxy takes Upgrade out of a request with a body: then it is none any more, and node:http reads the body as one.
        if (status === 200) expect([kind, paths]).toEqual(["node:http", ["/chat"]]);
        else {
          expect(status).toBeGreaterThanOrEqual(400);
          await Promise.all(taps.map(({ ended }) => ended));
          expect(paths).toEqual([]);
        }
        if (forwarded) expect(taps).toHaveLength(1);
        for (const { text } of taps) expect(text().match(ANSWERS)).toHaveLength(1);
        expect(attacker.text()).not.toContain("the secret");
        expect(heard).toEqual([]);
      });

      it("H9: behind a good upgrade only frames are read", async () => {
        const { port, heard, paths } = await secretive(kind);
        const { taps, to } = await tap(port);
        const attacker = await raw(await behind(to));
        attacker.socket.write(octets(requestText() + SECRET + FRAME));
        await attacker.ended;
        await taps[0].ended;
        expect(attacker.text()).toMatch(/^HTTP\/1\.1 101 /);
        expect(taps[0].text().match(ANSWERS)).toHaveLength(1);
        expect([taps.length, paths, heard]).toEqual([1, [], []]);
      });
    });

    it.each(here)("a whole session passes, on %s", async (runtime) => {
      const one = await victim(runtime);
      const port = await behind(await one.tell("serve", { deflate: "takeover" }));
      const sessions = await one.tell("sessions", { port, numbers: [1, 2, 3] });
      for (const end of [...sessions, ...await one.tell("seen", [1, 2, 3])]) {
        expect(end).toMatchObject({ opened: 1, closed: 1, heard: HEARD.length, clean: true, wrong: null });
      }
      expect(await one.leave()).toBe(0);
    });

    it("1 MiB passes whole, deflated where that helps; a page of the gateway's own origin is let in", async () => {
      const { port } = await echoing();
      const { taps, to } = await tap(port);
      const front = await behind(to);
      const socket = await connect(`ws://127.0.0.1:${front}/`, { origin: `http://127.0.0.1:${front}` });
      const noise = Uint8Array.from({ length: 1 << 20 }, (_, i) => Math.imul(i, 0x9e3779b1) >>> 24);
      const heard: Message[] = [];
      for (const message of ["x".repeat(1 << 20), "é", noise]) {
        void socket.send(message);
        heard.push((await socket[Symbol.asyncIterator]().next()).value!);
        if (heard.length === 1) expect(taps[0].length).toBeLessThan(1 << 15);
      }
      expect(heard.map((message) => message.length)).toEqual([1 << 20, 1, 1 << 20]);
      expect(Buffer.compare(noise, heard[2] as Uint8Array)).toBe(0);
      expect(await socket.close(1000)).toMatchObject({ code: 1000, clean: true });
    });

    it.each<readonly [name: string, act: (socket: Socket) => unknown, closed: Partial<Closed>]>([
      ["close()", (socket) => socket.close(), { code: 1005, clean: true }],
      ["close(3000)", (socket) => socket.close(3000), { code: 3000, clean: true }],
      ["close(4999, reason)", (socket) => socket.close(4999, "é".repeat(61)), { code: 4999, clean: true }],
      ["terminate()", (socket) => socket.terminate(), { code: 1006, clean: false }],
    ])("both ends hear of %s, whoever calls it", async (_, act, closed) => {
      const { port, ends, opened } = await echoing();
      const front = await behind(port);
      for (const who of ["client", "server"]) {
        const client = await connect(`ws://127.0.0.1:${front}/`);
        await until(() => opened.length > 0);
        const server = opened.pop()!;
        void act(who === "client" ? client : server);
        expect([await client.closed, await server.closed], who).toMatchObject([closed, closed]);
      }
      expect(ends).toHaveLength(2);
    });

    it("R13: when it is killed inside of a message, both ends hear 1006 and no part of that message", async () => {
      const { port, heard, ends, opened } = await echoing();
      const { port: front, kill } = await gateway(name, port);
      undo.push(kill);
      const client = await connect(`ws://127.0.0.1:${front}/`);
      await until(() => opened.length > 0);
      await new Promise<void>((sent) => void client.sendParts(endless(sent)));
      await client.ping();
      await kill();
      expect(await client.closed).toMatchObject({ code: 1006, clean: false });
      await until(() => ends.length > 0);
      expect(ends).toMatchObject([{ code: 1006, clean: false }]);
      expect(heard).toEqual([]);
    });

    it("R13: it cuts what is idle, and Pings keep it", async () => {
      const idle = async (ping: number): Promise<void> => {
        const { port, ends } = await echoing(ping);
        let pings = 0;
        const client = await connect(`ws://127.0.0.1:${await behind(port, 1000)}/`, {}, { ping: () => void pings++ });
        await until(() => pings === 25 || ends.length > 0); // more Pings than would fit into the time that it waits
        expect(ends).toMatchObject(ping === 0 ? [{ code: 1006, clean: false }] : []);
        if (ping > 0) await client.close(1000);
        expect(await client.closed).toMatchObject({ clean: ping > 0 });
      };
      await Promise.all([idle(0), idle(50)]);
    });
  });
}

/** A server with a secret, which its gateway keeps: what it heard, and what its routes were asked for. */
async function secretive(kind: "tcp" | "node:http") {
  const heard: Message[] = [], paths: string[] = [];
  const handlers = { message: (_: unknown, data: Message) => void heard.push(data) };
  if (kind === "tcp") {
    const server = await serve({ port: 0, host: "127.0.0.1" }, handlers);
    undo.push(() => server.close({ deadline: 0 }));
    return { port: Number(new URL(server.url).port), heard, paths };
  }
  const http = createServer((request, response) => {
    paths.push(request.url!);
    request.resume().on("end", () => response.end(request.url === "/secret" ? "the secret" : "public"));
  });
  const server = attach(http, {}, handlers);
  await once(http.listen(0, "127.0.0.1"), "listening");
  undo.push(() => http.close(), () => http.closeAllConnections(), () => server.close({ deadline: 0 }));
  return { port: (http.address() as AddressInfo).port, heard, paths };
}
/** A server that echoes, and knows its connections. */
async function echoing(ping = 20_000) {
  const heard: Message[] = [], ends: Closed[] = [], opened: Socket[] = [];
  const server = await serve({ port: 0, host: "127.0.0.1", timers: { ping } }, {
    open: (socket) => void opened.push(socket),
    async message(socket, data) {
      heard.push(data);
      await socket.send(data);
    },
    close: (_, closed) => void ends.push(closed),
  });
  undo.push(() => server.close({ deadline: 0 }));
  return { port: Number(new URL(server.url).port), heard, ends, opened };
}
/** Stands between gateway and server: what the server answered to each connection, and whether it has ended it. */
async function tap(port: number): Promise<{ readonly taps: readonly Raw[]; readonly to: number }> {
  const taps: Raw[] = [];
  const to = await listening(async ({ socket: near }) => {
    near.pause();
    const far = await raw(port);
    taps.push(far);
    near.pipe(far.socket);
    far.socket.pipe(near);
  });
  return { taps, to };
}
/** A message of which only a part is ever said. */
async function* endless(sent: () => void): AsyncGenerator<string> {
  yield "a part";
  sent();
  await new Promise(() => {});
}

/** Answers but 100 (Continue). */
const FINAL = /HTTP\/1\.1 (101|[2-5]\d\d)/;
const ANSWERS = new RegExp(FINAL, "g");
