// The rows of the checklist for open connections that are no string of octets: floods, memory, time, and callers who are wrong. Each test
// names its row. RFC 6455 §5.5, §7.1, §10.4. Next file: regressions.ts.
import { deflateRawSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { zlib } from "../../adapters/zlib.ts";
import { serverConnection, upgradedConnection } from "../../core/index.ts";
import type { Connection, DeflateParams, Event, Limits } from "../../core/types.ts";
import { concat, encode, utf8 } from "../frames/encode.ts";
import { readFrames } from "../frames/reader.ts";
import { agreementOf } from "../support/arbitraries.ts";
import { collect } from "../support/collect.ts";
import { PATIENCE } from "../support/law.ts";
import { upgraded } from "../support/machine.ts";
import { pair } from "../support/pair.ts";
import { retainedBy } from "../support/steps.ts";
import { asText, code, events, output, text, types, words, written } from "./looking.ts";
import { framesTo, MASK } from "./vector.ts";

const TAKEOVER: DeflateParams = { serverWindowBits: 15, clientWindowBits: 15, serverTakeover: true, clientTakeover: true };

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
    const frame = encode({ opcode: 2, declare: 2 ** 32, payload: new Uint8Array(10), mask: MASK });
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
    const frame = framesTo("server", [text("a")]);
    const chunk = new Uint8Array(100_000 * frame.byteLength);
    for (let i = 0; i < 100_000; i++) chunk.set(frame, i * frame.byteLength);
    server.receive(chunk, 0);
    let count = 0;
    for (; server.poll() !== null; count++) {
      if (count === 50_000) {
        server.receive(framesTo("server", [text("b")]), 1);
        expect(server.wantsInput).toBe(false);
      }
    }
    expect(count).toBe(100_001);
    expect(server.wantsInput).toBe(true);
  });

  it("M4: 131,000 fragments of an octet cost less than 0.3 MB, and the connection stays", () => {
    const piece = framesTo("server", [{ opcode: 0, fin: false, payload: utf8("a") }]);
    const pieces = concat(new Array<Uint8Array>(1310).fill(piece));
    const retained = retainedBy(() => {
      const server = open();
      server.receive(framesTo("server", [text("a", { fin: false })]), 0);
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
    server.receive(framesTo("server", [text("a"), text("b"), { opcode: 9 }, text("c")]), 0);
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
    server.receive(framesTo("server", [{ opcode: 8 }]), 0);
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
    const ping = framesTo("server", [{ opcode: 9, payload: new Uint8Array(125) }]);
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
    server.receive(framesTo("server", Array.from({ length: 1000 }, (_, i) => ({ opcode: 9, payload: utf8(`${i}`) }))), 0);
    expect(events(server).length).toBe(1000);
    const pongs = readFrames(output(server)).frames.map(({ payload }) => asText(payload));
    expect(pongs).toEqual(Array.from({ length: 16 }, (_, i) => `${984 + i}`));
    expect(server.state).toBe("open");
  });

  it("K15: a flood of Pongs costs nothing and changes nothing", () => {
    const flood = concat(new Array<Uint8Array>(5000).fill(framesTo("server", [{ opcode: 10, payload: utf8("unasked") }])));
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
      server.receive(framesTo("server", [{ opcode: 2, rsv: 4, payload: bomb }]), 0);
      const event = server.poll();
      if (event?.type !== "binary" || event.data.byteLength !== 100_000) expect.fail(`message ${i}`);
    }
  });

  it("P10: a connection that ends inside of a compressed message says so once; 1,000 messages keep their order and the Close is last", () => {
    const server = upgraded("server", TAKEOVER);
    server.receive(framesTo("server", [{ opcode: 2, rsv: 4, fin: false, payload: deflateRawSync(new Uint8Array(1000)) }]), 0);
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
    const bytes = framesTo("server", [text("a"), text("hello", { fin: false }), { opcode: 0, payload: utf8("!") }]);
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
    const bytes = framesTo("server", [text("a"), text("b"), text("c"), { opcode: 8 }]);
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

function open(role: "server" | "client" = "server", options = {}): Connection {
  const machine = upgraded(role, null, options);
  machine.poll();
  return machine;
}
