import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { UsageError } from "../errors.ts";
import { settle } from "../options.ts";
import type { Limits } from "../types.ts";
import { headBytes, HeadReader, parseRequestLine, parseStatusLine } from "./http1.ts";

const LIMITS = settle({}).limits;
const HEAD = "GET /a?b HTTP/1.1\r\nHost: a\r\nX-Long:  spaced out \t\r\nEmpty:\r\n\r\n";
const octets = (text: string): Uint8Array => Uint8Array.from(text, (char) => char.charCodeAt(0));

/** Feeds pieces of the given sizes, each inside of a larger array that is overwritten afterwards, until the reader stops. */
function feed<T>(
  reader: { read(bytes: Uint8Array, from: number, to: number): number } & T,
  bytes: Uint8Array,
  sizes: readonly number[],
) {
  let at = 0;
  for (let i = 0; at < bytes.length; i++) {
    const piece = bytes.subarray(at, at + (sizes[i] ?? bytes.length));
    const chunk = new Uint8Array(piece.length + 5).fill(0x58);
    chunk.set(piece, 2);
    const used = reader.read(chunk, 2, 2 + piece.length);
    chunk.fill(0);
    at += used;
    if (used < piece.length) break;
  }
  return { reader, used: at };
}
function read(
  text: string,
  { limits = {}, blanks = 1, sizes = [] }: { limits?: Partial<Limits>; blanks?: number; sizes?: number[] } = {},
) {
  const { reader, used } = feed(new HeadReader({ ...LIMITS, ...limits }, parseRequestLine, blanks), octets(text), sizes);
  return { head: reader.head, flaw: reader.flaw, used };
}

describe("HeadReader", () => {
  it("gives the start line and the headers, and stops right behind the empty line", () => {
    expect(read(HEAD + "\x81\x00GET")).toEqual({
      head: {
        start: { method: "GET", target: "/a?b", version: "1.1" },
        headers: [["Host", "a"], ["X-Long", "spaced out"], ["Empty", ""]],
      },
      flaw: null,
      used: HEAD.length,
    });
  });
  it("gives nothing before the last octet of the empty line", () => {
    for (let length = 0; length < HEAD.length; length++) {
      expect(read(HEAD.slice(0, length))).toEqual({ head: null, flaw: null, used: length });
    }
  });
  it("reads nothing more behind a head or a flaw", () => {
    for (const text of [HEAD, "\x16\x03\x01"]) {
      const { reader } = feed(new HeadReader(LIMITS, parseRequestLine, 0), octets(text), []);
      const before = { head: reader.head, flaw: reader.flaw };
      expect(reader.read(octets("X"), 0, 1)).toBe(0);
      expect({ head: reader.head, flaw: reader.flaw }).toEqual(before);
    }
  });
  it("gives obs-text one UTF-16 unit per octet", () => {
    const value = Array.from({ length: 128 }, (_, i) => String.fromCharCode(128 + i)).join("");
    expect(read(`GET / HTTP/1.1\r\na: ${value}\r\n\r\n`).head?.headers).toEqual([["a", value]]);
  });
  it("keeps names of Object.prototype as data", () => {
    const { head } = read("GET / HTTP/1.1\r\n__proto__: 1\r\nconstructor: 2\r\ntoString: 3\r\n\r\n");
    expect(head?.headers).toEqual([["__proto__", "1"], ["constructor", "2"], ["toString", "3"]]);
  });
  it("skips as many empty lines before the start line as it was told", () => {
    expect(read("\r\n" + HEAD).head?.headers).toHaveLength(3);
    expect(read("\r\n\r\n" + HEAD)).toMatchObject({ flaw: { status: 400 }, used: 4 });
    expect(read("\r\n" + HEAD, { blanks: 0 })).toMatchObject({ flaw: { status: 400 }, used: 2 });
  });

  it.each([
    ["a bare LF behind the start line", "GET / HTTP/1.1\nHost: a\r\n\r\n", 15],
    ["a bare LF behind a header", "GET / HTTP/1.1\r\nHost: a\n\r\n", 24],
    ["a bare CR", "GET / HTTP/1.1\r\nHost: a\rb\r\n\r\n", 25],
    ["two CR", "GET / HTTP/1.1\r\r\n\r\n", 16],
    ["NUL", "GET / HTTP/1.1\r\na: b\0c\r\n\r\n", 21],
    ["a control character", "GET / HTTP/1.1\r\na: b\x1bc\r\n\r\n", 21],
    ["DEL", "GET / HTTP/1.1\r\na: b\x7f\r\n\r\n", 21],
    ["a folded line", "GET / HTTP/1.1\r\na: b\r\n c\r\n\r\n", 26],
    ["a line folded with a tab", "GET / HTTP/1.1\r\na: b\r\n\tc: d\r\n\r\n", 29],
    ["a space before the colon", "GET / HTTP/1.1\r\na : b\r\n\r\n", 23],
    ["a header without a colon", "GET / HTTP/1.1\r\nabc\r\n\r\n", 21],
    ["a header without a name", "GET / HTTP/1.1\r\n: b\r\n\r\n", 21],
    ["a pseudo-header", "GET / HTTP/1.1\r\n:path: b\r\n\r\n", 26],
    ["obs-text in a name", "GET / HTTP/1.1\r\na\xff: b\r\n\r\n", 23],
    ["a start line of one word", "GET\r\n", 5],
    ["HTTP/0.9", "GET /\r\n", 7],
    ["two spaces in the start line", "GET  / HTTP/1.1\r\n", 17],
    ["a space behind the start line", "GET / HTTP/1.1 \r\n", 17],
    ["four words", "GET / x HTTP/1.1\r\n", 18],
    ["a method that is no token", "G(T / HTTP/1.1\r\n", 16],
    ["obs-text in the target", "GET /\xff HTTP/1.1\r\n", 17],
    ["a tab in the start line", "GET\t/\tHTTP/1.1\r\n", 16],
    ["a version in lower case", "GET / http/1.1\r\n", 16],
    ["letters before the version", "GET / XHTTP/1.1\r\n", 17],
    ["a version of two digits", "GET / HTTP/1.10\r\n", 17],
    ["TLS", "\x16\x03\x01\x02\x00\x01", 1],
    ["binary", "\xff\x00", 2],
  ])("refuses %s, at once", (_, text, used) => {
    expect(read(text + "\r\n\r\n")).toMatchObject({ head: null, flaw: { status: 400 }, used });
  });

  it("takes a head of exactly the limit, and not one octet more", () => {
    expect(read(HEAD, { limits: { head: HEAD.length } }).head).not.toBe(null);
    expect(read(HEAD, { limits: { head: HEAD.length - 1 } })).toMatchObject({
      head: null,
      flaw: { status: 431 },
      used: HEAD.length,
    });
  });
  it("takes lines of exactly the limit, and not one octet more", () => {
    const limits = { line: 20 };
    const line = (length: number): string => "a:" + "b".repeat(length - 2);
    const target = (length: number): string => `GET /${"c".repeat(length - 14)} HTTP/1.1`;
    expect(read(`${target(20)}\r\n${line(20)}\r\n\r\n`, { limits }).head).not.toBe(null);
    expect(read(`${target(21)}\r\n\r\n`, { limits })).toMatchObject({ flaw: { status: 414 }, used: 21 });
    expect(read(`${target(20)}\r\n${line(21)}\r\n\r\n`, { limits })).toMatchObject({ flaw: { status: 431 }, used: 43 });
  });
  it("takes as many headers as the limit, and not one more", () => {
    const text = (count: number): string => "GET / HTTP/1.1\r\n" + "a:\r\n".repeat(count) + "\r\n";
    expect(read(text(128)).head?.headers).toHaveLength(128);
    expect(read(text(129))).toMatchObject({ head: null, flaw: { status: 431 } });
  });
  it("lets several heads share the limit of octets, not that of headers", () => {
    const reader = new HeadReader({ ...LIMITS, head: 60, headers: 1 }, parseStatusLine, 0);
    const text = octets("HTTP/1.1 100\r\na: b\r\n\r\n");
    expect(reader.read(text, 0, text.length)).toBe(22);
    expect(reader.head?.headers).toEqual([["a", "b"]]);
    reader.again();
    expect(reader.head).toBe(null);
    expect(reader.read(text, 0, text.length)).toBe(22);
    expect(reader.head).toEqual({ start: { version: "1.1", status: 100 }, headers: [["a", "b"]] });
    reader.again();
    expect(reader.read(text, 0, text.length)).toBe(17);
    expect(reader.flaw).toMatchObject({ status: 431 });
  });

  const line = fc.oneof(
    fc.constantFrom("GET / HTTP/1.1", "Host: a", "a:b", "", " folded", "no colon", "a : b", "x".repeat(30)),
    fc.string({ unit: fc.integer({ min: 0, max: 255 }).map((code) => String.fromCharCode(code)), maxLength: 8 }),
  );
  const texts = fc.tuple(fc.constantFrom("", "GET / HTTP/1.1\r\n"), fc.array(line, { maxLength: 6 })).map(([start, lines]) =>
    start + lines.join("\r\n") + "\r\n\r\nrest"
  );
  it("gives the same for any cutting of the octets", () => {
    fc.assert(fc.property(texts, fc.array(fc.nat({ max: 9 }), { maxLength: 30 }), (text, sizes) => {
      const limits = { head: 80, line: 25, headers: 3 };
      const whole = read(text, { limits });
      expect(read(text, { limits, sizes })).toEqual(whole);
      expect(read(text, { limits, sizes: Array(text.length).fill(1) })).toEqual(whole);
    }));
  });
  it("looks at each octet once, however they are cut", () => {
    const text = octets("GET / HTTP/1.1\r\n" + ("a: " + "b".repeat(4000) + "\r\n").repeat(3) + "\r\n");
    for (const size of [1, 7, text.length]) {
      let looks = 0;
      const counting = new Proxy(text, {
        get: (target, key) => (typeof key === "string" && /^\d+$/.test(key) && looks++, Reflect.get(target, key, target)),
      });
      const reader = new HeadReader(LIMITS, parseRequestLine, 0);
      for (let at = 0; at < text.length; at += size) reader.read(counting, at, Math.min(at + size, text.length));
      expect(reader.head?.headers).toHaveLength(3);
      expect(looks).toBe(text.length);
    }
  });
});

describe("parseStatusLine", () => {
  it.each([
    ["HTTP/1.1 101 Switching Protocols", { version: "1.1", status: 101 }],
    ["HTTP/1.1 200 ", { version: "1.1", status: 200 }],
    ["HTTP/1.1 200", { version: "1.1", status: 200 }],
    ["HTTP/1.0 404 nicht gef\xfcnden  x", { version: "1.0", status: 404 }],
    ["HTTP/2.0 999 x", { version: "2.0", status: 999 }],
    ["HTTP/1.1 099 x", null],
    ["HTTP/1.1 1010 x", null],
    ["HTTP/1.1 10 x", null],
    ["HTTP/1.1 +20 x", null],
    ["HTTP/1.1  200 x", null],
    ["HTTP/1.1", null],
    ["HTTP/1.1200", null],
    [" HTTP/1.1 200", null],
    ["FOO BAR BAZ", null],
    ["SSH-2.0-OpenSSH_9.6", null],
    ["ICY 200 OK", null],
  ])("reads %j as %j", (line, expected) => {
    expect(parseStatusLine(line)).toEqual(expected);
  });
});

describe("headBytes", () => {
  const any = fc.string({ unit: fc.integer({ min: 0, max: 0x2029 }).map((code) => String.fromCharCode(code)), maxLength: 12 });

  it("writes what HeadReader reads", () => {
    const bytes = headBytes("GET / HTTP/1.1", [["Host", "a"], ["b", ""], ["B", "c d"]]);
    expect(Buffer.from(bytes).toString("latin1")).toBe("GET / HTTP/1.1\r\nHost: a\r\nb: \r\nB: c d\r\n\r\n");
    expect(read(Buffer.from(bytes).toString("latin1")).head?.headers).toEqual([["Host", "a"], ["b", ""], ["B", "c d"]]);
  });
  it("writes as many lines as it was given, or throws before any octet", () => {
    fc.assert(fc.property(any, fc.array(fc.tuple(any, any), { maxLength: 3 }), (start, headers) => {
      let text: string;
      try {
        text = Buffer.from(headBytes(start, headers)).toString("latin1");
      } catch (error) {
        expect((error as UsageError).code).toBe("BAD_ARGUMENT");
        return;
      }
      expect(text.split("\r\n")).toHaveLength(headers.length + 3);
      expect(text).toMatch(/^[\t\r\n -~]*$/);
      expect(text.replaceAll("\r\n", "")).not.toMatch(/[\r\n]/);
    }));
  });
  it.each(["\r", "\n", "\0", "\u010d", "\u560a", "\u2028"])("throws for %j in the start line, a name or a value", (char) => {
    expect(() => headBytes(`GET /${char} HTTP/1.1`, [])).toThrow(UsageError);
    expect(() => headBytes("GET / HTTP/1.1", [[`a${char}`, "b"]])).toThrow(UsageError);
    expect(() => headBytes("GET / HTTP/1.1", [["a", `b${char}`]])).toThrow(UsageError);
  });
});
