// What shall happen in a lifetime: who plays each side and how badly, what is said, what the links do to it. Words only; draw.ts decides.
// Next file: draw.ts.
import type { DeflateParams, Limits, Millis, Role, Timers } from "../../core/types.ts";

export interface Plan {
  /** A client and a server each. Where there are two, what one of them prepares goes to the others too. */
  readonly pairs: readonly PairPlan[];
  /** The server of the first pair and the client of the second are one application, which passes on what it hears. */
  readonly proxied: boolean;
  /** Nothing is lost or broken and nobody is late: all sides must end clean, with everything delivered. */
  readonly calm: boolean;
  /** The process stands still: at this moment the clock jumps. null: never. */
  readonly jump: { readonly at: Millis; readonly by: Millis } | null;
}
export interface PairPlan {
  readonly opening: Opening;
  readonly client: SidePlan;
  readonly server: SidePlan;
  /** What octets of this side go through. */
  readonly links: Readonly<Record<Role, LinkPlan>>;
  /** For `upgraded`. */
  readonly deflate: DeflateParams | null;
}
/** The opening handshake: on the wire, between two hosts that speak HTTP/2 (RFC 8441), or already behind. */
export type Opening = "handshake" | "http2" | "upgraded";
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
  /** What comes in goes out again by `relay`: to where it came from, or, in a proxy, on the other connection; raw only. */
  readonly relays: "no" | "back" | "on";
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
  | ({ readonly at: Millis; readonly what: "message" } & Message)
  | { readonly at: Millis; readonly what: "ping"; readonly count: number; readonly size: number }
  | { readonly at: Millis; readonly what: "terminate" };
export interface Message {
  readonly size: number;
  readonly kind: "text" | "binary";
  /** Fragments; 1: one frame. Prepared messages have no more. */
  readonly parts: number;
  readonly how: "send" | "give" | "prepared" | "plain";
}
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
