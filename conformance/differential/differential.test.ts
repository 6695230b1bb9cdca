import { describe, expect, it } from "vitest";
import { casesOf } from "./case.ts";
import { disagreement } from "./compare.ts";
import { explanationOf } from "./explained.ts";
import { differences } from "./main.ts";
import { ws } from "./ws.ts";

// `npm run differential` asks websockets too, which needs Python, and for longer.
describe("the core and ws 8, on random sequences", () => {
  it("differ in ways only that a section of an RFC explains", async () => {
    const found = await differences(400, 1, { ws });
    expect(found.filter(({ peer, kind }) => explanationOf(peer, kind) === undefined)).toEqual([]);
    expect(found.length).toBeGreaterThan(5); // they do differ, or nothing was compared
  }, 60_000);
  it("are shown the same for the same seed", () => {
    expect(casesOf(20, 7)).toEqual(casesOf(20, 7));
    expect(casesOf(20, 7)).not.toEqual(casesOf(20, 8));
  });
});

describe("a disagreement", () => {
  const mine = { said: ["text 61", "ping"], end: "open", fault: null };
  it("is none where all is the same", () => {
    expect(disagreement(mine, { said: ["text 61", "ping"], end: "open" })).toBe(null);
    const failed = { said: [], end: "fail 1002", fault: "BAD_MASK" as const };
    expect(disagreement(failed, { said: [], end: "fail 1002" })).toBe(null);
  });
  it("is named by what either says where they part", () => {
    const failed = { said: ["text 61"], end: "fail 1002", fault: "BAD_MASK" as const };
    expect([
      disagreement(mine, { said: ["text 61"], end: "fail 1009" }),
      disagreement(mine, { said: ["text 62", "ping"], end: "open" }),
      disagreement({ ...mine, said: ["text 6161"] }, { said: ["text 61"], end: "open" }),
      disagreement(mine, { said: ["text 61", "ping"], end: "close 1000" }),
      disagreement(failed, { said: ["text 61", "ping"], end: "open" }),
      disagreement(failed, { said: ["text 61"], end: "fail 1007" }),
      disagreement({ said: [], end: "close 1000", fault: null }, { said: [], end: "fail 1002" }),
    ]).toEqual([
      "ping: fails 1009",
      "text: delivers another text",
      "text: delivers a part",
      "open: takes a Close",
      "BAD_MASK: goes on",
      "BAD_MASK: fails 1007",
      "close: fails 1002",
    ]);
  });
  it("of a kind that the table does not have is not explained", () => {
    for (const kind of ["ping: fails 1002", "text: delivers another text", "BAD_MASK: takes a Close", "open: takes a Close"]) {
      expect(explanationOf("ws", kind), kind).toBe(undefined);
      expect(explanationOf("websockets", kind), kind).toBe(undefined);
    }
    expect(explanationOf("ws", "close: fails 1002")).toBe(undefined);
    expect(explanationOf("websockets", "close: fails 1002")?.section).toContain("§5.4");
  });
});
