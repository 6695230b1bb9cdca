import { describe, expect, it } from "vitest";
import type { Refusal } from "../cases/case.ts";
import { judgeRefusal, protocolsOf, reshape, shown } from "./opening.ts";

const HEAD = "GET /a HTTP/1.1\r\nHost: h:1\r\nX: 1: 2\r\nY: 3\r\n\r\n";

describe("reshape", () => {
  it("leaves a head alone where nothing is to be changed", () => {
    expect([reshape(HEAD, undefined), reshape(HEAD, {}), reshape(HEAD, { chop: 1 })]).toEqual([HEAD, HEAD, HEAD]);
  });

  it("changes lines where they stand, adds new ones at the end, and knows what stood there", () => {
    expect(reshape(HEAD, {
      before: "\r\n",
      line: "POST {}?b HTTP/1.0",
      extra: ["folded", " line"],
      headers: { X: ["{}!", "{}"], Host: [], Z: ["new"] },
    })).toBe("\r\nPOST /a?b HTTP/1.0\r\nfolded\r\n line\r\nX: 1: 2!\r\nX: 1: 2\r\nY: 3\r\nZ: new\r\n\r\n");
  });
});

describe("judgeRefusal", () => {
  const judged = (head: string | null, more: Partial<Refusal> = {}): string | null =>
    judgeRefusal({ statuses: [400, 426], ...more }, head === null ? null : `${head}\r\n\r\n`)?.behavior ?? null;

  it("takes the statuses of the case, and less gladly others", () => {
    expect(["HTTP/1.1 400 Bad Request", "HTTP/1.1 426", "HTTP/1.0 400 no"].map((head) => judged(head))).toEqual([
      "OK",
      "OK",
      "OK",
    ]);
    expect(["HTTP/1.1 404 no", "HTTP/1.1 200 OK", "HTTP/1.1 503 x"].map((head) => judged(head))).toEqual(
      new Array(3).fill("NON-STRICT"),
    );
  });

  it("takes neither 101 nor what is no answer", () => {
    for (const head of ["HTTP/1.1 101 Switching Protocols", "HTTP/1.1 4000 no", "HTTP/1.1 100 Continue", "400", ""]) {
      expect([head, judged(head)]).toEqual([head, "FAILED"]);
    }
    expect(judged("HTTP/1.1 101 Switching Protocols", { mayOpen: true })).toBeNull();
    expect([judged(null), judged(null, { mayDrop: true })]).toEqual(["NON-STRICT", "OK"]);
  });

  it("demands the header that the case demands, whatever the status", () => {
    const carries = "Sec-WebSocket-Version";
    expect([judged("HTTP/1.1 426 no", { carries }), judged("HTTP/1.1 404 no", { carries })]).toEqual(["FAILED", "FAILED"]);
    expect(judged("HTTP/1.1 426 no\r\nsec-websocket-version: 13", { carries })).toBe("OK");
  });
});

describe("protocolsOf", () => {
  it("finds what may be chosen", () => {
    expect(protocolsOf("GET / HTTP/1.1\r\nSec-WebSocket-Protocol: a, b/c ,d\r\n\r\n")).toEqual(["a", "d"]);
    expect(protocolsOf("GET / HTTP/1.1\r\n\r\n")).toEqual([]);
  });
});

describe("shown", () => {
  it("keeps every ordinary head whole", () => {
    expect(shown(HEAD)).toBe(HEAD);
    expect(shown("a".repeat(100_000)).length).toBeLessThan(66_000);
  });
});
