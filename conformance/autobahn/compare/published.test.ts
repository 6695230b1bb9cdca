import { describe, expect, it } from "vitest";
import { lines } from "../engine/head.ts";
import { PUBLISHED } from "./published.ts";
import { replay } from "./replay.ts";

describe("a published report of the original", () => {
  for (const published of PUBLISHED) {
    const { id, agent, facts, wirelog, request, response, duration } = published;

    it(`of ${agent}, ${id}: the same peer earns the same verdict, flags, counts and log, octet for octet`, () => {
      const result = replay(published);
      expect(result).toMatchObject({ id, agent, ...facts });
      expect(result.expected).toEqual(facts.expected);
      expect(result.wirelog).toEqual(wirelog);
      expect([result.httpRequest, result.httpResponse]).toEqual([lines(request), lines(response)]);
      for (const stats of ["rxOctetStats", "txOctetStats", "rxFrameStats", "txFrameStats"] as const) {
        expect([stats, result[stats]]).toEqual([stats, facts[stats]]);
      }
      // The waits are the same; the rest is real time, of which none passes here.
      expect(duration - result.duration!).toBeGreaterThanOrEqual(0);
      expect(duration - result.duration!).toBeLessThan(50);
    });
  }
});
