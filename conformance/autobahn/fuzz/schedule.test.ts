import { describe, expect, it } from "vitest";
import { CASES } from "../cases/all.ts";
import type { Case } from "../cases/case.ts";
import { costOf, inLanes, messagesOf, patienceOf } from "./schedule.ts";

const named = (id: string): Case => CASES.find((one) => one.id === id)!;

describe("the schedule of cases", () => {
  it("plays every case once, waiting ones side by side, 9.x one by one", async () => {
    const most = new Map<string, number>();
    const played: string[] = [];
    let running: string[] = [];
    await inLanes(CASES, 8, async ({ id }) => {
      const section = id.split(".")[0];
      running.push(section);
      // Nothing of another kind runs beside a case that is measured.
      if (section === "9") expect(running).toEqual(["9"]);
      most.set(section, Math.max(most.get(section) ?? 0, running.length));
      await new Promise((resolve) => setImmediate(resolve));
      running = running.toSpliced(running.indexOf(section), 1);
      played.push(id);
    });
    expect(played.toSorted()).toEqual(CASES.map(({ id }) => id).toSorted());
    expect(Object.fromEntries(most)).toMatchObject({ "6": 8, "9": 1, "12": 3 });
  });

  it("never has more at a time than it may", async () => {
    let running = 0;
    await inLanes(CASES.slice(0, 60), 1, async () => {
      expect(++running).toBe(1);
      await Promise.resolve();
      running--;
    });
  });

  it("gives a case up later than all of its own timers", () => {
    const own = (id: string): number => patienceOf(named(id), {}, null);
    expect(own("6.4.1")).toBeGreaterThan(1 + 1 + 1 + 1 + 1); // two waits, the kill timer, the close timer, the drop timer
    expect(own("9.5.1")).toBeGreaterThan(1000 + 2);
    expect(own("12.1.10")).toBeGreaterThan(480 + 2);
    expect(patienceOf(named("9.5.1"), {}, 30)).toBe(30);
    expect(patienceOf(named("1.1.1"), { closeHandshakeTimeout: 60 }, null)).toBeGreaterThan(60);
  });

  it("sends as many messages as the default allows, or as many as were asked for", () => {
    expect(messagesOf(named("1.1.1"), null)).toBeUndefined();
    expect(messagesOf(named("9.7.6"), null)).toBe(1000);
    expect(messagesOf(named("12.1.1"), null)).toBe(500);
    expect(messagesOf(named("12.1.10"), null)).toBe(16);
    expect(messagesOf(named("12.1.10"), 1000)).toBe(1000);
    expect(messagesOf(named("9.8.1"), 7)).toBe(7);
  });

  it("expects something of every case", () => {
    for (const one of CASES) expect(costOf(one, null), one.id).toBeGreaterThan(0);
    expect(costOf(named("12.1.10"), 1000)).toBeGreaterThan(10 * costOf(named("12.1.10"), null));
  });
});
