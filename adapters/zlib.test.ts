// What is particular to the engine over node:zlib: which private way it takes, what it keeps, and what it frees. That it deflates and
// inflates rightly, by either way, is law L23: conformance/laws/engines.test.ts.
import * as nodeZlib from "node:zlib";
import { describe, expect, it, vi } from "vitest";
import type { Codec, CodecMode, DeflateEngine } from "../core/types.ts";
import { zlib, zlibEngine, type ZlibModule, type ZlibOptions } from "./zlib.ts";

vi.setConfig({ testTimeout: 60_000 }); // no test measures time; a loaded machine may take long

describe("the way into node:zlib", () => {
  it("is the handle, without _processChunk", () => {
    const engine = zlibEngine(hiding("_processChunk"));
    expect(roundTrip(engine, TEXT)).toEqual(TEXT);
  });

  it("is _processChunk where the handle keeps its state to itself", () => {
    const engine = zlibEngine(hiding("_writeState"));
    expect(roundTrip(engine, TEXT)).toEqual(TEXT);
  });

  it("is neither where both are missing: reading deflateBits throws and names the alternative", () => {
    const engine = zlibEngine(hiding("_writeState", "_processChunk"));
    expect(() => engine.deflateBits).toThrow("sansws/pako");
    expect(() => engine.inflater(15)).toThrow("sansws/pako");
  });

  it("is not taken if what comes back is wrong", () => {
    const lying: ZlibModule = {
      createDeflateRaw: (options) => nodeZlib.createDeflateRaw(options),
      createInflateRaw: (options) => nodeZlib.createDeflateRaw(options),
    };
    expect(() => zlibEngine(lying).deflateBits).toThrow("sansws/pako");
  });

  it("is tried once, at the first use, and the streams of the trial are freed", () => {
    const { module, opened, closed } = counting();
    const engine = zlibEngine(module);
    expect(opened).toEqual([]);
    expect(engine.deflateBits).toEqual([8, 15]);
    const trial = opened.length;
    expect(closed()).toBe(trial);
    expect(engine.deflateBits).toEqual([8, 15]);
    engine.inflater(15).close();
    expect(opened.length).toBe(trial + 1);
  });
});

describe("the native streams", () => {
  it("have 9 bits for 8 when they deflate, and 8 when they inflate", () => {
    const { module, opened } = counting();
    const engine = zlibEngine(module);
    engine.deflater(8, 1);
    expect(opened.at(-1)?.windowBits).toBe(9);
    engine.inflater(8);
    expect(opened.at(-1)?.windowBits).toBe(8);
  });

  it("are freed at once by close, and only once", () => {
    const { module, closed } = counting();
    const engine = zlibEngine(module);
    const codecs = [engine.inflater(15), engine.deflater(15, 1)];
    const before = closed();
    for (const codec of codecs) codec.close();
    expect(closed() - before).toBe(2);
    for (const codec of codecs) codec.close();
    expect(closed() - before).toBe(2);
  });

  it("are kept by reset, but nothing of what they remember", () => {
    const { module, opened } = counting();
    const engine = zlibEngine(module);
    const codec = engine.deflater(15, 1);
    const made = opened.length;
    const fresh = all(codec, TEXT, "flush");
    expect(all(codec, TEXT, "flush").length).toBeLessThan(fresh.length / 2);
    codec.run(TEXT, 0, TEXT.length, new Uint8Array(4), 0, 4, "flush"); // output waits inside
    codec.reset();
    expect(all(codec, TEXT, "flush")).toEqual(fresh);
    expect(opened.length).toBe(made);
    codec.close();
  });

  it("are freed when they fail, and never used again", async () => {
    const { module, opened, closed } = counting();
    const engine = zlibEngine(module);
    const codec = engine.inflater(15);
    const [made, freed] = [opened.length, closed()];
    expect(() => all(codec, Uint8Array.of(255), "more")).toThrow(Error);
    expect(closed()).toBe(freed + 1);
    codec.reset();
    expect(opened.length).toBe(made + 1);
    expect(all(codec, all(zlib.deflater(15, 1), TEXT, "flush"), "more")).toEqual(TEXT);
    codec.close();
    await new Promise(setImmediate); // an error event that nobody hears would end the process here
  });
});

describe.each([["the handle", zlib], ["_processChunk", zlibEngine(hiding("_writeState"))]])("a bomb, by %s", (_name, engine) => {
  it("of 50 MB takes no more memory than the room offered", () => {
    const bomb = nodeZlib.deflateRawSync(new Uint8Array(50_000_000));
    const codec = engine.inflater(15);
    const dst = new Uint8Array(100_000);
    const before = outside();
    codec.run(bomb, 0, bomb.length, dst, 0, dst.length, "more");
    expect(codec.written).toBe(dst.length);
    expect(outside() - before).toBeLessThan(2_000_000);
    codec.close();
  });
});

function roundTrip(engine: DeflateEngine, text: Uint8Array): Uint8Array {
  const [deflater, inflater] = [engine.deflater(15, 1), engine.inflater(15)];
  const back = all(inflater, all(deflater, text, "flush"), "more");
  deflater.close();
  inflater.close();
  return back;
}
/** One run, with room for all of it. */
function all(codec: Codec, src: Uint8Array, mode: CodecMode): Uint8Array {
  const dst = new Uint8Array(10_000);
  codec.run(src, 0, src.length, dst, 0, dst.length, mode);
  expect(codec.read).toBe(src.length);
  return dst.slice(0, codec.written);
}
/** Octets outside of the JavaScript heap. */
function outside(): number {
  const { external, arrayBuffers } = process.memoryUsage();
  return external + arrayBuffers;
}
/** node:zlib without some private members. */
function hiding(...names: string[]): ZlibModule {
  const hide = (stream: object): object =>
    new Proxy(stream, {
      get(target, name) {
        const value: unknown = names.includes(String(name)) ? undefined : Reflect.get(target, name, target);
        return typeof value === "function" ? value.bind(target) : value;
      },
      set: (target, name, value) => Reflect.set(target, name, value, target),
    });
  return {
    createDeflateRaw: (options) => hide(nodeZlib.createDeflateRaw(options)),
    createInflateRaw: (options) => hide(nodeZlib.createInflateRaw(options)),
  };
}
/** node:zlib with a record of the options of every stream and of how many were closed. */
function counting(): { module: ZlibModule; opened: ZlibOptions[]; closed: () => number } {
  const opened: ZlibOptions[] = [];
  let closes = 0;
  const watch = <T extends object>(stream: T, options: ZlibOptions): T => {
    const { _handle: handle } = stream as unknown as { _handle: { close: () => void } };
    const close = handle.close;
    handle.close = () => {
      closes++;
      close.call(handle);
    };
    opened.push(options);
    return stream;
  };
  const module: ZlibModule = {
    createDeflateRaw: (options) => watch(nodeZlib.createDeflateRaw(options), options),
    createInflateRaw: (options) => watch(nodeZlib.createInflateRaw(options), options),
  };
  return { module, opened, closed: () => closes };
}

const TEXT = new TextEncoder().encode(
  JSON.stringify(Array.from({ length: 40 }, (_, i) => ({ id: i * 7919, user: `user${i % 7}` }))),
);
