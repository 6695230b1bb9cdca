// Tests of cases.ts: the list against the numbers that the suite prints, selection and sharing as properties.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { allCases, cost, matches, patience, sectionOf, sections, select, split } from "./cases.ts";

const someIds = fc.subarray(allCases(), { minLength: 1 });
const pattern = fc.oneof(fc.constantFrom("*", "1*", "6.*", "6.2*", "*.1", "13.*.2"), fc.constantFrom(...allCases()));

describe("the list of cases", () => {
  it("has the 517 cases of suite 25.10.1, each once, with its count per section", () => {
    const all = allCases();
    expect(new Set(all).size).toBe(517);
    const perSection = sections.map(([section]) => all.filter((id) => sectionOf(id) === section).length);
    expect(perSection).toEqual([16, 11, 7, 10, 20, 145, 37, 54, 1, 90, 126]);
  });

  it("is ordered by numbers, not by text", () => {
    const numbers = allCases().map((id) => id.split(".").map(Number));
    const sorted = [...numbers].sort((one, other) => one[0] - other[0] || one[1] - other[1] || (one[2] ?? 0) - (other[2] ?? 0));
    expect(numbers).toEqual(sorted);
  });
});

describe("a pattern", () => {
  it.each([
    ["7.1.*", "7.1.6", true],
    ["7.1.*", "7.13.1", false],
    ["1.*", "10.1.1", false],
    ["1*", "10.1.1", true],
    ["6.2.*", "6.20.1", false],
    ["*.1", "9.3.1", true],
    ["9.3", "9.3.1", false],
    ["1.1", "111", false],
    ["1.1.1", "21.1.1", false],
  ])("%s on %s is %s: the whole id counts, a dot is a dot", (text, id, fits) => {
    expect(matches(text, id)).toBe(fits);
  });
});

describe("selection", () => {
  it("keeps the suite's order, whatever the order of the patterns, and no id twice", () => {
    fc.assert(fc.property(fc.array(pattern, { minLength: 1 }), (patterns) => {
      const selected = select(patterns, []);
      const chosen = new Set(selected);
      expect(selected).toEqual(allCases().filter((id) => chosen.has(id)));
      expect(select([...patterns, ...patterns].reverse(), [])).toEqual(selected);
    }));
  });

  it("takes out exactly what is excluded", () => {
    fc.assert(fc.property(fc.array(pattern), (excluded) => {
      const out = new Set(select(excluded, []));
      expect(select(["*"], excluded)).toEqual(allCases().filter((id) => !out.has(id)));
    }));
  });

  it.each(["8.*", "9.9.1", "6.4.5", "7.d.1", "7.[13].1", "", "1.1.1 "])(
    "refuses %j, which fits no case, among the wanted and among the excluded",
    (text) => {
      expect(() => select([text, "1.*"], [])).toThrow(RangeError);
      expect(() => select(["1.*"], [text])).toThrow(RangeError);
    },
  );
});

describe("sharing", () => {
  it("gives every case to exactly one of at most N shares, none of them empty, each in the suite's order", () => {
    fc.assert(fc.property(someIds, fc.integer({ min: 1, max: 20 }), (ids, jobs) => {
      const shares = split(ids, jobs);
      expect(shares.length).toBe(Math.min(jobs, ids.length));
      expect(shares.every((share) => share.length > 0)).toBe(true);
      expect(shares.flat().sort()).toEqual([...ids].sort());
      const place = new Map(allCases().map((id, index) => [id, index]));
      for (const share of shares) expect(share).toEqual([...share].sort((one, other) => place.get(one)! - place.get(other)!));
    }));
  });

  it("makes no share dearer than the mean by more than one case", () => {
    fc.assert(fc.property(someIds, fc.integer({ min: 1, max: 8 }), (ids, jobs) => {
      const total = (share: readonly string[]): number => share.reduce((sum, id) => sum + cost(id), 0);
      const dearest = Math.max(...split(ids, jobs).map(total));
      expect(dearest).toBeLessThanOrEqual(total(ids) / jobs + Math.max(...ids.map(cost)) + 1e-9);
    }));
  });

  it("knows a price for every case", () => {
    for (const id of allCases()) expect(cost(id), id).toBeGreaterThan(0);
  });
});

describe("patience", () => {
  it.each([["9.5.1", 1_000], ["9.7.6", 480], ["12.1.18", 480], ["10.1.1", 10], ["6.4.1", 2]])(
    "with %s outlasts the suite's own wait of %i s",
    (id, wait) => {
      expect(patience(id)).toBeGreaterThan(wait);
    },
  );
});
