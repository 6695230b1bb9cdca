import { Buffer } from "node:buffer";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { concat, encodeAll, fromHex, utf8 } from "../../frames/encode.ts";
import { type Frame, readFrames } from "../../frames/reader.ts";
import { createSender, expand, type Sender } from "./sender.ts";
import { newTraffic } from "./traffic.ts";
import { Wirelog } from "./wirelog.ts";
import type { EndpointState } from "./writer.ts";

function setUp(
  masks = false,
): {
  sender: Sender;
  frames: () => readonly Frame[];
  octets: () => Uint8Array;
  log: Wirelog;
  become: (state: EndpointState) => void;
} {
  const written: Uint8Array[] = [];
  const log = new Wirelog(() => 0);
  let state: EndpointState = "open";
  const random = (bytes: Uint8Array): void => void bytes.set([1, 2, 3, 4]);
  const sender = createSender({
    write: (bytes) => void written.push(bytes),
    world: { now: () => 0, date: () => 0, later: () => {}, random },
    wirelog: log,
    flow: newTraffic().outgoing,
    masks,
    state: () => state,
  });
  return {
    sender,
    frames: () => readFrames(concat(written)).frames,
    octets: () => concat(written),
    log,
    become: (next) => state = next,
  };
}

describe("frame", () => {
  it("has the octets of the reference, for every length, mask and flag", () => {
    const spec = fc.record({
      opcode: fc.nat(15),
      fin: fc.boolean(),
      rsv: fc.nat(7),
      length: fc.oneof(fc.nat(300), fc.constantFrom(125, 126, 65535, 65536, 70000)),
      masks: fc.boolean(),
    });
    fc.assert(fc.property(spec, ({ opcode, fin, rsv, length, masks }) => {
      const { sender, octets } = setUp(masks);
      const payload = { pattern: utf8("abc"), length };
      sender.frame({ opcode, fin, rsv, payload });
      const expected = encodeAll([{
        opcode,
        fin,
        rsv,
        payload: expand(payload),
        mask: masks ? Uint8Array.of(1, 2, 3, 4) : null,
      }]);
      expect(Buffer.compare(octets(), expected)).toBe(0);
    }));
  });

  it("may be masked against the rules, with a key of zeros, and with any length", () => {
    const [client, server] = [setUp(true), setUp(false)];
    for (const { sender } of [client, server]) {
      sender.frame({ opcode: 1, payload: utf8("a"), mask: "reversed" });
      sender.frame({ opcode: 1, payload: utf8("b"), mask: "zero" });
      sender.frame({ opcode: 1, payload: utf8("c") });
    }
    const zero = new Uint8Array(4);
    const key = Uint8Array.of(1, 2, 3, 4);
    expect(client.frames().map(({ mask }) => mask)).toEqual([null, zero, key]);
    expect(server.frames().map(({ mask }) => mask)).toEqual([key, null, null]);
    const { sender, octets } = setUp(false);
    sender.frame({ opcode: 2, payload: utf8("x"), form: 2 });
    sender.frame({ opcode: 2, payload: new Uint8Array(0), declare: 2 ** 63 });
    expect(octets()).toEqual(fromHex("82 7e 00 01 78  82 7f 80 00 00 00 00 00 00 00"));
  });

  it("is logged with its pattern, and leaves the payload as it was", () => {
    const { sender, log, become } = setUp(true);
    const payload = utf8("abc");
    become("closed");
    sender.frame({ opcode: 1, payload });
    sender.frame({ opcode: 2, payload: { pattern: payload, length: 7 }, chop: 3 });
    expect(payload).toEqual(utf8("abc"));
    expect(log.rows.map((row) => [row[1], ...row.slice(6)])).toEqual([[[3, "abc"], null, null, false], [
      [3, "abc"],
      7,
      3,
      false,
    ]]);
  });
});

describe("message", () => {
  it("is cut at the size, with an empty last frame where the size divides it", () => {
    fc.assert(fc.property(fc.nat(40), fc.integer({ min: 1, max: 12 }), (length, fragment) => {
      const { sender, frames } = setUp();
      const octets = Uint8Array.from({ length }, (_, i) => i);
      sender.message("text", octets, { fragment });
      const sent = frames();
      expect(concat(sent.map(({ payload }) => payload))).toEqual(octets);
      expect(sent.map(({ fin }) => fin)).toEqual(sent.map((_, i) => i === sent.length - 1));
      expect(sent.map(({ opcode }) => opcode)).toEqual(sent.map((_, i) => i === 0 ? 1 : 0));
      expect(sent).toHaveLength(length <= fragment ? 1 : Math.floor(length / fragment) + 1);
      expect(sent.slice(0, -1).every(({ payload }) => payload.byteLength === fragment)).toBe(true);
    }));
  });

  it("is sent only while the connection is open, and compressed octets carry RSV1 on the first frame", () => {
    const { sender, frames, become } = setUp();
    sender.compress = Object.assign((octets: Uint8Array) => octets.slice(1), { close: () => {} });
    sender.fragment = 2;
    sender.message("binary", utf8("abcd"));
    sender.message("binary", utf8("abcd"), { compressed: utf8("x") });
    become("closing");
    sender.message("binary", utf8("abcd"));
    const seen = frames().map(({ opcode, rsv, fin, payload }) => [opcode, rsv, fin, new TextDecoder().decode(payload)]);
    expect(seen).toEqual([[2, 4, false, "bc"], [0, 0, true, "d"], [2, 4, true, "x"]]);
  });

  it("can be sent little by little under one mask", () => {
    const { sender, octets, log } = setUp(true);
    sender.beginFrame("text", 5);
    expect([...octets()]).toEqual([0x01, 0x85, 1, 2, 3, 4]);
    sender.frameData(utf8("ab"));
    sender.frameData(utf8("cde"));
    sender.endMessage();
    const { frames, rest } = readFrames(octets());
    expect([frames.map(({ opcode, fin, payload }) => [opcode, fin, new TextDecoder().decode(payload)]), rest]).toEqual([
      [[1, false, "abcde"], [0, true, ""]],
      0,
    ]);
    expect(log.rows).toHaveLength(1);
  });
});
