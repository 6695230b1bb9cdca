// What comes in: a seed. What goes out: nothing, or an error: a client and a server, or two of each, have met over a bad network, have said
// what they had to say, and are gone; what must hold for every life has held. Next file: main.ts.
import type { SocketOptions } from "../../adapters/socket/handle.ts";
import { clientConnection, requestHead, serverConnection, upgradedConnection } from "../../core/index.ts";
import type { Bytes, ClientOptions, Deflate, Role } from "../../core/types.ts";
import type { Recorder } from "../../core/record/recorder.ts";
import { EAGER, occupyMemory, startMemoryAnew } from "../support/machine.ts";
import { Bare } from "./bare.ts";
import { dice } from "./dice.ts";
import { planOf } from "./draw.ts";
import { Ledger } from "./ledger.ts";
import { Port } from "./network.ts";
import { bareSide, TARGET } from "./opening.ts";
import type { PairPlan, Plan } from "./plan.ts";
import { SocketSide } from "./sockets.ts";
import type { Side, Stage } from "./stage.ts";
import type { Talk } from "./talk.ts";
import type { Tally } from "./tally.ts";
import { Watch } from "./watch.ts";
import { World } from "./world.ts";

export interface Living {
  readonly tally: Tally;
  /** Takes the lines of the history. */
  readonly history?: string[];
  /** What makes the machine of a side: "client", "server", and in a second pair "client2", "server2". */
  readonly record?: (name: string) => Recorder;
  /** Takes the octets that each side has written. */
  readonly written?: Map<string, Bytes[]>;
}

/** Lives one lifetime to its end. Throws what went wrong. A lifetime of bare machines is over when this returns. */
export async function live(seed: number, living: Living): Promise<void> {
  const { tally, history = null } = living;
  const world = new World(dice(seed), history);
  // Connections share memory for output: what a neighbour holds of it belongs to the lifetime too.
  startMemoryAnew();
  const leave = occupyMemory(world.dice.chance(0.5) ? world.dice.below(131_000) : 0);
  const plan = planOf(world.dice);
  const sides = raise(world, plan, living);
  const isAsync = sides.some((side) => side instanceof SocketSide);
  if (plan.jump !== null) {
    const { at, by } = plan.jump;
    world.at(at, () => {
      tally.count("time jump");
      world.note("", `the clock jumps by ${by}`);
      world.jump(by);
    });
  }
  if (isAsync) await settled();
  for (let steps = 0; world.next(); steps++) {
    if (isAsync) await settled();
    if (world.failure !== null) throw world.failure.error;
    if (steps > STEPS || world.now() > FOREVER) throw new Error(`no end after ${steps} steps, at ${world.now()}`);
  }
  leave();
  for (const side of sides) side.buried();
  if (plan.calm) {
    const all = sides.every(({ clean }) => clean);
    if (!all) throw new Error("in calm weather, and yet not clean");
    tally.count("life calm");
  } else tally.count("life wild");
  if (plan.pairs.length > 1) tally.count(plan.proxied ? "life proxied" : "life crowded");
}

function raise(world: World, plan: Plan, living: Living): Side[] {
  const crowd: Talk[] = [];
  const [first, second] = plan.pairs.map((pair, i) => couple(world, pair, i === 0 ? "" : String(i + 1), crowd, living));
  const [server] = first, [, client] = second ?? [];
  if (plan.proxied && server instanceof Bare && client instanceof Bare) {
    server.join(client);
    client.join(server);
  }
  const sides = [...first, ...second ?? []];
  for (const side of sides) side.start();
  return sides;
}
/** A server and a client, joined by two links. */
function couple(
  world: World,
  pair: PairPlan,
  number: string,
  crowd: Talk[],
  { tally, written, record }: Living,
): readonly [server: Side, client: Side] {
  const http2 = pair.opening === "http2";
  const ledgers = { client: new Ledger(), server: new Ledger() };
  const portOf = (role: Role): Port => {
    const name = role + number, octets: Bytes[] | null = written === undefined ? null : [];
    if (octets !== null) written!.set(name, octets);
    const framed = pair.opening === "upgraded" || (http2 && role === "client");
    const watch = new Watch(role, tally, framed);
    return new Port(world, { role, name, http2, plan: pair.links[role], watch, ledger: ledgers[role], tally, written: octets });
  };
  const ports = { client: portOf("client"), server: portOf("server") };
  ports.client.join(ports.server);
  ports.server.join(ports.client);
  world.late = Math.max(world.late, pair.client.late, pair.server.late);
  tally.count(`opening ${pair.opening}`);
  const deflateOf = (role: Role): Deflate | null =>
    pair[role].compresses ? { ...EAGER, contextTakeover: pair[role].contextTakeover } : null;
  const sideOf = (role: Role): Side => {
    const { player, messages, limits, timers } = pair[role];
    const compress = deflateOf(role);
    const stage: Stage = {
      world,
      plan: pair[role],
      port: ports[role],
      tally,
      said: ledgers[role],
      hears: ledgers[role === "client" ? "server" : "client"],
      compress,
      crowd,
      head: http2 && role === "server" ? requestHead(TARGET, { deflate: deflateOf("client") }) : undefined,
    };
    tally.count(`player ${player}`);
    tally.count(`messages ${messages}`);
    const options: SocketOptions = { messages, limits, timers, deflate: compress };
    const make = record?.(role + number);
    if (player === "machine") return bareSide(stage, pair, { messages, limits, timers, deflate: compress }, make ?? PLAIN);
    return new SocketSide(stage, make === undefined ? options : { ...options, record: make });
  };
  return [sideOf("server"), sideOf("client")];
}
/** Everything that waits for a promise has run. */
function settled(): Promise<void> {
  return new Promise((resolve) => void setImmediate(resolve));
}

/** Makes machines that are not recorded. */
export const PLAIN: Recorder = {
  client: clientConnection,
  server: serverConnection,
  upgraded: (role, agreement, options) =>
    role === "client"
      ? upgradedConnection("client", agreement, options as ClientOptions)
      : upgradedConnection("server", agreement, options),
};
const STEPS = 100_000;
const FOREVER = 1e9;
