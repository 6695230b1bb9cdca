// The rows of the checklist that are no string of octets: time, floods, memory, and callers who are wrong. Each test names its row.
// RFC 6455 §4.1, §5.5, §7.1, §10.4. Next file: regressions.ts.
import { deflateRawSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { zlib } from "../../adapters/zlib.ts";
import { clientConnection, serverConnection, upgradedConnection, UsageError } from "../../core/index.ts";
import type { Connection, Event, Limits, Refusal, ServerConnection } from "../../core/types.ts";
import { concat, encode, utf8 } from "../frames/encode.ts";
import { readFrames } from "../frames/reader.ts";
import { agreementOf } from "../support/arbitraries.ts";
import { collect } from "../support/collect.ts";
import { PATIENCE } from "../support/law.ts";
import { freshClient, freshServer, octets, requestOf, requestText, responseText, upgraded } from "../support/machine.ts";
import { pair } from "../support/pair.ts";
import { retainedBy } from "../support/steps.ts";
import { seededRandom } from "../support/virtual.ts";
import { KEY, sent, text, written } from "./attack.ts";

const TAKEOVER = { serverWindowBits: 15, clientWindowBits: 15, serverTakeover: true, clientTakeover: true };

function events(machine: Connection): Event[] {
  const polled: Event[] = [];
  for (let event = machine.poll(); event !== null; event = machine.poll()) polled.push(event);
  return polled;
}
function types(machine: Connection): string[] {
  return events(machine).map((event) => event.type === "fault" ? event.fault.code : event.type);
}
/** Takes all output. */
function output(machine: Connection): Uint8Array {
  const pieces: Uint8Array[] = [];
  for (let out = machine.peekOutput(); out !== null; out = machine.peekOutput()) {
    pieces.push(new Uint8Array(out));
    machine.consumeOutput(out.byteLength);
  }
  return concat(pieces);
}
function words(machine: Connection): string[] {
  return readFrames(output(machine)).frames.map(written);
}
function asText(bytes: Uint8Array): string {
  return new TextDecoder("latin1").decode(bytes);
}
function open(role: "server" | "client" = "server", options = {}): Connection {
  const machine = upgraded(role, null, options);
  machine.poll();
  return machine;
}
/** A server whose request waits for its answer. */
function asked(options = {}): ServerConnection {
  const server = freshServer(options);
  server.receive(octets(requestText(["Sec-WebSocket-Protocol: chat"])), 0);
  expect(types(server)).toEqual(["request"]);
  return server;
}
function code(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof UsageError) return error.code;
    throw error;
  }
  return "nothing thrown";
}

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
    const frame = sent("server", [text("early")]);
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

describe("frames and messages", PATIENCE, () => {
  it("F7: limits and timers that are no limits throw at once", () => {
    const names: (keyof Limits)[] = [
      "message",
      "fragments",
      "head",
      "line",
      "headers",
      "body",
      "output",
      "highWaterMark",
      "pongs",
    ];
    for (const name of names) {
      for (const value of [0, -1, NaN, 1.5, "10" as unknown as number, null as unknown as number, 2 ** 53]) {
        expect(code(() => serverConnection({ limits: { [name]: value } })), `${name} ${value}`).toBe("BAD_OPTION");
      }
      const endless = code(() => serverConnection({ limits: { [name]: Infinity } }));
      expect(endless).toBe(name === "message" || name === "fragments" ? "nothing thrown" : "BAD_OPTION");
      expect(code(() => serverConnection({ limits: { [name]: 2 ** 31 } }))).toBe("nothing thrown");
    }
    for (const timers of [{ handshake: 0 }, { close: 0 }, { ping: -1 }, { idle: NaN }, { stall: Infinity }]) {
      expect(code(() => serverConnection({ timers }))).toBe("BAD_OPTION");
    }
  });

  it("F6: a header that declares 4 GiB costs what has arrived", () => {
    const frame = encode({ opcode: 2, declare: 2 ** 32, payload: new Uint8Array(10), mask: KEY });
    const retained = retainedBy(() => {
      const server = open("server", { limits: { message: Infinity } });
      server.receive(frame.slice(), 0);
      events(server);
      return server;
    }, 40);
    expect(retained).toBeLessThan(4096);
  });

  it("F9: 100,000 tiny frames in one chunk neither recurse nor are lost by a pause", () => {
    const server = open();
    const frame = sent("server", [text("a")]);
    const chunk = new Uint8Array(100_000 * frame.byteLength);
    for (let i = 0; i < 100_000; i++) chunk.set(frame, i * frame.byteLength);
    server.receive(chunk, 0);
    let count = 0;
    for (; server.poll() !== null; count++) {
      if (count === 50_000) {
        server.receive(sent("server", [text("b")]), 1);
        expect(server.wantsInput).toBe(false);
      }
    }
    expect(count).toBe(100_001);
    expect(server.wantsInput).toBe(true);
  });

  it("M4: 131,000 fragments of an octet cost less than 0.3 MB, and the connection stays", () => {
    const piece = sent("server", [{ opcode: 0, fin: false, payload: utf8("a") }]);
    const pieces = concat(new Array<Uint8Array>(1310).fill(piece));
    const retained = retainedBy(() => {
      const server = open();
      server.receive(sent("server", [text("a", { fin: false })]), 0);
      for (let i = 0; i < 100; i++) {
        server.receive(pieces.slice(), 0);
        expect(server.poll()).toBe(null);
      }
      return server;
    }, 4);
    expect(retained).toBeLessThan(300_000);
  });

  it("M9: what is not polled is not parsed, and nothing is dropped", () => {
    const server = open();
    server.receive(sent("server", [text("a"), text("b"), { opcode: 9 }, text("c")]), 0);
    expect(server.poll()).toEqual({ type: "text", data: "a" });
    expect(server.wantsInput).toBe(false);
    expect(server.bufferedOutput).toBe(0);
    expect(types(server)).toEqual(["text", "ping", "text"]);
    expect(words(server)).toEqual(["pong"]);
  });
});

describe("control and close", PATIENCE, () => {
  it("K7: a reason of 123 octets fits, 124 throw, and one of ours is cut at a code point", () => {
    expect(open().close(1000, "é".repeat(61) + "a")).toBe(true);
    expect(code(() => open().close(1000, "é".repeat(62)))).toBe("BAD_ARGUMENT");
    expect(code(() => open().close(undefined, "why"))).toBe("BAD_ARGUMENT");
  });

  it("K9: both sides close at once, twice, and inside of the close event: one Close each, one closed each", () => {
    const both = pair({
      agreement: agreementOf(),
      app: (event, side, { client, server }) =>
        void (event.type === "close" && (side === "client" ? client : server).close(1001)),
    });
    expect([both.client.close(1000), both.client.close(1000), both.server.close(4000, "x")]).toEqual([true, false, true]);
    both.finish();
    for (const side of ["client", "server"] as const) {
      expect(readFrames(both.wire(side)).frames.map(written)).toEqual([side === "client" ? "close 1000" : "close 4000"]);
      expect(both.events(side).map(({ type }) => type)).toEqual(["open", "close", "closed"]);
    }
    expect(both.events("client").at(-1)).toMatchObject({ close: { code: 4000, reason: "x" }, clean: true });
    expect(both.events("server").at(-1)).toMatchObject({ close: { code: 1000 }, clean: true });
  });

  it("K10: a Close that is never answered: the timer destroys, 1006, and then there is no timer", () => {
    for (const role of ["client", "server"] as const) {
      const machine = open(role, { timers: { close: 500 } });
      machine.close(1000);
      expect(words(machine)).toEqual(["close 1000"]);
      expect(machine.nextTimeout(0)).toBe(500);
      machine.handleTimeout(500);
      expect(types(machine)).toEqual(["CLOSE_TIMEOUT", "closed"]);
      expect(machine.transport).toBe("destroy");
      expect(machine.nextTimeout(501)).toBe(null);
    }
  });

  it("K11: the server ends first, the client waits for it; input behind the Close is taken and thrown away", () => {
    const both = pair({ agreement: agreementOf() });
    both.client.close(1000);
    both.finish();
    expect(both.transports("server")).toEqual(["keep", "end"]);
    expect(both.transports("client")).toEqual(["keep", "end"]);

    const server = open();
    server.receive(sent("server", [{ opcode: 8 }]), 0);
    expect(types(server)).toEqual(["close"]);
    server.receive(new Uint8Array(1_000_000), 0);
    expect([server.wantsInput, server.poll(), server.transport]).toEqual([true, null, "end"]);
  });

  it("K12: codes that are no codes, and data that is no data, throw; views are read by their octets", () => {
    for (const bad of [0, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000, 65536, -1, NaN, 1000.5, "1000"]) {
      expect(code(() => open().close(bad as number)), `${bad}`).toBe("BAD_ARGUMENT");
    }
    const memory = Uint8Array.of(9, 1, 2, 3, 9);
    for (
      const bad of [
        5,
        null,
        undefined,
        true,
        {},
        [1],
        new DataView(memory.buffer),
        new Uint16Array(2),
        new Float64Array(1),
        memory.buffer,
      ]
    ) {
      expect(code(() => open().send(bad as string)), String(bad)).toBe("BAD_ARGUMENT");
      if (bad !== undefined) expect(code(() => open().ping(bad as Uint8Array))).toBe("BAD_ARGUMENT");
    }
    const shared = new Uint8Array(new SharedArrayBuffer(2)).fill(7);
    const server = open();
    server.send(memory.subarray(1, 4));
    server.send(Buffer.from(memory.buffer, 1, 3));
    server.send(shared as Uint8Array);
    server.ping(memory.subarray(1, 3));
    expect(words(server)).toEqual(["ping 0102", "binary 010203", "binary 010203", "binary 0707"]);
  });

  it("K13: 64 MiB of Pings from a peer that never reads leave as many Pongs as the limit says, until the stall deadline", () => {
    const server = open("server", { timers: { stall: 30_000 } });
    const ping = sent("server", [{ opcode: 9, payload: new Uint8Array(125) }]);
    const chunk = concat(new Array<Uint8Array>(500).fill(ping));
    for (let octets = 0; octets < 64 << 20; octets += chunk.byteLength) {
      server.receive(chunk.slice(), 0);
      while (server.poll() !== null);
      server.peekOutput(); // handed over, and never taken
      if (server.bufferedOutput > 65_536) expect.fail("more than 64 KiB wait");
    }
    expect(server.state).toBe("open");
    expect(server.nextTimeout(0)).toBe(20_000);
    server.receive(ping.slice(), 29_999);
    server.nextTimeout(29_999);
    server.handleTimeout(30_000);
    expect(types(server)).toEqual(["ping", "STALL_TIMEOUT", "closed"]);
    expect(server.transport).toBe("destroy");
  });

  it("K14: 1,000 Pings in one chunk from a peer that reads: the connection stays, the last is answered", () => {
    const server = open();
    server.receive(sent("server", Array.from({ length: 1000 }, (_, i) => ({ opcode: 9, payload: utf8(`${i}`) }))), 0);
    expect(events(server).length).toBe(1000);
    const pongs = readFrames(output(server)).frames.map(({ payload }) => asText(payload));
    expect(pongs).toEqual(Array.from({ length: 16 }, (_, i) => `${984 + i}`));
    expect(server.state).toBe("open");
  });

  it("K15: a flood of Pongs costs nothing and changes nothing", () => {
    const flood = concat(new Array<Uint8Array>(5000).fill(sent("server", [{ opcode: 10, payload: utf8("unasked") }])));
    const retained = retainedBy(() => {
      const server = open();
      server.receive(flood.slice(), 0);
      while (server.poll() !== null);
      expect(server.bufferedOutput).toBe(0);
      return server;
    }, 30);
    expect(retained).toBeLessThan(4096);
  });
});

describe("permessage-deflate", PATIENCE, () => {
  it("P2: 1,000 messages that expand a thousandfold are 1,000 messages, each within the limit", () => {
    const server = upgraded("server", TAKEOVER, { limits: { message: 100_000 } });
    const bomb = concat([deflateRawSync(new Uint8Array(100_000)), Uint8Array.of(0)]);
    server.poll();
    for (let i = 0; i < 1000; i++) {
      server.receive(sent("server", [{ opcode: 2, rsv: 4, payload: bomb }]), 0);
      const event = server.poll();
      if (event?.type !== "binary" || event.data.byteLength !== 100_000) expect.fail(`message ${i}`);
    }
  });

  it("P10: a connection that ends inside of a compressed message says so once; 1,000 messages keep their order and the Close is last", () => {
    const server = upgraded("server", TAKEOVER);
    server.receive(sent("server", [{ opcode: 2, rsv: 4, fin: false, payload: deflateRawSync(new Uint8Array(1000)) }]), 0);
    server.receiveEnd(0, new Error("reset"));
    expect(types(server)).toEqual(["open", "TRANSPORT", "closed"]);
    expect(server.send("late")).toBe(false);

    const both = pair({
      client: { deflate: { engine: zlib, threshold: 0 } },
      server: { deflate: { engine: zlib, threshold: 0 } },
      agreement: agreementOf(TAKEOVER),
    });
    const many = Array.from({ length: 1000 }, (_, i) => `message ${i}`);
    for (const one of many) both.client.send(one);
    both.client.close();
    both.finish();
    const heard = both.events("server");
    expect(heard.filter((event) => event.type === "text").map(({ data }) => data)).toEqual(many);
    expect(heard.slice(-2).map(({ type }) => type)).toEqual(["close", "closed"]);
  });

  it("P12: a message may be kept out of the context that an attacker sees", () => {
    const server = upgraded("server", TAKEOVER);
    const secret = "secret ".repeat(20);
    server.send(secret, { compress: false });
    server.send(secret, { compress: true });
    const { frames } = readFrames(output(server));
    expect(frames.map(({ rsv }) => rsv)).toEqual([0, 4]);
    // Nothing refers back into the message that was kept out.
    const alone = upgraded("server", TAKEOVER);
    alone.send(secret, { compress: true });
    expect(readFrames(output(alone)).frames[0].payload).toEqual(frames[1].payload);
  });
});

describe("transport and time, as far as the core sees them", () => {
  it("R6: an end without a Close, at every octet of a frame, is 1006 and not clean, and no partial message", () => {
    const bytes = sent("server", [text("a"), text("hello", { fin: false }), { opcode: 0, payload: utf8("!") }]);
    for (let cut = 0; cut <= bytes.byteLength; cut++) {
      for (const end of ["eof", "error"] as const) {
        const { events, state } = collect(upgraded("server"), [bytes.slice(0, cut)], { end });
        const texts = events.filter((event) => event.type === "text").map(({ data }) => data);
        expect(texts).toEqual(cut === bytes.byteLength ? ["a", "hello!"] : cut >= 7 ? ["a"] : []);
        expect(events.at(-1)).toEqual({ type: "closed", close: { code: 1006, reason: "" }, clean: false });
        expect(events.filter(({ type }) => type === "fault").length).toBe(end === "error" ? 1 : 0);
        expect(state).toBe("closed");
      }
    }
  });

  it("R10: an application that sends, pings and closes inside of an event leaves the rest readable", () => {
    const server = upgradedConnection("server", agreementOf(), {});
    const app = (event: Event): void => {
      if (event.type !== "text") return;
      server.send(event.data);
      server.ping();
      if (event.data === "b") server.close(1000);
    };
    const bytes = sent("server", [text("a"), text("b"), text("c"), { opcode: 8 }]);
    const { told, frames } = collect(server, [bytes], { app });
    expect(told.map(({ type }) => type)).toEqual(["open", "text", "text", "text", "close"]);
    expect(frames.map(written)).toEqual(["text 61", "text 62", "ping", "ping", "close 1000"]);
  });

  it("R12: 10,000 masks are all different, those of empty frames included", () => {
    const client = open("client");
    for (let i = 0; i < 10_000; i++) client.send("");
    const masks = readFrames(output(client)).frames.map(({ mask }) => Buffer.from(mask ?? []).toString("hex"));
    expect(masks.length).toBe(10_000);
    expect(new Set(masks).size).toBe(10_000);
  });
});
