import { describe, expect, it } from "vitest";
import { type ByteStreams, connect, HandshakeError, host, serve, streamed, UsageError } from "./streams.ts";
import type { Closed, Handler, ServeOptions, Socket, StreamServer, WebSocketError } from "./streams.ts";

/** Two ends of a connection without a network. */
function pair(): [ByteStreams, ByteStreams] {
  const there = new TransformStream<Uint8Array, Uint8Array>(), back = new TransformStream<Uint8Array, Uint8Array>();
  return [{ readable: back.readable, writable: there.writable }, { readable: there.readable, writable: back.writable }];
}
const echo: Handler<any> = async (socket) => {
  for await (const message of socket) await socket.send(message);
};
function linked(server: StreamServer<any>): ByteStreams {
  const [near, far] = pair();
  server.accept(far);
  return near;
}
async function next<T>(socket: Socket<unknown, T>): Promise<T | undefined> {
  return (await socket[Symbol.asyncIterator]().next()).value;
}
/** `toEqual` takes seconds for a megabyte. */
const same = (a: unknown, b: string | Uint8Array): boolean =>
  typeof a === typeof b && Buffer.compare(Buffer.from(a as string), Buffer.from(b as string)) === 0;
const until = async (condition: () => boolean): Promise<void> => {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve));
};

describe("serve and connect over web streams", () => {
  it("echo text, binary, large and empty messages, and close cleanly", async () => {
    const server = serve({}, echo);
    const socket = await connect(linked(server), "ws://example.org/");
    const messages = [
      "hello",
      "",
      Uint8Array.of(1, 2),
      new Uint8Array(0),
      "x".repeat(1_000_000),
      new Uint8Array(300_000).fill(7),
    ];
    const sending = (async () => {
      for (const message of messages) await socket.send(message);
    })();
    const iterator = socket[Symbol.asyncIterator]();
    for (const message of messages) expect(same((await iterator.next()).value, message)).toBe(true);
    await sending;
    expect(await socket.ping()).toBeGreaterThanOrEqual(0);
    expect(await socket.close(4000, "bye")).toMatchObject({ code: 4000, clean: true, error: null });
    await until(() => server.sockets.size === 0);
  });
  it("agree on a subprotocol and on compression, and know what they were told of the peer", async () => {
    let seen: unknown[] = [];
    const peer = { address: "192.0.2.7", port: 9, secure: true };
    const server = serve<number>({
      protocols: ["b"],
      upgrade: (request, peer) => ({ data: peer.port! + Number(request.target.slice(1)) }),
    }, {
      open: (socket, request) => void (seen = [socket.data, socket.peer, request!.header("host"), socket.protocol]),
    });
    const [near, far] = pair();
    server.accept(far, peer);
    const socket = await connect(near, "wss://example.org/5", { protocols: ["a", "b"] });
    expect(seen).toEqual([14, peer, "example.org", "b"]);
    expect(socket.protocol).toBe("b");
    expect(socket.headers.map(([name]) => name)).toContain("Sec-WebSocket-Extensions");
    expect(socket.peer).toEqual({ address: null, port: null, secure: true });
    expect(server.url).toBe("");
  });
  it("give a copy of what they write, since a stream may keep it", async () => {
    const kept: Uint8Array[] = [];
    const writable = new WritableStream<Uint8Array>({ write: (chunk) => void kept.push(chunk) });
    const chunk = Uint8Array.of(1, 2, 3);
    expect(await streamed({ readable: new ReadableStream(), writable }).write(chunk)).toBe(3);
    chunk.fill(0);
    expect([...kept[0]!]).toEqual([1, 2, 3]);
  });
  it("stop each other when nobody reads", async () => {
    let sent = 0, asked = 0;
    const server = serve({ deflate: null }, async (socket) => {
      for (; sent < 200; sent++) await socket.send(new Uint8Array(65_536));
      await socket.close();
    });
    const socket = await connect(linked(server), "ws://example.org/", { deflate: null });
    for (let turn = 0; turn < 200; turn++) await new Promise((resolve) => setImmediate(resolve));
    expect(sent).toBeLessThan(20);
    for await (const _ of socket) asked++;
    expect([sent, asked]).toEqual([200, 200]);
  });
  it("read streams of bytes into memory of their own, in whatever pieces it comes", async () => {
    const server = serve({}, echo);
    const [near, far] = pair();
    const source = (far.readable as ReadableStream<Uint8Array>).getReader();
    const bytes = new ReadableStream({
      type: "bytes",
      async pull(control) {
        const { done, value } = await source.read();
        if (!done) control.enqueue(value as Uint8Array<ArrayBuffer>);
        else {
          control.close();
          control.byobRequest?.respond(0);
        }
      },
    });
    server.accept({ readable: bytes as ReadableStream<Uint8Array>, writable: far.writable });
    const socket = await connect(near, "ws://example.org/", { deflate: null });
    for (const size of [10, 4_090, 300_000, 5, 70_000]) {
      const message = new Uint8Array(size).map((_, i) => i * 31 + size);
      void socket.send(message);
      expect(same(await next(socket), message)).toBe(true);
    }
    expect((await socket.close()).clean).toBe(true);
    await until(() => server.sockets.size === 0);
  });
});

describe("a connection that fails", () => {
  it("is LOST when the stream ends, TRANSPORT with the stream's error when it breaks", async () => {
    const ends: Closed[] = [];
    const server = serve({}, { close: (_, closed) => void ends.push(closed) });
    const request = new TextEncoder().encode(
      "GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n" +
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
    );
    const broken = new Error("broken");
    const finishes = [(c: ReadableStreamDefaultController) => c.close(), (c: ReadableStreamDefaultController) => c.error(broken)];
    for (const finish of finishes) {
      let control!: ReadableStreamDefaultController;
      const readable = new ReadableStream<Uint8Array>({ start: (given) => void (control = given) });
      server.accept({ readable, writable: new WritableStream() });
      control.enqueue(request.slice());
      await until(() => server.sockets.size === 1);
      finish(control);
      await until(() => server.sockets.size === 0);
    }
    expect(ends.map(({ error }) => error?.code)).toEqual(["LOST", "TRANSPORT"]);
    expect(ends[1]!.error!.cause).toBe(broken);
  });
  it("is a HandshakeError where the server answers something else, a UsageError for what is no URL", async () => {
    const server = serve({ upgrade: () => ({ status: 404, body: "not here" }) }, echo);
    const error: HandshakeError = await connect(linked(server), "ws://example.org/").catch((error) => error);
    expect(error).toBeInstanceOf(HandshakeError);
    expect(error.status).toBe(404);
    await expect(connect(pair()[0], "nonsense")).rejects.toThrow(UsageError);
    expect(() => serve({ maxConnections: 0 }, echo)).toThrow(UsageError);
  });
  it("aborts and cancels both streams when the signal aborts, in the handshake and behind it", async () => {
    const server = serve({}, {});
    for (const answered of [false, true]) {
      const [near, far] = pair();
      const abort = new AbortController(), reason = new Error("changed my mind");
      const opening = connect(near, "ws://example.org/", { signal: abort.signal });
      if (answered) {
        server.accept(far);
        const socket = await opening;
        abort.abort(reason);
        expect((await socket.closed).error).toMatchObject({ code: "TERMINATED", cause: reason });
        await until(() => server.sockets.size === 0);
      } else {
        abort.abort(reason);
        await expect(opening).rejects.toBe(reason);
        const reader = far.readable.getReader(), writer = far.writable.getWriter();
        const seen: WebSocketError[] = [
          await reader.read().catch((e) => e),
          await writer.write(new Uint8Array(1)).catch((e) => e),
        ];
        expect(seen.map(({ code }) => code)).toEqual(["TERMINATED", "TERMINATED"]);
      }
    }
  });
});

describe("a server of streams", () => {
  it("closes all with 1001, and answers 503 from then on", async () => {
    const options: ServeOptions<any> = {};
    const server = serve(options, echo);
    const socket = await connect(linked(server), "ws://example.org/");
    const end = next(socket);
    await server.close();
    expect(await end).toBe(undefined);
    expect((await socket.closed).code).toBe(1001);
    await expect(connect(linked(server), "ws://example.org/")).rejects.toMatchObject({ status: 503 });
  });
});

describe("the host of the web's globals", () => {
  it("calls `soon` behind other microtasks, and before timers", async () => {
    const order: string[] = [];
    const done = new Promise<void>((resolve) => setTimeout(() => resolve(void order.push("timer"))));
    host.soon(() => void order.push("soon"));
    void (async () => {
      for (let i = 0; i < 5; i++) await null;
      order.push("chain of five");
    })();
    await done;
    expect(order).toEqual(["chain of five", "soon", "timer"]);
  });
  it("has timers that do not keep the process alive, and random octets", () => {
    const timer = host.after(1_000_000, () => {}) as NodeJS.Timeout;
    expect(timer.hasRef()).toBe(false);
    host.cancel(timer);
    const octets = new Uint8Array(64);
    host.random(octets);
    expect(octets.some((octet) => octet !== 0)).toBe(true);
  });
});
