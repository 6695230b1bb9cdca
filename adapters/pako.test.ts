// What is particular to the engine over pako. That it deflates and inflates as zlib does is law L23: conformance/laws/engines.test.ts.
import { deflateRawSync } from "node:zlib";
import * as z from "pako";
import { describe, expect, it, vi } from "vitest";
import type { Codec, CodecMode } from "../core/types.ts";
import { pako } from "./pako.ts";

vi.setConfig({ testTimeout: 60_000 }); // no test measures time; a loaded machine may take long

describe("the engine over pako", () => {
  it("offers every window, also the 8 bits that pako itself refuses to deflate with", () => {
    expect(pako.deflateBits).toEqual([8, 15]);
    const deflater = pako.deflater(8, 6);
    const inflater = pako.inflater(8);
    for (let round = 0; round < 3; round++) expect(all(inflater, all(deflater, TEXT, "flush"), "more")).toEqual(TEXT);
  });

  it("writes what pako's own functions read", () => {
    const deflater = pako.deflater(15, 1);
    const wire = all(deflater, TEXT, "flush");
    expect(z.inflateRaw(Uint8Array.of(...wire, 1, 0, 0, 255, 255))).toEqual(TEXT);
  });

  it("honours the level", () => {
    const sizes = [0, 1, 9].map((level) => all(pako.deflater(15, level), TEXT, "flush").length);
    expect(sizes[0]).toBeGreaterThan(TEXT.length);
    expect(sizes[1]).toBeLessThan(TEXT.length);
    expect(sizes[2]).toBeLessThan(sizes[1]);
  });

  it("forgets its window when it is reset", () => {
    const deflater = pako.deflater(15, 1);
    const fresh = all(deflater, TEXT, "flush");
    const repeated = all(deflater, TEXT, "flush");
    expect(repeated.length).toBeLessThan(fresh.length / 2);
    deflater.reset();
    expect(all(deflater, TEXT, "flush")).toEqual(fresh);

    const inflater = pako.inflater(15);
    all(inflater, fresh, "more");
    inflater.reset();
    expect(() => all(inflater, repeated, "more")).toThrow("deflate: invalid distance too far back");
  });

  it("is not revived by reset once it is closed", () => {
    const inflater = pako.inflater(15);
    inflater.close();
    inflater.reset();
    expect(() => all(inflater, Uint8Array.of(0), "more")).toThrow("closed");
  });

  it("a bomb of 50 MB takes no more memory than the room offered", () => {
    const bomb = deflateRawSync(new Uint8Array(50_000_000));
    const inflater = pako.inflater(15);
    const dst = new Uint8Array(100_000);
    const before = process.memoryUsage().arrayBuffers;
    inflater.run(bomb, 0, bomb.length, dst, 0, dst.length, "more");
    expect(inflater.written).toBe(dst.length);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(2_000_000);
  });
});

/** One run, with room for all of it. */
function all(codec: Codec, src: Uint8Array, mode: CodecMode): Uint8Array {
  const dst = new Uint8Array(10_000);
  codec.run(src, 0, src.length, dst, 0, dst.length, mode);
  expect(codec.read).toBe(src.length);
  return dst.slice(0, codec.written);
}

const TEXT = new TextEncoder().encode(
  JSON.stringify(Array.from({ length: 40 }, (_, i) => ({ id: i * 7919, user: `user${i % 7}` }))),
);
