// What comes in: everything a peer sent behind the opening handshake, as one string. What goes out: the events a machine must report.
// RFC 6455 §5 and §7, RFC 7692 §6 and §7.2.2. Slow, strict, without state between calls and without code of core; the order of
// faults is that of one frame read octet by octet. Next file: well-formed.ts, which judges the other direction.
import type { Bytes, DeflateParams, FaultCode, Kind, Limits, Role } from "../../core/types.ts";
import { concat } from "./encode.ts";
import { inflate, type Stop } from "./inflate.ts";
import { judgeUtf8 } from "./utf8.ts";

export interface OracleOptions {
  /** Who reads: a server demands masks. */
  readonly role: Role;
  readonly deflate?: DeflateParams | null;
  /** Default: those of the core, 16 MiB and 1,048,576. */
  readonly limits?: Partial<Pick<Limits, "message" | "fragments">>;
  readonly messages?: "whole" | "parts" | "raw";
}

/**
 * An event in the form in which events are compared. Pieces of one message between two other events are joined; an empty piece
 * counts only when it is the last of its message.
 */
export type Told =
  | { readonly type: "text"; readonly data: string }
  | { readonly type: "binary" | "ping" | "pong"; readonly data: Bytes }
  | { readonly type: "piece"; readonly kind: Kind; readonly data: Bytes; readonly first: boolean; readonly last: boolean }
  | { readonly type: "close"; readonly code: number; readonly reason: string }
  | { readonly type: "fault"; readonly code: FaultCode; readonly closeCode: number }
  | { readonly type: "closed"; readonly code: number; readonly reason: string; readonly clean: boolean }
  | { readonly type: "request" | "respond" | "rejected" | "open" };

export interface Verdict {
  /** In order; a fault is the last one. */
  readonly events: readonly Told[];
  /** What follows when the stream ends here. */
  readonly closed: Told & { readonly type: "closed" };
  /**
   * Faults that may stand in place of the one told, or of none: in the compressed octets of one frame the reader who inflates in
   * larger steps finds a later error first, and a header or a Close frame that was cut short can be condemned already.
   */
  readonly also: readonly FaultCode[];
}

/** Judges the whole string. */
export function decodeAll(bytes: Uint8Array, options: OracleOptions): Verdict {
  const limits = { message: options.limits?.message ?? 1 << 24, fragments: options.limits?.fragments ?? 1 << 20 };
  const pieces = (options.messages ?? "whole") !== "whole";
  const run: Run = {
    bytes,
    role: options.role,
    deflate: options.deflate ?? null,
    limits,
    pieces,
    told: [],
    history: EMPTY,
    message: null,
  };
  let also: readonly FaultCode[] = [];
  try {
    for (let at = 0; at < bytes.byteLength;) at = readFrame(run, at);
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    also = error.also;
    if (error.told) run.told.push({ type: "fault", code: error.code, closeCode: closeCodeOf(error.code) });
  }
  const last = run.told.at(-1);
  const closed = last?.type === "close"
    ? { code: last.code, reason: last.reason, clean: true }
    : { code: 1006, reason: "", clean: false };
  return { events: run.told, closed: { type: "closed", ...closed }, also };
}

/** The code of the Close frame that answers a fault (RFC 6455 §7.4.1). */
export function closeCodeOf(code: FaultCode): number {
  if (code === "BAD_UTF8" || code === "BAD_DEFLATE") return 1007;
  return code === "MESSAGE_TOO_BIG" ? 1009 : code === "TOO_MANY_FRAGMENTS" ? 1008 : 1002;
}

/** Codes that may stand in a Close frame (RFC 6455 §7.4 and the registry of IANA). */
export function isCloseCode(code: number): boolean {
  return (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014) || (code >= 3000 && code <= 4999);
}

interface Run {
  readonly bytes: Uint8Array;
  readonly role: Role;
  readonly deflate: DeflateParams | null;
  readonly limits: { readonly message: number; readonly fragments: number };
  readonly pieces: boolean;
  readonly told: Told[];
  /** What earlier compressed messages gave, as far as it may be referred to. */
  history: Uint8Array;
  message: Message | null;
}
interface Message {
  readonly kind: Kind;
  readonly compressed: boolean;
  frames: number;
  /** Payload octets that headers declared. */
  declared: number;
  /** Payload octets as they stood on the wire, unmasked. */
  payload: Bytes;
  /** Octets of the message that were told as pieces, and how many pieces. */
  given: number;
  pieces: number;
}

class Failure {
  readonly code: FaultCode;
  readonly also: readonly FaultCode[];
  readonly told: boolean;
  constructor(code: FaultCode, also: readonly FaultCode[] = [], told = true) {
    this.code = code;
    this.also = also;
    this.told = told;
  }
}

/** Reads one frame as far as it is there; returns where the next one starts. */
function readFrame(run: Run, at: number): number {
  const { bytes } = run;
  const end = bytes.byteLength;
  const byte0 = bytes[at];
  const opcode = byte0 & 15;
  const fin = byte0 >= 128;
  checkByte0(run, opcode, fin, (byte0 >> 4) & 7);
  if (at + 1 === end) return end;
  const masked = bytes[at + 1] >= 128;
  const small = bytes[at + 1] & 127;
  if (masked !== (run.role === "server")) throw new Failure("BAD_MASK");
  if (opcode >= 8 && small > 125) throw new Failure("BAD_CONTROL");

  const form = small === 126 ? 2 : small === 127 ? 8 : 0;
  const extended = bytes.subarray(at + 2, at + 2 + form);
  if (extended.byteLength < form) condemnCutLength(run, opcode, extended, form);
  const length = form === 0 ? BigInt(small) : bigEndian(extended);
  const wrong = judgeLength(run, opcode, form, length);
  if (wrong !== null) throw wrong;

  const payloadAt = at + 2 + form + (masked ? 4 : 0);
  const next = payloadAt + Number(length);
  const payload = new Uint8Array(bytes.subarray(payloadAt, next));
  if (masked && payloadAt <= end) payload.forEach((octet, i) => payload[i] = octet ^ bytes[payloadAt - 4 + (i & 3)]);
  const whole = next <= end;
  if (opcode >= 8) return control(run, opcode, payload, Number(length), whole) ? next : end;
  data(run, opcode, payload, Number(length), whole, fin);
  return Math.min(next, end);
}

function checkByte0(run: Run, opcode: number, fin: boolean, rsv: number): void {
  const starts = opcode === 1 || opcode === 2;
  if ((rsv & 3) !== 0) throw new Failure("RESERVED_BIT");
  if (rsv === 4 && !(run.deflate !== null && starts)) throw new Failure("RESERVED_BIT");
  if (opcode > 10 || (opcode > 2 && opcode < 8)) throw new Failure("RESERVED_OPCODE");
  if (opcode >= 8 && !fin) throw new Failure("BAD_CONTROL");
  // A first frame inside another message: whether its RSV1 is wrong too is a matter of taste.
  if (starts && run.message !== null) throw new Failure("BAD_FRAGMENT", rsv === 4 ? ["RESERVED_BIT"] : []);
  if (opcode === 0 && run.message === null) throw new Failure("BAD_FRAGMENT");
  if (starts) {
    const kind = opcode === 1 ? "text" : "binary";
    run.message = { kind, compressed: rsv === 4, frames: 0, declared: 0, payload: EMPTY, given: 0, pieces: 0 };
  }
}

/** RFC 6455 §5.2: the shortest form, the top bit clear. Then the limits. */
function judgeLength(run: Run, opcode: number, form: number, length: bigint): Failure | null {
  if ((form === 2 && length < 126n) || (form === 8 && length < 65536n) || length >= 2n ** 63n) return new Failure("BAD_LENGTH");
  const message = run.message;
  if (opcode >= 8 || message === null) return null;
  const { message: most, fragments } = run.limits;
  const ceiling = message.compressed ? most + most / 8 + 1024 : most;
  const tooBig = message.declared + Number(length) > ceiling;
  const tooMany = message.frames + 1 > fragments;
  if (tooBig) return new Failure("MESSAGE_TOO_BIG", tooMany ? ["TOO_MANY_FRAGMENTS"] : []);
  return tooMany ? new Failure("TOO_MANY_FRAGMENTS") : null;
}

/** The header was cut short: nothing is told, but whatever follows may be wrong already. */
function condemnCutLength(run: Run, opcode: number, there: Uint8Array, form: number): never {
  const [low, high] = [0, 255].map((octet) => concat([there, new Uint8Array(form - there.byteLength).fill(octet)]));
  const codes = [low, high].map((bytes) => judgeLength(run, opcode, form, bigEndian(bytes))?.code);
  throw new Failure("BAD_LENGTH", codes.filter((code) => code !== undefined), false);
}

/** true: go on behind it. */
function control(run: Run, opcode: number, payload: Bytes, length: number, whole: boolean): boolean {
  if (opcode === 8) {
    const wrong = length === 1 ? "BAD_CLOSE" : judgeClose(payload, whole);
    if (wrong !== null) throw new Failure(wrong, whole ? [] : [wrong], whole);
  }
  if (!whole) return false;
  if (opcode !== 8) {
    run.told.push({ type: opcode === 9 ? "ping" : "pong", data: payload });
    return true;
  }
  const code = length === 0 ? 1005 : payload[0] * 256 + payload[1];
  run.told.push({ type: "close", code, reason: decode(payload.subarray(2)) });
  return false;
}

function judgeClose(payload: Bytes, whole: boolean): FaultCode | null {
  if (payload.byteLength < 2) return null;
  if (!isCloseCode(payload[0] * 256 + payload[1])) return "BAD_CLOSE";
  const { wrongAt, open } = judgeUtf8(payload.subarray(2));
  return wrongAt >= 0 || (open && whole) ? "BAD_UTF8" : null;
}

/** More payload of a message, perhaps not the whole frame. */
function data(run: Run, opcode: number, payload: Bytes, length: number, whole: boolean, fin: boolean): void {
  const message = run.message;
  if (message === null) throw new Error(`opcode ${opcode} without a message`);
  message.frames++;
  message.declared += length;
  message.payload = concat([message.payload, payload]);
  const complete = whole && fin;
  const { octets, stop } = unpack(run, message);
  const wrong = judgeMessage(run, message, octets, stop, complete);
  if (wrong.length > 0) {
    const [{ code, good }, ...later] = wrong;
    tellPiece(run, message, octets.slice(0, good), false);
    throw new Failure(code, later.map((fault) => fault.code));
  }
  if (run.pieces) tellPiece(run, message, octets, complete);
  if (!complete) return;
  if (!run.pieces) {
    run.told.push(message.kind === "text" ? { type: "text", data: decode(octets) } : { type: "binary", data: octets });
  }
  if (message.compressed && takeover(run)) run.history = concat([run.history, octets]).slice(-32768);
  run.message = null;
}

/** The octets of the message so far; of a compressed one at most one more than the limit. */
function unpack(run: Run, message: Message): { readonly octets: Bytes; readonly stop: Stop } {
  if (!message.compressed) return { octets: message.payload, stop: "tail" };
  const windowBits = (run.role === "server" ? run.deflate?.clientWindowBits : run.deflate?.serverWindowBits) ?? 15;
  const { output, stop } = inflate(message.payload, run.history, windowBits, run.limits.message + 1);
  return { octets: output, stop };
}
function takeover(run: Run): boolean {
  return (run.role === "server" ? run.deflate?.clientTakeover : run.deflate?.serverTakeover) ?? false;
}

/** What is wrong with a message so far, in the order in which its octets show it; `good`: octets before that. */
function judgeMessage(
  run: Run,
  message: Message,
  octets: Bytes,
  stop: Stop,
  complete: boolean,
): { code: FaultCode; good: number }[] {
  const wrong: { code: FaultCode; good: number }[] = [];
  const size = octets.byteLength;
  const { wrongAt, open } = message.kind === "text" ? judgeUtf8(octets) : { wrongAt: -1, open: false };
  const full = size > run.limits.message;
  if (wrongAt >= 0) wrong.push({ code: "BAD_UTF8", good: wrongAt });
  if (full) wrong.push({ code: "MESSAGE_TOO_BIG", good: size - 1 });
  wrong.sort((a, b) => a.good - b.good);
  // Whoever inflates goes on reading while no more comes out, and may find what is wrong behind the octet too many.
  if (stop === "corrupt" || (full && message.compressed)) wrong.push({ code: "BAD_DEFLATE", good: size });
  if (complete && !full && !endsWell(stop, message.payload)) wrong.push({ code: "BAD_DEFLATE", good: size });
  if (complete && open) wrong.push({ code: "BAD_UTF8", good: size });
  return wrong;
}

/**
 * RFC 7692 §7.2.2: `00 00 ff ff` completes the message, or a final block has ended it already (§7.2.3.4). Two forms that senders write
 * against §7.2.1 lose nothing and are taken: no octets at all, and the end of the flush left in place.
 */
function endsWell(stop: Stop, payload: Uint8Array): boolean {
  if (stop === "tail" || stop === "final") return true;
  return stop === "border" && (payload.byteLength === 0 || [0, 0, 255, 255].every((octet, i) => payload.at(i - 4) === octet));
}

function tellPiece(run: Run, message: Message, octets: Bytes, last: boolean): void {
  const fresh = octets.slice(message.given);
  if (!run.pieces || (fresh.byteLength === 0 && !last)) return;
  const first = message.pieces++ === 0;
  message.given = octets.byteLength;
  const before = run.told.at(-1);
  if (!first && before?.type === "piece") run.told[run.told.length - 1] = { ...before, data: concat([before.data, fresh]), last };
  else run.told.push({ type: "piece", kind: message.kind, data: fresh, first, last });
}

function bigEndian(bytes: Uint8Array): bigint {
  return bytes.reduce((value, octet) => value * 256n + BigInt(octet), 0n);
}
function decode(bytes: Uint8Array): string {
  return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
}

const EMPTY = new Uint8Array(0);
