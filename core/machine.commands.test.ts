// Commands: what each writes, what it answers when it comes too late, what it throws, and that a call that throws or answers false has
// changed nothing (laws L17, L18, L20). How frames are laid out is tested in outbound/.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { zlib } from "../adapters/zlib.ts";
import { closePayload, utf8 } from "../conformance/frames/encode.ts";
import { readFrames } from "../conformance/frames/reader.ts";
import { client, opened, type Probe, server } from "../conformance/support/probe.ts";
import { upgradedConnection } from "./connection.ts";
import { UsageError } from "./errors.ts";
import { prepare } from "./outbound/prepared.ts";
import type { DeflateParams, Options, Prepared, RawEvent, Role, SendOptions } from "./types.ts";

const usage = (code: string) => expect.objectContaining({ name: "UsageError", code });
const ROLES: Role[] = ["server", "client"];
const DEFLATE: DeflateParams = { serverWindowBits: 15, clientWindowBits: 15, serverTakeover: false, clientTakeover: false };
const compressing = (role: Role, options: Options = {}, params: Partial<DeflateParams> = {}): Probe =>
  opened(role, { deflate: { engine: zlib, threshold: 100 }, ...options }, { deflate: { ...DEFLATE, ...params } });
const piece = (data: string, first = true, last = true, kind: "text" | "binary" = "text"): RawEvent => ({
  type: "raw",
  kind,
  bytes: utf8(`<${data}>`),
  start: 1,
  end: utf8(data).length + 1,
  first,
  last,
});

describe.each(ROLES)("send by a %s", (role) => {
  it("sends a string as text, octets as binary, and octets as text where that is said", () => {
    const one = opened(role);
    expect(one.machine.send("h\u20ac")).toBe(true);
    expect(one.machine.send(Uint8Array.of(1, 255))).toBe(true);
    expect(one.machine.send(Buffer.from("node"))).toBe(true);
    expect(one.machine.send(utf8("t"), { text: true })).toBe(true);
    expect(one.machine.send("", {})).toBe(true);
    expect(one.machine.send(new Uint8Array(0))).toBe(true);
    expect(one.wrote()).toEqual(["text h\u20ac", "binary 01ff", "binary 6e6f6465", "text t", "text", "binary"]);
  });
  it("sends parts of a message, of one kind, with pings between", () => {
    const one = opened(role);
    one.machine.send("a", { last: false });
    one.machine.ping();
    one.machine.send(utf8("b"), { last: false, text: true });
    one.machine.send("", { last: false });
    one.machine.send("c");
    one.machine.send(utf8("d"), { last: false });
    one.machine.send(utf8("e"), { last: true });
    expect(one.wrote()).toEqual(["ping", "text part a", "more part 62", "more part", "more 63", "binary part 64", "more 65"]);
  });
  it("leaves the octets as they are, and reads them at once (L20)", () => {
    for (const options of [undefined, {}, { last: false }] as (SendOptions | undefined)[]) {
      for (const size of [5, 100_000]) {
        const one = opened(role), data = new Uint8Array(size).fill(7);
        one.machine.send(data, options);
        expect(data.every((octet) => octet === 7)).toBe(true);
        data.fill(8);
        expect(readFrames(one.octets()).frames[0].payload.every((octet) => octet === 7)).toBe(true);
      }
    }
  });
  it("masks as a client and never as a server (L18)", () => {
    const one = opened(role);
    one.machine.send("a");
    one.machine.send(new Uint8Array(70_000));
    one.machine.send("b", { last: false });
    one.machine.relay(piece("c", false));
    one.machine.sendPrepared(prepare("d"));
    one.machine.ping();
    one.machine.close();
    const { frames } = readFrames(one.octets());
    expect(frames).toHaveLength(7);
    expect(frames.every(({ mask }) => (mask !== null) === (role === "client"))).toBe(true);
  });
  it("turns lone surrogates into U+FFFD", () => {
    const one = opened(role);
    one.machine.send("a\ud800b");
    one.machine.send("\udc00".repeat(40));
    expect(one.wrote()).toEqual(["text a\ufffdb", `text ${"\ufffd".repeat(40)}`]);
  });
});

describe("send with compression agreed on", () => {
  it("compresses from the threshold on, or as it is told, and never an empty message", () => {
    const one = compressing("server");
    const { machine } = one;
    machine.send("x".repeat(99));
    machine.send("x".repeat(100));
    machine.send("\u20ac".repeat(34)); // 102 octets
    machine.send(new Uint8Array(100));
    machine.send("x", { compress: true });
    machine.send("x".repeat(500), { compress: false });
    machine.send("", { compress: true });
    expect(readFrames(one.octets()).frames.map(({ rsv }) => rsv)).toEqual([0, 4, 4, 4, 4, 0, 0]);
  });
  it("lets the first part of a message decide", () => {
    const one = compressing("server"), other = compressing("client");
    one.machine.send("x", { last: false, compress: true });
    one.machine.send("y".repeat(500), { last: false, compress: false });
    one.machine.send("z");
    one.machine.send("x", { last: false });
    one.machine.send("y".repeat(500), { compress: true });
    const octets = one.octets();
    expect(readFrames(octets).frames.map(({ rsv }) => rsv)).toEqual([4, 0, 0, 0, 0]);
    other.receive(octets);
    expect(other.said()).toEqual([`text x${"y".repeat(500)}z`, `text x${"y".repeat(500)}`]);
  });
  it("ignores `compress` where nothing was agreed on", () => {
    const one = opened("server");
    one.machine.send("x".repeat(5000), { compress: true });
    expect(readFrames(one.octets()).frames[0].rsv).toBe(0);
  });
});

describe("give", () => {
  it("hands 64 KiB and more over by reference, as a server without compression; otherwise copies", () => {
    const given = (one: Probe, data: Uint8Array): boolean => {
      one.machine.send(data, { give: true });
      for (let chunk; (chunk = one.machine.peekOutput()) !== null; one.machine.consumeOutput(chunk.length)) {
        if (chunk.buffer === data.buffer) return true;
      }
      return false;
    };
    const large = new Uint8Array(65_536);
    expect(given(opened("server"), large)).toBe(true);
    expect(given(opened("server"), new Uint8Array(65_535))).toBe(false);
    expect(given(opened("client"), large)).toBe(false);
    expect(given(compressing("server"), large)).toBe(false);
    expect(large.every((octet) => octet === 0)).toBe(true);
  });
  it("keeps the range, the order and the frame", () => {
    const one = opened("server");
    const data = new Uint8Array(80_000).map((_, i) => i).subarray(1000, 71_000);
    one.machine.send("before");
    one.machine.send(data, { give: true, last: false });
    one.machine.send(data, { give: true });
    one.machine.send("behind");
    const { frames } = readFrames(one.octets());
    expect(frames.map(({ opcode, fin }) => [opcode, fin])).toEqual([[1, true], [2, false], [0, true], [1, true]]);
    expect([frames[1], frames[2]].every(({ payload }) => Buffer.compare(payload, data) === 0)).toBe(true);
  });
});

describe("sendPrepared", () => {
  const long = "hello ".repeat(100);
  it("sends one message on many connections, compressed where that was agreed on with windows that fit", () => {
    const message = prepare(long, { compress: { engine: zlib, threshold: 0, windowBits: 12 } });
    const rsv = (one: Probe): number => {
      expect(one.machine.sendPrepared(message)).toBe(true);
      return readFrames(one.octets()).frames[0].rsv;
    };
    expect(rsv(opened("server"))).toBe(0);
    expect(rsv(compressing("server"))).toBe(4);
    expect(rsv(compressing("server", {}, { serverWindowBits: 12 }))).toBe(4);
    expect(rsv(compressing("server", {}, { serverWindowBits: 11 }))).toBe(0);
    expect(rsv(compressing("client", {}, { clientWindowBits: 11 }))).toBe(0);
    expect(rsv(compressing("client", {}, { serverWindowBits: 9 }))).toBe(4);
  });
  it("may stand between messages of a context that is taken over: what follows refers to nothing before it", () => {
    const message = prepare(long, { compress: { engine: zlib, threshold: 0 } });
    for (
      const [near, far] of [[0, 1], [1, 0]].map((order) =>
        order.map((i) => compressing(ROLES[i], {}, { serverTakeover: true, clientTakeover: true }))
      )
    ) {
      const sent = ["one " + long, null, "two " + long, "three " + long, null, null, "one " + long];
      for (const text of sent) {
        if (text === null) near.machine.sendPrepared(message);
        else near.machine.send(text);
      }
      far.receive(near.octets());
      expect(far.said()).toEqual(sent.map((text) => `text ${text ?? long}`));
    }
  });
  it("throws as send, and changes nothing", () => {
    const message = prepare("x");
    expect(() => server().machine.sendPrepared(message)).toThrow(usage("TOO_EARLY"));
    const one = opened("server");
    for (const wrong of [null, {}, { kind: "text", byteLength: 1 }, "x"]) {
      expect(() => one.machine.sendPrepared(wrong as Prepared)).toThrow(usage("BAD_ARGUMENT"));
    }
    one.machine.send("a", { last: false });
    expect(() => one.machine.sendPrepared(message)).toThrow(usage("MIXED_MESSAGE"));
    one.machine.send("b");
    expect(one.wrote()).toEqual(["text part a", "more 62"]);
  });
});

describe("relay", () => {
  it("sends a piece as it came: whole, or as a part of a message, copied", () => {
    const one = opened("server");
    const borrowed = piece("one");
    expect(one.machine.relay(borrowed)).toBe(true);
    borrowed.bytes.fill(0);
    one.machine.relay(piece("two", true, false, "binary"));
    one.machine.relay(piece("", false, false, "binary"));
    one.machine.relay(piece("three", false, true, "binary"));
    expect(one.wrote()).toEqual(["text one", "binary part 74776f", "more part", "more 7468726565"]);
  });
  it("compresses where that was agreed on and pays", () => {
    const one = compressing("server"), far = compressing("client");
    one.machine.relay(piece("short"));
    one.machine.relay(piece("x".repeat(200), true, false));
    one.machine.relay(piece("y", false, true));
    const octets = one.octets();
    expect(readFrames(octets).frames.map(({ rsv }) => rsv)).toEqual([0, 4, 0]);
    far.receive(octets);
    expect(far.said()).toEqual(["text short", `text ${"x".repeat(200)}y`]);
  });
  it("passes everything on from one connection to another, in any cutting", () => {
    const message = fc.tuple(fc.constantFrom(1, 2), fc.array(fc.string({ maxLength: 200 }), { minLength: 1, maxLength: 4 }));
    fc.assert(
      fc.property(
        fc.array(message, { maxLength: 4 }),
        fc.integer({ min: 1, max: 100 }),
        fc.boolean(),
        (messages, size, packed) => {
          const source = opened("client");
          const from = opened("server", { messages: "raw" }), to = packed ? compressing("client") : opened("client");
          const sink = packed ? compressing("server") : opened("server");
          const expected = messages.map(([opcode, parts]) => {
            parts.forEach((part, i) => {
              const last = i === parts.length - 1;
              source.machine.send(opcode === 1 ? part : utf8(part), { last });
            });
            return opcode === 1 ? `text ${parts.join("")}` : `binary ${Buffer.from(parts.join("")).toString("hex")}`.trimEnd();
          });
          const octets = source.octets();
          for (let at = 0; at < octets.length; at += size) {
            from.receive(octets.slice(at, at + size));
            for (let event; (event = from.machine.poll()) !== null;) if (event.type === "raw") to.machine.relay(event);
          }
          sink.receive(to.octets());
          expect(sink.said()).toEqual(expected);
        },
      ),
    );
  });
  it("refuses a first piece inside of a message, and a later one without its first", () => {
    const one = opened("server");
    expect(() => one.machine.relay(piece("a", false))).toThrow(usage("MIXED_MESSAGE"));
    one.machine.relay(piece("a", true, false));
    expect(() => one.machine.relay(piece("b"))).toThrow(usage("MIXED_MESSAGE"));
    expect(() => one.machine.relay(piece("b", true, false))).toThrow(usage("MIXED_MESSAGE"));
    expect(() => one.machine.relay(piece("b", false, true, "binary"))).toThrow(usage("MIXED_MESSAGE"));
    one.machine.relay(piece("c", false));
    expect(one.wrote()).toEqual(["text part a", "more 63"]);
    expect(() => server().machine.relay(piece("a"))).toThrow(usage("TOO_EARLY"));
  });
});

describe("ping", () => {
  it("sends up to 125 octets, and none by default", () => {
    const one = opened("server");
    one.machine.ping();
    one.machine.ping(new Uint8Array(125));
    expect(one.wrote()).toEqual(["ping", `ping ${"00".repeat(125)}`]);
    for (const data of [new Uint8Array(126), "abc", null, {}, new ArrayBuffer(3)]) {
      expect(() => one.machine.ping(data as Uint8Array)).toThrow(usage("BAD_ARGUMENT"));
    }
    expect(one.machine.bufferedOutput).toBe(0);
  });
});

describe("close", () => {
  it("refuses what must not be on the wire, and then the connection is open as before", () => {
    const one = opened("server");
    for (const [code, reason] of [[1005], [1006], [1015], [999], [5000], [1000, "x".repeat(124)], [undefined, "why"]] as const) {
      expect(() => one.machine.close(code, reason)).toThrow(usage("BAD_ARGUMENT"));
      expect([one.machine.state, one.machine.bufferedOutput]).toEqual(["open", 0]);
    }
    expect(one.machine.close(4999, "x".repeat(123))).toBe(true);
  });
  it("may come in the middle of a message of ours", () => {
    const one = opened("server");
    one.machine.send("a", { last: false });
    one.machine.close(1001);
    expect(one.wrote()).toEqual(["text part a", "close 1001"]);
  });
});

/** Every command, and what it throws while the connection is not open. */
const COMMANDS: readonly [string, (one: Probe) => boolean][] = [
  ["send text", (one) => one.machine.send("x")],
  ["send octets", (one) => one.machine.send(utf8("x"), { give: true })],
  ["send a part", (one) => one.machine.send("x", { last: false })],
  ["relay", (one) => one.machine.relay(piece("x"))],
  ["relay a part", (one) => one.machine.relay(piece("x", true, false))],
  ["sendPrepared", (one) => one.machine.sendPrepared(prepare("x"))],
  ["ping", (one) => one.machine.ping(utf8("x"))],
];

describe.each(COMMANDS)("%s", (_, command) => {
  it("is TOO_EARLY before the connection is open", () => {
    for (const one of [client(), server()]) {
      const before = describeState(one);
      expect(() => command(one)).toThrow(usage("TOO_EARLY"));
      expect(describeState(one)).toEqual(before);
    }
  });
  it("is in time while nobody has polled the peer's Close, or the fault, and goes before our answer", () => {
    for (const frame of [{ opcode: 8, payload: closePayload(1000) }, { opcode: 3 }]) {
      const one = opened("server");
      one.receive(frame);
      expect(command(one)).toBe(true);
      one.said();
      expect(one.wrote()).toEqual([expect.not.stringMatching("close"), expect.stringMatching("close")]);
    }
  });
  it("answers false and changes nothing when it comes too late", () => {
    const endings: ((one: Probe) => void)[] = [
      (one) => void one.machine.close(1000),
      (one) => one.receive({ opcode: 8, payload: closePayload(1000) }),
      (one) => one.receive({ opcode: 3 }),
      (one) => one.end(),
      (one) => one.end(new Error("reset")),
      (one) => one.pass(30_000), // idle
    ];
    for (const end of endings) {
      const one = opened("server", { timers: { idle: 30_000 } });
      end(one);
      one.said();
      const before = describeState(one);
      expect(command(one)).toBe(false);
      expect(describeState(one)).toEqual(before);
    }
  });
});

describe("a call that throws", () => {
  it("changes nothing: another connection without it writes the same octets and events (L17)", () => {
    const good = fc.constantFrom<(one: Probe) => void>(
      (one) => void one.machine.send("text"),
      (one) => void one.machine.send("x".repeat(300)),
      (one) => void one.machine.ping(utf8("p")),
      (one) => one.receive({ opcode: 9 }),
      (one) => one.pass(40),
      (one) => void one.deadline(),
    );
    const bad = fc.constantFrom<(one: Probe) => void>(
      (one) => void one.machine.send(5 as unknown as string),
      (one) => void one.machine.send("x", { text: false }),
      (one) => void one.machine.send(new DataView(new ArrayBuffer(2)) as unknown as Uint8Array),
      (one) => void one.machine.send(null as unknown as string, { last: false }),
      (one) => void one.machine.relay(piece("x", false)),
      (one) => void one.machine.sendPrepared({} as Prepared),
      (one) => void one.machine.ping(new Uint8Array(126)),
      (one) => void one.machine.close(1005),
      (one) => void one.machine.close(1000, "x".repeat(200)),
      (one) => one.machine.consumeOutput(1e9),
    );
    fc.assert(fc.property(fc.array(fc.tuple(good, bad), { maxLength: 8 }), fc.boolean(), (steps, packed) => {
      const [quiet, clumsy] = Array.from(
        { length: 2 },
        () => packed ? compressing("server", { timers: { stall: 90 } }) : opened("server", { timers: { stall: 90 } }),
      );
      for (const [act, mistake] of steps) {
        const thrown = attempt(() => mistake(clumsy));
        if (quiet.machine.state === "open") expect(thrown).toBeInstanceOf(UsageError);
        for (const one of [quiet, clumsy]) act(one);
        expect(clumsy.said()).toEqual(quiet.said());
        expect(describeState(clumsy)).toEqual(describeState(quiet));
      }
      expect(clumsy.octets()).toEqual(quiet.octets());
    }));
  });
  it("because the source of randomness fails leaves nothing that waits", () => {
    let broken = false;
    const random = (into: Uint8Array): void => {
      if (broken) throw new Error("no entropy");
      into.fill(1);
    };
    const agreement = { status: 101, headers: [], protocol: "", deflate: null } as const;
    const machine = upgradedConnection("client", agreement, { random, timers: { ping: 0 } });
    machine.poll();
    expect(machine.nextTimeout(0)).toBe(null);
    broken = true;
    expect(() => machine.send("x")).toThrow("no entropy");
    expect(() => machine.send(new Uint8Array(100_000))).toThrow("no entropy");
    expect([machine.bufferedOutput, machine.peekOutput(), machine.nextTimeout(0)]).toEqual([0, null, null]);
  });
  it("for a part of another kind leaves the message as it was", () => {
    for (const one of [opened("server"), compressing("server")]) {
      one.machine.send("a", { last: false });
      expect(() => one.machine.send(utf8("b"))).toThrow(usage("MIXED_MESSAGE"));
      expect(() => one.machine.send(utf8("b"), { last: false })).toThrow(usage("MIXED_MESSAGE"));
      one.machine.send("c");
      one.machine.send(utf8("d"), { last: false });
      expect(() => one.machine.send("e")).toThrow(usage("MIXED_MESSAGE"));
      expect(() => one.machine.send(utf8("e"), { text: true })).toThrow(usage("MIXED_MESSAGE"));
      one.machine.send(utf8("f"));
      expect(one.wrote()).toEqual(["text part a", "more 63", "binary part 64", "more 66"]);
    }
  });
});

function attempt(call: () => void): unknown {
  try {
    call();
    return null;
  } catch (error) {
    return error;
  }
}
function describeState({ machine, now }: Probe): unknown[] {
  return [
    machine.state,
    machine.transport,
    machine.bufferedOutput,
    machine.congested,
    machine.wantsInput,
    machine.nextTimeout(now),
    machine.peekOutput() === null,
  ];
}
