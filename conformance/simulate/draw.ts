// What comes in: the dice of a seed. What goes out: the plan of a lifetime. Nothing is decided by chance of another source, so a lifetime
// is its seed. Next file: world.ts.
import type { Limits, Millis, Role, Timers } from "../../core/types.ts";
import type { Dice } from "./dice.ts";
import type { LinkPlan, Message, Opening, PairPlan, Plan, Player, Saying, SidePlan } from "./plan.ts";

export function planOf(dice: Dice): Plan {
  const calm = dice.chance(0.4);
  const span = dice.spread(5, 2000);
  const proxied = dice.chance(0.05);
  const proxies: readonly (Role | null)[] = proxied ? ["server", "client"] : dice.chance(0.05) ? [null, null] : [null];
  const couples = proxies.map((proxy) => coupleOf(dice, calm, span, proxy));
  const octets = couples.flatMap(({ client, server }) => [...client.says, ...server.says]).reduce(
    (sum, one) => sum + (one.what === "message" ? 2 * one.size + 40 : 400),
    800,
  );
  const pairs = couples.map((couple): PairPlan => ({
    ...couple,
    links: { client: linkPlan(dice, calm, octets), server: linkPlan(dice, calm, octets) },
  }));
  const jump = !calm && dice.chance(0.15) ? { at: dice.below(span), by: dice.spread(10, 100_000) } : null;
  return { pairs, proxied, calm, jump };
}

/** A pair without its links. `proxy`: this side of it belongs to a proxy. */
function coupleOf(dice: Dice, calm: boolean, span: Millis, proxy: Role | null): Omit<PairPlan, "links"> {
  const sockets = dice.chance(0.35);
  // A proxy turns to a server as soon as there is a client: no time for a host to ask first.
  const opening = proxy !== "client" && dice.chance(0.15) ? "http2" : sockets || dice.chance(0.6) ? "handshake" : "upgraded";
  const compresses = dice.chance(0.3);
  const side = (role: Role): SidePlan => {
    const plan = sidePlan(dice, { role, calm, player: playerOf(dice, role, sockets, opening), compresses, span });
    return proxy === role ? proxying(plan) : plan;
  };
  const client = side("client"), server = side("server");
  const bits = (): number => dice.chance(0.5) ? 15 : dice.between(8, 15);
  const deflate = compresses
    ? {
      serverWindowBits: bits(),
      clientWindowBits: bits(),
      serverTakeover: server.contextTakeover,
      clientTakeover: client.contextTakeover,
    }
    : null;
  return { opening, client, server, deflate };
}
/** The socket layer dials for HTTP/1 only. */
function playerOf(dice: Dice, role: Role, sockets: boolean, opening: Opening): Player {
  if (!sockets || (role === "client" && opening === "http2")) return "machine";
  return dice.pick(["machine", "handlers", "handlers", "iterator"]);
}
/**
 * A side that passes on what the other side of the proxy hears, its end included. Nothing is read for a side that takes nothing, so that its
 * stall deadline is all that tells of its end.
 */
function proxying(plan: SidePlan): SidePlan {
  const says = plan.says.filter(fitsRelay), timers = { ...plan.timers, stall: plan.timers.stall || 30_000 };
  return { ...plan, player: "machine", messages: "raw", relays: "on", answers: 0, says, timers, closesAt: Infinity };
}

interface Frame {
  readonly role: Role;
  readonly calm: boolean;
  readonly player: Player;
  readonly compresses: boolean;
  readonly span: Millis;
}
function sidePlan(dice: Dice, { role, calm, player, compresses, span }: Frame): SidePlan {
  const messages = player === "iterator" ? dice.pick(["whole", "parts"] as const) : dice.pick(["whole", "parts", "raw"] as const);
  const wild = !calm;
  const relays = messages === "raw" && role === "server" && dice.chance(0.3);
  const answers = !relays && dice.chance(0.3) ? dice.between(1, 3) : 0;
  const says = sayings(dice, wild, span);
  return {
    player,
    messages,
    compresses,
    contextTakeover: dice.chance(0.5),
    limits: limitsOf(dice, wild),
    timers: wild && dice.chance(0.4) ? shortTimers(dice) : {},
    says: relays ? says.filter(fitsRelay) : says,
    // One of both closes for sure, if nothing else ends them: the server, unless the plan of the client says so earlier.
    closesAt: role === "server" || dice.chance(0.5) ? span + dice.below(50) : Infinity,
    closeCode: dice.pick([undefined, 1000, 1001, 1011, 3000, 4999]),
    answers,
    relays: relays ? "back" : "no",
    throwsAt: wild && dice.chance(0.1) ? dice.below(10) : -1,
    dawdles: dice.chance(0.3) ? dice.spread(1, calm ? 10 : 2000) : 0,
    appetite: dice.pick([1, 2, 100]),
    late: wild && dice.chance(0.3) ? dice.spread(1, 5000) : 0,
    answer: dice.chance(0.85) ? "accept" : calm || dice.chance(0.6) ? "later" : dice.pick(["reject", "throw"] as const),
  };
}

function sayings(dice: Dice, wild: boolean, span: Millis): Saying[] {
  const says: Saying[] = [];
  for (let count = dice.below(8); count > 0; count--) {
    const at = dice.below(span);
    if (dice.chance(0.15)) {
      const count = wild && dice.chance(0.2) ? dice.spread(10, 100) : dice.between(1, 3);
      says.push({ at, what: "ping", count, size: dice.pick(PINGS) });
    } else says.push({ at, what: "message", ...messageOf(dice) });
  }
  if (wild && dice.chance(0.05)) {
    const at = dice.below(span);
    for (let count = dice.spread(10, 100); count > 0; count--) {
      says.push({ at, what: "message", size: dice.below(4), kind: "text", parts: 1, how: "send" });
    }
  }
  if (wild && dice.chance(0.05)) says.push({ at: dice.below(span), what: "terminate" });
  return says.sort((a, b) => a.at - b.at);
}
function messageOf(dice: Dice): Message {
  const size = dice.chance(0.05) ? dice.spread(5000, 200_000) : dice.chance(0.1) ? dice.pick(BORDERS) : dice.spread(1, 2000) - 1;
  const how = dice.pick(["send", "send", "give", "prepared", "plain"] as const);
  return {
    // What is given and large is not copied.
    size: how === "give" && dice.chance(0.03) ? dice.between(65_536, 140_000) : size,
    kind: dice.pick(["text", "binary"] as const),
    parts: dice.chance(0.2) ? dice.between(2, 6) : 1,
    how,
  };
}
/** A piece of a relayed text may end inside of a character: text of its own would go on there, unless it is a message in one piece. */
function fitsRelay(saying: Saying): boolean {
  return saying.what !== "message" || saying.kind === "binary" || saying.how === "prepared";
}

function limitsOf(dice: Dice, wild: boolean): Partial<Limits> {
  if (dice.chance(0.6)) return {};
  const soft: Partial<Limits> = { highWaterMark: dice.spread(1, 100_000), pongs: dice.between(1, 16) };
  if (!wild || dice.chance(0.5)) return soft;
  return { ...soft, output: dice.spread(100, 100_000), message: dice.spread(1, 100_000), fragments: dice.spread(1, 100) };
}
function shortTimers(dice: Dice): Partial<Timers> {
  const period = (): number => dice.spread(1, 3000);
  const some = (): number => dice.chance(0.2) ? 0 : period();
  return { handshake: period(), idle: some(), ping: some(), pong: some(), stall: some(), close: period() };
}

/** In calm weather everything is through within two seconds. */
function linkPlan(dice: Dice, calm: boolean, octets: number): LinkPlan {
  const delay = dice.chance(0.3) ? 0 : dice.spread(1, calm ? 4 : 300);
  const least = Math.ceil(octets / (calm ? 30 : 50)); // a lifetime is some hundred steps
  const size = (): number => dice.chance(0.3) ? 1_000_000 : Math.max(least, dice.spread(1, 5000));
  const kind = dice.chance(calm ? 0.2 : 0.6)
    ? dice.pick(calm ? ["stall"] as const : ["stall", "hang", "cut", "reset", "reset", "corrupt"] as const)
    : null;
  return {
    piece: size(),
    delay,
    window: Math.max(size(), least),
    write: size(),
    writes: dice.pick(["now", "later"] as const),
    fault: kind === null ? null : {
      kind,
      at: dice.chance(0.3) ? dice.below(400) : dice.below(octets),
      amount: kind === "corrupt" ? 1 << dice.below(8) : dice.spread(1, calm ? 1000 : 60_000),
    },
  };
}

const BORDERS: readonly number[] = [0, 1, 63, 64, 65, 124, 125, 126, 127, 1023, 1024, 4096, 8191, 8192, 65535, 65536, 131_072];
/** Octets of a Ping; two are the machine's own. */
const PINGS: readonly number[] = [0, 1, 3, 8, 124, 125];
