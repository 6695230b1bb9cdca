import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { virtualHost } from "../../conformance/support/virtual.ts";
import type { Millis } from "../../core/types.ts";
import { Schedule, type Scheduled, scheduleOf } from "./schedule.ts";

/** A connection with one deadline at a time. */
class Node implements Scheduled {
  tick = 0;
  before: Scheduled | null = null;
  after: Scheduled | null = null;
  readonly precise: boolean;
  readonly fired: Millis[] = [];
  flushed = 0;
  due: Millis | null;
  readonly #now: () => Millis;
  #then: (Millis | null)[];
  #schedule: Schedule;
  constructor(schedule: Schedule, due: Millis | null, now: () => Millis, precise = false, then: (Millis | null)[] = []) {
    this.#schedule = schedule;
    this.due = due;
    this.#now = now;
    this.precise = precise;
    this.#then = then;
  }
  deadline(): Millis | null {
    return this.due;
  }
  expire(): void {
    if (this.due !== null && this.due <= this.#now()) {
      this.fired.push(this.#now());
      const next = this.#then.shift() ?? null;
      this.due = next === null ? null : this.#now() + next;
    }
    this.#schedule.touch(this);
  }
  flush(): void {
    this.flushed++;
  }
}

describe("the schedule of a host", () => {
  it("is one for each host", () => {
    const host = virtualHost();
    expect(scheduleOf(host)).toBe(scheduleOf(host));
    expect(scheduleOf(host)).not.toBe(scheduleOf(virtualHost()));
  });
  it("fires every deadline, none early, none later than two periods, in a row of them too", () => {
    const delays = fc.array(fc.integer({ min: 0, max: 200_000 }), { minLength: 1, maxLength: 4 });
    const plan = fc.array(fc.record({ at: fc.integer({ min: 0, max: 5000 }), delays }), { minLength: 1, maxLength: 12 });
    fc.assert(fc.property(plan, fc.integer({ min: 0, max: 10_000 }), (nodes, start) => {
      const host = virtualHost(1, start);
      const schedule = new Schedule(host);
      const made: { node: Node; delays: number[]; at: number }[] = [];
      for (const { at, delays } of [...nodes].sort((a, b) => a.at - b.at)) {
        host.advance(Math.max(0, start + at - host.now()));
        const node = new Node(schedule, host.now() + delays[0]!, () => host.now(), false, delays.slice(1));
        made.push({ node, delays, at: host.now() });
        schedule.touch(node);
      }
      host.advance(1_000_000);
      for (const { node, delays, at } of made) {
        expect(node.fired.length).toBe(delays.length);
        let from = at;
        delays.forEach((delay, i) => {
          const late = node.fired[i]! - (from + delay);
          expect(late).toBeGreaterThanOrEqual(0);
          expect(late).toBeLessThanOrEqual(500);
          from = node.fired[i]!;
        });
      }
      expect(host.timers).toBe(0);
    }));
  });
  it("has one timer of the host for any number of connections, and none when nothing is due", () => {
    const host = virtualHost(), schedule = new Schedule(host);
    const nodes = Array.from({ length: 1000 }, (_, i) => new Node(schedule, 20_000 + i, () => host.now()));
    for (const node of nodes) schedule.touch(node);
    host.advance(1000);
    expect(host.timers).toBe(1);
    for (const node of nodes) schedule.drop(node);
    host.advance(60_000);
    expect([host.timers, nodes.some((node) => node.fired.length > 0)]).toEqual([0, false]);
  });
  it("sleeps until the first deadline", () => {
    const host = virtualHost(), schedule = new Schedule(host);
    let fires = 0;
    const after = host.after;
    host.after = (delay, run) => after(delay, () => (fires++, run()));
    schedule.touch(new Node(schedule, 20_000, () => host.now()));
    host.advance(19_000);
    expect(fires).toBeLessThanOrEqual(2);
  });
  it("moves a deadline that has come nearer", () => {
    const host = virtualHost(), schedule = new Schedule(host);
    const node = new Node(schedule, 20_000, () => host.now());
    schedule.touch(node);
    host.advance(600);
    node.due = 1000;
    schedule.touch(node);
    host.advance(900);
    expect(node.fired.length).toBe(1);
  });
  it("never has a second timer, whatever fires and begins anew", () => {
    const host = virtualHost(), schedule = new Schedule(host);
    const node = new Node(schedule, 5000, () => host.now(), false, [5000, 5000, 5000]);
    schedule.touch(node);
    for (let i = 0; i < 60; i++) {
      host.advance(400);
      expect(host.timers).toBeLessThanOrEqual(1);
    }
    expect(node.fired.length).toBe(4);
  });
  it("asks for a deadline once per period, however active a connection is", () => {
    const host = virtualHost(), schedule = new Schedule(host);
    const node = new Node(schedule, 20_000, () => host.now());
    let asked = 0;
    node.deadline = () => (asked++, 20_000);
    schedule.touch(node);
    expect(asked).toBe(0);
    host.advance(250);
    expect(asked).toBe(1);
  });
  it("keeps deadlines below a second to the millisecond where periods are short", () => {
    const host = virtualHost(), schedule = new Schedule(host);
    const node = new Node(schedule, 37, () => host.now(), true, [900, 5]);
    schedule.touch(node);
    host.advance(2000);
    expect(node.fired).toEqual([37, 937, 942]);
    expect(host.timers).toBe(0);
  });
  it("arms an earlier deadline over a later one, and cancels with drop", () => {
    const host = virtualHost(), schedule = new Schedule(host);
    const node = new Node(schedule, 900, () => host.now(), true);
    schedule.touch(node);
    node.due = 100;
    schedule.touch(node);
    expect(host.timers).toBe(1);
    schedule.drop(node);
    expect(host.timers).toBe(0);
  });
  it("reads first what arrived while the process stood still", () => {
    const host = virtualHost(), schedule = new Schedule(host);
    let now = 0;
    host.now = () => now;
    const node = new Node(schedule, 1000, () => now);
    schedule.touch(node);
    host.advance(250);
    now = 30_000; // nothing ran for half a minute
    host.next();
    expect(node.fired).toEqual([]);
    node.due = 50_000; // octets came
    host.next();
    expect(node.fired).toEqual([]);
  });
  it("has a clock in whole milliseconds that is at most a period old while anything happens", () => {
    const host = virtualHost(1, 0.5), schedule = new Schedule(host);
    const node = new Node(schedule, 1e6, () => host.now());
    for (let i = 0; i < 50; i++) {
      const now = schedule.now();
      expect(Number.isInteger(now)).toBe(true);
      expect(host.now() - now).toBeLessThanOrEqual(251);
      schedule.touch(node);
      host.advance(i * 17.3);
    }
  });
  it("flushes all connections with one call of soon, and those that ask meanwhile with the next", () => {
    const host = virtualHost(), schedule = new Schedule(host);
    let calls = 0;
    const soon = host.soon;
    host.soon = (run) => (calls++, soon(run));
    const nodes = Array.from({ length: 10 }, () => new Node(schedule, null, () => host.now()));
    nodes[0]!.flush = () => {
      if (nodes[0]!.flushed++ === 0) schedule.soon(nodes[0]!);
    };
    for (const node of nodes) schedule.soon(node);
    expect(calls).toBe(1);
    host.drain();
    expect([calls, nodes[0]!.flushed, nodes[9]!.flushed]).toEqual([2, 2, 1]);
  });
});
