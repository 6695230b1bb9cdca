// Reading a socket with an iterator, and what reads ahead of it.
import { describe, expect, it } from "vitest";
import { UsageError } from "../../core/index.ts";
import { idle, reading, rig } from "../../conformance/support/rig.ts";
import { bad, close, ping, pong, text } from "../../conformance/support/wire.ts";

describe("reading with an iterator", () => {
  it("holds one message before the first read, so that pings before it are answered and those behind it are not", async () => {
    const { wire, next, settle } = await reading();
    wire.say(ping("a"), text("one"), ping("b"), text("two"));
    await settle();
    expect(wire.said).toEqual(["pong a"]);
    expect(await next()).toBe("one");
    await settle();
    expect(wire.said).toEqual(["pong a"]);
    expect(await next()).toBe("two");
    await settle();
    expect(wire.said).toEqual(["pong a", "pong b"]);
  });
  it("answers pings and sees a Close while the reader waits", async () => {
    const { wire, iterator, settle } = await reading();
    const waiting = iterator.next();
    wire.say(ping("a"));
    await settle();
    expect(wire.said).toEqual(["pong a"]);
    wire.say(close(1000));
    wire.driver!.ended();
    expect(await waiting).toEqual({ value: undefined, done: true });
  });
  it("lets an echo leave before the fault behind it, and then throws it", async () => {
    const seen: unknown[] = [];
    const { wire, settle, errors } = await rig(async (socket) => {
      try {
        for await (const message of socket) await socket.send(message);
      } catch (error) {
        seen.push((error as { code: string }).code);
        throw error;
      }
    });
    wire.say(text("one"), text("two"), bad);
    await settle();
    wire.driver!.ended();
    await settle();
    expect(wire.said).toEqual(["text one", "text two", "close 1002"]);
    expect(seen).toEqual(["RESERVED_OPCODE"]);
    expect(errors).toEqual([]); // the peer's doing, not the application's
  });
  it("does not read while the application works: TCP stops after one more chunk, and goes on with the reader", async () => {
    const { wire, next, settle } = await reading();
    wire.say(text("1"), text("2"));
    await settle();
    expect(wire.calls).toEqual([]);
    wire.say(text("3"));
    await settle();
    expect(wire.calls).toEqual(["pause"]);
    expect([await next(), await next()]).toEqual(["1", "2"]);
    await settle();
    expect(wire.calls).toEqual(["pause"]);
    expect(await next()).toBe("3");
    void next();
    await settle();
    expect(wire.calls).toEqual(["pause", "resume"]);
  });
  it("echoes all messages of a chunk in one write", async () => {
    const { wire, settle } = await rig(async (socket) => {
      for await (const message of socket) await socket.send(message);
    });
    wire.say(...Array.from({ length: 32 }, (_, i) => text(`message ${i}`)));
    await settle();
    expect(wire.frames.length).toBe(32);
    expect(wire.writes.length).toBe(1);
  });
  it("ends after close() at once, drops what still arrives, and reads on for the Close", async () => {
    const { wire, next, iterator, socket, settle } = await reading();
    wire.say(text("1"), text("2"), text("3"));
    expect(await next()).toBe("1");
    const closed = socket.close(4000, "enough");
    expect(await iterator.next()).toEqual({ value: undefined, done: true });
    wire.say(text("4"), close(4000));
    wire.driver!.ended();
    expect(await closed).toEqual({ code: 4000, reason: "", clean: true, error: null });
    await settle();
    expect(wire.said).toEqual(["close 4000"]);
    expect(await iterator.next()).toEqual({ value: undefined, done: true });
  });
  it("drops what arrives after the loop was left, still answers, and lets another loop begin", async () => {
    const { wire, socket, settle } = await rig(idle);
    const first: unknown[] = [], second: unknown[] = [];
    wire.say(text("1"), text("2"));
    for await (const message of socket) {
      first.push(message);
      break;
    }
    wire.say(ping("p"), text("3"));
    await settle();
    expect(wire.said).toEqual(["pong p"]);
    const loop = (async () => {
      for await (const message of socket) second.push(message);
    })();
    wire.say(text("4"), close());
    wire.driver!.ended();
    await loop;
    expect([first, second]).toEqual([["1"], ["4"]]);
  });
  it("refuses a second reader while the first waits, and a reader beside handlers", async () => {
    const { iterator } = await reading();
    void iterator.next();
    expect(() => iterator.next()).toThrow(UsageError);
    const handled = await rig({ message() {} });
    expect(() => handled.socket[Symbol.asyncIterator]()).toThrow(UsageError);
  });
  it("is truncated by a lost stream: the messages, then LOST, however often it is asked", async () => {
    const { wire, iterator, next } = await reading();
    wire.say(text("1"), text("2"));
    wire.driver!.ended();
    expect([await next(), await next()]).toEqual(["1", "2"]);
    await expect(iterator.next()).rejects.toMatchObject({ code: "LOST", kind: "transport", closeCode: 1006 });
    await expect(iterator.next()).rejects.toMatchObject({ code: "LOST" });
  });
  it("gives parts with messages: parts", async () => {
    const { wire, next } = await reading({ messages: "parts" });
    wire.say({ ...text("he"), fin: false }, { opcode: 0, payload: Uint8Array.of(108) });
    expect(await next()).toMatchObject({ kind: "text", data: Uint8Array.of(104, 101), first: true, last: false });
    expect(await next()).toMatchObject({ kind: "text", data: Uint8Array.of(108), first: false, last: true });
  });
  it("drops messages when a function returned neither a promise nor took the iterator", async () => {
    const { wire, settle } = await rig(() => {});
    wire.say(text("1"), text("2"), ping("still there"), text("3"));
    await settle();
    expect(wire.said).toEqual(["pong still there"]);
    expect(wire.calls).toEqual([]);
  });
});

describe("reading ahead for a Pong", () => {
  it("ends with the Pong", async () => {
    const { wire, socket, next, settle } = await reading();
    wire.say(text("a"));
    await next();
    const rtt = socket.ping(Uint8Array.of(112));
    await settle();
    wire.say(pong("p"), ping("later"));
    expect(await rtt).toBe(0);
    await settle();
    expect(wire.said).toEqual(["ping p"]);
    void next();
    await settle();
    expect(wire.said).toEqual(["ping p", "pong later"]);
  });
});
