// L22 Purity: the core runs in an empty realm, with TextDecoder and TextEncoder and nothing else of a host: no clock, no randomness, no
// console, not even those that the language itself brings. It is compiled to CommonJS for that, which a function of two dozen lines can
// link, and the modules run as scripts in a context of their own. Next file: ../../core/README.md.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join, posix } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import vm from "node:vm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type * as Core from "../../core/index.ts";
import { PATIENCE } from "../support/law.ts";
import { seededRandom } from "../support/virtual.ts";

let built = "";
beforeAll(() => {
  built = mkdtempSync(join(tmpdir(), "sansws-core-"));
  const root = fileURLToPath(new URL("../../", import.meta.url));
  const tsc = join(dirname(createRequire(import.meta.url).resolve("typescript/package.json")), "bin/tsc");
  const flags = ["--module", "commonjs", "--moduleResolution", "bundler", "--verbatimModuleSyntax", "false"];
  const output = ["--composite", "false", "--declaration", "false", "--isolatedDeclarations", "false", "--noEmit", "false"];
  const { status, stdout } = spawnSync(
    process.execPath,
    [tsc, "-p", "core/tsconfig.json", ...flags, ...output, "--outDir", built],
    { cwd: root, encoding: "utf8" },
  );
  if (status !== 0) throw new Error(stdout);
}, PATIENCE.timeout);
afterAll(() => rmSync(built, { recursive: true, force: true }));

describe("L22 purity", PATIENCE, () => {
  it("loads in an empty realm and asks it for TextDecoder and TextEncoder only", () => {
    const { asked } = load();
    expect([...asked].sort()).toEqual(["TextDecoder", "TextEncoder"]);
  });

  it("holds a whole conversation there: handshake, messages in pieces, Pings, faults, timers, Close", () => {
    const { core, asked } = load();
    const told: string[] = [];
    const client = core.clientConnection({ authority: "a", target: "/" }, { random: seededRandom() });
    const server = core.serverConnection({});
    const settle = (): void => {
      for (let moved = true; moved;) {
        moved = false;
        for (const [from, to] of [[client, server], [server, client]]) {
          for (let event = from.poll(); event !== null; event = from.poll()) {
            moved = true;
            told.push(`${from.role} ${event.type}${event.type === "text" ? " " + event.data : ""}`);
            if (event.type === "request") server.accept({ headers: [["X-Test", "1"]] });
            if (from === server && (event.type === "text" || event.type === "binary")) server.send(event.data);
          }
          for (let out = from.peekOutput(); out !== null; out = from.peekOutput()) {
            moved = true;
            // Octets of another realm than the core's, in small pieces.
            for (let at = 0; at < out.length; at += 5) to.receive(new Uint8Array(out.subarray(at, at + 5)), 1);
            from.consumeOutput(out.length);
          }
          from.nextTimeout(1);
        }
      }
    };
    settle();
    client.send("caf\u00e9 \ud800");
    client.send(new Uint8Array(70_000).fill(7));
    client.send("two ", { last: false });
    client.ping(Uint8Array.of(1));
    client.send("parts");
    server.sendPrepared(core.prepare("news"));
    settle();
    client.close(4000, "bye");
    settle();
    client.receiveEnd(2);
    server.receiveEnd(2);
    settle();
    expect(told.toSorted()).toEqual([
      "server request",
      "server open",
      "client open",
      "server text caf\u00e9 \ufffd",
      "server binary",
      "server ping",
      "server text two parts",
      "client text news",
      "client pong",
      "client text caf\u00e9 \ufffd",
      "client binary",
      "client text two parts",
      "server close",
      "client close",
      "client closed",
      "server closed",
    ].toSorted());

    const lost = core.upgradedConnection("server", { status: 101, headers: [], protocol: "", deflate: null }, {
      messages: "raw",
    });
    lost.receive(Uint8Array.of(0x81, 0x82, 0, 0, 0, 0, 0x61, 0xff), 0);
    lost.poll();
    expect(lost.poll()).toMatchObject({ type: "raw", start: 6, end: 7 });
    expect(lost.poll()).toMatchObject({ type: "fault", fault: { code: "BAD_UTF8" } });
    lost.handleTimeout(lost.nextTimeout(0) ?? 0);
    lost.handleTimeout(lost.nextTimeout(10_000) ?? 0);
    expect(() => lost.ping(new Uint8Array(126))).toThrow(core.UsageError);
    expect([...asked].sort()).toEqual(["TextDecoder", "TextEncoder"]);
  });
});

/** The core in a new realm, and the names of the host that it has asked for. */
function load(): { readonly core: typeof Core; readonly asked: ReadonlySet<string> } {
  const asked = new Set<string>();
  const context = vm.createContext({
    TextDecoder: noting("TextDecoder", TextDecoder),
    TextEncoder: noting("TextEncoder", TextEncoder),
  });
  // What a realm brings along and a pure core has no use for. Reading any of it is an error.
  const forbidden = ["console", "WebAssembly", "SharedArrayBuffer", "Atomics", "Date", "Intl", "WeakRef", "FinalizationRegistry"];
  vm.runInContext(
    `for (const name of ${JSON.stringify(forbidden)}) {
      Object.defineProperty(globalThis, name, { get() { throw new Error("the core asked for " + name); } });
    }
    Math.random = () => { throw new Error("the core asked for randomness"); };
    Function.prototype.constructor = globalThis.eval = () => { throw new Error("the core makes code"); };`,
    context,
  );
  function noting<T extends new (...given: never[]) => object>(name: string, host: T): T {
    return new Proxy(host, {
      construct(target, given) {
        asked.add(name);
        return Reflect.construct(target, given);
      },
    });
  }
  const modules = new Map<string, object>();
  const link = (path: string): object => {
    const known = modules.get(path);
    if (known !== undefined) return known;
    const exports = {};
    modules.set(path, exports);
    const source = readFileSync(join(built, path), "utf8");
    const run = vm.runInContext(`(function (exports, require) { ${source}\n})`, context, { filename: path });
    run(exports, (other: string) => link(posix.join(posix.dirname(path), other)));
    return exports;
  };
  return { core: link("core/index.js") as typeof Core, asked };
}
