import { describe, expect, it } from "vitest";
import { createSeries } from "./repeats.ts";

describe("createSeries", () => {
  it("asks the compressor again only for a series that is not there as a whole", () => {
    let asked = 0;
    const reused = new Uint8Array(1);
    const compress = ([octet]: Uint8Array): Uint8Array => {
      asked++;
      reused[0] = octet + 1;
      return reused;
    };
    const play = (name: string, count: number): number[] => {
      const next = createSeries(name, count, compress);
      return Array.from({ length: count }, (_, i) => next(Uint8Array.of(i))[0]);
    };
    expect([play("a", 3), asked]).toEqual([[1, 2, 3], 3]);
    expect([play("a", 2), asked]).toEqual([[1, 2], 3]);
    expect([play("a", 3), asked]).toEqual([[1, 2, 3], 3]);
    expect([play("a", 4), asked]).toEqual([[1, 2, 3, 4], 7]);
    expect([play("b", 1), asked]).toEqual([[1], 8]);
  });

  it("keeps nothing that is too large, and lets go of the oldest", () => {
    const mebibytes = (name: string, count: number): number => {
      let asked = 0;
      const next = createSeries(name, 2, () => {
        asked++;
        return new Uint8Array(count * 1024 * 1024 / 2);
      });
      next(new Uint8Array(0));
      next(new Uint8Array(0));
      return asked;
    };
    expect([mebibytes("large", 65), mebibytes("large", 65)]).toEqual([2, 2]);
    expect([mebibytes("one", 40), mebibytes("one", 40), mebibytes("other", 40), mebibytes("one", 40)]).toEqual([2, 0, 2, 2]);
  });
});
