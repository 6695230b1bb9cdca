// What comes in: a seed. What goes out: nothing, or an error: two sides have met over a bad network, have said what they had to say, and are
// gone; what must hold for every life has held. Next file: main.ts.
import type { SocketOptions } from "../../adapters/socket/handle.ts";
import { clientConnection, serverConnection, upgradedConnection } from "../../core/index.ts";
import type { Bytes, ClientOptions, Connection, Deflate, Options, Role } from "../../core/types.ts";
import type { Recorder } from "../../core/record/recorder.ts";
import { agreementOf } from "../support/agreement.ts";
import { EAGER, occupyMemory, startMemoryAnew } from "../support/machine.ts";
import { Bare, type Side, type Stage } from "./bare.ts";
import { dice } from "./dice.ts";
import { Ledger } from "./ledger.ts";
import { Port } from "./network.ts";
import { type Plan, planOf } from "./plan.ts";
import { SocketSide } from "./sockets.ts";
import type { Tally } from "./tally.ts";
import { Watch } from "./watch.ts";
import { World } from "./world.ts";

export interface Living {
  readonly tally: Tally;
  /** Takes the lines of the history. */
  readonly history?: string[];
  /** Makes the machines of both sides. */
  readonly record?: Recorder;
  /** Takes the octets that each side has written. */
  readonly written?: Readonly<Record<Role, Bytes[]>>;
}

/** Lives one lifetime to its end. Throws what went wrong. A lifetime of two bare machines is over when this returns. */
export async function live(seed: number, living: Living): Promise<void> {
  const { tally, history = null } = living;
  const world = new World(dice(seed), history);
  // Connections share memory for output: what a neighbour holds of it belongs to the lifetime too.
  startMemoryAnew();
  const leave = occupyMemory(world.dice.chance(0.5) ? world.dice.below(131_000) : 0);
  const plan = planOf(world.dice);
  const { sides, isAsync } = raise(world, plan, living);
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
    const both = sides.every(({ clean }) => clean);
    if (!both) throw new Error("in calm weather, and yet not clean");
    tally.count("life calm");
  } else tally.count("life wild");
}

function raise(
  world: World,
  plan: Plan,
  { tally, written, record }: Living,
): { readonly sides: readonly Side[]; readonly isAsync: boolean } {
  const fromClient = new Ledger(), fromServer = new Ledger();
  const upgraded = plan.opening === "upgraded";
  const port = (role: Role, ledger: Ledger): Port =>
    new Port(world, {
      role,
      plan: plan.links[role],
      watch: new Watch(role, tally, upgraded),
      ledger,
      tally,
      written: written?.[role] ?? null,
    });
  const ports = { client: port("client", fromClient), server: port("server", fromServer) };
  ports.client.join(ports.server);
  ports.server.join(ports.client);
  world.late = Math.max(plan.client.late, plan.server.late);
  const side = (role: Role): Bare | SocketSide => {
    const mine = plan[role];
    const deflate: Deflate | null = mine.compresses ? { ...EAGER, contextTakeover: mine.contextTakeover } : null;
    const stage: Stage = {
      world,
      plan: mine,
      port: ports[role],
      tally,
      said: role === "client" ? fromClient : fromServer,
      hears: role === "client" ? fromServer : fromClient,
      compress: deflate,
    };
    const { messages, limits, timers, player } = mine;
    const options: SocketOptions = { messages, limits, timers, deflate, ...(record === undefined ? {} : { record }) };
    tally.count(`player ${player}`);
    tally.count(`messages ${messages}`);
    return player === "machine"
      ? new Bare(born(role, plan, { messages, limits, timers, deflate }, world, record ?? PLAIN), stage)
      : new SocketSide(stage, options);
  };
  const sides = [side("server"), side("client")];
  for (const one of sides) one.start();
  return { sides, isAsync: sides.some((one) => one instanceof SocketSide) };
}
function born(role: Role, { opening, deflate }: Plan, options: Options, { random }: World, make: Recorder): Connection {
  const forClient: ClientOptions = { ...options, random };
  if (opening === "upgraded") return make.upgraded(role, agreementOf(deflate), role === "client" ? forClient : options);
  return role === "client" ? make.client({ authority: "localhost", target: "/" }, forClient) : make.server(options);
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
