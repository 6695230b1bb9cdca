// Tests of case-json.ts and index-json.ts: the original's keys, order and notation; what is new stands where no reader of the original stumbles.
import { describe, expect, it } from "vitest";
import { caseJson } from "./case-json.ts";
import { caseResult, runInfo, stratus519, websock55 } from "./fixtures.test.support.ts";
import { indexJson, runJson } from "./index-json.ts";
import { report } from "./report.ts";

const original = [
  ..."agent behavior behaviorClose case closedByMe createStats createWirelog description droppedByMe duration expectation expected"
    .split(" "),
  ..."expectedClose failedByMe httpRequest httpResponse id isServer localCloseCode localCloseReason received remoteCloseCode"
    .split(" "),
  ..."remoteCloseReason reportCompressionRatio reportTime result resultClose rxFrameStats rxOctetStats started trafficStats"
    .split(" "),
  ..."txFrameStats txOctetStats wasClean wasCloseHandshakeTimeout wasNotCleanReason wasOpenHandshakeTimeout".split(" "),
  ..."wasServerConnectionDropTimeout wirelog".split(" "),
];

describe("the JSON of a case", () => {
  it("has the original's 39 keys and seven of ours, sorted", () => {
    const keys = Object.keys(JSON.parse(caseJson(stratus519(), runInfo())));
    expect(original).toHaveLength(39);
    const ours = ["note", "opened", "profile", "schemaVersion", "suite", "times", "transport"];
    expect(keys).toEqual([...original, ...ours].sort());
  });

  it("indents by three, sorts numbers by size and escapes what is not ASCII", () => {
    const result = caseResult({ rxOctetStats: { "10": 1, "9": 2 }, received: [["message", "κ\x7f😀", false]] });
    const text = caseJson(result, runInfo());
    expect(text).toContain('\n   "agent": "websock server",\n');
    expect(text).toContain('"rxOctetStats": {\n      "9": 2,\n      "10": 1\n   }');
    expect(text).toContain('"\\u03ba\\u007f\\ud83d\\ude00"');
    expect(text).toMatch(/^[\n\x20-\x7e]*$/);
    expect(JSON.parse(text).received).toEqual(result.received);
  });

  it("writes times, the expected close and empty handshakes as the original does", () => {
    const close = { closedByMe: false, codes: [1007], requireClean: false, wrongEndpointIsFatal: true };
    const json = JSON.parse(caseJson(caseResult({ expectedClose: close, httpRequest: "" }), runInfo()));
    expect(json.expectedClose).toEqual({
      closeCode: [1007],
      closedByMe: false,
      closedByWrongEndpointIsFatal: true,
      requireClean: false,
    });
    expect(json).toMatchObject({ started: "2026-04-02T15:18:08.966Z", httpRequest: "?", createStats: true });
  });

  it("says of a connection that never opened that it lasted no time, where the original gives the time of day", () => {
    const json = JSON.parse(caseJson(caseResult({ duration: null, expectedClose: null }), runInfo()));
    expect(json).toMatchObject({ duration: 0, opened: false, expectedClose: {} });
  });
});

describe("index.json", () => {
  it("has the original's shape and nothing else: a key at its top would be an agent", () => {
    const json = JSON.parse(indexJson(report([stratus519(), websock55()], runInfo())));
    expect(json).toEqual({
      "stratus@2": {
        "5.19": {
          behavior: "FAILED",
          behaviorClose: "UNCLEAN",
          duration: 2003,
          remoteCloseCode: null,
          reportfile: "stratus_2_case_5_19.json",
        },
      },
      "websock server": {
        "5.5": {
          behavior: "OK",
          behaviorClose: "UNCLEAN",
          duration: 3,
          remoteCloseCode: null,
          reportfile: "websock_server_case_5_5.json",
        },
      },
    });
  });

  it("keeps agents apart whose names differ in special characters, or are those of JavaScript", () => {
    const agents = ["a b", "a_b", "__proto__", "constructor"];
    const json = indexJson(report(agents.map((agent) => caseResult({ agent })), runInfo()));
    const files = [...json.matchAll(/"reportfile": "(.*)"/g)].map(([, file]) => file);
    expect(new Set(files).size).toBe(agents.length);
    for (const agent of agents) expect(json).toContain(`   "${agent}": {`);
  });

  it("has the later of two results for one case, and orders cases as texts, as the original", () => {
    const played = ["10.1.1", "2.10", "2.9", "2.9"].map((id, index) => caseResult({ id, duration: index }));
    const { "websock server": cases } = JSON.parse(indexJson(report(played, runInfo())));
    expect(Object.keys(cases)).toEqual(["10.1.1", "2.10", "2.9"]);
    expect(cases["2.9"].duration).toBe(3);
  });
});

describe("run.json", () => {
  it("tells what was tested, what is missing and how it is judged", () => {
    const info = runInfo({ ids: ["5.5", "5.6"], agents: [{ name: "websock server", url: "ws://127.0.0.1:8888/ws" }] });
    const json = JSON.parse(runJson(report([websock55()], info)));
    expect(json).toMatchObject({
      schemaVersion: 1,
      started: "2026-04-02T15:18:08.966Z",
      agents: [{ name: "websock server", url: "ws://127.0.0.1:8888/ws", cases: 2, missing: ["5.6"] }],
      judgement: { holds: false, failures: [{ id: "5.5", found: "OK / UNCLEAN" }, { id: "5.6", found: "MISSING" }] },
    });
  });
});
