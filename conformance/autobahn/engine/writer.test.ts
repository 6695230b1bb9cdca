import { describe, expect, it } from "vitest";
import { virtualHost } from "../../support/virtual.ts";
import { newTraffic } from "./traffic.ts";
import { Wirelog } from "./wirelog.ts";
import { createWriter, type EndpointState, type Write } from "./writer.ts";

function setUp(): { write: Write; turn: () => void; written: string[]; log: Wirelog; become: (state: EndpointState) => void } {
  const host = virtualHost();
  const written: string[] = [];
  const log = new Wirelog(() => host.now());
  let state: EndpointState = "open";
  const write = createWriter({
    link: { write: (bytes) => written.push([...bytes].join("")), end: () => {}, abort: () => {} },
    world: { now: () => 0, date: () => 0, later: (milliseconds, then) => void host.after(milliseconds, then), random: () => {} },
    wirelog: log,
    flow: newTraffic().outgoing,
    state: () => state,
  });
  return { write, turn: () => void host.next(), written, log, become: (next) => state = next };
}

describe("createWriter", () => {
  it("writes the first piece at once and each other one in a turn of its own", () => {
    const { write, turn, written, log } = setUp();
    write(Uint8Array.of(1, 2, 3, 4, 5), { chop: 2 });
    expect(written).toEqual(["12"]);
    turn();
    expect(written).toEqual(["12", "34"]);
    turn();
    expect(written).toEqual(["12", "34", "5"]);
    expect(log.rows.map((row) => row[2])).toEqual([true, true, true]);
  });

  it("lets later writes stand in line only while pieces wait", () => {
    const { write, turn, written, log } = setUp();
    write(Uint8Array.of(1), { sync: true });
    write(Uint8Array.of(2)); // nothing waits any more
    write(Uint8Array.of(3), { sync: true }); // but the turn after the first piece is still to come
    write(Uint8Array.of(4));
    expect(written).toEqual(["1", "2"]);
    turn();
    turn();
    expect(written).toEqual(["1", "2", "3", "4"]);
    expect(log.rows.map((row) => row[2])).toEqual([true, false, true, false]);
    turn();
    write(Uint8Array.of(5), { sync: true });
    expect(written.at(-1)).toBe("5");
  });

  it("drops what waits once the connection is closed", () => {
    const { write, turn, written, become } = setUp();
    write(Uint8Array.of(1, 2), { chop: 1 });
    become("closed");
    turn();
    expect(written).toEqual(["1"]);
  });

  it("writes an empty frame that is chopped", () => {
    const { write, written } = setUp();
    write(new Uint8Array(0), { chop: 1 });
    expect(written).toEqual([""]);
  });
});
