// The fuzzer itself: a short run; that it sees a machine that is wrong and makes the input short; and that its reference decoder, which is
// fast, says what the oracle says, which is slow. Next file: fuzzer.ts.
import { describe, expect, it } from "vitest";
import type { Connection, Event } from "../../core/types.ts";
import { PATIENCE, runsOf } from "../support/law.ts";
import { type Counts, fuzz, newCounts, SETTINGS } from "./fuzzer.ts";
import type { Setting } from "./play.ts";

describe("the fuzzer", PATIENCE, () => {
  it("finds nothing wrong, in inputs of every kind", () => {
    const counts = newCounts();
    expect(fuzz(runsOf(200), 1, counts)).toBe(null);
    expect(counts.inputs).toBe(runsOf(200));
    expect(counts.settings.size).toBe(new Set(SETTINGS.map(({ name }) => name)).size);
    for (const code of [0, 1000, 1002, 1005, 1007, 1008, 1009]) {
      expect(counts.closes.get(code), `Close ${code}`).toBeGreaterThan(0);
    }
    // Nearly every input is judged by the fast decoder alone, and it is right.
    expect(counts.oracle).toBeLessThan(counts.inputs / 50);
  });

  it("plays the same inputs for the same seed", () => {
    const runs = [0, 1].map((): Counts => newCounts());
    for (const counts of runs) fuzz(500, 7, counts);
    expect(runs[0]).toEqual(runs[1]);
  });

  const mistakes: Readonly<Record<string, readonly [law: string, (machine: Connection) => void]>> = {
    "throws": ["L2", (machine) => change(machine, (event) => event?.type === "pong" ? fail() : event)],
    "never comes to an end": ["L2", (machine) => change(machine, (event) => event ?? PING)],
    "loses an event": ["L7", (machine) => change(machine, (event) => event?.type === "pong" ? machine.poll() : event)],
    "reads an octet wrongly": ["L7", (machine) =>
      change(machine, (event) => {
        if (event?.type === "binary" && event.data.length > 3) event.data[3] ^= 64;
        return event;
      })],
    "minds how octets are cut": ["L1", (machine) => {
      const receive = machine.receive.bind(machine);
      machine.receive = (bytes, now) =>
        receive(bytes.length === 7 ? bytes.map((octet, i) => i === 6 ? octet ^ 1 : octet) : bytes, now);
    }],
  };
  it.each(Object.entries(mistakes))("finds a machine that %s, and makes the input short", (_, [law, mistake]) => {
    const settings = SETTINGS.map((setting): Setting => ({
      ...setting,
      make() {
        const machine = setting.make();
        mistake(machine);
        return machine;
      },
    }));
    const failure = fuzz(20_000, 3, newCounts(), settings);
    expect(failure?.reason.slice(0, 2)).toMatch(law === "L1" ? /L1|L7/ : law);
    expect(failure?.bytes.length).toBeLessThan(40);
  });
});

function change(machine: Connection, how: (event: Event | null) => Event | null): void {
  const poll = machine.poll.bind(machine);
  machine.poll = () => how(poll());
}
function fail(): never {
  throw new Error("oops");
}
const PING: Event = { type: "ping", data: new Uint8Array(0) };
