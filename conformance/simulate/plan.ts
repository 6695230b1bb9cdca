// What comes in: the dice of a seed. What goes out: what shall happen in a lifetime: who plays each side and how badly, what is said, what
// the links do to it. Nothing is decided by chance of another source, so a lifetime is its seed. Next file: world.ts.
import type { DeflateParams, Limits, Millis, Role, Timers } from "../../core/types.ts";
import type { Dice } from "./dice.ts";

export interface Plan {
  /** The opening handshake on the wire, or already behind. */
  readonly opening: "handshake" | "upgraded";
  readonly client: SidePlan;
  readonly server: SidePlan;
  /** What octets of this side go through. */
  readonly links: Readonly<Record<Role, LinkPlan>>;
  /** Nothing is lost or broken and nobody is late: both sides must end clean, with everything delivered. */
  readonly calm: boolean;
  /** For `upgraded`. */
  readonly deflate: DeflateParams | null;
  /** The process stands still: at this moment the clock jumps. null: never. */
  readonly jump: { readonly at: Millis; readonly by: Millis } | null;
}
/** How a side is driven: a bare machine by a host that is as bad as it may be, or the socket layer of the adapters. */
export type Player = "machine" | "handlers" | "iterator";
export interface SidePlan {
  readonly player: Player;
  readonly messages: "whole" | "parts" | "raw";
  /** Offers compression, or agrees to it. */
  readonly compresses: boolean;
  readonly contextTakeover: boolean;
  readonly limits: Partial<Limits>;
  readonly timers: Partial<Timers>;
  /** What it says, and when. */
  readonly says: readonly Saying[];
  /** After its last saying it closes; Infinity: never. */
  readonly closesAt: Millis;
  readonly closeCode: number | undefined;
  /** It answers every so-manieth message; 0: none. */
  readonly answers: number;
  /** What comes in goes out again by `relay`, in place of answers; raw only. */
  readonly relays: boolean;
  /** The application throws at this event; -1: never. */
  readonly throwsAt: number;
  /** It leaves what has arrived lying for up to so long, every few events. */
  readonly dawdles: Millis;
  /** Events in one turn. */
  readonly appetite: number;
  /** Timers come up to so late. */
  readonly late: Millis;
  /** A server: what becomes of the request. */
  readonly answer: "accept" | "later" | "reject" | "throw";
}
export type Saying =
  | {
    readonly at: Millis;
    readonly what: "message";
    readonly size: number;
    readonly kind: "text" | "binary";
    /** Fragments; 1: one frame. */
    readonly parts: number;
    readonly how: "send" | "give" | "prepared" | "plain";
  }
  | { readonly at: Millis; readonly what: "ping"; readonly count: number }
  | { readonly at: Millis; readonly what: "terminate" };
export interface LinkPlan {
  /** The most octets that arrive at once. */
  readonly piece: number;
  readonly delay: Millis;
  /** Octets under way before a write has to wait. */
  readonly window: number;
  /** The most octets that one write takes. */
  readonly write: number;
  /** A write is done at once, or later. */
  readonly writes: "now" | "later";
  readonly fault: LinkFault | null;
}
/** What happens to the octets behind the first `at`. */
export interface LinkFault {
  readonly kind: "stall" | "hang" | "cut" | "reset" | "corrupt";
  readonly at: number;
  /** How long it stalls, or which bits are wrong. */
  readonly amount: number;
}

export function planOf(dice: Dice): Plan {
  const calm = dice.chance(0.4);
  const sockets = dice.chance(0.35);
  const opening = sockets || dice.chance(0.6) ? "handshake" : "upgraded";
  const compresses = dice.chance(0.3);
  const span = dice.spread(5, 2000);
  const side = (role: Role): SidePlan => sidePlan(dice, { role, calm, sockets, compresses, span });
  const client = side("client"), server = side("server");
  const octets = [...client.says, ...server.says].reduce(
    (sum, one) => sum + (one.what === "message" ? 2 * one.size + 40 : 400),
    800,
  );
  const links = { client: linkPlan(dice, calm, octets), server: linkPlan(dice, calm, octets) };
  const bits = (): number => dice.chance(0.5) ? 15 : dice.between(8, 15);
  const deflate = compresses
    ? {
      serverWindowBits: bits(),
      clientWindowBits: bits(),
      serverTakeover: server.contextTakeover,
      clientTakeover: client.contextTakeover,
    }
    : null;
  const jump = !calm && dice.chance(0.15) ? { at: dice.below(span), by: dice.spread(10, 100_000) } : null;
  return { opening, client, server, links, calm, deflate, jump };
}

interface Frame {
  readonly role: Role;
  readonly calm: boolean;
  readonly sockets: boolean;
  readonly compresses: boolean;
  readonly span: Millis;
}

function sidePlan(dice: Dice, { role, calm, sockets, compresses, span }: Frame): SidePlan {
  const player = sockets ? dice.pick<Player>(["machine", "handlers", "handlers", "iterator"]) : "machine";
  const messages = player === "iterator" ? dice.pick(["whole", "parts"] as const) : dice.pick(["whole", "parts", "raw"] as const);
  const wild = !calm;
  const relays = messages === "raw" && role === "server" && player === "machine" && dice.chance(0.3);
  const answers = !relays && dice.chance(0.3) ? dice.between(1, 3) : 0;
  const says = sayings(dice, wild, span);
  return {
    player,
    messages,
    compresses,
    contextTakeover: dice.chance(0.5),
    limits: limitsOf(dice, wild),
    timers: wild && dice.chance(0.4) ? shortTimers(dice) : {},
    // A piece of a relayed text may end inside of a character, where no message of its own may come.
    says: relays ? says.filter(({ what }) => what !== "message") : says,
    // One of both closes for sure, if nothing else ends them: the server, unless the plan of the client says so earlier.
    closesAt: role === "server" || dice.chance(0.5) ? span + dice.below(50) : Infinity,
    closeCode: dice.pick([undefined, 1000, 1001, 1011, 3000, 4999]),
    answers,
    relays,
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
      says.push({ at, what: "ping", count: wild && dice.chance(0.2) ? dice.spread(10, 100) : dice.between(1, 3) });
      continue;
    }
    const size = dice.chance(0.05)
      ? dice.spread(5000, 200_000)
      : dice.chance(0.1)
      ? dice.pick(BORDERS)
      : dice.spread(1, 2000) - 1;
    says.push({
      at,
      what: "message",
      size,
      kind: dice.pick(["text", "binary"] as const),
      parts: dice.chance(0.2) ? dice.between(2, 6) : 1,
      how: dice.pick(["send", "send", "give", "prepared", "plain"] as const),
    });
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
