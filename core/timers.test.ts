import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { IS_HELD, IS_OPEN, IS_PINGED, IS_WAITING, Timers } from "./timers.ts";
import type { Timers as Periods } from "./types.ts";

const OFF: Periods = { handshake: 10_000, idle: 0, ping: 0, pong: 0, stall: 0, close: 5000 };
/** One period each, so that it is known whose deadline is next. */
const only = (periods: Partial<Periods>): Periods => ({ ...OFF, ...periods });

describe("the end of a handshake", () => {
  it("is due once its period has passed since the first `next`, whatever arrives", () => {
    const timers = new Timers();
    timers.tick(100);
    expect(timers.next(OFF, 10_000, 0)).toBe(10_100);
    timers.heard(5000);
    expect(timers.next(OFF, 10_000, 0)).toBe(10_100);
    timers.tick(10_099);
    expect(timers.due(OFF, 0)).toBe(null);
    timers.tick(10_100);
    expect(timers.due(OFF, 0)).toBe("ending");
  });
  it("is off when stopped, starts afresh when restarted, and once when started", () => {
    const timers = new Timers();
    timers.tick(0);
    timers.next(OFF, 1000, 0);
    timers.stopEnding();
    expect(timers.next(OFF, 1000, 0)).toBe(null);
    timers.startEnding();
    expect(at(timers, 100, (now) => timers.next(OFF, 1000, 0) === now + 1000)).toBe(true);
    timers.startEnding();
    expect(at(timers, 200, () => timers.next(OFF, 1000, 0))).toBe(1100);
    timers.restartEnding();
    expect(at(timers, 300, () => timers.next(OFF, 1000, 0))).toBe(1300);
  });
  it("does not start before `next` has said when", () => {
    const timers = new Timers();
    timers.tick(0);
    timers.tick(99_999);
    expect(timers.due(OFF, 0)).toBe(null);
  });
});

describe("what starts at the next `next`", () => {
  const all: Periods = { handshake: 10_000, idle: 1000, ping: 1000, pong: 1000, stall: 1000, close: 1000 };
  it("is not due before it, however late it is", () => {
    const timers = new Timers();
    timers.tick(0);
    timers.next(all, 10_000, 0);
    timers.open();
    timers.startPong();
    timers.restartStall();
    timers.tick(99_999);
    expect(timers.due(all, IS_OPEN | IS_WAITING)).toBe(null);
    expect(timers.next(all, 10_000, IS_OPEN | IS_WAITING)).toBe(100_999);
  });
  it("does not start again when it is asked for again, at a later time", () => {
    for (
      const [periods, is] of [[only({ idle: 1000 }), IS_OPEN], [only({ pong: 1000 }), IS_OPEN], [
        only({ stall: 1000 }),
        IS_WAITING,
      ]] as const
    ) {
      const fresh = new Timers();
      fresh.tick(0);
      fresh.next(OFF, 10_000, 0);
      fresh.open();
      fresh.startPong();
      fresh.restartStall();
      expect(fresh.next(periods, 10_000, is)).toBe(1000);
      expect(at(fresh, 700, () => fresh.next(periods, 10_000, is))).toBe(1000);
    }
  });
  it("is no Pong where no Ping has left, though input was held meanwhile", () => {
    const timers = new Timers();
    timers.heard(0);
    timers.stopEnding();
    timers.next(only({ pong: 1000 }), 10_000, IS_OPEN | IS_HELD);
    expect(timers.next(only({ pong: 1000 }), 10_000, IS_OPEN)).toBe(null);
  });
  it("is a Pong that nobody waits for, once the connection is not open, or input is held", () => {
    const periods = only({ pong: 1000 });
    const timers = new Timers();
    timers.tick(0);
    timers.stopEnding();
    timers.startPong();
    expect(timers.next(periods, 10_000, IS_OPEN)).toBe(1000);
    timers.tick(5000);
    expect([timers.due(periods, 0), timers.due(periods, IS_OPEN | IS_HELD), timers.due(periods, IS_OPEN)]).toEqual([
      null,
      null,
      "pong",
    ]);
    expect(timers.next(periods, 10_000, 0)).toBe(null);
    expect(timers.age).toBe(5000);
  });
});

describe("the moment a connection opens", () => {
  it("ends the handshake's period, and starts those of silence", () => {
    const periods = only({ ping: 1000, idle: 1500 });
    const timers = new Timers();
    timers.heard(0);
    timers.next(periods, 10_000, 0);
    timers.tick(5000);
    timers.open();
    expect(timers.next(periods, 10_000, IS_OPEN)).toBe(6000);
    expect(timers.next({ ...periods, ping: 0 }, 10_000, IS_OPEN)).toBe(6500);
    expect(timers.next(OFF, 10_000, IS_OPEN)).toBe(null);
  });
});

describe("a Ping", () => {
  const periods = only({ ping: 1000 });
  it("is due its period after the last octet, and needs none before the first", () => {
    const timers = open(50);
    expect(timers.next(periods, 0, IS_OPEN)).toBe(1050);
    timers.heard(500);
    expect(timers.next(periods, 0, IS_OPEN)).toBe(1500);
    timers.tick(1500);
    expect(timers.due(periods, IS_OPEN)).toBe("ping");
  });
  it("is not due while one is unanswered, nor when the connection is not open", () => {
    const timers = open(0);
    timers.next(periods, 0, IS_OPEN);
    timers.tick(5000);
    expect(timers.due(periods, IS_OPEN | IS_PINGED)).toBe(null);
    expect(timers.due(periods, 0)).toBe(null);
    expect(timers.next(periods, 0, IS_OPEN | IS_PINGED)).toBe(null);
    expect(timers.next(periods, 0, 0)).toBe(null);
  });
  it("is due although input is held: it keeps the path open", () => {
    const timers = open(0);
    timers.heard(100);
    expect(timers.next(periods, 0, IS_OPEN | IS_HELD)).toBe(1100);
    expect(at(timers, 700, () => timers.next(periods, 0, IS_OPEN | IS_HELD))).toBe(1100);
    timers.tick(1100);
    expect(timers.due(periods, IS_OPEN | IS_HELD)).toBe("ping");
  });
});

describe("a pong", () => {
  const periods = only({ pong: 1000 });
  it("is due its period after the Ping has left, until an octet comes", () => {
    const timers = open(0);
    expect(timers.next(periods, 0, IS_OPEN | IS_PINGED)).toBe(null);
    timers.startPong();
    expect(at(timers, 300, () => timers.next(periods, 0, IS_OPEN | IS_PINGED))).toBe(1300);
    timers.tick(1300);
    expect(timers.due(periods, IS_OPEN | IS_PINGED)).toBe("pong");
    timers.heard(1300);
    expect(timers.due(periods, IS_OPEN)).toBe(null);
    expect(timers.next(periods, 0, IS_OPEN)).toBe(null);
  });
  it("is not the peer's fault while input is held, and then has its whole period", () => {
    const timers = open(0);
    timers.startPong();
    timers.next(periods, 0, IS_OPEN);
    expect(at(timers, 900, () => timers.next(periods, 0, IS_OPEN | IS_HELD))).toBe(null);
    timers.tick(5000);
    expect(timers.due(periods, IS_OPEN | IS_HELD)).toBe(null);
    expect(timers.next(periods, 0, IS_OPEN)).toBe(6000);
  });
});

describe("idleness", () => {
  const periods = only({ idle: 1000 });
  it("is due its period after the last octet", () => {
    const timers = open(0);
    expect(timers.next(periods, 0, IS_OPEN)).toBe(1000);
    timers.heard(600);
    expect(timers.next(periods, 0, IS_OPEN)).toBe(1600);
    timers.tick(1600);
    expect(timers.due(periods, IS_OPEN)).toBe("idle");
    expect(timers.due(periods, 0)).toBe(null);
  });
  it("does not count while input is held, asked or not, and then starts in full", () => {
    const timers = open(0);
    timers.next(periods, 0, IS_OPEN);
    timers.tick(2000);
    expect(timers.due(periods, IS_OPEN | IS_HELD)).toBe(null);
    expect(timers.next(periods, 0, IS_OPEN | IS_HELD)).toBe(null);
    expect(at(timers, 3000, () => timers.next(periods, 0, IS_OPEN))).toBe(4000);
  });
});

describe("a stall", () => {
  const periods = only({ stall: 1000 });
  it("is due when output has waited for its period and none was consumed", () => {
    const timers = open(0);
    expect(timers.next(periods, 0, 0)).toBe(null);
    expect(at(timers, 100, () => timers.next(periods, 0, IS_WAITING))).toBe(1100);
    expect(at(timers, 500, () => timers.next(periods, 0, IS_WAITING))).toBe(1100);
    timers.restartStall();
    expect(at(timers, 800, () => timers.next(periods, 0, IS_WAITING))).toBe(1800);
    expect(timers.next(periods, 0, 0)).toBe(null);
    expect(at(timers, 900, () => timers.next(periods, 0, IS_WAITING))).toBe(1900);
    timers.tick(1900);
    expect(timers.due(periods, IS_WAITING)).toBe("stall");
    expect(timers.due(periods, 0)).toBe(null);
  });
});

describe("several deadlines", () => {
  it("fire by their time, and at the same time in one order: ending, stall, pong, idle, ping", () => {
    const names = ["ending", "stall", "pong", "idle", "ping"] as const;
    const same = only({ stall: 100, pong: 100, idle: 100, ping: 100 });
    const is = IS_OPEN | IS_WAITING;
    const timers = new Timers();
    timers.tick(0);
    timers.startPong();
    expect(timers.next(same, 100, is)).toBe(100);
    timers.tick(100);
    expect(timers.due(same, is)).toBe("ending");
    timers.stopEnding();
    expect(timers.due(same, is)).toBe("stall");
    expect(timers.due(same, IS_OPEN)).toBe("pong");
    expect(timers.due({ ...same, pong: 0 }, IS_OPEN)).toBe("idle");
    expect(timers.due({ ...same, pong: 0, idle: 0 }, IS_OPEN)).toBe("ping");

    fc.assert(fc.property(fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 5, maxLength: 5 }), (deadlines) => {
      const [ending, stall, pong, idle, ping] = deadlines;
      const periods = only({ stall, pong, idle, ping });
      const timers = new Timers();
      timers.tick(0);
      timers.startPong();
      expect(timers.next(periods, ending, is)).toBe(Math.min(...deadlines));
      timers.tick(9);
      expect(timers.due(periods, is)).toBe(names[deadlines.indexOf(Math.min(...deadlines))]);
    }));
  });
  it("are off where their period is 0", () => {
    const timers = open(0);
    timers.startPong();
    expect(timers.next(OFF, 0, IS_OPEN | IS_WAITING)).toBe(null);
    timers.tick(1e9);
    expect(timers.due(OFF, IS_OPEN | IS_WAITING)).toBe(null);
  });
});

describe("the clock", () => {
  interface Step {
    readonly name: "tick" | "heard" | "next" | "due" | "pong" | "stall" | "ending" | "restart" | "stop";
    readonly now: number;
    readonly is: number;
  }
  const steps: fc.Arbitrary<Step[]> = fc.array(
    fc.record({
      name: fc.constantFrom("tick", "heard", "next", "next", "due", "pong", "stall", "ending", "restart", "stop"),
      now: fc.nat(3000),
      is: fc.nat(15),
    }),
    { maxLength: 30 },
  );
  const forward = steps.map((steps) => steps.toSorted((a, b) => a.now - b.now));
  const periods = only({ idle: 700, ping: 300, pong: 200, stall: 400 });
  /** What it answers; deadlines without the shift. */
  const run = (steps: readonly Step[], shift = 0, times = 1): unknown[] => {
    const timers = new Timers();
    return steps.map(({ name, now, is }) => {
      if (name === "heard") return timers.heard(now + shift);
      timers.tick(now + shift);
      if (name === "pong") return timers.startPong();
      if (name === "stall") return timers.restartStall();
      if (name === "ending") return timers.startEnding();
      if (name === "restart") return timers.restartEnding();
      if (name === "stop") return timers.stopEnding();
      if (name === "due") return timers.due(periods, is);
      if (name === "tick") return;
      const answers = Array.from({ length: times }, () => timers.next(periods, 500, is));
      expect(new Set(answers).size).toBe(1);
      return answers[0] === null ? null : answers[0] - shift;
    });
  };
  it("may start anywhere: shifted times give shifted deadlines, below zero too (L11)", () => {
    const shift = fc.oneof(fc.integer({ min: -1e9, max: 1e9 }), fc.constantFrom(-1000, -1, 1.8e12, 2 ** 31, -(2 ** 40)));
    fc.assert(fc.property(forward, shift, (steps, shift) => {
      expect(run(steps, shift)).toEqual(run(steps));
    }));
  });
  it("that goes back counts as the greatest seen", () => {
    fc.assert(fc.property(steps, (steps) => {
      let greatest = 0;
      const monotonic = steps.map((step) => ({ ...step, now: greatest = Math.max(greatest, step.now) }));
      expect(run(steps)).toEqual(run(monotonic));
    }));
  });
  it("makes no difference to a deadline that is asked for again", () => {
    fc.assert(fc.property(forward, (steps) => {
      expect(run(steps, 0, 3)).toEqual(run(steps));
    }));
  });
  it("makes a deadline due exactly when it says, and not before, with fractions too", () => {
    const start = fc.integer({ min: -1e12, max: 1e15 }).map((micros) => micros / 1000);
    const wait = fc.integer({ min: 0, max: 1e9 }).map((micros) => micros / 1000);
    const law = fc.property(start, wait, (start, wait) => {
      const timers = new Timers();
      timers.tick(start);
      timers.tick(start + wait);
      const deadline = timers.next(OFF, 777, 0)!;
      timers.tick(deadline - 0.01);
      expect(timers.due(OFF, 0)).toBe(null);
      timers.tick(deadline);
      expect(timers.due(OFF, 0)).toBe("ending");
    });
    // A sum of these is rounded so that the difference falls short.
    fc.assert(law, { examples: [[71.06568092203412, 31972.5347041059]] });
  });
});

/** Timers of a connection that is open since then. */
function open(now: number): Timers {
  const timers = new Timers();
  timers.tick(now);
  timers.stopEnding();
  return timers;
}
function at<T>(timers: Timers, now: number, ask: (now: number) => T): T {
  timers.tick(now);
  return ask(now);
}
