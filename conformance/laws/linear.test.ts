// L10 Linear: the work for twice the octets is at most a little more than twice the work, however they are cut and whatever they say, and
// so many steps an octet at most. Steps are counted, not timed: the bounds are about half as much again as what was measured. The cases are
// attacks: a head, a message or frames octet by octet, floods of empty things, output taken an octet at a time. Next file: memory.test.ts.
import { constants, deflateRawSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import type { Connection, DeflateParams, Options } from "../../core/types.ts";
import { concat, encode, utf8 } from "../frames/encode.ts";
import { cut } from "../support/arbitraries.ts";
import { PATIENCE } from "../support/law.ts";
import { freshServer, head, octets, requestText, upgraded } from "../support/machine.ts";
import { stepsOf } from "../support/steps.ts";
import { seededRandom } from "../support/virtual.ts";

const TAKEOVER: DeflateParams = { serverWindowBits: 15, clientWindowBits: 15, serverTakeover: true, clientTakeover: true };
const MASK = Uint8Array.of(1, 2, 3, 4);

interface Attack {
  readonly name: string;
  readonly options?: Options;
  readonly deflate?: DeflateParams;
  /** A machine, and what to do with so many of what the attack is about. */
  readonly run: (machine: Connection, count: number) => void;
  /** At most so many steps for each. */
  readonly steps: number;
  readonly fresh?: true;
}

function feed(machine: Connection, chunks: readonly Uint8Array[], drain = true): void {
  for (const chunk of chunks) {
    machine.receive(new Uint8Array(chunk), 0);
    if (drain) poll(machine);
  }
  poll(machine);
}
function poll(machine: Connection): void {
  for (let event = machine.poll(); event !== null; event = machine.poll());
}
function flush(machine: Connection, bite: number): void {
  for (let out = machine.peekOutput(); out !== null; out = machine.peekOutput()) {
    machine.consumeOutput(Math.min(bite, out.length));
  }
}
function frames(count: number, opcode: number, payload: string, fin = true): Uint8Array {
  const first = encode({ opcode, payload: utf8(payload), mask: MASK, fin });
  const next = fin ? first : encode({ opcode: 0, payload: utf8(payload), mask: MASK, fin });
  const bytes = new Uint8Array(first.length * count);
  for (let i = 0; i < count; i++) bytes.set(i === 0 ? first : next, i * first.length);
  return bytes;
}
function message(payload: Uint8Array, rsv = 0): Uint8Array {
  return encode({ opcode: 2, payload, mask: MASK, rsv });
}

const attacks: readonly Attack[] = [
  ...(["whole", "parts", "raw"] as const).map((messages): Attack => ({
    name: `a text octet by octet, delivered as ${messages}`,
    options: { messages },
    run: (machine, count) => feed(machine, cut(encode({ opcode: 1, payload: utf8("a".repeat(count)), mask: MASK }), [1])),
    steps: 80,
  })),
  { name: "tiny messages in one chunk", run: (machine, count) => feed(machine, [frames(count, 1, "a")]), steps: 40 },
  { name: "tiny messages octet by octet", run: (machine, count) => feed(machine, cut(frames(count, 1, "a"), [1])), steps: 450 },
  { name: "fragments of one octet", run: (machine, count) => feed(machine, [frames(count, 2, "a", false)]), steps: 80 },
  { name: "empty fragments", run: (machine, count) => feed(machine, [frames(count, 2, "", false)]), steps: 60 },
  {
    name: "Pings that nobody reads the answers to",
    run: (machine, count) => feed(machine, [frames(count, 9, "abc")]),
    steps: 130,
  },
  { name: "Pongs", run: (machine, count) => feed(machine, [frames(count, 10, "abc")]), steps: 90 },
  {
    name: "chunks of one octet that nobody polls",
    run: (machine, count) => feed(machine, cut(message(new Uint8Array(count)), [1]), false),
    steps: 45,
  },
  {
    name: "chunks behind a request that is not answered",
    fresh: true,
    options: { limits: { head: 1_000_000 } },
    run: (machine, count) => feed(machine, [octets(requestText()), ...cut(new Uint8Array(count), [1])]),
    steps: 30,
  },
  {
    name: "a head octet by octet",
    fresh: true,
    options: { limits: { head: 1_000_000, line: 1_000_000, headers: 1_000_000 } },
    run: (machine, count) => feed(machine, cut(octets(head(["GET / HTTP/1.1", "X: " + "a".repeat(count)])), [1])),
    steps: 65,
  },
  {
    name: "a head of many lines",
    fresh: true,
    options: { limits: { head: 1_000_000, line: 1_000_000, headers: 1_000_000 } },
    run: (machine, count) => feed(machine, [octets(head(["GET / HTTP/1.1", ...new Array(count).fill("a: b")]))]),
    steps: 40,
  },
  {
    name: "messages sent and taken an octet at a time",
    run(machine, count) {
      for (let i = 0; i < count; i++) machine.send("a");
      flush(machine, 1);
    },
    steps: 90,
  },
  {
    name: "messages sent, given away and taken together",
    run(machine, count) {
      for (let i = 0; i < count; i++) machine.send("a", { last: true, give: true });
      flush(machine, Infinity);
    },
    steps: 40,
  },
  {
    name: "compressed octets one by one",
    deflate: TAKEOVER,
    run: (machine, count) =>
      feed(machine, cut(message(deflateRawSync(noise(count), { finishFlush: constants.Z_SYNC_FLUSH }).subarray(0, -4), 4), [1])),
    steps: 90,
  },
  {
    name: "empty compressed blocks",
    deflate: TAKEOVER,
    run: (machine, count) => feed(machine, [message(repeated(Uint8Array.of(0, 0, 0, 255, 255), count, 0), 4)]),
    steps: 60,
  },
  {
    name: "compressed streams that end again and again, before a full window",
    deflate: TAKEOVER,
    run(machine, count) {
      feed(machine, [message(concat([deflateRawSync(noise(32768)), Uint8Array.of(0)]), 4)]);
      feed(machine, [message(repeated(Uint8Array.of(3, 0), count, 0), 4)]);
    },
    steps: 1100,
  },
];

describe("L10 linear", PATIENCE, () => {
  it.each(attacks)("$name", ({ options = {}, deflate = null, run, steps, fresh }) => {
    const work = (count: number): number => {
      const make = (): Connection => fresh ? freshServer(options) : upgraded("server", deflate, options);
      const machine = make();
      poll(machine);
      return stepsOf(() => run(machine, count));
    };
    work(COUNT); // what is made once is made before
    const once = work(COUNT);
    const twice = work(2 * COUNT);
    expect(twice / once).toBeLessThan(2.3);
    expect(once / COUNT).toBeLessThan(steps);
  });
});

function noise(count: number): Uint8Array {
  const octets = new Uint8Array(count);
  seededRandom()(octets);
  return octets;
}
function repeated(unit: Uint8Array, count: number, ...last: number[]): Uint8Array {
  return concat([...new Array<Uint8Array>(count).fill(unit), Uint8Array.from(last)]);
}

const COUNT = 1000;
