// L23, engines agree: what one engine deflates every engine inflates, for all windows, levels, flushes and sizes of input and
// output; all see the same end of a message, the same final block and the same corruption (RFC 1951, RFC 7692 §7.2).
// The oracle for the end of a message is one-shot inflation of whole blocks by node:zlib. Next file: adapters/zlib.ts.
import * as nodeZlib from "node:zlib";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { pako } from "../../adapters/pako.ts";
import { zlib, zlibEngine } from "../../adapters/zlib.ts";
import type { Codec, CodecMode, DeflateEngine } from "../../core/types.ts";
import { check, PATIENCE, runsOf } from "../support/law.ts";

/** node:zlib as it would look if `_writeState` went away: the engine falls back to `_processChunk`. */
const byChunks = zlibEngine({
  createDeflateRaw: (options) => withoutState(nodeZlib.createDeflateRaw(options)),
  createInflateRaw: (options) => withoutState(nodeZlib.createInflateRaw(options)),
});
const engines: Readonly<Record<string, DeflateEngine>> = { zlib, pako, byChunks };

describe.each(Object.entries(engines))("L23 engines agree: deflated by %s", PATIENCE, (_name, deflating) => {
  it.each(Object.entries(engines))("and inflated by %s, a conversation is unchanged", (_name, inflating) => {
    const conversations = fc.record({
      messages: fc.array(message(), { minLength: 1, maxLength: 4 }),
      deflateBits: windowBits(),
      extraBits: fc.integer({ min: 0, max: 7 }),
      level: fc.integer({ min: 0, max: 9 }),
      takeover: fc.boolean(),
      flushes: fc.array(fc.constantFrom<CodecMode>("more", "flush", "border"), { minLength: 1, maxLength: 4 }),
      pieces: sizes(),
      deflateRooms: sizes(),
      inflateRooms: sizes(),
    });
    check(conversations, (given) => {
      const deflater = deflating.deflater(given.deflateBits, given.level);
      const inflater = inflating.inflater(Math.min(15, given.deflateBits + given.extraBits));
      for (const sent of given.messages) {
        const wire = deflate(deflater, sent, given.flushes, given.pieces, given.deflateRooms);
        expect(equal(wire.subarray(-4), TAIL)).toBe(true);
        const payload = wire.subarray(0, -4);
        expect(equal(drive(inflater, payload, "more", given.pieces, given.inflateRooms), sent)).toBe(true);
        expect(inflater.ended).toBe(false);
        expect(endsHere(inflater)).toBe(true);
        if (!given.takeover) {
          deflater.reset();
          inflater.reset();
        }
      }
      deflater.close();
      inflater.close();
    }, 0.3);
  });
});

describe.each(Object.entries(engines))("L23 engines agree: inflated by %s", PATIENCE, (_name, engine) => {
  it("a message cut anywhere ends there only if whole blocks say so", () => {
    const cases = fc.record({
      before: message(200),
      parts: fc.array(message(60), { minLength: 1, maxLength: 3 }),
      bits: windowBits(),
      level: fc.integer({ min: 0, max: 9 }),
    });
    check(cases, ({ before, parts, bits, level }) => {
      const deflater = zlib.deflater(bits, level);
      const first = deflate(deflater, before, ["flush"], [500], [500]);
      const payload = concat(parts.map((part) => deflate(deflater, part, ["flush"], [500], [500]))).subarray(0, -4);
      deflater.close();
      const inflater = engine.inflater(bits);
      for (let cut = 1; cut <= payload.length; cut++) {
        inflater.reset();
        drive(inflater, first, "more", [1000], [1000]);
        const got = drive(inflater, payload.subarray(0, cut), "more", [1000], [1000]);
        const wholeBlocks = inflateWhole(concat([first, payload.subarray(0, cut), TAIL, FINAL_EMPTY_BLOCK]));
        const expected = wholeBlocks?.length === before.length + got.length;
        if (endsHere(inflater) !== expected) {
          expect.fail(`cut ${cut} of ${payload.length} must ${expected ? "" : "not "}be an end`);
        }
        if (cut === payload.length) expect(expected).toBe(true);
      }
      inflater.close();
    }, 0.3);
  });

  it("a final block ends the stream before the octets behind it, and the window can be carried over", () => {
    const cases = fc.record({
      before: message(),
      after: message(),
      bits: windowBits(),
      level: fc.integer({ min: 0, max: 9 }),
      pieces: sizes(),
      rooms: sizes(),
    });
    check(cases, ({ before, after, bits, level, pieces, rooms }) => {
      const deflater = zlib.deflater(bits, level);
      const first = concat([deflate(deflater, before, ["flush"], [500], [500]), FINAL_EMPTY_BLOCK]);
      const second = deflate(deflater, after, ["flush"], [500], [500]).subarray(0, -4);
      deflater.close();
      const inflater = engine.inflater(bits);
      const [got, read] = driveCounting(inflater, concat([first, second]), "more", pieces, rooms);
      expect(inflater.ended).toBe(true);
      expect(read).toBe(first.length);
      expect(equal(got, before)).toBe(true);

      inflater.reset();
      expect(inflater.ended).toBe(false);
      const window = before.subarray(-(2 ** bits));
      expect(equal(drive(inflater, storedBlock(window), "more", pieces, rooms), window)).toBe(true);
      expect(equal(drive(inflater, second, "more", pieces, rooms), after)).toBe(true);
      expect(endsHere(inflater)).toBe(true);
      inflater.close();
    });
  });

  it("a final block at the very end shows in the end-of-message test: nothing is read", () => {
    check(fc.tuple(message(), windowBits(), sizes(), sizes()), ([sent, bits, pieces, rooms]) => {
      const inflater = engine.inflater(bits);
      const wire = nodeZlib.deflateRawSync(sent, { windowBits: Math.max(9, bits) });
      expect(equal(drive(inflater, wire, "more", pieces, rooms), sent)).toBe(true);
      expect(inflater.ended).toBe(false);
      run(inflater, END_TEST, "border", 16);
      expect([inflater.read, inflater.written, inflater.ended]).toEqual([0, 0, true]);
      inflater.close();
    });
  });

  it("corrupt octets throw, or read as zlib reads them, and reset makes the codec new", () => {
    const changes = fc.array(fc.tuple(fc.nat(), fc.integer({ min: 1, max: 255 })), { minLength: 1, maxLength: 3 });
    let thrown = 0;
    check(fc.tuple(message(), changes), ([sent, flips]) => {
      const wire = nodeZlib.deflateRawSync(sent, { finishFlush: nodeZlib.constants.Z_SYNC_FLUSH });
      const bad = Uint8Array.from(wire);
      for (const [at, bits] of flips) bad[at % bad.length] ^= bits;
      const inflater = engine.inflater(15);
      const reference = inflateWhole(bad, nodeZlib.constants.Z_SYNC_FLUSH);
      const outcome = attempt(() => drive(inflater, bad, "more", [bad.length], [HUGE]));
      expect(outcome === null).toBe(reference === null);
      if (outcome !== null && reference !== null) expect(equal(outcome, reference)).toBe(true);
      if (outcome === null) {
        thrown++;
        expect(() => run(inflater, wire, "more", 16)).toThrow();
      }
      inflater.reset();
      expect(equal(drive(inflater, wire, "more", [wire.length], [HUGE]), sent)).toBe(true);
      inflater.close();
    });
    expect(thrown).toBeGreaterThan(runsOf(1) / 10);
  });

  it("a bomb expands no farther than the room offered", () => {
    const inflater = engine.inflater(15);
    const dst = new Uint8Array(100_001).fill(7);
    inflater.run(BOMB, 0, BOMB.length, dst, 0, 100_000, "more");
    expect(inflater.written).toBe(100_000);
    expect(dst[99_999]).toBe(0);
    expect(dst[100_000]).toBe(7);
    expect(inflater.read).toBeLessThan(1000);
    inflater.close();
  });

  it("nothing to do is not an error", () => {
    const inflater = engine.inflater(15);
    const deflater = engine.deflater(15, 1);
    for (const mode of ["more", "flush", "border"] as const) {
      run(inflater, NOTHING, mode, 16);
      expect([inflater.read, inflater.written, inflater.ended]).toEqual([0, 0, false]);
      for (const codec of [inflater, deflater]) {
        run(codec, TAIL, mode, 0);
        expect([codec.read, codec.written, codec.ended]).toEqual([0, 0, false]);
      }
    }
    run(deflater, NOTHING, "more", 16);
    expect([deflater.read, deflater.written]).toEqual([0, 0]);
    run(deflater, Uint8Array.of(1, 2, 3), "flush", 16);
    run(deflater, NOTHING, "flush", 16);
    expect([deflater.read, deflater.written]).toEqual([0, 0]);
    inflater.close();
    deflater.close();
  });

  it("a range outside its array is the caller's mistake, and changes nothing", () => {
    const codec = engine.inflater(15);
    const bytes = new Uint8Array(8);
    for (const [from, to] of [[-1, 4], [4, 3], [0, 9], [Number.NaN, 4]]) {
      expect(() => codec.run(bytes, from, to, bytes, 0, 8, "more")).toThrow(RangeError);
      expect(() => codec.run(bytes, 0, 8, bytes, from, to, "more")).toThrow(RangeError);
    }
    expect(equal(drive(codec, storedBlock(WORDS), "more", [9], [9]), WORDS)).toBe(true);
    codec.close();
  });

  it("closing twice is closing once, and a closed codec refuses to run", () => {
    const inflater = engine.inflater(15);
    inflater.close();
    inflater.close();
    const other = engine.inflater(15);
    inflater.close();
    inflater.reset();
    expect(() => run(inflater, Uint8Array.of(0), "more", 16)).toThrow();
    expect(equal(drive(other, storedBlock(Uint8Array.of(1, 2, 3)), "more", [9], [9]), Uint8Array.of(1, 2, 3))).toBe(true);
    other.close();
  });
});

/** Deflates a message in pieces, with these flushes between them in turn, and one at its end. */
function deflate(
  deflater: Codec,
  src: Uint8Array,
  flushes: readonly CodecMode[],
  pieces: readonly number[],
  rooms: readonly number[],
): Uint8Array {
  const parts = cuts(src.length, pieces).map(([from, to], i) =>
    drive(deflater, src.subarray(from, to), flushes[i % flushes.length], [to], rooms)
  );
  return concat([...parts, drive(deflater, NOTHING, "flush", [1], rooms)]);
}

function drive(codec: Codec, src: Uint8Array, mode: CodecMode, pieces: readonly number[], rooms: readonly number[]): Uint8Array {
  return driveCounting(codec, src, mode, pieces, rooms)[0];
}
/** Runs until `src` is read and no output waits, or the stream has ended: the output, and the octets read. */
function driveCounting(
  codec: Codec,
  src: Uint8Array,
  mode: CodecMode,
  pieces: readonly number[],
  rooms: readonly number[],
): [out: Uint8Array, read: number] {
  const out: Uint8Array[] = [];
  const leastRoom = mode === "flush" ? 6 : 1; // with less a flush repeats its marker for ever (zlib.h, deflate)
  let at = 0;
  let turn = 0;
  for (const [, to] of cuts(src.length, pieces)) {
    let full = true;
    while (full || at < to) {
      const room = Math.max(leastRoom, turn < MANY ? rooms[turn % rooms.length] : LARGE);
      turn++;
      codec.run(src, at, to, scratch, 3, 3 + room, mode);
      at += codec.read;
      full = codec.written === room;
      out.push(scratch.slice(3, 3 + codec.written));
      if (codec.ended) return [concat(out), at];
      if (turn > 1_000_000) throw new Error("no end in sight");
    }
  }
  return [concat(out), at];
}
function run(codec: Codec, src: Uint8Array, mode: CodecMode, room: number): void {
  codec.run(src, 0, src.length, new Uint8Array(room), 0, room, mode);
}
/** The end-of-message test: the tail is an empty stored block, and the octet behind it is not touched. */
function endsHere(inflater: Codec): boolean {
  try {
    run(inflater, END_TEST, "border", 16);
    return inflater.read === 4 && inflater.written === 0;
  } catch {
    return false;
  }
}
/** One-shot inflation by node:zlib, or null unless all of it is a valid stream. */
function inflateWhole(wire: Uint8Array, finishFlush: number = nodeZlib.constants.Z_FINISH): Uint8Array | null {
  return attempt(() => {
    const { buffer, engine } = nodeZlib.inflateRawSync(wire, { finishFlush, info: true }) as unknown as {
      buffer: Uint8Array;
      engine: { bytesWritten: number };
    };
    return finishFlush !== nodeZlib.constants.Z_FINISH || engine.bytesWritten === wire.length ? buffer : null;
  });
}
/** What it returns, or null where it throws. Measured: an error costs ten times as much with a stack, which nobody reads. */
function attempt<T>(action: () => T): T | null {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  try {
    return action();
  } catch {
    return null;
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}
function withoutState<T extends object>(stream: T): T {
  return new Proxy(stream, {
    get(target, name) {
      const value: unknown = name === "_writeState" ? undefined : Reflect.get(target, name, target);
      return typeof value === "function" ? value.bind(target) : value;
    },
    set: (target, name, value) => Reflect.set(target, name, value, target),
  });
}

/** Noise, runs, words and repetitions of what came before, near and far. */
function message(most = 12_000): fc.Arbitrary<Uint8Array> {
  const size = fc.oneof(fc.integer({ min: 1, max: Math.min(most, 300) }), fc.integer({ min: 1, max: most }));
  const segment = fc.record({
    kind: fc.constantFrom("noise", "run", "words", "again"),
    size,
    seed: fc.nat(),
  });
  return fc.array(segment, { minLength: 1, maxLength: 4 }).map((segments) => {
    const bytes = new Uint8Array(segments.reduce((sum, { size }) => sum + size, 0));
    let at = 0;
    for (const { kind, size, seed } of segments) {
      let state = seed;
      const from = at === 0 ? 0 : seed % at;
      for (let i = 0; i < size; i++) {
        if (kind === "noise") state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
        bytes[at] = kind === "run"
          ? seed
          : kind === "noise"
          ? state >>> 24
          : kind === "words"
          ? WORDS[(seed + i) % 40]
          : from + i < at
          ? bytes[from + i]
          : i;
        at++;
      }
    }
    return bytes;
  });
}
function windowBits(): fc.Arbitrary<number> {
  return fc.integer({ min: 8, max: 15 });
}
function sizes(): fc.Arbitrary<number[]> {
  const size = fc.oneof(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 70_000 }));
  return fc.array(size, { minLength: 1, maxLength: 4 });
}
/** Cuts a length into pieces of these sizes in turn; nothing is one empty piece. */
function cuts(length: number, pieces: readonly number[]): [from: number, to: number][] {
  const result: [number, number][] = [];
  let from = 0;
  do {
    const size = result.length < MANY ? pieces[result.length % pieces.length] : LARGE;
    const to = Math.min(length, from + size);
    result.push([from, to]);
    from = to;
  } while (from < length);
  return result;
}
function storedBlock(bytes: Uint8Array): Uint8Array {
  const { length } = bytes;
  return concat([Uint8Array.of(0, length & 255, length >> 8, ~length & 255, (~length >> 8) & 255), bytes]);
}
function concat(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
/** Faster than `toEqual` by far. */
function equal(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}

const WORDS = new TextEncoder().encode('{"id":12345,"name":"user","active":true}');
const TAIL = Uint8Array.of(0, 0, 255, 255);
const END_TEST = Uint8Array.of(0, 0, 255, 255, 0);
const FINAL_EMPTY_BLOCK = Uint8Array.of(1, 0, 0, 255, 255);
const NOTHING = new Uint8Array(0);
const MANY = 300; // after so many turns tiny pieces and rooms have shown what they can show
const LARGE = 5000;
const HUGE = 1 << 20;
const BOMB = nodeZlib.deflateRawSync(new Uint8Array(50_000_000));
const scratch = new Uint8Array(HUGE + 3);
