import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Assembler } from "./assembler.ts";
import { mayView } from "./keep.ts";

/** A piece as it arrives: a range of a chunk, which belongs to the assembler from then on. */
interface Piece {
  readonly chunk: Uint8Array;
  readonly from: number;
  readonly to: number;
}
const size = fc.oneof(
  fc.nat(8),
  fc.nat(300),
  fc.integer({ min: 4000, max: 9000 }),
  fc.constantFrom(4095, 4096, 65535, 65536, 70_000),
);
const piece: fc.Arbitrary<Piece> = fc.record({
  size,
  before: fc.nat(40),
  behind: fc.constantFrom(0, 1, 500, 60_000),
  seed: fc.nat(255),
  /** Node's sockets give Buffers, whose `slice` is a view. */
  ofNode: fc.boolean(),
}).map(
  ({ size, before, behind, seed, ofNode }) => {
    const chunk = ofNode ? Buffer.alloc(before + size + behind) : new Uint8Array(before + size + behind);
    for (let i = 0; i < size; i++) chunk[before + i] = seed + i * 7;
    return { chunk, from: before, to: before + size };
  },
);
const pieces = fc.array(piece, { maxLength: 12 });
/** What is declared to follow: nothing, a little, or a lie. */
const ahead = fc.constantFrom(0, 1, 5000, 2 ** 40, Infinity);

describe("Assembler", () => {
  it("gives the pieces back in one array, whatever their sizes and whatever was declared", () => {
    fc.assert(fc.property(pieces, ahead, (pieces, ahead) => {
      const assembler = new Assembler();
      for (const { chunk, from, to } of pieces) assembler.append(chunk, from, to, ahead);
      const expected = Buffer.concat(pieces.map(({ chunk, from, to }) => chunk.subarray(from, to)));
      expect(assembler.length).toBe(expected.length);
      const message = assembler.take();
      expect(Buffer.compare(message, expected)).toBe(0);
      expect(message.constructor).toBe(Uint8Array);
      expect(assembler.length).toBe(0);
    }));
  });
  it("pins at most twice a message, or 64 octets more", () => {
    fc.assert(fc.property(pieces, ahead, (pieces, ahead) => {
      const assembler = new Assembler();
      for (const { chunk, from, to } of pieces) assembler.append(chunk, from, to, ahead);
      const message = assembler.take();
      expect(mayView(message.length, message.buffer.byteLength)).toBe(true);
    }));
  });
  it("never makes an array of more than twice what arrived, whatever was declared, and copies an octet twice on average", () => {
    fc.assert(fc.property(pieces, fc.constantFrom(2 ** 40, Infinity), (pieces, ahead) => {
      const assembler = new Assembler();
      let arrived = 0, allocated = 0;
      for (const { chunk, from, to } of pieces) {
        const made = arraysMade(() => assembler.append(chunk, from, to, ahead));
        arrived += to - from;
        allocated += sum(made);
        for (const size of made) expect(size).toBeLessThanOrEqual(2 * arrived);
        expect(allocated).toBeLessThanOrEqual(4 * arrived); // 2 + 1 + 1/2 + ...
      }
    }));
  });
  it("holds what was declared exactly, where the first piece shows most of it", () => {
    const assembler = new Assembler();
    assembler.append(new Uint8Array(300), 0, 100, 50);
    assembler.append(new Uint8Array(300), 0, 50, 0);
    expect(assembler.take().buffer.byteLength).toBe(150);
  });
  it("copies a flood of single octets a bounded number of times", () => {
    const octet = new Uint8Array(100);
    const assembler = new Assembler();
    const count = 200_000;
    const made = arraysMade(() => {
      for (let i = 0; i < count; i++) assembler.append(octet, i % 100, i % 100 + 1, Infinity);
    });
    expect(assembler.length).toBe(count);
    expect(sum(made)).toBeLessThan(6 * count);
  });
  it("keeps large pieces as they came, so that nothing is copied before the end", () => {
    const assembler = new Assembler();
    const chunks = Array.from({ length: 20 }, () => new Uint8Array(8000));
    expect(arraysMade(() => chunks.forEach((chunk) => assembler.append(chunk, 0, 8000, 160_000)))).toEqual([]);
    expect(arraysMade(() => assembler.take())).toEqual([160_000]);
  });
  it("copies a large piece at once where it is most of the message, and the rest behind it", () => {
    const assembler = new Assembler();
    const [first, rest] = [new Uint8Array(8000), new Uint8Array(100)];
    expect(arraysMade(() => assembler.append(first, 0, 8000, 100))).toEqual([8100]);
    expect(arraysMade(() => assembler.append(rest, 0, 100, 0))).toEqual([]);
    expect(assembler.take().buffer.byteLength).toBe(8100);
  });
  it("does not keep a piece that fills too little of its buffer", () => {
    const assembler = new Assembler();
    assembler.append(new Uint8Array(65536), 100, 5100, 0);
    expect(assembler.take().buffer.byteLength).toBeLessThanOrEqual(2 * 5000);
  });
  it("takes octets that are written into its room as well", () => {
    const step = fc.tuple(fc.integer({ min: 1, max: 5000 }), fc.nat(6000));
    fc.assert(fc.property(fc.array(step, { maxLength: 12 }), (steps) => {
      const assembler = new Assembler();
      const written: Uint8Array[] = [];
      for (const [want, most] of steps) {
        const room = assembler.room(want, 16_384);
        expect(room.length).toBeGreaterThan(assembler.used);
        const end = Math.min(assembler.used + most, room.length);
        room.fill(want, assembler.used, end);
        written.push(room.slice(assembler.used, end));
        assembler.wrote(end - assembler.used);
      }
      const message = assembler.take();
      expect(Buffer.compare(message, Buffer.concat(written))).toBe(0);
      expect(mayView(message.length, message.buffer.byteLength)).toBe(true);
    }));
  });
  it("gives a new array for an empty message", () => {
    expect(new Assembler().take()).toEqual(new Uint8Array(0));
    expect(new Assembler().take().buffer).not.toBe(new Assembler().take().buffer);
  });
});

/** The sizes of all arrays that are made meanwhile. */
function arraysMade(run: () => void): number[] {
  const Original = globalThis.Uint8Array;
  const sizes: number[] = [];
  globalThis.Uint8Array = new Proxy(Original, {
    construct(target, args, self) {
      if (typeof args[0] === "number") sizes.push(args[0]);
      return Reflect.construct(target, args, self);
    },
  });
  try {
    run();
  } finally {
    globalThis.Uint8Array = Original;
  }
  return sizes;
}
function sum(numbers: readonly number[]): number {
  return numbers.reduce((a, b) => a + b, 0);
}
