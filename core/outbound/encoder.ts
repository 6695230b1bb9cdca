// What comes in: payloads. What goes out: frames in a Queue, in their shortest form, masked if we are the client. RFC 6455 §5.2, §5.3.
// Next file: output.ts.
import { copy } from "../wire/copy.ts";
import { headerLength, MASK, writeHeader } from "../wire/frame.ts";
import { rotate, writeKey, xor } from "../wire/mask.ts";
import type { TextCodec } from "../wire/text.ts";
import type { Masks } from "./masks.ts";
import { BIG, type Queue, STRETCH } from "./queue.ts";

/** Appends a frame with a copy of src[from, to). `first`: FIN, RSV and opcode. */
export function appendBytes(queue: Queue, first: number, src: Uint8Array, from: number, to: number, masks: Masks | null): void {
  const size = to - from;
  if (size > BIG) return appendBig(queue, first, src, from, to, masks);
  const key = masks === null ? 0 : masks.next(); // first, since the host's randomness may fail
  const start = queue.reserve(size + HEADER, true);
  const lanes = queue.lanes, into = lanes.bytes;
  let at = writeHeader(into, start, first, masks === null ? 0 : MASK, size);
  if (masks !== null) {
    writeKey(into, at, key);
    at += 4;
  }
  copy(src, from, to, into, at);
  if (key !== 0) xor(lanes, at, at + size, key);
  queue.commit(at + size);
}

/** Appends a frame whose payload is the caller's memory, which must not change until it has left. Only unmasked. */
export function appendGiven(queue: Queue, first: number, payload: Uint8Array): void {
  const start = queue.reserve(HEADER, true);
  queue.commit(writeHeader(queue.lanes.bytes, start, first, 0, payload.length));
  queue.append(payload, false);
}

/** Appends a text frame. */
export function appendText(queue: Queue, first: number, text: string, masks: Masks | null, codec: TextCodec): void {
  const units = text.length;
  if (units * 3 + HEADER > STRETCH) return appendLongText(queue, first, text, masks, codec);
  const key = masks === null ? 0 : masks.next();
  const start = queue.reserve(units * 3 + HEADER, true);
  const lanes = queue.lanes, into = lanes.bytes;
  const keyLength = masks === null ? 0 : 4;
  // The header depends on the octets, which are known behind it: guess ASCII, and move the payload where that was wrong.
  const guess = start + headerLength(units) + keyLength;
  let size = units <= codec.byHand ? writeAscii(text, into, guess) : -1;
  if (size === -1) {
    size = codec.write(text, into, guess);
    const wanted = start + headerLength(size) + keyLength;
    if (wanted !== guess) into.copyWithin(wanted, guess, guess + size);
  }
  let at = writeHeader(into, start, first, masks === null ? 0 : MASK, size);
  if (masks !== null) {
    writeKey(into, at, key);
    at += 4;
    xor(lanes, at, at + size, key);
  }
  queue.commit(at + size);
}

/** Most long texts are ASCII and fit a stretch all the same: try, with room that only ASCII leaves unused. */
function appendLongText(queue: Queue, first: number, text: string, masks: Masks | null, codec: TextCodec): void {
  const units = text.length;
  if (masks === null && units + HEADER + 4 <= STRETCH) {
    // Not reserved before it is known: a chunk without octets would never leave.
    const start = queue.foresee(units + HEADER + 4), into = queue.lanes.bytes;
    const at = start + headerLength(units);
    if (codec.write(text, into.subarray(0, at + units + 4), at) === units) {
      writeHeader(into, start, first, 0, units);
      queue.reserve(units + HEADER + 4, true);
      return queue.commit(at + units);
    }
  }
  const bytes = codec.encode(text);
  appendBytes(queue, first, bytes, 0, bytes.length, masks);
}

/** Over as many slabs as it takes, so that large frames need no memory of their own. */
function appendBig(queue: Queue, first: number, src: Uint8Array, from: number, to: number, masks: Masks | null): void {
  let key = masks === null ? 0 : masks.next();
  let at = queue.reserve(HEADER, true);
  at = writeHeader(queue.lanes.bytes, at, first, masks === null ? 0 : MASK, to - from);
  if (masks !== null) {
    writeKey(queue.lanes.bytes, at, key);
    at += 4;
  }
  queue.commit(at);
  while (from < to) {
    at = queue.reserve(1, false);
    const part = Math.min(to - from, queue.room);
    copy(src, from, from + part, queue.lanes.bytes, at);
    if (key !== 0) xor(queue.lanes, at, at + part, key);
    key = rotate(key, part);
    queue.commit(at + part);
    from += part;
  }
}

/** The octets written, or -1: not ASCII. */
function writeAscii(text: string, into: Uint8Array, at: number): number {
  const units = text.length;
  for (let i = 0; i < units; i++) {
    const code = text.charCodeAt(i);
    if (code > 127) return -1;
    into[at + i] = code;
  }
  return units;
}

/** The longest header with its masking key. */
const HEADER = 14;
