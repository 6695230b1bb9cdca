// What comes in: one message for many connections. What goes out: the same, encoded once and compressed once; `sendPrepared` only copies
// it, or hands it over by reference. RFC 6455 §5.6, RFC 7692 §7.2.1. Next file: ../machine.ts.
import { UsageError } from "../errors.ts";
import { settleDeflate } from "../options.ts";
import type { Bytes, Deflate, Kind, Prepared } from "../types.ts";
import { deflaters } from "../deflate/codec.ts";
import { Deflation } from "../deflate/deflation.ts";
import { BINARY, FIN, headerLength, RSV1, TEXT, writeHeader } from "../wire/frame.ts";
import { textCodec } from "../wire/text.ts";

/** Unmasked frames of a message; a client masks its copy. */
export class PreparedMessage implements Prepared {
  readonly kind: Kind;
  readonly byteLength: number;
  readonly plain: Frame;
  readonly compressed: (Frame & { readonly windowBits: number }) | null;
  constructor(kind: Kind, payload: Uint8Array, compressed: Uint8Array | null, windowBits: number) {
    this.kind = kind;
    this.byteLength = payload.length;
    const opcode = FIN | (kind === "text" ? TEXT : BINARY);
    this.plain = frame(opcode, payload);
    this.compressed = compressed === null ? null : { ...frame(opcode | RSV1, compressed), windowBits };
  }
}
interface Frame {
  readonly bytes: Bytes;
  /** Where its payload starts. */
  readonly payload: number;
}

/**
 * Encodes a message once for `sendPrepared` on many connections. `data` is copied. With `compress` it is compressed too, without context;
 * connections that agreed on compression send that form, the others the plain one. Throws BAD_ARGUMENT, BAD_OPTION.
 *
 * @example
 * const news = prepare("hello, everybody");
 * for (const connection of connections) connection.sendPrepared(news);
 */
export function prepare(data: string | Uint8Array, options: { readonly compress?: Deflate } = {}): Prepared {
  if (typeof data !== "string" && !isBytes(data)) {
    throw new UsageError("BAD_ARGUMENT", "a message must be a string or a Uint8Array");
  }
  const payload = typeof data === "string" ? portable.encode(data) : data;
  const kind = typeof data === "string" ? "text" : "binary";
  const deflate = settleDeflate(options.compress ?? null);
  // An empty message stays as it is: compressed it would be longer (RFC 7692 §7.2.3.6).
  if (deflate === null || payload.length < Math.max(deflate.threshold, 1)) return new PreparedMessage(kind, payload, null, 0);
  const deflation = new Deflation(deflaters(deflate.engine, deflate.windowBits, deflate.level), deflate.windowBits, false, 0);
  return new PreparedMessage(kind, payload, deflation.compress(payload, 0, payload.length, true), deflate.windowBits);
}

/** A Uint8Array of any realm. */
export function isBytes(value: unknown): value is Uint8Array {
  return value instanceof Uint8Array || Object.prototype.toString.call(value) === "[object Uint8Array]";
}

function frame(first: number, payload: Uint8Array): Frame {
  const start = headerLength(payload.length);
  const bytes = new Uint8Array(start + payload.length);
  writeHeader(bytes, 0, first, 0, payload.length);
  bytes.set(payload, start);
  return { bytes, payload: start };
}

const portable = textCodec({});
