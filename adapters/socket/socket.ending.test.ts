// How a socket ends: by either side, in order, once, and with which error.
import { describe, expect, it } from "vitest";
import { idle, reading, type Rig, rig } from "../../conformance/support/rig.ts";
import { bad, close, text } from "../../conformance/support/wire.ts";
import type { Closed, Socket } from "./handle.ts";

describe("ending", () => {
  const ends: [string, (rig: Rig) => void, Partial<Closed> & { code: number }, string | null][] = [
    ["a Close with a code", ({ wire }) => wire.say(close(3001)), { code: 3001, clean: true }, null],
    ["a Close without a code", ({ wire }) => wire.say(close()), { code: 1005, clean: true }, null],
    ["an end without Close", ({ wire }) => wire.driver!.ended(), { code: 1006, clean: false }, "LOST"],
    ["an error of the stream", ({ wire }) => wire.driver!.ended(new Error("reset")), { code: 1006, clean: false }, "TRANSPORT"],
    ["a fault", ({ wire }) => wire.say(bad), { code: 1006, clean: false }, "RESERVED_OPCODE"],
    ["a message above the limit", ({ wire }) => wire.say(text("12345678901")), { code: 1006, clean: false }, "MESSAGE_TOO_BIG"],
    ["terminate()", ({ socket }) => socket.terminate(), { code: 1006, clean: false }, "TERMINATED"],
    ["no answer to a ping", ({ host }) => host.advance(41_000), { code: 1006, clean: false }, "PONG_TIMEOUT"],
    ["no answer to close()", ({ socket, host }) => (void socket.close(), host.drain(), host.advance(11_000)), {
      code: 1006,
      clean: false,
    }, "CLOSE_TIMEOUT"],
  ];
  for (const [how, act, expected, code] of ends) {
    it(`by ${how} reaches the promise, the signal and the handler, once`, async () => {
      const told: Closed[] = [];
      const made = await rig({ close: (_, closed) => void told.push(closed) }, { limits: { message: 10 } });
      const { host, wire, socket, settle } = made;
      const before = socket.closed;
      expect(socket.signal.aborted).toBe(false);
      act(made);
      await settle();
      if (!wire.destroyed) wire.driver!.ended();
      await settle();
      expect(await before).toMatchObject({ reason: "", ...expected });
      expect((await before).error?.code ?? null).toBe(code);
      expect(told).toEqual([await before]);
      expect(await socket.closed).toEqual(await before);
      expect([socket.signal.aborted, socket.state]).toEqual([true, "closed"]);
      if (code !== null) expect(socket.signal.reason).toBe((await before).error);
      expect(wire.ended || wire.destroyed).toBe(true);
      host.advance(120_000);
      expect(host.timers).toBe(0);
    });
  }
  it("passes on what the transport said as the cause", async () => {
    const { wire, socket, settle } = await rig(idle);
    const reset = new Error("reset");
    wire.driver!.ended(reset);
    await settle();
    expect((await socket.closed).error).toMatchObject({ code: "TRANSPORT", kind: "transport", cause: reset });
  });
  it("aborts the signal when the stream is lost while the application works on a message", async () => {
    for (const form of ["function", "handlers"] as const) {
      const log: string[] = [];
      const work = (socket: Socket<any>): Promise<void> =>
        new Promise((resolve) => socket.signal.addEventListener("abort", () => (log.push("aborted"), resolve())));
      const { wire, settle } = await rig(
        form === "function"
          ? async (socket) => {
            for await (const _ of socket) await work(socket);
          }
          : { message: work, close: () => void log.push("close") },
      );
      wire.say(text("query"));
      await settle();
      wire.driver!.ended(new Error("reset"));
      await settle();
      expect(log).toEqual(form === "function" ? ["aborted"] : ["aborted", "close"]);
    }
  });
  it("drops the stream inside of terminate(), but calls nobody there", async () => {
    const log: string[] = [];
    const { wire, socket, settle } = await rig({ close: () => void log.push("close") });
    socket.terminate();
    expect([wire.destroyed, log]).toEqual([true, []]);
    expect(socket.send("x")).toBe(false);
    socket.terminate();
    await settle();
    expect([log, wire.writes.length, wire.calls]).toEqual([["close"], 0, ["destroy"]]);
  });
  it("reports terminate() as TERMINATED although an unread Close was there", async () => {
    const { wire, socket, settle } = await reading();
    wire.say(text("1"), text("2"), close(1000));
    socket.terminate();
    await settle();
    expect(await socket.closed).toMatchObject({ code: 1006, clean: false, error: { code: "TERMINATED" } });
  });
  it("starts the closing handshake once, and later calls change nothing", async () => {
    const { wire, socket, settle } = await rig(idle);
    const promises = [socket.close(4001), socket.close(4002), socket.close()];
    await settle();
    wire.say(close(4001));
    wire.driver!.ended();
    expect((await Promise.all(promises)).map(({ code }) => code)).toEqual([4001, 4001, 4001]);
    expect(wire.said).toEqual(["close 4001"]);
    expect((await socket.close(4003)).code).toBe(4001);
  });
  it("can be awaited inside of the loop", async () => {
    const { wire, settle } = await rig(async (socket) => {
      for await (const _ of socket) await socket.close(4000);
    });
    wire.say(text("1"), text("2"), close(4000));
    await settle();
    wire.driver!.ended();
    await settle();
    expect(wire.said).toEqual(["close 4000"]);
  });
  it("closes with 1000 on disposal", async () => {
    const { wire, socket, settle } = await rig(idle);
    const disposed = socket[Symbol.asyncDispose]();
    await settle();
    expect(wire.said).toEqual(["close 1000"]);
    wire.say(close(1000));
    wire.driver!.ended();
    await disposed;
  });
  it("waits for the Close frame to leave before it ends the stream", async () => {
    const { wire, settle } = await rig(idle);
    wire.answers = "later";
    wire.say(close(1000));
    await settle();
    expect([wire.writing, wire.ended]).toEqual([true, false]);
    wire.finish();
    expect(wire.ended).toBe(true);
  });
  it("gives up on a peer that does not read, and ignores the write that finishes too late", async () => {
    const { host, wire, socket, settle } = await rig(idle, { timers: { ping: 0 } });
    wire.answers = "later";
    socket.send("x");
    await settle();
    host.advance(31_000);
    await settle();
    expect((await socket.closed).error?.code).toBe("STALL_TIMEOUT");
    expect(wire.destroyed).toBe(true);
    wire.finish();
  });
});
