// In: the name of a runtime. Out: the path of its program. Deno is a dependency of the project; Bun, workerd and the versions of Node are a
// package of their own, installed when they are first needed, so that a clone does not carry 1 GB. Next file: adapter-of.ts.
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import process from "node:process";
import { root, type Runtime, Unable } from "../autobahn/genuine/places.ts";
import type { SocketRuntime } from "./adapter-of.ts";

/** What each is told before the name of a program. */
export const FLAGS: Readonly<Record<SocketRuntime, readonly string[]>> = {
  node: [],
  deno: ["run", "--quiet", "--allow-all"],
  bun: [],
};

/** The program, or null where it is not installed. */
export function installed(runtime: Runtime): string | null {
  switch (runtime) {
    case "node":
      return process.execPath;
    case "deno":
      return within(`${root}node_modules/@deno/`, /./, "/deno"); // .bin/deno is a script that keeps signals to itself
    case "bun":
      return within(`${modules}@oven/`, /^bun-/, "/bin/bun");
    case "cloudflare":
      return within(`${modules}@cloudflare/`, /^workerd-/, "/bin/workerd");
  }
}
/** The program, installed if need be. Throws Unable where that fails. */
export function binaryOf(runtime: Runtime): string {
  if (installed(runtime) === null && (runtime === "bun" || runtime === "cloudflare")) install();
  const binary = installed(runtime);
  if (binary === null) {
    throw new Unable(`--runtime ${runtime}: its program is not installed, or not made for this machine`);
  }
  return binary;
}

/** The program of a major version of Node, installed if asked for. Throws Unable where that fails; null: it is not installed. */
export function nodeOf(major: string, wanted: boolean): string | null {
  const binary = `${modules}node${major}/bin/node`;
  if (!existsSync(binary) && wanted) install();
  if (existsSync(binary)) return binary;
  if (wanted) throw new Unable(`Node ${major} is not installed, or not made for this machine`);
  return null;
}

function install(): void {
  console.error("installing Bun, workerd and Node 20 to 26 (once, 1 GB)");
  const args = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefix", `${root}conformance/runtimes`];
  spawnSync("npm", args, { stdio: ["ignore", 2, 2] });
}

function within(folder: string, name: RegExp, rest: string): string | null {
  if (!existsSync(folder)) return null;
  return readdirSync(folder).filter((entry) => name.test(entry)).map((entry) => folder + entry + rest).find(existsSync) ?? null;
}

const modules = `${root}conformance/runtimes/node_modules/`;
