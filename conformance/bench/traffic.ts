// What comes in: a kind and a size. What goes out: payloads, and streams of frames cut as a socket would give them.
// Made with the suite's own frame layer, the same octets for every contender. Next file: decode.ts.
import type { Bytes, Kind } from "../../core/types.ts";
import { concat, encode, utf8 } from "../frames/encode.ts";
import { seededRandom } from "../support/virtual.ts";

/** What Node reads from a socket at a time. */
export const CHUNK: number = 64 * 1024;

/** ASCII that looks like JSON, or octets without any pattern. */
export function payload(kind: Kind, size: number): Bytes {
  const bytes = new Uint8Array(size);
  if (kind === "binary") seededRandom(size)(bytes);
  else {for (let at = 0; at < size; at += JSON_TEXT.byteLength) {
      bytes.set(JSON_TEXT.subarray(0, size - at), at);
    }}
  return bytes;
}

export interface Traffic {
  readonly chunks: readonly Buffer[];
  readonly messages: number;
  /** Payload octets, or characters of ASCII text. */
  readonly size: number;
}

/**
 * Masked frames, as a client sends them, each with a key of its own. A quarter of a mebibyte: a pass over it is shorter than the time slice
 * of a busy machine, so that the median pass has not been interrupted.
 */
export function traffic(
  kind: Kind,
  size: number,
  pack: (data: Bytes, i: number) => Bytes = (data) => data,
  rsv = 0,
  total: number = TOTAL,
): Traffic {
  const data = payload(kind, size);
  const random = seededRandom(size + 1);
  const messages = Math.max(1, Math.round(total / (size + 8)));
  const frames = Array.from({ length: messages }, (_, i) => {
    const mask = new Uint8Array(4);
    random(mask);
    return encode({
      opcode: kind === "text" ? 1 : 2,
      rsv,
      payload: pack(data, i),
      mask,
    });
  });
  const all = concat(frames);
  const chunks: Buffer[] = [];
  for (let at = 0; at < all.byteLength; at += CHUNK) {
    chunks.push(Buffer.from(all.subarray(at, at + CHUNK)));
  }
  return { chunks, messages, size };
}

/**
 * Times `feed` over all chunks. Each is copied to fresh memory before its time starts, as after a read; the reader may write into it.
 * Returns nanoseconds per message.
 */
export function timeChunks(
  { chunks, messages }: Traffic,
  memory: readonly Buffer[],
  feed: (chunk: Buffer) => void,
): number {
  let spent = 0;
  for (let i = 0; i < chunks.length; i++) {
    const chunk = memory[i];
    chunk.set(chunks[i]);
    const start = performance.now();
    feed(chunk);
    spent += performance.now() - start;
  }
  return spent * 1e6 / messages;
}
/** Buffers of their own for the chunks of a stream. */
export function memoryFor({ chunks }: Traffic): Buffer[] {
  return chunks.map((chunk) => Buffer.allocUnsafeSlow(chunk.byteLength));
}

const TOTAL = 256 * 1024;
const JSON_TEXT = utf8(
  `{"id":12345,"op":"move","x":10.25,"y":-3.5,"name":"Jane Doe"} `,
);
