// Time in an open connection: keepalive, idleness, stalls, and what suspends them. Only what `nextTimeout` says and `handleTimeout` does;
// the arithmetic is tested in timers.test.ts, the handshakes in machine.opening.test.ts and machine.closing.test.ts (RFC 6455 §5.5.2).
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { utf8 } from "../conformance/frames/encode.ts";
import { opened, type Probe } from "../conformance/support/probe.ts";
import type { Role, Timers } from "./types.ts";

const OFF = { idle: 0, ping: 0, pong: 0, stall: 0 };
const text = (data: string) => ({ opcode: 1, payload: utf8(data) });
const pong = { opcode: 10 };
const open = (timers: Partial<Timers>, role: Role = "server"): Probe => opened(role, { timers: { ...OFF, ...timers } });

describe("keepalive", () => {
  it("sends a Ping after so much silence, with a counter, and the next when an octet has come and silence again", () => {
    const one = open({ ping: 1000 });
    expect(one.deadline()).toBe(1000);
    one.pass(600);
    one.receive(text("a"));
    one.said();
    expect(one.deadline()).toBe(1000);
    one.pass(999);
    expect(one.wrote()).toEqual([]);
    one.pass(1);
    expect(one.wrote()).toEqual(["ping 0640"]);
    expect(one.deadline()).toBe(null);
    one.pass(100_000);
    expect(one.wrote()).toEqual([]);
    one.receive(pong);
    expect(one.said()).toEqual(["pong"]);
    expect(one.deadline()).toBe(1000);
    one.pass(1000);
    expect(one.wrote()).toEqual(["ping 90c8"]);
  });
  it("counts from the moment a connection opens, if nothing has come", () => {
    expect(open({ ping: 1000 }, "client").deadline()).toBe(1000);
    expect(open({ ping: 1000 }, "server").deadline()).toBe(1000);
  });
  it("takes any octet for an answer, of any frame, even of half a header", () => {
    for (const answer of [Uint8Array.of(0x81), text("a"), pong, { opcode: 10, payload: utf8("other") }]) {
      const one = open({ ping: 1000, pong: 500 });
      one.pass(1000);
      one.wrote();
      expect(one.deadline()).toBe(500);
      one.receive(answer);
      one.said();
      expect(one.deadline()).toBe(1000);
    }
  });
  it("sends none in a closing connection, nor behind a fault or the end of the stream", () => {
    const acts: ((one: Probe) => void)[] = [
      (one) => void one.machine.close(),
      (one) => one.receive({ opcode: 8 }),
      (one) => one.receive({ opcode: 3 }),
      (one) => one.end(),
    ];
    for (const act of acts) {
      const one = open({ ping: 1000, close: 50_000 });
      act(one);
      one.machine.poll();
      one.wrote();
      one.deadline();
      one.pass(20_000);
      expect(one.wrote()).toEqual([]);
    }
  });
  it("goes before data that waits", () => {
    const one = open({ ping: 1000 });
    one.machine.send("waits");
    one.pass(1000);
    expect(one.wrote()).toEqual(["ping 03e8", "text waits"]);
  });
});

describe("the pong deadline", () => {
  it("starts when the last octet of the Ping has been consumed, not when it was due or handed out", () => {
    const one = open({ ping: 1000, pong: 500 });
    one.pass(1000);
    expect(one.deadline()).toBe(null);
    one.pass(300);
    const chunk = one.machine.peekOutput()!;
    expect(one.deadline()).toBe(null);
    one.machine.consumeOutput(chunk.length - 1);
    expect(one.deadline()).toBe(null);
    one.pass(300);
    one.machine.peekOutput();
    one.machine.consumeOutput(1);
    expect(one.deadline()).toBe(500);
  });
  it("is a fault: Close(1011), and the server ends while the client waits", () => {
    for (const [role, transport] of [["server", "end"], ["client", "keep"]] as const) {
      const one = open({ ping: 1000, pong: 500, close: 700 }, role);
      one.pass(1000);
      one.wrote();
      one.deadline();
      one.pass(500);
      expect(one.said()).toEqual(["fault PONG_TIMEOUT"]);
      expect(one.wrote()).toEqual([expect.stringMatching("^close 1011 ")]);
      expect([one.machine.state, one.machine.transport, one.deadline()]).toEqual(["closing", transport, 700]);
      one.end();
      expect(one.said()).toEqual(["closed 1006"]);
    }
  });
  it("does not start for a Ping that was answered on its way out, nor for the application's own", () => {
    const one = open({ ping: 1000, pong: 500 });
    one.pass(1000);
    const chunk = one.machine.peekOutput()!;
    one.pass(10);
    one.receive(text("alive"));
    one.said();
    one.machine.consumeOutput(chunk.length);
    expect(one.deadline()).toBe(1000);
    const own = open({ pong: 500 });
    own.machine.ping(utf8("mine"));
    expect(own.wrote()).toEqual(["ping 6d696e65"]);
    expect(own.deadline()).toBe(null);
    const both = open({ ping: 1000, pong: 500 });
    both.pass(1000);
    both.wrote();
    expect(both.deadline()).toBe(500);
    both.pass(200);
    both.machine.ping(utf8("mine"));
    expect([both.wrote(), both.deadline()]).toEqual([["ping 6d696e65"], 300]);
  });
  it("is suspended while unread input is held, and starts in full when it has been read", () => {
    const one = open({ ping: 1000, pong: 500 });
    one.receive(text("unread"));
    one.deadline();
    one.pass(1000);
    expect(one.wrote()).toEqual(["ping 03e8"]);
    expect(one.machine.wantsInput).toBe(false);
    expect(one.deadline()).toBe(null);
    one.pass(9000);
    expect(one.said()).toEqual(["text unread"]);
    expect(one.deadline()).toBe(500);
    one.pass(500);
    expect(one.said()).toEqual(["fault PONG_TIMEOUT"]);
  });
});

describe("the idle deadline", () => {
  it("is a fault after so much silence: Close(1001)", () => {
    for (const [role, transport] of [["server", "end"], ["client", "keep"]] as const) {
      const one = open({ idle: 1000 }, role);
      one.pass(400);
      one.receive(text("a"));
      one.said();
      expect(one.deadline()).toBe(1000);
      one.pass(1000);
      expect(one.said()).toEqual(["fault IDLE_TIMEOUT"]);
      expect(one.wrote()).toEqual([expect.stringMatching("^close 1001 ")]);
      expect([one.machine.state, one.machine.transport]).toEqual(["closing", transport]);
    }
  });
  it("is not reset by what we send", () => {
    const one = open({ idle: 1000 });
    one.pass(600);
    one.machine.send("a");
    one.wrote();
    expect(one.deadline()).toBe(400);
  });
  it("is suspended while unread input is held, and starts in full when it has been read", () => {
    const one = open({ idle: 1000 });
    one.receive(text("unread"), text("too"));
    expect(one.deadline()).toBe(null);
    one.pass(5000);
    expect(one.machine.poll()).toMatchObject({ data: "unread" });
    expect(one.deadline()).toBe(null);
    expect(one.machine.poll()).toMatchObject({ data: "too" });
    expect(one.deadline()).toBe(1000);
  });
  it("sends what waits before its Close", () => {
    const one = open({ idle: 1000 });
    one.machine.send("waits");
    one.pass(1000);
    expect(one.wrote()).toEqual(["text waits", expect.stringMatching("^close 1001 ")]);
  });
});

describe("the stall deadline", () => {
  it("is a fault when output waits and none is consumed: output is dropped, the transport destroyed", () => {
    const one = open({ stall: 1000 });
    expect(one.deadline()).toBe(null);
    one.machine.send("waits");
    expect(one.deadline()).toBe(1000);
    one.pass(700);
    one.machine.send("more");
    one.receive(text("alive"));
    one.said();
    expect(one.deadline()).toBe(300);
    one.pass(300);
    expect([one.machine.transport, one.machine.bufferedOutput, one.machine.peekOutput()]).toEqual(["destroy", 0, null]);
    expect(one.said()).toEqual(["fault STALL_TIMEOUT", "closed 1006"]);
    expect([one.machine.state, one.deadline()]).toEqual(["closed", null]);
  });
  it("starts anew with each octet that is consumed, and is off when nothing waits", () => {
    const one = open({ stall: 1000 });
    one.machine.send("waits");
    one.deadline();
    one.pass(900);
    one.machine.peekOutput();
    one.machine.consumeOutput(1);
    expect(one.deadline()).toBe(1000);
    one.wrote();
    expect(one.deadline()).toBe(null);
  });
  it("counts pongs that wait: a peer that pings and never reads", () => {
    const one = open({ stall: 1000 });
    for (let i = 0; i < 10; i++) {
      one.receive({ opcode: 9 });
      expect(one.said()).toEqual(["ping"]);
      expect(one.deadline()).toBe(1000 - 100 * i);
      one.pass(100);
    }
    expect(one.said()).toEqual(["fault STALL_TIMEOUT", "closed 1006"]);
  });
  it("leaves unread input to be delivered, and is no fault behind a Close of the peer", () => {
    const one = open({ stall: 1000 });
    one.machine.send("waits");
    one.deadline();
    one.receive(text("unread"));
    one.pass(1000);
    expect(one.said()).toEqual(["text unread", "fault STALL_TIMEOUT", "closed 1006"]);
    const closing = open({ stall: 1000 });
    closing.receive({ opcode: 8 });
    closing.said();
    closing.deadline();
    closing.pass(1000);
    expect(closing.said()).toEqual(["closed 1005 clean"]);
    expect(closing.machine.transport).toBe("destroy");
  });
  it("still runs for what waits when the connection is closed already", () => {
    const one = open({ stall: 1000 });
    one.receive({ opcode: 8 });
    one.end();
    expect(one.said()).toEqual(["close 1005", "closed 1005 clean"]);
    expect([one.machine.transport, one.deadline()]).toEqual(["end", 1000]);
    one.pass(1000);
    expect([one.machine.transport, one.machine.peekOutput(), one.deadline()]).toEqual(["destroy", null, null]);
    expect(one.said()).toEqual([]);
  });
});

describe("time", () => {
  it("does nothing early, twice, or backwards", () => {
    const one = open({ idle: 1000, ping: 300, pong: 200, stall: 500 });
    one.machine.handleTimeout(299);
    one.machine.handleTimeout(-5000);
    expect(one.wrote()).toEqual([]);
    one.pass(300);
    one.pass(0);
    expect(one.wrote()).toEqual(["ping 012c"]);
    expect(one.machine.nextTimeout(0)).toBe(500);
    expect(one.machine.nextTimeout(0)).toBe(500);
  });
  it("fires several deadlines in the order of their times when it is looked at late", () => {
    const one = open({ idle: 1000, ping: 300, close: 5000 });
    one.deadline();
    one.pass(90_000);
    expect(one.wrote()).toEqual(["ping 5f90", expect.stringMatching("^close 1001 ")]);
    expect(one.said()).toEqual(["fault IDLE_TIMEOUT"]);
    expect(one.deadline()).toBe(5000);
  });
  it("shifted by any amount changes nothing else (L11)", () => {
    const step = fc.record({ by: fc.nat(900), act: fc.nat(5) });
    const timers = { idle: 2000, ping: 300, pong: 400, stall: 700, close: 1000 };
    const run = (start: number, steps: readonly { readonly by: number; readonly act: number }[]): unknown[] => {
      const one = opened("server", { timers }, {}, start);
      const told: unknown[] = [];
      for (const { by, act } of steps) {
        one.pass(by);
        if (act === 0) one.receive(text("a"));
        if (act === 1) one.machine.send("b");
        if (act === 2) told.push(one.wrote());
        if (act === 3) one.receive({ opcode: 9 });
        if (act === 4) one.machine.close();
        told.push(one.said(), one.deadline(), one.machine.transport);
      }
      return told;
    };
    const origin = fc.oneof(fc.integer({ min: -1e9, max: 1e9 }), fc.constantFrom(1.8e12, -1000));
    fc.assert(fc.property(fc.array(step, { maxLength: 15 }), origin, (steps, start) => {
      expect(run(start, steps)).toEqual(run(0, steps));
    }));
  });
});
