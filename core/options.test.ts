import { describe, expect, it } from "vitest";
import { zlib } from "../adapters/zlib.ts";
import { settle, settleDeflate } from "./options.ts";
import type { Deflate, Options } from "./types.ts";

const refused = expect.objectContaining({ name: "UsageError", code: "BAD_OPTION" });

describe("settle", () => {
  it("fills in the defaults of the design", () => {
    expect(settle({})).toMatchObject({
      deflate: null,
      messages: "whole",
      limits: {
        message: 16_777_216,
        fragments: 1_048_576,
        head: 16_384,
        line: 8192,
        headers: 128,
        body: 65_536,
        output: 67_108_864,
        highWaterMark: 65_536,
        pongs: 16,
      },
      timers: { handshake: 10_000, idle: 0, ping: 20_000, pong: 20_000, stall: 30_000, close: 10_000 },
      unmask: null,
      isUtf8: null,
    });
  });
  it("keeps what is given, takes undefined for absent, and changes nothing of the caller's", () => {
    const options: Options = { limits: { message: 5 }, timers: { idle: 7 }, messages: "raw" };
    const before = structuredClone(options);
    const { limits, timers, messages } = settle(options);
    expect([limits.message, limits.pongs, timers.idle, timers.ping, messages]).toEqual([5, 16, 7, 20_000, "raw"]);
    expect(options).toEqual(before);
    const absent = { limits: { message: undefined }, timers: undefined, deflate: undefined } as unknown as Options;
    expect(settle(absent).limits.message).toBe(16_777_216);
  });
  it("is frozen, and the same for a frozen object", () => {
    const options = Object.freeze({ limits: { message: 5 } });
    expect(settle(options)).toBe(settle(options));
    const settings = settle({});
    expect([settings, settings.limits, settings.timers].every(Object.isFrozen)).toBe(true);
    const open = { limits: { message: 5 } };
    settle(open);
    open.limits.message = 6;
    expect(settle(open).limits.message).toBe(6);
  });
  it("refuses every limit that is not a positive integer, but Infinity for message and fragments", () => {
    const names = ["message", "fragments", "head", "line", "headers", "body", "output", "highWaterMark", "pongs"] as const;
    for (const name of names) {
      for (const value of [0, -1, NaN, 1.5, -Infinity, 2 ** 53, "5", null, true]) {
        expect(() => settle({ limits: { [name]: value } }), `${name}: ${value}`).toThrow(refused);
      }
      if (name === "message" || name === "fragments") {
        expect(settle({ limits: { [name]: Infinity } }).limits[name]).toBe(Infinity);
      } else expect(() => settle({ limits: { [name]: Infinity } })).toThrow(refused);
      expect(settle({ limits: { [name]: 1 } }).limits[name]).toBe(1);
    }
  });
  it("refuses every timer that is not an integer of milliseconds; 0 is off, but not for handshake and close", () => {
    for (const name of ["handshake", "idle", "ping", "pong", "stall", "close"] as const) {
      for (const value of [-1, NaN, 1.5, Infinity, "5", null]) {
        expect(() => settle({ timers: { [name]: value } }), `${name}: ${value}`).toThrow(refused);
      }
      if (name === "handshake" || name === "close") expect(() => settle({ timers: { [name]: 0 } })).toThrow(refused);
      else expect(settle({ timers: { [name]: 0 } }).timers[name]).toBe(0);
    }
  });
  it("refuses names that do not exist, whatever prototypes have", () => {
    for (const name of ["massage", "toString", "__proto__", "constructor"]) {
      const given = Object.fromEntries([[name, 5]]);
      expect(() => settle({ limits: given }), name).toThrow(refused);
      expect(() => settle({ timers: given }), name).toThrow(refused);
    }
  });
  it("refuses a delivery and functions of the host that are none", () => {
    for (const messages of ["", "Whole", 1, false]) {
      expect(() => settle({ messages: messages as "raw" })).toThrow(refused);
    }
    for (const name of ["unmask", "isUtf8", "decodeUtf8", "decodeAscii", "writeUtf8"]) {
      expect(() => settle({ natives: { [name]: 5 } }), name).toThrow(refused);
      expect(() => settle({ natives: { [name]: undefined } })).not.toThrow();
    }
  });
});

describe("settleDeflate", () => {
  it("fills in the defaults: level 1, 15 bits, no takeover, a threshold that depends on it", () => {
    expect(settleDeflate(null)).toBe(null);
    const defaults = { engine: zlib, level: 1, threshold: 1024, contextTakeover: false, windowBits: 15 };
    expect(settleDeflate({ engine: zlib })).toEqual(defaults);
    expect(settleDeflate({ engine: zlib, contextTakeover: true })).toEqual({ ...defaults, contextTakeover: true, threshold: 64 });
    expect(settleDeflate({ engine: zlib, contextTakeover: true, threshold: 0 })).toMatchObject({ threshold: 0 });
    expect(settleDeflate({ engine: zlib, level: 0, windowBits: 8 })).toMatchObject({ level: 0, windowBits: 8 });
  });
  it("refuses what is no engine, and numbers outside of what it can do", () => {
    const wrong = [
      {},
      { engine: null },
      { engine: "zlib" },
      { engine: {} },
      ...[-1, 10, 1.5, NaN, "1"].map((level) => ({ engine: zlib, level })),
      ...[-1, 1.5, NaN, Infinity].map((threshold) => ({ engine: zlib, threshold })),
      ...[7, 16, 9.5, NaN].map((windowBits) => ({ engine: zlib, windowBits })),
      { engine: { ...zlib, deflateBits: [9, 15] }, windowBits: 8 },
    ];
    for (const deflate of wrong) {
      expect(() => settleDeflate(deflate as Deflate), JSON.stringify(deflate)).toThrow(refused);
      expect(() => settle({ deflate: deflate as Deflate })).toThrow(refused);
    }
  });
});
