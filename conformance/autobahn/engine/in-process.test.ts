import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { zlib } from "../../../adapters/zlib.ts";
import { clientConnection, serverConnection } from "../../../core/index.ts";
import { seededRandom } from "../../support/virtual.ts";
import { CASES } from "../cases/all.ts";
import { compare, readRules, type Verdict } from "../genuine/verdicts.ts";
import { machinePeer, type Peer, run, type RunOptions } from "./in-process.ts";
import type { CaseResult } from "./result.ts";

const peers: Readonly<Record<"server" | "client", Peer>> = {
  server: machinePeer(() => serverConnection({ deflate: { engine: zlib } })),
  client: machinePeer(() =>
    clientConnection({ authority: "localhost", target: "/" }, { random: seededRandom(), deflate: { engine: zlib } })
  ),
};
const rules = readRules(readFileSync(new URL("../expected.json", import.meta.url), "utf8"));
const quick = CASES.filter(({ id }) => /^(?:[1-7]|10)\./.test(id));

describe("run, with the machines of the core", () => {
  for (const role of ["server", "client"] as const) {
    const options: RunOptions = { role: role === "server" ? "client" : "server" };

    it(`gives a ${role} the verdicts that the original gives it, and twice the same records`, () => {
      const results = run(peers[role], quick, options);
      expect(compare(quick.map(({ id }) => id), verdictsOf(results), rules[role])).toEqual([]);
      expect(JSON.stringify(run(peers[role], quick, options))).toBe(JSON.stringify(results));
    });

    it(`gives a ${role} OK in large messages, round trips and compression`, () => {
      const some = CASES.filter(({ id }) => /^(?:9\.[12]\.1|9\.[3-6]\.6|9\.[78]\.2|1[23]\.\d\.(?:1|5|11))$/.test(id));
      const results = run(peers[role], some, { ...options, messages: 3 });
      expect(compare(some.map(({ id }) => id), verdictsOf(results), rules[role])).toEqual([]);
      const compressed = results.find(({ id }) => id === "12.1.11");
      expect(compressed?.note).toBe("3 of 1000 messages.");
      expect(compressed?.trafficStats).toMatchObject({ outgoingWebSocketMessages: 3, incomingWebSocketMessages: 3 });
    });

    it(`judges a ${role} by the strict profile where the original does not judge`, () => {
      const [overtaken] = run(peers[role], CASES.filter(({ id }) => id === "7.1.6"), { ...options, profile: "strict" });
      expect(overtaken).toMatchObject({ behavior: "OK", behaviorClose: "OK", profile: "strict" });
      expect(overtaken.note).toMatch(/^Strict profile/);
    });
  }

  it("says that compression is not implemented where nothing was agreed", () => {
    const plain = machinePeer(() => serverConnection({}));
    const [result] = run(plain, CASES.filter(({ id }) => id === "12.1.1"), { role: "client" });
    expect(result).toMatchObject({ behavior: "UNIMPLEMENTED", behaviorClose: "OK", trafficStats: null });
  });

  it("leaves the log of the original for a case played octet by octet", () => {
    const [result] = run(peers.client, CASES.filter(({ id }) => id === "2.10"), { role: "server" });
    expect(result.wirelog.map(([kind]) => kind).join(" ")).toBe(
      `RO TO${" TF TO".repeat(10)} TI RO${" RF".repeat(10)} TF TO RO RF`,
    );
    expect(result.txOctetStats).toEqual({ 4: 1, 11: 10, 208: 1 });
    expect(result.times).toEqual(result.wirelog.map(() => 0));
  });
});

function verdictsOf(results: readonly CaseResult[]): ReadonlyMap<string, Verdict> {
  return new Map(results.map((result) => [result.id, { ...result, duration: 0, reportfile: "" }]));
}
