// What comes in: encoded frames, appended in the order of the calls. What goes out: chunks for the transport, as few and as large as they
// can be. Frames of one turn stand side by side in a slab that all connections of the process share, so that they leave in one write:
// measured on Node, 28 ns a frame instead of 1,213. Next file: encoder.ts, which writes into it.
import { copy } from "../wire/copy.ts";
import { type Lanes, lanesOf } from "../wire/mask.ts";

/** Memory for output. It starts anew once nobody waits in it; memory of a chunk that is in flight is never written to. */
interface Slab {
  readonly lanes: Lanes;
  used: number;
  /** Segments in it that have not been consumed. */
  live: number;
  /** The segment that ends at `used` and may grow; null if it is sealed or gone. */
  top: Segment | null;
}
/** A run of octets that leaves as one chunk. */
interface Segment {
  slab: Slab | null;
  bytes: Uint8Array;
  start: number;
  end: number;
  /** It starts with a frame, so that a ping may go before it. */
  boundary: boolean;
  /** It holds a Ping whose deadline starts when it has left. */
  watched: boolean;
  next: Segment | null;
}

/** Payloads of at least this size are not copied if they are given, and may span slabs if they are. */
export const BIG: number = 64 * 1024;
/** The longest stretch that `reserve` gives in one piece: two messages of 64 KiB, with their headers. */
export const STRETCH: number = 128 * 1024 + 64;

export class Queue {
  /** Octets that wait. */
  length = 0;
  #head: Segment | null = null;
  #tail: Segment | null = null;
  #peeked: Uint8Array | null = null;

  /** An offset in `lanes` with `need` octets of room behind it; `commit` says how many were used. `boundary`: a frame starts there. */
  reserve(need: number, boundary: boolean): number {
    if (this.#tail !== null && current.top === this.#tail && current.used + need <= STRETCH) return current.used;
    return this.#open(need, boundary);
  }
  /** A segment of this queue at the end of what is used. */
  #open(need: number, boundary: boolean): number {
    this.foresee(need);
    this.#link(segment(current, current.lanes.bytes, current.used, boundary));
    current.live++;
    current.top = this.#tail;
    return current.used;
  }
  /** Where `reserve` will put so much; nothing is appended. For octets of which it is not known yet whether they are wanted. */
  foresee(need: number): number {
    if (current.used + need > STRETCH) current = spareSlabs.pop() ?? makeSlab(); // somebody waits in this one, or it would be unused
    return current.used;
  }
  /** The memory that `reserve` spoke of. */
  get lanes(): Lanes {
    return current.lanes;
  }
  /** Octets of room behind what is used. */
  get room(): number {
    return STRETCH - current.used;
  }
  commit(end: number): void {
    this.length += end - current.used;
    current.used = end;
    this.#tail!.end = end;
  }
  /** Appends memory by reference; it must not change until it has been consumed. */
  append(bytes: Uint8Array, boundary: boolean): void {
    const added = segment(null, bytes, 0, boundary);
    added.end = bytes.length;
    this.length += bytes.length;
    this.#link(added);
  }
  /** Appends a copy of at most a stretch. */
  copy(bytes: Uint8Array): void {
    const at = this.reserve(bytes.length, true);
    copy(bytes, 0, bytes.length, current.lanes.bytes, at);
    this.commit(at + bytes.length);
  }
  /** What was appended last holds a Ping to watch. */
  watch(): void {
    this.#tail!.watched = true;
  }

  /** No chunk has been handed out, and the next one would start with a frame. */
  get interruptible(): boolean {
    return this.#peeked === null && (this.#head === null || this.#head.boundary);
  }
  /** Lets `encode` append in front of everything, and nothing goes between what it appends. Only while `interruptible`. */
  prepend(encode: () => void): void {
    const head = this.#head, tail = this.#tail;
    this.#head = this.#tail = null;
    encode();
    for (let at = (this.#head as Segment | null)?.next ?? null; at !== null; at = at.next) at.boundary = false;
    if (head === null) return;
    if (this.#tail === null) this.#head = head;
    else (this.#tail as Segment).next = head;
    this.#tail = tail;
  }

  /** The next chunk, sealed: the same one until it is consumed. */
  peek(): Uint8Array | null {
    if (this.#peeked !== null) return this.#peeked;
    const head = this.#head;
    if (head === null) return null;
    if (head.slab !== null && head.slab.top === head) head.slab.top = null;
    const { slab, start, end } = head;
    return this.#peeked = slab === null ? head.bytes.subarray(start, end) : new Uint8Array(slab.lanes.buffer, start, end - start);
  }
  /** Octets of the chunk that is handed out. */
  get peeked(): number {
    return this.#peeked === null ? 0 : this.#peeked.length;
  }
  /** Removes octets from the front of the chunk. true: a watched Ping has left. */
  consume(count: number): boolean {
    const head = this.#head!;
    this.#peeked = null;
    this.length -= count;
    head.start += count;
    head.boundary = false;
    if (head.start < head.end) return false;
    const watched = head.watched;
    this.#head = head.next;
    if (this.#head === null) this.#tail = null;
    recycle(head, true);
    return watched;
  }
  /** Forgets everything. A chunk that was handed out may still be read by the transport: its memory is not used again. */
  drop(): void {
    for (let at = this.#head; at !== null;) {
      const next = at.next;
      recycle(at, at !== this.#head || this.#peeked === null);
      at = next;
    }
    this.#head = this.#tail = this.#peeked = null;
    this.length = 0;
  }

  #link(added: Segment): void {
    if (this.#tail === null) this.#head = added;
    else this.#tail.next = added;
    this.#tail = added;
  }
}

/** Output memory for a connection whose chunks must not depend on what others of the process send. */
export interface Memory {
  slab: unknown;
}
export function ownMemory(): Memory {
  return { slab: makeSlab() };
}
/** Runs with this memory in place of that of the process. */
export function within<T>(memory: Memory, run: () => T): T {
  const shared = current;
  current = memory.slab as Slab;
  try {
    return run();
  } finally {
    memory.slab = current;
    current = shared;
  }
}

function segment(slab: Slab | null, bytes: Uint8Array, start: number, boundary: boolean): Segment {
  const found = spareSegment;
  if (found === null) return { slab, bytes, start, end: start, boundary, watched: false, next: null };
  spareSegment = found.next;
  spareDepth--;
  found.slab = slab;
  found.bytes = bytes;
  found.start = found.end = start;
  found.boundary = boundary;
  found.watched = false;
  found.next = null;
  return found;
}
/** `reusable`: nobody reads its memory any more. */
function recycle(old: Segment, reusable: boolean): void {
  const slab = old.slab;
  if (slab !== null) {
    if (slab.top === old) slab.top = null;
    if (reusable && --slab.live === 0) {
      slab.used = 0;
      if (slab !== current && spareSlabs.length < SPARE_SLABS) spareSlabs.push(slab);
    }
  }
  old.slab = null;
  old.bytes = NONE;
  if (spareDepth === SPARE_SEGMENTS) return;
  old.next = spareSegment;
  spareSegment = old;
  spareDepth++;
}
function makeSlab(): Slab {
  return { lanes: lanesOf(new ArrayBuffer(STRETCH)), used: 0, live: 0, top: null };
}

const NONE: Uint8Array = new Uint8Array(0);
/** Measured where a write settles later: 64 peers that each wait for 64 KiB need 32, and a new one costs as much as to fill it. */
const SPARE_SLABS = 16;
const SPARE_SEGMENTS = 64;
const spareSlabs: Slab[] = [];
let spareSegment: Segment | null = null;
let spareDepth = 0;
let current: Slab = makeSlab();
