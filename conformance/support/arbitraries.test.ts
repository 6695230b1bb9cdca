import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Role } from "../../core/types.ts";
import { concat } from "../frames/encode.ts";
import { decodeAll } from "../frames/oracle.ts";
import { violations } from "../frames/well-formed.ts";
import { agreedDeflate, cut, cutting, damagedStream, validStream } from "./arbitraries.ts";

const role = fc.constantFrom<Role>("client", "server");

describe("arbitrary streams", () => {
  it("are valid where they say so: the oracle reports their messages and no fault", () => {
    const streams = fc.tuple(role, agreedDeflate).chain(([reader, deflate]) =>
      fc.record({ reader: fc.constant(reader), deflate: fc.constant(deflate), stream: validStream(reader, deflate) })
    );
    fc.assert(fc.property(streams, ({ reader, deflate, stream }) => {
      const { events } = decodeAll(stream.bytes, { role: reader, deflate });
      const messages = events.filter(({ type }) => type === "text" || type === "binary");
      expect(messages).toEqual(
        stream.messages.map(({ kind, data }) =>
          kind === "text"
            ? { type: kind, data: new TextDecoder("utf-8", { ignoreBOM: true }).decode(data) }
            : { type: kind, data }
        ),
      );
      expect(events.some(({ type }) => type === "fault")).toBe(false);
      expect(violations(stream.bytes, { role: reader === "client" ? "server" : "client", deflate, complete: true })).toEqual([]);
    }));
  });

  it("are damaged in every way there is: each fault of the frame layer turns up", () => {
    const seen = new Set<string>();
    const streams = fc.tuple(role, agreedDeflate).chain(([reader, deflate]) =>
      damagedStream(reader, deflate).map((bytes) =>
        decodeAll(bytes, { role: reader, deflate, limits: { message: 1000, fragments: 3 } })
      )
    );
    fc.assert(
      fc.property(streams, ({ events }) => void events.forEach((event) => event.type === "fault" && seen.add(event.code))),
      {
        numRuns: 1500,
        seed: 1,
      },
    );
    expect([...seen].sort()).toEqual([
      "BAD_CLOSE",
      "BAD_CONTROL",
      "BAD_DEFLATE",
      "BAD_FRAGMENT",
      "BAD_LENGTH",
      "BAD_MASK",
      "BAD_UTF8",
      "MESSAGE_TOO_BIG",
      "RESERVED_BIT",
      "RESERVED_OPCODE",
      "TOO_MANY_FRAGMENTS",
    ]);
  });

  it("are cut without loss", () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 500 }), cutting, (bytes, sizes) => {
      expect(concat(cut(bytes, sizes))).toEqual(new Uint8Array(bytes));
    }));
  });
});
