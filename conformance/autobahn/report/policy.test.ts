// Tests of policy.ts: which verdicts fail, what a baseline forgives, what it does not.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Verdict } from "../genuine/verdicts.ts";
import { DEFAULT_FAIL_ON, FAIL_ON, type Index, judge, type Judgement, parseFailOn, readIndex, words } from "./policy.ts";

const behaviors = ["OK", "NON-STRICT", "FAILED", "INFORMATIONAL", "UNIMPLEMENTED"];
const closes = ["OK", "UNCLEAN", "WRONG CODE", "FAILED BY CLIENT", "FAILED", "INFORMATIONAL"];
const anyVerdict = fc.record({ behavior: fc.constantFrom(...behaviors), behaviorClose: fc.constantFrom(...closes) })
  .map(({ behavior, behaviorClose }) => verdict(behavior, behaviorClose));
const anyRun = fc.dictionary(fc.constantFrom("1.1.1", "2.1", "6.4.1", "7.1.6"), anyVerdict, { minKeys: 1 });

function verdict(behavior: string, behaviorClose = "OK"): Verdict {
  return { behavior, behaviorClose, duration: 1, remoteCloseCode: 1000, reportfile: "" };
}

function judged(
  found: Record<string, Verdict>,
  before: Record<string, Verdict> | null,
  agent = "peer",
  ids = Object.keys(found),
): Judgement {
  const baseline: Index | null = before && new Map([["peer", new Map(Object.entries(before))]]);
  return judge([{ name: agent, ids, verdicts: new Map(Object.entries(found)) }], { failOn: DEFAULT_FAIL_ON, baseline });
}

function ids(list: Judgement["failures"]): string[] {
  return list.map(({ id }) => id);
}

describe("the default policy", () => {
  it.each([
    ["OK", "OK", true],
    ["NON-STRICT", "OK", true],
    ["INFORMATIONAL", "INFORMATIONAL", true],
    ["UNIMPLEMENTED", "OK", true],
    ["FAILED", "OK", false],
    ["OK", "FAILED", false],
    ["OK", "UNCLEAN", false],
    ["OK", "WRONG CODE", false],
    ["OK", "FAILED BY CLIENT", false],
    ["A VERDICT OF LATER SUITES", "OK", false],
    ["OK", "A CLOSE OF LATER SUITES", false],
    ["constructor", "OK", false],
  ])("%s / %s holds: %s", (behavior, behaviorClose, holds) => {
    expect(judged({ "1.1.1": verdict(behavior, behaviorClose) }, null).holds).toBe(holds);
  });

  it("fails for a selected case without a result", () => {
    const { holds, failures } = judged({ "1.1.1": verdict("OK") }, null, "peer", ["1.1.1", "1.1.2"]);
    expect(holds).toBe(false);
    expect(failures).toMatchObject([{ id: "1.1.2", verdict: null, words: ["missing"] }]);
  });

  it("does not hold if nothing was tested: an empty run is not a good run", () => {
    expect(judge([], { failOn: DEFAULT_FAIL_ON, baseline: null }).holds).toBe(false);
    expect(judged({}, null).holds).toBe(false);
  });

  it("fails for a peer that passes by silence, unless told not to", () => {
    const peer = { name: "peer", ids: ["2.5"], verdicts: new Map([["2.5", verdict("OK")]]) };
    const finding = { agent: "peer", text: "It never sent a frame." };
    expect(judge([peer], { failOn: DEFAULT_FAIL_ON, baseline: null }, [finding])).toMatchObject({
      holds: false,
      silent: [finding],
    });
    expect(judge([peer], { failOn: ["failed"], baseline: null }, [finding])).toMatchObject({ holds: true, silent: [] });
  });
});

describe("--fail-on", () => {
  it("takes words, and the sets default, all and none", () => {
    expect(parseFailOn("unclean, FAILED")).toEqual(["failed", "unclean"]);
    expect(parseFailOn("default,non-strict")).toEqual([...DEFAULT_FAIL_ON, "non-strict"]);
    expect(parseFailOn("all")).toEqual(FAIL_ON);
    expect(parseFailOn("none")).toEqual([]);
  });

  it.each(["fail", "failed,uncleen", "", " , "])("refuses %j, and names what it knows", (text) => {
    expect(() => parseFailOn(text)).toThrow(RangeError);
  });

  it("has a word for every verdict but OK", () => {
    for (const behavior of behaviors.slice(1)) expect(words(verdict(behavior)), behavior).toHaveLength(1);
    for (const close of closes.slice(1)) expect(words(verdict("OK", close)), close).toHaveLength(1);
  });
});

describe("a baseline", () => {
  it("forgives what it has itself: a run held against itself has no failures", () => {
    fc.assert(fc.property(anyRun, (run) => {
      const { failures, improvements } = judged(run, run);
      expect(failures).toEqual([]);
      expect(improvements).toEqual([]);
    }));
  });

  it("never forgives what it does not have", () => {
    fc.assert(fc.property(anyRun, anyRun, (run, before) => {
      const failing = ids(judged(run, null).failures);
      const fresh = failing.filter((id) =>
        words(run[id]).some((word) => DEFAULT_FAIL_ON.includes(word) && !words(before[id] ?? verdict("OK")).includes(word))
      );
      expect(ids(judged(run, before).failures)).toEqual(fresh);
    }));
  });

  it("tells regressions, known faults and improvements apart", () => {
    const before = { "1.1.1": verdict("OK"), "2.1": verdict("FAILED"), "6.4.1": verdict("FAILED"), "7.1.6": verdict("FAILED") };
    const now = {
      "1.1.1": verdict("FAILED"),
      "2.1": verdict("FAILED"),
      "6.4.1": verdict("NON-STRICT"),
      "7.1.6": verdict("OK", "UNCLEAN"),
    };
    const { failures, known, improvements } = judged(now, before);
    expect(failures.map(({ id, words: fresh }) => [id, fresh])).toEqual([["1.1.1", ["failed"]], ["7.1.6", ["unclean"]]]);
    expect(ids(known)).toEqual(["2.1"]);
    expect(ids(improvements)).toEqual(["6.4.1", "7.1.6"]);
  });

  it("does not count a fault as mended because the case gave no result", () => {
    const { failures, improvements } = judged({}, { "2.1": verdict("FAILED") }, "peer", ["2.1"]);
    expect(ids(failures)).toEqual(["2.1"]);
    expect(improvements).toEqual([]);
  });

  it("fails for a case that it does not have", () => {
    expect(ids(judged({ "2.1": verdict("FAILED") }, { "1.1.1": verdict("FAILED") }).failures)).toEqual(["2.1"]);
  });

  it("takes one agent then and one now for the same agent, but never guesses among several", () => {
    const [now, before] = [{ "2.1": verdict("FAILED") }, { "2.1": verdict("FAILED") }];
    expect(judged(now, before, "peer 2.0").failures).toEqual([]);
    const two = ["peer 2.0", "other"].map((name) => ({ name, ids: ["2.1"], verdicts: new Map(Object.entries(now)) }));
    expect(judge(two, { failOn: DEFAULT_FAIL_ON, baseline: new Map([["peer", new Map(Object.entries(before))]]) }).failures)
      .toHaveLength(2);
  });

  it("is read from an index.json, even one with an agent called __proto__", () => {
    const text =
      '{"__proto__": {"1.1.1": {"behavior": "OK", "behaviorClose": "OK", "duration": 3, "remoteCloseCode": null, "reportfile": "a"}}}';
    const found = { behavior: "OK", behaviorClose: "OK", duration: 3, remoteCloseCode: null, reportfile: "a" };
    expect(readIndex(text).get("__proto__")?.get("1.1.1")).toEqual(found);
  });

  it.each([
    "",
    "[]",
    "null",
    '{"a": 1}',
    '{"a": {"1.1.1": {}}}',
    '{"a": {"1.1.1": {"behavior": "OK"}}}',
    '{"a": {"1.1.1": null}}',
  ])(
    "refuses %s with a sentence",
    (text) => {
      expect(() => readIndex(text)).toThrow(/^not an index\.json: /);
    },
  );
});
