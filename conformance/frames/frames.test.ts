import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { closePayload, concat, encode, encodeAll, fromHex, toHex, utf8 } from "./encode.ts";
import { afterHead, FrameReader, readFrames } from "./reader.ts";
import { violations } from "./well-formed.ts";

const key = fromHex("37 fa 21 3d");
const spec = fc.record({
  opcode: fc.nat(15),
  fin: fc.boolean(),
  rsv: fc.nat(7),
  payload: fc.oneof(fc.uint8Array({ maxLength: 130 }), fc.constantFrom(65535, 65536).map((size) => new Uint8Array(size))),
  mask: fc.option(fc.uint8Array({ minLength: 4, maxLength: 4 })),
});

describe("encode", () => {
  it("writes the shortest form of a length unless told otherwise", () => {
    const header = (declare: number | bigint, form?: 0 | 2 | 8) =>
      toHex(encode({ opcode: 2, declare, ...(form === undefined ? {} : { form }) }));
    expect(header(125)).toBe("82 7d");
    expect(header(126)).toBe("82 7e 00 7e");
    expect(header(65535)).toBe("82 7e ff ff");
    expect(header(65536)).toBe("82 7f 00 00 00 00 00 01 00 00");
    expect(header(2n ** 63n)).toBe("82 7f 80 00 00 00 00 00 00 00");
    expect(header(5, 2)).toBe("82 7e 00 05");
    expect(header(5, 8)).toBe("82 7f 00 00 00 00 00 00 00 05");
  });

  it("puts the reserved bits in their order and leaves the payload of the caller alone", () => {
    const payload = utf8("Hello");
    expect(toHex(encode({ opcode: 1, rsv: 4, fin: false, payload, mask: key }))).toBe("41 85 37 fa 21 3d 7f 9f 4d 51 58");
    expect(payload).toEqual(utf8("Hello"));
  });
});

describe("FrameReader", () => {
  it("reads back what encode wrote, however it is cut", () => {
    fc.assert(fc.property(fc.array(spec, { maxLength: 6 }), fc.integer({ min: 1, max: 70_000 }), (specs, cut) => {
      const bytes = encodeAll(specs);
      const reader = new FrameReader();
      const frames = [];
      for (let at = 0; at < bytes.byteLength; at += cut) {
        reader.receive(bytes.subarray(at, at + cut));
        for (let frame = reader.next(); frame !== null; frame = reader.next()) frames.push(frame);
      }
      expect(reader.pending).toBe(0);
      expect(Buffer.compare(concat(frames.map(encode)), bytes)).toBe(0);
      expect(frames.every((frame) => frame.minimal)).toBe(true);
    }));
  });

  it("notes a length that is longer than it need be, and waits for what was declared", () => {
    expect(readFrames(encode({ opcode: 2, payload: utf8("ab"), form: 2 })).frames[0]?.minimal).toBe(false);
    expect(readFrames(encode({ opcode: 2, payload: new Uint8Array(300), form: 8 })).frames[0]?.minimal).toBe(false);
    expect(readFrames(encode({ opcode: 2, payload: utf8("ab"), declare: 2n ** 64n - 1n }))).toEqual({ frames: [], rest: 12 });
  });

  it("finds the end of an HTTP head", () => {
    expect(afterHead(utf8("GET / HTTP/1.1\r\n\r\nx"))).toBe(18);
    expect(afterHead(utf8("GET / HTTP/1.1\r\n\r"))).toBe(-1);
  });
});

describe("violations", () => {
  const text = { opcode: 1, payload: utf8("Hello") };
  const close = { opcode: 8, payload: closePayload(1000) };
  const deflate = { clientTakeover: true, clientWindowBits: 15, serverTakeover: true, serverWindowBits: 15 };

  it("accepts what RFC 6455 §5.7 shows, in each role", () => {
    expect(violations(encodeAll([text, { opcode: 9, payload: utf8("Hello") }, close]), { role: "server", complete: true }))
      .toEqual([]);
    expect(violations(encodeAll([{ ...text, mask: key }, { ...close, mask: key }]), { role: "client", complete: true })).toEqual(
      [],
    );
  });

  it("accepts a Pong behind the Close, and nothing else", () => {
    expect(violations(encodeAll([close, { opcode: 10 }]), { role: "server" })).toEqual([]);
    expect(violations(encodeAll([close, { opcode: 9 }]), { role: "server" })).toEqual(["a frame behind the Close"]);
    expect(violations(encodeAll([close, text]), { role: "server" })).toEqual(["a frame behind the Close"]);
    expect(violations(encodeAll([close, close]), { role: "server" })).toEqual(["a second Close"]);
  });

  it("names every rule that is broken", () => {
    const broken = (specs: Parameters<typeof encodeAll>[0], compressed = false, complete = true) =>
      violations(encodeAll(specs), { role: "server", deflate: compressed ? deflate : null, complete }).join("; ");
    expect(broken([{ ...text, mask: key }])).toMatch("a server sent a frame with a mask");
    expect(violations(encode(text), { role: "client" })).toContain("a client sent a frame without a mask");
    expect(broken([{ ...text, form: 2 }])).toMatch("shortest form");
    expect(broken([{ opcode: 9, fin: false }])).toMatch("malformed control frame");
    expect(broken([{ opcode: 9, payload: new Uint8Array(126) }])).toMatch("malformed control frame");
    expect(broken([{ opcode: 10, rsv: 4 }], true)).toMatch("malformed control frame");
    expect(broken([{ ...text, rsv: 4 }])).toMatch("RESERVED_BIT");
    expect(broken([{ ...text, fin: false }, { opcode: 0, rsv: 4 }], true)).toMatch("RESERVED_BIT");
    expect(broken([{ opcode: 3 }])).toMatch("RESERVED_OPCODE");
    expect(broken([{ opcode: 0 }])).toMatch("BAD_FRAGMENT");
    expect(broken([{ ...text, fin: false }, text])).toMatch("BAD_FRAGMENT");
    expect(broken([{ opcode: 1, payload: fromHex("c0 80") }])).toMatch("BAD_UTF8");
    expect(broken([{ opcode: 1, rsv: 4, payload: fromHex("f2 48 cd c9 c9 07") }], true)).toMatch("BAD_DEFLATE");
    expect(broken([{ opcode: 1, rsv: 4, payload: fromHex("f2 48 cd c9 c9 07 00") }], true)).toBe("");
    expect(broken([{ opcode: 8, payload: closePayload(1006) }])).toMatch("BAD_CLOSE");
    expect(broken([{ ...text, fin: false }])).toBe("an unfinished message");
    expect(broken([{ ...text, fin: false }, close])).toBe("");
    expect(broken([{ ...text, declare: 9 }])).toMatch("7 octets of an unfinished frame");
  });
});
