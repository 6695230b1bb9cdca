// The wire log as a drawing: what went over the connection, when and in which direction, one mark per frame. In: a CaseResult. Out: marks in
// order. Octets that only carry the frame beside them are folded into its mark; writes of single octets are gathered. RFC 6455 §5.5, §11.8
// for the names of frames. Pure. Next file: html/model.ts.
import type { CaseResult, WireRow } from "../engine/result.ts";
import { firstDifference } from "./difference.ts";
import { visible } from "./escape.ts";

/** One line of the drawing. */
export interface Mark {
  /** Milliseconds from the start of the case; null: not known. */
  readonly at: number | null;
  /** From the fuzzer to the peer, the other way, or a thing that happens to the fuzzer alone. */
  readonly way: "sent" | "received" | "timer" | "end";
  readonly kind: "handshake" | "data" | "control" | "close" | "octets" | "timer" | "end";
  /** What it is: `Text, 9 octets, not final`. */
  readonly label: string;
  /** The beginning of its payload, or "". */
  readonly preview: string;
  /** The row of the wire log that it begins with; the length of the log for the end of TCP. */
  readonly row: number;
  /** Here the events begin to differ from what was expected: what was awaited or came instead. */
  readonly differs: string | null;
}

/** The marks of a case. */
export function timeline(result: CaseResult): Mark[] {
  const marks = [...fold(result), end(result)];
  const difference = firstDifference(result);
  if (difference === null) return marks;
  const index = placeOf(result, difference.index, marks);
  return marks.map((mark, place) => (place === index ? { ...mark, differs: difference.sentence } : mark));
}

/** The name of an opcode, for people. */
export function opcodeName(opcode: number): string {
  return opcodes[opcode] ?? `Opcode ${opcode}`;
}

function fold({ wirelog, times }: CaseResult): Mark[] {
  const marks: Mark[] = [];
  const heads = { RO: false, TO: false };
  for (let row = 0; row < wirelog.length; row++) {
    const entry = wirelog[row];
    const at = times[row] ?? null;
    if (entry[0] !== "RO" && entry[0] !== "TO") {
      marks.push(mark(entry, row, at));
      continue;
    }
    const kind = entry[0];
    if (!heads[kind]) {
      heads[kind] = true;
      marks.push(octets(kind, row, at, "handshake", kind === "TO" ? "Handshake sent" : "Handshake received", entry[1][0]));
      continue;
    }
    // A frame's own octets: a TO behind its TF, an RO before its RF. Of a chopped frame only the first piece stands there.
    if (kind === "TO" && wirelog[row - 1][0] === "TF" && !chopped(wirelog[row - 1])) continue;
    if (kind === "RO" && wirelog[row + 1]?.[0] === "RF") continue;
    let [count, total, last] = [0, 0, row];
    for (let next = row; next < wirelog.length && wirelog[next][0] === kind; next++) {
      if (kind === "RO" && wirelog[next + 1]?.[0] === "RF") break;
      [count, total, last] = [count + 1, total + (wirelog[next] as WireRow & { 0: "RO" })[1][0], next];
    }
    const what = `${plural(total, "octet")} in ${plural(count, kind === "TO" ? "write" : "read")}`;
    marks.push(octets(kind, row, at, "octets", what, null));
    row = last;
  }
  return marks;
}

function mark(row: Exclude<WireRow, readonly ["RO" | "TO", ...unknown[]]>, index: number, at: number | null): Mark {
  const timer = (label: string): Mark => ({ at, way: "timer", kind: "timer", label, preview: "", row: index, differs: null });
  switch (row[0]) {
    case "RF": {
      const [, [length, preview], opcode, fin, rsv, masked] = row;
      const label = frameLabel(opcode, length, preview, fin, rsv, masked ? ["masked"] : []);
      return { at, way: "received", kind: frameKind(opcode), label, preview: visible(preview), row: index, differs: null };
    }
    case "TF": {
      const [, [length, preview], opcode, fin, rsv, , repeated, chop, sync] = row;
      const how = chop !== null ? [`in pieces of ${chop}`] : sync ? ["in a turn of its own"] : [];
      const label = frameLabel(opcode, repeated ?? length, preview, fin, rsv, how);
      return { at, way: "sent", kind: frameKind(opcode), label, preview: visible(preview), row: index, differs: null };
    }
    case "CT":
      return timer(`Wait ${row[1]} s${row[2] === null ? "" : ` (${visible(row[2])})`}`);
    case "CTE":
      return timer(`Waited${row[1] === null ? "" : ` (${visible(row[1])})`}: the connection is still open`);
    case "KL":
      return timer(`Fail the connection in ${row[1]} s, unless it is closed by then`);
    case "KLE":
      return timer("Time is up: fail the connection");
    case "TI":
      return timer(`Close in ${row[1]} s, unless it is closed by then`);
    case "TIE":
      return timer("Time is up: close");
    case "WLM":
      return timer(row[1] ? "The wire log is on again" : "The wire log is off: too much traffic to keep");
  }
}

function octets(kind: "RO" | "TO", row: number, at: number | null, as: Mark["kind"], text: string, length: number | null): Mark {
  const label = length === null ? text : `${text}, ${plural(length, "octet")}`;
  return { at, way: kind === "TO" ? "sent" : "received", kind: as, label, preview: "", row, differs: null };
}

function end({ droppedByMe, duration, wirelog, times }: CaseResult): Mark {
  // `duration` counts from the open connection, `times` from the start of the case: the end is never before the last row.
  const last = times.at(-1) ?? null;
  const at = duration === null ? last : Math.max(duration, last ?? 0);
  const label = `TCP ended by the ${droppedByMe ? "fuzzer" : "peer"}`;
  return { at, way: "end", kind: "end", label, preview: "", row: wirelog.length, differs: null };
}

/** The mark that brought event `index`; the end if no such event came, or if the log does not tell which frame it was. */
function placeOf({ received, wirelog }: CaseResult, index: number, marks: readonly Mark[]): number {
  const bringing = wirelog.flatMap((row, place) => brings(row) ? [place] : []);
  const row = bringing.length === received.length ? bringing[index] : undefined;
  const place = marks.findIndex((one) => one.row === row);
  return place === -1 ? marks.length - 1 : place;
}

/** Whether a row completes an event: the last frame of a message, a pong, a wait that found the connection open. */
function brings(row: WireRow): boolean {
  if (row[0] === "CTE") return row[1] !== null;
  return row[0] === "RF" && (row[2] === 10 || (row[3] && row[2] <= 2));
}

function chopped(row: WireRow): boolean {
  return row[0] === "TF" && row[7] !== null;
}

function frameKind(opcode: number): Mark["kind"] {
  return opcode === 8 ? "close" : opcode > 8 ? "control" : "data";
}

function frameLabel(opcode: number, length: number, preview: string, fin: boolean, rsv: number, more: readonly string[]): string {
  const code = opcode === 8 ? closeCode(length, preview) : null;
  return [
    code === null ? opcodeName(opcode) : `Close ${code}`,
    ...(code !== null && length === 2 ? [] : [length === 0 ? "empty" : plural(length, "octet")]),
    ...(fin ? [] : ["not final"]),
    ...(rsv === 0 ? [] : [`RSV ${rsv}`]),
    ...more,
  ].join(", ");
}

/** The code at the head of a Close payload; previews are text where the octets are UTF-8, and else hexadecimal digits. */
function closeCode(length: number, preview: string): number | null {
  if (length < 2) return null;
  if (/^0x[0-9a-f]{4}/.test(preview)) return Number.parseInt(preview.slice(2, 6), 16);
  const [high, low] = new TextEncoder().encode(preview);
  return high * 256 + low;
}

function plural(count: number, noun: string): string {
  return `${count.toLocaleString("en")} ${noun}${count === 1 ? "" : "s"}`;
}

const opcodes: Readonly<Record<number, string>> = {
  0: "Continuation",
  1: "Text",
  2: "Binary",
  8: "Close",
  9: "Ping",
  10: "Pong",
};
