// Rows H2, H9 and R13: behind a proxy of node:http, as far as a proxy can be written down here. It does what real ones were found to do: it
// forwards the request, and from then on octets, whatever the answer was (RFC 9112 §11.2). A server that refuses must therefore never read
// what follows as another request, nor as frames. The rest of R13: proxies that cut idle connections, and those that cut the octets anew.
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server as HttpServer } from "node:http";
import { type AddressInfo, connect as dial } from "node:net";
import { type Duplex, Transform } from "node:stream";
import { afterEach, describe, expect, it } from "vitest";
import { connect, serve } from "../../adapters/node.ts";
import { attach } from "../../adapters/node-http.ts";
import { encode, utf8 } from "../frames/encode.ts";
import { head, KEY, requestText } from "../support/machine.ts";
import { forget, listening, raw, until } from "./raw.ts";
import { HEARD } from "./session.ts";
import { here, victim } from "./victims.ts";

const undo: (() => unknown)[] = [];
afterEach(async () => {
  for (const run of undo.splice(0).reverse()) await run();
  forget();
});
const FRAME = encode({ opcode: 1, payload: utf8("smuggled"), mask: Uint8Array.of(1, 2, 3, 4) });
const SECRET = "GET /secret HTTP/1.1\r\nHost: internal\r\n\r\n";

/** Two servers with a secret behind the proxy: one of its own, one beside the routes of node:http. */
const origins = {
  async tcp(heard: unknown[]): Promise<number> {
    const server = await serve({ port: 0, host: "127.0.0.1" }, { message: (_, data) => void heard.push(data) });
    undo.push(() => server.close({ deadline: 0 }));
    return Number(new URL(server.url).port);
  },
  async "node:http"(heard: unknown[]): Promise<number> {
    const http = createServer((request, response) => response.end(request.url === "/secret" ? "the secret" : "public"));
    const server = attach(http, {}, { message: (_, data) => void heard.push(data) });
    undo.push(() => server.close({ deadline: 0 }));
    return portOf(await listen(http));
  },
} as const;

describe.each(["tcp", "node:http"] as const)("a server of %s behind a proxy of node:http", (kind) => {
  it("H9: reads nothing behind an upgrade that it refuses, neither requests nor frames", async () => {
    const heard: unknown[] = [];
    const port = await proxied(await origins[kind](heard));
    const refusals: readonly (readonly [status: number, request: string])[] = [
      [426, requestText().replace("Version: 13", "Version: 777")],
      [400, requestText().replace(KEY, "short")],
      [400, requestText([`Content-Length: ${SECRET.length}`])],
      [400, requestText(["Transfer-Encoding: chunked"])],
      [403, requestText(["Origin: https://evil.example"])],
    ];
    for (const [status, request] of refusals) {
      const attacker = await raw(port);
      attacker.socket.write(request);
      attacker.socket.write(SECRET);
      attacker.socket.write(FRAME);
      await attacker.ended;
      expect(attacker.text(), request).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
      expect(attacker.text().match(/HTTP\/1\.1/g)).toHaveLength(1);
      expect(attacker.text()).not.toContain("the secret");
    }
    expect(heard).toEqual([]);
  });

  it("H9: takes a good upgrade for an end of HTTP: a request behind it is a frame that breaks the rules", async () => {
    const heard: unknown[] = [];
    const port = await proxied(await origins[kind](heard));
    const attacker = await raw(port);
    attacker.socket.write(requestText() + SECRET);
    await attacker.ended;
    expect(attacker.text().match(/HTTP\/1\.1/g)).toHaveLength(1);
    expect(attacker.text()).not.toContain("the secret");
    expect(heard).toEqual([]);
  });

  it("H2: refuses 2,100 headers before Upgrade, of which node:http forgets some", async () => {
    const heard: unknown[] = [];
    const port = await origins[kind](heard);
    const attacker = await raw(port);
    const [line, ...lines] = requestText().split("\r\n").slice(0, -2);
    attacker.socket.write(head([line, ...new Array<string>(2100).fill("X: y"), ...lines]));
    await attacker.ended;
    expect(attacker.text()).toMatch(kind === "tcp" ? /^HTTP\/1\.1 431 / : /^HTTP\/1\.1 4\d\d /);
    expect(heard).toEqual([]);
  });

  it("speaks with a good client through it", async () => {
    const heard: unknown[] = [];
    const socket = await connect(`ws://127.0.0.1:${await proxied(await origins[kind](heard))}/`);
    void socket.send("hello");
    expect((await socket.close(1000)).clean).toBe(true);
    expect(heard).toEqual(["hello"]);
  });
});

describe.each(here)("R13: on %s", (runtime) => {
  it.each([["an octet at a time", 1], ["7 octets at a time", 7]])("what a proxy cuts anew is heard once: %s", async (_, size) => {
    const one = await victim(runtime);
    const port = await recut(await one.tell("serve", {}), size);
    const [client] = await one.tell("sessions", { port, numbers: [5] });
    const [served] = await one.tell("seen", [5]);
    for (const end of [client, served]) {
      expect(end).toMatchObject({ opened: 1, closed: 1, heard: HEARD.length, clean: true, wrong: null });
    }
    expect(await one.leave()).toBe(0);
  }, 60_000);

  it("a proxy that cuts what is idle ends it for both, and Pings keep it", async () => {
    const behindProxy = async (ping: number, error: string | null): Promise<void> => {
      const one = await victim(runtime);
      const to = await one.tell("serve", { timers: { ping } });
      let cut = false;
      const port = await listening(({ socket }) => {
        const far = dial({ port: to, host: "127.0.0.1" });
        const end = (): void => {
          cut = true;
          far.end();
          socket.end();
        };
        socket.pipe(far).on("error", () => {});
        far.pipe(socket);
        for (const each of [socket, far]) each.setTimeout(500, end);
      });
      const client = await raw(port);
      client.socket.write(requestText().replace("/chat", "/3"));
      const answer = (): void => void client.socket.write(Uint8Array.of(0x8a, 0x80, 0, 0, 0, 0));
      client.socket.on("data", answer);
      await until(() => client.length > 0);
      if (error === null) {
        await until(() => client.length > 129 + 30 * 4); // more Pings than would fit into the time that the proxy waits
        expect(cut).toBe(false);
        client.socket.destroy();
      }
      const [seen] = await one.tell("seen", [3]);
      expect(seen).toMatchObject({ opened: 1, closed: 1, clean: false, code: 1006, ...(error === null ? {} : { error }) });
      expect(await one.leave()).toBe(0);
    };
    await Promise.all([behindProxy(0, "LOST"), behindProxy(50, null)]);
  }, 60_000);
});

async function listen(http: HttpServer): Promise<HttpServer> {
  await once(http.listen(0, "127.0.0.1"), "listening");
  undo.push(() => {
    http.closeAllConnections();
    http.close();
  });
  return http;
}
function portOf(http: HttpServer): number {
  return (http.address() as AddressInfo).port;
}
/** A reverse proxy: node:http reads the request, `to` gets it as it was, and both sides are joined, whatever is answered. */
async function proxied(to: number): Promise<number> {
  const http = createServer((_, response) => response.writeHead(404).end());
  http.on("upgrade", (request: IncomingMessage, near: Duplex, behind: Buffer) => {
    const far = dial({ port: to, host: "127.0.0.1" });
    const { rawHeaders } = request;
    const lines = rawHeaders.flatMap((name, i) => i % 2 === 0 ? [`${name}: ${rawHeaders[i + 1]}`] : []);
    far.write(head([`${request.method} ${request.url} HTTP/1.1`, ...lines]));
    far.write(behind);
    near.pipe(far).on("error", () => near.destroy());
    far.pipe(near).on("error", () => far.destroy());
  });
  return portOf(await listen(http));
}
async function recut(to: number, size: number): Promise<number> {
  const cut = (): Transform =>
    new Transform({
      async transform(chunk: Buffer, _, done) {
        for (let at = 0; at < chunk.length; at += size) {
          this.push(chunk.subarray(at, at + size));
          if (at % (100 * size) === 0) await new Promise((resolve) => setImmediate(resolve));
        }
        done();
      },
    });
  return listening(({ socket }) => {
    const far = dial({ port: to, host: "127.0.0.1", allowHalfOpen: true, noDelay: true });
    socket.pipe(cut()).pipe(far).on("error", () => {});
    far.pipe(cut()).pipe(socket);
  });
}
