import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { concat, encode, encodeAll, type FrameSpec, utf8 } from "../../frames/encode.ts";
import { createCompress, createInflate } from "./deflate.ts";
import { Inbound } from "./inbound.ts";
import { newTraffic } from "./traffic.ts";

interface Heard {
  readonly said: string[];
  readonly receive: (...chunks: readonly Uint8Array[]) => void;
}
/** What is told of octets; `patience`: violations after which it stops. */
function listen({ compressed = false, patience = Infinity } = {}): Heard {
  const said: string[] = [];
  let wrong = 0;
  const no = (code: number) => (reason: string): void => {
    wrong++;
    said.push(`${code} ${reason}`);
  };
  const show = (octets: Uint8Array): string => octets.byteLength > 40 ? `${octets.byteLength}` : new TextDecoder().decode(octets);
  const inbound = new Inbound({
    receiver: {
      stopped: () => wrong >= patience,
      failed: () => wrong > 0,
      open: () => wrong === 0,
      violation: no(1002),
      invalid: no(1007),
      frame: ({ opcode, fin }, payload) => said.push(`frame ${opcode}${fin ? "" : "-"} ${payload.byteLength}`),
      message: (binary, octets) => said.push(`${binary ? "binary" : "text"} ${show(octets)}`),
      control: (opcode, payload) => said.push(`control ${opcode} ${show(payload)}`),
      broken: () => said.push("broken"),
    },
    flow: newTraffic().incoming,
    judgeMask: (masked) => masked ? null : "unmasked",
    inflate: compressed ? createInflate({ noContextTakeover: false, windowBits: 15 }) : null,
  });
  return { said, receive: (...chunks) => chunks.forEach((chunk) => inbound.receive(chunk.slice())) };
}
const mask = Uint8Array.of(9, 8, 7, 6);
const masked = (spec: FrameSpec): Uint8Array => encode({ mask, ...spec });
const violations = (said: readonly string[]): string[] => said.filter((line) => /^1\d{3} /.test(line));

describe("Inbound", () => {
  it("delivers the same, however the octets are cut", () => {
    const frames: readonly FrameSpec[] = [
      { opcode: 1, fin: false, payload: utf8("äö") },
      { opcode: 9, payload: utf8("ping") },
      { opcode: 0, payload: utf8("ü") },
      { opcode: 2, payload: new Uint8Array(200) },
      { opcode: 2, payload: new Uint8Array(70_000) },
      { opcode: 8 },
    ];
    const octets = encodeAll(frames.map((frame) => ({ mask, ...frame })));
    const whole = listen();
    whole.receive(octets);
    expect(whole.said.filter((line) => !line.startsWith("frame"))).toEqual([
      "control 9 ping",
      "text äöü",
      "binary 200",
      "binary 70000",
      "control 8 ",
    ]);
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 30_000 }), { maxLength: 12 }), (cuts) => {
        const { said, receive } = listen();
        let at = 0;
        for (const cut of cuts) {
          const end = Math.min(octets.byteLength, at + cut);
          if (end > at) receive(octets.subarray(at, end));
          at = end;
        }
        if (at < octets.byteLength) receive(octets.subarray(at));
        expect(said).toEqual(whole.said);
      }),
      { numRuns: 50 },
    );
  });

  it("names every broken rule of a frame, in the order of the original, and reads on", () => {
    const rules: readonly [FrameSpec, readonly string[]][] = [
      [{ opcode: 1, rsv: 4 }, ["RSV = 4 and no extension negotiated"]],
      [{ opcode: 2, mask: null }, ["unmasked"]],
      [{ opcode: 9, fin: false }, ["fragmented control frame"]],
      [{ opcode: 10, payload: new Uint8Array(126) }, ["control frame with payload length > 125 octets"]],
      [{ opcode: 11 }, ["control frame using reserved opcode 11"]],
      [{ opcode: 8, payload: new Uint8Array(1) }, ["received close control frame with payload len 1"]],
      [{ opcode: 3 }, ["data frame using reserved opcode 3"]],
      [{ opcode: 0 }, ["received continuation data frame outside fragmented message"]],
      [{ opcode: 2, payload: new Uint8Array(5), form: 2 }, ["invalid data frame length (not using minimal length encoding)"]],
      [{ opcode: 2, payload: new Uint8Array(5), form: 8 }, ["invalid data frame length (not using minimal length encoding)"]],
      [{ opcode: 7, rsv: 1, mask: null }, [
        "RSV = 1 and no extension negotiated",
        "unmasked",
        "data frame using reserved opcode 7",
      ]],
    ];
    for (const [spec, expected] of rules) {
      const { said, receive } = listen();
      receive(concat([masked(spec), masked({ opcode: 10, payload: utf8("after") })]));
      expect([spec, violations(said)]).toEqual([spec, expected.map((reason) => `1002 ${reason}`)]);
      expect(said.at(-1)).toBe("control 10 after");
    }
    const { said, receive } = listen();
    receive(masked({ opcode: 1, fin: false }), masked({ opcode: 1 }), masked({ opcode: 2, declare: 2n ** 63n, form: 8 }));
    expect(violations(said)).toEqual([
      "1002 received non-continuation data frame while inside fragmented message",
      "1002 invalid data frame length (>2^63)",
    ]);
  });

  it("judges two octets of a header again with each read until the header is whole", () => {
    const frame = masked({ opcode: 3 });
    const { said, receive } = listen();
    receive(frame.subarray(0, 2), frame.subarray(2, 4), frame.subarray(4));
    expect(said).toEqual([...Array(3).fill("1002 data frame using reserved opcode 3"), "frame 3 0"]);
  });

  it("stops where it is told to, inside of a read", () => {
    const { said, receive } = listen({ patience: 1 });
    receive(concat([masked({ opcode: 3, payload: utf8("abc") }), masked({ opcode: 9 })]));
    expect(said).toEqual(["1002 data frame using reserved opcode 3"]);
  });

  it("finds wrong text in the read that shows it, again with each further piece, and at the end", () => {
    const frame = masked({ opcode: 1, payload: Uint8Array.of(0x61, 0xff, 0x62) });
    const { said, receive } = listen();
    receive(frame.subarray(0, 7), frame.subarray(7, 8), frame.subarray(8));
    const found = "1007 encountered invalid UTF-8 while processing text message at payload octet index 1";
    expect(said).toEqual([
      found,
      found,
      "frame 1 1",
      "1007 UTF-8 text message payload ended within Unicode code point at payload octet index 1",
    ]);
    const open = listen();
    open.receive(masked({ opcode: 1, payload: Uint8Array.of(0xc3) }));
    expect(violations(open.said)).toEqual([
      "1007 UTF-8 text message payload ended within Unicode code point at payload octet index 1",
    ]);
  });

  it("inflates messages with RSV1, takes others as they are, and forbids RSV1 elsewhere", () => {
    const compress = createCompress({ noContextTakeover: false, windowBits: 15 });
    const payload = compress(utf8("compressed, compressed"));
    const { said, receive } = listen({ compressed: true });
    receive(
      masked({ opcode: 1, rsv: 4, fin: false, payload: payload.slice(0, 5) }),
      masked({ opcode: 0, payload: payload.slice(5) }),
      masked({ opcode: 1, payload: utf8("plain") }),
    );
    expect(said.filter((line) => line.startsWith("text"))).toEqual(["text compressed, compressed", "text plain"]);
    receive(
      masked({ opcode: 9, rsv: 4 }),
      masked({ opcode: 1, fin: false }),
      masked({ opcode: 0, rsv: 4, fin: false }),
      masked({ opcode: 0, rsv: 2 }),
    );
    expect(violations(said).map((line) => line.slice(5, 40))).toEqual([
      "received compressed control frame [p",
      "received continuation data frame wi",
      "RSV = 2 and no extension negotiated",
    ].map((line) => line.slice(0, 35)));
    const broken = listen({ compressed: true });
    broken.receive(masked({ opcode: 1, rsv: 4, payload: Uint8Array.of(255, 255) }));
    expect(broken.said[0]).toBe("broken");
  });
});
