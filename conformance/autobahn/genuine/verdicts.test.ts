// Tests of verdicts.ts: what counts as a deviation, what expected.json may look like, what the table counts.
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { allCases } from "./cases.ts";
import { expected } from "./places.ts";
import { compare, readRules, type Rule, table, type Verdict } from "./verdicts.ts";

const strict: Rule = { cases: "*", behavior: ["OK"], behaviorClose: ["OK"] };
const lenient: Rule = { cases: "6.4.*", behavior: ["NON-STRICT"], behaviorClose: ["OK"] };

function verdict(behavior: string, behaviorClose = "OK"): Verdict {
  return { behavior, behaviorClose, duration: 1_500, remoteCloseCode: 1000, reportfile: "peer_case.json" };
}

function deviating(found: Record<string, Verdict>, rules: readonly Rule[], ids = Object.keys(found)): string[] {
  return compare(ids, new Map(Object.entries(found)), rules).map(({ id }) => id);
}

describe("comparison", () => {
  it("accepts exactly the expected verdicts", () => {
    expect(deviating({ "1.1.1": verdict("OK"), "6.4.1": verdict("NON-STRICT") }, [strict, lenient])).toEqual([]);
  });

  it("takes a worse verdict for a deviation, and a better one too", () => {
    expect(deviating({ "1.1.1": verdict("NON-STRICT"), "6.4.1": verdict("OK") }, [strict, lenient])).toEqual(["1.1.1", "6.4.1"]);
  });

  it("looks at how the connection was closed even if the behavior is as expected", () => {
    expect(deviating({ "1.1.1": verdict("OK", "UNCLEAN"), "2.1": verdict("OK", "WRONG CODE") }, [strict])).toEqual([
      "1.1.1",
      "2.1",
    ]);
  });

  it("takes a case without a verdict for a deviation, even where failure is expected", () => {
    const failing: Rule = { cases: "*", behavior: ["FAILED"], behaviorClose: ["FAILED"] };
    expect(compare(["1.1.1"], new Map(), [failing])).toEqual([{ id: "1.1.1", rule: failing, found: null }]);
  });

  it("lets the last of several rules count, whatever the others say", () => {
    expect(deviating({ "6.4.1": verdict("OK") }, [lenient, strict])).toEqual([]);
    expect(deviating({ "6.4.1": verdict("NON-STRICT") }, [lenient, strict])).toEqual(["6.4.1"]);
  });

  it("judges the selected cases only", () => {
    expect(deviating({ "1.1.1": verdict("FAILED"), "2.1": verdict("OK") }, [strict], ["2.1"])).toEqual([]);
  });
});

describe("expected.json", () => {
  it("has a rule for every case in both roles", () => {
    const rules = readRules(readFileSync(expected, "utf8"));
    for (const role of ["server", "client"] as const) expect(compare(allCases(), new Map(), rules[role])).toHaveLength(517);
  });

  it.each([
    ["a misspelt verdict", [{ ...strict, behavior: ["NONSTRICT"] }]],
    ["a close verdict in place of a behavior", [{ ...strict, behavior: ["UNCLEAN"] }]],
    ["one verdict instead of a list", [{ ...strict, behaviorClose: "OK" }]],
    ["no rule for all cases", [lenient]],
    ["no rules", undefined],
  ])("is refused with %s", (_, client) => {
    expect(() => readRules(JSON.stringify({ server: [strict], client }))).toThrow(SyntaxError);
  });
});

describe("the table", () => {
  it("has a row for each section that was selected, and counts behavior, missing cases, seconds and close verdicts apart", () => {
    const found = new Map([["1.1.1", verdict("OK")], ["1.1.2", verdict("FAILED", "UNCLEAN")], ["9.1.1", verdict("OK")]]);
    const cells = table(["1.1.1", "1.1.2", "1.1.3", "9.1.1"], found).split("\n").map((line) => line.split(/ {2,}/));
    expect(cells).toEqual([
      ["section", "cases", "OK", "NON-STRICT", "INFORMATIONAL", "UNIMPLEMENTED", "FAILED", "MISSING", "seconds", "close"],
      ["1 Framing", "3", "1", "-", "-", "-", "1", "1", "3.0", "1 OK, 1 UNCLEAN"],
      ["9 Limits, Performance", "1", "1", "-", "-", "-", "-", "-", "1.5", "1 OK"],
      ["all", "4", "2", "-", "-", "-", "1", "1", "4.5", "2 OK, 1 UNCLEAN"],
    ]);
  });

  it("takes no time for a case whose connection never opened, which the suite counts from 1970 on", () => {
    const found = new Map([["2.1", verdict("OK")], ["2.2", { ...verdict("FAILED", "FAILED"), duration: 1_795_262_325_200 }]]);
    expect(table(["2.1", "2.2"], found)).toContain("  1.5  1 OK, 1 FAILED");
  });
});
