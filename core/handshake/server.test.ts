import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { settle } from "../options.ts";
import type { Refusal } from "../types.ts";
import { agree, refuse } from "./negotiate.ts";
import { acceptBytes, refusalBody, refusalBytes, refusalHeaders, RequestReader } from "./server.ts";

const LIMITS = settle({}).limits;
const REQUEST = [
  "GET /chat HTTP/1.1",
  "Host: server.example.com",
  "Upgrade: websocket",
  "Connection: Upgrade",
  "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
  "Sec-WebSocket-Protocol: chat, superchat",
  "Sec-WebSocket-Version: 13",
];
const octets = (text: string): Uint8Array => Uint8Array.from(text, (char) => char.charCodeAt(0));
const latin1 = (bytes: Uint8Array): string => Buffer.from(bytes).toString("latin1");
const text = (lines: readonly string[]): string => lines.join("\r\n") + "\r\n\r\n";

function read(request: string, sizes: readonly number[] = []) {
  const reader = new RequestReader(LIMITS);
  const bytes = octets(request);
  let at = 0;
  for (let i = 0; at < bytes.length; i++) {
    const end = Math.min(bytes.length, at + (sizes[i] ?? bytes.length));
    const used = reader.read(bytes, at, end);
    at += used;
    if (reader.result !== null && at < end) break;
  }
  // Functions are never equal.
  return JSON.parse(JSON.stringify({ result: reader.result, used: at }));
}

describe("RequestReader", () => {
  it("reads the request of RFC 6455 §1.2 and leaves the frames behind it (H16)", () => {
    const request = text(REQUEST);
    expect(read(request + "\x81\x80mask")).toMatchObject({
      used: request.length,
      result: {
        type: "request",
        request: {
          http: 1,
          method: "GET",
          target: "/chat",
          authority: "server.example.com",
          protocols: ["chat", "superchat"],
          origin: null,
        },
      },
    });
  });
  it("has no result before the last octet, and keeps its first one", () => {
    const request = octets(text(REQUEST));
    const reader = new RequestReader(LIMITS);
    reader.read(request, 0, request.length - 1);
    expect(reader.result).toBe(null);
    reader.read(request, request.length - 1, request.length);
    const { result } = reader;
    expect(result?.type).toBe("request");
    expect(reader.read(request, 0, request.length)).toBe(0);
    expect(reader.result).toBe(result);
  });
  it.each([
    ["H2 a head above the limit", text([...REQUEST, ...Array(3).fill("X: " + "y".repeat(6000))]), 431, "HEAD_TOO_LARGE"],
    ["H2 a request line above the limit", text(["GET /" + "x".repeat(9000) + " HTTP/1.1"]), 414, "HEAD_TOO_LARGE"],
    ["H2 a line above the limit", text([REQUEST[0], "X: " + "y".repeat(9000)]), 431, "HEAD_TOO_LARGE"],
    ["H2 2,000 headers", text([...REQUEST, ...Array(2000).fill("a:")]), 431, "HEAD_TOO_LARGE"],
    ["H3 HTTP/1.0", text(["GET / HTTP/1.0", ...REQUEST.slice(1)]), 505, "BAD_REQUEST"],
    ["H3 HTTP/2.0 in the line", text(["GET / HTTP/2.0", ...REQUEST.slice(1)]), 505, "BAD_REQUEST"],
    ["the preface of HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505, "BAD_REQUEST"],
    ["H3 POST", text(["POST / HTTP/1.1", ...REQUEST.slice(1)]), 405, "NOT_AN_UPGRADE"],
    ["H9 a body", text([...REQUEST, "Content-Length: 4"]) + "\x81\x80ab", 400, "BAD_REQUEST"],
    ["H10 a bare LF", REQUEST.join("\n") + "\n\n", 400, "BAD_REQUEST"],
    ["H10 a folded line", text([REQUEST[0], "Host: a", " b", ...REQUEST.slice(2)]), 400, "BAD_REQUEST"],
    ["H10 a space before the colon", text([REQUEST[0], "Host : a", ...REQUEST.slice(2)]), 400, "BAD_REQUEST"],
    ["H10 NUL", text([...REQUEST, "X: \0"]), 400, "BAD_REQUEST"],
    ["a page request", text(["GET / HTTP/1.1", "Host: a"]), 426, "NOT_AN_UPGRADE"],
    ["TLS", "\x16\x03\x01\x02\x00", 400, "BAD_REQUEST"],
  ])("refuses %s", (_, request, status, code) => {
    expect(read(request).result).toMatchObject({ type: "refused", status, fault: { code } });
  });
  it("takes HTTP/1.2, which is read as 1.1, and one empty line before the request", () => {
    expect(read("\r\n" + text(["GET / HTTP/1.2", ...REQUEST.slice(1)])).result.type).toBe("request");
  });

  const lines = fc.array(
    fc.oneof(
      fc.constantFrom(
        ...REQUEST,
        "Content-Length: 3",
        "X: \xff",
        "a:",
        "POST / HTTP/1.0",
        "bad line",
        "Sec-WebSocket-Extensions: x;",
      ),
      fc.string({ unit: fc.integer({ min: 0, max: 255 }).map((code) => String.fromCharCode(code)), maxLength: 6 }),
    ),
    { maxLength: 6 },
  );
  const requests = fc.oneof(
    fc.tuple(fc.shuffledSubarray(REQUEST.slice(1), { minLength: 4 }), lines).map(([some, more]) =>
      text([REQUEST[0], ...some, ...more])
    ),
    lines.map(text),
  );
  it("gives the same for any cutting of the octets", () => {
    fc.assert(fc.property(requests, fc.array(fc.nat({ max: 40 }), { maxLength: 20 }), (request, sizes) => {
      const whole = read(request + "\x81\x80");
      expect(read(request + "\x81\x80", sizes)).toEqual(whole);
      expect(read(request + "\x81\x80", Array(request.length + 2).fill(1))).toEqual(whole);
    }));
  });
});

describe("acceptBytes", () => {
  it("is the answer of RFC 6455 §1.3", () => {
    const reader = new RequestReader(LIMITS);
    reader.read(octets(text(REQUEST)), 0, 1e6);
    const { result } = reader;
    if (result?.type !== "request") return expect.unreachable();
    expect(latin1(acceptBytes(agree(result.request, { protocol: "chat" }, null)))).toBe(text([
      "HTTP/1.1 101 Switching Protocols",
      "Upgrade: websocket",
      "Connection: Upgrade",
      "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=",
      "Sec-WebSocket-Protocol: chat",
    ]));
  });
});

describe("refusals", () => {
  it("closes, declares its length in octets, and says what kind of text it is", () => {
    expect(latin1(refusalBytes({ status: 403, body: "n\u00f6" }))).toBe(
      text(["HTTP/1.1 403 Forbidden", "Connection: close", "Content-Length: 3", "Content-Type: text/plain; charset=utf-8"]) +
        "n\xc3\xb6",
    );
  });
  it("leaves the kind of octets, and a kind that was given, to the caller", () => {
    expect(latin1(refusalBytes({ status: 404, body: octets("ab") }))).toBe(
      text(["HTTP/1.1 404 Not Found", "Connection: close", "Content-Length: 2"]) + "ab",
    );
    const html = latin1(refusalBytes({ status: 404, body: "<p>", headers: [["content-type", "text/html"]] }));
    expect(html).toContain("content-type: text/html\r\n");
    expect(html).not.toContain("text/plain");
  });
  it("declares an empty body, and may leave out the reason", () => {
    expect(latin1(refusalBytes({ status: 499 }))).toBe(text(["HTTP/1.1 499 ", "Connection: close", "Content-Length: 0"]));
  });
  it("takes any status from 300 to 599", () => {
    for (const status of [300, 599]) expect(latin1(refusalBytes({ status }))).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
  });
  it("gives a 304 neither body nor length", () => {
    expect(latin1(refusalBytes({ status: 304, headers: [["ETag", '"a"']] }))).toBe(
      text(["HTTP/1.1 304 Not Modified", "Connection: close", 'ETag: "a"']),
    );
    expect(() => refusalBytes({ status: 304, body: "x" })).toThrow(expect.objectContaining({ code: "BAD_ARGUMENT" }));
  });
  it("says with 426 what to upgrade to (RFC 9110 §7.8, RFC 6455 §4.4)", () => {
    const lines = ["HTTP/1.1 426 Upgrade Required", "Connection: close, Upgrade", "Upgrade: websocket", "Content-Length: 0"];
    expect(latin1(refusalBytes({ status: 426 }))).toBe(text([...lines, "Sec-WebSocket-Version: 13"]));
    expect(latin1(refusalBytes({ status: 426, headers: [["sec-websocket-version", "13, 8"]] }))).toBe(
      text([...lines, "sec-websocket-version: 13, 8"]),
    );
  });
  it("writes what checkRequest and the timers refuse", () => {
    expect(latin1(refusalBytes(refuse(408, "HANDSHAKE_TIMEOUT", "late")))).toMatch(
      /^HTTP\/1\.1 408 Request Timeout\r\n[^]*\r\n\r\nlate\n$/,
    );
    expect(latin1(refusalBytes({ status: 503 }))).toMatch(/^HTTP\/1\.1 503 Service Unavailable\r\n/);
    expect(latin1(refusalBytes(read(text(["POST / HTTP/1.1", "Host: a"])).result))).toContain("\r\nAllow: GET\r\n");
  });
  it("leaves out on HTTP/2 what HTTP/2 has no use for", () => {
    expect(refusalHeaders({ status: 426, body: "a", headers: [["X-Y", "Z"]] })).toEqual([
      ["content-length", "1"],
      ["content-type", "text/plain; charset=utf-8"],
      ["sec-websocket-version", "13"],
      ["x-y", "Z"],
    ]);
    expect(refusalHeaders(refuse(400, "BAD_VERSION", "x", [["Sec-WebSocket-Version", "13"]]))).toContainEqual([
      "sec-websocket-version",
      "13",
    ]);
  });
  it("copies octets, so that the caller may change them", () => {
    const body = octets("ab");
    const copy = refusalBody({ status: 404, body });
    body.fill(0);
    expect(latin1(copy)).toBe("ab");
    expect(refusalBody({ status: 404 })).toHaveLength(0);
  });
  it.each([
    ["a status below 300", { status: 299 }],
    ["a status above 599", { status: 600 }],
    ["a status that is no integer", { status: 404.5 }],
    ["no status", {}],
    ["a body that is neither string nor octets", { status: 404, body: 5 }],
    ["a header of the framing", { status: 404, headers: [["Content-Length", "5"]] }],
    ["a header of the connection", { status: 404, headers: [["connection", "keep-alive"]] }],
    ["a line end in a name", { status: 404, headers: [["a\r\nb", "c"]] }],
    ["a line end in a value (H18)", { status: 302, headers: [["Location", "/\r\nSet-Cookie: a=b"]] }],
    ["a line end in a content type (H18)", { status: 404, body: "x", headers: [["Content-Type", "text/html\n\n<script>"]] }],
    ["NUL in a value", { status: 404, headers: [["a", "\0"]] }],
  ] as unknown as [string, Refusal][])("throws for %s", (_, refusal) => {
    expect(() => refusalBytes(refusal)).toThrow(expect.objectContaining({ name: "UsageError", code: "BAD_ARGUMENT" }));
    expect(() => refusalHeaders(refusal)).toThrow(expect.objectContaining({ name: "UsageError", code: "BAD_ARGUMENT" }));
  });
});
