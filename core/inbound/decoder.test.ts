import { isDeepStrictEqual } from "node:util";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { closePayload, concat, encode, encodeAll, type FrameSpec, fromHex, utf8 } from "../../conformance/frames/encode.ts";
import { cut, cutting, damagedStream, delivery, limits, validStream } from "../../conformance/support/arbitraries.ts";
import { tell } from "../../conformance/support/told.ts";
import { settle } from "../options.ts";
import type { Event, Limits, Options } from "../types.ts";
import { Decoder, INVALID_TEXT, RawPiece, wholeMessage } from "./decoder.ts";
import { Input } from "./input.ts";

const MASK = Uint8Array.of(0x37, 0xfa, 0x21, 0xbd);

describe("wholeMessage", () => {
  it("tells of any stream what the Decoder tells, in every delivery and cutting", () => {
    const stream = fc.oneof(validStream("server").map(({ bytes }) => bytes), damagedStream("server")).map(start);
    fc.assert(fc.property(stream, cutting, delivery, limits, (bytes, sizes, messages, limits) => {
      const options = { messages, limits };
      const chunks = cut(bytes, sizes);
      expectSame(tell(read(chunks, { ...options, fast: true })), tell(read(chunks, { ...options, fast: false })));
    }));
  });
  it("says the same to a client, whose messages are not masked", () => {
    fc.assert(fc.property(validStream("client"), cutting, delivery, ({ bytes }, sizes, messages) => {
      const chunks = cut(start(bytes), sizes);
      const options = { masked: false, messages };
      expectSame(tell(read(chunks, { ...options, fast: true })), tell(read(chunks, { ...options, fast: false })));
    }));
  });
  it("leaves everything to the Decoder, untouched, that is no whole, plain message of at most 65,535 octets within the limit", () => {
    const settings = settle({ limits: { message: 70_000 } });
    const masked = (spec: FrameSpec): Uint8Array => encode({ mask: MASK, ...spec });
    const others = [
      masked({ opcode: 2, payload: new Uint8Array(9) }).subarray(0, 14), // not all there
      masked({ opcode: 2, payload: new Uint8Array(9) }).subarray(0, 1),
      masked({ opcode: 2, payload: new Uint8Array(300) }).subarray(0, 3),
      encode({ opcode: 2, payload: new Uint8Array(9) }), // not masked
      encode({ opcode: 2, payload: new Uint8Array(300) }),
      masked({ opcode: 1, fin: false, payload: utf8("a") }),
      masked({ opcode: 0, payload: utf8("a") }),
      masked({ opcode: 9, payload: utf8("a") }),
      masked({ opcode: 1, rsv: 4, payload: utf8("a") }),
      masked({ opcode: 2, payload: new Uint8Array(9), form: 2 }), // not the shortest form
      masked({ opcode: 2, payload: new Uint8Array(65536) }),
    ];
    for (const bytes of others) {
      const input = new Input();
      const copy = bytes.slice();
      input.push(copy);
      expect(wholeMessage(input, true, settings, null)).toBe(null);
      expect(input.at).toBe(0);
      expect(Buffer.compare(copy, bytes)).toBe(0);
    }
    const small = new Input();
    small.push(masked({ opcode: 2, payload: new Uint8Array(9) }));
    expect(wholeMessage(small, true, settle({ limits: { message: 8 } }), null)).toBe(null);
  });
  it("reads the message that ends with its chunk, and the one behind it when there is more", () => {
    const input = new Input();
    input.push(
      encodeAll([{ opcode: 1, mask: MASK, payload: utf8("one") }, { opcode: 2, mask: MASK, payload: Uint8Array.of(2) }]),
    );
    expect(wholeMessage(input, true, settle({}), null)).toEqual({ type: "text", data: "one" });
    expect(wholeMessage(input, true, settle({}), null)).toEqual({ type: "binary", data: Uint8Array.of(2) });
    expect(input.empty).toBe(true);
  });
});

describe("the header of a frame", () => {
  // What the octets so far are, and the fault that the last of them is.
  const faults: readonly [name: string, code: string, octets: string, options?: Partial<Limits>][] = [
    ["RSV1 that nobody agreed on", "RESERVED_BIT", "c1"],
    ["RSV2, before everything else", "RESERVED_BIT", "23"],
    ["RSV3", "RESERVED_BIT", "91"],
    ["RSV1 on a continuation", "RESERVED_BIT", "c0"],
    ["RSV1 on a Ping", "RESERVED_BIT", "c9"],
    ["opcode 3", "RESERVED_OPCODE", "83"],
    ["opcode 7", "RESERVED_OPCODE", "07"],
    ["opcode 11, before FIN is looked at", "RESERVED_OPCODE", "0b"],
    ["opcode 15", "RESERVED_OPCODE", "8f"],
    ["a Ping without FIN", "BAD_CONTROL", "09"],
    ["a Close without FIN", "BAD_CONTROL", "08"],
    ["a continuation of nothing", "BAD_FRAGMENT", "80"],
    ["a message inside another", "BAD_FRAGMENT", "01 80 00000000 82"],
    ["no mask", "BAD_MASK", "81 00"],
    ["no mask, before the length of a Ping", "BAD_MASK", "89 7e"],
    ["a Ping of 126", "BAD_CONTROL", "89 fe"],
    ["a Ping of 2^16", "BAD_CONTROL", "89 ff"],
    ["125 in two octets", "BAD_LENGTH", "82 fe 007d"],
    ["0 in two octets", "BAD_LENGTH", "82 fe 0000"],
    ["65,535 in eight octets", "BAD_LENGTH", "82 ff 0000000000 00"],
    ["2^63", "BAD_LENGTH", "82 ff 80"],
    ["2^63 - 1", "MESSAGE_TOO_BIG", "82 ff 7fffffffffffffff"],
    ["2^53", "MESSAGE_TOO_BIG", "82 ff 0020000000000000"],
    ["2^32", "MESSAGE_TOO_BIG", "82 ff 0000000100000000"],
    ["one octet above a small limit", "MESSAGE_TOO_BIG", "82 89", { message: 8 }],
    ["one octet above a limit in two octets", "MESSAGE_TOO_BIG", "82 fe 0101", { message: 256 }],
    ["one octet above a limit in eight octets", "MESSAGE_TOO_BIG", "82 ff 0000000000010001", { message: 65536 }],
    ["a fragment too many", "TOO_MANY_FRAGMENTS", "02 80 00000000 00 80 00000000 80 80", { fragments: 2 }],
    ["a fragment too many that is too big as well", "MESSAGE_TOO_BIG", "02 81 00000000 00 80 81", { fragments: 1, message: 1 }],
  ];
  it.each(faults)("%s is %s as soon as its octet is there, and not before", (_, code, hex, limits = {}) => {
    const bytes = fromHex(hex);
    const decoder = new Decoder(), input = new Input();
    const settings = settle({ limits });
    bytes.forEach((octet, i) => {
      input.push(Uint8Array.of(octet));
      const event = decoder.poll(input, true, settings, null, null);
      expect(event).toEqual(i === bytes.length - 1 ? { type: "fault", fault: expect.objectContaining({ code }) } : null);
    });
  });
  it("takes a length of three octets where the limit allows for it", () => {
    expect(told([fromHex("82 ff 0000000001000000 00000000")], { limits: { message: 2 ** 24 } })).toEqual([]);
    expect(told([fromHex("82 ff 0000000001000000")], { limits: { message: 2 ** 24 - 1 } })).toEqual(["fault MESSAGE_TOO_BIG"]);
  });
  it("refuses masked frames as a client, with the second octet", () => {
    expect(told([fromHex("8180")], { masked: false })).toEqual(["fault BAD_MASK"]);
    expect(told([fromHex("8100")], { masked: false })).toEqual(["text "]);
  });
  it("takes lengths in their shortest form on every border", () => {
    for (const size of [0, 125, 126, 127, 255, 256, 65535, 65536, 65537]) {
      const payload = new Uint8Array(size).fill(size);
      for (const sizes of [[1], [Infinity], [7, 1000]]) {
        if (size > 300 && sizes[0] === 1) continue;
        const events = read(cut(encode({ opcode: 2, mask: MASK, payload }), sizes));
        expect(events).toHaveLength(1);
        expect(Buffer.compare((events[0] as { data: Uint8Array }).data, payload)).toBe(0);
      }
    }
  });
  it("counts no control frame against a limit", () => {
    const ping = encode({ opcode: 9, mask: MASK, payload: new Uint8Array(125) });
    const stream = concat([encode({ opcode: 2, fin: false, mask: MASK }), ping, ping, encode({ opcode: 0, mask: MASK })]);
    const events = read([stream], { limits: { message: 1, fragments: 2 } });
    expect(events.map(({ type }) => type)).toEqual(["ping", "ping", "binary"]);
  });
  it("lets a message of any declared size begin where the limit is Infinity", () => {
    const events = read([concat([fromHex("82 ff 7fffffffffffffff 00000000"), new Uint8Array(1000)])], {
      limits: { message: Infinity },
      messages: "parts",
    });
    expect(events).toMatchObject([{ type: "part", first: true, last: false }]);
  });
});

describe("a message in fragments", () => {
  const frames = (...parts: Uint8Array[]): FrameSpec[] =>
    parts.map((payload, i) => ({ opcode: i === 0 ? 2 : 0, fin: i === parts.length - 1, mask: MASK, payload }));

  it("is exactly as long as the limit allows, in any number of frames", () => {
    const piece = (size: number): Uint8Array => new Uint8Array(size);
    for (const sizes of [[10], [5, 5], [1, 0, 9], [0, 0, 10, 0]]) {
      expect(told([encodeAll(frames(...sizes.map(piece)))], { limits: { message: 10 } })).toEqual([`binary ${"00".repeat(10)}`]);
    }
    for (const sizes of [[11], [5, 6], [10, 1], [10, 0, 1]]) {
      expect(told([encodeAll(frames(...sizes.map(piece)))], { limits: { message: 10 } })).toEqual(["fault MESSAGE_TOO_BIG"]);
    }
  });
  it("starts to count anew with each message", () => {
    const two = encodeAll([...frames(new Uint8Array(6), new Uint8Array(4)), ...frames(new Uint8Array(10))]);
    expect(told([two], { limits: { message: 10, fragments: 2 } })).toHaveLength(2);
  });
  it("of three empty frames is one empty message", () => {
    const none = new Uint8Array(0);
    expect(read([encodeAll(frames(none, none, none))])).toEqual([{ type: "binary", data: none }]);
  });
  it("is not disturbed by control frames between them, and is dropped by a Close (Autobahn 7.1.5)", () => {
    const [first, last] = frames(utf8("a"), utf8("b"));
    const ping = { opcode: 9, mask: MASK, payload: utf8("p") };
    const pong = { opcode: 10, mask: MASK };
    expect(told([encodeAll([first, ping, pong, last])])).toEqual(["ping 70", "pong ", "binary 6162"]);
    const close = { opcode: 8, mask: MASK, payload: closePayload(1000) };
    expect(told([encodeAll([first, close])])).toEqual(["close 1000"]);
  });
  it("costs as many steps as it has octets, in frames or chunks of one octet", () => {
    const octet = encode({ opcode: 0, fin: false, mask: MASK, payload: Uint8Array.of(1) });
    const start = encode({ opcode: 2, fin: false, mask: MASK });
    const count = 30_000;
    const flood = concat([start, ...Array.from({ length: count }, () => octet)]);
    for (const chunks of [[flood], cut(flood, [7]), cut(concat([fromHex("82ff 0000000000ffffff 00000000"), flood]), [1])]) {
      expect(octetsAllocated(() => void read(chunks))).toBeLessThan(20 * flood.length);
    }
  });
});

describe("text", () => {
  const text = (payload: Uint8Array, fin = true): Uint8Array => encode({ opcode: 1, fin, mask: MASK, payload });

  it("that no octet can complete fails with that octet, inside of a frame too (Autobahn 6.4.3, 6.4.4)", () => {
    const wrong = fromHex("ce ba e1 bd b9 cf 83 ce bc ce b5 f4 90 80 80 65"); // 90 behind f4 is the first that is wrong
    for (const messages of ["whole", "parts", "raw"] as const) {
      const decoder = new Decoder(), input = new Input(), raw = messages === "raw" ? new RawPiece() : null;
      const frame = text(wrong);
      let fault = -1;
      for (let i = 0; i < frame.length && fault === -1; i++) {
        input.push(frame.slice(i, i + 1));
        for (let event; fault === -1 && (event = decoder.poll(input, true, settle({ messages }), null, raw)) !== null;) {
          if (event.type === "fault") fault = i;
          else expect(messages).not.toBe("whole");
        }
      }
      expect(fault - 6).toBe(12);
    }
  });
  it("that ends inside of a code point is wrong at the end of the message, not of a frame", () => {
    const euro = utf8("\u20ac");
    expect(told([text(euro.slice(0, 2))])).toEqual(["fault BAD_UTF8"]);
    const rest = encode({ opcode: 0, mask: MASK, payload: euro.slice(2) });
    expect(told([text(euro.slice(0, 2), false), rest])).toEqual(["text \u20ac"]);
    expect(told([text(euro.slice(0, 2), false), encode({ opcode: 0, mask: MASK })])).toEqual(["fault BAD_UTF8"]);
  });
  it("keeps its byte order mark, and a U+FFFD that was sent", () => {
    for (const string of ["\ufeff", "\ufeffabc".repeat(20), "\ufffd", "a\ufffdb".repeat(20)]) {
      expect(told([text(utf8(string))])).toEqual([`text ${string}`]);
      expect(told(cut(text(utf8(string)), [1]))).toEqual([`text ${string}`]);
    }
  });
});

describe("parts", () => {
  it("are what each chunk holds, may end inside of a code point, and say which is the first and the last", () => {
    const frame = encode({ opcode: 1, mask: MASK, payload: utf8("a\u20acb") });
    expect(read(cut(frame, [8, 2, 100]), { messages: "parts" })).toEqual([
      { type: "part", kind: "text", data: fromHex("61 e2"), first: true, last: false },
      { type: "part", kind: "text", data: fromHex("82 ac"), first: false, last: false },
      { type: "part", kind: "text", data: fromHex("62"), first: false, last: true },
    ]);
  });
  it("of an empty message are one empty part, and an empty last frame is an empty last part", () => {
    const start = { opcode: 2, fin: false, mask: MASK }, end = { opcode: 0, mask: MASK };
    const empty = { type: "part", kind: "binary", data: new Uint8Array(0), last: true };
    expect(read([encode({ ...start, fin: true })], { messages: "parts" })).toEqual([{ ...empty, first: true }]);
    expect(read([encodeAll([start, { ...end, fin: false }, end])], { messages: "parts" })).toEqual([{ ...empty, first: true }]);
    expect(read([encodeAll([{ ...start, payload: Uint8Array.of(7) }, end])], { messages: "parts" })).toEqual([
      { type: "part", kind: "binary", data: Uint8Array.of(7), first: true, last: false },
      { ...empty, first: false },
    ]);
  });
  it("before an invalid octet are delivered up to it, and none of them is the last", () => {
    const frame = encode({ opcode: 1, mask: MASK, payload: fromHex("61 62 ff 63") });
    expect(read([frame], { messages: "parts" })).toMatchObject([
      { type: "part", data: fromHex("61 62"), first: true, last: false },
      { type: "fault", fault: { code: "BAD_UTF8" } },
    ]);
    expect(read([encode({ opcode: 1, mask: MASK, payload: fromHex("ff") })], { messages: "parts" })).toMatchObject([{
      type: "fault",
    }]);
  });
  it("pin no more than kept messages may", () => {
    const chunk = concat([encode({ opcode: 2, mask: MASK, payload: new Uint8Array(100) }), new Uint8Array(60_000)]);
    const [part] = read([chunk], { messages: "parts" });
    expect((part as { data: Uint8Array }).data.buffer.byteLength).toBeLessThanOrEqual(8192);
  });
});

describe("raw pieces", () => {
  it("are one object and a range of the chunk that came, unmasked in place", () => {
    const raw = new RawPiece(), input = new Input(), settings = settle({ messages: "raw" });
    const chunk = encodeAll([
      { opcode: 1, mask: MASK, payload: utf8("hello") },
      { opcode: 2, fin: false, mask: MASK, payload: utf8("wor") },
      { opcode: 0, mask: MASK, payload: utf8("ld") },
    ]);
    input.push(chunk);
    const decoder = new Decoder();
    expect(wholeMessage(input, true, settings, raw)).toBe(raw);
    expect(raw).toMatchObject({ kind: "text", first: true, last: true });
    expect(raw.bytes).toBe(chunk);
    expect(chunk.subarray(raw.start, raw.end)).toEqual(utf8("hello"));
    expect(decoder.poll(input, true, settings, null, raw)).toBe(raw);
    expect(raw).toMatchObject({ kind: "binary", first: true, last: false });
    expect(chunk.subarray(raw.start, raw.end)).toEqual(utf8("wor"));
    expect(decoder.poll(input, true, settings, null, raw)).toBe(raw);
    expect(raw).toMatchObject({ first: false, last: true });
    expect(chunk.subarray(raw.start, raw.end)).toEqual(utf8("ld"));
  });
});

describe("text that is invalid, whole in its chunk", () => {
  it.each([
    ["61 62", "ff 63"],
    ["c3 a9 c3", "28"],
    ["61 ".repeat(200) + "ed", "a0 80"],
  ])("is told up to its first wrong octet, in raw pieces as in parts, masked or not", (right, wrong) => {
    for (const masked of [true, false]) {
      const mask = masked ? MASK : null;
      const payloads = [fromHex(right + wrong), utf8("never")];
      const stream = encodeAll(payloads.map((payload) => ({ opcode: 1, mask, payload })));
      for (const messages of ["raw", "parts"] as const) {
        expect(tell(read([stream], { masked, messages }))).toEqual([
          { type: "piece", kind: "text", data: fromHex(right), first: true, last: false },
          { type: "fault", code: "BAD_UTF8", closeCode: 1007 },
        ]);
      }
      expect(read([stream], { masked })).toMatchObject([{ type: "fault", fault: { code: "BAD_UTF8" } }]);
    }
  });
});

describe("control frames", () => {
  it("are the same in any cutting, with payloads of their own", () => {
    const payload = Uint8Array.from({ length: 125 }, (_, i) => i);
    for (const sizes of [[1], [3], [50], [Infinity]]) {
      const chunks = cut(encodeAll([{ opcode: 9, mask: MASK, payload }, { opcode: 10, mask: MASK }]), sizes);
      const [ping, pong] = read(chunks) as { data: Uint8Array }[];
      expect(ping.data).toEqual(payload);
      expect(ping.data.buffer.byteLength).toBe(125);
      expect(pong.data).toHaveLength(0);
    }
  });
  it("never share memory, not even when they are empty", () => {
    const events = read([encodeAll([{ opcode: 9, mask: MASK }, { opcode: 9, mask: MASK }])]) as { data: Uint8Array }[];
    structuredClone(events[0].data, { transfer: [events[0].data.buffer as ArrayBuffer] });
    expect(events[1].data.slice()).toHaveLength(0);
    expect(() => read([encode({ opcode: 9, mask: MASK })]).map((event) => (event as { data: Uint8Array }).data.slice())).not
      .toThrow();
  });
  it("with a payload that is illegal are faults when it is complete", () => {
    const close = (payload: Uint8Array): string[] => told([encode({ opcode: 8, mask: MASK, payload })]);
    expect(close(Uint8Array.of(3))).toEqual(["fault BAD_CLOSE"]);
    expect(close(closePayload(1005))).toEqual(["fault BAD_CLOSE"]);
    expect(close(closePayload(1000, Uint8Array.of(0xff)))).toEqual(["fault BAD_UTF8"]);
    expect(close(closePayload(1000, "bye"))).toEqual(["close 1000 bye"]);
    expect(close(new Uint8Array(0))).toEqual(["close 1005"]);
  });
});

describe("a Decoder between messages", () => {
  it("is idle exactly at the boundary of a message, where it may be dropped", () => {
    const stream = encodeAll([
      { opcode: 2, fin: false, mask: MASK, payload: utf8("ab") },
      { opcode: 9, mask: MASK, payload: utf8("p") },
      { opcode: 0, mask: MASK, payload: utf8("c") },
      { opcode: 8, mask: MASK },
    ]);
    const decoder = new Decoder(), input = new Input();
    const idleAfter: number[] = [];
    stream.forEach((octet, i) => {
      input.push(Uint8Array.of(octet));
      while (decoder.poll(input, true, settle({}), null, null) !== null);
      if (decoder.idle) idleAfter.push(i + 1);
    });
    expect(idleAfter).toEqual([8 + 7 + 7, stream.length]);
  });
});

interface Reading extends Options {
  readonly masked?: boolean;
  /** Try wholeMessage first, as the machine does. */
  readonly fast?: boolean;
}
/** Everything that is read of the chunks, up to a Close or a fault. Raw pieces are copied. */
function read(chunks: readonly Uint8Array[], { masked = true, fast = true, ...options }: Reading = {}): Event[] {
  const settings = settle(options);
  const raw = options.messages === "raw" ? new RawPiece() : null;
  const input = new Input();
  const events: Event[] = [];
  let decoder = new Decoder();
  for (const chunk of chunks) {
    input.push(chunk.slice());
    for (;;) {
      const whole = fast && decoder.idle && options.messages !== "parts" ? wholeMessage(input, masked, settings, raw) : null;
      const event = whole ?? decoder.poll(input, masked, settings, null, raw);
      if (event === null) break;
      if (decoder.idle) decoder = new Decoder();
      events.push(event.type === "raw" ? { ...raw!, bytes: raw!.bytes.slice() } : event);
      if (event === INVALID_TEXT || event.type === "fault" || event.type === "close") return events;
    }
  }
  return events;
}
/** The same in short. */
function told(chunks: readonly Uint8Array[], reading: Reading = {}): string[] {
  return read(chunks, reading).map((event) => {
    if (event.type === "fault") return `fault ${event.fault.code}`;
    if (event.type === "close") return `close ${event.close.code} ${event.close.reason}`.trim();
    if (event.type === "text") return `text ${event.data}`;
    return `${event.type} ${Buffer.from((event as { data: Uint8Array }).data).toString("hex")}`;
  });
}
/** Short enough to be read octet by octet. */
function start(bytes: Uint8Array): Uint8Array {
  return bytes.subarray(0, 5000);
}
/** `toEqual` takes seconds for large arrays. */
function expectSame(actual: unknown, expected: unknown): void {
  if (!isDeepStrictEqual(actual, expected)) expect(actual).toEqual(expected);
}
/** Octets of all arrays that are made meanwhile by their length. */
function octetsAllocated(run: () => void): number {
  const Original = globalThis.Uint8Array;
  let octets = 0;
  globalThis.Uint8Array = new Proxy(Original, {
    construct(target, args, self) {
      if (typeof args[0] === "number") octets += args[0];
      return Reflect.construct(target, args, self);
    },
  });
  try {
    run();
  } finally {
    globalThis.Uint8Array = Original;
  }
  return octets;
}
