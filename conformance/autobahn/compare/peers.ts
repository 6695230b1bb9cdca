// What comes in: nothing. What goes out: the table of peers that both suites are played against, in either role: one correct, the others
// broken, each in one way. A verdict that only correct peers meet is not tried at all. The last rows take a machine of the core, which
// compresses, and change what it sends. RFC 6455 §5 to §8; RFC 7692 §7. Next file: process.ts, the same peers over sockets.
import { zlib } from "../../../adapters/zlib.ts";
import { clientConnection, serverConnection } from "../../../core/index.ts";
import { seededRandom } from "../../support/virtual.ts";
import { machinePeer, type Peer } from "../engine/in-process.ts";
import { tampered, type Tampering } from "../engine/tampered.ts";
import type { Role } from "../genuine/verdicts.ts";
import { answerTo, type Flaws, handmade, requestOf } from "./handmade.ts";

/** Where a client connects to. */
export interface Where {
  /** Host and port. */
  readonly authority: string;
  /** Path and query. */
  readonly resource: string;
}

/** One row of the table. */
export interface BrokenPeer {
  /** What is wrong with it; for people. */
  readonly what: string;
  /** It lets the fuzzer wait for a timer in most cases. */
  readonly slow?: boolean;
  /** Default: both. */
  readonly roles?: readonly Role[];
  /** Cases that cannot be compared. */
  readonly skips?: { readonly cases: readonly string[]; readonly why: string };
  /** A peer for one connection; `where` is for clients. */
  make(role: Role, where: Where): Peer;
}

const flawed = (flaws: Flaws) => (role: Role, { authority, resource }: Where): Peer =>
  handmade({ role, flaws, head: role === "client" ? () => requestOf(authority, resource) : answerTo });

const compressing = (tampering: Tampering) => (role: Role, { authority, resource: target }: Where): Peer => {
  const deflate = { engine: zlib, threshold: 0 };
  const machine = role === "server"
    ? machinePeer(() => serverConnection({ deflate }))
    : machinePeer(() => clientConnection({ authority, target }, { random: seededRandom(), deflate }));
  return tampered(machine, tampering);
};

const ODD = Uint8Array.of(0xff);

/** The peers by name. */
export const PEERS: Readonly<Record<string, BrokenPeer>> = {
  correct: { what: "nothing", make: flawed({}) },
  silent: { what: "says nothing behind the opening handshake", slow: true, make: flawed({ silent: true }) },
  "drops-at-once": { what: "drops TCP behind the opening handshake", make: flawed({ dropsAtOnce: true }) },
  "never-answers-close": { what: "passes over every Close", slow: true, make: flawed({ close: "ignores" }) },
  "never-sends-close": { what: "drops TCP where a Close is due", make: flawed({ close: "drops" }) },
  "keeps-tcp": {
    what: "a server that never ends TCP",
    slow: true,
    roles: ["server"],
    skips: { cases: ["6.4.*"], why: "the original waits for ever: no timer is armed when the server closes" },
    make: flawed({ keepsTcp: true }),
  },
  "wrong-close-code": { what: "closes with 1001, whatever happened", make: flawed({ closeCode: 1001 }) },
  "illegal-close-code": { what: "closes with 5000, which no peer may send", make: flawed({ closeCode: 5000 }) },
  "no-utf8-check": { what: "takes any octets for text", slow: true, make: flawed({ anyText: true }) },
  "no-header-check": { what: "passes over reserved bits and opcodes", make: flawed({ anyHeader: true }) },
  "wrong-mask": { what: "masks as a server, does not as a client", slow: true, make: flawed({ wrongMask: true }) },
  "long-lengths": { what: "writes lengths in 64 bits", slow: true, make: flawed({ longLengths: true }) },
  "late-pongs": { what: "answers a Ping after 1.3 s", make: flawed({ pongDelay: 1_300 }) },
  heartbeat: { what: "sends a Pong before each message", slow: true, make: flawed({ heartbeat: true }) },
  "no-fragments": { what: "fails at a fragmented message, with 1003", make: flawed({ wholeMessagesOnly: true }) },
  "ignores-fin": { what: "takes each frame for a message", slow: true, make: flawed({ ignoresFin: true }) },
  "fragments-echo": { what: "nothing: echoes in 7 frames", make: flawed({ pieces: 7 }) },
  "corrupts-binary": { what: "turns a bit of each binary message", make: flawed({ corruptsBinary: true }) },
  "deflate-no-block": {
    what: "compresses, and begins each message with a type of block that does not exist (RFC 1951 §3.2.3)",
    make: compressing({ frame: (frame) => [frame.opcode < 3 ? { ...frame, payload: noBlock(frame.payload) } : frame] }),
  },
  "deflate-pongs": {
    what: "compresses, and sends a Pong before each message",
    make: compressing({ frame: (frame) => frame.opcode < 3 ? [{ opcode: 10, payload: ODD }, frame] : [frame] }),
  },
};

function noBlock(octets: Uint8Array): Uint8Array {
  return octets.map((octet, i) => i === 0 ? octet | 6 : octet);
}
