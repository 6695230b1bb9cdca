// The parts of a case's report as lines of text, in the words of the original's pages. In: rows of the wire log, events, statistics.
// Out: lines without line ends, harmless to a terminal. Frames are named by RFC 6455 §5.2's fields; truth and nothing are spelt True, False
// and None, as there, so that reports of both can be laid side by side. Pure. Next file: case-text.ts, which puts them in order.
import type { CaseResult, EventRow, WireRow } from "../engine/result.ts";
import { visible } from "./escape.ts";

/** The wire log, one entry per row and one for the end of TCP; each is one or more lines. */
export function wireLines(result: Pick<CaseResult, "wirelog" | "droppedByMe">): string[][] {
  const rows = [...result.wirelog.map(rowLines), [`TCP DROPPED BY ${result.droppedByMe ? "ME" : "PEER"}`]];
  return rows.map(([first, ...more], index) => [
    `${String(index).padStart(3, "0")} ${first}`,
    ...more.map((line) => `${" ".repeat(15)}${line}`),
  ]);
}

/** Sets of events as the original prints them: `{'OK': [('pong', u'ping payload')], 'NON-STRICT': []}`. */
export function expectedText(expected: CaseResult["expected"]): string {
  return cut(`{${Object.entries(expected).map(([name, events]) => `'${name}': ${list(events)}`).join(", ")}}`);
}

/** Events as the original prints them. */
export function eventsText(events: readonly EventRow[]): string {
  return cut(list(events));
}

/** An event in words: `text message "fragment1"`. */
export function eventWords(event: EventRow): string {
  switch (event[0]) {
    case "message":
      return `${event[2] ? "binary" : "text"} message ${quoted(event[1])}`;
    case "pong":
      return `pong ${quoted(event[1])}`;
    case "timeout":
      return `timeout ${event[1]}`;
  }
}

/** The thirteen rows about the end of the connection: key, value, description. */
export function closingRows(result: CaseResult): [key: string, value: string, description: string][] {
  return Object.entries(closingKeys).map(([key, description]) => [key, python(result[key as ClosingKey]), description]);
}

/** Reads or writes by size: size, count, octets; the last row holds the totals. */
export function octetRows(stats: Readonly<Record<string, number>>): [size: string, count: number, octets: number][] {
  const rows = byNumber(stats).map(([size, count]): [string, number, number] => [size, count, Number(size) * count]);
  return [...rows, ["Total", sum(rows.map(([, count]) => count)), sum(rows.map(([, , octets]) => octets))]];
}

/** Frames by opcode: opcode, count; the last row holds the total. */
export function frameRows(stats: Readonly<Record<string, number>>): [opcode: string, count: number][] {
  const rows = byNumber(stats);
  return [...rows, ["Total", sum(rows.map(([, count]) => count))]];
}

/** A handshake as lines; peers end them with CR LF, or with what they like. */
export function headLines(head: string): string[] {
  return head.replace(/[\r\n]+$/, "").split(/\r?\n/).map(visible);
}

/** True, False, None, or the text itself. */
export function python(value: string | number | boolean | null): string {
  if (value === null) return "None";
  if (typeof value === "boolean") return value ? "True" : "False";
  return visible(String(value));
}

function rowLines(row: WireRow): string[] {
  switch (row[0]) {
    case "RO": {
      const [first = "", ...more] = wrap(row[1][1]);
      return [`RX OCTETS: ${first}`, ...more];
    }
    case "TO": {
      const [first = "", ...more] = wrap(row[1][1]);
      return [`TX OCTETS: ${first}`, ...more];
    }
    case "RF": {
      const [, [length, preview], opcode, fin, rsv, masked, key] = row;
      const bits = `OPCODE=${opcode}, FIN=${python(fin)}, RSV=${rsv}, PAYLOAD-LEN=${length}`;
      return [`RX FRAME : ${bits}, MASKED=${python(masked)}, MASK=${python(key)}`, ...wrap(preview)];
    }
    case "TF": {
      const [, [length, preview], opcode, fin, rsv, key, repeated, chop, sync] = row;
      const bits = `OPCODE=${opcode}, FIN=${python(fin)}, RSV=${rsv}, PAYLOAD-LEN=${length}, MASK=${python(key)}`;
      const how = `PAYLOAD-REPEAT-LEN=${python(repeated)}, CHOPSIZE=${python(chop)}, SYNC=${python(sync)}`;
      return [`TX FRAME : ${bits}, ${how}`, ...wrap(preview)];
    }
    case "CT":
      return [`DELAY ${row[1].toFixed(6)} sec for TAG ${python(row[2])}`];
    case "CTE":
      return [`DELAY TIMEOUT on TAG ${python(row[1])}`];
    case "KL":
      return [`FAIL CONNECTION AFTER ${row[1].toFixed(6)} sec`];
    case "KLE":
      return ["FAILING CONNECTION"];
    case "TI":
      return [`CLOSE CONNECTION AFTER ${row[1].toFixed(6)} sec`];
    case "TIE":
      return ["CLOSING CONNECTION"];
    case "WLM":
      return [`WIRELOG ${row[1] ? "ENABLED" : "DISABLED"}`];
  }
}

/** Lines of 100 columns (as in the original), broken at blanks, or inside a word that is longer than a line. An empty text has no line. */
function wrap(text: string): string[] {
  const lines: string[] = [];
  let line = "";
  for (const piece of visible(text).match(/ +|[^ ]+/g) ?? []) {
    let rest = piece;
    if (rest.length <= columns && line.length + rest.length > columns) {
      lines.push(line.trimEnd());
      line = "";
    }
    while (line.length + rest.length > columns) {
      const room = columns - line.length;
      lines.push(line + rest.slice(0, room));
      rest = rest.slice(room);
      line = "";
    }
    if (line !== "" || lines.length === 0 || !rest.startsWith(" ")) line += rest;
  }
  return line.trim() === "" ? lines : [...lines, line.trimEnd()];
}

function list(events: readonly EventRow[]): string {
  return `[${events.map((event) => `(${event.map((part, index) => literal(part, index, event[0])).join(", ")})`).join(", ")}]`;
}

// The original keeps payloads as Unicode strings where they are UTF-8, and kinds, tags and hexadecimal previews as octet strings.
function literal(part: string | boolean, index: number, kind: string): string {
  if (typeof part === "boolean") return python(part);
  const octets = index === 0 || kind === "timeout" || /^0x[0-9a-f]+( \.\.\.)?$/.test(part);
  const quote = part.includes("'") && !part.includes('"') ? '"' : "'";
  const inner = Array.from(part, (character) => {
    const code = character.codePointAt(0)!;
    if (character === "\\" || character === quote) return `\\${character}`;
    if (character === "\n") return "\\n";
    if (character === "\r") return "\\r";
    if (character === "\t") return "\\t";
    if (code >= 0x20 && code < 0x7f) return character;
    if (code < 0x100) return `\\x${code.toString(16).padStart(2, "0")}`;
    return code < 0x10000 ? `\\u${code.toString(16).padStart(4, "0")}` : `\\U${code.toString(16).padStart(8, "0")}`;
  });
  return `${octets ? "" : "u"}${quote}${inner.join("")}${quote}`;
}

function quoted(preview: string): string {
  return preview === "" ? "(empty)" : /^0x[0-9a-f]+( \.\.\.)?$/.test(preview) ? preview : `“${visible(preview)}”`;
}

function cut(text: string): string {
  return text.length > 1_000 ? `${text.slice(0, 996)} ...` : text;
}

function byNumber(stats: Readonly<Record<string, number>>): [string, number][] {
  return Object.entries(stats).sort(([one], [other]) => Number(one) - Number(other));
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

const columns = 100;

type ClosingKey = keyof typeof closingKeys;

const closingKeys = {
  isServer: "The fuzzer is the server; the peer is a client.",
  closedByMe: "The fuzzer sent the first Close frame.",
  failedByMe: "The fuzzer failed the connection, because of a protocol error or because time was up.",
  droppedByMe: "The fuzzer ended TCP.",
  wasClean: "Both Close frames were exchanged, and TCP was ended by the side whose turn it was.",
  wasNotCleanReason: "Why it was not clean.",
  wasServerConnectionDropTimeout: "The fuzzer, as client, waited in vain for the server to end TCP.",
  wasOpenHandshakeTimeout: "The peer did not finish the opening handshake in time.",
  wasCloseHandshakeTimeout: "The peer did not answer the fuzzer's Close in time.",
  localCloseCode: "The code in the fuzzer's Close, if there was one.",
  localCloseReason: "The reason in the fuzzer's Close, if there was one.",
  remoteCloseCode: "The code in the peer's Close, if there was one.",
  remoteCloseReason: "The reason in the peer's Close, if there was one.",
} satisfies Partial<Record<keyof CaseResult, string>>;
