import { describe, expect, it } from "vitest";
import { UsageError } from "../../core/index.ts";
import type { Codec, DeflateEngine, Header } from "../../core/types.ts";
import { type VirtualHost, virtualHost } from "../../conformance/support/virtual.ts";
import { close, settle, text, Wire } from "../../conformance/support/wire.ts";
import { zlib } from "../zlib.ts";
import type { Answer, Handler, ServeOptions, Server, Socket } from "./handle.ts";
import { listener } from "./server.ts";
import type { Listener } from "./transport.ts";

interface Rig {
  readonly host: VirtualHost;
  readonly core: Listener<any>;
  readonly server: Server<any>;
  readonly errors: unknown[];
  readonly stops: number[];
  /** A connection that asks for an upgrade. */
  arrive(headers?: readonly Header[], target?: string): Promise<Wire>;
  settle(): Promise<void>;
}
function rig(options: ServeOptions<any> = {}, handler: Handler<any, any> = {}): Rig {
  const host = virtualHost(), errors: unknown[] = [], stops: number[] = [];
  const core = listener({ error: (error) => void errors.push(error), ...options }, handler, host);
  const server = core.server(() => "ws://test", () => void stops.push(1));
  const arrive = async (headers: readonly Header[] = [], target = "/"): Promise<Wire> => {
    const wire = new Wire();
    core.accept(wire, wire);
    wire.ask(headers, target);
    await settle(host);
    return wire;
  };
  return { host, core, server, errors, stops, arrive, settle: () => settle(host) };
}
const status = (wire: Wire): number => Number(wire.head.split(" ")[1]);

describe("upgrade", () => {
  it("gives the socket its data, the answer its headers and its subprotocol", async () => {
    const seen: unknown[] = [];
    const { arrive } = rig({
      protocols: ["b", "c"],
      upgrade: (request, peer) => ({ data: { target: request.target, peer: peer.address }, headers: [["Set-Cookie", "a=1"]] }),
    }, { open: (socket, request) => void seen.push(socket.data, socket.protocol, socket.role, request?.header("x-a")) });
    const wire = await arrive([["Sec-WebSocket-Protocol", "a, c, b"], ["X-A", "1"]], "/chat?x");
    expect(seen).toEqual([{ target: "/chat?x", peer: "192.0.2.1" }, "b", "server", "1"]);
    expect(wire.head).toMatch(/^HTTP\/1.1 101 .*Sec-WebSocket-Protocol: b\r\n.*Set-Cookie: a=1/s);
  });
  it("may choose the subprotocol, or none", async () => {
    for (const [protocol, header] of [["a", /Protocol: a\r/], [null, /^((?!WebSocket-Protocol).)*$/s]] as const) {
      const { arrive } = rig({ protocols: ["b"], upgrade: () => ({ data: 1, protocol }) });
      expect((await arrive([["Sec-WebSocket-Protocol", "a, b"]])).head).toMatch(header);
    }
  });
  it("may refuse", async () => {
    const { arrive, errors, server } = rig({
      upgrade: () => ({ status: 401, headers: [["WWW-Authenticate", "Basic"]], body: "who?" }),
    });
    const wire = await arrive();
    expect([status(wire), wire.body, wire.ended, server.sockets.size, errors]).toEqual([401, "who?", true, 0, []]);
    expect(wire.head).toContain("WWW-Authenticate: Basic");
  });
  it("answers 500 when it throws, rejects or answers what cannot be answered, and tells the hook", async () => {
    const wrong: (() => Answer<any> | Promise<Answer<any>>)[] = [
      () => {
        throw new Error("db");
      },
      () => Promise.reject(new Error("db")),
      () => undefined as never,
      () => Promise.resolve(undefined as never),
      () => ({ data: 1, protocol: "never offered" }),
      () => ({ data: 1, headers: [["X", "a\r\nSet-Cookie: b"]] }),
      () => ({ status: 200 }),
    ];
    for (const upgrade of wrong) {
      const { arrive, errors, server } = rig({ upgrade });
      const wire = await arrive();
      expect([status(wire), wire.ended, errors.length, server.sockets.size]).toEqual([500, true, 1, 0]);
    }
  });
  it("may take its time: nothing is lost of what the client sends meanwhile", async () => {
    const seen: unknown[] = [];
    let answer = (_: Answer<any>): void => {};
    const { arrive, settle } = rig({ upgrade: () => new Promise((resolve) => answer = resolve) }, {
      message: (_, data) => void seen.push(data),
    });
    const wire = await arrive();
    wire.say(text("early"));
    await settle();
    expect([wire.writes.length, seen]).toEqual([0, []]);
    answer({ data: 1 });
    await settle();
    expect([status(wire), seen]).toEqual([101, ["early"]]);
  });
  it("is told by its signal when the client leaves or time is up; what it throws then is nobody's business", async () => {
    const leave: [(wire: Wire, host: VirtualHost) => void, number, string][] = [
      [(wire) => wire.driver!.ended(), NaN, "BAD_REQUEST"],
      [(wire) => wire.driver!.ended(new Error("reset")), NaN, "TRANSPORT"],
      [(_, host) => host.advance(10_500), 503, "HANDSHAKE_TIMEOUT"],
    ];
    for (const [act, expected, code] of leave) {
      let asked: AbortSignal | null = null;
      const { arrive, settle, host, errors } = rig({
        upgrade: (_, __, signal) =>
          new Promise((_, reject) => {
            asked = signal;
            signal.addEventListener("abort", () => reject(signal.reason));
          }),
      });
      const wire = await arrive();
      expect(asked!.aborted).toBe(false);
      act(wire, host);
      await settle();
      expect([asked!.aborted, status(wire)]).toEqual([true, expected]);
      expect(errors).toMatchObject([{ code }]);
      wire.driver!.ended();
      host.advance(60_000);
      expect(host.timers).toBe(0);
    }
  });
  it("is not asked about what is no upgrade; the hook hears of it", async () => {
    let asked = 0;
    const { core, errors, settle } = rig({ upgrade: () => (asked++, { data: 1 }) });
    const wire = new Wire();
    core.accept(wire, wire);
    wire.receive(new TextEncoder().encode("GET / HTTP/1.1\r\nHost: x\r\n\r\n"));
    await settle();
    expect([asked, status(wire), wire.ended]).toEqual([0, 426, true]);
    expect(errors).toMatchObject([{ name: "WebSocketError", code: "NOT_AN_UPGRADE" }]);
  });
  it("takes a head that an HTTP server has read", async () => {
    const { core, server, settle } = rig();
    const wire = new Wire();
    const headers: Header[] = [["Host", "x"], ["Upgrade", "websocket"], ["Connection", "Upgrade"], [
      "Sec-WebSocket-Version",
      "13",
    ]];
    const head = { http: 1, method: "GET", target: "/", authority: "x" } as const;
    core.accept(wire, wire, { ...head, headers: [...headers, ["Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="]] });
    await settle();
    expect([status(wire), server.sockets.size]).toEqual([101, 1]);
  });
});

describe("origins", () => {
  const cases: [ServeOptions["origins"], string | null, boolean][] = [
    [undefined, null, true],
    [undefined, "http://example.org", true],
    [undefined, "https://EXAMPLE.org:443", true],
    [undefined, "https://example.org:8443", false],
    [undefined, "https://example.org.evil", false],
    [undefined, "https://evil", false],
    [undefined, "null", false],
    [undefined, "file://", false],
    ["same", "https://evil", false],
    ["any", "https://evil", true],
    [["https://good"], "https://good", true],
    [["https://good"], "https://GOOD", true],
    [["https://good"], "https://good.evil", false],
    [["https://good"], "http://good", false],
    [["https://good"], null, true],
    [["null"], "null", true],
    [(origin) => origin.endsWith(".good"), "https://a.good", true],
    [(origin) => origin.endsWith(".good"), "https://a.evil", false],
  ];
  for (const [origins, origin, allowed] of cases) {
    it(`${typeof origins === "function" ? "a function" : JSON.stringify(origins) ?? "by default"} lets ${origin} ${allowed ? "in" : "not in"}`, async () => {
      const { arrive, errors } = rig({ origins });
      const wire = await arrive(origin === null ? [] : [["Origin", origin]]);
      expect(status(wire)).toBe(allowed ? 101 : 403);
      if (!allowed) {
        expect(wire.body).toContain('"origins"');
        expect(wire.body).toContain(JSON.stringify(origin));
        expect(errors).toMatchObject([{ name: "WebSocketError", kind: "handshake" }]);
      }
    });
  }
  it("compares with Host and its port", async () => {
    const host = virtualHost(), wire = new Wire();
    const core = listener({}, {}, host);
    core.accept(wire, wire);
    const lines = ["Host: localhost:8080", "Origin: http://localhost:8080", "Upgrade: websocket", "Connection: Upgrade"];
    const rest = ["Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="];
    wire.receive(new TextEncoder().encode(`GET / HTTP/1.1\r\n${[...lines, ...rest].join("\r\n")}\r\n\r\n`));
    await settle(host);
    expect(status(wire)).toBe(101);
  });
  it("refuses a list that could never match", () => {
    for (const origin of ["https://good/", "good", "https://good/path", ""]) {
      expect(() => rig({ origins: [origin] })).toThrow(UsageError);
    }
  });
  it("answers 500 when the function throws", async () => {
    const { arrive, errors } = rig({
      origins: () => {
        throw new Error("oops");
      },
    });
    expect(status(await arrive([["Origin", "https://x"]]))).toBe(500);
    expect(errors).toMatchObject([{ message: "oops" }]);
  });
});

describe("a server", () => {
  it("checks its options before the first connection", () => {
    expect(() => rig({ limits: { message: 0 } })).toThrow(UsageError);
    expect(() => rig({ timers: { close: 0 } })).toThrow(UsageError);
    expect(() => rig({ maxConnections: 0 })).toThrow(UsageError);
    expect(() => rig({ messages: "raw" }, () => {})).toThrow(UsageError);
    expect(() => rig({}, "no" as never)).toThrow(UsageError);
    expect(() => listener({}, undefined as never, virtualHost())).toThrow(UsageError);
  });
  it("refuses above maxConnections, pending ones included, and gives places back", async () => {
    const answers: ((answer: Answer<any>) => void)[] = [];
    const { arrive, server, settle } = rig({ maxConnections: 2, upgrade: () => new Promise((resolve) => answers.push(resolve)) });
    const [a, b, c] = [await arrive(), await arrive(), await arrive()];
    expect([a, b, c].map((wire) => wire.writes.length)).toEqual([0, 0, 1]);
    expect(status(c)).toBe(503);
    answers[0]!({ data: 1 });
    answers[1]!({ status: 403 });
    await settle();
    b.driver!.ended();
    await settle();
    const d = await arrive();
    answers[2]!({ data: 1 });
    await settle();
    expect([status(d), server.sockets.size]).toEqual([101, 2]);
    expect(status(await arrive())).toBe(503);
    a.driver!.ended();
    await settle();
    expect(server.sockets.size).toBe(1);
    await arrive();
    expect(answers.length).toBe(4);
  });
  it("hears of heads that take too long", async () => {
    const { core, host, errors, settle } = rig();
    const wire = new Wire();
    core.accept(wire, wire);
    for (let i = 0; i < 11; i++) {
      host.advance(1000);
      wire.receive(Uint8Array.of(65)); // slowly
    }
    await settle();
    expect(status(wire)).toBe(408);
    expect(errors).toMatchObject([{ code: "HANDSHAKE_TIMEOUT", kind: "timeout" }]);
  });
  it("survives an error hook that throws", async () => {
    const original = console.error;
    const consoled: unknown[] = [];
    console.error = (error: unknown) => void consoled.push(error);
    const hooks: NonNullable<ServeOptions["error"]>[] = [
      () => {
        throw new Error("hook");
      },
      () => Promise.reject(new Error("async hook")) as unknown as void,
    ];
    try {
      for (const error of hooks) expect(status(await rig({ error }).arrive([["Origin", "https://evil"]]))).toBe(403);
      expect(consoled).toMatchObject([{ message: "hook" }, { message: "async hook" }]);
    } finally {
      console.error = original;
    }
  });
});

describe("broadcast", () => {
  it("reaches all that are open, or those that are chosen, and counts them", async () => {
    const { arrive, server, settle } = rig({ upgrade: (request) => ({ data: request.target }) });
    const wires = [await arrive([], "/a"), await arrive([], "/b"), await arrive([], "/c")];
    wires[2]!.say(close());
    await settle();
    expect(server.broadcast("all")).toBe(2);
    expect(server.broadcast(Uint8Array.of(65), { to: (socket) => socket.data === "/a" })).toBe(1);
    expect(wires.map((wire) => wire.writes.length)).toEqual([1, 1, 2]);
    await settle();
    expect(wires.map((wire) => wire.said)).toEqual([["text all", "binary A"], ["text all"], ["close"]]);
    expect(() => server.broadcast(1 as never)).toThrow(UsageError);
  });
  it("compresses once", async () => {
    let runs = 0;
    const counted: DeflateEngine = {
      deflateBits: zlib.deflateBits,
      inflater: (bits) => zlib.inflater(bits),
      deflater: (bits, level): Codec => {
        runs++;
        return zlib.deflater(bits, level);
      },
    };
    const { arrive, server, settle } = rig({ deflate: { engine: counted } });
    const offer: Header[] = [[
      "Sec-WebSocket-Extensions",
      "permessage-deflate; client_no_context_takeover; server_no_context_takeover",
    ]];
    const wires = [await arrive(offer), await arrive(offer), await arrive()];
    expect(server.broadcast("x".repeat(5000))).toBe(3);
    await settle();
    expect(runs).toBe(1);
    expect(wires.map((wire) => [wire.frames[0]!.rsv, wire.frames[0]!.payload.length < 100])).toEqual([[4, true], [4, true], [
      0,
      false,
    ]]);
    expect(server.broadcast("x".repeat(5000), { compress: false })).toBe(3);
    await settle();
    expect(wires[0]!.frames[1]!.rsv).toBe(0);
    expect(server.broadcast("short", { compress: true })).toBe(3);
    await settle();
    expect(wires[0]!.frames[2]!.rsv).toBe(4);
  });
  it("drops a peer that does not read, and goes on", async () => {
    const { arrive, server, settle } = rig({ limits: { output: 1000, highWaterMark: 500 } });
    const [slow, fast] = [await arrive(), await arrive()];
    slow.answers = "later";
    const counts = [];
    for (let i = 0; i < 4; i++) {
      counts.push(server.broadcast("x".repeat(600)));
      await settle();
    }
    expect(counts).toEqual([2, 2, 1, 1]);
    expect([slow.destroyed, fast.frames.length]).toEqual([true, 4]);
  });
  it("waits its turn behind sendParts, and leaves out who is inside of a message of its own", async () => {
    const sockets: Socket<any>[] = [];
    const { arrive, server, settle } = rig({}, { open: (socket) => void sockets.push(socket) });
    const wires = [await arrive(), await arrive()];
    let go = (): void => {};
    const parts = sockets[0]!.sendParts((async function* () {
      yield "a";
      await new Promise<void>((resolve) => go = resolve);
    })());
    void sockets[1]!.send("b", { last: false });
    await settle();
    expect(server.broadcast("news")).toBe(1);
    go();
    await parts;
    await settle();
    expect(wires.map((wire) => wire.said)).toEqual([["text... a", "more", "text news"], ["text... b"]]);
  });
});

describe("closing a server", () => {
  it("stops, refuses what is pending with 503, closes the rest with 1001, and resolves when all is closed", async () => {
    const log: string[] = [];
    const { core, arrive, server, settle, stops, errors, host } = rig({
      upgrade: (request) => request.target === "/slow" ? new Promise(() => {}) : { data: 1 },
    }, { close: (_, { code }) => void log.push(`closed ${code}`) });
    const open = await arrive(), slow = await arrive([], "/slow"), silent = new Wire();
    core.accept(silent, silent);
    let done = false;
    const closing = server.close().then(() => done = true);
    await settle();
    expect([stops.length, open.said, status(slow), status(silent), done]).toEqual([1, ["close 1001"], 503, 503, false]);
    expect(status(await arrive())).toBe(503);
    open.say(close(1001));
    for (const wire of [open, slow, silent]) wire.driver!.ended();
    await settle();
    expect(done).toBe(false); // the one that came late
    host.advance(11_000);
    await closing;
    expect([log, errors]).toEqual([["closed 1001"], []]);
    await server.close();
    expect([stops.length, host.timers]).toEqual([1, 0]);
  });
  it("terminates what is left at the deadline", async () => {
    const ends: unknown[] = [];
    const { arrive, server, host, settle } = rig({}, { close: (_, { error }) => void ends.push(error?.code) });
    const wire = await arrive();
    const closing = server.close({ code: 4000, reason: "moving", deadline: 3000 });
    await settle();
    expect(wire.said).toEqual(["close 4000"]);
    host.advance(2999);
    expect(wire.destroyed).toBe(false);
    host.advance(1);
    await closing;
    expect([wire.destroyed, ends, server.sockets.size, host.timers <= 1]).toEqual([true, ["TERMINATED"], 0, true]);
  });
  it("ends loops, and disposes of sockets with 1001", async () => {
    let ended = 0;
    const { arrive, server, settle } = rig({}, async (socket) => {
      await using _ = socket;
      for await (const _ of socket);
      ended++;
    });
    const wire = await arrive();
    const closing = server.close();
    await settle();
    expect([ended, wire.said]).toEqual([1, ["close 1001"]]);
    wire.driver!.ended();
    await closing;
  });
  it("rejects a code that cannot be sent, and has changed nothing", async () => {
    const { arrive, server, stops } = rig();
    const wire = await arrive();
    await expect(server.close({ code: 1005 })).rejects.toThrow(UsageError);
    expect([stops.length, wire.frames.length]).toEqual([0, 0]);
  });
  it("happens when its signal aborts, which it forgets then, and on disposal", async () => {
    const abort = new AbortController();
    let listeners = 0;
    const { addEventListener, removeEventListener } = abort.signal;
    abort.signal.addEventListener = (...given: any) => (listeners++, addEventListener.apply(abort.signal, given));
    abort.signal.removeEventListener = (...given: any) => (listeners--, removeEventListener.apply(abort.signal, given));
    const closed = rig({ signal: abort.signal });
    await closed.server.close();
    expect(listeners).toBe(0);
    const first = rig({ signal: abort.signal });
    abort.abort();
    await first.settle();
    expect(first.stops.length).toBe(1);
    const second = rig();
    await second.server[Symbol.asyncDispose]();
    expect(second.stops.length).toBe(1);
  });
});
