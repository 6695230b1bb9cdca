// The package as npm would publish it: packed, installed in a fresh project, imported from JavaScript and checked by TypeScript.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const root = fileURLToPath(new URL("../", import.meta.url));
const project = mkdtempSync(join(tmpdir(), "sansws-package-"));
const run = (command: string, args: string[], cwd = project): string => execFileSync(command, args, { cwd, encoding: "utf8" });
let files: string[] = [];

beforeAll(() => {
  // The build is there already; --ignore-scripts keeps `prepack` from making it anew under other tests.
  const [packed] = JSON.parse(run("npm", ["pack", "--json", "--ignore-scripts", "--pack-destination", project], root));
  files = packed.files.map(({ path }: { path: string }) => path);
  writeFileSync(join(project, "package.json"), JSON.stringify({ name: "fresh", private: true, type: "module" }));
  run("npm", ["install", "--no-audit", "--no-fund", "--ignore-scripts", "--offline", join(project, packed.filename)]);
}, 120_000);
afterAll(() => rmSync(project, { recursive: true, force: true }));

describe("the package", () => {
  it("has compiled modules with types and nothing else", () => {
    expect(
      files.filter((path) => !/^dist\/(core|adapters|conformance\/(autobahn|frames|support))\/.*\.(js|d\.ts)$/.test(path)).sort(),
    ).toEqual([
      "CHANGELOG.md",
      "LICENSE",
      "README.md",
      "package.json",
    ]);
    expect(files.filter((path) => /\.test\.|genuine|compare/.test(path))).toEqual([]);
    expect(files).toContain("dist/core/index.d.ts");
  });
  it("needs no other package", () => {
    const { dependencies, optionalDependencies } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
    expect({ dependencies, optionalDependencies }).toEqual({});
  });
  it("names the same entry points for npm and for Deno, and each of them is there", () => {
    const npm = JSON.parse(readFileSync(join(root, "package.json"), "utf8")).exports as Record<string, string>;
    const deno = JSON.parse(readFileSync(join(root, "deno.json"), "utf8")).exports as Record<string, string>;
    delete npm["./package.json"];
    const sources = Object.entries(npm).map(([name, path]) => [name, path.replace("./dist/", "./").replace(/\.js$/, ".ts")]);
    expect(Object.fromEntries(sources)).toEqual(deno);
    for (const path of Object.values(npm)) expect(files).toContain(path.slice(2));
  });
  it("is imported and works in a fresh project", () => {
    writeFileSync(
      join(project, "use.js"),
      `import { serve, connect } from "sansws/node";
       import { attach } from "sansws/node-http";
       import { attach as attachHttp2 } from "sansws/node-http2";
       import { zlib } from "sansws/zlib";
       import { listener } from "sansws/adapter";
       import { clientConnection, serverConnection, prepare, UsageError } from "sansws";
       const server = await serve({ host: "127.0.0.1", port: 0 }, async (socket) => { for await (const m of socket) await socket.send(m); });
       const socket = await connect(server.url);
       socket.send("hello");
       console.log((await socket[Symbol.asyncIterator]().next()).value, typeof attach, typeof attachHttp2, typeof zlib.inflater, typeof listener);
       await socket.close(); await server.close();`,
    );
    expect(run(process.execPath, ["use.js"])).toBe("hello function function function function\n");
  });
  it("tests a machine in process, and carries a command that tests servers", () => {
    writeFileSync(
      join(project, "prove.js"),
      `import { serverConnection } from "sansws";
       import { CASES, machinePeer, run, select } from "sansws/conformance";
       const results = run(machinePeer(() => serverConnection({})), select(CASES, ["1.1.*", "7.3.*"], []), { role: "client" });
       console.log(results.length, results.every(({ behavior, behaviorClose }) => behavior === "OK" && behaviorClose === "OK"));`,
    );
    expect(run(process.execPath, ["prove.js"])).toBe("14 true\n");
    const command = join(project, "node_modules/.bin/sansws");
    expect(run(command, ["conform", "server", "ws://127.0.0.1:1/", "--list", "--cases", "7.3.1"])).toContain("7.3.1");
  });
  it("has types that a strict project accepts without skipping libraries", () => {
    writeFileSync(
      join(project, "use.ts"),
      `import { connect, serve, type Socket } from "sansws/node";
       import { type Event, serverConnection } from "sansws";
       import { type CaseResult, machinePeer, run } from "sansws/conformance";
       export const results: readonly CaseResult[] = run(machinePeer(() => serverConnection({})), [], { role: "client" });
       const event: Event | null = serverConnection({}).poll();
       export const server = await serve({ port: 0, upgrade: () => ({ data: { name: "x" } }) }, (socket) => { socket.data.name.length; });
       export const socket: Socket = await connect(server.url);
       export { event };`,
    );
    const types = join(root, "node_modules/@types");
    const options = ["--strict", "--module", "nodenext", "--target", "es2023", "--lib", "es2023,esnext.disposable", "--noEmit"];
    const compiler = join(root, "node_modules/typescript/bin/tsc");
    run(process.execPath, [
      compiler,
      ...options,
      "--exactOptionalPropertyTypes",
      "--typeRoots",
      types,
      "--types",
      "node",
      "use.ts",
    ]);
  });
});
