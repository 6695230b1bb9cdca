// What comes in: octets of a chunk. What goes out: an array that the application may keep for ever. A view pins its whole buffer, so
// a kept message may pin at most twice itself, or 8 KiB (up to 64 octets: 64 more than twice). Next file: assembler.ts.
import type { Bytes } from "../types.ts";
import { copy } from "../wire/copy.ts";
import { type Lanes, lanesOf, xorCopy } from "../wire/mask.ts";
import type { Input } from "./input.ts";
import type { Settings } from "../options.ts";

/** Unmasks chunk[from, to) of the input (key 0: it is clear already) and returns it as an array to keep. */
export function keep(input: Input, from: number, to: number, key: number, settings: Settings): Bytes {
  const chunk = input.chunk, size = to - from;
  if (mayView(size, input.buffer.byteLength)) {
    if (key !== 0) input.unmask(from, to, key, settings);
    return new Uint8Array(input.buffer, input.base + from, size);
  }
  if (size <= OWN) return copySmall(chunk, from, size, key);
  if (size > SLAB >> 1) {
    if (key !== 0) input.unmask(from, to, key, settings);
    const kept = new Uint8Array(size);
    copy(chunk, from, to, kept, 0);
    return kept;
  }
  const at = input.base + from;
  const put = room(at, size);
  xorCopy(input.lanes, at, at + size, key, slab, put);
  return new Uint8Array(slab.buffer, put, size);
}

/** Whether a view of `size` octets may pin a buffer of `held`. */
export function mayView(size: number, held: number): boolean {
  return size <= OWN ? held <= 2 * size + OWN : held <= SLAB || 2 * size >= held;
}

/** Measured: up to 64 octets V8 keeps an array's octets in its heap, 30 ns; above, an own buffer costs 170 to 280 ns and a slab 45. */
const OWN = 64;
const SLAB = 8192;
let slab: Lanes = lanesOf(new ArrayBuffer(SLAB));
let used = 0;

/** A place in the slab that is congruent to `at` modulo 8, so that copy and XOR are one pass over words. */
function room(at: number, size: number): number {
  let put = used + ((at - used) & 7);
  if (put + size > SLAB) {
    slab = lanesOf(new ArrayBuffer(SLAB));
    put = at & 7;
  }
  used = put + size;
  return put;
}

function copySmall(chunk: Uint8Array, from: number, size: number, key: number): Bytes {
  const copy = new Uint8Array(size);
  const k0 = key & 255, k1 = (key >>> 8) & 255, k2 = (key >>> 16) & 255, k3 = key >>> 24;
  let i = 0;
  for (const stop = size - 3; i < stop; i += 4) {
    copy[i] = chunk[from + i]! ^ k0;
    copy[i + 1] = chunk[from + i + 1]! ^ k1;
    copy[i + 2] = chunk[from + i + 2]! ^ k2;
    copy[i + 3] = chunk[from + i + 3]! ^ k3;
  }
  for (; i < size; i++) copy[i] = chunk[from + i]! ^ (key >>> ((i & 3) << 3));
  return copy;
}
