import { describe, expect, it } from "vitest";
import type { Codec, DeflateEngine } from "../types.ts";
import { deflaters, inflaters } from "./codec.ts";

describe("a lender", () => {
  it("makes a codec when none is spare, and renews the one that was given back", () => {
    const engine = fake();
    const lender = inflaters(engine, 15);
    const codec = lender.take();
    lender.give(codec);
    expect(codec).toMatchObject({ resets: 1, closes: 0 });
    expect(lender.take()).toBe(codec);
    expect(engine.made).toEqual(["inflate 15"]);
  });
  it("never lends a codec twice, and frees what it has no use for", () => {
    const lender = deflaters(fake(), 15, 1);
    const [a, b] = [lender.take(), lender.take()];
    expect(a).not.toBe(b);
    lender.give(a);
    lender.give(b);
    expect([a, b]).toMatchObject([{ resets: 1, closes: 0 }, { resets: 0, closes: 1 }]);
    expect(lender.take()).toBe(a);
    expect(lender.take()).not.toBe(b);
  });
  it("is the same for the same kind of codec of one engine, and lends no other", () => {
    const engine = fake();
    expect(deflaters(engine, 15, 1)).toBe(deflaters(engine, 15, 1));
    const lenders = [
      inflaters(engine, 15),
      inflaters(engine, 9),
      deflaters(engine, 15, 1),
      deflaters(engine, 9, 1),
      deflaters(engine, 15, 6),
    ];
    expect(new Set([...lenders, inflaters(fake(), 15)]).size).toBe(6);
    lenders.forEach((lender) => lender.take());
    expect(engine.made).toEqual(["inflate 15", "inflate 9", "deflate 15 1", "deflate 9 1", "deflate 15 6"]);
  });
  it("asks the engine for nothing before a codec is taken", () => {
    const engine = fake();
    inflaters(engine, 15);
    deflaters(engine, 15, 1);
    expect(engine.made).toEqual([]);
  });
});

function fake(): DeflateEngine & { readonly made: string[] } {
  const made: string[] = [];
  const codec = (kind: string): Codec => {
    made.push(kind);
    const codec = {
      resets: 0,
      closes: 0,
      read: 0,
      written: 0,
      ended: false,
      run() {},
      reset: () => void codec.resets++,
      close: () => void codec.closes++,
    };
    return codec;
  };
  return {
    made,
    deflateBits: [8, 15],
    inflater: (bits) => codec(`inflate ${bits}`),
    deflater: (bits, level) => codec(`deflate ${bits} ${level}`),
  };
}
