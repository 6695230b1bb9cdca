// What comes in: nothing. What goes out: octets of resident memory (RSS) for one connection of a server on real sockets: idle ones without
// permessage-deflate, and ones that have echoed one compressed message, with context takeover and without (RFC 7692 §7.1.1).
// The clients are a process of their own. Next file: footprint-clients.ts.
// Measured: opening the first 1,000 connections a process takes some 10 MB once, for compiled code and the like; so they stand before it is
// looked at. V8's young generation grows by up to 15 MB meanwhile, with deflate or without it and by another figure in each run: 4 KB for
// each of 4,000 connections, 15 for each of 1,000. So it is bounded, for both sides alike, but for one row with V8 as it comes.
import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { FromClients, Wish } from "./footprint-clients.ts";
import { collected } from "./memory.ts";
import type { Contender, Contenders, Figures } from "./race.ts";
import { type Compression, LIBRARIES, type Listen } from "./servers.ts";
import { median, octets, type Row } from "./table.ts";

const FIRST = 1000;

interface Case {
  readonly name: string;
  readonly connections: number;
  readonly compression: Compression;
  /** Characters of the message that each connection has echoed. */
  readonly size: number;
  /** Octets; null: only of interest. */
  readonly most: number | null;
  /** For V8, beside --expose-gc. */
  readonly flags: readonly string[];
}
const BOUNDED: readonly string[] = ["--max-semi-space-size=1"];

/** 20 characters are below our thresholds, so that they are echoed without compression; 1,024 are not. */
const CASES: readonly Case[] = [
  { name: "idle, no deflate, V8 as it comes", connections: 4000, compression: null, size: 20, most: 7000, flags: [] },
  { name: "idle, no deflate", connections: 4000, compression: null, size: 20, most: 7000, flags: BOUNDED },
  { name: "20 B compressed, takeover", connections: 1000, compression: "takeover", size: 20, most: 64_000, flags: BOUNDED },
  { name: "20 B compressed, no takeover", connections: 1000, compression: "no takeover", size: 20, most: 10_000, flags: BOUNDED },
  { name: "1 KiB compressed, takeover", connections: 1000, compression: "takeover", size: 1024, most: null, flags: BOUNDED },
  {
    name: "1 KiB compressed, no takeover",
    connections: 1000,
    compression: "no takeover",
    size: 1024,
    most: 10_000,
    flags: BOUNDED,
  },
];

async function resident(listen: Listen, { connections, compression, size }: Case): Promise<number> {
  const server = await listen(compression);
  const clients = fork(CLIENTS, { execArgv: [] });
  clients.on("exit", (code) => {
    if (code !== 0) throw new Error(`clients: exit ${code}`);
  });
  /** Opens more. */
  const grown = async (count: number): Promise<number> => {
    clients.send({ port: server.port, count, compression, size } satisfies Wish);
    const { open } = (await once(clients, "message"))[0] as FromClients;
    if (server.size !== open) throw new Error(`${server.size} of ${open} connections are open`);
    return (await collected()).rss;
  };
  try {
    const before = await grown(FIRST);
    return (await grown(connections) - before) / connections;
  } finally {
    clients.disconnect();
    if (clients.exitCode === null) await once(clients, "exit");
  }
}

function contender(listen: Listen, kase: Case): Contender {
  return { cases: ["rss"], prepare: () => () => resident(listen, kase), once: true, flags: ["--expose-gc", ...kase.flags] };
}

/** Each case has a process of its own: memory that one has given back would not be asked for again. */
export const contenders: Contenders = Object.fromEntries(
  CASES.flatMap((kase) =>
    Object.entries(LIBRARIES).map(([library, listen]) => [`${library} ${kase.name}`, contender(listen, kase)])
  ),
);

export function rows(figures: Figures): Row[] {
  return CASES.map(({ name, most }): Row => {
    const [mine, theirs] = ["sansws", "ws"].map((library) => median(figures[`${library} ${name}`].rss));
    return {
      name: `RSS, ${name}`,
      mine: octets(mine),
      peer: "ws",
      theirs: octets(theirs),
      ratio: theirs / mine,
      floor: most === null ? null : { text: `≤ ${octets(most)}`, reached: mine <= most },
    };
  });
}

const CLIENTS = fileURLToPath(new URL("./footprint-clients.js", import.meta.url));
