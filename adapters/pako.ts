// What comes in: pako 3, a port of zlib to plain JavaScript (an optional peer dependency). What goes out: a DeflateEngine with the
// contract of zlib.ts, for hosts without node:zlib (RFC 1951, RFC 7692 §7.2). It drives pako's z_stream, which is bounded on both
// sides; pako's own classes inflate all they are given. This is the last engine: core/deflate/stage.ts is what drives them.
import * as z from "pako";
import type { Codec, CodecMode, DeflateEngine } from "../core/types.ts";

/** DEFLATE in plain JavaScript. Its codecs throw an Error on corrupt data. */
export const pako: DeflateEngine = {
  deflateBits: [8, 15],
  inflater: (windowBits) => new PakoCodec(true, windowBits, 0),
  // pako refuses a raw 8. 9 never reaches farther back than 250 octets, so 8 can inflate it.
  deflater: (windowBits, level) => new PakoCodec(false, Math.max(9, windowBits), level),
};

class PakoCodec implements Codec {
  read = 0;
  written = 0;
  ended = false;
  readonly #inflates: boolean;
  readonly #stream: z.ZStream = new z.ZStream();
  #usable = true;

  constructor(inflates: boolean, windowBits: number, level: number) {
    this.#inflates = inflates;
    // Negative: raw, without a zlib header.
    if (inflates) must(z.zlibInflateInit2(this.#stream, -windowBits));
    else must(z.zlibDeflateInit2(this.#stream, level, Z_DEFLATED, -windowBits, MEMORY_LEVEL, z.Z_DEFAULT_STRATEGY));
  }

  run(src: Uint8Array, srcAt: number, srcEnd: number, dst: Uint8Array, dstAt: number, dstEnd: number, mode: CodecMode): void {
    if (!this.#usable) throw new Error("the codec is closed, or has failed and was not reset");
    if (!within(src, srcAt, srcEnd) || !within(dst, dstAt, dstEnd)) throw new RangeError("a range outside its array");
    if (dstAt === dstEnd) {
      this.read = this.written = 0; // as zlib.ts; pako would read on, without a place for what comes out
      return;
    }
    const stream = this.#stream;
    stream.input = src;
    stream.next_in = srcAt;
    stream.avail_in = srcEnd - srcAt;
    stream.output = dst as Uint8Array<ArrayBuffer>;
    stream.next_out = dstAt;
    stream.avail_out = dstEnd - dstAt;
    const flush = mode === "more" ? z.Z_NO_FLUSH : mode === "flush" ? z.Z_SYNC_FLUSH : z.Z_BLOCK;
    const status = this.#inflates ? z.zlibInflate(stream, flush) : z.zlibDeflate(stream, flush);
    // The caller's buffers are borrowed: an idle codec must not keep them alive.
    stream.input = stream.output = NOTHING;
    if (status !== z.Z_OK && status !== z.Z_STREAM_END && status !== z.Z_BUF_ERROR) {
      this.#usable = false;
      throw new Error(`deflate: ${stream.msg || `status ${status}`}`);
    }
    this.read = stream.next_in - srcAt;
    this.written = stream.next_out - dstAt;
    // With Z_STREAM_END alone the flag would rise one run earlier than zlib.ts can tell: both wait for input that is left unread.
    if (status === z.Z_STREAM_END && this.read < srcEnd - srcAt && this.written < dstEnd - dstAt) this.ended = true;
  }

  reset(): void {
    if (this.#stream.state === null) return;
    must(this.#inflates ? z.zlibInflateReset(this.#stream) : z.zlibDeflateReset(this.#stream));
    this.#usable = true;
    this.read = this.written = 0;
    this.ended = false;
  }

  close(): void {
    this.#usable = false;
    if (this.#inflates) z.zlibInflateEnd(this.#stream);
    else z.zlibDeflateEnd(this.#stream);
  }
}

function within(bytes: Uint8Array, from: number, to: number): boolean {
  return 0 <= from && from <= to && to <= bytes.length;
}
function must(status: number): void {
  if (status !== z.Z_OK) throw new Error(`pako: status ${status}`);
}

const Z_DEFLATED = 8;
const MEMORY_LEVEL = 8;
const NOTHING = new Uint8Array(0);
