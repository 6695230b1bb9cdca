// The laws of a whole life, whatever happens in it. L2 Total, L12 Progress, L13 Last word, L14 One Close, L15 Transport, L16 Clean,
// L19 Well-formed. RFC 6455 §5.5.1, §7.1. A life is any mixture of octets, ends, time, polls, output and commands, legal or not.
// Next file: atomic.test.ts.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Event, Timers } from "../../core/types.ts";
import { readFrames } from "../frames/reader.ts";
import { violations } from "../frames/well-formed.ts";
import { commands, type Life, life, type Step } from "../support/life.ts";
import { answer, play, type Player, player } from "../support/player.ts";
import { check, PATIENCE } from "../support/law.ts";
import { LETTERS, RANKS, STORIES } from "../support/story.ts";
import { tell } from "../support/told.ts";

describe("L2 total", PATIENCE, () => {
  it("any octets in any state: nothing throws, and poll comes to an end", () => {
    const noise = fc.array(fc.uint8Array({ maxLength: 60 }), { maxLength: 6 });
    check(fc.tuple(life, noise), ([life, noise]) => {
      const living = play(life);
      for (const bytes of noise) {
        living.step({ do: "noise", bytes });
        living.step({ do: "poll", most: Infinity });
      }
      const octets = life.stream.byteLength + noise.reduce((sum, bytes) => sum + bytes.byteLength, 0) + 1000;
      // No two octets make more than one event, except that 256 octets of output are a piece, and a request or a fault brings another.
      expect(living.events.length).toBeLessThan(1100 * octets);
    }, 2);
  });
});

describe("L12 progress", PATIENCE, () => {
  it("from any state, timeouts alone reach closed, whether the transport takes anything or not", () => {
    check(fc.tuple(life, fc.boolean()), ([life, flush]) => {
      const living = play(life);
      living.step({ do: "poll", most: Infinity });
      // An open connection without its timers may stay open for ever: that is what it was asked for. Then the end begins with close().
      if (living.machine.state === "open" && !isWatched(life.birth.options.timers, flush)) living.step(CLOSE);
      living.finish(flush);
      expect(living.machine.nextTimeout(living.now) === null || living.machine.transport === "end").toBe(true);
      expect(living.machine.state).toBe("closed");
    }, 2);
  });

  it("an open connection whose timers are off waits for ever, without a deadline; behind close() timeouts alone reach closed", () => {
    check(fc.tuple(life.map(withoutTimers), fc.boolean()), ([life, flush]) => {
      const living = play(life);
      living.step({ do: "poll", most: Infinity });
      fc.pre(living.machine.state === "open");
      if (flush) living.step({ do: "flush", most: Infinity });
      const { length } = living.events, waiting = living.machine.bufferedOutput;
      expect(living.machine.nextTimeout(living.now)).toBe(null);
      living.step({ do: "wait", by: 1e9 });
      living.step({ do: "poll", most: Infinity });
      expect([living.machine.state, living.events.length, living.machine.bufferedOutput]).toEqual(["open", length, waiting]);
      expect(living.machine.nextTimeout(living.now)).toBe(null);
      living.step(CLOSE);
      living.finish(flush);
      expect(living.machine.state).toBe("closed");
    }, 0.5);
  });
});

describe("L13 last word", PATIENCE, () => {
  it("events come in one order: closed exactly once and last, one fault before it, open before data", () => {
    check(fc.tuple(life, fc.array(commands, { maxLength: 4 })), ([life, late]) => {
      const living = lived(life);
      const story = living.events.map(({ type }) => LETTERS[type]).join("");
      expect(story).toMatch(STORIES[life.birth.role]);
      expect(story).toMatch(/\.$/);
      tell(living.events); // throws where pieces contradict each other

      const count = living.events.length;
      for (const command of late) if (command.do !== "overconsume") expect(answer(living.machine, command)).not.toBe(true);
      living.step({ do: "noise", bytes: Uint8Array.of(0x81, 0) });
      living.step({ do: "end", error: true });
      living.step({ do: "wait", by: 100_000 });
      living.step({ do: "poll", most: Infinity });
      expect(living.events.length).toBe(count);
    }, 2);
  });
});

describe("L14 one Close, L19 well-formed", PATIENCE, () => {
  it("a strict reader finds nothing to object to in what is written, and nothing behind the Close but Pongs", () => {
    check(life, (life) => {
      const living = lived(life);
      const { role } = life.birth;
      const deflate = agreed(living);
      expect(violations(living.frames(), { role, deflate })).toEqual([]);
      const { frames } = readFrames(living.frames());
      const closes = frames.filter(({ opcode }) => opcode === 8).length;
      expect(closes).toBeLessThanOrEqual(1);
      // A Close that answers something is the last word; only behind our own may Pongs follow, one for each Ping.
      const behind = frames.length - 1 - frames.findIndex(({ opcode }) => opcode === 8);
      const closedByUs = life.steps.some((step) => step.do === "close");
      if (closes === 1 && !closedByUs) expect(behind).toBe(0);
    }, 3);
  });

  it("nothing is written to the peer behind a fault that no Close can answer", () => {
    check(life, (life) => {
      const living = lived(life);
      const silent = living.events.some((event) => event.type === "fault" && event.fault.closeCode === 1006);
      const handshake = living.events.every((event) => event.type !== "open");
      if (silent && handshake) expect(readFrames(living.frames()).frames).toEqual([]);
    });
  });
});

describe("L15 transport", PATIENCE, () => {
  it("moves from keep over end to destroy, and nothing waits behind destroy; a server ends first", () => {
    check(life, (life) => {
      const living = lived(life);
      for (const { transport, told } of living.sights) {
        const last = living.events[told - 1];
        if (last?.type === "close" || (last?.type === "fault" && last.fault.closeCode !== 1006)) {
          expect(transport).toMatch(life.birth.role === "server" ? /end|destroy/ : /keep|destroy/);
        }
      }
      const ranks = living.sights.map(({ transport }) => RANKS.indexOf(transport));
      expect([...ranks].sort()).toEqual(ranks);
      for (const { transport, bufferedOutput, state } of living.sights) {
        if (transport === "destroy") expect(bufferedOutput).toBe(0);
        if (state === "open" || state === "connecting") expect(transport).toBe("keep");
      }
    });
  });
});

describe("L16 clean", PATIENCE, () => {
  it("means that the peer's Close came and nothing failed; then our Close was written, if the transport took it", () => {
    check(life, (life) => {
      const living = lived(life);
      const closed = living.events.at(-1);
      const close = living.events.find((event) => event.type === "close");
      const fault = living.events.find((event) => event.type === "fault");
      if (closed?.type !== "closed") throw new Error("not closed");
      expect(closed.clean).toBe(close !== undefined && fault === undefined);
      expect(closed.close).toEqual(closed.clean ? close?.close : { code: 1006, reason: "" });
      expect(close === undefined || fault === undefined, "a fault behind the peer's Close").toBe(true);
      if (closed.clean && !living.broken && living.machine.transport === "end") {
        expect(readFrames(living.frames()).frames.map(({ opcode }) => opcode)).toContain(8);
      }
    }, 2);
  });
});

/** A life to its end: the rest of the stream arrives, everything is polled and written, then time does the rest. */
function lived(life: Life): Player {
  const living = player(life);
  for (const step of life.steps) living.step(step);
  living.step({ do: "hear", size: Infinity });
  living.step({ do: "poll", most: Infinity });
  if (life.stream.byteLength % 3 === 0) living.step({ do: "end", error: life.stream.byteLength % 2 === 0 });
  else if (living.machine.state === "open") living.machine.close();
  living.finish();
  living.step({ do: "flush", most: Infinity });
  return living;
}
function agreed({ events }: Player): Extract<Event, { type: "open" }>["agreement"]["deflate"] {
  const open = events.find((event) => event.type === "open");
  return open?.agreement.deflate ?? null;
}
/** Every silence of the peer of an open connection comes to an end. `flush`: the transport takes what is written. */
function isWatched({ ping, pong, idle = 0, stall }: Partial<Timers> = {}, flush: boolean): boolean {
  // A Ping that does not leave is never late: then it takes the timer that watches the output.
  return idle > 0 || (ping !== 0 && pong !== 0 && (flush || stall !== 0));
}
/** The same life without the timers of an open connection, and without steps that end it. */
function withoutTimers({ birth, stream, steps }: Life): Life {
  const timers = { ...birth.options.timers, idle: 0, ping: 0, pong: 0, stall: 0 };
  const stays = steps.filter((step) => step.do !== "end" && step.do !== "close" && step.do !== "reject" && step.do !== "noise");
  return { birth: { ...birth, options: { ...birth.options, timers } }, stream, steps: stays };
}

const CLOSE: Step = { do: "close", code: undefined, reason: undefined };
