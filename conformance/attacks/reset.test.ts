import { describe, expect, it } from "vitest";
import { resets } from "./reset.ts";
import { here, victim } from "./victims.ts";

// `npm run attacks` cuts at every octet; here at those of the heads and the first frames, and at some of the rest.
describe.each(here)("R5, R13: a session of 20 KB that is reset, on %s", (runtime) => {
  it("ends once on both sides, never clean, with whole messages only; nothing is left", async () => {
    const one = await victim(runtime);
    const { up, down, sessions, problems } = await resets(one, 211, 120);
    expect(problems).toEqual([]);
    expect(up + down).toBeGreaterThan(19_000);
    expect(sessions).toBeGreaterThan(300);
    expect(await one.tell("tally")).toMatchObject({ sockets: 0, unhandled: [] });
    expect(await one.leave()).toBe(0);
  }, 120_000);
});
