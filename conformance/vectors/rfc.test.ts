import { isDeepStrictEqual } from "node:util";
import { describe, expect, it } from "vitest";
import { zlib } from "../../adapters/zlib.ts";
import { upgradedConnection } from "../../core/index.ts";
import type { Connection, Role } from "../../core/types.ts";
import { fromHex, toHex, utf8 } from "../frames/encode.ts";
import { decodeAll } from "../frames/oracle.ts";
import { agreementOf, cut } from "../support/arbitraries.ts";
import { collect } from "../support/collect.ts";
import { disagreement } from "../support/told.ts";
import { KEY, SENT, type Vector, VECTORS } from "./rfc.ts";

describe.each(VECTORS)("$section: $name", (vector) => {
  it("means to the oracle what the RFC says", () => {
    const { events } = decodeAll(vector.bytes, { role: vector.reader, deflate: vector.deflate });
    expect(isDeepStrictEqual(events, vector.told)).toBe(true);
  });

  it("means the same to the core, whole and at every cut", () => {
    const lengths = vector.bytes.byteLength < 30 ? vector.bytes.keys() : [7, 300, 65536];
    for (const length of lengths) {
      for (const sizes of [[Math.max(1, length), Infinity], [Math.max(1, length)]]) {
        const { told } = collect(machine(vector.reader, vector), cut(vector.bytes, sizes));
        expect(isDeepStrictEqual(told, [{ type: "open" }, ...vector.told]), `in pieces of ${sizes[0]}`).toBe(true);
      }
    }
  });

  it("means the same in pieces", () => {
    for (const messages of ["parts", "raw"] as const) {
      const verdict = decodeAll(vector.bytes, { role: vector.reader, deflate: vector.deflate, messages });
      for (const size of [vector.bytes.byteLength < 30 ? 1 : 1000, Infinity]) {
        const { told } = collect(machine(vector.reader, vector, messages), cut(vector.bytes, [size]));
        expect(disagreement(verdict, told)).toBe(null);
      }
    }
  });
});

describe("RFC 6455 §5.7: what a sender writes", () => {
  it.each(SENT)("$name", ({ role, data, bytes }) => {
    const sender = machine(role, { deflate: null });
    expect(sender.send(data)).toBe(true);
    expect(Buffer.compare(collect(sender, []).output, bytes)).toBe(0);
  });

  it("answers a Ping with a masked Pong of the same octets", () => {
    const { output } = collect(machine("client", { deflate: null }), [fromHex("89 05 48 65 6c 6c 6f")]);
    expect(toHex(output)).toBe("8a 85 37 fa 21 3d 7f 9f 4d 51 58");
  });

  it("writes a Ping", () => {
    const sender = machine("server", { deflate: null });
    sender.ping(utf8("Hello"));
    expect(toHex(collect(sender, []).output)).toBe("89 05 48 65 6c 6c 6f");
  });
});

function machine(role: Role, { deflate }: Pick<Vector, "deflate">, messages: "whole" | "parts" | "raw" = "whole"): Connection {
  const options = { messages, deflate: deflate === null ? null : { engine: zlib } };
  const random = (into: Uint8Array): void => into.forEach((_, i) => into[i] = KEY[i & 3]);
  if (role === "server") return upgradedConnection("server", agreementOf(deflate), options);
  return upgradedConnection("client", agreementOf(deflate), { ...options, random });
}
