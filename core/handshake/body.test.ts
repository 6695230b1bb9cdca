import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { settle } from "../options.ts";
import type { Header } from "../types.ts";
import { BodyReader, type Framing, framingOf } from "./body.ts";
import { fieldsOf } from "./headers.ts";

const LIMITS = settle({}).limits;
const octets = (text: string): Uint8Array => Uint8Array.from(text, (char) => char.charCodeAt(0));

function read(framing: Framing, text: string, { sizes = [] as number[], limit = 40, line = LIMITS.line } = {}) {
  const reader = new BodyReader(framing, { ...LIMITS, body: limit, line });
  const bytes = octets(text);
  let at = 0;
  for (let i = 0; at < bytes.length; i++) {
    const piece = bytes.slice(at, at + (sizes[i] ?? bytes.length));
    const used = reader.read(piece, 0, piece.length);
    piece.fill(0);
    at += used;
    if (used < piece.length) break;
  }
  return { content: Buffer.from(reader.content()).toString("latin1"), complete: reader.complete, used: at };
}

describe("framingOf", () => {
  it.each([
    [404, [], Infinity],
    [404, [["Content-Length", "12"]], 12],
    [404, [["Content-Length", "0"]], 0],
    [404, [["Content-Length", "12"], ["content-length", "12"]], 12],
    [404, [["Content-Length", "12, 12"]], 12],
    [404, [["Content-Length", "12"], ["Content-Length", "13"]], null],
    [404, [["Content-Length", ""]], null],
    [404, [["Content-Length", "-1"]], null],
    [404, [["Content-Length", "+1"]], null],
    [404, [["Content-Length", "0x10"]], null],
    [404, [["Content-Length", "1e3"]], null],
    [404, [["Content-Length", "9".repeat(400)]], Infinity],
    [404, [["Transfer-Encoding", "chunked"]], "chunked"],
    [404, [["Transfer-Encoding", "gzip, Chunked"]], "chunked"],
    [404, [["Transfer-Encoding", "gzip"], ["Transfer-Encoding", "chunked"]], "chunked"],
    [404, [["Transfer-Encoding", "chunked, gzip"]], Infinity],
    [404, [["Transfer-Encoding", ""]], Infinity],
    [404, [["Transfer-Encoding", "chunked"], ["Content-Length", "5"]], "chunked"],
    [404, [["Transfer-Encoding", "xchunked"], ["Content-Length", "5"]], Infinity],
    [204, [["Content-Length", "5"]], 0],
    [304, [["Transfer-Encoding", "chunked"]], 0],
  ] as [number, Header[], Framing | null][])("of status %i with %j is %s", (status, headers, expected) => {
    expect(framingOf(status, fieldsOf(headers))).toBe(expected);
  });
});

describe("BodyReader", () => {
  it("is complete at once without a body", () => {
    expect(read(0, "rest")).toEqual({ content: "", complete: true, used: 0 });
  });
  it("stops behind the declared octets", () => {
    expect(read(5, "bo")).toEqual({ content: "bo", complete: false, used: 2 });
    expect(read(5, "body!rest")).toEqual({ content: "body!", complete: true, used: 5 });
  });
  it("takes everything until the end", () => {
    expect(read(Infinity, "body")).toEqual({ content: "body", complete: false, used: 4 });
  });
  it("is complete as soon as it reaches the limit", () => {
    const text = "x".repeat(50);
    expect(read(Infinity, text)).toEqual({ content: "x".repeat(40), complete: true, used: 40 });
    expect(read(1e9, text)).toEqual({ content: "x".repeat(40), complete: true, used: 40 });
    expect(read("chunked", `30\r\n${text}`)).toEqual({ content: "x".repeat(40), complete: true, used: 44 });
  });
  it.each([
    ["one chunk", "5\r\nbody!\r\n0\r\n\r\n", "body!", 13],
    ["many chunks", "1\r\nb\r\n2\r\nod\r\n0a\r\n0123456789\r\nA\r\n0123456789\r\n0\r\n", "bod01234567890123456789", 47],
    ["no chunk", "0\r\n\r\n", "", 3],
    ["a last chunk of many zeros, and a trailer", "000\r\nA: b\r\n\r\n", "", 5],
    ["extensions", '1;a=b;c="d"\r\nx\r\n1 ;e\r\ny\r\n0;f\r\n', "xy", 30],
  ])("reads %s", (_, text, content, used) => {
    expect(read("chunked", text)).toEqual({ content, complete: true, used });
  });
  it.each([
    ["no size", "\r\n", "", 1],
    ["a size that is no number", "x\r\n", "", 1],
    ["a negative size", "-1\r\n", "", 1],
    ["a size with 0x", "0x5\r\nbody!\r\n", "", 2],
    ["a bare LF behind the size", "1\nx", "", 2],
    ["a bare CR behind the size", "1\rx", "", 3],
    ["a bare LF in an extension", "1;a\nx", "", 4],
    ["an extension without a size", ";a\r\n", "", 1],
    ["no CR behind the data", "1\r\nxy", "x", 5],
    ["no LF behind the data", "1\r\nx\ry", "x", 6],
  ])("ends the body at %s", (_, text, content, used) => {
    expect(read("chunked", text)).toEqual({ content, complete: true, used });
  });
  it("believes no size: 2^80 octets cost nothing", () => {
    expect(read("chunked", "f".repeat(20) + "\r\nbody")).toEqual({ content: "body", complete: false, used: 26 });
  });
  it("bounds the line of a size", () => {
    expect(read("chunked", "1;" + "a".repeat(50), { line: 10 })).toMatchObject({ complete: true, used: 11 });
    expect(read("chunked", "0".repeat(50), { line: 10 })).toMatchObject({ complete: true, used: 11 });
    expect(read("chunked", "1;aaaaaaaa\r\nx\r\n1;aaaaaaaa\r\ny", { line: 10 })).toMatchObject({ content: "xy", complete: false });
  });
  it("holds no more than what has arrived", () => {
    const reader = new BodyReader(60_000, LIMITS);
    reader.read(octets("abc"), 0, 3);
    expect(reader.content().buffer.byteLength).toBe(3);
  });

  const chunk = fc.tuple(
    fc.string({ unit: fc.constantFrom("a", "\r", "\n", "0"), minLength: 1, maxLength: 9 }),
    fc.constantFrom("", ";x", ' ;y="\n"'),
  );
  const chunked = fc.array(chunk, { maxLength: 6 }).map((chunks) =>
    chunks.map(([data, extension]) => `${data.length.toString(16)}${extension}\r\n${data}\r\n`).join("") + "0\r\n\r\n"
  );
  const framed = fc.oneof(
    chunked.map((text) => ["chunked", text] as const),
    fc.tuple(
      fc.constantFrom<Framing>("chunked", 5, 20, 41, Infinity),
      fc.string({ unit: fc.constantFrom("1", "a", ";", "\r\n", "x"), maxLength: 50 }),
    ),
  );
  it("gives the same for any cutting of the octets", () => {
    fc.assert(fc.property(framed, fc.array(fc.nat({ max: 9 }), { maxLength: 30 }), ([framing, text], sizes) => {
      const whole = read(framing, text);
      expect(read(framing, text, { sizes })).toEqual(whole);
      expect(read(framing, text, { sizes: Array(text.length).fill(1) })).toEqual(whole);
    }));
  });
  it("copies an octet twice at most on the average, however they are cut", () => {
    const reader = new BodyReader(Infinity, LIMITS);
    let copied = 0;
    const set = Uint8Array.prototype.set;
    Uint8Array.prototype.set = function (this: Uint8Array, source: ArrayLike<number>, at?: number) {
      copied += source.length;
      set.call(this, source, at);
    };
    try {
      for (let i = 0; i < LIMITS.body; i++) reader.read(octets("x"), 0, 1);
    } finally {
      Uint8Array.prototype.set = set;
    }
    expect(reader.complete).toBe(true);
    expect(copied).toBeLessThanOrEqual(2 * LIMITS.body);
  });
});
