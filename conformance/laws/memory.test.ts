// L8 Bound: what a connection keeps alive follows the octets that it has received and not reported: never a declared length, never the
// number of chunks, fragments, Pings or headers. L9 Retention: what it has reported pins hardly more than itself. RFC 6455 §10.4.
// Next file: ../../core/inbound/assembler.ts, keep.ts.
import fc from "fast-check";
import { deflateRawSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { STRETCH } from "../../core/outbound/queue.ts";
import type { Bytes, Connection, DeflateParams, Event, Options, Role } from "../../core/types.ts";
import { concat, encode, type FrameSpec, utf8 } from "../frames/encode.ts";
import { agreedDeflate, cut, cutting, delivery, validStream } from "../support/arbitraries.ts";
import { check, PATIENCE } from "../support/law.ts";
import { born, type Life, life } from "../support/life.ts";
import { freshServer, octets, requestText, upgraded } from "../support/machine.ts";
import { answer } from "../support/player.ts";
import { retainedBy } from "../support/steps.ts";

const MASK = Uint8Array.of(1, 2, 3, 4);
const TAKEOVER: DeflateParams = { serverWindowBits: 15, clientWindowBits: 15, serverTakeover: true, clientTakeover: true };

/** What a connection costs that holds nothing, and what a codec of zlib with its window costs. */
const IDLE = 4096;
/** Output stands in slabs of the process, not of a connection; another two may be begun while something is measured. */
const SLABS = 2 * STRETCH;
const CODEC = 128 * 1024;
/** What both codecs of a connection cost, with windows of 32 KiB. */
const CODECS = 512 * 1024;

interface Held {
  readonly name: string;
  /** A machine in that state, and the octets that the bound allows for it: unread + 2 × message + head + output. */
  readonly make: () => { readonly machine: Connection; readonly allowed: number };
}

/** A frame that declares more than arrives, cut as it may come from a network. */
function unfinished(declared: number, arrived: number, sizes: readonly number[], text: boolean): Held["make"] {
  const chunks = cut(encode({ opcode: text ? 1 : 2, payload: new Uint8Array(arrived), declare: declared, mask: MASK }), sizes);
  return () => ({ machine: fed(upgraded("server"), chunks), allowed: 2 * arrived });
}
function fragments(count: number, size: number, sizes: readonly number[]): Held["make"] {
  const first = encode({ opcode: 1, fin: false, payload: new Uint8Array(size), mask: MASK });
  const next = encode({ opcode: 0, fin: false, payload: new Uint8Array(size), mask: MASK });
  const chunks = cut(concat([first, ...new Array<Uint8Array>(count).fill(next)]), sizes);
  return () => ({ machine: fed(upgraded("server"), chunks), allowed: 2 * size * (count + 1) });
}

const LIMITED: Options = { limits: { message: 100_000 } };
const PACKED = concat([deflateRawSync("hello"), Uint8Array.of(0)]);
const ZEROS = deflateRawSync(new Uint8Array(90_000));
const BOMB = [frame(2, deflateRawSync(new Uint8Array(1_000_000)), { rsv: 4 })];
const PINGS = [times(2000, frame(9, new Uint8Array(125)))];
const READ = [times(100, concat([frame(10, new Uint8Array(125)), frame(1, utf8("a".repeat(1000)))]))];
const HEAD = cut(octets("GET / HTTP/1.1\r\n" + "A: b\r\n".repeat(100) + "X: " + "c".repeat(6000)), [1, 2, 3]);
const EARLY = [octets(requestText()), ...cut(new Uint8Array(16_000), [1])];

const held: readonly Held[] = [
  { name: "a connection that waits", make: () => ({ machine: fed(upgraded("server"), []), allowed: 0 }) },
  {
    name: "a connection after a message",
    make: () => ({ machine: flushed(sent(fed(upgraded("server"), [frame(1, utf8("hello"))]), "hello")), allowed: 0 }),
  },
  {
    name: "a connection after a compressed message without context takeover",
    make() {
      const machine = upgraded("server", { ...TAKEOVER, serverTakeover: false, clientTakeover: false });
      return { machine: flushed(sent(fed(machine, [frame(1, PACKED, { rsv: 4 })]), "hello")), allowed: 0 };
    },
  },
  {
    name: "a bomb in the middle of a message",
    make() {
      const machine = fed(upgraded("server", TAKEOVER, LIMITED), [frame(2, ZEROS, { rsv: 4, fin: false })]);
      return { machine, allowed: 2 * 90_000 + CODEC };
    },
  },
  {
    name: "a bomb that went off",
    make: () => ({ machine: flushed(fed(upgraded("server", TAKEOVER, LIMITED), BOMB)), allowed: 0 }),
  },
  {
    name: "Pings of a peer that never reads",
    make: () => ({ machine: fed(upgraded("server"), PINGS), allowed: 2 * 16 * 127 }),
  },
  {
    name: "chunks of one octet that nobody polls",
    make() {
      const machine = upgraded("server");
      for (const chunk of cut(frame(2, new Uint8Array(20_000)), [1])) machine.receive(new Uint8Array(chunk), 0);
      return { machine, allowed: 2 * 20_000 }; // joined in arrays of 512 octets, which cost half as much again
    },
  },
  {
    name: "messages of one octet that nobody takes",
    make() {
      const machine = fed(upgraded("server"), []);
      for (let i = 0; i < 10_000; i++) machine.send("a");
      return { machine, allowed: machine.bufferedOutput };
    },
  },
  { name: "Pongs and messages that were read", make: () => ({ machine: fed(upgraded("server"), READ), allowed: 0 }) },
  { name: "half of a request head", make: () => ({ machine: fed(freshServer(), HEAD), allowed: 16 * 1024 }) },
  {
    name: "octets behind a request that waits for its answer, one by one",
    make: () => ({ machine: fed(freshServer(), EARLY), allowed: 16_000 + 16 * 1024 }),
  },
  {
    name: "a connection that failed, whatever still comes",
    make() {
      const more = new Array<Uint8Array>(5).fill(new Uint8Array(60_000));
      return { machine: flushed(fed(upgraded("server"), [Uint8Array.of(0xff, 0xff), ...more])), allowed: 0 };
    },
  },
  {
    name: "a connection that is closed",
    make() {
      const machine = sent(
        fed(upgraded("server", TAKEOVER), [frame(1, new Uint8Array(50_000), { fin: false })]),
        "a".repeat(5000),
      );
      machine.receiveEnd(0, new Error("reset"));
      return { machine: fed(machine, []), allowed: 0 };
    },
  },
];

describe("L8 bound", PATIENCE, () => {
  it("a message that is not complete costs at most twice what has arrived of it", () => {
    const arrived = fc.oneof(fc.nat(300), fc.integer({ min: 1000, max: 20_000 }));
    const sizes = fc.array(fc.oneof(fc.integer({ min: 5, max: 40 }), fc.integer({ min: 100, max: 70_000 })), {
      minLength: 1,
      maxLength: 3,
    });
    const declared = fc.constantFrom(20_001, 1 << 20, 1 << 24);
    check(fc.tuple(arrived, declared, sizes, fc.boolean()), ([arrived, declared, sizes, text]) => {
      expectBound(unfinished(declared, arrived, sizes, text));
    }, 0.03);
  });

  it("however many fragments it comes in, empty ones included", () => {
    const cases = fc.tuple(fc.integer({ min: 1, max: 1500 }), fc.nat(12), fc.constantFrom([1], [7], [1000], [Infinity]));
    check(cases, ([count, size, sizes]) => expectBound(fragments(count, size, sizes)), 0.03);
  });

  it("in the middle of any life: octets heard, once in their chunks and twice in a message, and output that waits", () => {
    check(life, (life) => {
      const make: Held["make"] = () => {
        const { machine, heard } = lived(life);
        const { deflate, from } = life.birth;
        return { machine, allowed: 3 * heard + machine.bufferedOutput + (deflate === null && from === "upgraded" ? 0 : CODECS) };
      };
      expectBound(make);
    }, 0.1);
  });

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

/** A life of which nothing is remembered but how much was heard. */
function lived({ birth, stream, steps }: Life): { readonly machine: Connection; readonly heard: number } {
  const machine = born(birth);
  let now = 0;
  let at = 0;
  let heard = 0;
  for (const step of steps) {
    switch (step.do) {
      case "hear": {
        const chunk = stream.slice(at, at += step.size);
        heard += chunk.byteLength;
        machine.receive(chunk, now);
        break;
      }
      case "noise":
        heard += step.bytes.byteLength;
        machine.receive(new Uint8Array(step.bytes), now);
        break;
      case "end":
        machine.receiveEnd(now, step.error ? new Error("connection reset") : undefined);
        break;
      case "wait":
        machine.handleTimeout(now += step.by);
        break;
      case "poll":
        for (let count = 0; count < step.most && machine.poll() !== null; count++);
        break;
      case "peek":
        machine.peekOutput();
        break;
      case "flush": {
        const chunk = machine.peekOutput();
        if (chunk !== null) machine.consumeOutput(Math.min(chunk.byteLength, step.most));
        break;
      }
      default:
        answer(machine, step);
    }
    machine.nextTimeout(now);
  }
  return { machine, heard };
}
function expectRetention(event: Event): void {
  if (!("data" in event) || typeof event.data === "string") return;
  const { data } = event;
  const size = data.byteLength;
  const most = size <= 64 ? 2 * size + 64 : Math.max(2 * size + 64, 8192);
  expect(data.buffer.byteLength, `${size} octets of a ${event.type}`).toBeLessThanOrEqual(most);
  expect(Object.getPrototypeOf(data)).toBe(Uint8Array.prototype);
}
/** Measures again where it was too much: what else the process does meanwhile can only add. */
function expectBound(make: Held["make"], count = 30): void {
  const most = make().allowed + IDLE + SLABS / count;
  let retained = Infinity;
  for (let attempt = 0; attempt < 5 && retained >= most; attempt++) retained = retainedBy(() => make().machine, count, most);
  expect(retained).toBeLessThan(most);
}

/** Hears so many chunks; everything is polled, and forgotten. */
function fed(machine: Connection, chunks: readonly Uint8Array[]): Connection {
  while (machine.poll() !== null);
  for (const chunk of chunks) {
    machine.receive(new Uint8Array(chunk), 0);
    while (machine.poll() !== null);
    machine.nextTimeout(0);
  }
  return machine;
}
function flushed(machine: Connection): Connection {
  for (let out = machine.peekOutput(); out !== null; out = machine.peekOutput()) machine.consumeOutput(out.byteLength);
  return machine;
}
function sent(machine: Connection, text: string): Connection {
  machine.send(text);
  return machine;
}
function times(count: number, unit: Uint8Array): Bytes {
  return concat(new Array<Uint8Array>(count).fill(unit));
}
function frame(opcode: number, payload: Uint8Array, more: Partial<FrameSpec> = {}): Bytes {
  return encode({ opcode, payload, mask: MASK, ...more });
}
