// The rows of the checklist for the opening handshake that are no string of octets: time, ends, and callers who are wrong. Each test names
// its row. RFC 6455 §4. Next file: attacks-calls.test.ts.
import { describe, expect, it } from "vitest";
import { clientConnection } from "../../core/index.ts";
import type { Refusal, ServerConnection } from "../../core/types.ts";
import { concat, encode, utf8 } from "../frames/encode.ts";
import { freshClient, freshServer, octets, requestOf, requestText, responseText } from "../support/machine.ts";
import { seededRandom } from "../support/virtual.ts";
import { asText, code, events, output, text, types } from "./looking.ts";
import { framesTo } from "./vector.ts";

describe("opening handshake of a server", () => {
  it("H1: a head that never ends is cut at the deadline, which octets do not move: 408", () => {
    const server = freshServer({ timers: { handshake: 1000 } });
    expect(server.nextTimeout(0)).toBe(1000);
    const request = octets(requestText());
    for (let now = 0; now < 990; now += 10) {
      server.receive(request.slice(now / 10, now / 10 + 1), now);
      expect(types(server)).toEqual([]);
      expect(server.nextTimeout(now)).toBe(1000);
    }
    server.handleTimeout(1000);
    expect(types(server)).toEqual(["HANDSHAKE_TIMEOUT"]);
    expect(asText(output(server))).toMatch(/^HTTP\/1\.1 408 /);
    expect(server.transport).toBe("end");
  });

  it("H1: an application that never answers is cut too: 503", () => {
    const server = asked({ timers: { handshake: 1000 } });
    server.nextTimeout(0);
    server.handleTimeout(1000);
    expect(types(server)).toEqual(["HANDSHAKE_TIMEOUT"]);
    expect(asText(output(server))).toMatch(/^HTTP\/1\.1 503 /);
    expect(server.accept()).toBe(false);
  });

  it("H17: the origin is reported as it came, and decides nothing", () => {
    for (
      const [line, origin] of [["Origin: https://good.evil", "https://good.evil"], ["Origin: null", "null"], [
        "X: y",
        null,
      ]] as const
    ) {
      const server = freshServer();
      server.receive(octets(requestText([line])), 0);
      expect(server.poll()).toMatchObject({ type: "request", request: { origin } });
    }
    const twice = freshServer();
    twice.receive(octets(requestText(["Origin: a", "Origin: b"])), 0);
    expect(types(twice)).toEqual(["BAD_REQUEST"]);
  });

  it("H18: CR, LF and NUL in an answer throw before any octet leaves", () => {
    const bad: Refusal[] = ["\r\nX: y", "\n", "\r", "\0"].flatMap((text) => [
      { status: 403, headers: [["X", text]] },
      { status: 403, headers: [[`X${text}`, "y"]] },
      { status: 403, headers: [["Content-Type", `text/plain${text}`]] },
    ]);
    for (const refusal of [...bad, { status: 200 }, { status: 101 }, { status: 600 }, { status: NaN }]) {
      const server = asked();
      expect(code(() => server.reject(refusal))).toBe("BAD_ARGUMENT");
      expect(server.peekOutput()).toBe(null);
      expect(server.accept()).toBe(true);
    }
    for (
      const answer of [{ protocol: "other" }, { protocol: "chat\r\n" }, { headers: [["X", "a\r\nb"]] as const }, {
        headers: [["Upgrade", "x"]] as const,
      }]
    ) {
      const server = asked();
      expect(code(() => server.accept(answer))).toBe("BAD_ARGUMENT");
      expect(server.peekOutput()).toBe(null);
      expect(server.reject({ status: 403, body: "no\r\n\r\nX" })).toBe(true);
    }
  });

  it("H19: the stream fails between head and answer: one fault, closed, and the answer comes too late", () => {
    const server = asked();
    server.receiveEnd(5, new Error("reset"));
    expect(types(server)).toEqual(["TRANSPORT", "closed"]);
    expect(server.accept()).toBe(false);
    expect(server.transport).toBe("destroy");
    const ended = asked();
    ended.receiveEnd(5);
    expect(types(ended)).toEqual(["BAD_REQUEST", "closed"]);
  });

  it("H20: frames before the answer wait, up to the limit of a head", () => {
    const frame = framesTo("server", [text("early")]);
    const patient = asked();
    patient.receive(frame.slice(), 1);
    expect(types(patient)).toEqual([]);
    patient.accept();
    expect(types(patient)).toEqual(["open", "text"]);

    const flooded = asked({ limits: { head: 1000 } });
    flooded.receive(new Uint8Array(1000), 1);
    expect(types(flooded)).toEqual([]);
    flooded.receive(new Uint8Array(1), 1);
    expect(types(flooded)).toEqual(["BAD_REQUEST"]);
    expect(asText(output(flooded))).toMatch(/^HTTP\/1\.1 400 /);
  });
});

describe("opening handshake of a client", () => {
  it("C4: a refusal is reported with status, headers and a body that is cut at the limit", () => {
    const client = freshClient({ limits: { body: 8 } });
    output(client);
    client.receive(octets("HTTP/1.1 302 Found\r\nLocation: /login\r\nContent-Length: 1000\r\n\r\nfar too long"), 0);
    expect(events(client)).toMatchObject([
      { type: "rejected", status: 302, headers: [["Location", "/login"], ["Content-Length", "1000"]], body: utf8("far too ") },
      { type: "closed", close: { code: 1006 }, clean: false },
    ]);
    expect(client.transport).toBe("destroy");
  });

  it("C4: a body without a length ends with the stream, or with the deadline", () => {
    for (const end of ["eof", "deadline"]) {
      const client = freshClient();
      output(client);
      client.nextTimeout(0);
      client.receive(octets("HTTP/1.1 500 Oops\r\n\r\nsorry"), 0);
      expect(types(client)).toEqual([]);
      if (end === "eof") client.receiveEnd(1);
      else client.handleTimeout(10_000);
      expect(events(client)).toMatchObject([{ type: "rejected", status: 500, body: utf8("sorry") }, { type: "closed" }]);
    }
  });

  it("C5: a server that never answers is cut at the deadline", () => {
    const client = freshClient();
    output(client);
    expect(client.nextTimeout(0)).toBe(10_000);
    client.receive(octets("HTTP/1.1 101 Switching"), 9_999);
    client.handleTimeout(10_000);
    expect(types(client)).toEqual(["HANDSHAKE_TIMEOUT", "closed"]);
    expect(client.transport).toBe("destroy");
  });

  it("C6: the stream fails right behind the 101, with frames and a Close in it: open, message, close, closed in order", () => {
    const client = freshClient();
    const head = octets(responseText(requestOf(client)));
    output(client);
    client.receive(concat([head, encode(text("hello")), encode({ opcode: 8 })]), 0);
    client.receiveEnd(0, new Error("reset"));
    expect(types(client)).toEqual(["open", "text", "close", "closed"]);
  });

  it("C7: a target, header, origin or subprotocol that would not stay in its place throws before there is a connection", () => {
    const good = { authority: "localhost", target: "/" };
    const bad = [
      ...["", "a b", "a/b", "user@host", "a\r\nb", "h\u00f6st", "a:b:c", "[::1"].map((authority) => ({ ...good, authority })),
      ...["", "chat", "/a b", "/a#b", "/\r\n", "/\u00e9", "/\0"].map((target) => ({ ...good, target })),
      ...["a\nb", "", "\u00e9"].map((origin) => ({ ...good, origin })),
      ...[["a b"], [""], ["a", "a"], ["a,b"], ["\r\n"]].map((protocols) => ({ ...good, protocols })),
      ...[["X\r\n", "y"], ["X", "\r\ny"], ["X", "\0"], ["Host", "x"], ["Connection", "x"], ["Sec-WebSocket-Key", "x"]].map((
        [name, value],
      ) => ({ ...good, headers: [[name, value] as const] })),
    ];
    for (const target of bad) {
      expect(code(() => clientConnection(target, { random: seededRandom() })), JSON.stringify(target)).toBe("BAD_ARGUMENT");
    }
  });

  it("C8: each attempt draws a fresh key of 16 octets", () => {
    const random = seededRandom();
    const keys = Array.from({ length: 100 }, () => {
      const client = clientConnection({ authority: "a", target: "/" }, { random });
      return /Sec-WebSocket-Key: (\S+)/.exec(requestOf(client))?.[1] ?? "";
    });
    expect(new Set(keys).size).toBe(100);
    for (const key of keys) expect(Buffer.from(key, "base64").byteLength).toBe(16);
  });

  it("C9: a client that is closed while it connects hears closed once, and never open", () => {
    const client = freshClient();
    const head = octets(responseText(requestOf(client)));
    client.receive(head.slice(0, 20), 0);
    expect(client.close()).toBe(true);
    expect(client.close()).toBe(false);
    client.receive(head.slice(20), 0);
    client.receiveEnd(0);
    expect(types(client)).toEqual(["closed"]);
    expect(client.transport).toBe("destroy");
    expect(client.peekOutput()).toBe(null);
  });
});

/** A server whose request waits for its answer. */
function asked(options = {}): ServerConnection {
  const server = freshServer(options);
  server.receive(octets(requestText(["Sec-WebSocket-Protocol: chat"])), 0);
  expect(types(server)).toEqual(["request"]);
  return server;
}
