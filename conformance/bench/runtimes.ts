// `npm run bench -- --runtime deno|bun|cloudflare`: our echo server on another runtime beside that runtime's raw TCP and its own WebSocket.
// What comes in: a runtime. What goes out: a row for each comparison. CPU time is read from /proc, since not every runtime tells its own.
// Next file: runtime-server.ts, which runs over there.
import { type ChildProcess, spawn } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { fileURLToPath } from "node:url";
import { root } from "../autobahn/genuine/places.ts";
import { binaryOf, FLAGS } from "../runtimes/binaries.ts";
import { configure } from "../runtimes/workerd.ts";
import { CASES, type Comparison, raceEcho, type Running } from "./echo-race.ts";
import type { Effort } from "./race.ts";
import type { Row } from "./table.ts";

export type Runtime = "deno" | "bun" | "cloudflare";
export const isRuntime = (name: string): name is Runtime => Object.hasOwn(NATIVE, name);

export async function echoOn(
  runtime: Runtime,
  node: string,
  effort: Effort,
): Promise<Row[]> {
  using made = runtime === "cloudflare" ? configure("../bench/worker-server", {}) : null;
  const children: ChildProcess[] = [];
  const servers = new Map<string, Running>();
  try {
    for (
      const [name, what] of [["raw TCP", "raw TCP"], [
        NATIVE[runtime],
        "native",
      ], ["handlers", "handlers"]]
    ) {
      const child = runtime === "cloudflare" ? inWorkerd(what, made!.include) : inRuntime(runtime, what);
      children.push(child);
      const port = await portOf(child);
      servers.set(name, {
        port,
        handshake: what !== "raw TCP",
        cpu: () => Promise.resolve(cpuOf(child.pid!)),
      });
    }
    return await raceEcho(node, servers, comparisonsOn(runtime), effort);
  } finally {
    for (const child of children) child.kill("SIGKILL");
  }
}

function inRuntime(
  runtime: Exclude<Runtime, "cloudflare">,
  what: string,
): ChildProcess {
  const program = fileURLToPath(
    new URL("./runtime-server.js", import.meta.url),
  );
  return spawn(binaryOf(runtime), [...FLAGS[runtime], program, runtime, what], {
    stdio: ["ignore", "pipe", "inherit"],
  });
}
/** Its control channel stands where others have their output. */
function inWorkerd(what: string, include: readonly string[]): ChildProcess {
  const name = what === "raw TCP" ? "raw" : what;
  const args = [
    "serve",
    ...include,
    `${root}conformance/bench/workerd.capnp`,
    name,
    "--control-fd=1",
  ];
  return spawn(binaryOf("cloudflare"), args, {
    stdio: ["ignore", "pipe", "inherit"],
  });
}
/** Of the first line: a number, or a record of workerd's. */
function portOf(child: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    child.once(
      "exit",
      (code) => reject(new Error(`${child.spawnargs.join(" ")}: exit ${code}`)),
    );
    createInterface({ input: child.stdout as Readable }).once(
      "line",
      (line) => {
        const told = JSON.parse(line) as number | { readonly port: number };
        resolve(typeof told === "number" ? told : told.port);
      },
    );
  });
}
/** Seconds of all threads, which the kernel counts in nanoseconds. */
function cpuOf(pid: number): number {
  const threads = readdirSync(`/proc/${pid}/task`);
  const spent = threads.map((thread) => {
    try {
      return Number(
        readFileSync(`/proc/${pid}/task/${thread}/schedstat`, "latin1").split(
          " ",
        )[0],
      );
    } catch {
      return 0; // it has ended
    }
  });
  return spent.reduce((sum, nanoseconds) => sum + nanoseconds, 0) / 1e9;
}

function comparisonsOn(runtime: Runtime): Comparison[] {
  return Object.entries(CASES).flatMap(([name, kase]) =>
    ["raw TCP", NATIVE[runtime]].map((theirs) => {
      const floor = FLOORS[
        `${runtime} ${name} ${theirs === "raw TCP" ? "raw" : "native"}`
      ] ?? null;
      return { kase, mine: "handlers", theirs, floor };
    })
  );
}

const NATIVE: Readonly<Record<Runtime, string>> = {
  deno: "Deno.serve",
  bun: "Bun.serve",
  cloudflare: "WebSocketPair",
};
const FLOORS: Readonly<Record<string, number>> = {
  "bun small native": 0.95,
  "bun middle native": 0.95,
  "bun large native": 0.95,
  "bun smalls native": 1.1,
  "bun middles native": 1.3,
  "deno small raw": 0.95,
  "deno middle raw": 0.95,
  "deno large raw": 0.95,
  "deno smalls native": 15,
  "deno middles native": 8,
};
