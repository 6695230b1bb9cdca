import { inflateRawSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { zlib } from "../../adapters/zlib.ts";
import { concat, fromHex, utf8 } from "../../conformance/frames/encode.ts";
import { type Frame, readFrames } from "../../conformance/frames/reader.ts";
import { deflaters } from "../deflate/codec.ts";
import { Deflation } from "../deflate/deflation.ts";
import { textCodec } from "../wire/text.ts";
import { NONE, queueBytes, queuePrepared, queueText, requireKind } from "./message.ts";
import { prepare, type PreparedMessage } from "./prepared.ts";
import { Queue } from "./queue.ts";

const text = textCodec({});
const long = utf8("hello ".repeat(300));

describe("queueBytes and queueText", () => {
  it("write one frame for a message, and continuations for its parts", () => {
    const queue = new Queue();
    expect(bytes(queue, NONE, "a")).toBe(NONE);
    let unfinished = queueText(queue, NONE, "b", false, null, text);
    unfinished = bytes(queue, unfinished, "c", { kind: "text", last: false });
    expect(queueText(queue, unfinished, "d", true, null, text)).toBe(NONE);
    expect(sent(queue)).toEqual(["binary fin: a", "text: b", "continuation: c", "continuation fin: d"]);
  });
  it("compress from the threshold on, as the first part decides, with RSV1 on that only", () => {
    for (const first of [long, utf8("short")]) {
      const queue = new Queue(), deflation = deflationOf(1000);
      const unfinished = bytes(queue, NONE, first, { last: false, deflation });
      bytes(queue, unfinished, first === long ? utf8("short") : long, { deflation });
      const frames = read(queue);
      expect(frames.map(({ rsv }) => rsv)).toEqual([first === long ? 4 : 0, 0]);
      const octets = concat(frames.map(({ payload }) => payload));
      const message = first === long ? inflated(octets) : octets;
      expect(message).toHaveLength(long.length + 5);
    }
  });
  it("compress, or do not, as the caller wishes", () => {
    const queue = new Queue(), deflation = deflationOf(1000);
    bytes(queue, NONE, "short", { compress: true, deflation });
    bytes(queue, NONE, long, { compress: false, deflation });
    bytes(queue, NONE, "short", { compress: true });
    expect(read(queue).map(({ rsv }) => rsv)).toEqual([4, 0, 0]);
  });
  it("leave an empty message uncompressed, but not an empty first part", () => {
    const queue = new Queue(), deflation = deflationOf(0);
    bytes(queue, NONE, "", { compress: true, deflation });
    const unfinished = bytes(queue, NONE, "", { last: false, deflation });
    bytes(queue, unfinished, "", { deflation });
    expect(read(queue).map(({ rsv, payload }) => [rsv, [...payload]])).toEqual([[0, []], [4, []], [0, [0]]]);
  });
  it("refer to given octets from 64 KiB on, unless they are masked or compressed", () => {
    const given = new Uint8Array(65_536), deflation = deflationOf(0);
    const buffers = (run: (queue: Queue) => void): ArrayBufferLike[] => {
      const queue = new Queue(), seen: ArrayBufferLike[] = [];
      run(queue);
      for (let chunk; (chunk = queue.peek()) !== null;) {
        seen.push(chunk.buffer);
        queue.consume(chunk.length);
      }
      return seen;
    };
    expect(buffers((queue) => bytes(queue, NONE, given, { give: true }))).toContain(given.buffer);
    expect(buffers((queue) => bytes(queue, NONE, given, { give: true, deflation }))).not.toContain(given.buffer);
    expect(buffers((queue) => bytes(queue, NONE, given, {}))).not.toContain(given.buffer);
    expect(buffers((queue) => bytes(queue, NONE, given.subarray(1), { give: true }))).not.toContain(given.buffer);
    const masks = { next: () => 1 };
    expect(buffers((queue) => queueBytes(queue, NONE, "binary", given, 0, 65_536, { give: true }, masks, null))).not
      .toContain(given.buffer);
  });
});

describe("requireKind", () => {
  it("lets a message go on as it began, compressed or not, and refuses the other kind", () => {
    const queue = new Queue();
    const mixed = (message: string) => expect.objectContaining({ code: "MIXED_MESSAGE", message });
    for (const compress of [true, false]) {
      const binary = bytes(queue, NONE, "a", { last: false, compress, deflation: deflationOf(0) });
      expect(() => requireKind(binary, "binary")).not.toThrow();
      expect(() => requireKind(binary, "text")).toThrow(mixed("the message began as binary, this part of it is text"));
      const text = bytes(queue, NONE, "a", { kind: "text", last: false, compress, deflation: deflationOf(0) });
      expect(() => requireKind(text, "text")).not.toThrow();
      expect(() => requireKind(text, "binary")).toThrow(mixed("the message began as text, this part of it is binary"));
    }
    expect(() => requireKind(NONE, "text")).not.toThrow();
    expect(() => requireKind(NONE, "binary")).not.toThrow();
    queue.drop();
  });
});

describe("queuePrepared", () => {
  const message = prepare(long, { compress: { engine: zlib, windowBits: 10 } }) as PreparedMessage;
  const rsv = (deflation: Deflation | null): number => {
    const queue = new Queue();
    queuePrepared(queue, message, null, deflation);
    return read(queue)[0].rsv;
  };
  it("sends the compressed form where compression was agreed on with a window that is large enough", () => {
    expect([rsv(null), rsv(deflationOf(0, 9)), rsv(deflationOf(0, 10)), rsv(deflationOf(0, 15))]).toEqual([0, 0, 4, 4]);
  });
  it("makes a context forget what came before, so that the peer's window and ours never differ", () => {
    const queue = new Queue(), deflation = new Deflation(deflaters(zlib, 15, 1), 15, true, 0);
    const noise = Uint8Array.from({ length: 500 }, (_, i) => (i * i * 7919) >>> 9);
    bytes(queue, NONE, noise, { deflation });
    queuePrepared(queue, message, null, deflation);
    bytes(queue, NONE, noise, { deflation });
    const frames = read(queue);
    expect(Buffer.compare(inflated(frames[2].payload), noise)).toBe(0);
    deflation.close();
  });
  it("keeps a context that it does not touch", () => {
    const queue = new Queue(), deflation = new Deflation(deflaters(zlib, 9, 1), 9, true, 0);
    const noise = Uint8Array.from({ length: 200 }, (_, i) => (i * i * 7919) >>> 9);
    bytes(queue, NONE, noise, { deflation });
    queuePrepared(queue, message, null, deflation);
    bytes(queue, NONE, noise, { deflation });
    expect(read(queue)[2].payload.length).toBeLessThan(20);
    deflation.close();
  });
  it("masks a copy for a client, and never the message itself", () => {
    const queue = new Queue();
    for (let i = 0; i < 2; i++) queuePrepared(queue, message, { next: () => 0x01020304 }, null);
    for (const { mask, payload } of read(queue)) {
      expect(mask).toEqual(Uint8Array.of(4, 3, 2, 1));
      expect(Buffer.compare(payload, long)).toBe(0);
    }
  });
  it("hands a message over by reference where its frame has 64 KiB, and lets a ping go before it", () => {
    const large = prepare(new Uint8Array(65_536 - 4)) as PreparedMessage;
    const queue = new Queue();
    queuePrepared(queue, large, null, null);
    expect(queue.interruptible).toBe(true);
    expect(queue.peek()!.buffer).toBe(large.plain.bytes.buffer);
    expect(read(queue)).toHaveLength(1);
  });
  it("copies smaller ones, so that many leave as one chunk", () => {
    const queue = new Queue();
    for (let i = 0; i < 3; i++) queuePrepared(queue, prepare("news") as PreparedMessage, null, null);
    expect(queue.peek()).toHaveLength(3 * 6);
    queue.drop();
  });
});

interface Wishes {
  readonly kind?: "text" | "binary";
  readonly last?: boolean;
  readonly compress?: boolean;
  readonly give?: boolean;
  readonly deflation?: Deflation;
}
function bytes(queue: Queue, unfinished: number, data: string | Uint8Array, wishes: Wishes = {}): number {
  const { kind = "binary", last = true, compress, give = false, deflation = null } = wishes;
  const octets = typeof data === "string" ? utf8(data) : data;
  return queueBytes(
    queue,
    unfinished,
    kind,
    octets,
    0,
    octets.length,
    { last, give, ...(compress === undefined ? {} : { compress }) },
    null,
    deflation,
  );
}
function deflationOf(threshold: number, bits = 15): Deflation {
  return new Deflation(deflaters(zlib, bits, 1), bits, false, threshold);
}
function inflated(octets: Uint8Array): Uint8Array {
  return inflateRawSync(concat([octets, fromHex("00 00 ff ff 03 00")]));
}
function read(queue: Queue): readonly Frame[] {
  const chunks: Uint8Array[] = [];
  for (let chunk; (chunk = queue.peek()) !== null;) {
    chunks.push(chunk.slice());
    queue.consume(chunk.length);
  }
  const { frames, rest } = readFrames(concat(chunks));
  expect(rest).toBe(0);
  return frames;
}
function sent(queue: Queue): string[] {
  const names = ["continuation", "text", "binary"];
  return read(queue).map(({ fin, opcode, payload }) =>
    `${names[opcode]}${fin ? " fin" : ""}: ${Buffer.from(payload).toString()}`
  );
}
