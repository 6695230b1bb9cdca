// What comes in: options of both sides. What goes out: a client and a server joined by a lossless wire, on one virtual clock.
// Laws L6, L11 to L14, L16, L19 to L21. No socket, no sleep: time moves only in `step`. Next file: told.ts.
import { clientConnection, serverConnection, upgradedConnection } from "../../core/index.ts";
import type {
  Acceptance,
  Agreement,
  Bytes,
  ClientTarget,
  Connection,
  Event,
  Millis,
  Options,
  Role,
  ServerConnection,
} from "../../core/types.ts";
import { concat } from "../frames/encode.ts";
import { seededRandom } from "./virtual.ts";

export interface PairOptions {
  readonly client?: Options;
  readonly server?: Options;
  /** Both sides start open with this agreement; without it they shake hands. */
  readonly agreement?: Agreement;
  readonly target?: Partial<ClientTarget>;
  /** The server's answer; null: nothing accepts, the application does. */
  readonly accept?: Acceptance | null;
  /** Of the client's masks. */
  readonly seed?: number;
  /** Octets in the next piece on the wire. Default: all there are. */
  readonly cut?: (from: Role) => number;
  /** Called with each event before the next one is polled. */
  readonly app?: (event: Event, side: Role, pair: Pair) => void;
}
export interface Entry {
  readonly at: Millis;
  readonly side: Role;
  readonly event: Event;
}
export interface Pair {
  readonly client: Connection;
  readonly server: Connection;
  /** Every event of both sides, bytes of raw pieces copied. */
  readonly log: readonly Entry[];
  readonly now: Millis;
  events(side: Role): readonly Event[];
  /** Everything one side wrote, the HTTP head included. */
  wire(side: Role): Bytes;
  /** Every value that the side's `transport` had, in order. */
  transports(side: Role): readonly Connection["transport"][];
  /** Moves bytes until nothing moves. */
  settle(): void;
  /** Moves time to the next deadline and settles; false: there is none. */
  step(): boolean;
  /** Steps until both sides are closed, at most so many times. */
  finish(steps?: number): void;
  /** The wire breaks: both sides get an error, what is under way is lost. */
  sever(): void;
}

interface Side {
  readonly role: Role;
  readonly machine: Connection;
  readonly written: Bytes[];
  readonly transports: Connection["transport"][];
  /** It has stopped writing, and the other side has been told. */
  ended: boolean;
}

export function pair(options: PairOptions = {}): Pair {
  let now: Millis = 0;
  const log: Entry[] = [];
  const sides = machines(options).map((machine): Side => ({
    role: machine.role,
    machine,
    written: [],
    transports: [machine.transport],
    ended: false,
  }));
  const [client, server] = sides;
  const side = (role: Role): Side => role === "client" ? client : server;

  const report = (from: Side): boolean => {
    const { machine, role } = from;
    let moved = false;
    for (let event = machine.poll(); event !== null; event = machine.poll()) {
      moved = true;
      const kept = event.type === "raw"
        ? { ...event, bytes: event.bytes.slice(event.start, event.end), start: 0, end: event.end - event.start }
        : event;
      log.push({ at: now, side: role, event: kept });
      if (event.type === "request" && options.accept !== null) (machine as ServerConnection).accept(options.accept);
      options.app?.(event, role, joined);
    }
    return moved;
  };
  const move = (from: Side, to: Side): boolean => {
    const { machine, role } = from;
    let moved = report(from);
    const out = machine.transport === "destroy" ? null : machine.peekOutput();
    if (out !== null) {
      const piece = new Uint8Array(out.subarray(0, Math.max(1, options.cut?.(role) ?? Infinity)));
      machine.consumeOutput(piece.byteLength);
      from.written.push(piece);
      to.machine.receive(piece.slice(), now);
      moved = true;
    }
    const { transport } = machine;
    if (transport !== from.transports.at(-1)) from.transports.push(transport);
    if (!from.ended && (transport === "destroy" || (transport === "end" && machine.peekOutput() === null))) {
      from.ended = moved = true;
      to.machine.receiveEnd(now);
      if (transport === "destroy") machine.receiveEnd(now);
    }
    machine.nextTimeout(now);
    return moved;
  };
  const settle = (): void => {
    for (let moved = true; moved;) {
      moved = move(client, server);
      moved = move(server, client) || moved;
    }
  };
  const step = (): boolean => {
    const next = Math.min(...sides.map(({ machine }) => machine.nextTimeout(now) ?? Infinity));
    if (next === Infinity) return false;
    now = Math.max(now, next);
    for (const { machine } of sides) machine.handleTimeout(now);
    settle();
    return true;
  };
  const joined: Pair = {
    client: client.machine,
    server: server.machine,
    log,
    get now() {
      return now;
    },
    events: (role) => log.filter((entry) => entry.side === role).map((entry) => entry.event),
    wire: (role) => concat(side(role).written),
    transports: (role) => side(role).transports,
    settle,
    step,
    finish(steps = 100) {
      settle();
      const open = (): boolean => sides.some(({ machine }) => machine.state !== "closed");
      for (let count = 0; open() && count < steps; count++) if (!step()) return;
    },
    sever() {
      for (const one of sides) {
        one.ended = true;
        one.machine.receiveEnd(now, new Error("connection reset"));
      }
      settle();
    },
  };
  return joined;
}

function machines(
  { client = {}, server = {}, agreement, target, seed = 1 }: PairOptions,
): [client: Connection, server: Connection] {
  const withRandom = { ...client, random: seededRandom(seed) };
  if (agreement !== undefined) {
    return [upgradedConnection("client", agreement, withRandom), upgradedConnection("server", agreement, server)];
  }
  return [clientConnection({ authority: "localhost", target: "/", ...target }, withRandom), serverConnection(server)];
}
