import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { settle } from "../options.ts";
import type { ClientTarget, Deflate } from "../types.ts";
import { newKey } from "./accept-key.ts";
import { requestBytes, ResponseReader } from "./client.ts";
import { agree } from "./negotiate.ts";
import { acceptBytes, refusalBytes, RequestReader } from "./server.ts";

const LIMITS = { ...settle({}).limits, body: 40 };
const KEY = "dGhlIHNhbXBsZSBub25jZQ==";
const TARGET: ClientTarget = { authority: "server.example.com", target: "/chat" };
const SWITCH = [
  "HTTP/1.1 101 Switching Protocols",
  "Upgrade: websocket",
  "Connection: Upgrade",
  "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=",
];
const octets = (text: string): Uint8Array => Uint8Array.from(text, (char) => char.charCodeAt(0));
const latin1 = (bytes: Uint8Array): string => Buffer.from(bytes).toString("latin1");
const text = (lines: readonly string[]): string => lines.join("\r\n") + "\r\n\r\n";

function read(response: string, { sizes = [] as readonly number[], finish = "" as "" | "end" | "expire", limits = LIMITS } = {}) {
  const reader = new ResponseReader({ target: TARGET, deflate: null, key: KEY }, limits);
  const bytes = octets(response);
  let at = 0;
  for (let i = 0; at < bytes.length; i++) {
    const piece = octets("XX" + latin1(bytes.subarray(at, at + (sizes[i] ?? bytes.length))));
    const used = reader.read(piece, 2, piece.length);
    piece.fill(0);
    at += used;
    if (used < piece.length - 2) break;
  }
  if (finish !== "") reader[finish]();
  const { result } = reader;
  if (result?.type === "rejected") return { used: at, type: result.type, status: result.status, body: latin1(result.body) };
  if (result?.type === "fault") return { used: at, type: result.type, code: result.fault.code };
  return { used: at, type: result?.type ?? null };
}

describe("requestBytes", () => {
  it("is the request of RFC 6455 §1.2", () => {
    expect(latin1(requestBytes({ ...TARGET, origin: "http://example.com", protocols: ["chat", "superchat"] }, null, KEY))).toBe(
      text([
        "GET /chat HTTP/1.1",
        "Host: server.example.com",
        "Upgrade: websocket",
        "Connection: Upgrade",
        `Sec-WebSocket-Key: ${KEY}`,
        "Sec-WebSocket-Version: 13",
        "Origin: http://example.com",
        "Sec-WebSocket-Protocol: chat, superchat",
      ]),
    );
  });
  it("throws before any octet where a caller could break the line", () => {
    const char = fc.constantFrom("\r", "\n", "\0", "\x7f", "\u00e9", "\u560d", "\ud800");
    const spoil = fc.tuple(fc.nat({ max: 5 }), char).map(([spot, c]): Partial<ClientTarget> =>
      [
        { authority: `a${c}` },
        { target: `/${c}` },
        { origin: `a${c}` },
        { protocols: [`a${c}`] },
        { headers: [[`a${c}`, "b"] as const] },
        { headers: [["a", `b${c}`] as const] },
      ][spot]
    );
    fc.assert(fc.property(spoil, (changes) => {
      expect(() => requestBytes({ ...TARGET, ...changes }, null, KEY)).toThrow(expect.objectContaining({ code: "BAD_ARGUMENT" }));
    }));
    expect(() => requestBytes(TARGET, null, "a\r\nb: c")).toThrow(expect.objectContaining({ code: "BAD_ARGUMENT" }));
  });
});

describe("ResponseReader", () => {
  const switched = text(SWITCH);

  it("agrees, and leaves the frames behind the head (C6)", () => {
    expect(read(switched + "\x81\x02hi\x88\x00")).toEqual({ type: "agreement", used: switched.length });
  });
  it("skips other 1xx (C4)", () => {
    const early = text(["HTTP/1.1 100 Continue"]) + text(["HTTP/1.1 103 Early Hints", "Link: </x>"]);
    expect(read(early + switched)).toEqual({ type: "agreement", used: early.length + switched.length });
    expect(read(early + text(["HTTP/1.1 404 x", "Content-Length: 0"]))).toMatchObject({ type: "rejected", status: 404 });
  });
  it("lets all heads share the limit (C5)", () => {
    const early = text(["HTTP/1.1 100 Continue"]);
    expect(read(early.repeat(10_000))).toEqual({ type: "fault", code: "HEAD_TOO_LARGE", used: LIMITS.head + 1 });
  });
  it.each([
    ["C5 a line of 20 KB", text([SWITCH[0], "X: " + "y".repeat(20_000)]), "HEAD_TOO_LARGE"],
    ["C5 an endless head", text([SWITCH[0], ...Array(5).fill("X: " + "y".repeat(8000))]), "HEAD_TOO_LARGE"],
    ["C5 2,000 headers", text([...SWITCH, ...Array(2000).fill("a:")]), "HEAD_TOO_LARGE"],
    ["C5 FOO BAR BAZ, before the head is complete", "FOO BAR BAZ\r\n", "BAD_RESPONSE"],
    ["C5 SSH", "SSH-2.0-OpenSSH_9.6\r\n", "BAD_RESPONSE"],
    ["C5 TLS", "\x15\x03\x01\x00\x02\x02\x46", "BAD_RESPONSE"],
    ["an empty line first", "\r\n" + switched, "BAD_RESPONSE"],
    ["HTTP/2.0 in the line", text(["HTTP/2.0 101 x", ...SWITCH.slice(1)]), "BAD_RESPONSE"],
    ["C4 HTTP/1.0 with 101", text(["HTTP/1.0 101 x", ...SWITCH.slice(1)]), "BAD_RESPONSE"],
    ["C4 101 with a body", text([...SWITCH, "Content-Length: 2"]) + "hi", "BAD_RESPONSE"],
    ["a bare LF", SWITCH.join("\n") + "\n\n", "BAD_RESPONSE"],
    ["a folded line", text([...SWITCH, "X: a", " b"]), "BAD_RESPONSE"],
    ["C1 a wrong Accept", text([...SWITCH.slice(0, 3), "Sec-WebSocket-Accept: x"]), "BAD_ACCEPT"],
    ["C2 a subprotocol that was not asked for", text([...SWITCH, "Sec-WebSocket-Protocol: x"]), "BAD_PROTOCOL"],
    ["C3 an extension that was not offered", text([...SWITCH, "Sec-WebSocket-Extensions: permessage-deflate"]), "BAD_EXTENSION"],
    ["a status of four digits", text(["HTTP/1.1 1404 x", "Content-Length: 0"]), "BAD_RESPONSE"],
    ["a Content-Length that is none", text(["HTTP/1.1 404 x", "Content-Length: 1, 2"]), "BAD_RESPONSE"],
  ])("fails on %s", (_, response, code) => {
    expect(read(response)).toMatchObject({ type: "fault", code });
  });

  it.each([
    ["200 with a length", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nbody!", 200, "body!"],
    ["301 without a body", "HTTP/1.1 301 x\r\nLocation: /\r\nContent-Length: 0\r\n\r\n", 301, ""],
    ["401 in chunks", "HTTP/1.1 401 x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nbod\r\n2;x\r\ny!\r\n0\r\n", 401, "body!"],
    ["304, whatever it declares", "HTTP/1.1 304 x\r\nContent-Length: 5\r\n\r\n", 304, ""],
    ["426 of HTTP/1.0", "HTTP/1.0 426 x\r\nContent-Length: 1\r\n\r\nx", 426, "x"],
    ["500 with a body at the limit", "HTTP/1.1 500 x\r\nContent-Length: 99999999\r\n\r\n" + "x".repeat(40), 500, "x".repeat(40)],
    ["a status that is none", "HTTP/1.1 999 x\r\nContent-Length: 0\r\n\r\n", 999, ""],
    ["200 with all headers of an agreement", text(["HTTP/1.1 200 OK", ...SWITCH.slice(1), "Content-Length: 0"]), 200, ""],
  ])("rejects with %s, once the body is complete (C4)", (_, response, status, body) => {
    expect(read(response + "\x81\x00")).toEqual({ type: "rejected", status, body, used: response.length });
    if (body !== "") expect(read(response.slice(0, -5)).type).toBe(null);
  });
  it.each([
    ["without a length", "HTTP/1.1 404 x\r\n\r\nbody", "body"],
    ["cut short by the server", "HTTP/1.1 404 x\r\nContent-Length: 9\r\n\r\nbody", "body"],
    ["cut short inside a chunk", "HTTP/1.1 404 x\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nbody", "body"],
  ])("ends a body %s with the stream, or with the timer", (_, response, body) => {
    expect(read(response).type).toBe(null);
    expect(read(response, { finish: "end" })).toEqual({ type: "rejected", status: 404, body, used: response.length });
    expect(read(response, { finish: "expire" })).toEqual({ type: "rejected", status: 404, body, used: response.length });
  });
  it("fails when the stream ends inside of a head, and leaves the timer to the caller", () => {
    for (const response of ["", "HTTP/1.1", switched.slice(0, -1), text(["HTTP/1.1 100 x"])]) {
      expect(read(response, { finish: "end" })).toMatchObject({ type: "fault", code: "BAD_RESPONSE" });
      expect(read(response, { finish: "expire" }).type).toBe(null);
    }
  });
  it("keeps its result, whatever comes later", () => {
    for (const response of [switched, "HTTP/1.1 404 x\r\nContent-Length: 1\r\n\r\nx", "\0"]) {
      const plain = read(response);
      expect(read(response, { finish: "end" })).toEqual(plain);
      expect(read(response, { finish: "expire" })).toEqual(plain);
      expect(read(response + response)).toEqual(plain);
    }
  });
  it("reports the headers of a rejection as they came", () => {
    const reader = new ResponseReader({ target: TARGET, deflate: null, key: KEY }, LIMITS);
    const bytes = octets("HTTP/1.1 401 x\r\nWWW-Authenticate: Basic\r\nContent-Length: 0\r\n\r\n");
    reader.read(bytes, 0, bytes.length);
    expect(reader.result).toMatchObject({ headers: [["WWW-Authenticate", "Basic"], ["Content-Length", "0"]] });
  });

  const heads = fc.constantFrom(
    "HTTP/1.1 404 x",
    "HTTP/1.1 100 x",
    "HTTP/1.0 101 x",
    "HTTP/2 200",
    ...SWITCH,
    "Content-Length: 12",
    "Transfer-Encoding: chunked",
    "X: \xff",
    "bad",
  );
  const responses = fc.tuple(
    fc.array(fc.array(heads, { maxLength: 3 }).map((lines) => text(["HTTP/1.1 103 x", ...lines])), { maxLength: 2 }),
    fc.oneof(
      fc.constant(switched),
      fc.array(heads, { maxLength: 4 }).map((lines) => text(["HTTP/1.1 404 x", ...lines])),
      fc.array(heads).map(text),
    ),
    fc.array(fc.constantFrom("5\r\nbody!\r\n", "0\r\n\r\n", "x", "1;y\r\n"), { maxLength: 10 }),
  ).map(([early, final, body]) => early.join("") + final + body.join(""));
  it("gives the same for any cutting of the octets", () => {
    fc.assert(
      fc.property(
        responses,
        fc.array(fc.nat({ max: 40 }), { maxLength: 20 }),
        fc.constantFrom("", "end", "expire"),
        (response, sizes, finish) => {
          const whole = read(response, { finish });
          expect(read(response, { finish, sizes })).toEqual(whole);
          expect(read(response, { finish, sizes: Array(response.length).fill(1) })).toEqual(whole);
        },
      ),
    );
  });
  it("looks at each octet of heads and chunk sizes once, however they are cut", () => {
    const response = octets(
      text(["HTTP/1.1 100 x", "X: " + "y".repeat(5000)]) + text(["HTTP/1.1 404 x", "Transfer-Encoding: chunked"]) +
        "0".repeat(5000) + "\r\n",
    );
    for (const size of [1, 100, response.length]) {
      let looks = 0;
      const counting = new Proxy(response, {
        get: (bytes, key) => (typeof key === "string" && /^\d+$/.test(key) && looks++, Reflect.get(bytes, key, bytes)),
      });
      const reader = new ResponseReader({ target: TARGET, deflate: null, key: KEY }, LIMITS);
      for (let at = 0; at < response.length; at += size) reader.read(counting, at, Math.min(at + size, response.length));
      expect(reader.result).toMatchObject({ type: "rejected", status: 404 });
      expect(looks).toBe(response.length);
    }
  });
});

describe("law L21, from octets to octets", () => {
  const token = fc.string({ unit: fc.constantFrom(..."aZ0-_.~!"), minLength: 1, maxLength: 5 });
  const deflate = fc.option(
    fc.record({ contextTakeover: fc.boolean(), windowBits: fc.integer({ min: 8, max: 15 }) }).map((
      options,
    ): Required<Deflate> => ({
      engine: { deflateBits: [8, 15], inflater: () => expect.unreachable(), deflater: () => expect.unreachable() },
      level: 1,
      threshold: 0,
      ...options,
    })),
  );
  const visible = fc.string({
    unit: fc.integer({ min: 0x21, max: 0x7e }).map((code) => String.fromCharCode(code)).filter((char) => char !== "#"),
  });
  const target = fc.record({
    authority: fc.constantFrom("a", "a.example:8080", "[::1]:1"),
    target: visible.map((rest) => `/${rest}`),
    origin: fc.constantFrom("null", "https://a.example"),
    protocols: fc.uniqueArray(token, { maxLength: 4 }),
    headers: fc.array(fc.tuple(token.map((name) => `X-${name}`), visible), { maxLength: 3 }),
  });
  const random = fc.uint8Array({ minLength: 16, maxLength: 16 });

  it("client and server agree on subprotocol and compression, and understand each other's headers", () => {
    fc.assert(fc.property(target, deflate, deflate, random, fc.nat(), (target, client, server, nonce, choice) => {
      const key = newKey((into) => into.set(nonce));
      const request = requestBytes(target, client, key);
      const reader = new RequestReader(LIMITS);
      expect(reader.read(request, 0, request.length)).toBe(request.length);
      if (reader.result?.type !== "request") return expect.unreachable();
      const upgrade = reader.result.request;
      expect(upgrade).toMatchObject({
        authority: target.authority,
        target: target.target,
        origin: target.origin,
        protocols: target.protocols,
      });

      const protocol = [null, ...target.protocols][choice % (target.protocols.length + 1)];
      const ours = agree(upgrade, { protocol, headers: target.headers }, server);
      const answer = acceptBytes(ours);
      const responses = new ResponseReader({ target, deflate: client, key }, LIMITS);
      expect(responses.read(answer, 0, answer.length)).toBe(answer.length);
      expect(responses.result).toEqual({ type: "agreement", agreement: ours });
      expect(ours.protocol).toBe(protocol ?? "");
      expect(ours.deflate === null).toBe(client === null || server === null);
    }));
  });
  it("a client reads the refusal that a server writes", () => {
    fc.assert(fc.property(fc.integer({ min: 305, max: 599 }), fc.string({ maxLength: 13 }), (status, body) => {
      const bytes = refusalBytes({ status, body });
      const reader = new ResponseReader({ target: TARGET, deflate: null, key: KEY }, LIMITS);
      reader.read(bytes, 0, bytes.length);
      expect(reader.result).toMatchObject({ type: "rejected", status, body: new TextEncoder().encode(body) });
    }));
  });
});
