import { describe, expect, it } from "vitest";
import { UsageError } from "../../core/index.ts";
import { type VirtualHost, virtualHost } from "../../conformance/support/virtual.ts";
import { bad, binary, close, ping, pong, settle, text, Wire } from "../../conformance/support/wire.ts";
import type { Closed, Handler, ServeOptions, Socket } from "./handle.ts";
import { listener } from "./server.ts";

interface Rig {
  readonly host: VirtualHost;
  readonly wire: Wire;
  readonly socket: Socket<any, any>;
  readonly errors: unknown[];
  settle(): Promise<void>;
}

/** A server's socket that has just opened. */
async function rig(handler: Handler<any, any>, options: ServeOptions<any> = {}): Promise<Rig> {
  const host = virtualHost(), wire = new Wire(), errors: unknown[] = [];
  const core = listener({ error: (error) => void errors.push(error), ...options }, handler, host);
  core.accept(wire, wire);
  wire.ask();
  await settle(host);
  const socket = [...core.sockets][0]!;
  wire.writes.splice(0); // the 101
  return { host, wire, socket, errors, settle: () => settle(host) };
}
const idle = (): Promise<void> => new Promise(() => {});
/** A reader that is driven by hand. */
async function reading(
  options: ServeOptions<any> = {},
): Promise<Rig & { next(): Promise<unknown>; iterator: AsyncIterator<any> }> {
  const made = await rig(idle, options);
  const iterator = made.socket[Symbol.asyncIterator]();
  return { ...made, iterator, next: async () => (await iterator.next()).value };
}

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
  it("drops a peer that does not read above limits.output", async () => {
    const { wire, socket, settle } = await rig(idle, { limits: { output: 1000, highWaterMark: 500 } });
    wire.answers = "later";
    const answers = Array.from({ length: 4 }, () => socket.send("x".repeat(600)));
    expect(answers.at(-1)).toBe(false);
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

describe("ending", () => {
  const ends: [string, (rig: Rig) => void, Partial<Closed> & { code: number }, string | null][] = [
    ["a Close with a code", ({ wire }) => wire.say(close(3001)), { code: 3001, clean: true }, null],
    ["a Close without a code", ({ wire }) => wire.say(close()), { code: 1005, clean: true }, null],
    ["an end without Close", ({ wire }) => wire.driver!.ended(), { code: 1006, clean: false }, "LOST"],
    ["an error of the stream", ({ wire }) => wire.driver!.ended(new Error("reset")), { code: 1006, clean: false }, "TRANSPORT"],
    ["a fault", ({ wire }) => wire.say(bad), { code: 1006, clean: false }, "RESERVED_OPCODE"],
    ["a message above the limit", ({ wire }) => wire.say(text("12345678901")), { code: 1006, clean: false }, "MESSAGE_TOO_BIG"],
    ["terminate()", ({ socket }) => socket.terminate(), { code: 1006, clean: false }, "TERMINATED"],
    ["no answer to a ping", ({ host }) => host.advance(41_000), { code: 1006, clean: false }, "PONG_TIMEOUT"],
    ["no answer to close()", ({ socket, host }) => (void socket.close(), host.drain(), host.advance(11_000)), {
      code: 1006,
      clean: false,
    }, "CLOSE_TIMEOUT"],
  ];
  for (const [how, act, expected, code] of ends) {
    it(`by ${how} reaches the promise, the signal and the handler, once`, async () => {
      const told: Closed[] = [];
      const made = await rig({ close: (_, closed) => void told.push(closed) }, { limits: { message: 10 } });
      const { host, wire, socket, settle } = made;
      const before = socket.closed;
      expect(socket.signal.aborted).toBe(false);
      act(made);
      await settle();
      if (!wire.destroyed) wire.driver!.ended();
      await settle();
      expect(await before).toMatchObject({ reason: "", ...expected });
      expect((await before).error?.code ?? null).toBe(code);
      expect(told).toEqual([await before]);
      expect(await socket.closed).toEqual(await before);
      expect([socket.signal.aborted, socket.state]).toEqual([true, "closed"]);
      if (code !== null) expect(socket.signal.reason).toBe((await before).error);
      expect(wire.ended || wire.destroyed).toBe(true);
      host.advance(120_000);
      expect(host.timers).toBe(0);
    });
  }
  it("passes on what the transport said as the cause", async () => {
    const { wire, socket, settle } = await rig(idle);
    const reset = new Error("reset");
    wire.driver!.ended(reset);
    await settle();
    expect((await socket.closed).error).toMatchObject({ code: "TRANSPORT", kind: "transport", cause: reset });
  });
  it("aborts the signal when the stream is lost while the application works on a message", async () => {
    for (const form of ["function", "handlers"] as const) {
      const log: string[] = [];
      const work = (socket: Socket<any>): Promise<void> =>
        new Promise((resolve) => socket.signal.addEventListener("abort", () => (log.push("aborted"), resolve())));
      const { wire, settle } = await rig(
        form === "function"
          ? async (socket) => {
            for await (const _ of socket) await work(socket);
          }
          : { message: work, close: () => void log.push("close") },
      );
      wire.say(text("query"));
      await settle();
      wire.driver!.ended(new Error("reset"));
      await settle();
      expect(log).toEqual(form === "function" ? ["aborted"] : ["aborted", "close"]);
    }
  });
  it("drops the stream inside of terminate(), but calls nobody there", async () => {
    const log: string[] = [];
    const { wire, socket, settle } = await rig({ close: () => void log.push("close") });
    socket.terminate();
    expect([wire.destroyed, log]).toEqual([true, []]);
    expect(socket.send("x")).toBe(false);
    socket.terminate();
    await settle();
    expect([log, wire.writes.length, wire.calls]).toEqual([["close"], 0, ["destroy"]]);
  });
  it("reports terminate() as TERMINATED although an unread Close was there", async () => {
    const { wire, socket, settle } = await reading();
    wire.say(text("1"), text("2"), close(1000));
    socket.terminate();
    await settle();
    expect(await socket.closed).toMatchObject({ code: 1006, clean: false, error: { code: "TERMINATED" } });
  });
  it("starts the closing handshake once, and later calls change nothing", async () => {
    const { wire, socket, settle } = await rig(idle);
    const promises = [socket.close(4001), socket.close(4002), socket.close()];
    await settle();
    wire.say(close(4001));
    wire.driver!.ended();
    expect((await Promise.all(promises)).map(({ code }) => code)).toEqual([4001, 4001, 4001]);
    expect(wire.said).toEqual(["close 4001"]);
    expect((await socket.close(4003)).code).toBe(4001);
  });
  it("can be awaited inside of the loop", async () => {
    const { wire, settle } = await rig(async (socket) => {
      for await (const _ of socket) await socket.close(4000);
    });
    wire.say(text("1"), text("2"), close(4000));
    await settle();
    wire.driver!.ended();
    await settle();
    expect(wire.said).toEqual(["close 4000"]);
  });
  it("closes with 1000 on disposal", async () => {
    const { wire, socket, settle } = await rig(idle);
    const disposed = socket[Symbol.asyncDispose]();
    await settle();
    expect(wire.said).toEqual(["close 1000"]);
    wire.say(close(1000));
    wire.driver!.ended();
    await disposed;
  });
  it("waits for the Close frame to leave before it ends the stream", async () => {
    const { wire, settle } = await rig(idle);
    wire.answers = "later";
    wire.say(close(1000));
    await settle();
    expect([wire.writing, wire.ended]).toEqual([true, false]);
    wire.finish();
    expect(wire.ended).toBe(true);
  });
  it("gives up on a peer that does not read, and ignores the write that finishes too late", async () => {
    const { host, wire, socket, settle } = await rig(idle, { timers: { ping: 0 } });
    wire.answers = "later";
    socket.send("x");
    await settle();
    host.advance(31_000);
    await settle();
    expect((await socket.closed).error?.code).toBe("STALL_TIMEOUT");
    expect(wire.destroyed).toBe(true);
    wire.finish();
  });
});

function thrower(message: string): never {
  throw new Error(message);
}
