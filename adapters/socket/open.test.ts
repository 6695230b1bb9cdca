import { describe, expect, it } from "vitest";
import { UsageError } from "../../core/index.ts";
import type { Bytes } from "../../core/types.ts";
import { acceptKey } from "../../core/handshake/accept-key.ts";
import { utf8 } from "../../conformance/frames/encode.ts";
import { type VirtualHost, virtualHost } from "../../conformance/support/virtual.ts";
import { close, settle, text, Wire } from "../../conformance/support/wire.ts";
import { failure, HandshakeError, WebSocketError } from "./errors.ts";
import type { ConnectOptions, Handlers, Socket } from "./handle.ts";
import { open } from "./open.ts";
import { parseTarget } from "./target.ts";

interface Rig {
  readonly host: VirtualHost;
  readonly wire: Wire;
  /** How it ended: a socket or an error. */
  readonly outcome: Promise<unknown>;
  /** Settles the dial. */
  readonly dialed: PromiseWithResolvers;
  readonly signal: AbortSignal;
}
interface PromiseWithResolvers {
  resolve(): void;
  reject(error: unknown): void;
}
function rig(options: ConnectOptions = {}, handlers?: Handlers): Rig {
  const host = virtualHost(), wire = new Wire(false);
  let signal!: AbortSignal, dialed!: PromiseWithResolvers;
  const dial = (given: AbortSignal): Promise<{ transport: Wire; peer: Wire }> => {
    signal = given;
    return new Promise((resolve, reject) => dialed = { resolve: () => resolve({ transport: wire, peer: wire }), reject });
  };
  const outcome = open(dial, parseTarget("ws://example.org/chat", options).target, options, host, handlers).catch((
    error: unknown,
  ) => error);
  return { host, wire, outcome, dialed, signal };
}
function answer(wire: Wire, headers = "", behind: readonly Bytes[] = []): void {
  const key = /Sec-WebSocket-Key: (\S+)/.exec(wire.head)![1]!;
  const head = `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${
    acceptKey(key)
  }\r\n`;
  wire.receive(utf8(`${head}${headers}\r\n`), ...behind);
}
async function opened(options: ConnectOptions = {}, handlers?: Handlers): Promise<Rig & { socket: Socket<any> }> {
  const made = rig(options, handlers);
  made.dialed.resolve();
  await settle(made.host);
  answer(made.wire);
  return { ...made, socket: await made.outcome as Socket<any> };
}

describe("connect", () => {
  it("resolves when open, with the answer's headers, the subprotocol and the application's data", async () => {
    const { host, wire, outcome, dialed } = rig({ protocols: ["a", "b"], data: 7, headers: { "X-A": "1" }, origin: "https://o" });
    dialed.resolve();
    await settle(host);
    expect(wire.head).toMatch(/^GET \/chat HTTP\/1.1\r\nHost: example.org\r\n.*Origin: https:\/\/o\r\n.*X-A: 1\r\n/s);
    answer(wire, "Sec-WebSocket-Protocol: b\r\nX-B: 2\r\n");
    const socket = await outcome as Socket;
    expect([socket.protocol, socket.data, socket.role, socket.state, socket.peer.port]).toEqual(["b", 7, "client", "open", 4711]);
    expect(socket.headers).toContainEqual(["X-B", "2"]);
  });
  it("delivers what came right behind the answer, and masks what it sends", async () => {
    const { host, wire, socket } = await opened();
    wire.say(text("hi"));
    const { value } = await socket[Symbol.asyncIterator]().next();
    expect(value).toBe("hi");
    void socket.send("yo");
    await settle(host);
    expect(wire.said).toEqual(["text yo"]);
    expect(wire.frames[0]!.mask).not.toBe(null);
  });
  it("calls handlers, `open` first, without a request", async () => {
    const log: unknown[] = [];
    const { wire, host } = await opened({}, {
      open: (_, request) => void log.push("open", request),
      message: (_, data) => void log.push(data),
      close: (_, { code }) => void log.push(code),
    });
    wire.say(text("a"), close(1000));
    await settle(host);
    wire.driver!.ended();
    await settle(host);
    expect(log).toEqual(["open", null, "a", 1000]);
  });
  it("rejects with what the server answered", async () => {
    const { host, wire, outcome, dialed } = rig();
    dialed.resolve();
    await settle(host);
    wire.receive(utf8("HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic\r\nContent-Length: 4\r\n\r\nwho?"));
    const error = await outcome as HandshakeError;
    expect(error).toBeInstanceOf(HandshakeError);
    expect([error.status, error.headers[0], new TextDecoder().decode(error.body)]).toEqual([
      401,
      ["WWW-Authenticate", "Basic"],
      "who?",
    ]);
    await settle(host);
    host.advance(1000);
    expect([wire.destroyed, host.timers]).toEqual([true, 0]);
  });
  it("rejects with the fault of the handshake", async () => {
    const wrong: [(wire: Wire) => void, string][] = [
      [
        (wire) =>
          wire.receive(utf8("HTTP/1.1 101 X\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: no\r\n\r\n")),
        "BAD_ACCEPT",
      ],
      [(wire) => wire.receive(utf8("SSH-2.0-OpenSSH\r\n\r\n")), "BAD_RESPONSE"],
      [(wire) => wire.driver!.ended(), "BAD_RESPONSE"],
      [(wire) => wire.driver!.ended(new Error("reset")), "TRANSPORT"],
      [(wire) => answer(wire, "Sec-WebSocket-Protocol: unasked\r\n"), "BAD_PROTOCOL"],
    ];
    for (const [act, code] of wrong) {
      const { host, wire, outcome, dialed } = rig();
      dialed.resolve();
      await settle(host);
      act(wire);
      const error = await outcome as WebSocketError;
      expect([error instanceof WebSocketError, error.code]).toEqual([true, code]);
      await settle(host);
      expect([wire.destroyed, wire.frames.length]).toEqual([true, 0]);
    }
  });
  it("rejects with CONNECT and the cause when dialing fails, or with the adapter's own error", async () => {
    const refused = Object.assign(new Error("connect ECONNREFUSED"), { code: "ECONNREFUSED" });
    const first = rig();
    first.dialed.reject(refused);
    expect(await first.outcome).toMatchObject({
      code: "CONNECT",
      kind: "transport",
      cause: refused,
      message: expect.stringContaining("ECONNREFUSED"),
    });
    const second = rig(), tls = failure("TLS", new Error("self-signed"));
    second.dialed.reject(tls);
    expect(await second.outcome).toBe(tls);
    expect([first.host.timers, second.host.timers]).toEqual([0, 0]);
  });
  it("gives one deadline to dialing and handshake", async () => {
    const first = rig();
    first.host.advance(10_001);
    expect(await first.outcome).toMatchObject({ code: "HANDSHAKE_TIMEOUT", kind: "timeout" });
    expect(first.signal.aborted).toBe(true);
    first.dialed.resolve();
    await settle(first.host);
    expect(first.wire.calls).toEqual(["destroy"]);
    const second = rig();
    second.host.advance(6000);
    second.dialed.resolve();
    await settle(second.host);
    second.host.advance(4600);
    expect(await second.outcome).toMatchObject({ code: "HANDSHAKE_TIMEOUT" });
    await settle(second.host);
    expect(second.wire.destroyed).toBe(true);
  });
  it("rejects with UsageError for what cannot be asked for, before it dials", async () => {
    const wrong: ConnectOptions[] = [
      { headers: { "X": "a\r\nb" } },
      { protocols: ["a b"] },
      { protocols: ["a", "a"] },
      { limits: { message: -1 } },
      { messages: "raw" },
    ];
    for (const options of wrong) {
      let dials = 0;
      const dial = (): Promise<never> => (dials++, new Promise(() => {}));
      await expect(open(dial, parseTarget("ws://x", options).target, options, virtualHost())).rejects.toThrow(UsageError);
      expect(dials).toBe(0);
    }
  });
});

describe("aborting a connect", () => {
  const reason = new Error("changed my mind");
  it("rejects at once if the signal has aborted before", async () => {
    const { outcome, signal } = rig({ signal: AbortSignal.abort(reason) });
    expect(await outcome).toBe(reason);
    expect(signal).toBe(undefined);
  });
  it("rejects while dialing, and a stream that comes too late is dropped", async () => {
    const abort = new AbortController();
    const { host, wire, outcome, dialed, signal } = rig({ signal: abort.signal });
    abort.abort(reason);
    expect(await outcome).toBe(reason);
    expect([signal.aborted, host.timers]).toEqual([true, 0]);
    dialed.resolve();
    await settle(host);
    expect(wire.calls).toEqual(["destroy"]);
  });
  it("rejects inside of the handshake, and drops the stream", async () => {
    const abort = new AbortController();
    const { host, wire, outcome, dialed } = rig({ signal: abort.signal });
    dialed.resolve();
    await settle(host);
    abort.abort(reason);
    expect(await outcome).toBe(reason);
    expect(wire.calls).toEqual(["destroy"]);
    await settle(host);
    host.advance(60_000);
    expect(host.timers).toBe(0);
  });
  it("terminates afterwards, with the reason as the cause", async () => {
    const abort = new AbortController();
    const { host, wire, socket } = await opened({ signal: abort.signal });
    abort.abort(reason);
    expect(wire.destroyed).toBe(true);
    await settle(host);
    expect((await socket.closed).error).toMatchObject({ code: "TERMINATED", cause: reason });
  });
  it("is forgotten when the connection has ended", async () => {
    const abort = new AbortController();
    let listeners = 0;
    const { addEventListener, removeEventListener } = abort.signal;
    abort.signal.addEventListener = (...given: any) => (listeners++, addEventListener.apply(abort.signal, given));
    abort.signal.removeEventListener = (...given: any) => (listeners--, removeEventListener.apply(abort.signal, given));
    const { wire, host } = await opened({ signal: abort.signal });
    wire.driver!.ended();
    await settle(host);
    const failed = rig({ signal: abort.signal });
    failed.dialed.reject(new Error("no"));
    await failed.outcome;
    expect(listeners).toBe(0);
  });
});
