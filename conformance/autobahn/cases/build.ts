// What comes in: the words of a case: frames, timers, what shall come back. What goes out: the plain data of case.ts.
// So that a section reads like the paragraph of the RFC that it tests. Strings are payloads in UTF-8, times are seconds.
// RFC 6455 §5.2 for the frames, §7.4.1 for the close codes. Next file: section-1-framing.ts.
import { concat, fromHex, toHex, utf8 } from "../../frames/encode.ts";
import type { Case, CloseExpectation, Expected, ExpectedSet, Kind, Payload, Step, Titles } from "./case.ts";

export { concat, fromHex, toHex, utf8 };

/** One section of the suite: its titles, its own and those of its sub-sections, and its cases in order. */
export interface Section {
  readonly titles: Titles;
  readonly cases: readonly Case[];
}

/** What a frame may have besides opcode and payload. */
export interface FrameHow {
  readonly fin?: boolean;
  readonly rsv?: number;
  readonly chop?: number;
  readonly sync?: boolean;
  readonly mask?: "reversed" | "zero";
  readonly form?: 2 | 8;
  readonly declare?: number;
}

// Frames.

/** A frame of any opcode. */
export function frame(opcode: number, payload: string | Payload = "", how: FrameHow = {}): Step {
  return { do: "frame", opcode, payload: octets(payload), ...how };
}

/** A text frame, opcode 1. */
export function text(payload: string | Payload, how?: FrameHow): Step {
  return frame(1, payload, how);
}

/** A binary frame, opcode 2. */
export function binary(payload: string | Payload, how?: FrameHow): Step {
  return frame(2, payload, how);
}

/** A continuation frame, opcode 0. */
export function continuation(payload: string | Payload, how?: FrameHow): Step {
  return frame(0, payload, how);
}

/** A Ping, opcode 9. */
export function ping(payload?: string | Payload, how?: FrameHow): Step {
  return frame(9, payload, how);
}

/** A Pong, opcode 10. */
export function pong(payload?: string | Payload, how?: FrameHow): Step {
  return frame(10, payload, how);
}

// Messages and the end of the connection.

/** A message through the fuzzer's own sender, in frames of at most `fragment` octets. */
export function message(kind: Kind, payload: string | Payload, fragment?: number): Step {
  return { do: "message", kind, payload: octets(payload), ...(fragment === undefined ? {} : { fragment }) };
}

/** The fuzzer's Close: a code and a reason, one of them, or an empty payload. */
export function close(code?: number, reason?: string | Uint8Array): Step {
  return {
    do: "close",
    ...(code === undefined ? {} : { code }),
    ...(reason === undefined ? {} : { reason: typeof reason === "string" ? utf8(reason) : reason }),
  };
}

/** The case has failed if it is still running then: a Close with 1001. */
export function killAfter(seconds: number): Step {
  return { do: "killAfter", seconds };
}

/** The case ends then: a Close without a code. */
export function closeAfter(seconds: number): Step {
  return { do: "closeAfter", seconds };
}

// What the peer does.

/** The events that a correct peer causes. */
export function ok(...events: readonly Expected[]): ExpectedSet {
  return { verdict: "OK", events };
}

/** The events of a peer that notices late, but in time. */
export function nonStrict(...events: readonly Expected[]): ExpectedSet {
  return { verdict: "NON-STRICT", events };
}

/** A text message came back. */
export function gotText(payload: string | Uint8Array): Expected {
  return { type: "message", kind: "text", payload: typeof payload === "string" ? utf8(payload) : payload };
}

/** A binary message came back. */
export function gotBinary(payload: Uint8Array): Expected {
  return { type: "message", kind: "binary", payload };
}

/** A Pong came back. */
export function gotPong(payload: string | Uint8Array): Expected {
  return { type: "pong", payload: typeof payload === "string" ? utf8(payload) : payload };
}

/** The connection was still open when the `wait` with this tag was over. */
export function stillOpen(tag: string): Expected {
  return { type: "timeout", tag };
}

/** The fuzzer closes with 1000, and the peer completes the close handshake. */
export const NORMAL: CloseExpectation = { closedByMe: true, codes: [1000], requireClean: true };

/** The peer fails the connection: 1002, or no close code at all. */
export const PROTOCOL_ERROR: CloseExpectation = { closedByMe: false, codes: [1002], requireClean: false };

/** The peer fails the connection: 1007, or no close code at all. That it is the peer who does it belongs to the verdict. */
export const INVALID_DATA: CloseExpectation = {
  closedByMe: false,
  codes: [1007],
  requireClean: false,
  wrongEndpointIsFatal: true,
};

// Payloads and numbers.

/** One octet, many times. */
export function repeated(octet: number, length: number): Uint8Array {
  return new Uint8Array(length).fill(octet);
}

/** A pattern repeated to a length, but made only when it is sent. */
export function pattern(octets: string | Uint8Array, length: number): Payload {
  return { pattern: typeof octets === "string" ? utf8(octets) : octets, length };
}

/** The Greek word that section 6 is fond of: five characters in 11 octets. Its accent is U+1F79 with three octets, not U+03CC with two. */
export const GREEK: Uint8Array = utf8("κ\u1f79σμε");

export const KIB = 1024;
export const MIB = 1_048_576;

/** A count as texts show it: "65,536". */
export function count(value: number): string {
  return `${value}`.replace(/\B(?=(\d{3})+$)/g, ",");
}

/** A size as texts show it: "16 MiB", "64 KiB", "250 octets". */
export function size(octets: number): string {
  if (octets >= MIB && octets % MIB === 0) return `${octets / MIB} MiB`;
  if (octets >= KIB && octets % KIB === 0) return `${octets / KIB} KiB`;
  return `${count(octets)} octets`;
}

function octets(payload: string | Payload): Payload {
  return typeof payload === "string" ? utf8(payload) : payload;
}
