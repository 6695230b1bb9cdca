// Compressed messages through the Decoder: RFC 7692 §6, §7.2. How octets are inflated is tested in ../deflate.
import { constants, deflateRawSync, inflateRawSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { zlib } from "../../adapters/zlib.ts";
import { concat, encode, encodeAll, type FrameSpec, fromHex, utf8 } from "../../conformance/frames/encode.ts";
import { cut, cutting, delivery } from "../../conformance/support/arbitraries.ts";
import { seededRandom } from "../../conformance/support/virtual.ts";
import { tell } from "../../conformance/support/told.ts";
import { inflaters } from "../deflate/codec.ts";
import { Inflation } from "../deflate/inflation.ts";
import { settle } from "../options.ts";
import type { Event, Options } from "../types.ts";
import { Decoder, RawPiece } from "./decoder.ts";
import { Input } from "./input.ts";

const MASK = Uint8Array.of(0x37, 0xfa, 0x21, 0xbd);
const ping: FrameSpec = { opcode: 9, mask: MASK, payload: utf8("p") };

describe("a compressed message", () => {
  it("is the same as it was, in any fragments, cutting and delivery, with control frames between", () => {
    const sent = fc.oneof(
      fc.string({ unit: fc.constantFrom("a", "\u00e9", "\u20ac", "\u{1f600}"), maxLength: 80 }).map((text) => ({
        opcode: 1,
        data: utf8(text),
      })),
      fc.integer({ min: 1, max: 40_000 }).map((size) => ({ opcode: 2, data: new Uint8Array(size).fill(size) })),
      fc.uint8Array({ maxLength: 300 }).map((data) => ({ opcode: 2, data })),
    );
    const cuts = fc.array(fc.nat(400), { maxLength: 3 });
    fc.assert(fc.property(fc.array(fc.tuple(sent, cuts), { maxLength: 3 }), cutting, delivery, (sent, sizes, messages) => {
      const packed = sent.flatMap(([{ opcode, data }, cuts]) => fragments({ opcode, rsv: 4 }, deflated(data), cuts));
      const plain = sent.flatMap(([{ opcode, data }]) => fragments({ opcode }, data, []));
      const told = tell(read(cut(encodeAll(packed), sizes), { messages }).filter(({ type }) => type !== "ping"));
      expect(told.map(same)).toEqual(tell(read([encodeAll(plain)], { messages })).map(same));
    }));
  });
  it("is as long as the limit allows, to the octet, whatever it was compressed to", () => {
    for (const messages of ["whole", "parts", "raw"] as const) {
      for (const size of [1, 2, 255, 256, 257, 16_383, 16_384, 16_385, 40_000]) {
        for (
          const frames of [[deflated(new Uint8Array(size))], [flushed(new Uint8Array(size - 1)), deflated(new Uint8Array(1))]]
        ) {
          const stream = frames.map((payload, i) =>
            encode({ opcode: i === 0 ? 2 : 0, rsv: i === 0 ? 4 : 0, fin: i === frames.length - 1, mask: MASK, payload })
          );
          const within = read(stream, { messages, limits: { message: size } });
          expect(total(within)).toBe(size);
          expect(within.at(-1)!.type).not.toBe("fault");
          if (size === 1) continue;
          const above = read(stream, { messages, limits: { message: size - 1 } });
          expect(above.at(-1)).toMatchObject({ type: "fault", fault: { code: "MESSAGE_TOO_BIG" } });
          expect(total(above)).toBe(messages === "whole" ? 0 : size - 1);
        }
      }
    }
  });
  it("may take a little more room on the wire than its limit: an eighth and 1,024 octets, and with one more fails on the header", () => {
    const header = (size: number): Uint8Array => encode({ opcode: 2, rsv: 4, mask: MASK, declare: size });
    const limits = { message: 8000 };
    expect(read([header(8000 + 1000 + 1024)], { limits })).toEqual([]);
    expect(read([header(8000 + 1000 + 1025)], { limits })).toMatchObject([{ type: "fault", fault: { code: "MESSAGE_TOO_BIG" } }]);
    const noise = new Uint8Array(8000);
    seededRandom()(noise);
    expect(deflated(noise).length).toBeGreaterThan(8000);
    expect(total(read([encode({ opcode: 2, rsv: 4, mask: MASK, payload: deflated(noise) })], { limits }))).toBe(8000);
  });
  it("that expands without end costs no more memory than its limit and some steps", () => {
    const bomb = deflated(new Uint8Array(8 << 20));
    for (const messages of ["whole", "parts", "raw"] as const) {
      let most = 0;
      const octets = octetsAllocated((size) => most = Math.max(most, size), () => {
        const events = read([encode({ opcode: 2, rsv: 4, mask: MASK, payload: bomb })], {
          messages,
          limits: { message: 100_000 },
        });
        expect(total(events)).toBe(messages === "whole" ? 0 : 100_000);
      });
      expect(most).toBeLessThan(2 * 100_000 + 65_536);
      expect(octets).toBeLessThan(6 * 100_000 + 4 * bomb.length + 65_536);
    }
  });
  it("that is cut short, corrupt, or refers behind itself is BAD_DEFLATE", () => {
    const wire = deflated(utf8("hello hello hello"));
    const wrong = [wire.slice(0, -1), wire.slice(0, 3), fromHex("ff ff"), fromHex("07"), deflated(wire, wire)];
    for (const payload of wrong) {
      for (const messages of ["whole", "parts"] as const) {
        const events = read([encode({ opcode: 2, rsv: 4, mask: MASK, payload })], { messages });
        expect(events.at(-1)).toMatchObject({ type: "fault", fault: { code: "BAD_DEFLATE", closeCode: 1007 } });
        for (const event of events) if (event.type === "part") expect(event.last).toBe(false);
      }
    }
  });
  it("of text is checked while it is inflated, and told up to the invalid octet in parts", () => {
    const wrong = concat([utf8("abc"), fromHex("ff"), utf8("def")]);
    const frames = [encode({ opcode: 1, rsv: 4, fin: false, mask: MASK, payload: flushed(wrong) })];
    expect(read(frames)).toMatchObject([{ type: "fault", fault: { code: "BAD_UTF8" } }]);
    expect(read(frames, { messages: "parts" })).toMatchObject([
      { type: "part", data: utf8("abc"), last: false },
      { type: "fault", fault: { code: "BAD_UTF8" } },
    ]);
    const open = encode({ opcode: 1, rsv: 4, mask: MASK, payload: deflated(fromHex("61 e2 82")) });
    expect(read([open])).toMatchObject([{ type: "fault", fault: { code: "BAD_UTF8" } }]);
  });
  it("may have empty fragments, and one octet 00 as its last", () => {
    const frames = encodeAll([
      { opcode: 1, rsv: 4, fin: false, mask: MASK },
      { opcode: 0, fin: false, mask: MASK, payload: flushed(utf8("abc")) },
      ping,
      { opcode: 0, fin: false, mask: MASK },
      { opcode: 0, mask: MASK, payload: Uint8Array.of(0) },
    ]);
    expect(read([frames]).map(({ type }) => type)).toEqual(["ping", "text"]);
    expect(read([frames], { messages: "parts" })).toMatchObject([
      { type: "part", kind: "text", data: utf8("abc"), first: true, last: false },
      { type: "ping" },
      { type: "part", data: new Uint8Array(0), first: false, last: true },
    ]);
  });
  it("has RSV1 on its first frame only", () => {
    const first = encode({ opcode: 2, rsv: 4, fin: false, mask: MASK, payload: flushed(utf8("a")) });
    const next = encode({ opcode: 0, rsv: 4, mask: MASK, payload: deflated(utf8("b")) });
    expect(read([first, next])).toMatchObject([{ type: "fault", fault: { code: "RESERVED_BIT" } }]);
    expect(read([encode({ opcode: 9, rsv: 4, mask: MASK })])).toMatchObject([{ type: "fault", fault: { code: "RESERVED_BIT" } }]);
    const plain = encode({ opcode: 2, mask: MASK, payload: utf8("plain") });
    expect(read([plain])).toEqual([{ type: "binary", data: utf8("plain") }]);
  });
  it("pins no more memory than a plain one when it is kept (L9)", () => {
    for (const size of [0, 1, 10, 64, 65, 100, 500, 3000, 5000, 9000, 20_000, 70_000]) {
      for (const messages of ["whole", "parts"] as const) {
        const stream = encode({ opcode: 2, rsv: 4, mask: MASK, payload: deflated(new Uint8Array(size).map((_, i) => i * i)) });
        for (const event of read([stream], { messages })) {
          const { length, buffer } = (event as { data: Uint8Array }).data;
          expect(buffer.byteLength).toBeLessThanOrEqual(length <= 64 ? 2 * length + 64 : Math.max(2 * length + 64, 8192));
        }
      }
    }
  });
  it("in parts comes out as far as it has arrived, without waiting for more of its frame", () => {
    const payload = deflated(new Uint8Array(100_000));
    const frame = encode({ opcode: 2, rsv: 4, mask: MASK, payload });
    for (let end = 1; end < payload.length; end++) {
      const there = inflateRawSync(payload.slice(0, end), { finishFlush: constants.Z_SYNC_FLUSH }).length;
      expect(total(read([frame.slice(0, frame.length - payload.length + end)], { messages: "parts" }))).toBe(there);
    }
  });
});

/** The octets as the payload of a compressed message. */
function deflated(octets: Uint8Array, dictionary?: Uint8Array): Uint8Array {
  return octets.length === 0 ? Uint8Array.of(0) : flushed(octets, dictionary).subarray(0, -4);
}
/** The octets as the payload of a compressed fragment that is not the last. */
function flushed(octets: Uint8Array, dictionary?: Uint8Array): Uint8Array {
  const options = dictionary === undefined ? {} : { dictionary };
  return new Uint8Array(deflateRawSync(octets, { ...options, finishFlush: constants.Z_SYNC_FLUSH }));
}
/** A message cut at these places, with a Ping behind each frame but the last. */
function fragments(first: FrameSpec, payload: Uint8Array, cuts: readonly number[]): FrameSpec[] {
  const at = [0, ...cuts.map((cut) => cut % (payload.length + 1)).sort((a, b) => a - b), payload.length];
  return at.slice(1).flatMap((end, i) => {
    const fin = i === at.length - 2;
    const frame = { ...(i === 0 ? first : { opcode: 0 }), fin, mask: MASK, payload: payload.slice(at[i], end) };
    return fin ? [frame] : [frame, ping];
  });
}
function read(chunks: readonly Uint8Array[], options: Options = {}): Event[] {
  const settings = settle(options);
  const raw = options.messages === "raw" ? new RawPiece() : null;
  const inflation = new Inflation(inflaters(zlib, 15), 15, false);
  const input = new Input(), decoder = new Decoder();
  const events: Event[] = [];
  for (const chunk of chunks) {
    input.push(chunk.slice());
    for (let event; (event = decoder.poll(input, true, settings, inflation, raw)) !== null;) {
      events.push(event === raw ? { ...raw, bytes: raw.bytes.slice() } : event);
      if (event.type !== "fault") continue;
      inflation.close();
      return events;
    }
  }
  inflation.close();
  return events;
}
/** Octets of messages and pieces. */
function total(events: readonly Event[]): number {
  return events.reduce((sum, event) => {
    if (event.type === "raw") return sum + event.end - event.start;
    return sum + (event.type === "binary" || event.type === "part" ? event.data.length : 0);
  }, 0);
}
/** Large arrays as strings, which compare faster. */
function same(event: object): object {
  return "data" in event && event.data instanceof Uint8Array
    ? { ...event, data: Buffer.from(event.data).toString("latin1") }
    : event;
}
function octetsAllocated(each: (size: number) => void, run: () => void): number {
  const Original = globalThis.Uint8Array;
  let octets = 0;
  globalThis.Uint8Array = new Proxy(Original, {
    construct(target, args, self) {
      if (typeof args[0] === "number") {
        octets += args[0];
        each(args[0]);
      }
      return Reflect.construct(target, args, self);
    },
  });
  try {
    run();
  } finally {
    globalThis.Uint8Array = Original;
  }
  return octets;
}
