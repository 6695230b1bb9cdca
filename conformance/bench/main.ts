// What comes in: groups to measure, by name. What goes out: one table, each figure beside its peer's and its floor.
// `npm run bench -- [decode] [encode] [deflate] [echo] [memory] [--quick]`. Runs on whatever Node starts it; everything measured runs in
// processes of Node 24. Next file: node24.ts.
import { execFileSync } from "node:child_process";
import { cpus } from "node:os";
import { echo } from "./echo.ts";
import { node24 } from "./node24.ts";
import { versionOf } from "./peers.ts";
import { type Contenders, type Effort, type Figures, race } from "./race.ts";
import { type Row, table } from "./table.ts";

/** The command behind `npm run bench`; returns its exit code. */
export async function main(args: readonly string[]): Promise<number> {
  const names = args.filter((arg) => arg !== "--quick");
  const unknown = names.filter((name) => !Object.hasOwn(GROUPS, name));
  if (unknown.length > 0) {
    console.error(`usage: npm run bench -- [${Object.keys(GROUPS).join("] [")}] [--quick]`);
    return 2;
  }
  const effort = args.includes("--quick") ? QUICK : THOROUGH;
  const node = node24();
  const rows: Row[] = [];
  for (const name of names.length > 0 ? names : Object.keys(GROUPS)) rows.push(...await GROUPS[name](node, effort));
  console.log(`${table(rows)}\n\n${machine(node, effort)}`);
  return 0;
}

interface Group {
  readonly contenders: Contenders;
  rows(figures: Figures): Row[];
}

async function measure(name: string, group: Group, node: string, effort: Effort): Promise<Row[]> {
  return group.rows(await race(name, group.contenders, node, effort));
}

function machine(node: string, { rounds }: Effort): string {
  const version = execFileSync(node, ["--version"], { encoding: "utf8" }).trim();
  const peers = ["ws", "bufferutil", "websocket-driver"].map((name) => `${name} ${versionOf(name)}`).join(", ");
  const day = new Date().toISOString().slice(0, 10);
  return `Node ${version}, ${peers}; ${cpus().length} × ${cpus()[0]?.model.trim()}; median of ${rounds} shuffled rounds, ${day}.`;
}

const THOROUGH: Effort = { rounds: 5, warm: 150, measure: 300 };
const QUICK: Effort = { rounds: 2, warm: 80, measure: 100 };

const GROUPS: Readonly<Record<string, (node: string, effort: Effort) => Promise<Row[]>>> = {
  decode: async (node, effort) => measure("decode", await import("./decode.ts"), node, effort),
  encode: async (node, effort) => measure("encode", await import("./encode.ts"), node, effort),
  deflate: async (node, effort) => measure("deflate", await import("./deflate.ts"), node, effort),
  echo,
  memory: async (node, effort) => measure("memory", await import("./memory.ts"), node, effort),
};
