// Output: its order, the lane of pings and pongs, chunks that are handed out, congestion, and the limit on it (design: order of output).
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { closePayload, concat, type FrameSpec, utf8 } from "../conformance/frames/encode.ts";
import { readFrames } from "../conformance/frames/reader.ts";
import { opened, type Probe } from "../conformance/support/probe.ts";
import { prepare } from "./outbound/prepared.ts";
import type { Role } from "./types.ts";

const ping = (data: string): FrameSpec => ({ opcode: 9, payload: utf8(data) });
const usage = (code: string) => expect.objectContaining({ name: "UsageError", code });

describe("the lane", () => {
  it("goes before data that waits and was not handed out, at the next frame", () => {
    const one = opened("server");
    one.machine.send("1");
    one.receive(ping("p"));
    one.said();
    one.machine.ping(utf8("q"));
    expect(one.wrote()).toEqual(["pong 70", "ping 71", "text 1"]);
    one.machine.send("2");
    const chunk = one.machine.peekOutput()!;
    one.receive(ping("r"));
    one.said();
    expect(one.machine.peekOutput()).toBe(chunk);
    one.machine.consumeOutput(1);
    one.machine.send("3");
    const rest = one.machine.peekOutput()!;
    expect(readFrames(concat([Uint8Array.of(0x81), rest])).frames).toHaveLength(1);
    one.machine.consumeOutput(rest.length);
    expect(one.wrote()).toEqual(["pong 72", "text 3"]);
  });
  it("goes between the frames of a message of ours, and never into one", () => {
    const one = opened("server");
    one.machine.send(new Uint8Array(300_000), { last: false });
    one.receive(ping("p"));
    one.said();
    one.machine.send(new Uint8Array(1));
    const { frames } = readFrames(one.octets());
    expect(frames.map(({ opcode, fin }) => [opcode, fin])).toEqual([[10, true], [2, false], [0, true]]);
    one.machine.send(new Uint8Array(300_000));
    const chunk = one.machine.peekOutput()!.slice();
    one.machine.consumeOutput(chunk.length);
    one.receive(ping("p"));
    one.said();
    expect(readFrames(concat([chunk, one.octets()])).frames.map(({ opcode }) => opcode)).toEqual([2, 10]);
  });
  it("keeps the newest pongs, at most `limits.pongs` of them, and says so in bufferedOutput (RFC 6455 §5.5.3)", () => {
    const one = opened("server", { limits: { pongs: 3 } });
    for (let i = 0; i < 1000; i++) one.receive(ping(String.fromCharCode(97 + i % 26)));
    expect(one.said()).toHaveLength(1000);
    expect(one.machine.bufferedOutput).toBe(9);
    expect(one.wrote()).toEqual(["pong 6a", "pong 6b", "pong 6c"]); // 997, 998 and 999 modulo 26
  });
  it("answers every ping of an honest burst while output leaves", () => {
    const one = opened("client");
    const frames: string[] = [];
    for (let i = 0; i < 1000; i++) {
      one.receive(ping(String.fromCharCode(97 + i % 26)));
      one.said();
      frames.push(...one.wrote());
    }
    expect(frames).toHaveLength(1000);
  });
  it("sends a pong whose payload is its own: neither the event's array nor the chunk's", () => {
    const one = opened("server");
    one.receive(ping("abc"));
    const event = one.machine.poll() as { data: Uint8Array };
    event.data.fill(0);
    expect(one.wrote()).toEqual(["pong 616263"]);
  });
  it("copies what ping() is given, a Buffer too", () => {
    for (const data of [Uint8Array.of(1, 2, 3), Buffer.from([1, 2, 3])]) {
      const one = opened("server");
      one.machine.ping(data);
      data.fill(9);
      expect(one.wrote()).toEqual(["ping 010203"]);
    }
  });
  it("moves behind all data when a Close is queued, and a later pong may still go before it", () => {
    const one = opened("server");
    one.machine.send("1");
    one.receive(ping("p"));
    one.said();
    one.machine.close(1000);
    one.receive(ping("q"));
    one.said();
    expect(one.wrote()).toEqual(["pong 71", "text 1", "pong 70", "close 1000"]);
  });
});

describe("a chunk that was handed out", () => {
  it("is the same until it is consumed, and the rest of it after a part was", () => {
    const one = opened("server");
    one.machine.send("hello");
    const chunk = one.machine.peekOutput()!, copy = chunk.slice();
    one.machine.send("more");
    one.receive(ping("p"));
    one.said();
    expect(one.machine.peekOutput()).toBe(chunk);
    expect(chunk).toEqual(copy);
    one.machine.consumeOutput(3);
    expect(one.machine.peekOutput()).toEqual(copy.slice(3));
    expect(one.machine.bufferedOutput).toBe(copy.length - 3 + 6 + 3);
  });
  it("is never changed, by any connection of the process, not even when its own is dropped", () => {
    const act = fc.tuple(fc.nat(2), fc.constantFrom("send", "big", "ping", "peek", "consume", "some", "drop"), fc.nat(2000));
    fc.assert(fc.property(fc.array(act, { maxLength: 60 }), (acts) => {
      const connections = [opened("server"), opened("client"), opened("server")];
      const flying: { chunk: Uint8Array; copy: Uint8Array; of: Probe | null }[] = [];
      for (const [at, name, size] of acts) {
        const one = connections[at], { machine } = one;
        const mine = flying.findIndex(({ of }) => of === one);
        if (name === "send") machine.send("x".repeat(size));
        if (name === "big") machine.send(new Uint8Array(size * 100).fill(size));
        if (name === "ping") machine.ping(new Uint8Array(size & 63));
        if (name === "peek" && mine === -1) {
          const chunk = machine.peekOutput();
          if (chunk !== null) flying.push({ chunk, copy: chunk.slice(), of: one });
        }
        if ((name === "consume" || name === "some") && mine !== -1) {
          const [{ chunk }] = flying.splice(mine, 1);
          machine.consumeOutput(name === "consume" ? chunk.length : 1 + size % chunk.length);
        }
        if (name === "drop") {
          one.end(new Error("reset"));
          if (mine !== -1) flying[mine].of = null;
          connections[at] = opened(at === 1 ? "client" : "server");
        }
        for (const { chunk, copy } of flying) if (Buffer.compare(chunk, copy) !== 0) expect.fail("a chunk has changed");
      }
      for (const one of connections) one.end(new Error("done"));
    }));
  });
});

describe("consumeOutput", () => {
  it("throws OVERCONSUMED for more than was handed out, for what is no count, and changes nothing", () => {
    const one = opened("server");
    expect(() => one.machine.consumeOutput(1)).toThrow(usage("OVERCONSUMED"));
    one.machine.send("hello");
    expect(() => one.machine.consumeOutput(1)).toThrow(usage("OVERCONSUMED"));
    const chunk = one.machine.peekOutput()!;
    for (const count of [chunk.length + 1, -1, NaN, 1.5, Infinity, "3" as unknown as number]) {
      expect(() => one.machine.consumeOutput(count), String(count)).toThrow(usage("OVERCONSUMED"));
    }
    one.machine.consumeOutput(0);
    expect(one.machine.peekOutput()).toBe(chunk);
    one.machine.consumeOutput(chunk.length);
    expect(() => one.machine.consumeOutput(1)).toThrow(usage("OVERCONSUMED"));
  });
});

describe("bufferedOutput", () => {
  it.each<[Role, number]>([["server", 2], ["client", 6]])(
    "of a %s is what is queued and not yet consumed, lane and %i octets of header included",
    (role, header) => {
      const one = opened(role);
      expect(one.machine.bufferedOutput).toBe(0);
      one.machine.send("abc");
      one.machine.ping(utf8("p"));
      const all = 3 + 1 + 2 * header;
      expect(one.machine.bufferedOutput).toBe(all);
      let left = all;
      while (one.machine.peekOutput() !== null) {
        expect(one.machine.bufferedOutput).toBe(left);
        one.machine.consumeOutput(1);
        expect(one.machine.bufferedOutput).toBe(--left);
      }
      expect(left).toBe(0);
    },
  );
});

describe("congested", () => {
  const limits = { highWaterMark: 1000 };
  it("is true above the mark, and until at most half of it is left", () => {
    const one = opened("server", { limits });
    one.machine.send(new Uint8Array(996));
    expect([one.machine.bufferedOutput, one.machine.congested]).toEqual([1000, false]);
    one.machine.peekOutput();
    one.machine.consumeOutput(1);
    expect(one.machine.congested).toBe(false);
    one.machine.send("");
    expect([one.machine.bufferedOutput, one.machine.congested]).toEqual([1001, true]);
    const consume = (count: number): void => {
      one.machine.peekOutput();
      one.machine.consumeOutput(count);
    };
    consume(1);
    expect([one.machine.bufferedOutput, one.machine.congested]).toEqual([1000, true]);
    consume(499);
    expect([one.machine.bufferedOutput, one.machine.congested]).toEqual([501, true]);
    consume(1);
    expect([one.machine.bufferedOutput, one.machine.congested]).toEqual([500, false]);
  });
  it("is over when the output is dropped", () => {
    for (const drop of [(one: Probe) => one.end(new Error("reset")), (one: Probe) => one.pass(30_000)]) {
      const one = opened("server", { limits });
      one.machine.send(new Uint8Array(3000));
      one.machine.peekOutput();
      one.machine.consumeOutput(1);
      one.deadline();
      expect(one.machine.congested).toBe(true);
      drop(one);
      expect([one.machine.bufferedOutput, one.machine.congested]).toEqual([0, false]);
    }
  });
  it("is over when the peer's Close leaves no Pong to send (simulated lifetime 30161533)", () => {
    const one = opened("server", { limits: { highWaterMark: 10 } });
    one.machine.close();
    const close = one.machine.peekOutput()!;
    one.receive(ping("a long one"), ping("a long one"));
    one.said();
    one.machine.consumeOutput(close.length);
    expect(one.machine.congested).toBe(true);
    one.receive({ opcode: 8, payload: closePayload(1000) });
    one.said();
    expect([one.machine.bufferedOutput, one.machine.congested]).toEqual([0, false]);
  });
  it("agrees with the definition, for any sends, pings and consumptions", () => {
    const act = fc.oneof(fc.record({ send: fc.nat(900) }), fc.record({ ping: fc.nat(125) }), fc.record({ consume: fc.nat(900) }));
    fc.assert(fc.property(fc.array(act, { maxLength: 30 }), fc.constantFrom<Role>("server", "client"), (acts, role) => {
      const one = opened(role, { limits });
      let congested = false;
      for (const act of acts) {
        if ("send" in act) one.machine.send(new Uint8Array(act.send));
        else if ("ping" in act) one.machine.ping(new Uint8Array(act.ping));
        else {
          const chunk = one.machine.peekOutput();
          if (chunk !== null) one.machine.consumeOutput(Math.min(chunk.length, act.consume));
        }
        const waiting = one.machine.bufferedOutput;
        congested = waiting > 1000 || (congested && waiting > 500);
        expect(one.machine.congested).toBe(congested);
      }
    }));
  });
});

describe("the limit on output", () => {
  it("refuses commands when more waits before the call, not when they would exceed it", () => {
    for (const highWaterMark of [1, 65_536]) {
      const one = opened("server", { limits: { output: 100, highWaterMark } });
      expect(one.machine.send(new Uint8Array(500))).toBe(true);
      const full = usage("OUTPUT_FULL");
      const { machine } = one;
      const before = machine.bufferedOutput;
      for (
        const call of [
          () => machine.send("x"),
          () => machine.send(utf8("x")),
          () => machine.ping(),
          () => machine.send("x", { last: false }),
          () => machine.sendPrepared(prepare("x")),
          () => machine.relay({ type: "raw", kind: "text", bytes: utf8("x"), start: 0, end: 1, first: true, last: true }),
        ]
      ) {
        expect(call).toThrow(full);
        expect(machine.bufferedOutput).toBe(before);
      }
      machine.peekOutput();
      machine.consumeOutput(before - 100);
      expect(machine.send("x")).toBe(true);
      expect(() => machine.send("x")).toThrow(full);
      expect(machine.close(1000)).toBe(true);
    }
  });
});

describe("an idle connection", () => {
  it("gives null, and stays on the transport", () => {
    const one = opened("server");
    expect([one.machine.peekOutput(), one.machine.bufferedOutput, one.machine.congested, one.machine.transport]).toEqual([
      null,
      0,
      false,
      "keep",
    ]);
  });
});

describe("the frames of any commands", () => {
  it("leave in the order of the calls, one Close last, in any bites (L14)", () => {
    const act = fc.oneof(
      fc.nat(300).map((size) => ({ type: "send" as const, size })),
      fc.nat(20).map((size) => ({ type: "ping" as const, size })),
      fc.constant({ type: "arrive" as const, size: 1 }),
      fc.integer({ min: 1, max: 50 }).map((size) => ({ type: "consume" as const, size })),
    );
    fc.assert(
      fc.property(
        fc.constantFrom<Role>("server", "client"),
        fc.array(act, { maxLength: 40 }),
        fc.boolean(),
        (role, acts, closes) => {
          const one = opened(role);
          const written: Uint8Array[] = [];
          const sent: number[] = [];
          const consume = (most: number): void => {
            const chunk = one.machine.peekOutput();
            if (chunk === null) return;
            written.push(chunk.slice(0, most));
            one.machine.consumeOutput(Math.min(most, chunk.length));
          };
          for (const { type, size } of acts) {
            if (type === "send" && one.machine.send(new Uint8Array(size))) sent.push(size);
            if (type === "ping") {
              one.machine.ping(new Uint8Array(size));
            }
            if (type === "arrive") one.receive(ping("p"));
            if (type === "consume") consume(size);
            one.said();
          }
          if (closes) one.receive({ opcode: 8, payload: closePayload(1000) });
          one.said();
          while (one.machine.peekOutput() !== null) consume(7);
          const { frames, rest } = readFrames(concat(written));
          expect(rest).toBe(0);
          expect(frames.filter(({ opcode }) => opcode === 2).map(({ payload }) => payload.length)).toEqual(sent);
          expect(frames.filter(({ opcode }) => opcode === 8)).toHaveLength(closes ? 1 : 0);
          if (closes) expect(frames.at(-1)!.opcode).toBe(8);
          expect(frames.filter(({ opcode }) => opcode === 9)).toHaveLength(acts.filter(({ type }) => type === "ping").length);
          expect(frames.every(({ mask }) => (mask !== null) === (role === "client"))).toBe(true);
        },
      ),
    );
  });
});
