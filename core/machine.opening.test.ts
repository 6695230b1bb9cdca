// The opening handshake as the machine drives it: bytes in, then events, bytes out, state, transport and deadline (RFC 6455 §4, RFC 8441).
import { describe, expect, it } from "vitest";
import { zlib } from "../adapters/zlib.ts";
import { responseText } from "../conformance/support/machine.ts";
import { client, opened, type Probe, server } from "../conformance/support/probe.ts";
import { concat, encode, utf8 } from "../conformance/frames/encode.ts";
import type { Options, Refusal, RequestHead } from "./types.ts";

const REQUEST = [
  "GET /chat HTTP/1.1",
  "Host: server.example.com",
  "Upgrade: websocket",
  "Connection: Upgrade",
  "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
  "Sec-WebSocket-Version: 13",
  "",
  "",
].join("\r\n");
const MASK = Uint8Array.of(1, 2, 3, 4);

describe("a server with a valid request", () => {
  it("reports it, and then nothing until the application answers; the handshake timer runs", () => {
    const { machine, receive, said, octets, deadline } = server();
    expect([machine.role, machine.state, machine.transport]).toEqual(["server", "connecting", "keep"]);
    expect(deadline()).toBe(10_000);
    for (const octet of utf8(REQUEST)) {
      expect(said()).toEqual([]);
      receive(Uint8Array.of(octet));
    }
    expect(said()).toEqual(["request /chat"]);
    expect(said()).toEqual([]);
    expect([machine.state, machine.transport, machine.wantsInput, deadline()]).toEqual(["connecting", "keep", true, 10_000]);
    expect(octets()).toHaveLength(0);
  });
  it("is open after accept(), with 101 first on the wire and frames behind it", () => {
    const one = requested();
    expect(one.machine.accept()).toBe(true);
    expect(one.machine.state).toBe("open");
    one.machine.send("hello");
    one.machine.ping();
    expect(one.said()).toEqual(["open"]);
    const written = Buffer.from(one.octets()).toString("latin1");
    expect(written).toMatch(/^HTTP\/1\.1 101 .*\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK\+xOo=\r\n\r\n/s);
    expect(written.slice(written.indexOf("\r\n\r\n") + 4)).toBe("\x89\x00\x81\x05hello");
    expect([one.machine.transport, one.deadline()]).toEqual(["keep", 20_000]);
  });
  it("keeps octets behind the head unread until then, at most as many as a head may have", () => {
    const frame = encode({ opcode: 1, mask: MASK, payload: utf8("early") });
    const early = requested({}, frame);
    expect(early.said()).toEqual([]);
    early.machine.accept();
    expect(early.said()).toEqual(["open", "text early"]);

    const limits = { head: 400 };
    const flood = (octets: number): Probe => {
      const one = requested({ limits });
      for (let i = 0; i < octets; i += 50) one.receive(new Uint8Array(50));
      return one;
    };
    const full = flood(400);
    expect(full.said()).toEqual([]);
    const over = flood(450);
    expect(over.said()).toEqual(["fault BAD_REQUEST"]);
    expect(text(over)).toMatch(/^HTTP\/1\.1 400 /);
    expect(over.machine.accept()).toBe(false);
    expect(over.machine.transport).toBe("end");
  });
  it("writes the response of reject() and ends; closed follows the end of the stream, or the close timer", () => {
    for (const last of ["eof", "error", "timer"]) {
      const one = requested({ timers: { close: 5000 } });
      expect(one.machine.reject({ status: 403, body: "no\n", headers: [["X-Why", "because"]] })).toBe(true);
      expect(one.said()).toEqual([]);
      const response = text(one);
      expect(response).toMatch(
        /^HTTP\/1\.1 403 Forbidden\r\n.*Connection: close\r\n.*Content-Length: 3\r\n.*X-Why: because\r\n\r\nno\n$/s,
      );
      expect([one.machine.state, one.machine.transport, one.deadline()]).toEqual(["closing", "end", 5000]);
      if (last === "timer") one.pass(5000);
      else one.end(last === "error" ? new Error("reset") : undefined);
      expect(one.said()).toEqual(["closed 1006"]);
      expect([one.machine.state, one.machine.transport, one.deadline()]).toEqual([
        "closed",
        last === "eof" ? "end" : "destroy",
        null,
      ]);
    }
  });
  it("takes one answer, and none before the request has been polled", () => {
    const one = server();
    const early = expect.objectContaining({ name: "UsageError", code: "TOO_EARLY" });
    expect(() => one.machine.accept()).toThrow(early);
    expect(() => one.machine.reject({ status: 403 })).toThrow(early);
    one.receive(REQUEST);
    expect(() => one.machine.accept()).toThrow(early);
    one.said();
    expect([one.machine.accept(), one.machine.accept(), one.machine.reject({ status: 403 })]).toEqual([true, false, false]);
    const rejected = requested();
    expect([rejected.machine.reject({ status: 403 }), rejected.machine.accept()]).toEqual([true, false]);
    const eager = requested({}, Uint8Array.of(0x81));
    expect(eager.machine.wantsInput).toBe(true); // or its end would not be noticed
    const gone = requested();
    gone.end();
    expect([gone.machine.accept(), gone.machine.reject({ status: 403 }), gone.machine.peekOutput()]).toEqual([
      false,
      false,
      null,
    ]);
  });
  it("is left as it was by an answer that throws", () => {
    const wrong: (() => void)[] = [];
    const one = requested({ timers: { stall: 50 } });
    const bad = expect.objectContaining({ name: "UsageError", code: "BAD_ARGUMENT" });
    const before =
      () => [one.machine.state, one.machine.transport, one.machine.bufferedOutput, one.deadline(), one.machine.peekOutput()];
    const was = before();
    wrong.push(() => one.machine.accept({ protocol: "chat" }));
    wrong.push(() => one.machine.accept({ headers: [["X", "a\r\nb"]] }));
    wrong.push(() => one.machine.accept({ headers: [["Upgrade", "h2c"]] }));
    wrong.push(() => one.machine.reject({ status: 200 }));
    wrong.push(() => one.machine.reject({ status: 403, headers: [["X", "\n"]] }));
    wrong.push(() => one.machine.reject({} as Refusal));
    for (const call of wrong) {
      expect(call).toThrow(bad);
      expect(before()).toEqual(was);
    }
    one.pass(9999);
    expect(one.said()).toEqual([]);
    expect(one.machine.accept()).toBe(true);
  });
});

describe("the moment a connection opens", () => {
  it("is the start of silence: the application's time for its answer is not the peer's", () => {
    const one = requested({ timers: { ping: 0, idle: 3000 } });
    one.pass(5000);
    one.machine.accept();
    one.octets();
    expect(one.deadline()).toBe(3000);
  });
});

describe("a server with a bad request", () => {
  it.each([
    ["POST", "405", "NOT_AN_UPGRADE", REQUEST.replace("GET", "POST")],
    ["HTTP/1.0", "505", "BAD_REQUEST", REQUEST.replace("HTTP/1.1", "HTTP/1.0")],
    ["no Upgrade", "426", "NOT_AN_UPGRADE", REQUEST.replace("Upgrade: websocket\r\n", "")],
    ["version 8", "426", "BAD_VERSION", REQUEST.replace("Version: 13", "Version: 8")],
    ["a body", "400", "BAD_REQUEST", REQUEST.replace("\r\n\r\n", "\r\nContent-Length: 5\r\n\r\n")],
    [
      "a head above its limit",
      "431",
      "HEAD_TOO_LARGE",
      REQUEST.replace("\r\n\r\n", `\r\nX: ${"y".repeat(6000)}`.repeat(3) + "\r\n\r\n"),
    ],
    ["garbage", "400", "BAD_REQUEST", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n"],
  ])("%s is answered with %s: fault %s, then the end", (_, status, code, octets) => {
    const one = server({ timers: { close: 3000 } });
    one.receive(octets, encode({ opcode: 1, mask: MASK, payload: utf8("smuggled") }));
    expect(one.said()).toEqual([`fault ${code}`]);
    expect(text(one)).toMatch(new RegExp(`^HTTP/1\\.1 ${status} .*Connection: close`, "s"));
    expect([one.machine.state, one.machine.transport, one.machine.wantsInput, one.deadline()]).toEqual([
      "closing",
      "end",
      true,
      3000,
    ]);
    one.receive("more of it");
    expect(one.said()).toEqual([]);
    one.end();
    expect(one.said()).toEqual(["closed 1006"]);
    expect([one.machine.transport, one.deadline()]).toEqual(["end", null]);
  });
});

describe("the handshake timer of a server", () => {
  it("answers 408 to a head that is not complete, from the first moment, whatever trickles in", () => {
    const one = server({ timers: { handshake: 1000, close: 700 } });
    expect(one.deadline()).toBe(1000);
    for (const octet of utf8(REQUEST).slice(0, 99)) {
      one.receive(Uint8Array.of(octet));
      one.pass(10);
      expect(one.deadline()).toBe(1000 - one.now);
    }
    one.pass(10);
    expect(one.said()).toEqual(["fault HANDSHAKE_TIMEOUT"]);
    expect(text(one)).toMatch(/^HTTP\/1\.1 408 /);
    expect([one.machine.transport, one.deadline()]).toEqual(["end", 700]);
    one.pass(700);
    expect(one.said()).toEqual(["closed 1006"]);
    expect(one.machine.transport).toBe("destroy");
  });
  it("answers 503 for an application that does not", () => {
    const one = requested({ timers: { handshake: 1000 } });
    one.pass(1000);
    expect(one.machine.accept()).toBe(false);
    expect(one.said()).toEqual(["fault HANDSHAKE_TIMEOUT"]);
    expect(text(one)).toMatch(/^HTTP\/1\.1 503 /);
    expect(one.machine.transport).toBe("end");
    one.end();
    expect(one.said()).toEqual(["closed 1006"]);
  });
});

describe("a stream that ends inside of the handshake", () => {
  it.each([["a server's request", "GET / HTTP"], ["a server's answer", REQUEST]])(
    "in %s is a fault, and destroys",
    (_, octets) => {
      for (const error of [undefined, new Error("reset")]) {
        const one = server();
        one.receive(octets);
        one.said();
        one.end(error);
        expect(one.said()).toEqual([error === undefined ? "fault BAD_REQUEST" : "fault TRANSPORT", "closed 1006"]);
        expect([one.machine.role, one.machine.state, one.machine.transport, one.deadline(), one.machine.accept()]).toEqual([
          "server",
          "closed",
          "destroy",
          null,
          false,
        ]);
      }
    },
  );
  it("in a client's response head is a fault, and destroys", () => {
    for (const error of [undefined, new Error("reset")]) {
      const one = client();
      one.octets();
      one.receive("HTTP/1.1 101 Switching");
      expect(one.said()).toEqual([]);
      one.end(error);
      expect(one.said()).toEqual([error === undefined ? "fault BAD_RESPONSE" : "fault TRANSPORT", "closed 1006"]);
      expect([one.machine.state, one.machine.transport, one.deadline()]).toEqual(["closed", "destroy", null]);
    }
  });
  it("keeps what the transport failed with as the cause", () => {
    const one = client(), error = new Error("reset");
    one.end(error);
    expect(one.machine.poll()).toMatchObject({ type: "fault", fault: { code: "TRANSPORT", kind: "transport", cause: error } });
  });
});

describe("a client", () => {
  it("has its request in the output at once, and reports nothing before the answer", () => {
    const one = client({}, { authority: "server.example.com", target: "/chat" });
    expect([one.machine.role, one.machine.state, one.machine.transport, one.deadline()]).toEqual([
      "client",
      "connecting",
      "keep",
      10_000,
    ]);
    expect(text(one)).toMatch(/^GET \/chat HTTP\/1\.1\r\nHost: server\.example\.com\r\n.*\r\n\r\n$/s);
    expect(one.said()).toEqual([]);
  });
  it("is open after a 101 that verifies, wherever it is cut, and reads the octets behind it", () => {
    for (const size of [1, 7, 1000]) {
      const one = client();
      const response = concat([utf8(responseText(text(one))), encode({ opcode: 1, payload: utf8("first") })]);
      for (let at = 0; at < response.length; at += size) one.receive(response.slice(at, at + size));
      expect(one.said()).toEqual(["open", "text first"]);
      expect([one.machine.state, one.machine.transport, one.deadline()]).toEqual(["open", "keep", 20_000]);
    }
  });
  it("passes over other 1xx responses, which share the limit of a head", () => {
    const one = client();
    const answer = responseText(text(one));
    one.receive("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </>\r\n\r\n");
    expect(one.said()).toEqual([]);
    one.receive(answer);
    expect(one.said()).toEqual(["open"]);

    const flooded = client();
    flooded.receive("HTTP/1.1 100 Continue\r\n\r\n".repeat(800));
    expect(flooded.said()).toEqual(["fault HEAD_TOO_LARGE", "closed 1006"]);
  });
  it.each([
    ["another key", "BAD_ACCEPT", (answer: string) => answer.replace(/Accept: ../, "Accept: xx")],
    ["a subprotocol", "BAD_PROTOCOL", (answer: string) => answer.replace("\r\n\r\n", "\r\nSec-WebSocket-Protocol: chat\r\n\r\n")],
    [
      "an extension",
      "BAD_EXTENSION",
      (answer: string) => answer.replace("\r\n\r\n", "\r\nSec-WebSocket-Extensions: permessage-deflate\r\n\r\n"),
    ],
    ["no Upgrade", "BAD_RESPONSE", (answer: string) => answer.replace(/Upgrade: .*?\r\n/, "")],
    ["no HTTP", "BAD_RESPONSE", () => "SSH-2.0-OpenSSH_9.6\r\n\r\n"],
  ])("answers a 101 with %s by a fault, no Close frame, and destroys", (_, code, change) => {
    const one = client();
    const request = text(one);
    one.receive(change(responseText(request)), encode({ opcode: 1, payload: utf8("never") }));
    expect(one.said()).toEqual([`fault ${code}`, "closed 1006"]);
    expect(one.octets()).toHaveLength(0);
    expect([one.machine.state, one.machine.transport, one.deadline()]).toEqual(["closed", "destroy", null]);
  });
  it("reports another status with its body once that is complete, and destroys", () => {
    const one = client();
    one.receive("HTTP/1.1 404 Not Found\r\nContent-Length: 5\r\n\r\nhel");
    expect(one.said()).toEqual([]);
    expect(one.machine.transport).toBe("keep");
    one.receive("lo");
    expect(one.machine.poll()).toMatchObject({
      type: "rejected",
      status: 404,
      headers: [["Content-Length", "5"]],
      body: utf8("hello"),
    });
    expect(one.said()).toEqual(["closed 1006"]);
    expect([one.machine.state, one.machine.transport, one.deadline()]).toEqual(["closed", "destroy", null]);
  });
  it("reports what is there of a body when it reaches its limit, the stream ends, or time is up", () => {
    const head = "HTTP/1.1 500 Oops\r\n\r\n";
    const ways: [string, (one: Probe) => void, string][] = [
      ["limit", (one) => one.receive("0123456789"), "01234567"],
      ["end", (one) => one.end(), "0"],
      ["error", (one) => one.end(new Error("reset")), "0"],
      ["timer", (one) => one.pass(10_000), "0"],
    ];
    for (const [name, last, body] of ways) {
      const one = client({ limits: { body: 8 } });
      one.deadline();
      one.receive(head, name === "limit" ? "" : "0");
      expect(one.said()).toEqual([]);
      last(one);
      expect(one.machine.poll(), name).toMatchObject({ type: "rejected", status: 500, body: utf8(body) });
      expect(one.said()).toEqual(["closed 1006"]);
      expect(one.machine.transport).toBe("destroy");
    }
  });
  it("gives up when the handshake takes too long, and destroys", () => {
    const one = client({ timers: { handshake: 1000 } });
    one.octets();
    expect(one.deadline()).toBe(1000);
    one.receive("HTTP/1.1 101 Swi");
    one.pass(999);
    expect(one.said()).toEqual([]);
    one.pass(1);
    expect(one.said()).toEqual(["fault HANDSHAKE_TIMEOUT", "closed 1006"]);
    expect([one.machine.state, one.machine.transport, one.deadline()]).toEqual(["closed", "destroy", null]);
  });
  it("gives up when its request cannot leave, and says so", () => {
    const one = client({ timers: { stall: 1000 } });
    expect(one.deadline()).toBe(1000);
    one.pass(1000);
    expect(one.said()).toEqual(["fault STALL_TIMEOUT", "closed 1006"]);
    expect(one.machine.transport).toBe("destroy");
  });
  it("cannot accept or reject", () => {
    const one = client();
    expect([one.machine.accept(), one.machine.reject({ status: 403 })]).toEqual([false, false]);
  });
});

describe("close() while connecting", () => {
  it("destroys a client's connection: closed, no fault", () => {
    const one = client();
    expect(one.machine.close(1000, "never mind")).toBe(true);
    expect(one.said()).toEqual(["closed 1006"]);
    expect([one.machine.state, one.machine.transport, one.machine.peekOutput(), one.deadline()]).toEqual([
      "closed",
      "destroy",
      null,
      null,
    ]);
    expect(one.machine.close()).toBe(false);
  });
  it("answers a request that waits as reject(503) does", () => {
    const one = requested();
    expect(one.machine.close()).toBe(true);
    expect(text(one)).toMatch(/^HTTP\/1\.1 503 /);
    expect([one.machine.transport, one.deadline(), one.machine.accept()]).toEqual(["end", 10_000, false]);
    one.end();
    expect(one.said()).toEqual(["closed 1006"]);
  });
  it("is not done by a close that throws", () => {
    const one = client();
    expect(() => one.machine.close(1006)).toThrow(expect.objectContaining({ code: "BAD_ARGUMENT" }));
    expect([one.machine.state, one.machine.transport]).toEqual(["connecting", "keep"]);
  });
});

describe("a server behind a head that its host has read", () => {
  const headers = REQUEST.split("\r\n").slice(1, -2).map((line) => line.split(": ") as [string, string]);
  const head: RequestHead = { http: 1, method: "GET", target: "/chat", authority: "server.example.com", headers };
  const extended: RequestHead = {
    http: 2,
    method: "CONNECT",
    target: "/chat",
    authority: "server.example.com",
    protocol: "websocket",
    headers: [["sec-websocket-version", "13"]],
  };

  it("reports the request at once, and still writes the answer of HTTP/1", () => {
    const one = server({}, head);
    one.receive(encode({ opcode: 1, mask: MASK, payload: utf8("early") }));
    expect(one.said()).toEqual(["request /chat"]);
    one.machine.accept();
    expect(one.said()).toEqual(["open", "text early"]);
    expect(text(one)).toMatch(/^HTTP\/1\.1 101 /);
  });
  it("leaves the answer of HTTP/2 to the host by `respond`, and writes frames only (RFC 8441)", () => {
    const one = server({}, extended);
    expect(one.said()).toEqual(["request /chat"]);
    expect(one.machine.accept({ headers: [["X-A", "b"]] })).toBe(true);
    one.machine.send("hello");
    expect(one.machine.poll()).toEqual({ type: "respond", status: 200, headers: [["x-a", "b"]] });
    expect(one.machine.poll()).toMatchObject({ type: "open", agreement: { status: 200 } });
    expect(one.wrote()).toEqual(["text hello"]);
    expect(one.machine.transport).toBe("keep");
  });
  it("refuses on HTTP/2 by `respond` and the body", () => {
    const one = server({}, extended);
    one.said();
    expect(() => one.machine.reject({ status: 403, headers: [["X", "\n"]] })).toThrow(
      expect.objectContaining({ code: "BAD_ARGUMENT" }),
    );
    expect(one.said()).toEqual([]);
    expect(one.machine.reject({ status: 403, body: "no\n" })).toBe(true);
    expect(one.machine.poll()).toMatchObject({ type: "respond", status: 403 });
    expect(text(one)).toBe("no\n");
    expect(one.machine.transport).toBe("end");
    one.end();
    expect(one.said()).toEqual(["closed 1006"]);
  });
  it("has no output for a refusal without a body on HTTP/2", () => {
    const one = server({}, extended);
    one.said();
    expect(one.machine.reject({ status: 403 })).toBe(true);
    expect([one.machine.peekOutput(), one.machine.bufferedOutput]).toEqual([null, 0]);
  });
  it("refuses a bad request on HTTP/2 in the same way, with a fault", () => {
    const one = server({}, { ...extended, protocol: "connect-udp" });
    expect(one.said()).toEqual(["respond 400", "fault NOT_AN_UPGRADE"]);
    expect(text(one)).not.toMatch(/HTTP/);
    expect(one.machine.transport).toBe("end");
  });
  it("answers 503 on HTTP/2 when time is up or the application closes", () => {
    for (const act of [(one: Probe) => one.pass(10_000), (one: Probe) => void one.machine.close()]) {
      const one = server({}, extended);
      one.said();
      one.deadline();
      act(one);
      expect(one.said()[0]).toBe("respond 503");
    }
  });
});

describe("an agreement on compression", () => {
  it("is made with the engine of the options, and in force in both directions", () => {
    const options: Options = { deflate: { engine: zlib, threshold: 0 } };
    const near = client(options), far = server(options);
    far.receive(near.octets());
    expect(far.said()).toEqual(["request /"]);
    far.machine.accept();
    near.receive(far.octets());
    const open = near.machine.poll();
    expect(open).toMatchObject({ type: "open", agreement: { deflate: { serverTakeover: false, clientTakeover: false } } });
    far.said();
    near.machine.send("to the server");
    far.machine.send("to the client");
    far.receive(near.octets());
    near.receive(far.octets());
    expect([far.said(), near.said()]).toEqual([["text to the server"], ["text to the client"]]);
  });
  it("of a host needs an engine", () => {
    const deflate = { serverWindowBits: 15, clientWindowBits: 15, serverTakeover: false, clientTakeover: false };
    expect(() => opened("server", {}, { deflate })).toThrow(expect.objectContaining({ code: "BAD_OPTION" }));
    expect(opened("server", { deflate: { engine: zlib } }, { deflate }).machine.state).toBe("open");
  });
});

function requested(options: Options = {}, ...behind: Uint8Array[]): Probe {
  const one = server(options);
  one.deadline();
  one.receive(REQUEST, ...behind);
  expect(one.said()).toEqual(["request /chat"]);
  return one;
}
function text(one: Probe): string {
  return Buffer.from(one.octets()).toString("latin1");
}
