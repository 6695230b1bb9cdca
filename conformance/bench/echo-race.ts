// What comes in: echo servers that are up, and which of them to compare under which load. What goes out: a row for each comparison.
// One server is loaded at a time, in another order each round. Echoes are counted per second of the server's CPU time, so that neither
// the load client nor what else the machine does has a say. Next file: echo-load.ts.
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { FromLoad, Load } from "./echo-load.ts";
import { type Effort, progress, shuffled } from "./race.ts";
import { atLeast, median, perSecond, type Row } from "./table.ts";

/** A server that runs. */
export interface Running {
  readonly port: number;
  /** false: it echoes octets, without a handshake. */
  readonly handshake: boolean;
  /** Seconds of CPU time so far, of the user and of the system. */
  cpu(): Promise<number>;
}
export type Case = Pick<Load, "kind" | "size" | "depth"> & {
  readonly name: string;
};
/** `floor`: what the ratio must reach; null: only of interest. */
export interface Comparison {
  readonly kase: Case;
  readonly mine: string;
  readonly theirs: string;
  readonly floor: number | null;
}

type CaseName = "small" | "smalls" | "middle" | "middles" | "large" | "larges";
export const CASES: Readonly<Record<CaseName, Case>> = {
  small: { name: "20 B depth 1", kind: "text", size: 20, depth: 1 },
  smalls: { name: "20 B depth 32", kind: "text", size: 20, depth: 32 },
  middle: { name: "1 KiB depth 1", kind: "text", size: 1024, depth: 1 },
  middles: { name: "1 KiB depth 32", kind: "text", size: 1024, depth: 32 },
  large: { name: "64 KiB depth 1", kind: "binary", size: 65536, depth: 1 },
  larges: { name: "64 KiB depth 32", kind: "binary", size: 65536, depth: 32 },
};

export async function raceEcho(
  node: string,
  servers: ReadonlyMap<string, Running>,
  comparisons: readonly Comparison[],
  effort: Effort,
): Promise<Row[]> {
  const results = new Map<string, Result[]>();
  const load = start("echo-load", [], node);
  const timing = { warm: effort.warm * 4, measure: effort.measure * 4 };
  try {
    for (let round = 0; round < effort.rounds; round++) {
      for (const kase of new Set(comparisons.map(({ kase }) => kase))) {
        const here = comparisons.filter((comparison) => comparison.kase === kase);
        for (
          const name of shuffled([
            ...new Set(here.flatMap(({ mine, theirs }) => [mine, theirs])),
          ])
        ) {
          progress(
            `echo, round ${round + 1} of ${effort.rounds}: ${kase.name}, ${name}`,
          );
          const server = servers.get(name)!;
          const result = await measure(server, load, {
            ...kase,
            ...timing,
            port: server.port,
            handshake: server.handshake,
          });
          const key = `${kase.name} ${name}`;
          results.set(key, [...results.get(key) ?? [], result]);
        }
      }
    }
  } finally {
    progress("");
    load.disconnect();
  }
  return comparisons.map((comparison) => rowOf(comparison, results));
}

/** A program of this folder, which speaks by messages. */
export function start(
  name: string,
  args: readonly string[],
  node: string,
): ChildProcess {
  const child = fork(fileURLToPath(new URL(`./${name}.js`, import.meta.url)), [
    ...args,
  ], { execPath: node, execArgv: [] });
  child.on("exit", (code) => {
    if (code !== 0) throw new Error(`${name} ${args.join(" ")}: exit ${code}`);
  });
  return child;
}
export async function answer<T>(child: ChildProcess): Promise<T> {
  return (await once(child, "message"))[0];
}

interface Result {
  /** Echoes per CPU second of the server, and per second. */
  readonly perCpu: number;
  readonly perSecond: number;
}

async function measure(
  server: Running,
  client: ChildProcess,
  load: Load,
): Promise<Result> {
  client.send(load);
  await answer<FromLoad>(client);
  const before = await server.cpu();
  const end = await answer<FromLoad>(client);
  const cpu = await server.cpu() - before;
  if (end.phase !== "end") throw new Error("the load did not end");
  return { perCpu: end.echoes / cpu, perSecond: end.echoes / end.seconds };
}

function rowOf(
  { kase, mine, theirs, floor }: Comparison,
  results: ReadonlyMap<string, readonly Result[]>,
): Row {
  const [ours, peers] = [mine, theirs].map((name) => results.get(`${kase.name} ${name}`) ?? []);
  const cell = (list: readonly Result[]): string =>
    `${perSecond(median(list.map(({ perCpu }) => perCpu)))} CPU, ${perSecond(median(list.map((result) => result.perSecond)))}`;
  const ratio = median(
    ours.map(({ perCpu }, round) => perCpu / peers[round].perCpu),
  );
  return {
    name: `echo ${kase.name}, ${mine}`,
    mine: cell(ours),
    peer: theirs,
    theirs: cell(peers),
    ...atLeast(ratio, floor),
  };
}
