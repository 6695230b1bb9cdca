// What comes in: an effort. What goes out: our echo server on Node beside raw TCP, bare.ts and ws, over real sockets.
// Next file: echo-race.ts, which loads them.
import type { ChildProcess } from "node:child_process";
import { answer, CASES, type Comparison, raceEcho, type Running, start } from "./echo-race.ts";
import type { FromServer } from "./echo-server.ts";
import type { Effort } from "./race.ts";
import type { Row } from "./table.ts";

export async function echo(node: string, effort: Effort): Promise<Row[]> {
  const children: ChildProcess[] = [];
  const servers = new Map<string, Running>();
  try {
    for (const name of ["raw TCP", "bare", "ws", "handlers", "raw", "iteration"]) {
      const child = start("echo-server", [name], node);
      children.push(child);
      const message = await answer<FromServer>(child);
      if (!("port" in message)) throw new Error(`${name} did not say its port`);
      servers.set(name, {
        port: message.port,
        handshake: name !== "raw TCP",
        cpu: () => cpuOf(child),
      });
    }
    return await raceEcho(node, servers, COMPARISONS, effort);
  } finally {
    for (const child of children) child.disconnect();
  }
}

async function cpuOf(server: ChildProcess): Promise<number> {
  server.send("cpu");
  const message = await answer<FromServer>(server);
  return "cpu" in message ? message.cpu : NaN;
}

/**
 * What lies between raw TCP and "bare" no WebSocket in JavaScript can have. Not 64 KiB raw, and not bare: such a message comes in two pieces and
 * is relayed in two frames, so that the echo is not known octet by octet.
 */
const COMPARISONS: readonly Comparison[] = [
  { kase: CASES.small, mine: "handlers", theirs: "raw TCP", floor: 0.92 },
  { kase: CASES.small, mine: "bare", theirs: "raw TCP", floor: null },
  { kase: CASES.small, mine: "handlers", theirs: "bare", floor: null },
  { kase: CASES.small, mine: "handlers", theirs: "ws", floor: 1 },
  { kase: CASES.small, mine: "raw", theirs: "raw TCP", floor: null },
  { kase: CASES.small, mine: "iteration", theirs: "raw TCP", floor: null },
  { kase: CASES.smalls, mine: "handlers", theirs: "raw TCP", floor: 0.6 },
  { kase: CASES.smalls, mine: "bare", theirs: "raw TCP", floor: null },
  { kase: CASES.smalls, mine: "handlers", theirs: "bare", floor: null },
  { kase: CASES.smalls, mine: "handlers", theirs: "ws", floor: 10 },
  { kase: CASES.smalls, mine: "raw", theirs: "raw TCP", floor: 0.7 },
  { kase: CASES.smalls, mine: "iteration", theirs: "raw TCP", floor: 0.38 },
  { kase: CASES.middles, mine: "handlers", theirs: "raw TCP", floor: 0.85 },
  { kase: CASES.middles, mine: "bare", theirs: "raw TCP", floor: null },
  { kase: CASES.middles, mine: "handlers", theirs: "bare", floor: null },
  { kase: CASES.middles, mine: "handlers", theirs: "ws", floor: 5 },
  { kase: CASES.middles, mine: "raw", theirs: "raw TCP", floor: null },
  { kase: CASES.middles, mine: "iteration", theirs: "raw TCP", floor: null },
  { kase: CASES.large, mine: "handlers", theirs: "raw TCP", floor: 0.9 },
  { kase: CASES.large, mine: "handlers", theirs: "ws", floor: null },
];
