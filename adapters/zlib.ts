// What comes in: node:zlib, whose streams are asynchronous by contract. What goes out: a DeflateEngine that works at once, keeps its
// window between messages and writes straight into the caller's buffer (RFC 1951, RFC 7692 §7.2). The one synchronous way into these
// streams is private, though the same in Node, Bun, Deno and workerd, so it is tried once, with real data, before anything relies on
// it; the older `_processChunk` is the second choice. Next file: pako.ts, the same contract where there is no node:zlib.
import { createDeflateRaw, createInflateRaw } from "node:zlib";
import type { Codec, CodecMode, DeflateEngine } from "../core/types.ts";

/**
 * DEFLATE by the zlib of the runtime. Its codecs throw an Error on corrupt data; `close` frees the native memory at once. `deflateBits`
 * throws an Error where node:zlib has no synchronous way.
 */
export const zlib: DeflateEngine = zlibEngine({ createDeflateRaw, createInflateRaw });

/** What the engine needs of node:zlib. */
export interface ZlibModule {
  createDeflateRaw(options: ZlibOptions): object;
  createInflateRaw(options: ZlibOptions): object;
}
export interface ZlibOptions {
  readonly windowBits: number;
  readonly level?: number;
  readonly memLevel?: number;
  readonly chunkSize: number;
}

/** The engine over a given module: `zlib` is this over node:zlib. Nothing is created before the first use. */
export function zlibEngine(module: ZlibModule): DeflateEngine {
  let way: Way | null = null;
  const open = (kind: Kind): Native => (way ??= chooseWay(module))(module, kind);
  return {
    get deflateBits(): readonly [number, number] {
      way ??= chooseWay(module);
      return DEFLATE_BITS;
    },
    inflater: (windowBits) => new ZlibCodec(open, { inflate: true, windowBits, level: 0 }),
    // zlib would silently take 9 for a raw 8, workerd's throws. 9 never reaches farther back than 250 octets, so 8 can inflate it.
    deflater: (windowBits, level) => new ZlibCodec(open, { inflate: false, windowBits: Math.max(9, windowBits), level }),
  };
}

class ZlibCodec implements Codec {
  read = 0;
  written = 0;
  ended = false;
  readonly #open: (kind: Kind) => Native;
  readonly #kind: Kind;
  #native: Native | null;
  #closed = false;

  constructor(open: (kind: Kind) => Native, kind: Kind) {
    this.#open = open;
    this.#kind = kind;
    this.#native = open(kind);
  }

  run(src: Uint8Array, srcAt: number, srcEnd: number, dst: Uint8Array, dstAt: number, dstEnd: number, mode: CodecMode): void {
    const native = this.#native;
    if (native === null) throw new Error("the codec is closed, or has failed and was not reset");
    if (!within(src, srcAt, srcEnd) || !within(dst, dstAt, dstEnd)) throw new RangeError("a range outside its array");
    if (dstAt === dstEnd) {
      this.read = this.written = 0; // zlib takes the missing address of an empty array for an error
      return;
    }
    const flush = mode === "more" ? Z_NO_FLUSH : mode === "flush" ? Z_SYNC_FLUSH : Z_BLOCK;
    try {
      native.run(src, srcAt, srcEnd, dst, dstAt, dstEnd, flush);
    } catch (error) {
      // A stream that has failed is never used again: after an error the next write may abort the Node process.
      this.#free();
      throw error;
    }
    this.read = native.read;
    this.written = native.written;
    // node:zlib does not tell that a stream is over. But with input and room an inflater stops for nothing else, except, in border
    // mode, at the end of a block, and there only after it has read something. So an end that coincides with the end of the input
    // shows in the next run that has input.
    if (native.read < srcEnd - srcAt && native.written < dstEnd - dstAt && this.#kind.inflate) {
      if (flush !== Z_BLOCK || native.read === 0) this.ended = true;
    }
  }

  reset(): void {
    if (this.#closed) return;
    try {
      this.#native?.reset();
    } catch {
      this.#free();
    }
    this.#native ??= this.#open(this.#kind);
    this.read = this.written = 0;
    this.ended = false;
  }

  close(): void {
    this.#closed = true;
    this.#free();
  }

  #free(): void {
    this.#native?.close();
    this.#native = null;
  }
}

/** What determines a native stream. */
interface Kind {
  readonly inflate: boolean;
  readonly windowBits: number;
  readonly level: number;
}
/** A native stream that works at once. A failed `run` or `reset` throws and leaves nothing to do but `close`. */
interface Native {
  read: number;
  written: number;
  run(src: Uint8Array, srcAt: number, srcEnd: number, dst: Uint8Array, dstAt: number, dstEnd: number, flush: number): void;
  reset(): void;
  close(): void;
}
type Way = (module: ZlibModule, kind: Kind) => Native;

/** The private side of node:zlib's streams, as far as it is used here. */
interface ZlibStream {
  _handle: ZlibHandle | null;
  /** Written by the handle: octets left of the output, and of the input. */
  readonly _writeState: Uint32Array;
  readonly bytesWritten: number;
  readonly errored?: unknown;
  _processChunk(chunk: Uint8Array, flush: number): Uint8Array | null;
  on(event: "error", listener: () => void): void;
  removeAllListeners(event: "error"): void;
}
interface ZlibHandle {
  onerror: (message: unknown) => void;
  writeSync(
    flush: number,
    src: Uint8Array,
    srcAt: number,
    srcSize: number,
    dst: Uint8Array,
    dstAt: number,
    dstSize: number,
  ): unknown;
  reset(): void;
  close(): void;
}

function chooseWay(module: ZlibModule): Way {
  const way = [directWay, chunkWay].find((candidate) => works(candidate, module));
  if (way !== undefined) return way;
  throw new Error("sansws/zlib: node:zlib of this runtime cannot work synchronously on a stream; use sansws/pako");
}

/** Two messages with one window, the end of the second one's last block, and corrupt data. */
function works(way: Way, module: ZlibModule): boolean {
  const natives: Native[] = [];
  try {
    const deflater = way(module, { inflate: false, windowBits: 15, level: 1 });
    natives.push(deflater);
    const inflater = way(module, { inflate: true, windowBits: 15, level: 0 });
    natives.push(inflater);
    const text = Uint8Array.from({ length: 200 }, (_, i) => i * i);
    const wire = new Uint8Array(512);
    let size = 0;
    for (let round = 0; round < 2; round++) {
      deflater.run(text, 0, 200, wire, size, 512, Z_SYNC_FLUSH);
      size += deflater.written;
    }
    const back = new Uint8Array(512);
    inflater.run(wire, 0, size - 4, back, 7, 512, Z_NO_FLUSH);
    const whole = inflater.written === 400 && text.every((octet, i) => back[7 + i] === octet && back[207 + i] === octet);
    inflater.run(Uint8Array.of(0, 0, 255, 255, 0), 0, 5, back, 0, 512, Z_BLOCK);
    if (!whole || inflater.read !== 4 || inflater.written !== 0) return false;
    inflater.reset();
    try {
      inflater.run(Uint8Array.of(255), 0, 1, back, 0, 512, Z_NO_FLUSH);
    } catch {
      return true;
    }
    return false;
  } catch {
    return false;
  } finally {
    for (const native of natives) native.close();
  }
}

/** By the handle below the stream, into the caller's buffer: nothing is copied, and exactly the room that is offered is used. */
function directWay(module: ZlibModule, kind: Kind): Native {
  const stream = create(module, kind, 64); // the smallest: a buffer of the stream's own that is never used
  const handle = stream._handle;
  const state = stream._writeState;
  if (typeof handle?.writeSync !== "function" || !(state instanceof Uint32Array)) throw new Error("no synchronous handle");
  let failure: string | null = null;
  const check = (): void => {
    // workerd knows no onerror: it has thrown the handle away instead.
    if (failure === null && stream._handle === handle) return;
    throw new Error(`deflate: ${failure ?? (stream.errored instanceof Error ? stream.errored.message : "failed")}`);
  };
  handle.onerror = (message) => failure = String(message);
  stream.on("error", ignore); // where workerd reports it once more, on a later tick
  return {
    read: 0,
    written: 0,
    run(src, srcAt, srcEnd, dst, dstAt, dstEnd, flush) {
      handle.writeSync(flush, src, srcAt, srcEnd - srcAt, dst, dstAt, dstEnd - dstAt);
      if (failure !== null || stream._handle !== handle) check();
      this.read = srcEnd - srcAt - state[1];
      this.written = dstEnd - dstAt - state[0];
    },
    reset() {
      handle.reset();
      check();
    },
    close: () => handle.close(),
  };
}

/** By `_processChunk`, which inflates all it is given: so it is given little at a time, and what has no room yet is held here. */
function chunkWay(module: ZlibModule, kind: Kind): Native {
  const stream = create(module, kind, 4096);
  const handle = stream._handle;
  if (handle === null || typeof handle?.close !== "function") throw new Error("no handle");
  const close = handle.close;
  handle.close = ignore; // it would close after every chunk
  stream.on("error", ignore);
  const step = kind.inflate ? 256 : 16384; // 256 octets inflate to 264 KiB at most
  let held: Uint8Array = NOTHING;
  const process = (chunk: Uint8Array, flush: number): number => {
    try {
      held = stream._processChunk(chunk, flush) ?? NOTHING;
      return stream.bytesWritten;
    } finally {
      stream._handle = handle;
      stream.removeAllListeners("error"); // each call adds one
      stream.on("error", ignore);
    }
  };
  return {
    read: 0,
    written: 0,
    run(src, srcAt, srcEnd, dst, dstAt, dstEnd, flush) {
      let from = srcAt;
      let to = dstAt;
      for (let more = true;;) {
        const size = Math.min(held.length, dstEnd - to);
        dst.set(held.subarray(0, size), to);
        held = held.subarray(size);
        to += size;
        if (held.length > 0 || to === dstEnd || !more) break;
        const end = flush === Z_BLOCK ? srcEnd : Math.min(from + step, srcEnd);
        from += process(src.subarray(from, end), end < srcEnd ? Z_NO_FLUSH : flush);
        more = from === end && end < srcEnd;
      }
      this.read = from - srcAt;
      this.written = to - dstAt;
    },
    reset() {
      held = NOTHING;
      handle.reset();
    },
    close: () => close.call(handle),
  };
}

function create(module: ZlibModule, kind: Kind, chunkSize: number): ZlibStream {
  const { windowBits, level } = kind;
  // The casts lead to what is private: every use of it is checked by `works`.
  if (kind.inflate) return module.createInflateRaw({ windowBits, chunkSize }) as ZlibStream;
  // Measured (Node 20 and 24, 15 bits, level 1): memLevel 7 instead of 8 saves nothing with 1 KiB messages (224 KiB either way: pages
  // never touched) and 35 of 272 KiB with 64 KiB ones, but takes 8 to 10 % more time for prose; 9 takes 64 KiB more and gains nothing.
  return module.createDeflateRaw({ windowBits, level, memLevel: 8, chunkSize }) as ZlibStream;
}
/** The handle does not throw on a bad range: it aborts the process. */
function within(bytes: Uint8Array, from: number, to: number): boolean {
  return 0 <= from && from <= to && to <= bytes.length;
}
function ignore(): void {}

const DEFLATE_BITS: readonly [number, number] = [8, 15];
const NOTHING = new Uint8Array(0);
const Z_NO_FLUSH = 0;
const Z_SYNC_FLUSH = 2;
const Z_BLOCK = 5;
