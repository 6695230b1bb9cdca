import { runInNewContext } from "node:vm";
import { inflateRawSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { zlib } from "../../adapters/zlib.ts";
import { concat, encode, fromHex, utf8 } from "../../conformance/frames/encode.ts";
import type { Deflate } from "../types.ts";
import { isBytes, prepare, PreparedMessage } from "./prepared.ts";

const deflate: Deflate = { engine: zlib, threshold: 0 };

describe("prepare", () => {
  it("encodes text and bytes as one unmasked frame", () => {
    for (const size of [0, 1, 125, 126, 65_535, 65_536]) {
      const data = new Uint8Array(size).fill(97);
      const text = prepared("a".repeat(size));
      expect(text).toMatchObject({ kind: "text", byteLength: size, compressed: null });
      expect(Buffer.compare(text.plain.bytes, encode({ opcode: 1, payload: data }))).toBe(0);
      const binary = prepared(data);
      expect(binary).toMatchObject({ kind: "binary", byteLength: size });
      expect(Buffer.compare(binary.plain.bytes, encode({ opcode: 2, payload: data }))).toBe(0);
      expect(Buffer.compare(binary.plain.bytes.subarray(binary.plain.payload), data)).toBe(0);
    }
    expect(prepared("\u20ac").byteLength).toBe(3);
  });
  it("copies what it is given", () => {
    const data = Uint8Array.of(1, 2, 3);
    const message = prepared(data);
    data.fill(9);
    expect(message.plain.bytes.subarray(2)).toEqual(Uint8Array.of(1, 2, 3));
  });
  it("compresses once, without context, into a frame with RSV1", () => {
    const data = utf8("hello ".repeat(100));
    for (const windowBits of [9, 15]) {
      for (let i = 0; i < 2; i++) {
        const { compressed } = prepared(data, { ...deflate, windowBits });
        expect(compressed!.windowBits).toBe(windowBits);
        expect(compressed!.bytes[0]).toBe(0xc2);
        const payload = compressed!.bytes.slice(compressed!.payload);
        expect(encode({ opcode: 2, rsv: 4, payload })).toEqual(compressed!.bytes);
        expect(Buffer.compare(inflateRawSync(concat([payload, fromHex("00 00 ff ff 03 00")])), data)).toBe(0);
      }
    }
  });
  it("does not compress below the threshold, nor an empty message", () => {
    expect(prepared("x".repeat(1023), { engine: zlib }).compressed).toBe(null);
    expect(prepared("x".repeat(1024), { engine: zlib }).compressed).not.toBe(null);
    expect(prepared("", deflate).compressed).toBe(null);
    expect(prepared("x", deflate).compressed).not.toBe(null);
  });
  it("refuses what is neither string nor octets, and bad options", () => {
    for (const data of [5, null, undefined, {}, [1], new DataView(new ArrayBuffer(1)), new ArrayBuffer(1), new Uint16Array(1)]) {
      expect(() => prepare(data as string)).toThrow(expect.objectContaining({ code: "BAD_ARGUMENT" }));
    }
    expect(() => prepare("", { compress: { engine: zlib, windowBits: 7 } })).toThrow(
      expect.objectContaining({ code: "BAD_OPTION" }),
    );
  });
});

describe("isBytes", () => {
  it("knows octets of any realm and Node's Buffer, and no other view", () => {
    expect([new Uint8Array(0), Buffer.alloc(1), runInNewContext("new Uint8Array(1)")].map(isBytes)).toEqual([true, true, true]);
    expect([new Uint8ClampedArray(1), new Int8Array(1), new DataView(new ArrayBuffer(1)), [], "", null, undefined].some(isBytes))
      .toBe(false);
  });
});

function prepared(data: string | Uint8Array, compress?: Deflate): PreparedMessage {
  const message = prepare(data, compress === undefined ? {} : { compress });
  if (!(message instanceof PreparedMessage)) throw new Error("not prepared");
  return message;
}
