// A socket that calls handlers: which, when, one at a time, and what their promises hold back.
import { describe, expect, it } from "vitest";
import { type Rig, rig, thrower } from "../../conformance/support/rig.ts";
import { virtualHost } from "../../conformance/support/virtual.ts";
import { binary, close, ping, settle, text, Wire } from "../../conformance/support/wire.ts";
import type { Handler } from "./handle.ts";
import { listener } from "./server.ts";

describe("calling handlers", () => {
  it("calls in order, one at a time, awaiting promises", async () => {
    const log: string[] = [];
    const gates: (() => void)[] = [];
    const { wire, settle } = await rig({
      open: () => void log.push("open"),
      message(_, data) {
        log.push(`start ${data}`);
        return new Promise<void>((resolve) => gates.push(() => (log.push(`end ${data}`), resolve())));
      },
      ping: (_, data) => void log.push(`ping ${data.length}`),
      close: (_, closed) => void log.push(`close ${closed.code}`),
    });
    wire.say(text("a"), ping("xy"), text("b"), close(1000));
    wire.driver!.ended();
    await settle();
    expect(log).toEqual(["open", "start a"]);
    gates[0]!();
    await settle();
    expect(log).toEqual(["open", "start a", "end a", "ping 2", "start b"]);
    gates[1]!();
    await settle();
    expect(log).toEqual(["open", "start a", "end a", "ping 2", "start b", "end b", "close 1000"]);
  });
  it("holds messages back while the promise of `open` waits", async () => {
    const log: unknown[] = [];
    let go = (): void => {};
    const { wire, settle } = await rig({
      open: () => new Promise<void>((resolve) => go = resolve),
      message: (_, data) => void log.push(data),
    });
    wire.say(text("a"));
    await settle();
    expect(log).toEqual([]);
    go();
    await settle();
    expect(log).toEqual(["a"]);
  });
  it("echoes a chunk in one write, from plain and from async handlers", async () => {
    const chunk = Array.from({ length: 32 }, (_, i) => text(`${i}`));
    const handlers: Handler<any>[] = [
      { message: (socket, data) => void socket.send(data) },
      { message: async (socket, data) => void await socket.send(data) },
    ];
    for (const handler of handlers) {
      const { wire, settle } = await rig(handler);
      wire.say(...chunk);
      await settle();
      expect([wire.frames.length, wire.writes.length]).toEqual([32, 1]);
    }
  });
  it("relays raw pieces in one write", async () => {
    const { wire, settle } = await rig({ raw: (socket, piece) => void socket.relay(piece) }, { messages: "raw" });
    wire.say(text("one"), { ...binary(1), fin: false }, { opcode: 0, payload: Uint8Array.of(2) });
    await settle();
    expect(wire.frames.map(({ opcode, fin, payload }) => [opcode, fin, payload.length])).toEqual([[1, true, 3], [2, false, 1], [
      0,
      true,
      1,
    ]]);
    expect(wire.writes.length).toBe(1);
  });
  it("stops the calls with pause(), in the middle of a chunk, and goes on with resume(), not inside of it", async () => {
    const log: unknown[] = [];
    const { wire, socket, settle } = await rig({
      message(socket, data) {
        log.push(data);
        if (data === "b") socket.pause();
      },
    });
    wire.say(text("a"), text("b"), text("c"));
    wire.say(text("d"));
    await settle();
    expect(log).toEqual(["a", "b"]);
    expect(wire.calls).toEqual(["pause"]);
    socket.resume();
    expect(log).toEqual(["a", "b"]);
    await settle();
    expect(log).toEqual(["a", "b", "c", "d"]);
    expect(wire.calls).toEqual(["pause", "resume"]);
  });
  it("pauses outside of a call, too, and then does not even look at what comes", async () => {
    const log: unknown[] = [];
    const { wire, socket, settle } = await rig({ raw: (_, { start, end }) => void log.push(end - start) }, { messages: "raw" });
    socket.pause();
    wire.say(text("a"));
    wire.say(text("bc"));
    await settle();
    expect([log, wire.calls]).toEqual([[], ["pause"]]);
    socket.resume();
    await settle();
    expect([log, wire.calls]).toEqual([[1, 2], ["pause", "resume"]]);
  });
  it("never calls inside of a command, even if the transport answers inside of write", async () => {
    const log: unknown[] = [];
    const { wire, socket, settle } = await rig({ close: () => void log.push("close"), drain: () => void log.push("drain") });
    wire.write = () => {
      wire.driver!.ended(new Error("broken pipe"));
      return 0;
    };
    void socket.send(new Uint8Array(100_000));
    expect(log).toEqual([]);
    await settle();
    expect(log).toEqual(["close"]);
  });
  it("reports what a handler throws or rejects with, closes with 1011, and calls `close` last, once", async () => {
    const oops = new Error("oops");
    const faulty: ((log: string[]) => Handler<any>)[] = [
      (log) => ({
        message() {
          throw oops;
        },
        close: (_, { code }) => void log.push(`close ${code}`),
      }),
      (log) => ({ message: () => Promise.reject(oops), close: (_, { code }) => void log.push(`close ${code}`) }),
      (log) => ({
        ping() {
          throw oops;
        },
        message() {},
        close: (_, { code }) => void log.push(`close ${code}`),
      }),
    ];
    for (const make of faulty) {
      const log: string[] = [];
      const { wire, settle, errors } = await rig(make(log));
      wire.say(ping(), text("a"), text("b"));
      await settle();
      expect(errors).toEqual([oops]);
      expect(wire.said.at(-1)).toBe("close 1011");
      wire.say(close(1011));
      wire.driver!.ended();
      await settle();
      expect(log).toEqual(["close 1011"]);
    }
  });
  it("reports what `close` and `drain` throw or reject with", async () => {
    const errors: unknown[] = [];
    const make = (): Promise<Rig> =>
      rig({
        drain: () => Promise.reject(new Error("drain")) as unknown as void,
        close: () => Promise.reject(new Error("close")) as unknown as void,
      }, { error: (error) => void errors.push((error as Error).message), limits: { highWaterMark: 10 } });
    const { wire, socket, settle } = await make();
    wire.answers = "later";
    socket.send("x".repeat(100));
    await settle();
    wire.finish();
    await settle();
    wire.driver!.ended();
    await settle();
    expect(errors).toEqual(["drain", "close"]);
  });
  it("sends to the console what was thrown if there is no hook, and survives a hook that throws", async () => {
    const consoled: unknown[] = [];
    const original = console.error;
    console.error = (error: unknown) => void consoled.push((error as Error).message);
    try {
      const host = virtualHost();
      for (const options of [{}, { error: () => void thrower("hook") }]) {
        const wire = new Wire();
        listener(options, { open: () => thrower("open") }, host).accept(wire, wire);
        wire.ask();
        await settle(host);
        expect(wire.said).toEqual(["close 1011"]);
      }
    } finally {
      console.error = original;
    }
    expect(consoled).toEqual(["open", "hook"]);
  });
  it("closes with 1000 when the promise of a function settles, with 1011 when it rejects or when the function throws", async () => {
    const ends: [Handler<any>, string, number][] = [
      [async () => {}, "close 1000", 0],
      [() => Promise.reject(new Error("oops")), "close 1011", 1],
      [() => thrower("oops"), "close 1011", 1],
    ];
    for (const [handler, said, count] of ends) {
      const { wire, errors, settle } = await rig(handler);
      await settle();
      expect(wire.writes.length > 0 ? wire.said : [said]).toEqual([said]);
      expect(errors.length).toBe(count);
    }
  });
});
