// What comes in: nothing. What goes out: what a flood leaves in one connection (octets held, or queued for a peer that never reads), or that the
// flood was cut. Fragments, few kept messages of many, pings: RFC 6455 §5.4, §5.5.2, §5.5.3, §10.4. The socket is not there, but for the burst
// of pings that an honest peer may send, and reads the answers to. ws is measured as it comes, and without the limits that make it cut.
// Next file: victims.ts, the connections.
import { connect } from "node:net";
import { encode, encodeAll, utf8 } from "../frames/encode.ts";
import { afterHead, FrameReader } from "../frames/reader.ts";
import { requestText } from "../support/machine.ts";
import { collected } from "./memory.ts";
import type { Contender, Contenders, Figures, Pass } from "./race.ts";
import { HOST, LIBRARIES, type Listen } from "./servers.ts";
import { median, octets, type Row } from "./table.ts";
import { CHUNK } from "./traffic.ts";
import { type Open, sansws, type Victim, ws } from "./victims.ts";

/** A figure where there is none: the connection was cut. */
const CUT = NaN;
const FRAGMENTS = 131_000;
const MESSAGES = 900_000;
const ONE_IN = 900;
const PING_OCTETS = 64e6;
const BURST = 1000;

async function fragments(open: Open): Promise<number> {
  let whole = 0;
  const victims = [3000, FRAGMENTS].map((count) => ({ count, ...around(open((data) => whole = data.byteLength)) }));
  const marks: number[] = [];
  for (const { count, victim, flood } of victims) {
    marks.push(await inUse());
    await flood({ opcode: 2, fin: false, payload: ONE }, 1);
    await flood({ opcode: 0, fin: false, payload: ONE }, count - 1);
    if (!victim.open) return CUT;
  }
  const retained = await inUse() - marks[1];
  await victims[1].flood({ opcode: 0, payload: ONE }, 1);
  if (whole !== FRAGMENTS + 1) throw new Error("the message did not come whole");
  return retained;
}

/** Octets held for each octet kept: by the buffers of the messages, or by all there is in the process. */
async function retention(open: Open, all: boolean): Promise<number> {
  const kept: Uint8Array[] = [];
  let count = 0;
  const { flood } = around(open((data) => {
    if (count++ % ONE_IN === 0) kept.push(data);
  }));
  const message = { opcode: 2, payload: new Uint8Array(60).fill(120) };
  await flood(message, 2 * ONE_IN);
  const [before, warm] = [await inUse(), kept.length];
  await flood(message, MESSAGES);
  const after = await inUse();
  if (count !== MESSAGES + 2 * ONE_IN) throw new Error("messages are missing");
  const size = 60 * (kept.length - warm);
  if (all) return (after - before) / size;
  const buffers = new Set(kept.slice(warm).map(({ buffer }) => buffer));
  return [...buffers].reduce((sum, { byteLength }) => sum + byteLength, 0) / size;
}

async function pings(open: Open): Promise<number> {
  const { victim, flood } = around(open(() => {}));
  const ping = { opcode: 9, payload: new Uint8Array(125).fill(46) };
  await flood(ping, Math.ceil(PING_OCTETS / 131));
  return victim.open ? victim.queued : CUT;
}

/** Which ping of a burst is the last that was answered, on real sockets; a message has to be echoed behind it. */
async function burst(listen: Listen): Promise<number> {
  const { port } = await listen(null);
  const socket = connect({ port, host: HOST, noDelay: true });
  const ping = (number: number) => ({ opcode: 9, payload: utf8(`${number}`), mask: MASK });
  const reader = new FrameReader();
  let last = 0;
  socket.setTimeout(10_000, () => socket.destroy());
  try {
    socket.write(requestText());
    let [upgraded, asked] = [false, false];
    for await (const chunk of socket) {
      reader.receive(upgraded ? chunk : chunk.subarray(afterHead(chunk)));
      if (!upgraded) socket.write(encodeAll(Array.from({ length: BURST }, (_, i) => ping(i + 1))));
      upgraded = true;
      for (let frame = reader.next(); frame !== null; frame = reader.next()) {
        if (frame.opcode === 1) return last;
        last = Number(new TextDecoder().decode(frame.payload));
      }
      if (last === BURST && !asked) {
        socket.write(encode({ opcode: 1, payload: utf8("still there?"), mask: MASK }));
        asked = true;
      }
    }
  } catch {
    // reset, or silent for too long
  } finally {
    socket.destroy();
  }
  return CUT;
}

/** A flood is one frame over and over, in reads of 64 KiB: each in a turn and in memory of its own. It ends when the connection is cut. */
function around(victim: Victim): { victim: Victim; flood(frame: Parameters<typeof encode>[0], count: number): Promise<void> } {
  const flood = async (frame: Parameters<typeof encode>[0], count: number): Promise<void> => {
    const one = encode({ ...frame, mask: MASK });
    const many = Buffer.alloc(CHUNK + one.byteLength, one);
    const total = count * one.byteLength;
    for (let at = 0; at < total && victim.open; at += CHUNK) {
      const from = at % one.byteLength;
      victim.socket.emit("data", Buffer.from(many.subarray(from, from + Math.min(CHUNK, total - at))));
      await new Promise((resolve) => setImmediate(resolve));
    }
  };
  return { victim, flood };
}
async function inUse(): Promise<number> {
  const { heapUsed, external } = await collected();
  return heapUsed + external;
}

function contender(open: Open, listen: Listen | null): Contender {
  const passes: Record<string, Pass> = {
    fragments: () => fragments(open),
    buffers: () => retention(open, false),
    all: () => retention(open, true),
    pings: () => pings(open),
    ...listen === null ? {} : { burst: () => burst(listen) },
  };
  return { cases: Object.keys(passes), prepare: (name) => passes[name], once: true, flags: ["--expose-gc"] };
}

export const contenders: Contenders = {
  sansws: contender(sansws, LIBRARIES.sansws),
  ws: contender(ws({}), LIBRARIES.ws),
  "ws, no limits": contender(ws({ maxFragments: 0, maxBufferedChunks: 0, maxPendingAutoPongs: 0 }), null),
};

export function rows(figures: Figures): Row[] {
  return ROWS.map(({ kase, name, peer, unit, floor }): Row => {
    const [mine, theirs] = [median(figures.sansws[kase]), median(figures[peer][kase])];
    const [ours, peers] = [mine, theirs].map((figure) => Number.isNaN(figure) ? "cut" : unit(figure));
    const reached = floor === null ? null : { text: floor.text, reached: floor.holds(mine) };
    return { name, mine: ours, peer, theirs: peers, ratio: kase === "burst" ? NaN : theirs / mine, floor: reached };
  });
}

interface Wanted {
  readonly kase: string;
  readonly name: string;
  readonly peer: string;
  unit(figure: number): string;
  readonly floor: { readonly text: string; holds(figure: number): boolean } | null;
}
const times = (figure: number): string => `${figure.toPrecision(3)}×`;
const both = (row: Omit<Wanted, "peer">): Wanted[] => ["ws", "ws, no limits"].map((peer) => ({ ...row, peer }));
const ROWS: readonly Wanted[] = [
  ...both({
    kase: "fragments",
    name: "131,000 fragments of 1 octet, held",
    unit: octets,
    floor: { text: "≤ 0.3 MB", holds: (figure) => figure <= 0.3e6 },
  }),
  {
    kase: "buffers",
    name: "1 in 900 of 60 octets kept, buffers",
    peer: "ws",
    unit: times,
    floor: { text: "≤ 2×", holds: (figure) => figure <= 2 },
  },
  { kase: "all", name: "the same, with their objects", peer: "ws", unit: times, floor: null },
  ...both({
    kase: "pings",
    name: "64 MB of pings, none read, queued",
    unit: octets,
    floor: { text: "≤ 64 KiB", holds: (figure) => figure <= 65536 },
  }),
  {
    kase: "burst",
    name: "1,000 pings at once, last answered",
    peer: "ws",
    unit: (figure) => `${figure}`,
    floor: { text: `${BURST}`, holds: (figure) => figure === BURST },
  },
];

const ONE = Uint8Array.of(120);
const MASK = Uint8Array.of(0x37, 0xfa, 0x21, 0x3d);
