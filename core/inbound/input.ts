// What comes in: the chunks a transport handed over. What goes out: one cursor over the octets not yet read, and word views to unmask
// them with. Only tiny chunks that have to wait are joined: their arrays would cost hundreds of times their octets. Next file: decoder.ts.
import type { Bytes } from "../types.ts";
import { type Lanes, lanesOf, SHORT, xor, xorShort } from "../wire/mask.ts";
import type { Settings } from "../options.ts";

export const EMPTY: Bytes = new Uint8Array(0);

/** A list, because taking from the front of a long array costs as many steps as it is long. */
interface Waiting {
  readonly bytes: Uint8Array;
  /** Octets of it in use; the rest is room of our own for tiny chunks. */
  end: number;
  next: Waiting | null;
}

/** Unread input of one connection. Leased: an idle connection has none. */
export class Input {
  /** The chunk under the cursor, from `at` to `end`. */
  chunk: Uint8Array = EMPTY;
  at = 0;
  end = 0;
  /** The chunk's byteOffset: what is slow to ask for. */
  base = 0;
  #buffer: ArrayBuffer | null = null;
  #lanes: Lanes | null = null;
  /** The chunks behind it, and how many octets they have. */
  #first: Waiting | null = null;
  #last: Waiting | null = null;
  #waiting = 0;

  push(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    if (this.empty) return this.#set(bytes, bytes.length);
    this.#waiting += bytes.length;
    const last = this.#last;
    if (last !== null && last.bytes.length - last.end >= bytes.length) {
      last.bytes.set(bytes, last.end);
      last.end += bytes.length;
      return;
    }
    const added = waiting(bytes);
    if (last === null) this.#first = added;
    else last.next = added;
    this.#last = added;
  }
  /** Everything has been read. */
  get empty(): boolean {
    return this.at === this.end && this.#first === null;
  }
  /** Makes sure that there are octets at the cursor; false if everything has been read. */
  available(): boolean {
    if (this.at < this.end) return true;
    const next = this.#first;
    if (next === null) return false;
    this.#first = next.next;
    if (this.#first === null) this.#last = null;
    this.#waiting -= next.end;
    this.#set(next.bytes, next.end);
    return true;
  }
  /** Octets that wait, over all chunks. */
  get length(): number {
    return this.end - this.at + this.#waiting;
  }
  discard(): void {
    this.#set(EMPTY, 0);
    this.#first = this.#last = null;
    this.#waiting = 0;
  }
  /** What the chunk is a view of. */
  get buffer(): ArrayBuffer {
    return this.#buffer ??= this.chunk.buffer as ArrayBuffer;
  }
  /** Word views of the chunk's whole buffer; offsets in them are those of the chunk plus its byteOffset. */
  get lanes(): Lanes {
    return this.#lanes ??= lanesOf(this.buffer);
  }
  /** Unmasks chunk[from, to) in place. Returns 0 only if it is known to be ASCII now. */
  unmask(from: number, to: number, key: number, settings: Settings): number {
    const lanes = this.#lanes, base = this.base;
    if (lanes !== null && to - from < SHORT) return xorShort(lanes.bytes, lanes.words, base + from, base + to, key);
    return this.#unmaskOther(from, to, key, settings);
  }
  #unmaskOther(from: number, to: number, key: number, settings: Settings): number {
    const size = to - from, base = this.base;
    // Measured: views of a chunk that holds only a few octets cost more than they save.
    if (this.#lanes === null && size < LANES_FROM && this.end - from < 4 * LANES_FROM) {
      return xorOctets(this.chunk, from, to, key);
    }
    if (size < NATIVE_FROM || settings.unmask === null) return xor(this.lanes, base + from, base + to, key);
    KEY[0] = key;
    KEY[1] = key >>> 8;
    KEY[2] = key >>> 16;
    KEY[3] = key >>> 24;
    settings.unmask(this.chunk, from, to, KEY, 0);
    return 1;
  }
  #set(chunk: Uint8Array, end: number): void {
    this.chunk = chunk;
    this.at = 0;
    this.end = end;
    this.base = chunk.byteOffset;
    this.#buffer = null;
    this.#lanes = null;
  }
}

/** Takes an empty input, for as long as octets wait. */
export function leaseInput(): Input {
  return spare.pop() ?? new Input();
}
/** Gives an input back; it forgets its chunk. Answers null, to be stored in its place. */
export function releaseInput(input: Input): null {
  input.discard();
  if (spare.length < SPARE) spare.push(input);
  return null;
}

/** Measured: an array of one octet costs 250, and a peer decides how small its segments are. */
function waiting(bytes: Uint8Array): Waiting {
  if (bytes.length > TINY) return { bytes, end: bytes.length, next: null };
  const room = new Uint8Array(2 * TINY);
  room.set(bytes);
  return { bytes: room, end: bytes.length, next: null };
}

const TINY = 256;
const spare: Input[] = [];
const SPARE = 16;
const KEY: Uint8Array = new Uint8Array(4);
const NATIVE_FROM = 2048;
const LANES_FROM = 64;

function xorOctets(bytes: Uint8Array, at: number, end: number, key: number): number {
  let high = 0;
  for (; at < end; at++) {
    const octet = bytes[at]! ^ (key & 255);
    bytes[at] = octet;
    high |= octet;
    key = (key >>> 8) | (key << 24);
  }
  return high & 0x80;
}
