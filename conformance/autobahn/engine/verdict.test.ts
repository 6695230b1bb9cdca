import { describe, expect, it } from "vitest";
import { utf8 } from "../../frames/encode.ts";
import type { Case, Expected } from "../cases/case.ts";
import type { Facts } from "./endpoint.ts";
import { type Evidence, judge, sameEvents, UNDECIDED } from "./verdict.ts";

const fine: Facts = {
  wasOpen: true,
  closedByMe: true,
  failedByMe: false,
  droppedByMe: false,
  wasClean: true,
  wasNotCleanReason: null,
  wasServerConnectionDropTimeout: false,
  wasOpenHandshakeTimeout: false,
  wasCloseHandshakeTimeout: false,
  localCloseCode: 1000,
  localCloseReason: null,
  remoteCloseCode: 1000,
  remoteCloseReason: null,
};
const plain: Case = {
  id: "1.1.1",
  description: "",
  expectation: "",
  expected: [],
  steps: [],
  close: { closedByMe: true, codes: [1000, 3000], requireClean: true },
};
const hello: Expected = { type: "message", kind: "text", payload: utf8("hello") };
const judged = (theCase: Partial<Case> = {}, facts: Partial<Facts> = {}, more: Partial<Evidence> = {}) => {
  const { behavior, behaviorClose } = judge({
    theCase: { ...plain, ...theCase },
    facts: { ...fine, ...facts },
    isServer: true,
    profile: "compat",
    received: [],
    ...UNDECIDED,
    txFrameStats: {},
    rxFrameStats: {},
    ...more,
  });
  return [behavior, behaviorClose];
};

describe("sameEvents", () => {
  it("compares kind, octets, tags and order", () => {
    const binary: Expected = { ...hello, kind: "binary" };
    const pong: Expected = { type: "pong", payload: utf8("hello") };
    const tag = (tag: string): Expected => ({ type: "timeout", tag });
    const all = [hello, binary, pong, tag("A"), tag("B"), { ...hello, payload: utf8("hell") }];
    for (const one of all) for (const other of all) expect(sameEvents([one], [other])).toBe(one === other);
    expect([sameEvents([], []), sameEvents([hello, pong], [pong, hello]), sameEvents([hello], [])]).toEqual([true, false, false]);
  });
});

describe("judge", () => {
  it("names the first set of events that was met, and else what the case itself found", () => {
    const expected: Case["expected"] = [{ verdict: "OK", events: [hello] }, { verdict: "NON-STRICT", events: [] }];
    expect(judged({ expected }, {}, { received: [hello] })[0]).toBe("OK");
    expect(judged({ expected })[0]).toBe("NON-STRICT");
    expect(judged({ expected }, {}, { received: [hello, hello] })[0]).toBe("FAILED");
    expect(judged({}, {}, { behavior: "UNIMPLEMENTED" })[0]).toBe("UNIMPLEMENTED");
  });

  it("asks of the close: by whom, clean, with which code, and who dropped TCP, in this order", () => {
    const close = (facts: Partial<Facts>, isServer = true): string => judged({}, facts, { isServer })[1];
    const worst = { closedByMe: false, wasClean: false, remoteCloseCode: 1001, droppedByMe: true };
    expect(close(worst, false)).toBe("FAILED");
    expect(close({ ...worst, closedByMe: true }, false)).toBe("UNCLEAN");
    expect(close({ ...worst, closedByMe: true, wasClean: true }, false)).toBe("WRONG CODE");
    expect(close({ droppedByMe: true }, false)).toBe("FAILED BY CLIENT");
    expect([close({ droppedByMe: true }), close({ remoteCloseCode: null }), close({ remoteCloseCode: 3000 })]).toEqual([
      "OK",
      "OK",
      "OK",
    ]);
    expect(judged({}, { wasOpen: false })).toEqual(["FAILED", "FAILED"]);
  });

  it("fails the behavior too where the side that closed is what matters", () => {
    const fatal: Partial<Case> = {
      expected: [{ verdict: "OK", events: [] }],
      close: { closedByMe: false, codes: [1007], requireClean: false, wrongEndpointIsFatal: true },
    };
    expect(judged(fatal)).toEqual(["FAILED", "FAILED"]);
    expect(judged(fatal, { closedByMe: false })).toEqual(["OK", "WRONG CODE"]);
  });

  it("lets a wrong code fail section 7, and its informational cases say nothing", () => {
    const expected: Case["expected"] = [{ verdict: "OK", events: [] }];
    expect(judged({ expected, ruling: "wrong-code-fails" }, { remoteCloseCode: 1001 })).toEqual(["FAILED", "WRONG CODE"]);
    expect(judged({ expected, ruling: "invalid-reason" }, { wasClean: false })).toEqual(["OK", "UNCLEAN"]);
    for (const ruling of ["undefined-by-rfc", "message-then-close"] as const) {
      expect(judged({ expected, ruling }, { wasOpen: false })).toEqual(["INFORMATIONAL", "INFORMATIONAL"]);
    }
  });

  it("fails a second Close, and does not ask for limits that nobody has to have", () => {
    const expected: Case["expected"] = [{ verdict: "OK", events: [] }];
    const closes = (count: number) => judged({ expected, ruling: "one-close" }, {}, { rxFrameStats: { 8: count } });
    expect([closes(0), closes(1), closes(2)]).toEqual([["OK", "OK"], ["OK", "OK"], ["FAILED", "OK"]]);
    expect(judged({ expected, ruling: "one-close" }, { remoteCloseCode: 1001 })).toEqual(["FAILED", "WRONG CODE"]);
    const limit = (facts: Partial<Facts>, behavior: Evidence["behavior"] = "FAILED") =>
      judged({ ruling: "limit-optional", close: { closedByMe: false, codes: [1009], requireClean: false } }, facts, { behavior });
    expect(limit({})).toEqual(["INFORMATIONAL", "INFORMATIONAL"]);
    expect(limit({ closedByMe: false, remoteCloseCode: 1002 })).toEqual(["FAILED", "WRONG CODE"]);
    expect([limit({}, "UNIMPLEMENTED")[0], limit({ wasOpen: false })[0]]).toEqual(["UNIMPLEMENTED", "FAILED"]);
  });

  it("takes a refusal for what it was judged to be when it came", () => {
    const refused: Partial<Case> = {
      expected: [{ verdict: "NON-STRICT", events: [] }],
      handshake: { refusal: { statuses: [400] } },
    };
    const never = { wasOpen: false };
    expect([judged(refused, never, { behavior: "OK" }), judged(refused, never)]).toEqual([["OK", "OK"], ["FAILED", "FAILED"]]);
    expect(judged(refused)).toEqual(["NON-STRICT", "OK"]);
  });

  it("counts the frames of 10.1.1", () => {
    const theCase: Partial<Case> = {
      expected: [{ verdict: "OK", events: [] }],
      ruling: "fragments-counted",
      autoFragment: 4,
      steps: [{ do: "message", kind: "text", payload: new Uint8Array(9) }],
    };
    expect(judged(theCase, {}, { txFrameStats: { 0: 2, 1: 1 } })[0]).toBe("OK");
    expect(judged(theCase, {}, { txFrameStats: { 0: 3, 1: 1 } })[0]).toBe("FAILED");
    expect(judged(theCase, { wasOpen: false }, { txFrameStats: { 0: 2, 1: 1 } })[0]).toBe("FAILED");
  });

  it("mends 7.1.6 and 7.7.8 in the strict profile", () => {
    const overtaken: Partial<Case> = {
      ruling: "message-then-close",
      steps: [{ do: "frame", opcode: 1, payload: { pattern: utf8("a"), length: 9 } }, {
        do: "frame",
        opcode: 1,
        payload: utf8("hello"),
      }],
    };
    const long: Expected = { type: "message", kind: "text", payload: new Uint8Array(9) };
    const strict = (received: readonly Expected[]) => judged(overtaken, {}, { profile: "strict", received })[0];
    expect([[long, hello], [long], [], [hello], [hello, long]].map(strict)).toEqual([
      "OK",
      "NON-STRICT",
      "NON-STRICT",
      "FAILED",
      "FAILED",
    ]);
    const refused = { localCloseCode: 1010, remoteCloseCode: 1002 };
    expect(judged({}, refused, { profile: "strict" })[1]).toBe("OK");
    expect(judged({}, refused, { profile: "strict", isServer: false })[1]).toBe("WRONG CODE");
    expect(judged({}, refused)[1]).toBe("WRONG CODE");
  });
});
