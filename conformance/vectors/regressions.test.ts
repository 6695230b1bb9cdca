// What was wrong once: octets, in every way of delivery, against the reference decoder; and what is no string of octets.
// Next file: regressions.ts.
import { describe, expect, it } from "vitest";
import { UsageError } from "../../core/index.ts";
import { decodeAll } from "../frames/oracle.ts";
import { cut } from "../support/arbitraries.ts";
import { collect } from "../support/collect.ts";
import { freshServer, octets, requestText, upgraded } from "../support/machine.ts";
import { disagreement } from "../support/told.ts";
import { REGRESSIONS } from "./regressions.ts";

describe("octets that were read wrongly once", () => {
  it.each(REGRESSIONS.filter(({ opening }) => opening === undefined))(
    "$name",
    ({ role, deflate = null, options = {}, input }) => {
      for (const messages of ["whole", "parts", "raw"] as const) {
        const verdict = decodeAll(input, { role, deflate, limits: options.limits ?? {}, messages });
        const cuttings = Array.from({ length: input.byteLength }, (_, i) => i === 0 ? [1] : [i, Infinity]);
        for (const sizes of [[Infinity], ...cuttings]) {
          for (const drain of ["each", "one", "late"] as const) {
            const { told } = collect(upgraded(role, deflate, { ...options, messages }), cut(input, sizes), { drain });
            expect(disagreement(verdict, told), `${messages}, in pieces of ${sizes}, ${drain}`).toBe(null);
          }
        }
      }
    },
  );
});

describe("what else was wrong once", () => {
  it("a refusal that throws left an empty output behind, whose stall timer ran", () => {
    const server = freshServer({ timers: { stall: 5 } });
    server.receive(octets(requestText()), 0);
    server.poll();
    expect(() => server.reject({ status: 200 })).toThrow(UsageError);
    expect(server.nextTimeout(0)).toBe(10_000);
  });

  it("silence before the answer counted as the peer's: a connection could be idle the moment it opened", () => {
    const server = freshServer({ timers: { idle: 1000 } });
    server.receive(octets(requestText()), 0);
    server.poll();
    server.nextTimeout(0);
    server.handleTimeout(5000);
    server.accept();
    expect(server.poll()?.type).toBe("open");
    server.consumeOutput(server.peekOutput()?.byteLength ?? 0);
    expect(server.nextTimeout(5000)).toBe(6000);
  });
});
