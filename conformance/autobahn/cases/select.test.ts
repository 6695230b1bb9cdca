import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { CASES } from "./all.ts";
import { exclusionsByAgent, indexOf, patternsOf, select } from "./select.ts";

const ids = (include: readonly string[], exclude: readonly string[] = []) => select(CASES, include, exclude).map(({ id }) => id);

describe("select", () => {
  // Measured with the original: how many ids each of its patterns gives.
  it.each([["*", 517], ["1*", 233], ["*.1", 273], ["6.2*", 60], ["9.[1-3].*", 21], ["6.*", 145], ["12.*", 90], ["8.*", 0]])(
    "fits the pattern %s at the start of %i ids",
    (pattern, count) => expect(ids([pattern])).toHaveLength(count),
  );

  it("takes a dot for a dot", () => {
    expect(ids(["1.1*"])).toEqual(ids(["1.1.*"]));
    expect(ids(["1.1*"])).not.toContain("13.1.1");
  });

  it("gives each case once and in the suite's order, whatever the order of the patterns", () => {
    expect(ids(["10.*", "2.10", "2.9", "2.*", "2.9", "1.1.2"], ["2.1*", "2.3"])).toEqual(
      ["1.1.2", "2.2", "2.4", "2.5", "2.6", "2.7", "2.8", "2.9", "10.1.1"],
    );
    fc.assert(fc.property(fc.shuffledSubarray(CASES.map(({ id }) => id)), fc.subarray(CASES.map(({ id }) => id)), (some, not) => {
      const without = new Set(not);
      expect(ids(some, not)).toEqual(CASES.map(({ id }) => id).filter((id) => some.includes(id) && !without.has(id)));
    }));
  });

  it("names an id that does not exist and a word that is no id", () => {
    expect(() => ids(["1.1.9"])).toThrow(/no case "1\.1\.9"/);
    expect(() => ids(["6.4"])).toThrow(/no case "6\.4"/);
    expect(() => ids(["1.1.1", "pings"])).toThrow(/"pings" is neither/);
    expect(() => ids(["*"], ["pings"])).toThrow(/"pings" is neither/);
    expect(() => ids(["9.[1-.*"])).toThrow(/"9\.\[1-\.\*" is not a pattern/);
  });

  it("lets a spec file exclude an id that older suites had", () => {
    expect(ids(["7.9.*"], ["7.9.13", "7.9.1"])).toHaveLength(8);
  });
});

describe("patternsOf", () => {
  const chosen = (list: string) => ids(patternsOf(CASES, list));

  it("takes sections, sub-sections, ids and ranges, both ends included", () => {
    expect(chosen("1-7,10")).toHaveLength(247);
    expect(chosen("6.2")).toEqual(["6.2.1", "6.2.2", "6.2.3", "6.2.4"]);
    expect(chosen("2.9-3.1, 5.19")).toEqual(["2.9", "2.10", "2.11", "3.1", "5.19"]);
    expect(chosen("9.8.6-10")).toEqual(["9.8.6", "10.1.1"]);
    expect(chosen("7.7.13-7.9.1")).toEqual(["7.7.13", "7.9.1"]);
  });

  it("leaves the original's patterns as they are, commas in brackets included", () => {
    expect(patternsOf(CASES, "1*,9.[1,3].*,,2.1")).toEqual(["1*", "9.[1,3].*", "2.1"]);
    expect(chosen("9.[1,3].*")).toHaveLength(15);
  });

  it("names what it does not find", () => {
    for (const wrong of ["8", "11", "1.1.1.1", "1-2-3", "-3", "1-", "pings", "6.24"]) {
      expect(() => patternsOf(CASES, `1,${wrong}`)).toThrow(JSON.stringify(wrong));
    }
    expect(() => patternsOf(CASES, "7-1")).toThrow(/"7-1" ends before it begins/);
  });
});

describe("exclusionsByAgent", () => {
  it("fits agents and cases as a whole, and tells upper from lower case", () => {
    const excluded = exclusionsByAgent({ "Heron*": ["9.*", "6.2.1"], "Tern": ["*.1"] });
    expect(excluded("Heron/2.4", "9.1.1")).toBe(true);
    expect(excluded("Heron/2.4", "6.2.1")).toBe(true);
    expect(excluded("Heron/2.4", "6.2.10")).toBe(false);
    expect(excluded("heron/2.4", "9.1.1")).toBe(false);
    expect(excluded("a Heron", "9.1.1")).toBe(false);
    expect(excluded("Tern", "5.1")).toBe(true);
    expect(excluded("Tern", "5.10")).toBe(false);
    expect(excluded("Tern/1", "5.1")).toBe(false);
  });

  it("refuses a wrong pattern before any case runs", () => {
    expect(() => exclusionsByAgent({ "C++": ["*"] })).toThrow(/"C\+\+" is not a pattern/);
  });
});

describe("indexOf", () => {
  it("counts from 1, and gives 0 for a case that is not there", () => {
    expect([indexOf(CASES, "1.1.1"), indexOf(CASES, "2.5"), indexOf(CASES, "13.7.18"), indexOf(CASES, "9.9.1")]).toEqual([
      1,
      21,
      517,
      0,
    ]);
    expect(indexOf(select(CASES, ["5.*"]), "5.19")).toBe(19);
  });
});
