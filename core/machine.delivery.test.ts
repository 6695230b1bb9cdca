// Messages in: the three deliveries, fragments, control frames between them, compression, and when input is wanted (RFC 6455 §5.4, §6.2,
// RFC 7692). How frames are read and octets inflated is tested in inbound/ and deflate/.
import { constants, deflateRawSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { zlib } from "../adapters/zlib.ts";
import { concat, encodeAll, type FrameSpec, utf8 } from "../conformance/frames/encode.ts";
import { cut, cutting, damagedStream, delivery, validStream } from "../conformance/support/arbitraries.ts";
import { opened, type Probe } from "../conformance/support/probe.ts";
import { tell } from "../conformance/support/told.ts";
import type { DeflateParams, Event, Options, RawEvent, Role } from "./types.ts";

const MASK = Uint8Array.of(1, 2, 3, 4);
const PLAIN: DeflateParams = { serverWindowBits: 15, clientWindowBits: 15, serverTakeover: false, clientTakeover: false };
const TAKEOVER: DeflateParams = { ...PLAIN, serverTakeover: true, clientTakeover: true };
const inflating = (options: Options = {}, deflate: DeflateParams = PLAIN): Probe =>
  opened("server", { deflate: { engine: zlib }, ...options }, { deflate });
const text = (data: string, fin = true): FrameSpec => ({ opcode: 1, fin, payload: utf8(data) });
const more = (data: string, fin = true): FrameSpec => ({ opcode: 0, fin, payload: utf8(data) });
const ping: FrameSpec = { opcode: 9, payload: utf8("p") };

/** A message in two fragments with a Ping between, a whole one, and an empty one. */
const CONVERSATION: readonly FrameSpec[] = [
  text("h\u20ac", false),
  ping,
  more("llo"),
  { opcode: 2, payload: Uint8Array.of(7) },
  text(""),
];
const PACKED = CONVERSATION.map((frame, i) =>
  frame.opcode === 9 || i === 4 ? frame : { ...frame, rsv: i === 2 ? 0 : 4, payload: packed(frame.payload!, frame.fin ?? true) }
);

describe("delivery", () => {
  it.each<Role>(["server", "client"])("of texts of every length, to a %s, ASCII or not, and of what is no text", (role) => {
    for (const length of [...Array(70).keys(), 125, 126, 500, 3000]) {
      for (const last of ["a", "\u20ac"]) {
        const one = opened(role);
        one.receive(text("a".repeat(length) + last));
        expect(one.said()).toEqual([`text ${"a".repeat(length)}${last}`]);
      }
      const bad = opened(role);
      bad.receive({ opcode: 1, payload: concat([utf8("a".repeat(length)), Uint8Array.of(0xe2, 0x82)]) });
      expect(bad.said()).toEqual(["fault BAD_UTF8"]);
    }
  });
  it.each([["plain", CONVERSATION], ["compressed", PACKED]] as const)("of whole messages, %s", (_, frames) => {
    const one = inflating();
    one.receive(...frames);
    expect(one.said()).toEqual(["ping 70", "text h\u20acllo", "binary 07", "text "]);
    expect(one.wrote()).toEqual(["pong 70"]);
  });
  it.each([["plain", CONVERSATION], ["compressed", PACKED]] as const)("of parts, as they arrive, %s", (_, frames) => {
    const one = inflating({ messages: "parts" });
    one.receive(...frames);
    expect(one.said()).toEqual([
      "part text h\u20ac first",
      "ping 70",
      "part text llo last",
      "part binary 07 first last",
      "part text first last",
    ]);
  });
  it.each([["plain", CONVERSATION], ["compressed", PACKED]] as const)("of raw pieces, %s", (_, frames) => {
    const one = inflating({ messages: "raw" });
    one.receive(...frames);
    expect(one.said()).toEqual([
      "raw text h\u20ac first",
      "ping 70",
      "raw text llo last",
      "raw binary 07 first last",
      "raw text first last",
    ]);
  });
  it("inside of a frame, in parts and raw pieces", () => {
    for (const messages of ["parts", "raw"] as const) {
      const one = opened("server", { messages });
      const octets = encodeAll([{ opcode: 2, payload: utf8("abcdef"), mask: MASK }]);
      const said: string[] = [];
      for (const chunk of cut(octets, [8, 1, 100])) {
        one.receive(chunk);
        said.push(...one.said());
      }
      const name = messages === "raw" ? "raw" : "part";
      expect(said).toEqual([`${name} binary 6162 first`, `${name} binary 63`, `${name} binary 646566 last`]);
    }
  });
  it("is not later than it has to be: each event as soon as its last octet is there", () => {
    const octets = encodeAll(CONVERSATION.map((frame) => ({ ...frame, mask: MASK })));
    for (const messages of ["whole", "parts", "raw"] as const) {
      const one = opened("server", { messages });
      const at: number[] = [];
      octets.forEach((octet, i) => {
        one.receive(Uint8Array.of(octet));
        for (const said of one.said()) {
          if (!said.startsWith("part") && !said.startsWith("raw") || said.endsWith("last")) at.push(i + 1);
        }
      });
      // Ends of: the Ping, the fragmented message, the binary, the empty text.
      expect(at).toEqual([10 + 7, 10 + 7 + 9, 10 + 7 + 9 + 7, octets.length]);
    }
  });
  it("of raw pieces is one object, borrowed: when everything has been read it holds nothing of the input", () => {
    const one = opened("server", { messages: "raw" });
    const chunk = encodeAll([{ ...text("one"), mask: MASK }, { ...text("two"), mask: MASK }]);
    one.machine.receive(chunk, 0);
    const first = one.machine.poll() as RawEvent;
    expect(Buffer.from(first.bytes.subarray(first.start, first.end)).toString()).toBe("one");
    expect(first.bytes).toBe(chunk);
    expect(one.machine.poll()).toBe(first);
    expect(Buffer.from(first.bytes.subarray(first.start, first.end)).toString()).toBe("two");
    expect(one.machine.poll()).toBe(null);
    expect(first.bytes.buffer).not.toBe(chunk.buffer);
    one.receive(text("three"));
    expect(one.said()).toEqual(["raw text three first last"]);
  });
  it("of whole messages and parts is the receiver's: arrays that nobody changes any more", () => {
    for (const messages of ["whole", "parts"] as const) {
      const one = opened("server", { messages });
      const kept: { data: Uint8Array; copy: Uint8Array }[] = [];
      for (let i = 0; i < 60; i++) {
        one.receive({ opcode: 2, payload: new Uint8Array(i * 20).fill(i) }, { opcode: 2, payload: new Uint8Array(20_000) });
        for (let event; (event = one.machine.poll()) !== null;) {
          if (event.type === "binary" || event.type === "part") kept.push({ data: event.data, copy: event.data.slice() });
        }
      }
      expect(kept.every(({ data, copy }) => Buffer.compare(data, copy) === 0)).toBe(true);
    }
  });
});

describe("the order of input", () => {
  it("is that of the chunks, whenever they come and whenever somebody polls", () => {
    const one = opened("server");
    one.receive(text("1"));
    one.receive(text("2"));
    expect(one.machine.poll()).toEqual({ type: "text", data: "1" });
    one.receive(text("3"));
    expect(one.said()).toEqual(["text 2", "text 3"]);
  });
  it("does not depend on the schedule of polls, in any delivery and with any stream (L1, L3)", () => {
    const stream = fc.oneof(validStream("server").map(({ bytes }) => bytes), damagedStream("server")).map((bytes) =>
      bytes.subarray(0, 5000)
    );
    const polls = fc.array(fc.nat(3), { minLength: 1, maxLength: 10 });
    fc.assert(fc.property(stream, cutting, delivery, polls, (bytes, sizes, messages, polls) => {
      const told = (chunks: readonly Uint8Array[], schedule: readonly number[]): string => {
        const one = opened("server", { messages });
        const events: Event[] = [];
        const poll = (most: number): void => {
          for (let event; most-- > 0 && (event = one.machine.poll()) !== null;) {
            events.push(event.type === "raw" ? { ...event, bytes: event.bytes.slice() } : event);
          }
        };
        chunks.forEach((chunk, i) => {
          one.machine.receive(chunk.slice(), 0);
          poll(schedule[i % schedule.length]);
        });
        one.end();
        poll(Infinity);
        return JSON.stringify(
          tell(events),
          (_, value) => value instanceof Uint8Array ? Buffer.from(value).toString("hex") : value,
        );
      };
      expect(told(cut(bytes, sizes), polls)).toBe(told([bytes], [Infinity]));
    }));
  });
});

describe("wantsInput", () => {
  it("is false exactly while unread octets are held", () => {
    const one = opened("server");
    expect(one.machine.wantsInput).toBe(true);
    one.receive(text("1"), text("2"));
    one.receive(text("3"));
    const seen: boolean[] = [];
    for (let i = 0; i < 3; i++) {
      seen.push(one.machine.wantsInput);
      one.machine.poll();
    }
    expect([...seen, one.machine.wantsInput]).toEqual([false, false, false, true]);
    one.receive(Uint8Array.of(0x81));
    expect(one.machine.wantsInput).toBe(false);
    expect(one.machine.poll()).toBe(null);
    expect(one.machine.wantsInput).toBe(true);
  });
  it("is true for what is thrown away: behind a Close, a fault, the end", () => {
    const ends: ((one: Probe) => void)[] = [
      (one) => one.receive({ opcode: 8 }),
      (one) => one.receive({ opcode: 3 }),
      (one) => one.end(),
    ];
    for (const end of ends) {
      const one = opened("server");
      end(one);
      one.said();
      one.receive(text("late"), text("later"));
      expect(one.machine.wantsInput).toBe(true);
      expect(one.said()).toEqual([]);
    }
  });
});

describe("an empty chunk", () => {
  it("is nothing, and answers no Ping", () => {
    const one = opened("server", { timers: { ping: 100, pong: 50 } });
    one.pass(100);
    one.wrote();
    one.deadline();
    one.pass(40);
    one.machine.receive(new Uint8Array(0), one.now);
    expect([one.machine.wantsInput, one.deadline()]).toEqual([true, 10]);
  });
});

describe("permessage-deflate", () => {
  it("needs an agreement: RSV1 without one is 1002", () => {
    const one = opened("server", { deflate: { engine: zlib } });
    one.receive({ opcode: 1, rsv: 4, payload: packed(utf8("a")) });
    expect(one.said()).toEqual(["fault RESERVED_BIT"]);
    expect(one.wrote()).toEqual([expect.stringMatching("^close 1002")]);
  });
  it("keeps its context around pings, pongs and plain messages, with takeover (RFC 7692 §7.2.3.2)", () => {
    const one = inflating({}, TAKEOVER);
    const context = utf8("a context that is long enough to refer to");
    one.receive(
      { opcode: 1, rsv: 4, fin: false, payload: packed(context, false) },
      ping,
      { opcode: 0, payload: Uint8Array.of(0) },
      text("plain"),
      { opcode: 10 },
      { opcode: 1, rsv: 4, payload: packed(context, true, context) },
    );
    const said = `text ${Buffer.from(context)}`;
    expect(one.said()).toEqual(["ping 70", said, "text plain", "pong", said]);
  });
  it("calls a reference behind the message corrupt without takeover: 1007", () => {
    const one = inflating();
    const context = utf8("a context that is long enough to refer to");
    one.receive({ opcode: 1, rsv: 4, payload: packed(context) }, { opcode: 1, rsv: 4, payload: packed(context, true, context) });
    expect(one.said()).toEqual([`text ${Buffer.from(context)}`, "fault BAD_DEFLATE"]);
    expect(one.wrote()).toEqual([expect.stringMatching("^close 1007")]);
  });
  it("stops a bomb at the limit: 1009, in one frame or in many", () => {
    const bomb = packed(new Uint8Array(1 << 20));
    for (const frames of [[bomb], cut(bomb, [50])]) {
      const one = inflating({ limits: { message: 10_000 } });
      one.receive(
        ...frames.map((payload, i) => ({ opcode: i === 0 ? 2 : 0, rsv: i === 0 ? 4 : 0, fin: i === frames.length - 1, payload })),
      );
      expect(one.said()).toEqual(["fault MESSAGE_TOO_BIG"]);
      expect(one.wrote()).toEqual([expect.stringMatching("^close 1009")]);
    }
  });
  it("counts the octets of a message after inflation, anew for each", () => {
    const one = inflating({ limits: { message: 100 } }, TAKEOVER);
    for (let i = 0; i < 50; i++) one.receive({ opcode: 2, rsv: 4, payload: packed(new Uint8Array(100)) });
    expect(one.said()).toEqual(Array(50).fill(`binary ${"00".repeat(100)}`));
  });
  it("understands what the other role sends, in any fragments, with any parameters and messages (L6)", () => {
    const params = fc.record({
      serverWindowBits: fc.integer({ min: 8, max: 15 }),
      clientWindowBits: fc.integer({ min: 8, max: 15 }),
      serverTakeover: fc.boolean(),
      clientTakeover: fc.boolean(),
    });
    const part = fc.oneof(
      fc.string({ maxLength: 50 }),
      fc.tuple(fc.string({ minLength: 1, maxLength: 5 }), fc.nat(400)).map(([unit, times]) => unit.repeat(times)),
    );
    const message = fc.array(part, { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(
        params,
        fc.constantFrom<Role>("server", "client"),
        fc.array(message, { maxLength: 5 }),
        cutting,
        (deflate, role, messages, sizes) => {
          const options = { deflate: { engine: zlib, threshold: 20 } };
          const near = opened(role, options, { deflate }),
            far = opened(role === "server" ? "client" : "server", options, { deflate });
          for (const parts of messages) {
            parts.forEach((part, i) => near.machine.send(part, { last: i === parts.length - 1 }));
            near.machine.ping();
          }
          const said: string[] = [];
          for (const chunk of cut(near.octets(), sizes)) {
            far.receive(chunk.slice());
            said.push(...far.said());
          }
          expect(said.filter((event) => event !== "ping")).toEqual(messages.map((parts) => `text ${parts.join("")}`));
        },
      ),
      { numRuns: 60 },
    );
  });
});

/** A fragment as a sender compresses it, with the window at that point. */
function packed(octets: Uint8Array, last = true, dictionary?: Uint8Array): Uint8Array {
  const options = dictionary === undefined ? {} : { dictionary };
  const wire = deflateRawSync(octets, { ...options, finishFlush: constants.Z_SYNC_FLUSH });
  return concat([wire.subarray(0, last ? -4 : wire.length)]);
}
