// What comes in: a peer in this process, and cases. What goes out: their records. Time is virtual, nothing is random, no socket is opened:
// the same peer leaves the same records, octet for octet, in milliseconds. For machines that do no I/O of their own, which are tested
// here against the same cases as servers and clients on the network. Next file: ../fuzz, the same over sockets.
import type { Connection, Event, Millis, ServerConnection } from "../../../core/types.ts";
import { concat } from "../../frames/encode.ts";
import { type VirtualHost, virtualHost } from "../../support/virtual.ts";
import type { Case } from "../cases/case.ts";
import { isFor } from "../cases/select.ts";
import { answerRequest, judgeRequest } from "./handshake.ts";
import { cutHead } from "./head.ts";
import type { LinkEvents, World } from "./link.ts";
import { type CommonOptions, play, type Player } from "./play.ts";
import type { CaseResult, Profile } from "./result.ts";
import type { Settings } from "./settings.ts";
import { createWire, type PeerEvents, type PeerLink } from "./wire.ts";

/** A peer under test: given its end of a fresh connection, it says what it does. */
export type Peer = (link: PeerLink) => PeerEvents;

/** What a machine's application does with an event. */
export type App = (event: Event, machine: Connection) => void;

export interface RunOptions {
  /** The fuzzer's role; the peer has the other one. */
  readonly role: "client" | "server";
  /** Default "compat". */
  readonly profile?: Profile;
  /** The name in the records. Default: "in-process". */
  readonly agent?: string;
  /** Of masking keys and handshake keys. Default 1. */
  readonly seed?: number;
  /** The most messages of a ping-pong. */
  readonly messages?: number;
  readonly settings?: Partial<Settings>;
  /** Virtual seconds after which a case is given up. Default 1,200. */
  readonly patience?: number;
}

/** Plays every case on a connection of its own, those that mean nothing in the role left out. */
export function run(peer: Peer, cases: readonly Case[], options: RunOptions): readonly CaseResult[] {
  return cases.flatMap((theCase, at) => isFor(theCase, options.role) ? [runOne(peer, theCase, at + 1, options)] : []);
}

/** A machine of the core with an application, as a peer. `make` is called for each connection. */
export function machinePeer(make: () => Connection, app: App = echo): Peer {
  return (link) => {
    const machine = make();
    let armed: Millis | null = null;
    let transport: Connection["transport"] = "keep";
    const drive = (): void => {
      for (let event = machine.poll(); event !== null; event = machine.poll()) app(event, machine);
      for (let out = machine.peekOutput(); out !== null && machine.transport !== "destroy"; out = machine.peekOutput()) {
        link.write(out.slice());
        machine.consumeOutput(out.byteLength);
      }
      if (machine.transport !== transport) {
        transport = machine.transport;
        if (transport === "destroy") link.abort();
        else link.end();
      }
      arm();
    };
    const arm = (): void => {
      const next = machine.nextTimeout(link.now());
      if (next === null || (armed !== null && armed <= next)) return;
      armed = next;
      link.later(Math.max(0, next - link.now()), () => {
        if (armed !== next) return;
        armed = null;
        machine.handleTimeout(link.now());
        drive();
      });
    };
    drive();
    return {
      received(bytes) {
        machine.receive(bytes, link.now());
        drive();
      },
      ended(how) {
        machine.receiveEnd(link.now(), how === "abort" ? new Error("connection reset") : undefined);
        drive();
      },
    };
  };
}

/** Accepts every connection and sends every message back. */
export function echo(event: Event, machine: Connection): void {
  if (event.type === "request") (machine as ServerConnection).accept();
  else if (event.type === "text" || event.type === "binary") machine.send(event.data);
}

function runOne(peer: Peer, theCase: Case, index: number, options: RunOptions): CaseResult {
  const host = virtualHost(options.seed);
  const wire = createWire(host);
  const end = (options.patience ?? PATIENCE) * 1000;
  const agent = options.agent ?? "in-process";
  let result: CaseResult | null = null;
  const common: CommonOptions = {
    link: wire.fuzzer,
    world: worldOf(host),
    index,
    profile: options.profile,
    messages: options.messages,
    settings: options.settings,
    done: (found) => result = found,
  };
  const fuzzer = options.role === "client"
    ? play(theCase, { ...common, role: "client", agent, target: { resource: "/", authority: "localhost:9001" } })
    : listening(theCase, agent, common);
  wire.connect(fuzzer, peer(wire.peer));
  while (result === null && host.now() < end && host.next());
  if (result === null) fuzzer.abandon(host.now() < end ? "Nothing more would happen" : "Given up by the watchdog");
  if (result === null) throw new Error(`case ${theCase.id}: the peer did not ask for a connection`);
  return result;
}

/** The server's side until the request is there, and then the player. */
function listening(theCase: Case, agent: string, common: CommonOptions): LinkEvents & Pick<Player, "abandon"> {
  const reads: Uint8Array[] = [];
  let player: Player | null = null;
  return {
    received(bytes) {
      if (player !== null) return player.received(bytes);
      reads.push(bytes);
      const cut = cutHead(concat(reads));
      if (cut === null) return;
      const judged = judgeRequest(cut.head);
      const answer = "request" in judged
        ? answerRequest(judged.request, theCase.deflate ?? null)
        : { response: judged.response ?? "", deflate: null, failed: judged.failed };
      player = play(theCase, {
        ...common,
        role: "server",
        agent,
        opening: { ...answer, reads, request: cut.head, rest: cut.rest },
      });
    },
    lost: () => player?.lost(),
    abandon: (reason) => player?.abandon(reason),
  };
}

function worldOf(host: VirtualHost): World {
  return {
    now: () => host.now(),
    date: () => 0,
    later: (milliseconds, then) => void host.after(milliseconds, then),
    random: (bytes) => host.random(bytes as Uint8Array<ArrayBuffer>),
  };
}

const PATIENCE = 1200;
