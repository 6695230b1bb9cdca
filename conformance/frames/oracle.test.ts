import fc from "fast-check";
import { constants, deflateRawSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import type { DeflateParams } from "../../core/types.ts";
import { closePayload, concat, encode, encodeAll, type FrameSpec, fromHex, utf8 } from "./encode.ts";
import { decodeAll, type OracleOptions } from "./oracle.ts";

const DEFLATE: DeflateParams = { clientTakeover: true, clientWindowBits: 15, serverTakeover: true, serverWindowBits: 15 };
const HELLO = fromHex("f2 48 cd c9 c9 07 00");
const key = fromHex("37 fa 21 3d");
const text = (data: string, more: Partial<FrameSpec> = {}): FrameSpec => ({ opcode: 1, payload: utf8(data), ...more });

/** What a client says about frames from a server: kinds and data in short, and the code of a fault. */
function told(specs: readonly FrameSpec[], options: Partial<OracleOptions> = {}): readonly unknown[] {
  return short(encodeAll(specs), options);
}
function short(bytes: Uint8Array, options: Partial<OracleOptions> = {}): readonly unknown[] {
  return decodeAll(bytes, { role: "client", ...options }).events.map((event) => {
    if (event.type === "fault") return event.code;
    if (event.type === "close") return `close ${event.code} ${event.reason}`;
    if (event.type === "piece") {
      return `${event.kind}${event.first ? " first" : ""}${event.last ? " last" : ""} ${new TextDecoder().decode(event.data)}`;
    }
    return "data" in event
      ? `${event.type} ${typeof event.data === "string" ? event.data : new TextDecoder().decode(event.data)}`
      : event;
  });
}
const compressed = (payload: Uint8Array, more: Partial<FrameSpec> = {}): FrameSpec => ({ opcode: 1, rsv: 4, payload, ...more });

describe("the oracle on valid streams", () => {
  it("reports messages, control frames between fragments, and the Close that ends everything", () => {
    const specs = [
      text("Hel", { fin: false }),
      { opcode: 9, payload: utf8("p") },
      { opcode: 0, payload: utf8("lo") },
      { opcode: 2 },
      { opcode: 10 },
      { opcode: 8, payload: closePayload(3000, "bye") },
      text("late"),
    ];
    expect(told(specs)).toEqual(["ping p", "text Hello", "binary ", "pong ", "close 3000 bye"]);
    expect(told(specs, { messages: "parts" })).toEqual([
      "text first Hel",
      "ping p",
      "text last lo",
      "binary first last ",
      "pong ",
      "close 3000 bye",
    ]);
  });

  it("unmasks what a client sent", () => {
    expect(short(encode(text("Hello", { mask: key })), { role: "server" })).toEqual(["text Hello"]);
  });

  it("joins pieces of one message and leaves out empty ones, but not the last", () => {
    const fragments = [text("", { fin: false }), { opcode: 0, fin: false, payload: utf8("a") }, {
      opcode: 0,
      payload: utf8("b"),
    }];
    expect(told(fragments, { messages: "raw" })).toEqual(["text first last ab"]);
    expect(told([text("a", { fin: false }), { opcode: 9 }, { opcode: 0 }], { messages: "raw" })).toEqual([
      "text first a",
      "ping ",
      "text last ",
    ]);
  });

  it("says how the connection ends when the stream does", () => {
    const closed = (specs: FrameSpec[]) => decodeAll(encodeAll(specs), { role: "client" }).closed;
    expect(closed([{ opcode: 8 }])).toEqual({ type: "closed", code: 1005, reason: "", clean: true });
    expect(closed([{ opcode: 8, payload: closePayload(1001, "x") }])).toEqual({
      type: "closed",
      code: 1001,
      reason: "x",
      clean: true,
    });
    expect(closed([text("a")])).toEqual({ type: "closed", code: 1006, reason: "", clean: false });
    expect(closed([{ opcode: 3 }])).toEqual({ type: "closed", code: 1006, reason: "", clean: false });
  });

  it("keeps a window between messages exactly as far as agreed", () => {
    const twice = [compressed(HELLO), compressed(fromHex("f2 00 11 00 00"))];
    expect(told(twice, { deflate: DEFLATE })).toEqual(["text Hello", "text Hello"]);
    expect(told(twice, { deflate: { ...DEFLATE, serverTakeover: false } })).toEqual(["text Hello", "BAD_DEFLATE"]);
    expect(told([compressed(HELLO), text("x"), { opcode: 9 }, ...twice.slice(1)], { deflate: DEFLATE })).toEqual([
      "text Hello",
      "text x",
      "ping ",
      "text Hello",
    ]);
  });

  it("inflates any message in any fragments", () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), fc.nat(300), fc.boolean(), (data, at, final) => {
      const flush = deflateRawSync(data, final ? {} : { finishFlush: constants.Z_SYNC_FLUSH });
      const packed = final ? flush : data.byteLength === 0 ? fromHex("00") : flush.subarray(0, -4);
      const [head, tail] = [packed.subarray(0, at), packed.subarray(at)];
      const bytes = encodeAll([{ opcode: 2, rsv: 4, fin: false, payload: head }, { opcode: 9 }, { opcode: 0, payload: tail }]);
      expect(decodeAll(bytes, { role: "client", deflate: DEFLATE }).events).toEqual([
        { type: "ping", data: new Uint8Array(0) },
        { type: "binary", data: new Uint8Array(data) },
      ]);
    }));
  });

  it("accepts every code that may be sent, and only those", () => {
    const accepted = [];
    for (let code = 0; code < 65536; code++) {
      const bytes = encode({ opcode: 8, payload: closePayload(code) });
      if (decodeAll(bytes, { role: "client" }).events[0]?.type === "close") accepted.push(code);
    }
    const range = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, i) => from + i);
    expect(accepted).toEqual([...range(1000, 1003), ...range(1007, 1014), ...range(3000, 4999)]);
  });
});

describe("the oracle on streams that break a rule", () => {
  it("names the rule, in the order of the octets of the frame", () => {
    const faults: readonly [code: string, hex: string, compression?: boolean][] = [
      ["RESERVED_BIT", "c1"],
      ["RESERVED_BIT", "a1"],
      ["RESERVED_BIT", "91", true],
      ["RESERVED_BIT", "c0", true],
      ["RESERVED_BIT", "c9", true],
      ["RESERVED_BIT", "b3"],
      ["RESERVED_OPCODE", "83"],
      ["RESERVED_OPCODE", "0b"],
      ["BAD_CONTROL", "09"],
      ["BAD_FRAGMENT", "80"],
      ["BAD_FRAGMENT", "01 00 81"],
      ["BAD_MASK", "81 80"],
      ["BAD_MASK", "89 fe"],
      ["BAD_CONTROL", "89 7e"],
      ["BAD_LENGTH", "81 7e 00 7d"],
      ["BAD_LENGTH", "81 7f 00 00 00 00 00 00 ff ff"],
      ["BAD_LENGTH", "81 7f 80 00 00 00 00 00 00 00"],
      ["MESSAGE_TOO_BIG", "81 7e 03 e9"],
      ["MESSAGE_TOO_BIG", "81 7f 7f ff ff ff ff ff ff ff"],
      ["MESSAGE_TOO_BIG", "c1 7e 08 66", true],
      ["BAD_CLOSE", "88 01 03"],
      ["BAD_CLOSE", "88 02 03 ee"],
      ["BAD_UTF8", "88 03 03 e8 80"],
      ["BAD_UTF8", "88 03 03 e8 c3"],
      ["BAD_UTF8", "01 05 c0"],
      ["BAD_UTF8", "81 01 c3"],
      ["BAD_DEFLATE", "c1 05 06", true],
      ["BAD_DEFLATE", "c1 06 f2 48 cd c9 c9 07", true],
    ];
    for (const [code, hex, compression] of faults) {
      const options = { limits: { message: 1000 }, ...(compression ? { deflate: DEFLATE } : {}) };
      expect([hex, short(fromHex(hex), options).at(-1)]).toEqual([hex, code]);
    }
  });

  it("stays silent one octet before the fault", () => {
    for (const hex of ["81", "89", "81 7e 00", "81 7f 00 00", "81 7e 03", "88 01", "88 02 03", "81 01", "c1 05 f2"]) {
      expect(short(fromHex(hex), { deflate: DEFLATE, limits: { message: 1000 } })).toEqual([]);
    }
  });

  it("holds the limits to the octet, over all fragments", () => {
    const limits = { message: 10, fragments: 3 };
    expect(told([text("0123456789")], { limits })).toEqual(["text 0123456789"]);
    expect(told([text("01234567", { fin: false }), { opcode: 0, payload: utf8("89") }], { limits })).toEqual(["text 0123456789"]);
    expect(told([text("01234567", { fin: false }), { opcode: 0, payload: utf8("89a") }], { limits })).toEqual([
      "MESSAGE_TOO_BIG",
    ]);
    const empty = { opcode: 0, fin: false };
    expect(told([text("", { fin: false }), empty, { opcode: 0 }], { limits })).toEqual(["text "]);
    expect(told([text("", { fin: false }), empty, empty, empty, { opcode: 9 }], { limits })).toEqual(["TOO_MANY_FRAGMENTS"]);
  });

  it("delivers a limit's worth of a bomb, and condemns its octet too many", () => {
    const bomb = deflateRawSync(new Uint8Array(5000).fill(65), { finishFlush: constants.Z_SYNC_FLUSH }).subarray(0, -4);
    const options = { deflate: DEFLATE, limits: { message: 4999 } };
    expect(told([compressed(bomb)], options)).toEqual(["MESSAGE_TOO_BIG"]);
    expect(told([compressed(bomb)], { ...options, messages: "parts" })).toEqual([
      `text first ${"A".repeat(4999)}`,
      "MESSAGE_TOO_BIG",
    ]);
    expect(told([compressed(bomb)], { ...options, limits: { message: 5000 } })).toEqual([`text ${"A".repeat(5000)}`]);
  });

  it("gives the text before a wrong octet, in pieces only", () => {
    const bytes = encode({ opcode: 1, payload: fromHex("61 62 c3 28") });
    expect(short(bytes)).toEqual(["BAD_UTF8"]);
    expect(decodeAll(bytes, { role: "client", messages: "parts" }).events[0]).toMatchObject({
      data: fromHex("61 62 c3"),
      last: false,
    });
  });

  it("names the errors that a reader in larger steps may find first", () => {
    const wrongText = deflateRawSync(fromHex("61 ff 61"), { finishFlush: constants.Z_SYNC_FLUSH }).subarray(0, -4);
    const { events, also } = decodeAll(encode(compressed(concat([wrongText.subarray(0, -1), fromHex("06")]))), {
      role: "client",
      deflate: DEFLATE,
    });
    expect(events).toEqual([{ type: "fault", code: "BAD_UTF8", closeCode: 1007 }]);
    expect(also).toEqual(["BAD_DEFLATE"]);
    expect(decodeAll(fromHex("81 7f 00 00 00 00 00 00"), { role: "client" })).toMatchObject({
      events: [],
      also: ["BAD_LENGTH", "BAD_LENGTH"],
    });
    expect(decodeAll(fromHex("88 05 03 ee"), { role: "client" })).toMatchObject({ events: [], also: ["BAD_CLOSE"] });
  });

  it("never fails itself, whatever comes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), fc.constantFrom("server", "client"), fc.boolean(), (bytes, role, pieces) => {
        const options = { role, deflate: DEFLATE, limits: { message: 40 }, messages: pieces ? "parts" : "whole" } as const;
        const faults = decodeAll(bytes, options).events.map((event) => event.type === "fault");
        expect(faults.lastIndexOf(true)).toBe(faults.includes(true) ? faults.length - 1 : -1);
      }),
      { numRuns: 2000 },
    );
  });
});
