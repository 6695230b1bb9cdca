// What comes in: every read, write, frame and timer of a connection. What goes out: the wire log, with previews instead of payloads, and
// how often which size and which opcode occurred. Rows can be switched off for sections that move gigabytes; the counts go on, and so
// do the rows of timers. RFC 6455 §5.2 for the terms. Next file: writer.ts.
import { Buffer } from "node:buffer";
import type { EventRow, WireRow } from "./result.ts";

/** A frame that was received, whatever rule it breaks. */
export interface FrameIn {
  readonly opcode: number;
  readonly fin: boolean;
  readonly rsv: number;
  readonly mask: Uint8Array | null;
}

/** A frame that was sent. */
export interface FrameOut {
  readonly opcode: number;
  readonly fin: boolean;
  readonly rsv: number;
  readonly mask: Uint8Array | null;
  /** The pattern, where a pattern is repeated. */
  readonly payload: Uint8Array;
  readonly repeated: number | null;
  readonly chop: number | null;
  readonly sync: boolean;
}

/** Rows of timers, which are written in any case. */
export type TimerRow = Extract<WireRow, readonly ["CT" | "CTE" | "KL" | "KLE" | "TI" | "TIE", ...unknown[]]>;

/** How often each size or opcode occurred. */
export type Counts = Readonly<Record<string, number>>;

/** The log of one connection. */
export class Wirelog {
  readonly rows: WireRow[] = [];
  /** Milliseconds from the start to each row. */
  readonly times: number[] = [];
  /** Rows are being written. Set directly, it changes without a row of its own (9.1 to 9.6). */
  writes = true;
  readonly #now: () => number;
  readonly #start: number;
  readonly #octetsIn = new Map<number, number>();
  readonly #octetsOut = new Map<number, number>();
  readonly #framesIn = new Map<number, number>();
  readonly #framesOut = new Map<number, number>();

  constructor(now: () => number) {
    this.#now = now;
    this.#start = now();
  }

  /** Switches rows on or off, which is a row itself. */
  enable(writes: boolean): void {
    if (writes === this.writes) return;
    this.writes = writes;
    this.#add(["WLM", writes]);
  }

  /** A read. */
  octetsIn(bytes: Uint8Array): void {
    count(this.#octetsIn, bytes.byteLength);
    if (this.writes) this.#add(["RO", [bytes.byteLength, hexPreview(bytes)]]);
  }

  /** A write; `sync`: in a turn of its own. */
  octetsOut(bytes: Uint8Array, sync: boolean): void {
    count(this.#octetsOut, bytes.byteLength);
    if (this.writes) this.#add(["TO", [bytes.byteLength, hexPreview(bytes)], sync]);
  }

  /** A frame received; `payload` is unmasked and inflated. */
  frameIn({ opcode, fin, rsv, mask }: FrameIn, payload: Uint8Array): void {
    count(this.#framesIn, opcode);
    if (this.writes) this.#add(["RF", [payload.byteLength, textPreview(payload)], opcode, fin, rsv, mask !== null, key(mask)]);
  }

  /** A frame sent. */
  frameOut({ opcode, fin, rsv, mask, payload, repeated, chop, sync }: FrameOut): void {
    count(this.#framesOut, opcode);
    if (!this.writes) return;
    this.#add(["TF", [payload.byteLength, textPreview(payload)], opcode, fin, rsv, key(mask), repeated, chop, sync]);
  }

  timer(row: TimerRow): void {
    this.#add(row);
  }

  get rxOctetStats(): Counts {
    return plain(this.#octetsIn);
  }
  get txOctetStats(): Counts {
    return plain(this.#octetsOut);
  }
  get rxFrameStats(): Counts {
    return plain(this.#framesIn);
  }
  get txFrameStats(): Counts {
    return plain(this.#framesOut);
  }

  #add(row: WireRow): void {
    this.rows.push(row);
    this.times.push(this.#now() - this.#start);
  }
}

/** Hexadecimal digits; of more than 60 octets the first 64, and dots, even if those are all. */
export function hexPreview(bytes: Uint8Array): string {
  return bytes.byteLength > MOST ? hex(bytes.subarray(0, SHOWN)) + DOTS : hex(bytes);
}

/** Text, cut by the same rule; hexadecimal digits if the part that is shown is not UTF-8. */
export function textPreview(bytes: Uint8Array): string {
  const cut = bytes.byteLength > MOST;
  try {
    return utf8.decode(cut ? bytes.subarray(0, SHOWN) : bytes) + (cut ? DOTS : "");
  } catch {
    return `0x${hexPreview(bytes)}`;
  }
}

/** A message or a Pong as reports show it. */
export function messageRow(payload: Uint8Array, binary: boolean): EventRow {
  return ["message", textPreview(payload), binary];
}
export function pongRow(payload: Uint8Array): EventRow {
  return ["pong", textPreview(payload)];
}

/** Hexadecimal digits without blanks. */
export function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("hex");
}

function key(mask: Uint8Array | null): string | null {
  return mask === null ? null : hex(mask);
}
function count(counts: Map<number, number>, of: number): void {
  counts.set(of, (counts.get(of) ?? 0) + 1);
}
function plain(counts: ReadonlyMap<number, number>): Counts {
  return Object.fromEntries(counts);
}

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const MOST = 60;
const SHOWN = 64;
const DOTS = " ...";
