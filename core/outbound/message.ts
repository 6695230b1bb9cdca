// What comes in: a message or a fragment of one. What goes out: its frame in the queue, compressed where that was agreed and pays.
// What is remembered between fragments is one number. RFC 6455 §5.4, RFC 7692 §6.1. Next file: queue.ts.
import { UsageError } from "../errors.ts";
import type { Kind, SendOptions } from "../types.ts";
import { BINARY, CONTINUATION, FIN, RSV1, TEXT } from "../wire/frame.ts";
import type { TextCodec } from "../wire/text.ts";
import type { Deflation } from "../deflate/deflation.ts";
import { appendBytes, appendGiven, appendText } from "./encoder.ts";
import type { Masks } from "./masks.ts";
import type { PreparedMessage } from "./prepared.ts";
import { BIG, type Queue } from "./queue.ts";

/** The message of ours that is not finished: NONE, or its opcode, with RSV1 if it is compressed. */
export type Unfinished = number;
export const NONE: Unfinished = 0;

/** Throws MIXED_MESSAGE if a frame of this kind cannot come next. */
export function requireKind(unfinished: Unfinished, kind: Kind): void {
  if (unfinished === NONE || (unfinished & 0x0f) === opcodeOf(kind)) return;
  throw new UsageError(
    "MIXED_MESSAGE",
    `the message began as ${kind === "text" ? "binary" : "text"}, this part of it is ${kind}`,
  );
}

/** Appends text that is not compressed. */
export function queueText(
  queue: Queue,
  unfinished: Unfinished,
  text: string,
  last: boolean,
  masks: Masks | null,
  codec: TextCodec,
): Unfinished {
  appendText(queue, firstOctet(unfinished, TEXT, last), text, masks, codec);
  return last ? NONE : TEXT;
}

/** Appends bytes[from, to). The first frame of a message decides whether it is compressed; many bytes that are given are referred to. */
export function queueBytes(
  queue: Queue,
  unfinished: Unfinished,
  kind: Kind,
  bytes: Uint8Array,
  from: number,
  to: number,
  { last = true, compress, give = false }: SendOptions,
  masks: Masks | null,
  deflation: Deflation | null,
): Unfinished {
  const begun = unfinished !== NONE ? unfinished : opcodeOf(kind) | (pays(deflation, to - from, last, compress) ? RSV1 : 0);
  const first = firstOctet(unfinished, begun, last);
  if ((begun & RSV1) !== 0) {
    const packed = deflation!.compress(bytes, from, to, last);
    appendBytes(queue, first, packed, 0, packed.length, masks);
  } else if (give && masks === null && to - from >= BIG) appendGiven(queue, first, bytes.subarray(from, to));
  else appendBytes(queue, first, bytes, from, to, masks);
  return last ? NONE : begun;
}

/** Appends a message that `prepare` made, in the form that this connection can read. */
export function queuePrepared(queue: Queue, message: PreparedMessage, masks: Masks | null, deflation: Deflation | null): void {
  const { plain, compressed } = message;
  const fits = deflation !== null && compressed !== null && compressed.windowBits <= deflation.windowBits;
  if (fits) deflation.forget();
  const { bytes, payload } = fits ? compressed : plain;
  if (masks !== null) appendBytes(queue, bytes[0]!, bytes, payload, bytes.length, masks);
  else if (bytes.length >= BIG) queue.append(bytes, true);
  else queue.copy(bytes);
}

function opcodeOf(kind: Kind): number {
  return kind === "text" ? TEXT : BINARY;
}
function firstOctet(unfinished: Unfinished, begun: Unfinished, last: boolean): number {
  return (last ? FIN : 0) | (unfinished === NONE ? begun : CONTINUATION);
}
/** An empty message stays as it is: compressed it would be longer (§7.2.3.6). */
function pays(deflation: Deflation | null, size: number, last: boolean, compress: boolean | undefined): boolean {
  return deflation !== null && (compress ?? size >= deflation.threshold) && !(last && size === 0);
}
