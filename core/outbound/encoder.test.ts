import { Buffer } from "node:buffer";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { concat, utf8 } from "../../conformance/frames/encode.ts";
import { type Frame, readFrames } from "../../conformance/frames/reader.ts";
import { seededRandom } from "../../conformance/support/virtual.ts";
import { textCodec } from "../wire/text.ts";
import { appendBytes, appendGiven, appendText } from "./encoder.ts";
import { type Masks, masksOf } from "./masks.ts";
import { BIG, ownMemory, Queue, STRETCH, within } from "./queue.ts";

const masks = masksOf(seededRandom(3));
const portable = textCodec({});
const native = textCodec({
  writeUtf8: (text, into, at) => Buffer.from(into.buffer, into.byteOffset, into.byteLength).write(text, at, "utf8"),
});
/** Every border: lengths of headers, the loop by hand, given memory, slabs. */
const BORDERS = [0, 1, 47, 48, 49, 125, 126, 127, 65_535, 65_536, 65_537, BIG + 1, STRETCH - 14, STRETCH, STRETCH + 1, 300_000];

describe("appendBytes", () => {
  it("writes one frame in its shortest form, masked with a key of its own or not at all, and leaves the source alone", () => {
    const size = fc.oneof(fc.nat(200), fc.constantFrom(...BORDERS));
    const frame = fc.tuple(size, fc.nat(20), fc.constantFrom(0x82, 0x81, 0x02, 0x80, 0xc2));
    fc.assert(
      fc.property(fc.array(frame, { minLength: 1, maxLength: 6 }), fc.boolean(), (frames, masked) => {
        const queue = new Queue();
        const sent = frames.map(([size, before, first]) => {
          const source = new Uint8Array(before + size + 5).map((_, i) => i * 7 + size);
          const copy = source.slice();
          appendBytes(queue, first, source, before, before + size, masked ? masks : null);
          expect(Buffer.compare(source, copy)).toBe(0);
          return { first, payload: source.slice(before, before + size) };
        });
        expectFrames(readFrames(drain(queue)), sent, masked);
      }),
      { numRuns: 60 },
    );
  });
  it("writes every length around a border", () => {
    for (const size of BORDERS) {
      for (const masked of [true, false]) {
        const queue = new Queue(), payload = new Uint8Array(size).fill(size);
        appendBytes(queue, 0x82, payload, 0, size, masked ? masks : null);
        expectFrames(readFrames(drain(queue)), [{ first: 0x82, payload }], masked);
      }
    }
  });
});

describe.each([["portable", portable], ["native", native]] as const)("appendText with the %s writer", (_, codec) => {
  const unit = fc.constantFrom("a", "~", "\u0000", "\u00e9", "\u20ac", "\u{1f600}", "\ud800", "\udfff");

  it("writes the UTF-8 of any string behind a header that fits it", () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit, maxLength: 60 }), { minLength: 1, maxLength: 5 }), fc.boolean(), (texts, masked) => {
        const queue = new Queue();
        for (const text of texts) appendText(queue, 0x81, text, masked ? masks : null, codec);
        expectFrames(readFrames(drain(queue)), texts.map((text) => ({ first: 0x81, payload: utf8(text) })), masked);
      }),
    );
  });
  it("finds the header where characters and octets stand on different sides of a border", () => {
    for (const character of ["a", "\u00e9", "\u20ac", "\u{1f600}"]) {
      const { length } = utf8(character);
      for (const border of [24, 25, 125, 126, 128, 43_680, 43_690, 65_535, 65_536, 131_072]) {
        for (const octets of [border - length, border, border + length]) {
          const text = character.repeat(Math.ceil(octets / length));
          for (const masked of [true, false]) {
            const queue = new Queue();
            appendText(queue, 0x01, text, masked ? masks : null, codec);
            expectFrames(readFrames(drain(queue)), [{ first: 0x01, payload: utf8(text) }], masked);
          }
        }
      }
    }
  });
});

describe("appendGiven", () => {
  it("puts the caller's memory itself behind a header", () => {
    const queue = new Queue(), payload = new Uint8Array(BIG).fill(3);
    appendGiven(queue, 0x82, payload);
    const header = queue.peek()!.slice();
    queue.consume(header.length);
    expect(queue.peek()!.buffer).toBe(payload.buffer);
    expectFrames(readFrames(concat([header, queue.peek()!])), [{ first: 0x82, payload }], false);
    queue.consume(BIG);
    expect(queue.length).toBe(0);
  });
  it("lets a ping go before its frame, and none between header and payload", () => {
    const queue = new Queue();
    appendGiven(queue, 0x82, new Uint8Array(BIG));
    expect(queue.interruptible).toBe(true);
    queue.consume(queue.peek()!.length);
    expect(queue.interruptible).toBe(false);
    drain(queue);
  });
});

describe("a frame", () => {
  it("has room, however much of the memory is in use", () => {
    const BEHIND = 24;
    for (const size of [0, 1, 125, 126, 3000]) {
      const payload = new Uint8Array(size).fill(0x61);
      for (let left = size; left < size + BEHIND; left++) {
        for (const masked of [true, false]) {
          const writers = [
            (queue: Queue) => appendBytes(queue, 0x81, payload, 0, size, masked ? masks : null),
            (queue: Queue) => appendText(queue, 0x81, "a".repeat(size), masked ? masks : null, portable),
          ];
          for (const write of writers) {
            const other = new Queue(), queue = new Queue();
            within(ownMemory(), () => {
              other.copy(new Uint8Array(STRETCH - left));
              write(queue);
              expectFrames(readFrames(drain(queue)), [{ first: 0x81, payload }], masked);
            });
          }
        }
      }
    }
  });
  it("of a text of three octets a character has room for them", () => {
    for (let left = 0; left < 3 * 40 + 24; left++) {
      const other = new Queue(), queue = new Queue();
      within(ownMemory(), () => {
        other.copy(new Uint8Array(STRETCH - left));
        appendText(queue, 0x81, "\u20ac".repeat(40), masks, portable);
        expectFrames(readFrames(drain(queue)), [{ first: 0x81, payload: utf8("\u20ac".repeat(40)) }], true);
      });
    }
  });
  it("of a long ASCII text has room too, and a ping may go before it", () => {
    const text = "a".repeat(47_000);
    for (let left = text.length - 4; left < text.length + 24; left++) {
      const other = new Queue(), queue = new Queue();
      within(ownMemory(), () => {
        other.copy(new Uint8Array(STRETCH - left));
        appendText(queue, 0x81, text, null, portable);
        expect(queue.interruptible).toBe(true);
        expectFrames(readFrames(drain(queue)), [{ first: 0x81, payload: utf8(text) }], false);
      });
    }
  });
  it("of a long text that is not ASCII leaves no empty chunk behind, however much of the memory is in use", () => {
    for (const used of [0, 60_000, 70_000, 80_000, STRETCH - 1]) {
      const other = new Queue(), queue = new Queue();
      other.copy(new Uint8Array(used));
      for (const text of ["a".repeat(22_400) + "\u00e9".repeat(21_400), "\u00e9".repeat(44_000), "a".repeat(47_000)]) {
        appendText(queue, 0x81, text, null, portable);
        const chunks: Uint8Array[] = [];
        for (let chunk; (chunk = queue.peek()) !== null;) {
          expect(chunk.length).toBeGreaterThan(0);
          chunks.push(chunk.slice());
          queue.consume(chunk.length);
        }
        expectFrames(readFrames(concat(chunks)), [{ first: 0x81, payload: utf8(text) }], false);
      }
      drain(other);
    }
  });
  it("takes one key, empty ones too", () => {
    let keys = 0;
    const counting: Masks = { next: () => (keys++, 0x01020304) };
    const queue = new Queue();
    appendBytes(queue, 0x82, new Uint8Array(0), 0, 0, counting);
    appendBytes(queue, 0x82, new Uint8Array(300_000), 0, 300_000, counting);
    appendText(queue, 0x81, "", counting, portable);
    appendText(queue, 0x81, "\u20ac".repeat(100_000), counting, portable);
    expect(keys).toBe(4);
    drain(queue);
  });
  it("leaves no trace in the queue where the source of keys fails", () => {
    const broken: Masks = {
      next() {
        throw new Error("no entropy");
      },
    };
    const queue = new Queue();
    expect(() => appendBytes(queue, 0x82, new Uint8Array(5), 0, 5, broken)).toThrow("no entropy");
    expect(() => appendBytes(queue, 0x82, new Uint8Array(BIG + 1), 0, BIG + 1, broken)).toThrow("no entropy");
    expect(() => appendText(queue, 0x81, "text", broken, portable)).toThrow("no entropy");
    expect(queue.peek()).toBe(null);
    expect(queue.length).toBe(0);
  });
});

function drain(queue: Queue): Uint8Array {
  const chunks: Uint8Array[] = [];
  for (let chunk; (chunk = queue.peek()) !== null;) {
    chunks.push(chunk.slice());
    queue.consume(chunk.length);
  }
  expect(queue.length).toBe(0);
  return concat(chunks);
}
function expectFrames(
  { frames, rest }: { readonly frames: readonly Frame[]; readonly rest: number },
  sent: readonly { readonly first: number; readonly payload: Uint8Array }[],
  masked: boolean,
): void {
  expect(rest).toBe(0);
  expect(frames.map(({ fin, rsv, opcode }) => (fin ? 0x80 : 0) | (rsv << 4) | opcode)).toEqual(sent.map(({ first }) => first));
  frames.forEach((frame, i) => {
    expect(frame.minimal).toBe(true);
    expect(frame.mask !== null).toBe(masked);
    expect(Buffer.compare(frame.payload, sent[i].payload)).toBe(0);
  });
}
