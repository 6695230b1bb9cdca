import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { concat, encode } from "../../conformance/frames/encode.ts";
import { virtualHost } from "../../conformance/support/virtual.ts";
import { binary, close, ping, settle, text, Wire } from "../../conformance/support/wire.ts";
import type { Closed, Handler, Socket } from "./handle.ts";
import { listener } from "./server.ts";

const mask = Uint8Array.of(1, 2, 3, 4);
const frames = [text("hello"), binary(1, 2, 3), ping("p"), { ...text("frag"), fin: false }, { opcode: 0 }, close(1000), {
  opcode: 3,
}];
const octets = fc.oneof(fc.constantFrom(...frames).map((frame) => encode({ mask, ...frame })), fc.uint8Array({ maxLength: 9 }));
type Step = (wire: Wire, socket: Socket<any>, host: ReturnType<typeof virtualHost>) => unknown;
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: octets.map((bytes): Step => (wire) => wire.driver!.received(bytes.slice())) },
  {
    weight: 4,
    arbitrary: fc.constantFrom<Step>(
      (wire) => wire.writing ? wire.finish() : wire.driver!.wrote(0),
      (wire) => void (wire.answers = "later"),
      (wire) => void (wire.answers = "now"),
      (wire) => void (wire.most = 5),
      (_, socket) => socket.send("sent"),
      (_, socket) => socket.send(new Uint8Array(70_000)),
      (_, socket) => void socket.ping(),
      (_, socket) => void socket.sendParts(["a", "b"]),
      (_, socket) => socket.pause(),
      (_, socket) => socket.resume(),
      (_, __, host) => host.drain(),
    ),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom<Step>(
      (wire) => wire.driver!.ended(),
      (wire) => wire.driver!.ended(new Error("reset")),
      (_, socket) => void socket.close(),
      (_, socket) => socket.terminate(),
      (_, __, host) => host.advance(7000),
    ),
  },
);
const forms = (log: unknown[]): readonly Handler<any, any>[] => [
  { message: () => void log.push("message"), close: (_, closed) => void log.push(closed) },
  {
    message: (socket) => socket.send("echo") === true ? undefined : Promise.resolve(),
    close: (_, closed) => void log.push(closed),
  },
  async (socket) => {
    void socket.closed.then((closed) => log.push(closed));
    for await (const message of socket) await socket.send(message);
  },
];

describe("the loop", () => {
  it("throws at nobody, whatever happens in whatever order, and ends every connection once", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 25 }), fc.nat(2), async (steps, form) => {
        const host = virtualHost(), log: unknown[] = [], wire = new Wire();
        const core = listener({ error: () => {} }, forms(log)[form]!, host);
        core.accept(wire, wire);
        wire.ask();
        const socket = [...core.sockets][0]!;
        for (const run of steps) {
          run(wire, socket, host);
          await null;
        }
        socket.terminate();
        await settle(host);
        host.advance(200_000);
        await settle(host);
        const ends = log.filter((entry): entry is Closed => typeof entry === "object");
        expect(ends.length).toBe(1);
        expect(log.at(-1)).toBe(ends[0]);
        expect([socket.state, core.sockets.size, host.timers]).toEqual(["closed", 0, 0]);
        expect(wire.calls.filter((call) => call === "end").length).toBeLessThanOrEqual(1);
        expect(wire.calls.filter((call) => call === "destroy").length).toBeLessThanOrEqual(1);
      }),
      { numRuns: 150 },
    );
  });
  it("reports a reset at any octet of a session once, with no message that was cut", async () => {
    const session = concat(
      [text("one"), { ...text("two"), fin: false }, { opcode: 0 }, ping("p"), text("three")].map((frame) =>
        encode({ mask, ...frame })
      ),
    );
    for (let cut = 0; cut <= session.length; cut++) {
      for (const error of [undefined, new Error("reset")]) {
        const host = virtualHost(), wire = new Wire(), messages: unknown[] = [], ends: unknown[] = [];
        const core = listener({}, {
          message: (_, data) => void messages.push(data),
          close: (_, { code, error }) => void ends.push([code, error?.code]),
        }, host);
        core.accept(wire, wire);
        wire.ask();
        wire.driver!.received(session.slice(0, cut));
        wire.driver!.ended(error);
        wire.driver!.ended();
        expect(["one", "two", "three"].slice(0, messages.length)).toEqual(messages);
        expect(ends).toEqual([[1006, error === undefined ? "LOST" : "TRANSPORT"]]);
        expect(wire.destroyed).toBe(true);
      }
    }
  });
  it("keeps nothing armed for thousands of connections that came and went", async () => {
    const host = virtualHost();
    const core = listener({}, {}, host);
    for (let i = 0; i < 2000; i++) {
      const wire = new Wire();
      core.accept(wire, wire);
      if (i % 3 > 0) wire.ask();
      wire.driver!.ended(i % 2 > 0 ? new Error("reset") : undefined);
    }
    await settle(host);
    host.advance(1000);
    expect([core.sockets.size, host.timers]).toEqual([0, 0]);
  });
});
