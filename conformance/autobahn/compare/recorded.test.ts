import { once } from "node:events";
import type { AddressInfo } from "node:net";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { WebSocketServer } from "ws";
import { zlib } from "../../../adapters/zlib.ts";
import { clientConnection, serverConnection } from "../../../core/index.ts";
import { seededRandom } from "../../support/virtual.ts";
import { CASES } from "../cases/all.ts";
import type { Case } from "../cases/case.ts";
import { patternsOf, select } from "../cases/select.ts";
import { machinePeer, type Peer, run } from "../engine/in-process.ts";
import type { CaseResult } from "../engine/result.ts";
import { fuzzServers } from "../fuzz/client.ts";
import { fuzzClients } from "../fuzz/server.ts";
import type { Role } from "../genuine/verdicts.ts";
import { PEERS, type Where } from "./peers.ts";
import { client, listen } from "./process.ts";
import { differences, type Lists, listsOf, type Outcome, type Outcomes, outcomesOf, recorded } from "./record.ts";
import { idsFor } from "./selection.ts";

const roles: readonly Role[] = ["server", "client"];
const somewhere: Where = { authority: "localhost:9001", resource: "/" };
/** No verdict hangs on their number; the comparison over sockets plays all 1,000. */
const messages = 20;

/** Texts without an end, of which a peer that is broken in another way makes nothing new; `npm run autobahn:compare` plays them with everybody. */
const ALIKE = /^6\.(?:[7-9]|1\d|2[01])\./;
const TEXTUAL: ReadonlySet<string> = new Set(["correct", "no-utf8-check"]);

function casesOf(ids: readonly string[]): readonly Case[] {
  return CASES.filter(({ id }) => ids.includes(id));
}
function found(results: readonly CaseResult[]): Outcomes {
  return new Map(results.map((result) => [result.id, result]));
}
/** The differences from what the original said of the same peer. */
function against(name: string, role: Role, ids: readonly string[], results: readonly CaseResult[]) {
  return differences(ids, recorded(name, role), found(results));
}
function inProcess(name: string, role: Role, peer: Peer, ids: readonly string[]) {
  const results = run(peer, casesOf(ids), { role: role === "server" ? "client" : "server", messages });
  return against(name, role, ids, results);
}

describe("in process, every case ends as the original recorded it", () => {
  for (const [name, peer] of Object.entries(PEERS)) {
    for (const role of peer.roles ?? roles) {
      it(`for a ${role}: ${name}`, () => {
        const ids = TEXTUAL.has(name) ? idsFor(name) : idsFor(name).filter((id) => !ALIKE.test(id));
        expect(inProcess(name, role, peer.make(role, somewhere), ids)).toEqual([]);
      });
    }
  }

  it("for the machines of the core, recorded through the adapter for Node", () => {
    const ids = idsFor("node").filter((id) => !/^9\.(?:2\.6|[56])/.test(id)); // too many turns
    const deflate = { engine: zlib };
    const server = machinePeer(() => serverConnection({ deflate }));
    const client = machinePeer(() =>
      clientConnection({ authority: "localhost", target: "/" }, { random: seededRandom(), deflate })
    );
    expect(inProcess("node", "server", server, ids)).toEqual([]);
    expect(inProcess("node", "client", client, ids)).toEqual([]);
  });
});

describe("over sockets, every case ends as the original recorded it", () => {
  // Kinds of everything, without those that wait for seconds.
  const ids = select(CASES, patternsOf(CASES, "1,2.5-2.9,3,4,5.1-5.18,6.1-6.3,6.5-6.6,6.22,7,9.1.1,12.1.1,13.3.3")).map((
    { id },
  ) => id);

  for (const name of ["correct", "wrong-close-code", "no-fragments"]) {
    it(`for a server: ${name}`, async () => {
      const { port, close } = await listen(PEERS[name]);
      const { results } = await fuzzServers({ servers: [`ws://127.0.0.1:${port}`], cases: casesOf(ids), jobs: 16, messages });
      close();
      expect(against(name, "server", ids, results)).toEqual([]);
    });

    it(`for a client: ${name}`, async () => {
      const server = await fuzzClients({ cases: casesOf(ids), port: 0, messages });
      await client(PEERS[name], server.url, name, 16);
      await server.close();
      expect(against(name, "client", ids, server.run().results)).toEqual([]);
    });
  }

  it("for a server: ws", async () => {
    const server = new WebSocketServer({ host: "127.0.0.1", port: 0, perMessageDeflate: true });
    server.on("connection", (socket) => {
      socket.on("message", (data, binary) => socket.send(data, { binary }));
      socket.on("error", () => {});
    });
    await once(server, "listening");
    const url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const { results } = await fuzzServers({ servers: [url], cases: casesOf(ids), jobs: 16, messages });
    server.close();
    expect(against("ws", "server", ids, results)).toEqual([]);
  });
});

describe("what is recorded", () => {
  it("covers every peer, role and case that are compared", () => {
    for (const name of ["node", "ws", ...Object.keys(PEERS)]) {
      for (const role of PEERS[name]?.roles ?? roles) {
        const ids = new Set(recorded(name, role).keys());
        expect([name, role, ids]).toEqual([name, role, new Set(idsFor(name))]);
      }
    }
  });

  it("tells every broken peer from the correct one, except one that only looks odd", () => {
    const isCorrect = (name: string, role: Role): boolean => {
      const outcomes = recorded(name, role);
      return differences([...outcomes.keys()], recorded("correct", role), outcomes).length === 0;
    };
    const same = Object.keys(PEERS).filter((name) => roles.every((role) => isCorrect(name, role)));
    expect(same).toEqual(["correct", "fragments-echo"]);
  });

  it("comes back from a file as it was", () => {
    const word = fc.record({
      behavior: fc.constantFrom("OK", "NON-STRICT", "FAILED"),
      behaviorClose: fc.constantFrom("OK", "WRONG CODE", "FAILED BY CLIENT"),
      remoteCloseCode: fc.constantFrom(null, 1000, 4999),
    });
    const ids = fc.subarray(CASES.map(({ id }) => id));
    fc.assert(
      fc.property(ids, fc.array(word, { minLength: 1 }), (some, words) => {
        const outcomes: Outcomes = new Map(some.map((id, index) => [id, words[index % words.length]]));
        const back = outcomesOf(JSON.parse(JSON.stringify(listsOf(outcomes))) as Lists);
        expect(back).toEqual(outcomes);
      }),
      { numRuns: 20 },
    );
  });
});

describe("differences", () => {
  it("counts a case that only one suite judged, and a case that neither did", () => {
    const ok: Outcome = { behavior: "OK", behaviorClose: "OK", remoteCloseCode: 1000 };
    const unclosed: Outcome = { ...ok, remoteCloseCode: null };
    const one: Outcomes = new Map([["1.1.1", ok], ["1.1.2", ok]]);
    const other: Outcomes = new Map([["1.1.1", ok], ["1.1.3", unclosed]]);
    expect(differences(["1.1.1", "1.1.2", "1.1.3", "1.1.4"], one, other)).toEqual([
      { id: "1.1.2", original: "OK / OK / 1000", ours: null },
      { id: "1.1.3", original: null, ours: "OK / OK / none" },
      { id: "1.1.4", original: null, ours: null },
    ]);
  });
});
