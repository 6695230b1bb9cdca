// What an application sends: order, backpressure, messages of many pieces, pings.
import { describe, expect, it } from "vitest";
import { UsageError } from "../../core/index.ts";
import { idle, rig } from "../../conformance/support/rig.ts";
import { ping, pong, text } from "../../conformance/support/wire.ts";
import type { Handler, Socket } from "./handle.ts";

describe("sending", () => {
  it("collects what is sent outside of a chunk into one write", async () => {
    const { wire, socket, settle } = await rig(idle);
    for (let i = 0; i < 100; i++) expect(socket.send(`${i}`)).toBe(true);
    expect(wire.writes.length).toBe(0);
    await settle();
    expect([wire.writes.length, wire.frames.length]).toEqual([1, 100]);
  });
  it("does not wait when 64 KiB wait", async () => {
    const { wire, socket } = await rig(idle);
    socket.send(new Uint8Array(65_536));
    expect(wire.writes.length).toBe(1);
  });
  it("has one write in flight, whatever is asked meanwhile, and never touches its octets", async () => {
    const { wire, socket, settle } = await rig(idle);
    wire.answers = "later";
    socket.send("a");
    await settle();
    for (let i = 0; i < 10; i++) socket.send("b".repeat(20_000)); // `write` throws if it is called twice
    wire.say(ping("p"));
    await settle();
    expect(wire.writes.length).toBe(1);
    while (wire.writing) wire.finish();
    await settle();
    expect(wire.frames.length).toBe(12);
    expect(wire.said[1]).toBe("pong p");
  });
  it("goes on after partial writes, and when there is room again", async () => {
    const { wire, socket, settle } = await rig(idle);
    wire.most = 7;
    socket.send("0123456789");
    await settle();
    expect(wire.said).toEqual(["text 0123456789"]);
    expect(wire.writes.map((write) => write.length)).toEqual([7, 5]);
    let room = 0;
    wire.write = (chunk) => {
      const count = Math.min(room, chunk.length);
      room -= count;
      if (count > 0) wire.writes.push(chunk.slice(0, count));
      return count;
    };
    socket.send("abc");
    await settle();
    expect(wire.frames.length).toBe(1);
    for (let i = 0; i < 5; i++) {
      room = 1;
      wire.driver!.wrote(0);
    }
    expect(wire.said[1]).toBe("text abc");
  });
  it("copies what it is given", async () => {
    const { wire, socket, settle } = await rig(idle);
    const data = Uint8Array.of(1, 2, 3);
    socket.send(data);
    data.fill(9);
    await settle();
    expect(wire.frames[0]!.payload).toEqual(Uint8Array.of(1, 2, 3));
  });
  it("answers with a promise above the mark, which resolves after the drain, and calls `drain` once", async () => {
    let drains = 0;
    const { wire, socket, settle } = await rig({ drain: () => void drains++ }, { limits: { highWaterMark: 1000 } });
    wire.answers = "later";
    expect(socket.send("x".repeat(500))).toBe(true);
    const answers = [socket.send("x".repeat(600)), socket.send("x")];
    const resolved: unknown[] = [];
    for (const answer of answers) void Promise.resolve(answer).then((taken) => resolved.push(taken));
    await settle();
    expect([resolved, drains, socket.bufferedAmount > 1000]).toEqual([[], 0, true]);
    while (wire.writing) wire.finish();
    await settle();
    expect([resolved, drains, socket.bufferedAmount]).toEqual([[true, true], 1, 0]);
  });
  it("resolves to false when the connection ends first, and answers false afterwards", async () => {
    const { wire, socket, settle } = await rig(idle, { limits: { highWaterMark: 10 } });
    wire.answers = "later";
    const answer = socket.send("x".repeat(100));
    wire.driver!.ended(new Error("reset"));
    expect(await answer).toBe(false);
    await settle();
    expect(socket.send("y")).toBe(false);
    expect(socket.relay({ type: "raw", kind: "text", bytes: new Uint8Array(1), start: 0, end: 1, first: true, last: true })).toBe(
      false,
    );
    expect(await socket.ping()).toBe(null);
    expect(await socket.sendParts(["z"])).toBe(false);
  });
  it.each<[string, (socket: Socket<any>) => unknown, refused: unknown]>([
    ["send", (socket) => socket.send("x"), false],
    ["ping", (socket) => socket.ping(), null],
  ])("drops a peer that does not read above limits.output: %s", async (_, call, refused) => {
    const { wire, socket, settle } = await rig(idle, { limits: { output: 1000, highWaterMark: 500 } });
    wire.answers = "later";
    for (let i = 0; i < 2; i++) void socket.send("x".repeat(600));
    expect(wire.destroyed).toBe(false);
    expect(await call(socket)).toBe(refused);
    expect(wire.destroyed).toBe(true);
    await settle();
    expect(await socket.closed).toMatchObject({ code: 1006, clean: false, error: { code: "SLOW_PEER", kind: "limit" } });
  });
  it("throws UsageError at once for what is no message, and has changed nothing", async () => {
    const { wire, socket, settle } = await rig(idle);
    const wrong: unknown[] = [1, null, undefined, new ArrayBuffer(1), new DataView(new ArrayBuffer(1)), {}];
    for (const data of wrong) expect(() => socket.send(data as string)).toThrow(UsageError);
    expect(() => socket.close(1005)).toThrow(UsageError);
    expect(() => socket.close(1000, "x".repeat(124))).toThrow(UsageError);
    expect(() => socket.ping(new Uint8Array(126))).toThrow(UsageError);
    expect(() => socket.sendParts("abc" as never)).toThrow(UsageError);
    await settle();
    expect([wire.writes.length, socket.state]).toEqual([0, "open"]);
  });
});

describe("sendParts", () => {
  it("sends a fragment for each piece, and everything else behind the message", async () => {
    const { wire, socket, settle } = await rig(idle);
    const gates: ((piece: string | null) => void)[] = [];
    const source = (async function* () {
      for (;;) {
        const piece = await new Promise<string | null>((resolve) => gates.push(resolve));
        if (piece === null) return;
        yield piece;
      }
    })();
    const sent = socket.sendParts(source);
    await settle();
    const later = [socket.send("after"), socket.sendParts(["x", "y"]), socket.send("last")];
    gates[0]!("one ");
    await settle();
    const held = Uint8Array.of(7);
    later.push(socket.send(held));
    held.fill(0);
    gates[1]!("two");
    await settle();
    gates[2]!(null);
    expect(await sent).toBe(true);
    expect(await Promise.all(later)).toEqual([true, true, true, true]);
    await settle();
    expect(wire.said).toEqual(
      ["text... one", "more... two", "more", "text after", "text... x", "more... y", "more", "text last", "binary \u0007"].map((
        s,
      ) => s.trim()),
    );
  });
  it("sends bytes as binary, or as text where that is said, and an empty source as an empty message", async () => {
    const { wire, socket, settle } = await rig(idle);
    expect(await socket.sendParts([Uint8Array.of(65)])).toBe(true);
    expect(await socket.sendParts([Uint8Array.of(66)], { text: true })).toBe(true);
    expect(await socket.sendParts([])).toBe(true);
    await settle();
    expect(wire.said).toEqual(["binary... A", "more", "text... B", "more", "binary"]);
  });
  it("waits for the drain between pieces", async () => {
    const { wire, socket, settle } = await rig(idle, { limits: { highWaterMark: 100 } });
    wire.answers = "later";
    let asked = 0;
    const sent = socket.sendParts((function* () {
      for (; asked < 5; asked++) yield "x".repeat(200);
    })());
    await settle();
    expect(asked).toBe(0);
    while (wire.writing) {
      wire.finish();
      await settle();
    }
    expect(await sent).toBe(true);
    expect(asked).toBe(5);
  });
  it("closes with 1011 and rethrows when the source throws", async () => {
    const { wire, socket, settle } = await rig(idle);
    const sent = socket.sendParts((function* () {
      yield "a";
      throw new Error("disk");
    })());
    const behind = socket.send("b");
    await expect(sent).rejects.toThrow("disk");
    expect(await behind).toBe(false);
    await settle();
    expect(wire.said).toEqual(["text... a", "close 1011"]);
  });
  it("does the same with a piece of another kind, and tells the source", async () => {
    const { socket, wire, settle } = await rig(idle);
    let returned = false;
    const sent = socket.sendParts({
      *[Symbol.iterator]() {
        try {
          yield "a";
          yield Uint8Array.of(1);
        } finally {
          returned = true;
        }
      },
    });
    await expect(sent).rejects.toThrow(UsageError);
    await settle();
    expect([returned, wire.said.at(-1)]).toEqual([true, "close 1011"]);
  });
  it("resolves to false when the connection ends while the source waits for ever, and tells the source", async () => {
    const { wire, socket, settle } = await rig(idle);
    let returned = 0;
    const source = {
      [Symbol.asyncIterator]: () => ({
        next: () => new Promise<never>(() => {}),
        return: () => (returned++, Promise.reject(new Error("ignored"))),
      }),
    };
    const sent = socket.sendParts(source), behind = [socket.send("b"), socket.sendParts(source)];
    await settle();
    wire.driver!.ended();
    expect(await sent).toBe(false);
    expect(await Promise.all(behind)).toEqual([false, false]);
    expect(returned).toBeGreaterThan(0);
  });
  it("counts what waits behind it against limits.output", async () => {
    const { socket, settle } = await rig(idle, { limits: { output: 1000 } });
    void socket.sendParts({ [Symbol.asyncIterator]: () => ({ next: () => new Promise<never>(() => {}) }) });
    await settle();
    void socket.send(new Uint8Array(900));
    expect(socket.bufferedAmount).toBe(900);
    void socket.send(new Uint8Array(900));
    expect(socket.send("x")).toBe(false);
    await settle();
    expect((await socket.closed).error?.code).toBe("SLOW_PEER");
  });
});

describe("ping", () => {
  it("measures the round trip by the host's clock", async () => {
    const { host, wire, socket, settle } = await rig(idle);
    const rtt = socket.ping();
    await settle();
    host.advance(123);
    wire.say(pong("unasked"), pong(wire.frames[0]!.payload));
    expect(await rtt).toBe(123);
  });
  it("takes a later Pong as the answer to earlier Pings, and none after the end", async () => {
    const { wire, socket, settle } = await rig(idle);
    const data = Uint8Array.of(97);
    const rtts = [socket.ping(data), socket.ping(Uint8Array.of(98)), socket.ping(Uint8Array.of(99))];
    data.fill(0);
    await settle();
    wire.say(pong("b"));
    expect(await Promise.all(rtts.slice(0, 2))).toEqual([0, 0]);
    wire.driver!.ended();
    expect(await rtts[2]).toBe(null);
  });
  it("can be awaited while a message is worked on, from a loop and from a handler", async () => {
    const results: unknown[] = [];
    const work = async (socket: Socket<any>): Promise<void> => void results.push(await socket.ping(Uint8Array.of(112)));
    const handlers: Handler<any>[] = [
      async (socket) => {
        for await (const _ of socket) await work(socket);
      },
      { message: (socket) => work(socket) },
    ];
    for (const handler of handlers) {
      const { wire, settle } = await rig(handler);
      wire.say(text("a"));
      await settle();
      expect(wire.said).toEqual(["ping p"]);
      wire.say(pong("p"), text("b"));
      await settle();
      expect(wire.said).toEqual(["ping p", "ping p"]); // the next message was kept, in order
    }
    expect(results).toEqual([0, 0]);
  });
});
