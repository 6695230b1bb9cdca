import { constants, deflateRawSync, inflateRawSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { zlib } from "../../adapters/zlib.ts";
import { concat, fromHex, utf8 } from "../../conformance/frames/encode.ts";
import type { Codec } from "../types.ts";
import { inflaters, type Lender } from "./codec.ts";
import { Inflation } from "./inflation.ts";

const FINAL_EMPTY = fromHex("03 00");
const prose = utf8("When in the course of human events it becomes necessary for one people to dissolve the bands. ".repeat(4));

/** Octets with and without repetition. */
const message = fc.oneof(
  fc.uint8Array({ minLength: 1, maxLength: 300 }),
  fc.tuple(fc.nat(255), fc.integer({ min: 1, max: 5000 })).map(([octet, size]) => new Uint8Array(size).fill(octet)),
  fc.tuple(fc.nat(200), fc.integer({ min: 1, max: 300 })).map(([at, size]) => prose.slice(at, at + size)),
);
const sizes = fc.array(fc.oneof(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 3000 })), {
  minLength: 1,
  maxLength: 5,
});
const level = fc.constantFrom(0, 1, 6, 9);

describe("Inflation", () => {
  it("gives back what another deflated, for any pieces of input and any room, with and without takeover", () => {
    const conversation = fc.array(message, { minLength: 1, maxLength: 4 });
    fc.assert(fc.property(conversation, fc.boolean(), level, sizes, sizes, (messages, takeover, level, pieces, rooms) => {
      const inflation = inflationOf(15, takeover);
      let history: Uint8Array = new Uint8Array(0);
      for (const sent of messages) {
        const wire = deflated(sent, { level, ...(takeover && { dictionary: history }) });
        const { octets, complete } = inflate(inflation, wire, pieces, rooms);
        expect(Buffer.compare(octets, sent)).toBe(0);
        expect(complete).toBe(true);
        history = concat([history, sent]).slice(-32768);
      }
    }));
  });
  it("takes an empty message in all its forms: 00, no octets, a final block, the end left in place", () => {
    for (const takeover of [true, false]) {
      const inflation = inflationOf(15, takeover);
      for (const hex of ["00", "", "03 00", "03 00 00", "02 00", "00 00 00 ff ff", "01 00 00 ff ff", "00 00 00 ff ff 00"]) {
        expect(inflate(inflation, fromHex(hex)), hex).toEqual({ octets: new Uint8Array(0), complete: true });
      }
      const wire = deflated(prose);
      for (const octets of [wire, concat([wire, fromHex("00 00 ff ff")]), concat([wire, fromHex("00 00 ff ff 00")])]) {
        const inflated = inflate(inflation, octets);
        expect(Buffer.compare(inflated.octets, prose)).toBe(0);
        expect(inflated.complete).toBe(true);
        if (takeover) break; // the context holds what was sent
      }
    }
  });
  it("notices a message that is cut short inside of a block, at every octet", () => {
    for (const level of [0, 1, 9]) {
      for (const strategy of [constants.Z_DEFAULT_STRATEGY, constants.Z_FIXED]) {
        const wire = deflated(prose.subarray(0, 200), { level, strategy });
        for (let end = 1; end < wire.length; end++) {
          const { octets, complete } = inflate(inflationOf(15, false), wire.slice(0, end));
          // Only where whole blocks say so it is complete: decided by inflating it, its end and a final block in one go.
          const whole = attempt(() => inflateRawSync(concat([wire.slice(0, end), fromHex("00 00 ff ff"), FINAL_EMPTY])));
          expect(complete, `level ${level}, ${end} of ${wire.length}`).toBe(whole !== null && whole.length === octets.length);
        }
      }
    }
  });
  it("goes on with the same window behind a final block, in one message and from one message to the next (RFC 7692 §7.2.3.4)", () => {
    fc.assert(fc.property(message, message, message, sizes, sizes, fc.boolean(), (one, two, three, pieces, rooms, exact) => {
      const inflation = inflationOf(15, true);
      // `exact`: nothing stands behind the final block, so that only the next message shows that the stream had ended.
      const wire = concat([
        deflated(one, { finish: true }),
        deflated(two, { dictionary: one, finish: exact }),
      ]);
      const first = inflate(inflation, wire, pieces, rooms);
      expect(Buffer.compare(first.octets, concat([one, two]))).toBe(0);
      expect(first.complete).toBe(true);
      const dictionary = concat([one, two]);
      const second = inflate(inflation, deflated(three, { dictionary }), pieces, rooms);
      expect(Buffer.compare(second.octets, three)).toBe(0);
      expect(second.complete).toBe(true);
    }));
  });
  it("takes a message of no octets behind a final block as whole, and goes on with the same window behind it", () => {
    const inflation = inflationOf(15, true);
    expect(inflate(inflation, deflated(prose, { finish: true })).complete).toBe(true);
    inflation.begin();
    expect(inflation.run(prose, 0, 0, new Uint8Array(9), 0, 9, true)).toBe(true);
    expect([inflation.read, inflation.written, inflation.finish()]).toEqual([0, 0, true]);
    const { octets, complete } = inflate(inflation, deflated(prose, { dictionary: prose }));
    expect(Buffer.compare(octets, prose)).toBe(0);
    expect(complete).toBe(true);
    inflation.close();
  });
  it("refers behind a final block in a message without takeover too, and never behind the message", () => {
    const inflation = inflationOf(15, false);
    const wire = concat([deflated(prose, { finish: true }), deflated(prose, { dictionary: prose })]);
    for (const pieces of [[1], [Infinity]]) {
      expect(Buffer.compare(inflate(inflation, wire, pieces).octets, concat([prose, prose]))).toBe(0);
    }
    expect(inflate(inflation, deflated(prose, { dictionary: prose })).complete).toBe(false);
  });
  it("keeps a window of the agreed size over a final block, and no more", () => {
    const noise = Uint8Array.from({ length: 40_000 }, (_, i) => (i * i * 7919) >>> 9);
    const dictionary = noise.slice(-32_768);
    for (
      const [bits, distance, reachable] of [[9, 512, true], [9, 513, false], [12, 4096, true], [12, 4097, false], [
        15,
        32_000,
        true,
      ]] as const
    ) {
      const seen = noise.slice(noise.length - distance).slice(0, 100);
      const wire = concat([deflated(noise, { finish: true, windowBits: bits }), deflated(seen, { dictionary })]);
      for (const room of [65_536, 1000]) {
        const { octets, complete } = inflate(inflationOf(bits, false), wire, [Infinity], [room]);
        expect(complete, `${bits} bits, distance ${distance}`).toBe(reachable);
        if (reachable) expect(Buffer.compare(octets, concat([noise, seen]))).toBe(0);
      }
    }
  });
  it("believes nothing that an engine says of octets at which it throws", () => {
    const lender = inflaters(zlib, 15);
    const inflation = new Inflation(
      {
        take() {
          const codec = lender.take();
          codec.run = () => {
            throw new RangeError("corrupt");
          };
          return Object.assign(codec, { read: 1, written: 1 });
        },
        give: (codec) => codec.close(),
      },
      15,
      true,
    );
    inflation.begin();
    expect([inflation.run(Uint8Array.of(7), 0, 1, new Uint8Array(9), 0, 9, true), inflation.read, inflation.written]).toEqual([
      false,
      0,
      0,
    ]);
    inflation.close();
  });
  it("calls corrupt octets by `false`, and works again after close", () => {
    const inflation = inflationOf(15, true);
    for (const hex of ["07", "06 00", "ff ff ff", "01 01 00 00 00"]) {
      expect(inflate(inflation, fromHex(hex)).complete, hex).toBe(false);
      inflation.close();
      expect(inflate(inflation, deflated(prose)).complete).toBe(true);
      inflation.close();
    }
  });
  it("never writes beyond the room, nor reads beyond the piece", () => {
    fc.assert(fc.property(message, fc.nat(40), fc.nat(40), (sent, before, behind) => {
      const wire = deflated(sent);
      const src = concat([fromHex("ff ff"), wire, fromHex("ff ff ff")]);
      const dst = new Uint8Array(before + sent.length + behind).fill(0xaa);
      const inflation = inflationOf(15, false);
      inflation.begin();
      const limit = before + Math.max(1, sent.length - behind);
      expect(inflation.run(src, 2, 2 + wire.length, dst, before, limit, true)).toBe(true);
      expect(inflation.written).toBeLessThanOrEqual(limit - before);
      expect(inflation.read).toBeLessThanOrEqual(wire.length);
      expect(dst.subarray(0, before).every((octet) => octet === 0xaa)).toBe(true);
      expect(dst.subarray(limit).every((octet) => octet === 0xaa)).toBe(true);
      inflation.close();
    }));
  });
  it("makes no more octets than it is asked for, however far they could expand", () => {
    const bomb = deflateRawSync(new Uint8Array(2 ** 21), { finishFlush: constants.Z_SYNC_FLUSH }).subarray(0, -4);
    const inflation = inflationOf(15, false);
    inflation.begin();
    expect(inflation.run(bomb, 0, bomb.length, new Uint8Array(1001), 0, 1001, true)).toBe(true);
    expect(inflation.written).toBe(1001);
    inflation.close();
  });
});

describe("the codec of an Inflation", () => {
  it("is held inside of a message only, without takeover", () => {
    const { lender, out } = counting();
    const inflation = new Inflation(lender, 15, false);
    expect(out()).toBe(0);
    inflation.begin();
    expect(out()).toBe(1);
    const wire = deflated(prose);
    inflation.run(wire, 0, wire.length, new Uint8Array(1000), 0, 1000, true);
    expect(inflation.finish()).toBe(true);
    expect(out()).toBe(0);
    inflation.begin();
    inflation.close();
    inflation.close();
    expect(out()).toBe(0);
  });
  it("is held from the first message to the end of the connection, with takeover", () => {
    const { lender, out } = counting();
    const inflation = new Inflation(lender, 15, true);
    expect(out()).toBe(0);
    inflate(inflation, deflated(prose));
    expect(out()).toBe(1);
    inflate(inflation, deflated(prose, { dictionary: prose }));
    expect(out()).toBe(1);
    inflation.close();
    expect(out()).toBe(0);
  });
});

describe("streams that end over and over", () => {
  it("are refused where they make the window be shown again and again, at two octets a time", () => {
    const { lender, read } = counting();
    const flood = Array.from({ length: 5000 }, () => FINAL_EMPTY);
    const wire = concat([deflated(new Uint8Array(32_768), { finish: true }), ...flood]);
    const { octets, complete } = inflate(new Inflation(lender, 15, false), wire, [Infinity], [65_536]);
    expect(octets).toHaveLength(32_768);
    expect(complete).toBe(false);
    expect(read()).toBeLessThan(64 * (wire.length + octets.length) + 131_072);
  });
  it("are as cheap as any octets while there is no window", () => {
    const flood = concat(Array.from({ length: 1000 }, () => FINAL_EMPTY));
    expect(inflate(inflationOf(15, true), flood)).toEqual({ octets: new Uint8Array(0), complete: true });
  });
  it("are legal for a peer that ends each message, however short, or each fragment of half a KiB", () => {
    const inflation = inflationOf(15, true);
    const fragment = concat([prose, prose]);
    const fragments = concat(Array.from({ length: 50 }, () => deflated(fragment, { finish: true })));
    for (let i = 0; i < 20; i++) {
      expect(inflate(inflation, fragments, [Infinity], [65_536]).complete).toBe(true);
      expect(inflate(inflation, deflated(prose.slice(0, 1), { finish: true })).complete).toBe(true);
    }
  });
});

function inflationOf(bits: number, takeover: boolean): Inflation {
  return new Inflation(inflaters(zlib, bits), bits, takeover);
}
/** One message, in pieces of these sizes with room of those sizes. */
function inflate(
  inflation: Inflation,
  wire: Uint8Array,
  pieces: readonly number[] = [Infinity],
  rooms: readonly number[] = [1 << 16],
): { octets: Uint8Array; complete: boolean } {
  const out: Uint8Array[] = [];
  inflation.begin();
  let step = 0;
  for (let at = 0; at < wire.length;) {
    const end = Math.min(wire.length, at + pieces[step % pieces.length]);
    for (let more = true; more;) {
      const room = new Uint8Array(rooms[step++ % rooms.length]);
      if (!inflation.run(wire, at, end, room, 0, room.length, end === wire.length)) {
        return { octets: concat(out), complete: false };
      }
      at += inflation.read;
      out.push(room.subarray(0, inflation.written));
      more = at < end || inflation.written === room.length;
    }
  }
  return { octets: concat(out), complete: inflation.finish() };
}

interface Deflating {
  readonly level?: number;
  readonly strategy?: number;
  readonly windowBits?: number;
  readonly dictionary?: Uint8Array;
  /** End with a final block instead of a flush whose last four octets are removed. */
  readonly finish?: boolean;
}
/** The payload of a compressed message (RFC 7692 §7.2.1). */
function deflated(octets: Uint8Array, { finish = false, dictionary, ...options }: Deflating = {}): Uint8Array {
  const known = dictionary === undefined || dictionary.length === 0 ? {} : { dictionary };
  const finishFlush = finish ? constants.Z_FINISH : constants.Z_SYNC_FLUSH;
  const wire = deflateRawSync(octets, { ...options, ...known, finishFlush });
  return new Uint8Array(finish ? wire : wire.subarray(0, -4));
}
/** A lender that knows how many codecs are out, and how many octets they have read. */
function counting(): { lender: Lender; out: () => number; read: () => number } {
  const inner = inflaters(zlib, 15);
  let out = 0, read = 0;
  return {
    out: () => out,
    read: () => read,
    lender: {
      take() {
        out++;
        const codec = inner.take();
        const run = codec.run.bind(codec);
        codec.run = (...args: Parameters<Codec["run"]>) => {
          run(...args);
          read += codec.read;
        };
        return codec;
      },
      give(codec) {
        out--;
        codec.close();
      },
    },
  };
}
function attempt<T>(run: () => T): T | null {
  try {
    return run();
  } catch {
    return null;
  }
}
