import { Buffer } from "node:buffer";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { concat, fromHex, utf8 } from "../../frames/encode.ts";
import { createCompress, createInflate } from "./deflate.ts";
import { Growing } from "./growing.ts";

function inflateAll(
  direction: { noContextTakeover: boolean; windowBits: number },
  messages: readonly (readonly Uint8Array[])[],
): Uint8Array[] {
  const inflate = createInflate(direction);
  const results = messages.map((pieces) => {
    const into = new Growing();
    inflate.begin();
    for (const piece of pieces) inflate.push(piece, into);
    inflate.end();
    return into.octets.slice();
  });
  inflate.close();
  return results;
}

describe("createCompress and createInflate", () => {
  it("undo each other, for any window, with and without takeover, however the octets are cut", () => {
    const direction = fc.record({ noContextTakeover: fc.boolean(), windowBits: fc.integer({ min: 9, max: 15 }) });
    const message = fc.oneof(
      fc.uint8Array({ minLength: 1, maxLength: 300 }),
      fc.tuple(fc.string({ minLength: 1 }), fc.integer({ min: 1, max: 3000 })).map(([text, times]) => utf8(text.repeat(times))),
    );
    fc.assert(
      fc.property(
        direction,
        fc.array(message, { maxLength: 5 }),
        fc.integer({ min: 1, max: 400 }),
        (direction, messages, cut) => {
          const compress = createCompress(direction);
          const wire = messages.map((message) => compress(message).slice());
          compress.close();
          const cuts = wire.map((octets) =>
            Array.from({ length: Math.ceil(octets.byteLength / cut) }, (_, i) => octets.subarray(i * cut, (i + 1) * cut))
          );
          expect(inflateAll(direction, cuts).map((octets) => octets.byteLength)).toEqual(
            messages.map((octets) => octets.byteLength),
          );
          expect(Buffer.compare(concat(inflateAll(direction, cuts)), concat(messages))).toBe(0);
        },
      ),
      { numRuns: 40 },
    );
  });

  it("keep the window between messages exactly where takeover was agreed", () => {
    const sizes = [true, false].map((noContextTakeover) => {
      const compress = createCompress({ noContextTakeover, windowBits: 15 });
      const text = utf8("a text that is long enough to be worth a reference");
      return [compress(text).byteLength, compress(text).byteLength];
    });
    expect(sizes[0][0]).toBe(sizes[0][1]);
    expect(sizes[1][1]).toBeLessThan(sizes[1][0] / 4);
  });

  it("read the example of RFC 7692 §7.2.3.2, which refers back to the message before it", () => {
    const messages = [[fromHex("f2 48 cd c9 c9 07 00")], [fromHex("f2 00 11 00 00")]];
    expect(inflateAll({ noContextTakeover: false, windowBits: 15 }, messages)).toEqual([utf8("Hello"), utf8("Hello")]);
  });

  it("throw where octets make no sense, and give nothing behind a final block", () => {
    const direction = { noContextTakeover: false, windowBits: 15 };
    expect(() => inflateAll(direction, [[Uint8Array.of(255, 255)]])).toThrow();
    const final = fromHex("f3 48 cd c9 c9 07 00 00");
    expect(inflateAll(direction, [[final], [final]])).toEqual([utf8("Hello"), new Uint8Array(0)]);
  });
});
