import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { concat } from "../../conformance/frames/encode.ts";
import { ownMemory, Queue, STRETCH, within } from "./queue.ts";

/** A queue and what it must hold: octets, and where frames start in them. */
interface Modelled {
  readonly queue: Queue;
  octets: Uint8Array;
  /** Offsets in `octets` of frames that have not begun to leave. */
  starts: number[];
}
/** Chunks that a transport reads, and what was in them when they were handed out. */
interface Flight {
  readonly chunk: Uint8Array;
  readonly copy: Uint8Array;
}
interface World {
  readonly queues: readonly Modelled[];
  /** By queue; and those of connections that were dropped, which the transport may read for ever. */
  readonly flying: Map<Queue, Flight>;
  readonly lost: Flight[];
  next: number;
}
type Command = fc.Command<object, World>;

const which = fc.nat(2);
const size = fc.oneof(
  fc.integer({ min: 1, max: 200 }),
  fc.integer({ min: 1, max: 200 }),
  fc.constantFrom(3000, 40_000, 65_536, STRETCH),
);
const command = (name: string, at: number, run: (one: Modelled, world: World) => void): Command => ({
  check: () => true,
  run(_, world) {
    run(world.queues[at]!, world);
    verify(world);
  },
  toString: () => `${name} on ${at}`,
});

const commands: fc.Arbitrary<Command>[] = [
  fc.tuple(which, size, fc.nat(300)).map(([at, size, spare]) =>
    command(`a frame of ${size}`, at, (one, world) => {
      appendFrame(one.queue, noteFrame(one, size, world), Math.min(size + spare, STRETCH));
    })
  ),
  fc.tuple(which, size).map(([at, size]) =>
    command(`a copy of ${size}`, at, (one, world) => one.queue.copy(noteFrame(one, size, world)))
  ),
  fc.tuple(which, size, fc.integer({ min: 1, max: 300 })).map(([at, size, header]) =>
    command(`a given frame of ${header} and ${size}`, at, (one, world) => {
      const octets = noteFrame(one, header + size, world);
      appendFrame(one.queue, octets.slice(0, header), header);
      one.queue.append(octets.slice(header), false);
    })
  ),
  fc.tuple(which, size).map(([at, size]) =>
    command(`a frame of ${size} by reference`, at, (one, world) => one.queue.append(noteFrame(one, size, world), true))
  ),
  fc.tuple(which, size).map(([at, size]) =>
    command(`a frame of ${2 * size} over slabs`, at, (one, world) => {
      const octets = noteFrame(one, 2 * size, world);
      for (let from = 0; from < octets.length;) {
        const start = one.queue.reserve(1, from === 0);
        const part = Math.min(octets.length - from, one.queue.room);
        one.queue.lanes.bytes.set(octets.slice(from, from + part), start);
        one.queue.commit(start + part);
        from += part;
      }
    })
  ),
  fc.tuple(which, fc.integer({ min: 1, max: 300 })).map(([at, size]) =>
    command(`${size} in front`, at, (one, world) => {
      if (!one.queue.interruptible) return;
      const behind = { octets: one.octets, starts: one.starts };
      one.octets = NONE;
      one.starts = [];
      one.queue.prepend(() => appendFrame(one.queue, noteFrame(one, size, world), size));
      one.starts.push(...behind.starts.map((start) => start + size));
      one.octets = concat([one.octets, behind.octets]);
    })
  ),
  which.map((at) =>
    command("an empty lane in front", at, (one) => void (one.queue.interruptible && one.queue.prepend(() => {})))
  ),
  which.map((at) =>
    command("peek", at, (one, world) => {
      const chunk = one.queue.peek();
      expect(chunk === null).toBe(one.octets.length === 0);
      if (chunk === null) return;
      expect(Buffer.compare(chunk, one.octets.subarray(0, chunk.length))).toBe(0);
      expect(one.queue.peeked).toBe(chunk.length);
      const flight = world.flying.get(one.queue);
      if (flight === undefined) world.flying.set(one.queue, { chunk, copy: chunk.slice() });
      else expect(chunk).toBe(flight.chunk);
    })
  ),
  fc.tuple(which, fc.nat()).map(([at, count]) =>
    command("consume", at, (one, world) => {
      const { peeked } = one.queue;
      if (peeked === 0) return;
      const eaten = count % 3 === 0 ? peeked : 1 + count % peeked;
      one.queue.consume(eaten);
      world.flying.delete(one.queue);
      one.octets = one.octets.slice(eaten);
      one.starts = one.starts.map((start) => start - eaten).filter((start) => start >= 0);
    })
  ),
  which.map((at) =>
    command("drop", at, (one, world) => {
      const flight = world.flying.get(one.queue);
      if (flight !== undefined) world.lost.push(flight);
      world.flying.delete(one.queue);
      one.queue.drop();
      one.octets = NONE;
      one.starts = [];
    })
  ),
];

describe("three queues that share their slabs", () => {
  it("keep the order of their octets, and never change a chunk that was handed out", () => {
    fc.assert(
      fc.property(fc.commands(commands, { maxCommands: 60 }), (commands) => {
        const queues = Array.from({ length: 3 }, () => ({ queue: new Queue(), octets: NONE, starts: [] }));
        const real: World = { queues, flying: new Map(), lost: [], next: 1 };
        fc.modelRun(() => ({ model: {}, real }), commands);
        for (const { queue } of queues) queue.drop();
      }),
      { numRuns: 60 },
    );
  });
});

describe("Queue", () => {
  it("lets everything of one turn leave in one chunk", () => {
    const queue = new Queue();
    for (let i = 0; i < 500; i++) appendFrame(queue, [i, i + 1], 30);
    expect(queue.peek()).toHaveLength(1000);
    queue.consume(1000);
    expect(queue.peek()).toBe(null);
  });
  it("appends nothing to a chunk that was handed out", () => {
    const queue = new Queue();
    appendFrame(queue, [1], 1);
    const chunk = queue.peek()!;
    appendFrame(queue, [2], 1);
    expect(queue.peek()).toBe(chunk);
    queue.consume(1);
    expect(queue.peek()).toEqual(Uint8Array.of(2));
    queue.consume(1);
  });
  it("uses the memory again when nobody waits in it, and copies nothing that is given", () => {
    const queue = new Queue();
    const buffers = new Set<ArrayBufferLike>();
    for (let i = 0; i < 50; i++) {
      appendFrame(queue, new Uint8Array(30_000).fill(i), 30_000);
      buffers.add(queue.peek()!.buffer);
      queue.consume(30_000);
    }
    expect(buffers.size).toBeLessThanOrEqual(2);
    const given = new Uint8Array(100_000);
    queue.append(given, true);
    expect(queue.peek()!.buffer).toBe(given.buffer);
    queue.consume(100_000);
  });
  it("uses the memory of a connection that was dropped again, but for a chunk that was handed out", () => {
    within(ownMemory(), () => {
      const dropped = new Queue(), other = new Queue();
      appendFrame(dropped, [1], 1);
      dropped.drop();
      expect(other.foresee(1)).toBe(0);
      appendFrame(dropped, new Uint8Array(STRETCH), STRETCH);
      appendFrame(dropped, [2], 1);
      dropped.peek();
      dropped.drop();
      expect(other.foresee(1)).toBe(0);
    });
  });
  it("keeps 16 spare slabs, and makes others anew", () => {
    const turn = () => {
      const queues = Array.from({ length: 20 }, () => new Queue());
      for (const queue of queues) appendFrame(queue, new Uint8Array(STRETCH), STRETCH);
      const buffers = queues.map((queue) => queue.peek()!.buffer);
      for (const queue of queues) queue.consume(STRETCH);
      return buffers;
    };
    turn();
    const known = new Set(turn());
    expect(turn().filter((buffer) => known.has(buffer))).toHaveLength(17); // and the one that is in use
  });
  it("goes on in one chunk when another connection's is handed out, or has left", () => {
    const one = new Queue(), two = new Queue();
    appendFrame(one, [1], 1);
    appendFrame(two, [2], 1);
    one.peek();
    appendFrame(two, [3], 1);
    one.consume(1);
    appendFrame(two, [4], 1);
    expect(two.peek()).toEqual(Uint8Array.of(2, 3, 4));
    two.consume(3);
  });
  it("never writes again to memory that was handed out when it was dropped", () => {
    const dropped = new Queue(), other = new Queue();
    appendFrame(dropped, [1, 2, 3], 3);
    const chunk = dropped.peek()!;
    dropped.drop();
    for (let i = 0; i < 10; i++) {
      appendFrame(other, new Uint8Array(60_000).fill(9), 60_000);
      other.consume(other.peek()!.length);
    }
    expect(chunk).toEqual(Uint8Array.of(1, 2, 3));
  });
  it("does not go on in a chunk of a connection that was dropped", () => {
    const dropped = new Queue(), other = new Queue();
    appendFrame(dropped, [1], 1);
    dropped.drop();
    other.append(Uint8Array.of(2), true);
    appendFrame(other, [3], 1);
    expect(other.peek()).toEqual(Uint8Array.of(2));
    other.consume(1);
    expect(other.peek()).toEqual(Uint8Array.of(3));
    other.consume(1);
  });
  it("remembers a bounded number of records of chunks that have left", () => {
    const queue = new Queue();
    const octets = Array.from({ length: 200 }, (_, i) => i);
    for (const octet of octets) queue.append(Uint8Array.of(octet), true);
    const seen: number[] = [];
    for (let chunk = queue.peek(); chunk !== null; chunk = queue.peek()) {
      seen.push(...chunk);
      queue.consume(chunk.length);
    }
    expect(seen).toEqual(octets);
  });
  it("can have memory of its own for a while, so that nothing of the others decides where its chunks end", () => {
    const shared = new Queue(), alone = new Queue();
    const memory = ownMemory();
    appendFrame(shared, new Uint8Array(STRETCH - 1), STRETCH - 1);
    const where = within(memory, () => {
      appendFrame(alone, [1], 1);
      appendFrame(alone, [2], 1);
      return alone.peek()!;
    });
    expect(where).toEqual(Uint8Array.of(1, 2));
    expect(where.buffer).not.toBe(shared.peek()!.buffer);
    expect(() => within(memory, () => expect.fail("on purpose"))).toThrow("on purpose");
    appendFrame(shared, [3], 1);
    shared.consume(STRETCH - 1);
    expect(shared.peek()!.buffer).not.toBe(where.buffer);
    shared.drop();
    within(memory, () => alone.drop());
  });
  it("tells when the chunk with a watched Ping has left, to its last octet", () => {
    const queue = new Queue();
    for (let i = 0; i < 100; i++) queue.append(Uint8Array.of(0), true);
    for (let i = 0; i < 100; i++) expect(queue.consume(queue.peek()!.length)).toBe(false);
    appendFrame(queue, [1, 2, 3], 3);
    queue.watch();
    queue.peek();
    expect(queue.consume(2)).toBe(false);
    queue.peek();
    expect(queue.consume(1)).toBe(true);
    appendFrame(queue, [4], 1);
    queue.peek();
    expect(queue.consume(1)).toBe(false);
  });
  it("may be interrupted before a frame only: not with a chunk handed out, nor with a frame half gone", () => {
    const queue = new Queue();
    expect(queue.interruptible).toBe(true);
    queue.copy(Uint8Array.of(0));
    expect(queue.interruptible).toBe(true);
    queue.consume(queue.peek()!.length);
    queue.append(Uint8Array.of(1, 2, 3), true);
    queue.append(Uint8Array.of(4), false);
    queue.append(Uint8Array.of(5), true);
    expect(queue.interruptible).toBe(true);
    const seen: boolean[] = [];
    for (let i = 0; i < 5; i++) {
      queue.peek();
      expect(queue.interruptible).toBe(false);
      queue.consume(1);
      seen.push(queue.interruptible);
    }
    expect(seen).toEqual([false, false, false, true, true]);
  });
});

/** Octets that no other frame has in this order. */
function noteFrame(one: Modelled, size: number, world: World): Uint8Array {
  const octets = new Uint8Array(size);
  for (let i = 0; i < size; i++) octets[i] = world.next * 37 + i * (1 + (world.next & 6));
  world.next++;
  one.starts.push(one.octets.length);
  one.octets = concat([one.octets, octets]);
  return octets;
}
function appendFrame(queue: Queue, octets: ArrayLike<number>, room: number): void {
  const at = queue.reserve(room, true);
  queue.lanes.bytes.set(octets, at);
  queue.commit(at + octets.length);
}
function verify({ queues, flying, lost }: World): void {
  for (const { queue, octets, starts } of queues) {
    expect(queue.length).toBe(octets.length);
    if (queue.interruptible) {
      expect(flying.has(queue)).toBe(false);
      if (octets.length > 0) expect(starts[0]).toBe(0);
    }
  }
  for (const { chunk, copy } of [...flying.values(), ...lost]) {
    if (Buffer.compare(chunk, copy) !== 0) expect.fail("a chunk that was handed out has changed");
  }
}

const NONE = new Uint8Array(0);
