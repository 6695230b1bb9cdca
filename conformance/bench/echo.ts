// What comes in: an effort. What goes out: echoes per second of the server's CPU time, over real sockets, for every server and load.
// All servers are up at once and one is loaded at a time, in another order each round. CPU seconds count what the server pays,
// whatever the load client costs on the other core. Next file: memory.ts.
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { FromLoad, Load } from "./echo-load.ts";
import type { FromServer } from "./echo-server.ts";
import { type Effort, progress, shuffled } from "./race.ts";
import { atLeast, median, perSecond, type Row } from "./table.ts";

type Server = "net" | "ws" | "handlers" | "raw" | "iteration";
const SERVERS: readonly Server[] = ["net", "ws", "handlers", "raw", "iteration"];

type Case = Pick<Load, "kind" | "size" | "depth"> & { readonly name: string };
const CASES: readonly Case[] = [
  { name: "20 B depth 1", kind: "text", size: 20, depth: 1 },
  { name: "20 B depth 32", kind: "text", size: 20, depth: 32 },
  { name: "1 KiB depth 32", kind: "text", size: 1024, depth: 32 },
  { name: "64 KiB depth 1", kind: "binary", size: 65536, depth: 1 },
];

interface Result {
  /** Echoes per CPU second of the server, and per second. */
  readonly perCpu: number;
  readonly perSecond: number;
}

export async function echo(node: string, effort: Effort): Promise<Row[]> {
  const results = new Map<string, Result[]>();
  const load = start("echo-load", [], node);
  const servers = new Map<Server, { readonly child: ChildProcess; readonly port: number }>();
  try {
    for (const name of SERVERS) {
      const child = start("echo-server", [name], node);
      const message = await answer<FromServer>(child);
      if (!("port" in message)) throw new Error(`${name} did not say its port`);
      servers.set(name, { child, port: message.port });
    }
    for (let round = 0; round < effort.rounds; round++) {
      for (const kase of CASES) {
        for (const name of shuffled(SERVERS.filter((server) => isCompared(kase, server)))) {
          progress(`echo, round ${round + 1} of ${effort.rounds}: ${kase.name}, ${name}`);
          const server = servers.get(name);
          if (server === undefined) continue;
          const timing = { warm: effort.warm * 4, measure: effort.measure * 4 };
          const result = await measure(server.child, load, { ...kase, ...timing, port: server.port, handshake: name !== "net" });
          const key = `${kase.name} ${name}`;
          results.set(key, [...results.get(key) ?? [], result]);
        }
      }
    }
  } finally {
    progress("");
    load.disconnect();
    for (const server of servers.values()) server.child.disconnect();
  }
  return FLOORS.map(([kase, mine, theirs, floor]) => rowOf(kase, mine, theirs, floor, results));
}

function isCompared({ name }: Case, server: Server): boolean {
  return FLOORS.some(([kase, mine, theirs]) => kase === name && (mine === server || theirs === server));
}

async function measure(server: ChildProcess, client: ChildProcess, load: Load): Promise<Result> {
  client.send(load);
  await answer<FromLoad>(client);
  const before = await cpuOf(server);
  const end = await answer<FromLoad>(client);
  const cpu = await cpuOf(server) - before;
  if (end.phase !== "end") throw new Error("the load did not end");
  return { perCpu: end.echoes / cpu, perSecond: end.echoes / end.seconds };
}
async function cpuOf(server: ChildProcess): Promise<number> {
  server.send("cpu");
  const message = await answer<FromServer>(server);
  return "cpu" in message ? message.cpu : NaN;
}

function start(name: string, args: readonly string[], node: string): ChildProcess {
  const child = fork(fileURLToPath(new URL(`./${name}.js`, import.meta.url)), [...args], { execPath: node, execArgv: [] });
  child.on("exit", (code) => {
    if (code !== 0) throw new Error(`${name} ${args.join(" ")}: exit ${code}`);
  });
  return child;
}
async function answer<T>(child: ChildProcess): Promise<T> {
  return (await once(child, "message"))[0];
}

function rowOf(
  kase: string,
  mine: Server,
  theirs: Server,
  floor: number | null,
  results: ReadonlyMap<string, readonly Result[]>,
): Row {
  const [ours, peers] = [results.get(`${kase} ${mine}`) ?? [], results.get(`${kase} ${theirs}`) ?? []];
  const cell = (list: readonly Result[]): string =>
    `${perSecond(median(list.map(({ perCpu }) => perCpu)))} CPU, ${perSecond(median(list.map((result) => result.perSecond)))}`;
  const ratio = median(ours.map(({ perCpu }, round) => perCpu / peers[round].perCpu));
  const peer = theirs === "net" ? "raw TCP" : theirs;
  return { name: `echo ${kase}, ${mine}`, mine: cell(ours), peer, theirs: cell(peers), ...atLeast(ratio, floor) };
}

/** Not 64 KiB raw: such a message comes in two pieces and is relayed in two frames, so that the echo is not known octet by octet. */
const FLOORS: readonly (readonly [kase: string, mine: Server, theirs: Server, floor: number | null])[] = [
  ["20 B depth 1", "handlers", "net", 0.92],
  ["20 B depth 1", "handlers", "ws", 1],
  ["20 B depth 1", "raw", "net", null],
  ["20 B depth 1", "iteration", "net", null],
  ["20 B depth 32", "handlers", "net", 0.6],
  ["20 B depth 32", "handlers", "ws", 10],
  ["20 B depth 32", "raw", "net", 0.7],
  ["20 B depth 32", "iteration", "net", 0.38],
  ["1 KiB depth 32", "handlers", "net", 0.85],
  ["1 KiB depth 32", "handlers", "ws", 5],
  ["1 KiB depth 32", "raw", "net", null],
  ["1 KiB depth 32", "iteration", "net", null],
  ["64 KiB depth 1", "handlers", "net", 0.9],
  ["64 KiB depth 1", "handlers", "ws", null],
];
