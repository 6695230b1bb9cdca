// The closing handshake and every other way to end: bytes in, then events, bytes out, state, transport and deadline (RFC 6455 §7).
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { closePayload, type FrameSpec, utf8 } from "../conformance/frames/encode.ts";
import { opened, type Probe } from "../conformance/support/probe.ts";
import type { Role } from "./types.ts";

const text = (data: string): FrameSpec => ({ opcode: 1, payload: utf8(data) });
const close = (code?: number, reason = ""): FrameSpec => ({
  opcode: 8,
  payload: code === undefined ? new Uint8Array(0) : closePayload(code, reason),
});
const ping = (data: string): FrameSpec => ({ opcode: 9, payload: utf8(data) });
/** Opcode 3 is reserved. */
const WRONG: FrameSpec = { opcode: 3 };
const roles: readonly [Role, "end" | "keep"][] = [["server", "end"], ["client", "keep"]];
const look = ({ machine }: Probe) => [machine.state, machine.transport];

describe.each(roles)("a %s whose peer closes first", (role, transport) => {
  it(`echoes the code without the reason, reports close, and tells the transport: ${transport}`, () => {
    const one = opened(role, { timers: { close: 700 } });
    one.receive(close(1001, "going away"));
    expect(one.said()).toEqual(["close 1001 going away"]);
    expect(one.wrote()).toEqual(["close 1001"]);
    expect([...look(one), one.deadline()]).toEqual(["closing", transport, 700]);
    one.end();
    expect(one.said()).toEqual(["closed 1001 going away clean"]);
    expect([...look(one), one.deadline()]).toEqual(["closed", "end", null]);
  });
  it("answers an empty Close by an empty one: 1005", () => {
    const one = opened(role);
    one.receive(close());
    expect(one.said()).toEqual(["close 1005"]);
    expect(one.wrote()).toEqual(["close"]);
    one.end();
    expect(one.said()).toEqual(["closed 1005 clean"]);
  });
  it("echoes every code that may be sent", () => {
    fc.assert(fc.property(fc.integer({ min: 0, max: 65535 }), (code) => {
      const one = opened(role);
      one.receive(close(code));
      const legal = (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014) || (code >= 3000 && code <= 4999);
      expect(one.said()).toEqual([legal ? `close ${code}` : "fault BAD_CLOSE"]);
      expect(one.wrote()[0]).toMatch(legal ? `close ${code}` : /^close 1002 /);
    }));
  });
  it("ignores all that comes behind a Close: data, garbage, a second Close, a Ping (§5.5.1)", () => {
    const one = opened(role);
    one.receive(close(1000), text("late"), close(1001), ping("p"), WRONG, Uint8Array.of(255, 255));
    one.receive(Uint8Array.of(1, 2, 3), ping("p"));
    expect(one.said()).toEqual(["close 1000"]);
    expect(one.wrote()).toEqual(["close 1000"]);
    expect(one.machine.wantsInput).toBe(true);
    one.end();
    expect(one.said()).toEqual(["closed 1000 clean"]);
  });
  it("drops a message that the Close has cut short, and answers its code (Autobahn 7.1.5)", () => {
    const one = opened(role);
    one.receive({ ...text("half"), fin: false }, close(1000));
    expect(one.said()).toEqual(["close 1000"]);
    expect(one.wrote()).toEqual(["close 1000"]);
  });
  it("sends everything accepted before, pongs included, and nothing behind its Close", () => {
    const one = opened(role);
    one.machine.send("first");
    one.receive(ping("p"));
    one.said();
    one.machine.ping(utf8("q"));
    one.machine.send("second");
    one.receive(close(1000));
    one.said();
    expect([one.machine.send("late"), one.machine.ping(), one.machine.close()]).toEqual([false, false, false]);
    expect(one.wrote()).toEqual(["text first", "text second", "pong 70", "ping 71", "close 1000"]);
  });
});

describe.each(roles)("a %s that closes first", (role, transport) => {
  it("sends its Close, still delivers data, and tells the transport when the peer has answered", () => {
    const one = opened(role, { timers: { close: 700 } });
    expect(one.machine.close(3000, "enough")).toBe(true);
    expect([...look(one), one.deadline()]).toEqual(["closing", "keep", 700]);
    expect(one.wrote()).toEqual(["close 3000 enough"]);
    one.receive(text("still"), { opcode: 2, payload: Uint8Array.of(7) });
    expect(one.said()).toEqual(["text still", "binary 07"]);
    one.receive(close(3000));
    expect(one.said()).toEqual(["close 3000"]);
    expect(look(one)).toEqual(["closing", transport]);
    expect(one.wrote()).toEqual([]);
    one.end();
    expect(one.said()).toEqual(["closed 3000 clean"]);
    expect([...look(one), one.deadline()]).toEqual(["closed", "end", null]);
  });
  it("may do so without a code", () => {
    const one = opened(role);
    one.machine.close();
    expect(one.wrote()).toEqual(["close"]);
  });
  it("answers pings until the peer's Close, and never behind it", () => {
    const one = opened(role);
    one.machine.close(1000);
    expect(one.wrote()).toEqual(["close 1000"]);
    one.receive(ping("p"));
    expect(one.said()).toEqual(["ping 70"]);
    expect(one.wrote()).toEqual(["pong 70"]);
    one.receive(ping("q"), close(1000));
    expect(one.said()).toEqual(["ping 71", "close 1000"]);
    expect(one.wrote()).toEqual([]);
  });
  it("takes nothing more, and sends one Close however often it is asked", () => {
    const one = opened(role);
    expect(one.machine.close(1000)).toBe(true);
    const { machine } = one;
    expect([machine.close(1001), machine.send("x"), machine.send(utf8("x")), machine.ping(), machine.send("x", { last: false })])
      .toEqual(
        Array(5).fill(false),
      );
    expect(one.wrote()).toEqual(["close 1000"]);
  });
  it("meets the peer's Close on the way: one Close each, the peer's code is told", () => {
    const one = opened(role);
    one.receive(close(4001));
    one.machine.close(4000);
    expect(one.said()).toEqual(["close 4001"]);
    expect(one.wrote()).toEqual(["close 4000"]);
    one.end();
    expect(one.said()).toEqual(["closed 4001 clean"]);
  });
  it("fails on a violation without a second Close", () => {
    const one = opened(role);
    one.machine.close(1000);
    one.receive(WRONG, close(1000));
    expect(one.said()).toEqual(["fault RESERVED_OPCODE"]);
    expect(look(one)).toEqual(["closing", transport]);
    expect(one.wrote()).toEqual(["close 1000"]);
    one.end();
    expect(one.said()).toEqual(["closed 1006"]);
  });
});

describe.each(roles)("a %s whose peer breaks a rule", (role, transport) => {
  it.each(
    [
      ["RESERVED_OPCODE", 1002, WRONG],
      ["BAD_CLOSE", 1002, { opcode: 8, payload: Uint8Array.of(3) }],
      ["BAD_UTF8", 1007, { opcode: 1, payload: Uint8Array.of(0xff) }],
      ["MESSAGE_TOO_BIG", 1009, { opcode: 2, declare: 101 }],
      ["TOO_MANY_FRAGMENTS", 1008, { opcode: 0, payload: utf8("3") }],
    ] as const,
  )(
    `by %s sends Close(%i), reports the fault behind all before it, and tells the transport: ${transport}`,
    (code, closeCode, frame) => {
      const one = opened(role, { limits: { message: 100, fragments: 2 }, timers: { close: 700 } });
      if (code === "TOO_MANY_FRAGMENTS") one.receive({ opcode: 2, fin: false }, { opcode: 0, fin: false });
      else one.receive(text("before"));
      one.receive(frame, text("behind"));
      expect(one.said()).toEqual([...(code === "TOO_MANY_FRAGMENTS" ? [] : ["text before"]), `fault ${code}`]);
      expect(one.wrote()).toEqual([expect.stringMatching(`^close ${closeCode} .{10,123}$`)]);
      expect([...look(one), one.machine.wantsInput, one.deadline()]).toEqual(["closing", transport, true, 700]);
      one.receive(close(1000), ping("p"));
      expect([one.said(), one.wrote()]).toEqual([[], []]);
      one.end();
      expect(one.said()).toEqual(["closed 1006"]);
      expect([...look(one), one.deadline()]).toEqual(["closed", "end", null]);
    },
  );
  it("by text that is not UTF-8 and lies whole in its chunk, does the same", () => {
    const one = opened(role);
    one.receive({ opcode: 1, payload: Uint8Array.of(0x61, 0xff) }, text("behind"));
    expect(one.said()).toEqual(["fault BAD_UTF8"]);
    expect(one.wrote()).toEqual([expect.stringMatching("^close 1007 ")]);
    expect(look(one)).toEqual(["closing", transport]);
  });
  it("sends what was accepted, and the pongs, before that Close, and pings no more (Autobahn 3.x, 4.x)", () => {
    const one = opened(role);
    one.receive(ping("p"), text("echo me"), WRONG);
    for (let event; (event = one.machine.poll()) !== null;) if (event.type === "text") one.machine.send(event.data);
    expect(one.wrote()).toEqual(["text echo me", "pong 70", expect.stringMatching("^close 1002 ")]);
  });
  it("reports the fault when it is polled, not before: the application may answer earlier messages first", () => {
    const one = opened(role);
    one.receive(text("a"), WRONG);
    expect(one.machine.poll()).toEqual({ type: "text", data: "a" });
    expect(one.machine.send("answer")).toBe(true);
    expect(one.said()).toEqual(["fault RESERVED_OPCODE"]);
    expect(one.machine.send("late")).toBe(false);
  });
});

describe("the end of the stream", () => {
  it.each(roles)("without both Closes: a %s reads what is there, reports closed(1006) without a fault, and destroys", (role) => {
    for (const closing of [false, true]) {
      const one = opened(role);
      if (closing) one.machine.close(1000);
      one.receive(text("last words"), { ...text("half"), fin: false });
      one.end();
      expect(one.machine.state).toBe(closing ? "closing" : "open");
      expect(one.said()).toEqual(["text last words", "closed 1006"]);
      expect([...look(one), one.machine.peekOutput(), one.deadline()]).toEqual(["closed", "destroy", null, null]);
    }
  });
  it.each(roles)("with a Close among what is unread, it is a clean end for a %s", (role) => {
    const one = opened(role);
    one.receive(text("a"), close(1000, "bye"));
    one.end();
    expect(one.said()).toEqual(["text a", "close 1000 bye", "closed 1000 bye clean"]);
    expect(look(one)).toEqual(["closed", "end"]);
    expect(one.wrote()).toEqual(["close 1000"]);
  });
  it.each(roles)("leaves a %s the time to answer what came before it", (role) => {
    const one = opened(role);
    one.receive(text("a"), close(1000));
    one.end();
    expect(one.machine.poll()).toMatchObject({ type: "text", data: "a" });
    expect([one.machine.send("answer"), one.machine.state]).toEqual([true, "open"]);
    expect(one.said()).toEqual(["close 1000", "closed 1000 clean"]);
    expect([one.machine.send("late"), one.wrote()]).toEqual([false, ["text answer", "close 1000"]]);
    const idle = opened(role);
    idle.end();
    expect([idle.machine.send("late"), idle.machine.state]).toEqual([false, "closing"]);
  });
  it("by an error drops the output at once, lets a %s read on, and is a fault behind that", () => {
    for (const [role] of roles) {
      const one = opened(role), error = new Error("reset");
      one.machine.send("never leaves");
      one.receive(text("unread"), ping("p"));
      one.end(error);
      expect([one.machine.peekOutput(), one.machine.bufferedOutput]).toEqual([null, 0]);
      expect([one.machine.poll(), one.machine.poll()]).toMatchObject([{ type: "text" }, { type: "ping" }]);
      expect(one.machine.poll()).toMatchObject({
        type: "fault",
        fault: { code: "TRANSPORT", kind: "transport", closeCode: 1006, cause: error },
      });
      expect(one.said()).toEqual(["closed 1006"]);
      expect([...look(one), one.machine.peekOutput(), one.deadline()]).toEqual(["closed", "destroy", null, null]);
    }
  });
  it("by an error is no fault when both Closes, or a fault, came before", () => {
    for (const [role] of roles) {
      const clean = opened(role);
      clean.receive(close(1000));
      clean.said();
      clean.end(new Error("reset"));
      expect(clean.said()).toEqual(["closed 1000 clean"]);
      expect(look(clean)).toEqual(["closed", "end"]);
      const failed = opened(role);
      failed.receive(WRONG);
      failed.said();
      failed.end(new Error("reset"));
      expect(failed.said()).toEqual(["closed 1006"]);
      expect(look(failed)).toEqual(["closed", "destroy"]);
      const unread = opened(role);
      unread.receive(close(1000));
      unread.end(new Error("reset"));
      expect(unread.said()).toEqual(["close 1000", "closed 1000 clean"]);
    }
  });
  it("counts once, and what comes behind it is ignored", () => {
    const one = opened("server");
    one.receive(text("a"));
    one.end();
    one.end(new Error("later"));
    one.receive(text("b"));
    expect(one.said()).toEqual(["text a", "closed 1006"]);
    expect(one.machine.send("late")).toBe(false);
    one.end(new Error("much later"));
    one.receive(text("c"));
    one.pass(1e6);
    expect(one.said()).toEqual([]);
    expect(look(one)).toEqual(["closed", "destroy"]);
  });
});

describe("the close timer", () => {
  const timers = { close: 1000, stall: 0 };
  it("drops what waits and destroys; it is a fault unless a Close came or a fault was", () => {
    const ends: readonly [(one: Probe) => void, string[]][] = [
      [(one) => void one.machine.close(1000), ["fault CLOSE_TIMEOUT", "closed 1006"]],
      [(one) => one.receive(close(1000)), ["closed 1000 clean"]],
      [(one) => one.receive(WRONG), ["closed 1006"]],
    ];
    for (const [role] of roles) {
      for (const [act, last] of ends) {
        const one = opened(role, { timers });
        act(one);
        one.said();
        expect(one.deadline()).toBe(1000);
        one.pass(999);
        expect(one.said()).toEqual([]);
        one.pass(1);
        expect([one.machine.transport, one.machine.peekOutput()]).toEqual(["destroy", null]);
        expect(one.said()).toEqual(last);
        expect([...look(one), one.deadline()]).toEqual(["closed", "destroy", null]);
      }
    }
  });
  it("drops unread input as well", () => {
    const one = opened("server", { timers });
    one.machine.close(1000);
    one.deadline();
    one.receive(text("unread"), close(1000));
    one.pass(1000);
    expect(one.said()).toEqual(["fault CLOSE_TIMEOUT", "closed 1006"]);
  });
  it("starts anew while a slow peer takes what was accepted, runs once when our Close has left, and is not reset by input", () => {
    const one = opened("server", { timers, limits: { message: 1 } });
    one.machine.send(new Uint8Array(100_000));
    one.machine.close(1000);
    expect(one.deadline()).toBe(1000);
    for (let chunk; (chunk = one.machine.peekOutput()) !== null;) {
      one.pass(900);
      one.machine.consumeOutput(Math.min(chunk.length, 30_000));
      expect(one.deadline()).toBe(1000);
    }
    one.pass(900);
    one.receive(ping("p"));
    one.said();
    expect(one.deadline()).toBe(100);
    one.wrote();
    expect(one.deadline()).toBe(100);
    one.pass(100);
    expect(one.said()).toEqual(["fault CLOSE_TIMEOUT", "closed 1006"]);
  });
  it("is armed once: neither the peer's Close nor a fault starts it again", () => {
    for (const frame of [close(1000), WRONG]) {
      const one = opened("client", { timers });
      one.machine.close(1000);
      one.wrote();
      one.deadline();
      one.pass(600);
      one.receive(frame);
      one.said();
      expect(one.deadline()).toBe(400);
    }
  });
  it("is never restarted after a fault, whatever is consumed", () => {
    for (const closing of [false, true]) {
      const one = opened("server", { timers });
      one.machine.send(new Uint8Array(100_000));
      if (closing) one.machine.close(1000);
      one.receive(WRONG);
      one.said();
      expect(one.deadline()).toBe(1000);
      one.pass(500);
      one.machine.peekOutput();
      one.machine.consumeOutput(10);
      expect(one.deadline()).toBe(500);
    }
  });
  it("does not restart for a Close that answers the peer's", () => {
    const one = opened("server", { timers });
    one.machine.send(new Uint8Array(100_000));
    one.receive(close(1000));
    one.said();
    expect(one.deadline()).toBe(1000);
    one.pass(500);
    one.machine.peekOutput();
    one.machine.consumeOutput(10);
    expect(one.deadline()).toBe(500);
  });
});

describe("closed", () => {
  const act = fc.constantFrom<(one: Probe) => void>(
    (one) => one.receive(text("hello")),
    (one) => one.receive(close(1000)),
    (one) => one.receive(WRONG),
    (one) => one.receive(ping("p")),
    (one) => one.receive({ ...text("half"), fin: false }),
    (one) => void one.machine.close(1000),
    (one) => void one.machine.send("data"),
    (one) => void one.machine.ping(),
    (one) => one.pass(500),
    (one) => void one.deadline(),
    (one) => void one.wrote(),
    (one) => void one.machine.poll(),
  );
  const ending = fc.constantFrom<(one: Probe) => void>((one) => one.end(), (one) => one.end(new Error("reset")), () => {});
  it("is told exactly once and last, behind at most one fault, whatever happens; time alone leads to it (L12, L13, L15, L16)", () => {
    fc.assert(
      fc.property(fc.constantFrom<Role>("server", "client"), fc.array(act, { maxLength: 12 }), ending, (role, acts, last) => {
        const one = opened(role, { timers: { close: 1000, idle: 2000, ping: 300, pong: 400, stall: 700 } });
        const steps: string[] = ["keep"], events: string[] = [];
        const note = (): void => {
          if (one.machine.transport !== steps.at(-1)) steps.push(one.machine.transport);
          events.push(...one.said());
          if (one.machine.transport !== steps.at(-1)) steps.push(one.machine.transport);
        };
        for (const step of acts) {
          step(one);
          note();
        }
        last(one);
        note();
        for (let count = 0; count < 20 && one.machine.state !== "closed"; count++) {
          one.pass(one.deadline() ?? expect.fail("no deadline, and not closed"));
          note();
        }
        expect(events.filter((event) => event.startsWith("closed"))).toEqual([events.at(-1)]);
        expect(events.filter((event) => event.startsWith("fault")).length).toBeLessThan(2);
        if (events.some((event) => event.startsWith("fault"))) expect(events.at(-2)).toMatch("fault");
        expect(events.at(-1)!.endsWith("clean")).toBe(
          events.some((event) => event.startsWith("close ")) && !events.some((event) => event.startsWith("fault")),
        );
        expect(["keep,end", "keep,destroy", "keep,end,destroy"]).toContain(steps.join());
        note();
        expect(one.machine.poll()).toBe(null);
      }),
    );
  });
});
