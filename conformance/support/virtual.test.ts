import { describe, expect, it } from "vitest";
import { seededNumbers, seededRandom, virtualHost } from "./virtual.ts";

describe("virtualHost", () => {
  it("fires timers in the order of time, those armed meanwhile included", () => {
    const host = virtualHost();
    const log: [string, number][] = [];
    host.after(20, () => log.push(["b", host.now()]));
    host.after(10, () => {
      log.push(["a", host.now()]);
      host.after(5, () => log.push(["c", host.now()]));
    });
    host.cancel(host.after(1, () => log.push(["never", 0])));
    host.advance(19);
    expect([log, host.now(), host.timers]).toEqual([[["a", 10], ["c", 15]], 19, 1]);
    expect([host.next(), host.next(), host.now()]).toEqual([true, false, 20]);
  });

  it("runs what was put off before time moves", () => {
    const host = virtualHost();
    const log: string[] = [];
    host.soon(() => {
      log.push("first");
      host.soon(() => log.push("second"));
    });
    host.after(0, () => log.push("timer"));
    host.next();
    expect(log).toEqual(["first", "second", "timer"]);
  });
});

describe("seeded octets", () => {
  it("are the same for the same seed only, and spread over all values", () => {
    const draw = (seed: number): Uint8Array => {
      const octets = new Uint8Array(5000);
      seededRandom(seed)(octets);
      return octets;
    };
    expect(draw(7)).toEqual(draw(7));
    expect(draw(7)).not.toEqual(draw(8));
    expect(new Set(draw(0)).size).toBe(256);
    const next = seededNumbers(3);
    expect(new Set(Array.from({ length: 1000 }, next)).size).toBe(1000);
  });
});
