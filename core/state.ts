// What the machine remembers, as bits of one number, and what follows from them. Nothing is stored twice. RFC 6455 §4.1, §7.1.
// Next file: machine.ts.
import type { Role, State } from "./types.ts";

export type Bits = number;
export const SERVER: Bits = 1 << 0;
/** The opening handshake is not over. */
export const CONNECTING: Bits = 1 << 1;
/** Our Close is queued. */
export const CLOSE_SENT: Bits = 1 << 2;
/** The peer's Close was read. */
export const CLOSE_RECEIVED: Bits = 1 << 3;
export const FAULTED: Bits = 1 << 4;
/** The handshake ended without an agreement, by refusal or rejection. */
export const REFUSED: Bits = 1 << 5;
/** receiveEnd was called. */
export const ENDED: Bits = 1 << 6;
/** The transport failed: output is pointless. */
export const BROKEN: Bits = 1 << 7;
/** `closed` was reported. */
export const CLOSED: Bits = 1 << 8;
export const CONGESTED: Bits = 1 << 9;
/** A keepalive Ping is unanswered. */
export const PINGED: Bits = 1 << 10;
/** The Close of a close() has not left. */
export const CLOSE_WAITS: Bits = 1 << 11;
/** What the transport was told. */
export const END: Bits = 1 << 12;
export const DESTROY: Bits = 1 << 13;
/** Messages are delivered as parts. */
export const PARTS: Bits = 1 << 14;
/** Nothing unread comes before the end of the stream, or the transport failed. */
export const OVER: Bits = 1 << 15;

/** Input is thrown away. */
export const DISCARDING: Bits = CLOSE_RECEIVED | FAULTED | REFUSED | CLOSED;
/** Too late for commands. */
export const LATE: Bits = CLOSE_SENT | DISCARDING | OVER;
/** Not the time for commands. */
export const NOT_OPEN: Bits = LATE | CONNECTING;
/** `poll` has to look twice. */
export const NOT_PLAIN: Bits = DISCARDING | CONNECTING | PARTS;

export function roleOf(bits: Bits): Role {
  return (bits & SERVER) !== 0 ? "server" : "client";
}
export function stateOf(bits: Bits): State {
  if ((bits & CLOSED) !== 0) return "closed";
  if ((bits & LATE) !== 0) return "closing";
  return (bits & CONNECTING) !== 0 ? "connecting" : "open";
}
export function transportOf(bits: Bits): "keep" | "end" | "destroy" {
  return (bits & DESTROY) !== 0 ? "destroy" : (bits & END) !== 0 ? "end" : "keep";
}
