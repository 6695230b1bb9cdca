import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { acceptKey, isKey, newKey } from "./accept-key.ts";

const GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
const ascii = fc.string({ unit: fc.integer({ min: 0, max: 127 }).map((code) => String.fromCharCode(code)), maxLength: 300 });

describe("acceptKey", () => {
  it("gives the value of RFC 6455 §1.3", () => {
    expect(acceptKey("dGhlIHNhbXBsZSBub25jZQ==")).toBe("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
  });
  it("is SHA-1 in base64 for any ASCII text, across the borders of blocks", () => {
    fc.assert(fc.property(ascii, (key) => {
      expect(acceptKey(key)).toBe(createHash("sha1").update(key + GUID).digest("base64"));
    }));
  });
  it("pads every length of a block right", () => {
    for (let length = 0; length < 200; length++) {
      const key = "k".repeat(length);
      expect(acceptKey(key)).toBe(createHash("sha1").update(key + GUID).digest("base64"));
    }
  });
});

describe("newKey", () => {
  it("is the base64 of the 16 octets that random gave, and a key", () => {
    fc.assert(fc.property(fc.uint8Array({ minLength: 16, maxLength: 16 }), (octets) => {
      const key = newKey((into) => into.set(octets));
      expect(key).toBe(Buffer.from(octets).toString("base64"));
      expect(isKey(key)).toBe(true);
    }));
  });
  it("asks for random octets anew each time", () => {
    let calls = 0;
    const random = (into: Uint8Array): void => void into.fill(++calls);
    expect(newKey(random)).not.toBe(newKey(random));
    expect(calls).toBe(2);
  });
});

describe("isKey", () => {
  it("refuses the base64 of any other number of octets", () => {
    for (let length = 0; length < 64; length++) {
      expect(isKey(Buffer.alloc(length, length).toString("base64"))).toBe(length === 16);
    }
  });
  it.each([
    ["nothing", ""],
    ["spaces around it", " dGhlIHNhbXBsZSBub25jZQ=="],
    ["a line end behind it", "dGhlIHNhbXBsZSBub25jZQ==\n"],
    ["the URL alphabet", "dGhlIHNhbXBsZSBub25-_Q=="],
    ["missing padding", "dGhlIHNhbXBsZSBub25jZQ"],
    ["padding inside", "dGhlIHNhbXBsZSBub25jZ==="],
    ["two keys", "dGhlIHNhbXBsZSBub25jZQ==, dGhlIHNhbXBsZSBub25jZQ=="],
    ["octets above ASCII", "dGhlIHNhbXBsZSBub25j\u00ff\u00ff=="],
  ])("refuses %s", (_, value) => {
    expect(isKey(value)).toBe(false);
  });
  it("does not ask for zero pad bits", () => {
    expect(isKey("dGhlIHNhbXBsZSBub25jZR==")).toBe(true);
  });
});
