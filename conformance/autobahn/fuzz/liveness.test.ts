import { describe, expect, it } from "vitest";
import { CASES } from "../cases/all.ts";
import type { CaseResult } from "../engine/result.ts";
import { caseResult } from "../report/fixtures.test.support.ts";
import { asksForSomething, gate } from "./liveness.ts";

const silent = (id: string, change: Partial<CaseResult> = {}): CaseResult =>
  caseResult({ id, agent: "mute", rxFrameStats: { 8: 1 }, ...change });

describe("the liveness gate", () => {
  it("finds a peer that only closes, and marks what it passed", () => {
    const { results, findings } = gate([silent("1.1.1", { behavior: "FAILED" }), silent("7.9.1", { note: "Kept." })], CASES);
    expect(findings).toEqual([{
      agent: "mute",
      text: expect.stringContaining("not even in the 1 that ask for one; 1 case is passed"),
    }]);
    expect(results[0].note).toBe(silent("1.1.1").note);
    expect(results[1].note).toMatch(/^Kept\. Liveness gate: /);
  });

  it.each(["0", "1", "2", "10"])("takes one frame of opcode %s in any case for life", (opcode) => {
    const one = silent("7.9.1", { rxFrameStats: { [opcode]: 1 } });
    expect(gate([silent("1.1.1"), one], CASES).findings).toEqual([]);
  });

  it("judges each agent by its own frames", () => {
    const { findings } = gate([silent("1.1.1"), caseResult({ id: "1.1.1", agent: "other", rxFrameStats: { 1: 1 } })], CASES);
    expect(findings.map(({ agent }) => agent)).toEqual(["mute"]);
  });

  it("says nothing where nothing was asked for, unless a probe asked", () => {
    expect(gate([silent("7.9.1")], CASES).findings).toEqual([]);
    expect(gate([silent("12.1.1", { behavior: "UNIMPLEMENTED" })], CASES).findings).toEqual([]);
    expect(gate([silent("7.9.1")], CASES, [silent("1.1.2")]).findings).toHaveLength(1);
    expect(gate([silent("7.9.1")], CASES, [silent("1.1.2", { rxFrameStats: { 1: 1 } })]).findings).toEqual([]);
  });

  it("knows which cases ask for something", () => {
    const asking = (id: string): boolean => asksForSomething(CASES.find((one) => one.id === id)!);
    expect(["1.1.1", "2.2", "3.2", "9.1.1", "12.1.1", "10.1.1"].filter(asking)).toHaveLength(6);
    expect(["2.5", "2.7", "3.1", "6.3.1", "6.4.1", "7.3.1", "7.9.1"].filter(asking)).toEqual([]);
  });
});
