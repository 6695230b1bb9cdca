// What a side of a lifetime gets, and what it must be able to do: the words that the network, machines, sockets and talk have in common.
// Next file: relay.ts.
import type { Bytes, Deflate, Prepared, RawEvent, RequestHead, Role, SendOptions } from "../../core/types.ts";
import type { Ledger } from "./ledger.ts";
import type { Port } from "./network.ts";
import type { LinkPlan, SidePlan } from "./plan.ts";
import type { Talk } from "./talk.ts";
import type { Tally } from "./tally.ts";
import type { Watch } from "./watch.ts";
import type { World } from "./world.ts";

/** What a port of the network knows of a lifetime. */
export interface Wiring {
  readonly role: Role;
  readonly name: string;
  /** A server's head comes before all octets. */
  readonly http2: boolean;
  readonly plan: LinkPlan;
  readonly watch: Watch;
  /** What this side says. */
  readonly ledger: Ledger;
  readonly tally: Tally;
  /** Takes everything written, for whoever wants to compare. */
  readonly written: Bytes[] | null;
}
/** What both kinds of sides know of a lifetime. */
export interface Stage {
  readonly world: World;
  readonly plan: SidePlan;
  readonly port: Port;
  readonly tally: Tally;
  /** What this side says, and what it hears. */
  readonly said: Ledger;
  readonly hears: Ledger;
  /** What prepared messages are compressed with. */
  readonly compress: Deflate | null;
  /** Everybody who talks in this lifetime, once they can. */
  readonly crowd: Talk[];
  /** A server on HTTP/2: the request, which its host has read. */
  readonly head: RequestHead | undefined;
}
/** One side of a lifetime. */
export interface Side {
  start(): void;
  /** It has told its application that everything is over. */
  readonly closed: boolean;
  readonly clean: boolean;
  /** Throws for what must not be left behind when nothing happens any more. */
  buried(): void;
}
/** What one can say things with. Answers true where it was taken. */
export interface Mouth {
  send(data: string | Uint8Array, options?: SendOptions): boolean;
  sendPrepared(message: Prepared): boolean;
  relay(piece: RawEvent): boolean;
  ping(data: Uint8Array): boolean;
  close(code: number | undefined): void;
  terminate(): void;
}

/** What the application throws. */
export const OOPS: Error = new Error("the application throws");
