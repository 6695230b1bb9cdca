import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { ClientTarget, Deflate, Header, RequestHead, UpgradeRequest } from "../types.ts";
import { acceptKey } from "./accept-key.ts";
import { agree, checkRequest, requestHead, verifyResponse } from "./negotiate.ts";

const KEY = "dGhlIHNhbXBsZSBub25jZQ==";
const ACCEPT = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";
const DEFLATE: Required<Deflate> = {
  engine: { deflateBits: [8, 15], inflater: () => expect.unreachable(), deflater: () => expect.unreachable() },
  level: 1,
  threshold: 0,
  contextTakeover: true,
  windowBits: 15,
};

/** A sound request; a header given as null is left out, an array stands for several lines. */
function request(changes: Record<string, string | string[] | null> = {}, head: Partial<RequestHead> = {}): RequestHead {
  const all: Record<string, string | string[] | null> = {
    Host: "a.example",
    Upgrade: "websocket",
    Connection: "Upgrade",
    "Sec-WebSocket-Key": KEY,
    "Sec-WebSocket-Version": "13",
    ...changes,
  };
  const headers = Object.entries(all).flatMap(([name, value]) => [value ?? []].flat().map((one): Header => [name, one]));
  return { http: 1, method: "GET", target: "/", authority: "", headers, ...head };
}
function request2(changes: Partial<RequestHead> = {}, headers: readonly Header[] = []): RequestHead {
  return {
    http: 2,
    method: "CONNECT",
    protocol: "websocket",
    target: "/",
    authority: "a.example",
    headers: [["sec-websocket-version", "13"], ...headers],
    ...changes,
  };
}
function withoutProtocol({ protocol: _, ...head }: RequestHead): RequestHead {
  return head;
}
function taken(head: RequestHead): UpgradeRequest {
  const result = checkRequest(head);
  if (result.type !== "request") expect.unreachable(result.body);
  return (result as { request: UpgradeRequest }).request;
}
function response(changes: Record<string, string | string[] | null> = {}): Header[] {
  const all = { Upgrade: "websocket", Connection: "Upgrade", "Sec-WebSocket-Accept": ACCEPT, ...changes };
  return Object.entries(all).flatMap(([name, value]) => [value ?? []].flat().map((one): Header => [name, one]));
}
function verdict(
  headers: readonly Header[],
  target: Partial<ClientTarget> = {},
  deflate: Required<Deflate> | null = null,
  status = 101,
) {
  const result = verifyResponse({ target: { authority: "a", target: "/", ...target }, deflate, key: KEY }, status, headers);
  return result.type === "fault" ? result.fault.code : result.agreement;
}

describe("checkRequest", () => {
  it.each([
    ["as a browser sends it", {}],
    ["with lists (H5)", { Upgrade: "h2c, websocket", Connection: "keep-alive, Upgrade" }],
    ["with lists in several lines", { Upgrade: ["h2c", "WebSocket"], Connection: ["keep-alive", "uPGRADE"] }],
    ["in any case", { upgrade: "WEBSOCKET", Upgrade: null, Connection: "UPGRADE" }],
    ["with empty elements", { Upgrade: ", websocket ,", Connection: ",,upgrade" }],
    ["with Content-Length: 0", { "Content-Length": "0" }],
    ["with Content-Length: 00", { "Content-Length": "00" }],
    ["with names of Object.prototype (H11)", { ["__proto__"]: "a", constructor: "b", toString: "c" }],
    ["with an extension list full of nonsense names (H13)", {
      "Sec-WebSocket-Extensions": "constructor, __proto__; toString=1, x,",
    }],
    ["with extensions in several lines", { "Sec-WebSocket-Extensions": ["a", "b; c"] }],
    ["with offers that are no good (H14)", { "Sec-WebSocket-Extensions": "permessage-deflate; server_max_window_bits=7; x" }],
  ])("takes a request %s", (_, changes) => {
    expect(checkRequest(request(changes)).type).toBe("request");
  });
  it.each([
    ["H3 POST", request({}, { method: "POST" }), 405, "NOT_AN_UPGRADE"],
    ["H3 get in lower case", request({}, { method: "get" }), 405, "NOT_AN_UPGRADE"],
    ["H4 no Host", request({ Host: null }), 400, "BAD_REQUEST"],
    ["H4 two Hosts", request({ Host: ["a", "a"] }), 400, "BAD_REQUEST"],
    ["H4 a Host in two cases", request({ Host: "a", host: "a" }), 400, "BAD_REQUEST"],
    ["an empty Host", request({ Host: "" }), 400, "BAD_REQUEST"],
    ["a Host with a path", request({ Host: "a/b" }), 400, "BAD_REQUEST"],
    ["a Host with userinfo", request({ Host: "u@a" }), 400, "BAD_REQUEST"],
    ["a Host with a list", request({ Host: "a, b" }), 400, "BAD_REQUEST"],
    ["H6 Connection: close", request({ Connection: "close" }), 426, "NOT_AN_UPGRADE"],
    ["H6 no Connection", request({ Connection: null }), 426, "NOT_AN_UPGRADE"],
    ["H6 Connection with a longer token", request({ Connection: "upgrade-insecure" }), 426, "NOT_AN_UPGRADE"],
    ["no Upgrade", request({ Upgrade: null }), 426, "NOT_AN_UPGRADE"],
    ["another Upgrade", request({ Upgrade: "h2c" }), 426, "NOT_AN_UPGRADE"],
    ["an Upgrade that only begins like it", request({ Upgrade: "websocket2" }), 426, "NOT_AN_UPGRADE"],
    ["H7 version 8", request({ "Sec-WebSocket-Version": "8" }), 426, "BAD_VERSION"],
    ["H7 version 14", request({ "Sec-WebSocket-Version": "14" }), 426, "BAD_VERSION"],
    ["H7 version 013", request({ "Sec-WebSocket-Version": "013" }), 426, "BAD_VERSION"],
    ["H7 no version", request({ "Sec-WebSocket-Version": null }), 426, "BAD_VERSION"],
    ["H7 two versions", request({ "Sec-WebSocket-Version": ["13", "13"] }), 426, "BAD_VERSION"],
    ["H8 no key", request({ "Sec-WebSocket-Key": null }), 400, "BAD_REQUEST"],
    ["H8 an empty key", request({ "Sec-WebSocket-Key": "" }), 400, "BAD_REQUEST"],
    ["H8 a key of 15 octets", request({ "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25j" }), 400, "BAD_REQUEST"],
    ["H8 a key of 17 octets", request({ "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZSE=" }), 400, "BAD_REQUEST"],
    ["H8 a key that is not base64", request({ "Sec-WebSocket-Key": "!".repeat(22) + "==" }), 400, "BAD_REQUEST"],
    ["H8 two keys", request({ "Sec-WebSocket-Key": [KEY, KEY] }), 400, "BAD_REQUEST"],
    ["H9 Content-Length", request({ "Content-Length": "5" }), 400, "BAD_REQUEST"],
    ["H9 Content-Length with a zero before it", request({ "Content-Length": "05" }), 400, "BAD_REQUEST"],
    ["H9 Content-Length twice", request({ "Content-Length": ["0", "0"] }), 400, "BAD_REQUEST"],
    ["H9 a signed Content-Length", request({ "Content-Length": "+0" }), 400, "BAD_REQUEST"],
    ["H9 an empty Content-Length", request({ "Content-Length": "" }), 400, "BAD_REQUEST"],
    ["H9 Transfer-Encoding", request({ "Transfer-Encoding": "chunked" }), 400, "BAD_REQUEST"],
    ["H9 a strange Transfer-Encoding", request({ "transfer-encoding": "identity" }), 400, "BAD_REQUEST"],
    ["H12 an empty subprotocol list", request({ "Sec-WebSocket-Protocol": "" }), 400, "BAD_REQUEST"],
    ["H12 a subprotocol with a separator", request({ "Sec-WebSocket-Protocol": "a/b" }), 400, "BAD_REQUEST"],
    ["H12 a subprotocol with a space", request({ "Sec-WebSocket-Protocol": "a b" }), 400, "BAD_REQUEST"],
    ["H12 a subprotocol with obs-text", request({ "Sec-WebSocket-Protocol": "a\xff\xfe" }), 400, "BAD_REQUEST"],
    ["H12 a subprotocol twice", request({ "Sec-WebSocket-Protocol": "a, b, a" }), 400, "BAD_REQUEST"],
    ["H12 a subprotocol twice in two lines", request({ "Sec-WebSocket-Protocol": ["a", "a"] }), 400, "BAD_REQUEST"],
    ["H12 spaces without end", request({ "Sec-WebSocket-Protocol": "a" + " ".repeat(12_000) + "b" }), 400, "BAD_REQUEST"],
    ["H13 empty extensions", request({ "Sec-WebSocket-Extensions": "" }), 400, "BAD_REQUEST"],
    ["H13 an unclosed quote", request({ "Sec-WebSocket-Extensions": 'x; a="' + "\\c".repeat(2000) }), 400, "BAD_REQUEST"],
    ["two Origins", request({ Origin: ["http://a", "http://a"] }), 400, "BAD_REQUEST"],
    ["a target in authority-form", request({}, { target: "a.example:80" }), 400, "BAD_REQUEST"],
    ["a target in asterisk-form", request({}, { target: "*" }), 400, "BAD_REQUEST"],
    ["a target with a fragment", request({}, { target: "/a#b" }), 400, "BAD_REQUEST"],
    ["an absolute target of another scheme", request({}, { target: "ftp://a/" }), 400, "BAD_REQUEST"],
    ["a target that is a scheme and one character", request({}, { target: "httpx" }), 400, "BAD_REQUEST"],
    ["an absolute target without a host", request({}, { target: "http:///a" }), 400, "BAD_REQUEST"],
    ["an absolute target with userinfo", request({}, { target: "http://u@a/" }), 400, "BAD_REQUEST"],
  ])("refuses %s", (_, head, status, code) => {
    expect(checkRequest(head)).toMatchObject({ type: "refused", status, fault: { kind: "handshake", code, closeCode: 1006 } });
  });

  it("names the method and the version it wants", () => {
    expect(checkRequest(request({}, { method: "POST" }))).toMatchObject({ headers: [["Allow", "GET"]] });
    expect(checkRequest(request({ "Sec-WebSocket-Version": "8" }))).toMatchObject({ headers: [["Sec-WebSocket-Version", "13"]] });
  });
  it("adds no headers of its own where the refusal needs none", () => {
    expect(checkRequest(request({ Host: null }))).toMatchObject({ headers: [] });
  });
  it("believes Host on HTTP/1.1, and the authority on HTTP/2 only", () => {
    expect(taken(request({}, { authority: "b.example" })).authority).toBe("a.example");
  });
  it("gives HEAD no body, and every other method one", () => {
    expect(checkRequest(request({}, { method: "HEAD" }))).toMatchObject({ status: 405, body: "" });
    expect(checkRequest(request({}, { method: "POST" }))).toMatchObject({ status: 405, body: "the method must be GET\n" });
  });
  it("never repeats what the peer sent", () => {
    const evil = "<script>\x1b[31m";
    for (
      const name of ["Host", "Upgrade", "Connection", "Sec-WebSocket-Key", "Sec-WebSocket-Version", "Sec-WebSocket-Protocol"]
    ) {
      expect(JSON.stringify(checkRequest(request({ [name]: evil })))).not.toContain("script");
    }
  });
  it.each([
    ["/a?b=c", "a.example", "/a?b=c"],
    ["http://b.example:81/a?c", "b.example:81", "/a?c"],
    ["WSS://b.example", "b.example", "/"],
    ["https://b.example?q=/x", "b.example", "/?q=/x"],
    ["ws://[::1]/", "[::1]", "/"],
  ])("reads authority and path of %s", (target, authority, path) => {
    expect(taken(request({}, { target }))).toMatchObject({ authority, target: path });
  });
  it("gives the application the origin as it came, the subprotocols in order, and headers without case", () => {
    const origin = "https://good.example.evil.example";
    const upgrade = taken(request({ Origin: origin, "Sec-WebSocket-Protocol": ["b, a", "c"], "X-A": ["1", "2"] }));
    expect(upgrade.origin).toBe(origin);
    expect(upgrade.protocols).toEqual(["b", "a", "c"]);
    expect(upgrade.header("x-A")).toBe("1, 2");
    expect(upgrade.header("toString")).toBe(null);
    expect(taken(request({ Origin: "null" })).origin).toBe("null");
    expect(taken(request()).origin).toBe(null);
  });

  it("takes an extended CONNECT without Upgrade, Connection and key (RFC 8441 §5)", () => {
    expect(taken(request2({}, [["sec-websocket-protocol", "a"], ["origin", "b"]]))).toMatchObject({
      http: 2,
      authority: "a.example",
      target: "/",
      protocols: ["a"],
      origin: "b",
    });
    expect(taken(request2({ authority: "" }, [["host", "b.example"]])).authority).toBe("b.example");
  });
  it.each([
    ["another method", request2({ method: "GET" }), "NOT_AN_UPGRADE"],
    ["another protocol", request2({ protocol: "connect-udp" }), "NOT_AN_UPGRADE"],
    ["CONNECT without a protocol", withoutProtocol(request2()), "NOT_AN_UPGRADE"],
    ["no authority", request2({ authority: "" }), "BAD_REQUEST"],
    ["a body", request2({}, [["content-length", "1"]]), "BAD_REQUEST"],
    ["another version", request2({ headers: [["sec-websocket-version", "8"]] }), "BAD_VERSION"],
  ])("refuses %s on HTTP/2 with 400, since 426 needs Upgrade", (_, head, code) => {
    expect(checkRequest(head)).toMatchObject({ status: 400, fault: { code } });
  });
});

describe("agree", () => {
  it("writes all headers of the answer", () => {
    const upgrade = taken(request({ "Sec-WebSocket-Protocol": "a, b", "Sec-WebSocket-Extensions": "permessage-deflate" }));
    expect(agree(upgrade, { protocol: "b", headers: [["Set-Cookie", "x=1"], ["Set-Cookie", "y=2"]] }, DEFLATE)).toEqual({
      status: 101,
      protocol: "b",
      deflate: { serverWindowBits: 15, clientWindowBits: 15, serverTakeover: true, clientTakeover: true },
      headers: [
        ["Upgrade", "websocket"],
        ["Connection", "Upgrade"],
        ["Sec-WebSocket-Accept", ACCEPT],
        ["Sec-WebSocket-Protocol", "b"],
        ["Sec-WebSocket-Extensions", "permessage-deflate"],
        ["Set-Cookie", "x=1"],
        ["Set-Cookie", "y=2"],
      ],
    });
  });
  it("writes lower-case names and no Upgrade, Connection or Accept on HTTP/2", () => {
    const upgrade = taken(request2({}, [["sec-websocket-protocol", "a"]]));
    expect(agree(upgrade, { protocol: "a", headers: [["X-Y", "Z"]] }, DEFLATE)).toEqual({
      status: 200,
      protocol: "a",
      deflate: null,
      headers: [["sec-websocket-protocol", "a"], ["x-y", "Z"]],
    });
  });
  it("names no subprotocol and no extension where there is none", () => {
    const upgrade = taken(request({ "Sec-WebSocket-Protocol": "a", "Sec-WebSocket-Extensions": "permessage-deflate" }));
    for (const protocol of [undefined, null, ""]) {
      const agreement = agree(upgrade, protocol === undefined ? {} : { protocol }, null);
      expect(agreement).toMatchObject({ protocol: "", deflate: null });
      expect(agreement.headers).toHaveLength(3);
    }
  });
  it("takes no extension that was not offered, and skips offers that are no good", () => {
    const deflate = (offers: string | null) => agree(taken(request({ "Sec-WebSocket-Extensions": offers })), {}, DEFLATE).deflate;
    expect(deflate(null)).toBe(null);
    expect(deflate("permessage-bzip2")).toBe(null);
    expect(deflate("permessage-deflate; x, permessage-deflate; server_max_window_bits=8")?.serverWindowBits).toBe(8);
  });
  it.each([
    ["a subprotocol that was not offered", { protocol: "c" }],
    ["a subprotocol in another case", { protocol: "A" }],
    ["a subprotocol with a line end", { protocol: "a\r\nX: y" }],
    ["a header of the handshake", { headers: [["sec-websocket-accept", "x"]] }],
    ["a header of the framing", { headers: [["Content-Length", "0"]] }],
    ["a line end in a value", { headers: [["X", "a\r\nY: b"]] }],
    ["a line end in a name", { headers: [["X\r\nY", "a"]] }],
    ["obs-text in a value", { headers: [["X", "\xff"]] }],
  ] as [string, object][])("throws for %s", (_, answer) => {
    const upgrade = taken(request({ "Sec-WebSocket-Protocol": "a, b" }));
    expect(() => agree(upgrade, answer, DEFLATE)).toThrow(expect.objectContaining({ name: "UsageError", code: "BAD_ARGUMENT" }));
  });
});

describe("requestHead", () => {
  const target: ClientTarget = {
    authority: "a.example:8080",
    target: "/x?y",
    origin: "https://b.example",
    protocols: ["p", "q"],
    headers: [["Cookie", "c=d"]],
  };
  it("asks on HTTP/1.1 with GET and everything RFC 6455 §4.1 wants", () => {
    expect(requestHead(target, DEFLATE, KEY)).toEqual({
      http: 1,
      method: "GET",
      target: "/x?y",
      authority: "a.example:8080",
      headers: [
        ["Host", "a.example:8080"],
        ["Upgrade", "websocket"],
        ["Connection", "Upgrade"],
        ["Sec-WebSocket-Key", KEY],
        ["Sec-WebSocket-Version", "13"],
        ["Origin", "https://b.example"],
        ["Sec-WebSocket-Protocol", "p, q"],
        ["Sec-WebSocket-Extensions", "permessage-deflate; client_max_window_bits"],
        ["Cookie", "c=d"],
      ],
    });
  });
  it("asks on HTTP/2 with CONNECT and lower-case names (RFC 8441 §5)", () => {
    expect(requestHead(target, null, null)).toEqual({
      http: 2,
      method: "CONNECT",
      protocol: "websocket",
      target: "/x?y",
      authority: "a.example:8080",
      headers: [
        ["sec-websocket-version", "13"],
        ["origin", "https://b.example"],
        ["sec-websocket-protocol", "p, q"],
        ["cookie", "c=d"],
      ],
    });
  });
  it("is what checkRequest takes, on both", () => {
    for (const key of [KEY, null]) {
      const upgrade = taken(requestHead(target, DEFLATE, key));
      expect(upgrade).toMatchObject({
        authority: target.authority,
        target: target.target,
        origin: target.origin,
        protocols: target.protocols,
      });
      expect(upgrade.header("cookie")).toBe("c=d");
    }
  });
  it.each([
    ["an empty authority", { authority: "" }],
    ["userinfo", { authority: "u:p@a" }],
    ["an authority with a path", { authority: "a/b" }],
    ["a relative path", { target: "a" }],
    ["an empty path", { target: "" }],
    ["a fragment", { target: "/#a" }],
    ["an origin with a space", { origin: "http://a http://b" }],
    ["an empty origin", { origin: "" }],
    ["a subprotocol twice", { protocols: ["a", "a"] }],
    ["an empty subprotocol", { protocols: [""] }],
    ["a subprotocol with a comma", { protocols: ["a,b"] }],
    ["a subprotocol that is no string", { protocols: [1] }],
    ["Host as a header", { headers: [["host", "b"]] }],
    ["Origin as a header", { headers: [["Origin", "b"]] }],
    ["Upgrade as a header", { headers: [["UPGRADE", "b"]] }],
    ["a key as a header", { headers: [["Sec-WebSocket-Key", KEY]] }],
    ["a length as a header", { headers: [["Content-Length", "1"]] }],
  ] as unknown as [string, Partial<ClientTarget>][])("throws for %s", (_, changes) => {
    for (const key of [KEY, null]) {
      expect(() => requestHead({ ...target, ...changes }, null, key)).toThrow(expect.objectContaining({ code: "BAD_ARGUMENT" }));
    }
  });
  it("throws for CR, LF, NUL, space and non-ASCII wherever a caller can put them (C7)", () => {
    for (const char of ["\r", "\n", "\0", "\x7f", "\u00e9", "\u2028", "\u560d", " "]) {
      const spots: Partial<ClientTarget>[] = [
        { authority: `a${char}b` },
        { target: `/a${char}b` },
        { origin: `a${char}b` },
        { protocols: [`a${char}b`] },
        { headers: [[`a${char}b`, "c"]] },
        ...(char === " " ? [] : [{ headers: [["c", `a${char}b`]] as Header[] }]),
      ];
      for (const changes of spots) {
        expect(() => requestHead({ ...target, ...changes }, null, KEY)).toThrow(
          expect.objectContaining({ code: "BAD_ARGUMENT" }),
        );
      }
    }
  });
});

describe("verifyResponse", () => {
  it("gives the agreement with the headers as they came", () => {
    const headers = response({ "Sec-WebSocket-Protocol": "b", "X-A": "1" });
    expect(verdict(headers, { protocols: ["a", "b"] })).toEqual({ status: 101, headers, protocol: "b", deflate: null });
  });
  it.each([
    ["any case", { Upgrade: "WebSocket", Connection: "upgrade" }],
    ["a list", { Connection: "keep-alive, Upgrade" }],
    ["several lines", { Upgrade: ["websocket", "websocket"], Connection: ["x", "Upgrade"] }],
    ["space around Accept (C1)", { "Sec-WebSocket-Accept": ` ${ACCEPT}\t` }],
    ["Content-Length: 0", { "Content-Length": "0" }],
    ["the versions of the server", { "Sec-WebSocket-Version": ["13", "8"] }],
  ] as [string, Record<string, string | string[]>][])("takes %s", (_, changes) => {
    expect(verdict(response(changes))).toMatchObject({ status: 101 });
  });
  it.each([
    ["no Upgrade", { Upgrade: null }, "BAD_RESPONSE"],
    ["another Upgrade", { Upgrade: "h2c" }, "BAD_RESPONSE"],
    ["another Upgrade besides", { Upgrade: "websocket, h2c" }, "BAD_RESPONSE"],
    ["no Connection", { Connection: null }, "BAD_RESPONSE"],
    ["Connection: close", { Connection: "close" }, "BAD_RESPONSE"],
    ["C4 a body", { "Content-Length": "5" }, "BAD_RESPONSE"],
    ["C4 a chunked body", { "Transfer-Encoding": "chunked" }, "BAD_RESPONSE"],
    ["C1 no Accept", { "Sec-WebSocket-Accept": null }, "BAD_ACCEPT"],
    ["C1 two Accepts", { "Sec-WebSocket-Accept": [ACCEPT, ACCEPT] }, "BAD_ACCEPT"],
    ["C1 another Accept", { "Sec-WebSocket-Accept": acceptKey("x") }, "BAD_ACCEPT"],
    ["C1 Accept in lower case", { "Sec-WebSocket-Accept": ACCEPT.toLowerCase() }, "BAD_ACCEPT"],
    ["C1 an odd space around Accept", { "Sec-WebSocket-Accept": `${ACCEPT}\xa0` }, "BAD_ACCEPT"],
    ["C1 the key itself", { "Sec-WebSocket-Accept": KEY }, "BAD_ACCEPT"],
    ["C2 a subprotocol that was not asked for", { "Sec-WebSocket-Protocol": "c" }, "BAD_PROTOCOL"],
    ["C2 a subprotocol in another case", { "Sec-WebSocket-Protocol": "A" }, "BAD_PROTOCOL"],
    ["C2 two subprotocols", { "Sec-WebSocket-Protocol": "a, b" }, "BAD_PROTOCOL"],
    ["C2 two subprotocol lines", { "Sec-WebSocket-Protocol": ["a", "a"] }, "BAD_PROTOCOL"],
    ["C2 an empty subprotocol", { "Sec-WebSocket-Protocol": "" }, "BAD_PROTOCOL"],
    ["C3 another extension", { "Sec-WebSocket-Extensions": "permessage-bzip2" }, "BAD_EXTENSION"],
    ["C3 an extension in another case", { "Sec-WebSocket-Extensions": "Permessage-Deflate" }, "BAD_EXTENSION"],
    ["C3 the extension twice", { "Sec-WebSocket-Extensions": "permessage-deflate, permessage-deflate" }, "BAD_EXTENSION"],
    [
      "C3 the extension in two lines",
      { "Sec-WebSocket-Extensions": ["permessage-deflate", "permessage-deflate"] },
      "BAD_EXTENSION",
    ],
    ["C3 an empty line besides", { "Sec-WebSocket-Extensions": ["permessage-deflate", ""] }, "BAD_EXTENSION"],
    ["C3 another one besides", { "Sec-WebSocket-Extensions": "permessage-deflate, x" }, "BAD_EXTENSION"],
    ["C3 empty extensions", { "Sec-WebSocket-Extensions": "" }, "BAD_EXTENSION"],
    ["C3 a malformed list", { "Sec-WebSocket-Extensions": 'permessage-deflate; a="' }, "BAD_EXTENSION"],
    ["C3 an unknown parameter", { "Sec-WebSocket-Extensions": "permessage-deflate; x" }, "BAD_EXTENSION"],
    ["C3 a window of 2^1000", { "Sec-WebSocket-Extensions": "permessage-deflate; server_max_window_bits=1000" }, "BAD_EXTENSION"],
    [
      "C3 a window without a value",
      { "Sec-WebSocket-Extensions": "permessage-deflate; server_max_window_bits" },
      "BAD_EXTENSION",
    ],
  ] as [string, Record<string, string | string[] | null>, string][])("fails on %s", (_, changes, code) => {
    expect(verdict(response(changes), { protocols: ["a", "b"] }, DEFLATE)).toBe(code);
  });
  it("fails on what was not asked for at all", () => {
    expect(verdict(response({ "Sec-WebSocket-Protocol": "a" }))).toBe("BAD_PROTOCOL");
    expect(verdict(response({ "Sec-WebSocket-Extensions": "permessage-deflate" }))).toBe("BAD_EXTENSION");
  });
  it("takes the absence of a subprotocol and of the extension", () => {
    expect(verdict(response(), { protocols: ["a"] }, DEFLATE)).toMatchObject({ protocol: "", deflate: null });
  });
  it("fails on another status", () => {
    for (const status of [100, 200, 426]) expect(verdict(response(), {}, null, status)).toBe("BAD_RESPONSE");
  });
  it("asks of HTTP/2 a 2xx, and checks subprotocol and extension as well", () => {
    const check = (status: number, headers: readonly Header[]) => {
      const result = verifyResponse(
        { target: { authority: "a", target: "/", protocols: ["p"] }, deflate: DEFLATE, key: null },
        status,
        headers,
      );
      return result.type === "fault" ? result.fault.code : result.agreement;
    };
    expect(check(200, [["sec-websocket-protocol", "p"]])).toMatchObject({ status: 200, protocol: "p" });
    expect(check(200, [["sec-websocket-extensions", "permessage-deflate"]])).toMatchObject({ deflate: { serverWindowBits: 15 } });
    expect(check(200, [["sec-websocket-protocol", "q"]])).toBe("BAD_PROTOCOL");
    expect(check(299, [])).toMatchObject({ status: 200 });
    for (const status of [101, 199, 300, 404]) expect(check(status, [])).toBe("BAD_RESPONSE");
  });
  it("never throws, whatever the headers", () => {
    const text = fc.string({ unit: fc.integer({ min: 0, max: 255 }).map((code) => String.fromCharCode(code)), maxLength: 20 });
    const name = fc.constantFrom(
      "Upgrade",
      "Connection",
      "Sec-WebSocket-Accept",
      "Sec-WebSocket-Protocol",
      "Sec-WebSocket-Extensions",
      "__proto__",
    );
    fc.assert(fc.property(fc.array(fc.tuple(name, text), { maxLength: 4 }), fc.nat({ max: 999 }), (headers, status) => {
      expect(["string", "object"]).toContain(typeof verdict([...response(), ...headers], { protocols: ["a"] }, DEFLATE, status));
      expect(["request", "refused"]).toContain(checkRequest({ ...request(), headers: [...request().headers, ...headers] }).type);
    }));
  });
});
