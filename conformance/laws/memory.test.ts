// L8 Bound: what a connection keeps alive follows the octets that it has received and not reported: never a declared length, never the
// number of chunks, fragments, Pings or headers. L9 Retention: what it has reported pins hardly more than itself. RFC 6455 §10.4.
// Next file: ../../core/inbound/assembler.ts, keep.ts.
import fc from "fast-check";
import { deflateRawSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import type { Connection, DeflateParams, Event, Role } from "../../core/types.ts";
import { concat, encode, utf8 } from "../frames/encode.ts";
import { agreedDeflate, cut, cutting, delivery, validStream } from "../support/arbitraries.ts";
import { check, PATIENCE } from "../support/law.ts";
import { freshServer, octets, requestText, upgraded } from "../support/machine.ts";
import { retainedBy } from "../support/steps.ts";

const MASK = Uint8Array.of(1, 2, 3, 4);
const TAKEOVER: DeflateParams = { serverWindowBits: 15, clientWindowBits: 15, serverTakeover: true, clientTakeover: true };

/** What a connection costs that holds nothing, and what a codec of zlib with its window costs. */
const IDLE = 4096;
const CODEC = 128 * 1024;

interface Held {
  readonly name: string;
  /** A machine in that state, and the octets that the bound allows for it: unread + 2 × message + head + output. */
  readonly make: () => { readonly machine: Connection; readonly allowed: number };
}

/** A frame that declares more than arrives, cut as it may come from a network. */
function unfinished(declared: number, arrived: number, sizes: readonly number[], text: boolean): Held["make"] {
  return () => {
    const machine = upgraded("server");
    const frame = encode({ opcode: text ? 1 : 2, payload: new Uint8Array(arrived), declare: declared, mask: MASK });
    feed(machine, cut(frame, sizes));
    return { machine, allowed: 2 * arrived };
  };
}
function fragments(count: number, size: number, sizes: readonly number[]): Held["make"] {
  return () => {
    const machine = upgraded("server");
    const first = encode({ opcode: 1, fin: false, payload: new Uint8Array(size), mask: MASK });
    const next = encode({ opcode: 0, fin: false, payload: new Uint8Array(size), mask: MASK });
    feed(machine, cut(concat([first, ...new Array<Uint8Array>(count).fill(next)]), sizes));
    return { machine, allowed: 2 * size * (count + 1) };
  };
}

describe("L8 bound", PATIENCE, () => {
  it("a message that is not complete costs at most twice what has arrived of it", () => {
    const arrived = fc.oneof(fc.nat(300), fc.integer({ min: 1000, max: 60_000 }));
    const sizes = fc.array(fc.oneof(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 100, max: 70_000 })), {
      minLength: 1,
      maxLength: 3,
    });
    const declared = fc.constantFrom(60_001, 1 << 20, 1 << 24);
    check(fc.tuple(arrived, declared, sizes, fc.boolean()), ([arrived, declared, sizes, text]) => {
      expectBound(unfinished(declared, arrived, sizes, text), 10);
    }, 0.1);
  });

  it("however many fragments it comes in, empty ones included", () => {
    const cases = fc.tuple(fc.integer({ min: 1, max: 3000 }), fc.nat(12), fc.constantFrom([1], [7], [1000], [Infinity]));
    check(cases, ([count, size, sizes]) => expectBound(fragments(count, size, sizes), 10), 0.1);
  });

  const held: readonly Held[] = [
    { name: "a connection that waits", make: () => ({ machine: opened(upgraded("server")), allowed: 0 }) },
    {
      name: "a connection after a message",
      make() {
        const machine = upgraded("server");
        feed(machine, [encode({ opcode: 1, payload: utf8("hello"), mask: MASK })]);
        machine.send("hello");
        flush(machine);
        return { machine, allowed: 0 };
      },
    },
    {
      name: "a connection after a compressed message without context takeover",
      make() {
        const machine = upgraded("server", { ...TAKEOVER, serverTakeover: false, clientTakeover: false });
        feed(machine, [encode({ opcode: 1, rsv: 4, payload: concat([deflateRawSync("hello"), Uint8Array.of(0)]), mask: MASK })]);
        machine.send("hello");
        flush(machine);
        return { machine, allowed: 0 };
      },
    },
    {
      name: "a bomb in the middle of a message",
      make() {
        const machine = upgraded("server", TAKEOVER, { limits: { message: 100_000 } });
        const bomb = deflateRawSync(new Uint8Array(90_000));
        feed(machine, [encode({ opcode: 2, rsv: 4, fin: false, payload: bomb, mask: MASK })]);
        return { machine, allowed: 2 * 90_000 + CODEC };
      },
    },
    {
      name: "a bomb that went off",
      make() {
        const machine = upgraded("server", TAKEOVER, { limits: { message: 1000 } });
        feed(machine, [encode({ opcode: 2, rsv: 4, payload: deflateRawSync(new Uint8Array(5_000_000)), mask: MASK })]);
        flush(machine);
        return { machine, allowed: 0 };
      },
    },
    {
      name: "Pings of a peer that never reads",
      make() {
        const machine = upgraded("server");
        const ping = encode({ opcode: 9, payload: new Uint8Array(125), mask: MASK });
        feed(machine, [concat(new Array<Uint8Array>(5000).fill(ping))]);
        return { machine, allowed: 2 * 16 * 127 };
      },
    },
    {
      name: "Pongs, messages and Closes that were read",
      make() {
        const machine = upgraded("server");
        const pong = encode({ opcode: 10, payload: new Uint8Array(125), mask: MASK });
        const text = encode({ opcode: 1, payload: utf8("a".repeat(1000)), mask: MASK });
        feed(machine, [concat(new Array<Uint8Array>(300).fill(concat([pong, text])))]);
        return { machine, allowed: 0 };
      },
    },
    {
      name: "half of a request head",
      make() {
        const machine = freshServer();
        feed(machine, cut(octets("GET / HTTP/1.1\r\n" + "A: b\r\n".repeat(100) + "X: " + "c".repeat(6000)), [1]));
        return { machine, allowed: 16 * 1024 };
      },
    },
    {
      name: "octets behind a request that waits for its answer, one by one",
      make() {
        const machine = freshServer();
        feed(machine, [octets(requestText()), ...cut(new Uint8Array(16_000), [1])]);
        return { machine, allowed: 16 * 1024 };
      },
    },
    {
      name: "a connection that failed, whatever still comes",
      make() {
        const machine = upgraded("server");
        feed(machine, [Uint8Array.of(0xff, 0xff), ...new Array<Uint8Array>(20).fill(new Uint8Array(60_000))]);
        flush(machine);
        return { machine, allowed: 0 };
      },
    },
    {
      name: "a connection that is closed",
      make() {
        const machine = upgraded("server", TAKEOVER);
        machine.send("a".repeat(5000));
        feed(machine, [encode({ opcode: 1, fin: false, payload: new Uint8Array(50_000), mask: MASK })]);
        machine.receiveEnd(0, new Error("reset"));
        while (machine.poll() !== null);
        return { machine, allowed: 0 };
      },
    },
  ];
  it.each(held)("$name", ({ make }) => {
    expectBound(make);
  });
});

describe("L9 retention", PATIENCE, () => {
  it("octets of an event pin at most twice themselves, or 8 KiB; short ones 64 more than twice", () => {
    const streams = fc.tuple(fc.constantFrom<Role>("client", "server"), agreedDeflate).chain(([role, deflate]) =>
      fc.record({
        role: fc.constant(role),
        deflate: fc.constant(deflate),
        stream: validStream(role, deflate),
        sizes: cutting,
        messages: delivery,
        around: fc.constantFrom(0, 100, 65536),
        node: fc.boolean(),
      })
    );
    check(streams, ({ role, deflate, stream, sizes, messages, around, node }) => {
      const machine = upgraded(role, deflate, { messages });
      for (const chunk of cut(stream.bytes, sizes)) {
        // A view into the larger memory of a reader, or a Buffer of Node, whose methods differ.
        const room = new Uint8Array(chunk.byteLength + around);
        room.set(chunk, around);
        const view = room.subarray(around);
        machine.receive(node ? Buffer.from(view.buffer, view.byteOffset, view.byteLength) : view, 0);
        for (let event = machine.poll(); event !== null; event = machine.poll()) expectRetention(event);
      }
    });
  });
});

function expectRetention(event: Event): void {
  if (!("data" in event) || typeof event.data === "string") return;
  const { data } = event;
  const size = data.byteLength;
  const most = size <= 64 ? 2 * size + 64 : Math.max(2 * size + 64, 8192);
  expect(data.buffer.byteLength, `${size} octets of a ${event.type}`).toBeLessThanOrEqual(most);
  expect(Object.getPrototypeOf(data)).toBe(Uint8Array.prototype);
}
function expectBound(make: Held["make"], count = 30): void {
  const { allowed } = make();
  const r = retainedBy(() => make().machine, count); console.log(allowed, r);
  expect(r).toBeLessThan(allowed + IDLE);
}

function feed(machine: Connection, chunks: readonly Uint8Array[]): void {
  opened(machine);
  for (const chunk of chunks) {
    machine.receive(new Uint8Array(chunk), 0);
    opened(machine);
    machine.nextTimeout(0);
  }
}
/** Everything is polled, and forgotten. */
function opened(machine: Connection): Connection {
  while (machine.poll() !== null);
  return machine;
}
function flush(machine: Connection): void {
  for (let out = machine.peekOutput(); out !== null; out = machine.peekOutput()) machine.consumeOutput(out.byteLength);
}
