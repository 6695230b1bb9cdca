// In: the name of a runtime. Out: the path of its program. Deno is a dependency of the project; Bun and workerd are a package of their own,
// installed when they are first needed, so that a clone does not carry 260 MB. Next file: adapter-of.ts.
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import process from "node:process";
import { root, type Runtime, Unable } from "../autobahn/genuine/places.ts";

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
  let binary = installed(runtime);
  if (binary === null && (runtime === "bun" || runtime === "cloudflare")) {
    console.error("installing Bun and workerd (once, 260 MB)");
    const args = [
      "ci",
      "--ignore-scripts",
      "--no-audit",
      "--no-fund",
      "--prefix",
      `${root}conformance/runtimes`,
    ];
    spawnSync("npm", args, { stdio: ["ignore", 2, 2] });
    binary = installed(runtime);
  }
  if (binary === null) {
    throw new Unable(
      `--runtime ${runtime}: its program is not installed, or not made for this machine`,
    );
  }
  return binary;
}

function within(folder: string, name: RegExp, rest: string): string | null {
  if (!existsSync(folder)) return null;
  return readdirSync(folder).filter((entry) => name.test(entry)).map((entry) => folder + entry + rest).find(existsSync) ?? null;
}

const modules = `${root}conformance/runtimes/node_modules/`;
