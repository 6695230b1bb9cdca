import { describe, expect, it } from "vitest";
import { zlib } from "../adapters/zlib.ts";
import { probe } from "../conformance/support/probe.ts";
import { seededRandom } from "../conformance/support/virtual.ts";
import { clientConnection, requestHead, serverConnection, upgradedConnection, verifyResponse } from "./connection.ts";
import type { Agreement, Bytes, ClientOptions, ClientTarget, DeflateParams } from "./types.ts";

const TARGET: ClientTarget = { authority: "example.org:8080", target: "/chat?room=1", protocols: ["chat"] };
const usage = (code: string) => expect.objectContaining({ name: "UsageError", code });
const random = seededRandom();
const agreement = (deflate: DeflateParams | null = null): Agreement => ({ status: 101, headers: [], protocol: "", deflate });

describe("clientConnection", () => {
  it("draws a fresh key of 16 octets for each connection (RFC 6455 §4.1)", () => {
    const drawn: number[] = [];
    const counting = (into: Bytes): void => {
      drawn.push(into.length);
      random(into);
    };
    const key = (): string => {
      const request = Buffer.from(clientConnection(TARGET, { random: counting }).peekOutput()!).toString("latin1");
      expect(request).toMatch(/^GET \/chat\?room=1 HTTP\/1\.1\r\nHost: example\.org:8080\r\n/);
      return /Sec-WebSocket-Key: (.*)\r\n/.exec(request)![1];
    };
    const keys = [key(), key(), key()];
    expect(new Set(keys).size).toBe(3);
    expect(keys.map((key) => Buffer.from(key, "base64").length)).toEqual([16, 16, 16]);
    expect(drawn).toEqual([16, 16, 16]);
  });
  it("needs a source of randomness, options and a target that are right", () => {
    expect(() => clientConnection(TARGET, {} as ClientOptions)).toThrow(usage("BAD_OPTION"));
    expect(() => clientConnection(TARGET, { random, limits: { message: 0 } })).toThrow(usage("BAD_OPTION"));
    expect(() => clientConnection({ ...TARGET, target: "chat" }, { random })).toThrow(usage("BAD_ARGUMENT"));
    expect(() => clientConnection({ ...TARGET, headers: [["X", "a\r\nb"]] }, { random })).toThrow(usage("BAD_ARGUMENT"));
  });
});

describe("serverConnection", () => {
  it("needs options that are right", () => {
    expect(serverConnection({}).role).toBe("server");
    expect(() => serverConnection({ timers: { close: 0 } })).toThrow(usage("BAD_OPTION"));
  });
});

describe("upgradedConnection", () => {
  it("reports open first, with the agreement it was given", () => {
    const agreed = agreement();
    for (const machine of [upgradedConnection("server", agreed, {}), upgradedConnection("client", agreed, { random })]) {
      expect(machine.state).toBe("open");
      const open = machine.poll();
      expect(open).toEqual({ type: "open", agreement: agreed });
      expect(probe(machine).said()).toEqual([]);
    }
  });
  it("takes commands and octets at once", () => {
    const one = probe(upgradedConnection("server", agreement(), {}));
    expect(one.machine.send("first")).toBe(true);
    one.receive({ opcode: 1, payload: Uint8Array.of(97) });
    expect(one.said()).toEqual(["open", "text a"]);
    expect(one.wrote()).toEqual(["text first"]);
  });
  it("needs randomness for a client, and an engine for compression", () => {
    const deflate = { serverWindowBits: 15, clientWindowBits: 15, serverTakeover: false, clientTakeover: false };
    expect(() => upgradedConnection("client", agreement(), {} as ClientOptions)).toThrow(usage("BAD_OPTION"));
    expect(() => upgradedConnection("server", agreement(deflate), {})).toThrow(usage("BAD_OPTION"));
    expect(upgradedConnection("server", agreement(deflate), { deflate: { engine: zlib } }).state).toBe("open");
  });
});

describe("requestHead and verifyResponse", () => {
  it("are the opening handshake of HTTP/2: extended CONNECT, and any 2xx (RFC 8441 §5)", () => {
    const head = requestHead(TARGET, {});
    expect(head).toMatchObject({
      http: 2,
      method: "CONNECT",
      protocol: "websocket",
      target: "/chat?room=1",
      authority: "example.org:8080",
    });
    expect(head.headers).toContainEqual(["sec-websocket-protocol", "chat"]);
    const verdict = verifyResponse(TARGET, {}, 200, [["sec-websocket-protocol", "chat"]]);
    expect(verdict).toMatchObject({ type: "agreement", agreement: { status: 200, protocol: "chat" } });
    expect(verifyResponse(TARGET, {}, 404, [])).toMatchObject({ type: "fault", fault: { code: "BAD_RESPONSE" } });
    expect(verifyResponse(TARGET, {}, 200, [["sec-websocket-protocol", "other"]])).toMatchObject({
      type: "fault",
      fault: { code: "BAD_PROTOCOL" },
    });
  });
});
