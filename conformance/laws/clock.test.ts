// L11 Clock: only differences of time count, early timers and repeated questions change nothing, and the same inputs give the same octets,
// whatever other connections of the process do meanwhile. RFC 6455 §7.1.1. Next file: ../../core/timers.ts.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Millis } from "../../core/types.ts";
import { readFrames } from "../frames/reader.ts";
import { check, PATIENCE } from "../support/law.ts";
import { type Life, life } from "../support/life.ts";
import { play, type Player, player, type Playing } from "../support/player.ts";

describe("L11 clock", PATIENCE, () => {
  it("the same inputs give the same events, octets and deadlines", () => {
    check(life, (life) => expectSame(done(life), done(life)));
  });

  it("a timer that fires early, and a deadline that is asked for twice, change nothing", () => {
    check(life, (life) => {
      const nudged = done(life, {
        nudge(machine, now) {
          const next = machine.nextTimeout(now);
          expect(machine.nextTimeout(now)).toBe(next);
          if (next === null || next > now) {
            machine.handleTimeout(now);
            machine.handleTimeout(now);
          }
          expect(machine.nextTimeout(now)).toBe(next);
        },
      });
      expectSame(nudged, done(life));
    });
  });

  it("a clock that goes back counts as the greatest seen", () => {
    check(fc.tuple(life, fc.nat(50_000)), ([life, back]) => {
      const nudged = done(life, {
        nudge(machine, now) {
          machine.nextTimeout(now);
          machine.receive(new Uint8Array(0), now - back);
          machine.handleTimeout(now - back);
          expect(machine.nextTimeout(now - back)).toBe(machine.nextTimeout(now));
        },
      });
      expectSame(nudged, done(life));
    });
  });

  it("when the clock began does not matter", () => {
    check(fc.tuple(life, fc.constantFrom(1, 1000, 1.7e12, 2 ** 33)), ([life, shift]) => {
      expectSame(done(life, { shift }), done(life), shift);
    });
  });

  it("connections do not disturb each other, though they share memory for output", () => {
    check(fc.array(life, { minLength: 2, maxLength: 4 }), (lives) => {
      const alone = lives.map((life) => done(life));
      const together = lives.map((life) => player(life, { beside: true }));
      const turns = Math.max(...lives.map(({ steps }) => steps.length));
      for (let i = 0; i < turns; i++) {
        lives.forEach(({ steps }, who) => i < steps.length && together[who].step(steps[i]));
      }
      together.forEach((one, who) => {
        finish(one);
        expect(one.events).toEqual(alone[who].events);
        expect(one.answers).toEqual(alone[who].answers);
        expect(inOrder(one)).toEqual(inOrder(alone[who]));
      });
    }, 0.3);
  });
});

/** What was written, without masks: data and Closes in their order, Pings and Pongs in theirs, since their place among data is free. */
function inOrder(one: Player): unknown {
  const frames = readFrames(one.frames()).frames.map(({ mask: _, ...frame }) => frame);
  return [2, 9, 10].map((kind) => frames.filter(({ opcode }) => kind === 2 ? opcode < 9 : opcode === kind));
}
function finish(living: Player): void {
  living.step({ do: "poll", most: Infinity });
  living.step({ do: "flush", most: Infinity });
}
/** A life with all its output. */
function done(life: Life, playing: Playing = {}): Player {
  const living = play(life, playing);
  finish(living);
  return living;
}
function expectSame(a: Player, b: Player, shift: Millis = 0): void {
  expect(a.events).toEqual(b.events);
  expect(a.answers).toEqual(b.answers);
  expect(Buffer.compare(a.written(), b.written())).toBe(0);
  expect(a.sights).toEqual(b.sights.map((sight) => ({ ...sight, next: sight.next === null ? null : sight.next + shift })));
}
