// Cloudflare's runtime, which runs no command but serves workers by a configuration. In: the name of a worker and its settings. Out: for an
// echo server the line `listening on ws://127.0.0.1:PORT/` and the exit code 0 on SIGTERM and SIGINT; for a client the exit code of its run.
// Next files: workerd.capnp, workerd-client.capnp, worker-echo.ts, worker-client.ts.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import process from "node:process";
import type { Readable } from "node:stream";
import { createInterface } from "node:readline";
import { cache, root } from "../autobahn/genuine/places.ts";
import { binaryOf } from "./binaries.ts";
import { follow } from "./elsewhere.ts";

/** PEM for the configuration. */
export interface Certificates {
  readonly key?: string;
  readonly certificate?: string;
  readonly authorities?: readonly string[];
}

/** Serves until a signal comes; resolves to the exit code. */
export async function echoInWorkerd(port: number, tls: Certificates | null, settings: object): Promise<number> {
  const scheme = tls === null ? "ws" : "wss";
  using made = configure("worker-echo", constantsOf(tls ?? {}));
  const args = [
    "serve",
    ...made.include,
    `${configs}workerd.capnp`,
    tls === null ? "echo" : "secureEcho",
    `--socket-addr=ws=127.0.0.1:${port}`,
  ];
  const child = spawn(binaryOf("cloudflare"), [...args, "--control-fd=3"], {
    stdio: ["ignore", "inherit", "inherit", "pipe"],
    env: { ...process.env, SANSWS_SETTINGS: JSON.stringify(settings) },
  });
  createInterface({ input: child.stdio[3] as Readable }).on("line", (line) => {
    const { event, port } = JSON.parse(line) as { event: string; port: number };
    if (event === "listen") {
      console.log(`listening on ${scheme}://127.0.0.1:${port}/`);
    }
  });
  const ended = once(child, "close").then(() => 1); // by itself, or it could not start
  const told = Promise.race([once(process, "SIGTERM"), once(process, "SIGINT")])
    .then(() => 0);
  const code = await Promise.race([ended, told]);
  child.kill(); // it waits for its connections
  const timer = setTimeout(() => child.kill("SIGKILL"), 1_000);
  await ended;
  clearTimeout(timer);
  return code;
}

/** Runs a client to its end; resolves to the exit code. */
export async function clientInWorkerd(tls: Certificates, settings: object): Promise<number> {
  using made = configure("worker-client", constantsOf(tls));
  return await follow(
    spawn(binaryOf("cloudflare"), [
      "test",
      ...made.include,
      `${configs}workerd-client.capnp`,
    ], {
      stdio: "inherit",
      env: { ...process.env, SANSWS_SETTINGS: JSON.stringify(settings) },
    }),
  );
}

/**
 * Writes what a configuration imports, until it is disposed of: the modules of a Worker, named by its path in this folder, and constants.
 */
export function configure(
  worker: string,
  constants: Readonly<Record<string, string | readonly string[]>>,
): Disposable & { readonly include: readonly string[] } {
  mkdirSync(`${cache}workerd/`, { recursive: true });
  const folder = mkdtempSync(`${cache}workerd/`);
  const modules = modulesOf(`${dist}conformance/runtimes/${worker}.js`).map(
    (file) => {
      const name = relative(dist, file);
      return `  (name = "${name}", esModule = embed "/dist/${name}"),\n`;
    },
  );
  const lines = Object.entries(constants).map(([name, value]) =>
    `const ${name} :${typeof value === "string" ? "Text" : "List(Text)"} = ${JSON.stringify(value)};\n`
  );
  writeFileSync(
    `${folder}/made.capnp`,
    `@0xb3a1f7c2d4e58691;\nusing Workerd = import "/workerd/workerd.capnp";\n${lines.join("")}` +
      `const modules :List(Workerd.Worker.Module) = [\n${modules.join("")}];\n`,
  );
  return {
    include: [`-I${folder}`, `-I${root}`],
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  };
}
/** The three that the configurations of `npm run echo` and `npm run client` import. */
function constantsOf(
  { key = "", certificate = "", authorities = [] }: Certificates,
): Record<string, string | readonly string[]> {
  return { key, certificate, authorities };
}

/** A module of dist/ and all that it imports by static imports, each once, the first one first. */
function modulesOf(entry: string): string[] {
  const files = new Set([entry]);
  for (const file of files) {
    for (
      const [, path] of readFileSync(file, "utf8").matchAll(/^(?:import|export)\s(?:[^"';]*\sfrom\s)?"(\.[^"]+)"/gm)
    ) {
      files.add(join(dirname(file), path));
    }
  }
  return [...files];
}

const dist = `${root}dist/`;
/** Where the committed configurations are. */
export const configs: string = `${root}conformance/runtimes/`;
