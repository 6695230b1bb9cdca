// What comes in: events of a machine. What goes out: the form in which laws compare them, and a sentence where two accounts differ.
// Laws L1, L3, L4, L7: how a message was cut into pieces is nobody's promise, everything else is. Next file: collect.ts.
import { isDeepStrictEqual } from "node:util";
import type { Bytes, Event, Kind } from "../../core/types.ts";
import { concat } from "../frames/encode.ts";
import type { Told, Verdict } from "../frames/oracle.ts";
import type { Frame } from "../frames/reader.ts";

/**
 * Joins the pieces of a message that stand between two other events; leaves out empty ones, except the last of a message.
 * Throws where `first`, `last` or `kind` of the pieces contradict each other: no law compares those.
 */
export function tell(events: readonly Event[]): readonly Told[] {
  const told: Told[] = [];
  let run: Run | null = null;
  const endRun = (): void => {
    if (run !== null) told.push({ type: "piece", kind: run.kind, data: concat(run.pieces), first: run.first, last: run.last });
    run = null;
  };
  let inside: { readonly kind: Kind; silent: boolean } | null = null;
  for (const event of events) {
    if (event.type !== "part" && event.type !== "raw") {
      if (inside !== null && (event.type === "text" || event.type === "binary")) {
        throw new Error("a message inside the pieces of another");
      }
      endRun();
      told.push(plain(event));
      continue;
    }
    const { kind, first, last } = event;
    if (first !== (inside === null) || (inside !== null && inside.kind !== kind)) {
      throw new Error("pieces that do not fit together");
    }
    const data = event.type === "part" ? event.data : new Uint8Array(event.bytes.subarray(event.start, event.end));
    inside ??= { kind, silent: true };
    if (data.byteLength > 0 || last) {
      if (inside.silent) endRun();
      run ??= { kind, first: inside.silent, last, pieces: [] };
      run.pieces.push(data);
      run.last = last;
      inside.silent = false;
    }
    if (last) inside = null;
  }
  endRun();
  return told;
}

/**
 * Why this is not what the oracle says, or null. `told`: with the `closed` at its end, or without; the oracle knows nothing of the
 * opening handshake, so events before `open` and it are passed over.
 */
export function disagreement(verdict: Verdict, told: readonly Told[]): string | null {
  const closes = told.at(-1)?.type === "closed";
  const mine = split(verdict.events);
  const opened = told.findIndex(({ type }) => type === "open") + 1;
  const theirs = split(told.slice(opened, closes ? -1 : undefined));
  const differs = (what: string, a: unknown, b: unknown): string => `${what}: the oracle has ${show(a)}, the machine ${show(b)}`;
  if (!isDeepStrictEqual(mine.before, theirs.before)) return differs("events", mine.before, theirs.before);
  const sameFault = mine.fault === theirs.fault || (theirs.fault !== null && verdict.also.some((code) => code === theirs.fault));
  if (!sameFault) return differs("fault", mine.fault, theirs.fault);
  // Where an engine fails it may keep the octets of that step to itself.
  const loose = verdict.also.length > 0 || mine.fault === "BAD_DEFLATE";
  if (loose ? !isPrefix(mine.cut, theirs.cut) : !isDeepStrictEqual(mine.cut, theirs.cut)) {
    return differs("last piece", mine.cut, theirs.cut);
  }
  const closed = mine.fault === theirs.fault ? verdict.closed : { ...verdict.closed, code: 1006, reason: "", clean: false };
  if (closes && !isDeepStrictEqual(closed, told.at(-1))) return differs("closed", closed, told.at(-1));
  return null;
}

/** The same events, as laws L1 and L3 understand it. */
export function sameTold(a: readonly Told[], b: readonly Told[]): boolean {
  if (isDeepStrictEqual(a, b)) return true;
  const [mine, theirs] = [split(a), split(b)];
  const close = (code: string | null): boolean => code === "BAD_DEFLATE" || code === "BAD_UTF8" || code === "MESSAGE_TOO_BIG";
  const inflating = mine.fault === "BAD_DEFLATE" || theirs.fault === "BAD_DEFLATE";
  return isDeepStrictEqual(mine.before, theirs.before) && inflating && close(mine.fault) && close(theirs.fault) &&
    isPrefix(mine.cut, theirs.cut);
}

/** The same output: data frames and Close in order; Pongs are free in place, and an older one may be superseded (RFC 6455 §5.5.3). */
export function sameOutput(a: readonly Frame[], b: readonly Frame[]): boolean {
  const isQueued = (frame: Frame): boolean => frame.opcode < 9;
  const bare = ({ fin, rsv, opcode, payload }: Frame): unknown => ({ fin, rsv, opcode, payload });
  if (!isDeepStrictEqual(a.filter(isQueued).map(bare), b.filter(isQueued).map(bare))) return false;
  const pongs = (frames: readonly Frame[]): Bytes[] => frames.filter(({ opcode }) => opcode === 10).map(({ payload }) => payload);
  const [fewer, more] = [pongs(a), pongs(b)].sort((x, y) => x.length - y.length);
  let at = 0;
  for (const payload of more) if (at < fewer.length && isDeepStrictEqual(fewer[at], payload)) at++;
  return at === fewer.length && isDeepStrictEqual(fewer.at(-1), more.at(-1));
}

function plain(event: Exclude<Event, { type: "part" | "raw" }>): Told {
  switch (event.type) {
    case "text":
      return { type: "text", data: event.data };
    case "binary":
    case "ping":
    case "pong":
      return { type: event.type, data: new Uint8Array(event.data) };
    case "close":
      return { type: "close", code: event.close.code, reason: event.close.reason };
    case "fault":
      return { type: "fault", code: event.fault.code, closeCode: event.fault.closeCode };
    case "closed":
      return { type: "closed", code: event.close.code, reason: event.close.reason, clean: event.clean };
    case "request":
    case "respond":
    case "rejected":
    case "open":
      return { type: event.type };
  }
}

type Piece = Told & { readonly type: "piece" };
/** Pieces of one message with nothing between them. */
interface Run {
  readonly kind: Kind;
  readonly first: boolean;
  last: boolean;
  readonly pieces: Bytes[];
}

/** The fault at the end, the message that it or the end of the stream cut short, and what was before. */
function split(events: readonly Told[]): { before: readonly Told[]; cut: Piece | null; fault: string | null } {
  let before = events.filter(({ type }) => type !== "closed");
  const last = before.at(-1);
  const fault = last?.type === "fault" ? last.code : null;
  if (fault !== null) before = before.slice(0, -1);
  const piece = before.at(-1);
  const cut = piece?.type === "piece" && !piece.last ? piece : null;
  return { before: cut === null ? before : before.slice(0, -1), cut, fault };
}

function isPrefix(a: Piece | null, b: Piece | null): boolean {
  if (a === null || b === null) return true;
  const size = Math.min(a.data.byteLength, b.data.byteLength);
  return a.kind === b.kind && a.first === b.first && isDeepStrictEqual(a.data.slice(0, size), b.data.slice(0, size));
}

function show(value: unknown): string {
  return JSON.stringify(
    value,
    (_, inner) => inner instanceof Uint8Array ? `${inner.byteLength}: ${inner.subarray(0, 24).join(" ")}` : inner,
  );
}
