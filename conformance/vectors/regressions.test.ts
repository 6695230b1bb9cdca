// What was wrong once: octets, in every way of delivery, against the reference decoder; and what is no string of octets.
// Next file: regressions.ts.
import { describe, expect, it } from "vitest";
import { UsageError } from "../../core/index.ts";
import type { DeflateParams } from "../../core/types.ts";
import { fromHex } from "../frames/encode.ts";
import { decodeAll } from "../frames/oracle.ts";
import { cut } from "../support/arbitraries.ts";
import { collect } from "../support/collect.ts";
import { freshServer, octets, requestText, startMemoryAnew, upgraded } from "../support/machine.ts";
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

it("of a message one octet beyond the limit and corrupt behind it either may be found first", () => {
  const input = fromHex("c2 0b 62 60 00 00 03 00 01 00 00 ff ff 01");
  const limits = { message: 6 };
  for (const messages of ["whole", "parts", "raw"] as const) {
    const verdict = decodeAll(input, { role: "client", deflate: TAKEOVER, limits, messages });
    for (let size = 1; size <= input.byteLength; size++) {
      const { told } = collect(upgraded("client", TAKEOVER, { limits, messages }), cut(input, [size]));
      expect(disagreement(verdict, told), `${messages}, in pieces of ${size}`).toBe(null);
    }
  }
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

  it("a long text that is not ASCII could leave an empty chunk in the output, which no transport can be done with", () => {
    const neighbour = upgraded("server"), server = upgraded("server");
    const text = "a".repeat(22_400) + "\u00e9".repeat(21_400);
    startMemoryAnew();
    neighbour.send(new Uint8Array(60_000));
    neighbour.send(new Uint8Array(10_000));
    server.send(text);
    let octets = 0;
    for (let out = server.peekOutput(); out !== null; out = server.peekOutput()) {
      expect(out.length).toBeGreaterThan(0);
      octets += out.length;
      server.consumeOutput(out.length);
    }
    expect(octets).toBe(4 + 65_200);
  });
});

const TAKEOVER: DeflateParams = { serverWindowBits: 15, clientWindowBits: 15, serverTakeover: true, clientTakeover: true };
