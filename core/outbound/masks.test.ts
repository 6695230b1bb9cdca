import { describe, expect, it } from "vitest";
import { seededNumbers } from "../../conformance/support/virtual.ts";
import type { Bytes } from "../types.ts";
import { masksOf } from "./masks.ts";

describe("masksOf", () => {
  it("gives the octets of the source, four at a time, each once and in order", () => {
    let next = 0;
    const given: number[] = [];
    const random = (into: Bytes): void => {
      for (let i = 0; i < into.length; i++) given.push(into[i] = (next++ * 7) & 255);
    };
    const masks = masksOf(random);
    const used: number[] = [];
    for (let i = 0; i < 3000; i++) {
      const key = masks.next();
      used.push(key & 255, (key >>> 8) & 255, (key >>> 16) & 255, key >>> 24);
    }
    expect(used).toEqual(given.slice(0, used.length));
  });
  it("never gives a key of an unpredictable source twice", () => {
    const number = seededNumbers(7);
    const masks = masksOf((into) => into.forEach((_, i) => into[i] = number() >>> 24));
    // 2^32 keys: among 10,000 honest ones two are equal once in a hundred runs, so the source is a fixed one.
    expect(new Set(Array.from({ length: 10_000 }, () => masks.next())).size).toBe(10_000);
  });
  it("asks the source for nothing before a key is needed, and for no more before those are used", () => {
    let calls = 0, octets = 0;
    const masks = masksOf((into) => {
      calls++;
      octets = into.length;
    });
    expect(calls).toBe(0);
    masks.next();
    expect(calls).toBe(1);
    for (let i = 1; i < octets / 4; i++) masks.next();
    expect(calls).toBe(1);
    masks.next();
    expect(calls).toBe(2);
  });
  it("is one pool for each source, so that connections do not fill one each", () => {
    const one = (): void => {}, other = (): void => {};
    expect(masksOf(one)).toBe(masksOf(one));
    expect(masksOf(one)).not.toBe(masksOf(other));
  });
  it("gives no key where the source fails, and asks it again", () => {
    let broken = true;
    const masks = masksOf((into) => {
      if (broken) throw new Error("no entropy");
      into.fill(9);
    });
    expect(() => masks.next()).toThrow("no entropy");
    expect(() => masks.next()).toThrow("no entropy");
    broken = false;
    expect(masks.next()).toBe(0x09090909);
  });
});
