import { describe, expect, it } from "vitest";
import { CASES, TITLES } from "../all.ts";
import type { Step } from "../case.ts";
import { isFor, select } from "../select.ts";
import { ALL, ALL_TITLES, BEYOND } from "./all.ts";

describe("the cases beyond the original", () => {
  it("have ids of their own, in order, behind those of the original", () => {
    const order = (id: string): number => id.split(".").reduce((sum, part) => sum * 1000 + Number(part), 0);
    const ids = BEYOND.map(({ id }) => id);
    expect(ids).toEqual([...new Set(ids)].sort((one, other) => order(one) - order(other)));
    for (const id of ids) expect(id).toMatch(/^2[0-7]\.\d+\.\d+$/);
    expect(CASES.filter(({ id }) => Number(id.split(".")[0]) >= 20)).toEqual([]);
    expect(ALL).toEqual([...CASES, ...BEYOND]);
    expect(select(ALL, ["22.*", "1.1.1"]).map(({ id }) => id.split(".")[0])).toContain("22");
  });

  it("stand under titles, and no title stands alone", () => {
    const parents = BEYOND.flatMap(({ id }) => [id.split(".")[0], id.split(".").slice(0, 2).join(".")]);
    const own = Object.keys(ALL_TITLES).filter((number) => !(number in TITLES));
    expect(own.sort()).toEqual([...new Set(parents)].sort());
    expect(ALL_TITLES).toMatchObject(TITLES);
  });

  it("say in sentences of their own what they send, and what it means", () => {
    expect(new Set(BEYOND.map(({ description }) => description)).size).toBe(BEYOND.length);
    for (const { id, description, expectation } of BEYOND) {
      expect([id, description]).toEqual([id, expect.stringMatching(/^[A-Z0-9][^<>]*[.]$/)]);
      expect([id, expectation]).toEqual([id, expect.stringMatching(/^[A-Z0-9][^<>]*[.]$/)]);
      expect(description.length + expectation.length).toBeLessThan(450);
    }
  });

  it("have one role wherever they change the opening handshake, and refusals are asked of servers only", () => {
    for (const one of BEYOND) {
      if (one.handshake !== undefined || one.deflate?.text !== undefined) {
        expect([one.id, one.role]).not.toEqual([one.id, undefined]);
      }
      if (one.handshake?.refusal !== undefined) expect([one.id, one.role]).toEqual([one.id, "client"]);
    }
    expect(CASES.every((one) => isFor(one, "client") && isFor(one, "server"))).toBe(true);
    expect(new Set(BEYOND.filter((one) => !isFor(one, "client")).map(({ role }) => role))).toEqual(new Set(["server"]));
  });

  it("end: each has a timer", () => {
    const timed = (steps: readonly Step[]): boolean => steps.some((step) => step.do === "killAfter" || step.do === "closeAfter");
    expect(BEYOND.filter(({ steps }) => !timed(steps))).toEqual([]);
  });
});
