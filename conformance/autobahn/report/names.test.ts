// Tests of names.ts: the original's names, and no two files with one name.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { character } from "../../support/character.ts";
import { agentStems, caseStem } from "./names.ts";

describe("file names", () => {
  it.each([
    ["stratus@2", "5.19", "stratus_2_case_5_19"],
    ["websock secure server", "5.17", "websock_secure_server_case_5_17"],
    ["  AutobahnPython/0.10.9 ", "1.1.1", "autobahnpython_0_10_9_case_1_1_1"],
    ["a - b!", "6.4.1", "a___b_case_6_4_1"],
  ])("are the original's: %j, %s", (agent, id, name) => {
    expect(caseStem(agentStems([agent])[0], id)).toBe(name);
  });

  it("never meet, whatever agents are called", () => {
    const agent = fc.oneof(fc.string(), fc.constantFrom("a b", "a_b", "a@b", "a_b_2", "A B", "a_b_2_2"));
    fc.assert(fc.property(fc.uniqueArray(agent, { maxLength: 12 }), (agents) => {
      const stems = agentStems(agents);
      expect(new Set(stems).size).toBe(agents.length);
    }));
  });

  it("are safe in a folder and short enough for it, whatever agents are called", () => {
    fc.assert(fc.property(fc.string({ unit: character, maxLength: 400 }), (agent) => {
      const name = caseStem(agentStems([agent])[0], "13.7.18");
      expect(name).toMatch(/^[0-9a-z_]+$/);
      expect(name.length).toBeLessThan(200);
    }));
    expect(agentStems(["../../etc/passwd"])).toEqual(["etc_passwd"]);
  });
});
