import { describe, expect, it } from "vitest";
import { UsageError } from "../../core/index.ts";
import { parseTarget, tcpUrl, unixUrl } from "./target.ts";

describe("the URL of a WebSocket", () => {
  const cases: [string, object][] = [
    ["ws://example.org", { host: "example.org", port: 80, secure: false, unix: null, authority: "example.org", target: "/" }],
    ["wss://example.org/chat?a=b", {
      host: "example.org",
      port: 443,
      secure: true,
      authority: "example.org",
      target: "/chat?a=b",
    }],
    ["http://example.org:8080", { port: 8080, secure: false, authority: "example.org:8080" }],
    ["https://example.org:443/", { port: 443, secure: true, authority: "example.org" }],
    ["ws://[::1]:8080/x", { host: "::1", port: 8080, authority: "[::1]:8080", target: "/x" }],
    ["WS://EXAMPLE.org:80", { host: "example.org", authority: "example.org" }],
    ["ws://b%C3%BCcher.example", { host: "xn--bcher-kva.example", authority: "xn--bcher-kva.example" }],
    ["ws+unix:///tmp/s.sock:/chat?x=1", { unix: "/tmp/s.sock", secure: false, authority: "localhost", target: "/chat?x=1" }],
    ["ws+unix:/tmp/s.sock", { unix: "/tmp/s.sock", target: "/" }],
    ["ws+unix:/tmp/s.sock:", { unix: "/tmp/s.sock", target: "/" }],
    ["ws+unix:/tmp/a%3Ab%20c.sock:/d", { unix: "/tmp/a:b c.sock", target: "/d" }],
    ["wss+unix:/tmp/s.sock:/", { unix: "/tmp/s.sock", secure: true, target: "/" }],
  ];
  for (const [url, expected] of cases) {
    it(`${url} is taken apart`, () => {
      const { target, ...where } = parseTarget(url);
      expect({ ...where, authority: target.authority, target: target.target }).toMatchObject(expected);
      expect(parseTarget(new URL(url))).toEqual(parseTarget(url));
    });
  }
  it("is refused with a fragment, with another scheme, or if it is none", () => {
    for (const url of ["ws://x/#", "ws://x/#a", "ftp://x", "x", "", "/chat", "ws+unix:", "ws://x:99999"]) {
      expect(() => parseTarget(url), url).toThrow(UsageError);
    }
  });
  it("turns userinfo into Basic credentials, unless there are others", () => {
    const authorization = (url: string, headers = {}): unknown => parseTarget(url, { headers }).target.headers;
    expect(authorization("ws://user:pa%3Ass@x")).toEqual([["Authorization", `Basic ${btoa("user:pa:ss")}`]]);
    expect(authorization("ws://user@x")).toEqual([["Authorization", `Basic ${btoa("user:")}`]]);
    expect(authorization("ws://%C3%BC:x@h")).toEqual([["Authorization", "Basic w7w6eA=="]]);
    expect(authorization("ws://user:x@h", { authorization: "Bearer t" })).toEqual([["authorization", "Bearer t"]]);
    expect(parseTarget("ws://user:x@h:81").target.authority).toBe("h:81");
  });
  it("takes headers in any form, and passes on origin and protocols", () => {
    const pairs = [["A", "1"], ["A", "2"]] as const;
    expect(parseTarget("ws://x", { headers: pairs }).target.headers).toEqual(pairs);
    expect(parseTarget("ws://x", { headers: new Map([["A", "1"]]) }).target.headers).toEqual([["A", "1"]]);
    expect(parseTarget("ws://x", { headers: new Headers({ a: "1" }) }).target.headers).toEqual([["a", "1"]]);
    expect(parseTarget("ws://x", { headers: { A: "1" } }).target.headers).toEqual([["A", "1"]]);
    expect(parseTarget("ws://x", { origin: "https://o", protocols: ["p"] }).target).toMatchObject({
      origin: "https://o",
      protocols: ["p"],
    });
  });
  it("of a server can be connected to", () => {
    const paths = ["/tmp/s.sock", "/tmp/a b:c?d#e%.sock"];
    for (const path of paths) expect(parseTarget(unixUrl(path, false)).unix).toBe(path);
    expect(tcpUrl("::", 80, false)).toBe("ws://localhost:80");
    expect(tcpUrl("::1", 443, true)).toBe("wss://[::1]:443");
    expect(tcpUrl("127.0.0.1", 8080, false)).toBe("ws://127.0.0.1:8080");
  });
});
