import { describe, expect, it } from "vitest";
import { utf8 } from "../../frames/encode.ts";
import type { DeflateWish } from "../cases/case.ts";
import { answerRequest, judgeRequest, type Request } from "./handshake.ts";
import { judgeResponse, requestText } from "./handshake-client.ts";
import { acceptOf, cutHead } from "./head.ts";

const KEY = "dGhlIHNhbXBsZSBub25jZQ==";
const wish: DeflateWish = {
  offers: [{ noContextTakeover: false, windowBits: 0 }],
  accepts: [{ noContextTakeover: true, windowBits: 0 }],
};
const target = { resource: "/runCase?case=7&agent=a%20b&empty=", authority: "localhost:9001" };
const text = (lines: readonly string[]): string => lines.map((line) => `${line}\r\n`).join("") + "\r\n";
function accepted(head: string): Request {
  const judged = judgeRequest(head);
  if ("failed" in judged) throw new Error(judged.failed);
  return judged.request;
}
const request = [
  "GET /chat HTTP/1.1",
  "Host: localhost:9001",
  "Upgrade: websocket",
  "Connection: keep-alive, Upgrade",
  `Sec-WebSocket-Key: ${KEY}`,
  "Sec-WebSocket-Version: 13",
];
/** The request with the header of that name replaced, or left out. */
const changed = (name: string, ...lines: readonly string[]): string =>
  text(request.flatMap((line) => line.toLowerCase().startsWith(name) ? lines : [line]));

describe("the two halves of the fuzzer's handshake", () => {
  it("understand each other", () => {
    const asked = accepted(requestText({ ...target, protocols: ["a", "b"] }, KEY, wish));
    expect([asked.path, [...asked.parameters], asked.protocols]).toEqual(["/runCase", [["case", ["7"]], ["agent", ["a b"]]], [
      "a",
      "b",
    ]]);
    const answer = answerRequest(asked, wish);
    const judged = judgeResponse(answer.response, { key: KEY, wish });
    expect(judged).toEqual({ server: "AutobahnTestSuite/25.10.1-0.10.9", deflate: answer.deflate, failed: null });
    expect(answer.deflate?.client).toEqual({ noContextTakeover: true, windowBits: 15 });
  });

  it("are as long as the original's", () => {
    expect(answerRequest(accepted(text(request)), null).response).toHaveLength(208);
    expect(requestText({ resource: "/", authority: "127.0.0.1:36789" }, KEY, null)).toHaveLength(243);
  });
});

describe("judgeRequest", () => {
  const reasons: readonly [string, number | null][] = [
    [text(["GET /", ...request.slice(1)]), 400],
    [text(["POST / HTTP/1.1", ...request.slice(1)]), 405],
    [text(["GET / HTTP/1.0", ...request.slice(1)]), 505],
    [text(["GET /#a HTTP/1.1", ...request.slice(1)]), 400],
    [changed("host"), 400],
    [changed("host", "Host: a", "Host: a"), 400],
    [changed("host", "Host: a:x"), 400],
    [changed("upgrade"), null],
    [changed("upgrade", "Upgrade: h2c"), 400],
    [changed("connection", "Connection: close"), 400],
    [changed("sec-websocket-version"), 400],
    [changed("sec-websocket-version", "Sec-WebSocket-Version: 12"), 400],
    [changed("sec-websocket-version", "Sec-WebSocket-Version: x"), 400],
    [changed("sec-websocket-key"), 400],
    [changed("sec-websocket-key", "Sec-WebSocket-Key: short=="), 400],
    [changed("sec-websocket-key", `Sec-WebSocket-Key: ${KEY.slice(0, -2)}aa`), 400],
    [text([...request, "Sec-WebSocket-Protocol: a, b, a"]), 400],
    [text([...request, "Sec-WebSocket-Extensions: a", "Sec-WebSocket-Extensions: b"]), 400],
    [text([...request, "Origin: a", "Origin: b"]), 400],
  ];
  it("refuses what the original refuses, with its status", () => {
    for (const [head, status] of reasons) {
      const judged = judgeRequest(head);
      const response = "failed" in judged ? judged.response : "accepted";
      expect([head, status === null ? response : response?.slice(0, 12)]).toEqual([
        head,
        status === null ? null : `HTTP/1.1 ${status}`,
      ]);
    }
    const version = judgeRequest(changed("sec-websocket-version", "Sec-WebSocket-Version: 12"));
    expect(version).toMatchObject({ response: expect.stringContaining("\r\nSec-WebSocket-Version: 13,8,0\r\n") });
  });

  it("compares the port of Host only if it is told which", () => {
    expect(judgeRequest(text(request), { port: 9001 })).toHaveProperty("request");
    expect(judgeRequest(text(request), { port: 9002 })).toHaveProperty("failed");
    expect(judgeRequest(changed("host", "Host: a"), { port: 9002 })).toHaveProperty("failed");
    expect(judgeRequest(changed("host", "Host: a"), { port: 443, secure: true })).toHaveProperty("request");
    expect(judgeRequest(changed("host", "Host: [::1]"))).toHaveProperty("request");
  });

  it("reads an absolute target", () => {
    expect(accepted(text(["GET http://a:1/runCase?case=2 HTTP/1.1", ...request.slice(1)])).path).toBe("/runCase");
  });
});

describe("answerRequest", () => {
  it("fails the whole handshake for an offer that breaks the rules, whatever the case wishes", () => {
    const asked = accepted(
      text([...request, "Sec-WebSocket-Extensions: x-unknown; a, permessage-deflate; server_max_window_bits"]),
    );
    expect(answerRequest(asked, null)).toMatchObject({
      deflate: null,
      failed: expect.any(String),
      response: expect.stringMatching(/^HTTP\/1.1 400 /),
    });
  });

  it("agrees on nothing where the case wishes nothing", () => {
    const asked = accepted(text([...request, "Sec-WebSocket-Extensions: permessage-deflate"]));
    expect(answerRequest(asked, null)).toMatchObject({ deflate: null, failed: null });
  });
});

describe("judgeResponse", () => {
  const good = ["HTTP/1.1 101 OK", "Upgrade: WebSocket", "Connection: Upgrade", `Sec-WebSocket-Accept: ${acceptOf(KEY)}`];
  const failed = (lines: readonly string[], wished: DeflateWish | null = null): string | null =>
    judgeResponse(text(lines), { key: KEY, wish: wished }).failed;
  const without = (at: number): string[] => good.filter((_, i) => i !== at);

  it("refuses what RFC 6455 §4.1 forbids", () => {
    expect(failed(good)).toBe(null);
    const wrong: readonly string[][] = [
      ["HTTP/1.0 101 OK", ...good.slice(1)],
      ["HTTP/1.1 200 OK", ...good.slice(1)],
      ["HTTP/1.1", ...good.slice(1)],
      ["HTTP/1.1 abc", ...good.slice(1)],
      without(1),
      without(2),
      without(3),
      [...without(1), "Upgrade: h2c"],
      [...without(2), "Connection: close"],
      [...without(3), "Sec-WebSocket-Accept: x"],
      [...good, good[3]],
      [...good, "Sec-WebSocket-Protocol: a"],
      [...good, "Sec-WebSocket-Extensions: x-other"],
      [...good, "Sec-WebSocket-Extensions: permessage-deflate"],
    ];
    for (const lines of wrong) expect([lines, failed(lines)]).toEqual([lines, expect.any(String)]);
  });

  it("takes permessage-deflate once, and only if the case wants it", () => {
    expect(failed([...good, "Sec-WebSocket-Extensions: permessage-deflate"], wish)).toBe(null);
    expect(failed([...good, "Sec-WebSocket-Extensions: permessage-deflate, permessage-deflate"], wish)).toEqual(
      expect.any(String),
    );
    expect(failed([...good, "Sec-WebSocket-Extensions: permessage-deflate; x"], wish)).toEqual(expect.any(String));
  });
});

describe("cutHead", () => {
  it("waits for the empty line, and leaves what is behind it", () => {
    const octets = utf8("GET / HTTP/1.1\r\nA: b\r\n\r\nrest");
    expect(cutHead(octets.subarray(0, 23))).toBe(null);
    const cut = cutHead(octets);
    expect([cut?.head, cut?.rest]).toEqual(["GET / HTTP/1.1\r\nA: b\r\n\r\n", utf8("rest")]);
  });
});
