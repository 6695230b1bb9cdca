// Where the scenario runs: the name of a run, the program behind it and the adapter in it. In: a name of the command line. Out: the run.
// Next file: limits.ts.
import process from "node:process";
import { type Runtime, Unable } from "../../autobahn/genuine/places.ts";
import { binaryOf, FLAGS, installed, nodeOf } from "../binaries.ts";

export interface Run {
  readonly name: string;
  readonly adapter: Runtime | "http" | "http2";
  /** null where it is not installed, and shall not be. */
  program(install: boolean): string | null;
  readonly flags: readonly string[];
}

/** The four adapters, each in its own runtime, and every pair of them. */
export const four = ["node", "deno", "bun", "workerd"] as const;
export const square: readonly (readonly [client: string, server: string])[] = four.flatMap((client) =>
  four.map((server) => [client, server] as const)
);
/** Pairs beside these: versions of Node, its adapters in other runtimes, an HTTP server in front, HTTP/2. Client, server. */
export const beside: readonly (readonly [client: string, server: string])[] = [
  ["node20", "node20"],
  ["node22", "node22"],
  ["node24", "node24"],
  ["node26", "node26"],
  ["node-on-bun", "node-on-bun"],
  ["node-on-bun", "node"],
  ["node", "node-on-bun"],
  ["node-on-deno", "node-on-deno"],
  ["node-on-deno", "node"],
  ["node", "node-on-deno"],
  ["node", "http"],
  ["node-on-bun", "http-on-bun"],
  ["node-on-deno", "http-on-deno"],
  ["http2", "http2"],
  ["http2-on-bun", "http2-on-bun"],
  ["http2-on-deno", "http2-on-deno"],
];

/** The run of that name. Throws Unable. */
export function runOf(name: string): Run {
  const run = runs.get(name);
  if (run === undefined) throw new Unable(`${name}: there is ${[...runs.keys()].join(", ")}`);
  return run;
}

function on(runtime: Runtime, adapter: Run["adapter"], name: string): [string, Run] {
  const flags = runtime === "cloudflare" ? [] : FLAGS[runtime];
  return [name, { name, adapter, flags, program: (install) => install ? binaryOf(runtime) : installed(runtime) }];
}
function node(major: string): [string, Run] {
  const name = `node${major}`;
  const isThis = process.versions.node.startsWith(`${major}.`); // the driver is Node
  return [name, { name, adapter: "node", flags: [], program: (install) => isThis ? process.execPath : nodeOf(major, install) }];
}

const runs: ReadonlyMap<string, Run> = new Map([
  on("node", "node", "node"),
  on("deno", "deno", "deno"),
  on("bun", "bun", "bun"),
  on("cloudflare", "cloudflare", "workerd"),
  ...["20", "22", "24", "26"].map(node),
  on("bun", "node", "node-on-bun"),
  on("deno", "node", "node-on-deno"),
  on("node", "http", "http"),
  on("bun", "http", "http-on-bun"),
  on("deno", "http", "http-on-deno"),
  on("node", "http2", "http2"),
  on("bun", "http2", "http2-on-bun"),
  on("deno", "http2", "http2-on-deno"),
]);
