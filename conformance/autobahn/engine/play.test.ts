import { describe, expect, it } from "vitest";
import { serverConnection } from "../../../core/index.ts";
import type { Event } from "../../../core/types.ts";
import { concat, encode, utf8 } from "../../frames/encode.ts";
import { virtualHost } from "../../support/virtual.ts";
import { CASES } from "../cases/all.ts";
import { echo, machinePeer } from "./in-process.ts";
import { type CommonOptions, play, type Player } from "./play.ts";
import type { CaseResult } from "./result.ts";
import { createWire } from "./wire.ts";

interface Played {
  readonly player: Player;
  readonly results: (CaseResult | null)[];
  readonly events: Event[];
  readonly finish: () => void;
}
/** A case against the core's server. */
function start(id: string, options: Partial<CommonOptions> & { agent?: string } = {}): Played {
  const host = virtualHost();
  const wire = createWire(host);
  const results: (CaseResult | null)[] = [];
  const events: Event[] = [];
  const player = play(CASES.find((theCase) => theCase.id === id)!, {
    link: wire.fuzzer,
    world: {
      now: () => host.now(),
      date: () => 1234,
      later: (milliseconds, then) => void host.after(milliseconds, then),
      random: (bytes) => void bytes.fill(5),
    },
    index: 7,
    role: "client",
    target: { resource: "/", authority: "a:1" },
    done: (result) => results.push(result),
    ...options,
  });
  const app = (event: Event, machine: Parameters<typeof echo>[1]): void => {
    events.push(event);
    echo(event, machine);
  };
  wire.connect(player, machinePeer(() => serverConnection({}), app)(wire.peer));
  return {
    player,
    results,
    events,
    finish: () => {
      while (host.now() < 60_000 && host.next());
    },
  };
}

describe("play", () => {
  it("gives one record, with the name that the server gives itself, or none", () => {
    const { results, finish } = start("1.1.2");
    finish();
    expect(results).toMatchObject([{ agent: "UnknownServer", case: 7, started: 1234, duration: 0, behavior: "OK" }]);
  });

  it("closes without a code and leaves no record where the agent is not admitted", () => {
    const asked: string[] = [];
    const admits = (agent: string): boolean => {
      asked.push(agent);
      return false;
    };
    const { results, events, finish } = start("1.1.2", { agent: "me", admits });
    finish();
    expect([asked, results]).toEqual([["me"], [null]]);
    expect(events.map(({ type }) => type)).toEqual(["request", "open", "close", "closed"]);
    expect(events[2]).toMatchObject({ close: { code: 1005 } });
  });

  it("can be given up at any time", () => {
    const { player, results, finish } = start("1.1.2");
    player.abandon("Too slow");
    finish();
    player.lost();
    expect(results).toMatchObject([{ note: "Too slow.", wasNotCleanReason: "Too slow", droppedByMe: true, behavior: "FAILED" }]);
    expect(player.endpoint.state).toBe("closed");
  });

  it("obeys a spec file's settings", () => {
    const { results, finish } = start("3.1", { settings: { maskClientFrames: false, echoCloseCodeReason: true } });
    finish();
    expect(results).toMatchObject([{ localCloseCode: 1002, closedByMe: false, behavior: "OK" }]);
    expect(results[0]!.localCloseReason).toBe(results[0]!.remoteCloseReason);
  });

  it("plays what lies behind the request, and answers it itself", () => {
    const written: Uint8Array[] = [];
    const calls: string[] = [];
    const results: (CaseResult | null)[] = [];
    const rest = encode({ opcode: 8, mask: new Uint8Array(4) });
    const player = play(CASES.find(({ id }) => id === "2.5")!, {
      role: "server",
      agent: "client",
      index: 1,
      opening: {
        reads: [utf8("GET"), concat([utf8(" /"), rest])],
        request: "GET /",
        response: "101",
        rest,
        deflate: null,
        failed: null,
      },
      link: {
        write: (bytes) => void written.push(bytes),
        end: () => void calls.push("end"),
        abort: () => void calls.push("abort"),
      },
      world: { now: () => 0, date: () => 0, later: () => {}, random: () => {} },
      done: (result) => void results.push(result),
    });
    expect([new TextDecoder().decode(written[0]), calls]).toEqual(["101", ["end"]]);
    player.lost();
    player.lost();
    expect(results).toMatchObject([{
      behavior: "OK",
      behaviorClose: "OK",
      httpRequest: "GET /",
      httpResponse: "101",
      rxOctetStats: { 3: 1, 8: 1 },
    }]);
    expect(results[0]!.wirelog.map(([kind]) => kind).join(" ")).toBe("RO RO TO TF TO KL RF TF TO");
  });

  it("ends behind a refusal that the owner of the socket has decided on", () => {
    const calls: string[] = [];
    const results: (CaseResult | null)[] = [];
    const player = play(CASES[0], {
      role: "server",
      agent: "client",
      index: 1,
      opening: { reads: [], request: "GET /", response: "400", rest: new Uint8Array(0), deflate: null, failed: "bad offer" },
      link: { write: () => void calls.push("write"), end: () => void calls.push("end"), abort: () => void calls.push("abort") },
      world: { now: () => 0, date: () => 0, later: () => {}, random: () => {} },
      done: (result) => void results.push(result),
    });
    expect(calls).toEqual(["write", "end"]);
    player.lost();
    expect(results).toMatchObject([{
      behavior: "FAILED",
      behaviorClose: "FAILED",
      wasNotCleanReason: "bad offer",
      duration: null,
    }]);
  });
});
