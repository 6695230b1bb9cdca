// Runs what users read first: the code blocks of README.md and every example, each in a process of its own, as it stands but for the
// port. Needs the build, as `npm test` makes it.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:net";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, it } from "vitest";
import { connect, HandshakeError } from "../adapters/node.ts";

const root = fileURLToPath(new URL("../", import.meta.url));
const running: Run[] = [];
afterAll(() => Promise.all(running.map((run) => run.stop())));

describe("README.md", () => {
  const blocks = [...readFileSync(`${root}README.md`, "utf8").matchAll(/```js\n([\s\S]*?)```/g)].map((match) => match[1]!);
  /** The block that has this text, with other ports and on loopback only. */
  const block = (text: string, ports: Record<number, number>): Run => {
    const found = blocks.filter((code) => code.includes(text));
    expect(found, `a block with ${text}`).toHaveLength(1);
    let code = found[0]!;
    for (const [shown, real] of Object.entries(ports)) {
      code = code.replace(`port: ${shown}`, `host: "127.0.0.1", port: ${real}`).replace(
        `listen(${shown}`,
        `listen(${real}, "127.0.0.1"`,
      )
        .replaceAll(`:${shown}/`, `:${real}/`);
    }
    mkdirSync(`${root}.cache/readme`, { recursive: true });
    const file = `${root}.cache/readme/${blocks.indexOf(found[0]!)}.mjs`;
    writeFileSync(file, code);
    return start([file]);
  };

  it("shows a server and a client that talk to each other", async () => {
    const port = await freePort();
    const server = block("const server = await serve", { 8080: port });
    expect(await server.line()).toBe(`ws://127.0.0.1:${port}`);
    const client = block("const { code, clean } = await socket.close", { 8080: port });
    expect(await client.end()).toEqual({ code: 0, out: "hello\n1000 true\n" });
  });
  it("shows a chat with names and subprotocols", async () => {
    const port = await freePort();
    block("const chat = await serve", { 8081: port });
    await eventually(async () => (await connect(`ws://127.0.0.1:${port}/?name=Zoe`)).close());
    await expect(connect(`ws://127.0.0.1:${port}/`)).rejects.toSatisfy((error) =>
      error instanceof HandshakeError && error.status === 401
    );
    const ann = await connect(`ws://127.0.0.1:${port}/?name=Ann`, { protocols: ["chat.v1"] });
    const bob = await connect(`ws://127.0.0.1:${port}/?name=Bob`);
    expect(ann.protocol).toBe("chat.v1");
    ann.send("hi");
    expect((await bob[Symbol.asyncIterator]().next()).value).toBe("Ann: hi");
    await Promise.all([ann.close(), bob.close()]);
  });
  it("shows how many sockets share a session of HTTP/2", async () => {
    const run = block("createHttp2(", { 8084: await freePort() });
    expect(await run.end()).toEqual({ code: 0, out: "3 3\n" });
  });
  it("shows how to sit beside an HTTP server", async () => {
    const port = await freePort();
    block("attach(http", { 8082: port });
    await eventually(async () => expect(await (await fetch(`http://127.0.0.1:${port}/`)).text()).toBe("plain HTTP\n"));
    expect(await echoed(`ws://127.0.0.1:${port}/live`)).toBe("hello");
  });
  it("shows the core alone", async () => {
    const { code, out } = await block("serverConnection({})", {}).end();
    expect(code).toBe(0);
    expect(out).toMatch(/^fault\nHTTP\/1\.1 505 /);
    expect(out).toMatch(/\nend \d+\n$/);
  });
  it("shows a recording that replays", async () => {
    expect(await block("recorder(", { 8083: await freePort() }).end()).toEqual({ code: 0, out: "null\n" });
  });
  it("has no other blocks than those", () => expect(blocks).toHaveLength(7));
});

describe("the examples", () => {
  const example = (name: string, ...args: (string | number)[]): Run =>
    start([`${root}dist/examples/${name}.js`, ...args.map(String)]);

  it("are short, and all of them are run here", () => {
    const names = readdirSync(new URL(".", import.meta.url)).filter((name) => name.endsWith(".ts") && !name.endsWith(".test.ts"));
    expect(names.sort()).toEqual(["beside-express.ts", "big-file.ts", "chat.ts", "client-node.ts", "echo-node.ts", "sans-io.ts"]);
    for (const name of names) {
      expect(readFileSync(new URL(name, import.meta.url), "utf8").split("\n").length, name).toBeLessThanOrEqual(61);
    }
  });
  it("echo-node and client-node talk to each other, and the server ends on SIGTERM", async () => {
    const server = example("echo-node", 0);
    const url = /ws:\S+/.exec(await server.line())![0];
    expect(await example("client-node", url, "one", "two").end()).toEqual({ code: 0, out: "one\ntwo\n" });
    expect(await server.stop()).toBe(0);
  });
  it("client-node says what went wrong", async () => {
    const { code } = await example("client-node", `ws://127.0.0.1:${await freePort()}/`, "x").end();
    expect(code).toBe(1);
  });
  it("chat tells everybody who came", async () => {
    const server = example("chat", 0);
    const url = /ws:\S+/.exec(await server.line())![0];
    const ann = await connect(`${url}?name=Ann`);
    expect((await ann[Symbol.asyncIterator]().next()).value).toBe("Ann joined");
    await ann.close();
    expect(await server.stop()).toBe(0);
  });
  it("sans-io is an echo server too", async () => {
    const server = example("sans-io", 0);
    const port = Number(/port: (\d+)/.exec(await server.until("}"))![1]);
    expect(await echoed(`ws://127.0.0.1:${port}/`)).toBe("hello");
    expect(await server.stop()).toBe(0);
  });
  it("beside-express serves both", async () => {
    const server = example("beside-express", 0);
    const port = Number(/port: (\d+)/.exec(await server.until("}"))![1]);
    expect(await (await fetch(`http://127.0.0.1:${port}/`)).text()).toContain("HTTP is served here");
    expect(await echoed(`ws://127.0.0.1:${port}/live`)).toBe("hello");
    expect(await server.stop()).toBe(0);
  });
  it("big-file copies a file octet by octet", async () => {
    mkdirSync(`${root}.cache/readme`, { recursive: true });
    const from = `${root}package-lock.json`, to = `${root}.cache/readme/copy`;
    expect((await example("big-file", from, to).end()).code).toBe(0);
    expect(readFileSync(to).equals(readFileSync(from))).toBe(true);
  });
});

async function echoed(url: string): Promise<unknown> {
  const socket = await connect(url);
  socket.send("hello");
  const { value } = await socket[Symbol.asyncIterator]().next();
  await socket.close();
  return value;
}
/** A server that prints nothing when it is ready. */
async function eventually(attempt: () => Promise<unknown>): Promise<void> {
  for (let tries = 0;; tries++) {
    try {
      return void await attempt();
    } catch (error) {
      if (tries === 100) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}
async function freePort(): Promise<number> {
  const server: Server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  server.close();
  return port;
}

interface Run {
  /** The first line it printed. */
  line(): Promise<string>;
  until(text: string): Promise<string>;
  end(): Promise<{ code: number | null; out: string }>;
  /** SIGTERM; the exit code. */
  stop(): Promise<number | null>;
}
function start(args: readonly string[]): Run {
  const child: ChildProcess = spawn(process.execPath, args, { cwd: root, stdio: ["ignore", "pipe", "inherit"] });
  let out = "", wake = (): void => {};
  const ended = once(child, "close").then(([code]) => code as number | null);
  child.stdout!.setEncoding("utf8").on("data", (text: string) => {
    out += text;
    wake();
  });
  const until = async (text: string): Promise<string> => {
    while (!out.includes(text)) {
      const more = new Promise<void>((resolve) => wake = resolve);
      if (await Promise.race([more, ended]) !== undefined) throw new Error(`ended without ${JSON.stringify(text)}: ${out}`);
    }
    return out;
  };
  const run: Run = {
    line: async () => (await until("\n")).split("\n")[0]!,
    until,
    end: async () => ({ code: await ended, out }),
    async stop() {
      child.kill("SIGTERM");
      return await ended;
    },
  };
  running.push(run);
  return run;
}
