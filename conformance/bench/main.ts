// What comes in: groups to measure, by name. What goes out: one table, each figure beside its peer's and its floor.
// `npm run bench -- [decode] [encode] [deflate] [echo] [memory] [--runtime deno|bun|cloudflare] [--quick]`. Runs on whatever Node starts
// it; everything measured runs in processes of Node 24, or of that runtime. Next file: node24.ts.
import { execFileSync } from "node:child_process";
import { cpus } from "node:os";
import { parseArgs } from "node:util";
import { binaryOf } from "../runtimes/binaries.ts";
import { echo } from "./echo.ts";
import { node24 } from "./node24.ts";
import { versionOf } from "./peers.ts";
import { echoOn, isRuntime, type Runtime } from "./runtimes.ts";
import { type Contenders, type Effort, type Figures, race } from "./race.ts";
import { type Row, table } from "./table.ts";

/** The command behind `npm run bench`; returns its exit code. */
export async function main(args: readonly string[]): Promise<number> {
  const { names, runtime, quick } = wishes(args);
  if (names === null) {
    console.error(
      `usage: npm run bench -- [${Object.keys(GROUPS).join("] [")}] [--runtime node|deno|bun|cloudflare] [--quick]`,
    );
    return 2;
  }
  const effort = quick ? QUICK : THOROUGH;
  const node = node24();
  const rows: Row[] = [];
  if (runtime !== null) rows.push(...await echoOn(runtime, node, effort));
  else for (const name of names) rows.push(...await GROUPS[name](node, effort));
  console.log(`${table(rows)}\n\n${machine(node, runtime, effort)}`);
  return 0;
}

/** `names`: null if something is wrong with them. Another runtime has the echo alone. */
function wishes(
  args: readonly string[],
): { names: string[] | null; runtime: Runtime | null; quick: boolean } {
  const known = {
    quick: { type: "boolean", default: false },
    runtime: { type: "string", default: "node" },
  } as const;
  try {
    const { values: { quick, runtime }, positionals } = parseArgs({
      args: [...args],
      options: known,
      allowPositionals: true,
    });
    const names = positionals.length > 0 ? positionals : runtime === "node" ? Object.keys(GROUPS) : ["echo"];
    const wrong = names.some((name) => !Object.hasOwn(GROUPS, name)) ||
      !(runtime === "node" || isRuntime(runtime));
    const elsewhere = isRuntime(runtime) ? runtime : null;
    return {
      names: wrong || (elsewhere !== null && names.join() !== "echo") ? null : names,
      runtime: elsewhere,
      quick,
    };
  } catch {
    return { names: null, runtime: null, quick: false };
  }
}

interface Group {
  readonly contenders: Contenders;
  rows(figures: Figures): Row[];
}

async function measure(
  name: string,
  group: Group,
  node: string,
  effort: Effort,
): Promise<Row[]> {
  return group.rows(await race(name, group.contenders, node, effort));
}

function machine(
  node: string,
  runtime: Runtime | null,
  { rounds }: Effort,
): string {
  const program = runtime === null ? node : binaryOf(runtime);
  const version = execFileSync(program, ["--version"], { encoding: "utf8" })
    .split("\n")[0].trim();
  const peers = runtime === null
    ? ["ws", "bufferutil", "websocket-driver"].map((name) => `, ${name} ${versionOf(name)}`).join("")
    : "";
  const day = new Date().toISOString().slice(0, 10);
  const name = runtime === null ? "Node " : runtime === "bun" ? "Bun " : "";
  return `${name}${version}${peers}; ${cpus().length} × ${cpus()[0]?.model.trim()}; median of ${rounds} shuffled rounds, ${day}.`;
}

const THOROUGH: Effort = { rounds: 5, warm: 150, measure: 300 };
const QUICK: Effort = { rounds: 2, warm: 80, measure: 100 };

const GROUPS: Readonly<
  Record<string, (node: string, effort: Effort) => Promise<Row[]>>
> = {
  decode: async (node, effort) => measure("decode", await import("./decode.ts"), node, effort),
  encode: async (node, effort) => measure("encode", await import("./encode.ts"), node, effort),
  deflate: async (node, effort) => measure("deflate", await import("./deflate.ts"), node, effort),
  echo,
  memory: async (node, effort) => [
    ...await measure("memory", await import("./memory.ts"), node, effort),
    ...await measure("floods", await import("./floods.ts"), node, effort),
    ...await measure("footprint", await import("./footprint.ts"), node, effort),
  ],
};
