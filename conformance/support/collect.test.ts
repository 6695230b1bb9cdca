import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { zlib } from "../../adapters/zlib.ts";
import { upgradedConnection } from "../../core/index.ts";
import type { Connection, DeflateParams, Options, Role } from "../../core/types.ts";
import { encode, utf8 } from "../frames/encode.ts";
import { decodeAll } from "../frames/oracle.ts";
import { violations } from "../frames/well-formed.ts";
import { agreedDeflate, agreementOf, cut, cutting, damagedStream, options, validStream, widestDeflate } from "./arbitraries.ts";
import { collect } from "./collect.ts";
import { disagreement } from "./told.ts";
import { seededRandom } from "./virtual.ts";

function machine(role: Role, deflate: DeflateParams | null, given: Options): Connection {
  const complete = { ...given, deflate: deflate === null ? null : { engine: zlib, threshold: 0 } };
  return role === "server"
    ? upgradedConnection("server", agreementOf(deflate), complete)
    : upgradedConnection("client", agreementOf(deflate), { ...complete, random: seededRandom() });
}

describe("collect", () => {
  it("reports what the oracle reports, for valid and damaged streams however they are cut", () => {
    const role = fc.constantFrom<Role>("client", "server");
    const valid = fc.tuple(role, agreedDeflate).chain(([role, deflate]) =>
      validStream(role, deflate).map(({ bytes }) => ({ role, deflate, bytes }))
    );
    const damaged = fc.tuple(role, widestDeflate).chain(([role, deflate]) =>
      damagedStream(role, deflate).map((bytes) => ({ role, deflate, bytes }))
    );
    const drain = fc.constantFrom("each" as const, "one" as const, "late" as const);
    fc.assert(fc.property(fc.oneof(valid, damaged), cutting, options, drain, ({ role, deflate, bytes }, sizes, given, drain) => {
      const result = collect(machine(role, deflate, given), cut(bytes, sizes), { drain, end: "eof" });
      expect(
        disagreement(
          decodeAll(bytes, { role, deflate, limits: given.limits ?? {}, messages: given.messages ?? "whole" }),
          result.told,
        ),
      ).toBe(null);
      expect(violations(result.output, { role, deflate, complete: true })).toEqual([]);
    }));
  });

  it("keeps the head of a handshake apart from the frames behind it", () => {
    const client = machine("client", null, {});
    client.send("a");
    expect(collect(client, []).frames.map((frame) => frame.opcode)).toEqual([1]);
  });

  it("notices when bytes of an event change later", () => {
    let given: Uint8Array = new Uint8Array(0);
    const careless = machine("client", null, {});
    const chunks = [encode({ opcode: 2, payload: utf8("kept") }), encode({ opcode: 2, payload: utf8("more") })];
    const spoil = (event: { type: string; data?: unknown }): void => {
      if (event.type !== "binary") return;
      if (given.byteLength > 0) given[0] ^= 1;
      given = event.data as Uint8Array;
    };
    expect(() => collect(careless, chunks, { app: spoil })).toThrow("changed later");
  });
});
