// L7 Oracle: what the core reports of a stream, valid or damaged, is what a slow and strict decoder over the whole string says, with the
// same fault and the same Close code, in every way of delivery and with every engine. RFC 6455 §5 to §8, RFC 7692 §6, §7.2.
// Next file: ../frames/oracle.ts.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { pako } from "../../adapters/pako.ts";
import { zlib } from "../../adapters/zlib.ts";
import type { Bytes, DeflateEngine, DeflateParams, Options, Role } from "../../core/types.ts";
import { encodeAll, fromHex } from "../frames/encode.ts";
import { decodeAll } from "../frames/oracle.ts";
import { violations } from "../frames/well-formed.ts";
import { agreedDeflate, cut, cutting, damagedStream, options, validStream, widestDeflate } from "../support/arbitraries.ts";
import { collect } from "../support/collect.ts";
import { check, PATIENCE } from "../support/law.ts";
import { upgraded } from "../support/machine.ts";
import { disagreement } from "../support/told.ts";

interface Case {
  readonly role: Role;
  readonly deflate: DeflateParams | null;
  readonly bytes: Bytes;
  readonly sizes: readonly number[];
  readonly options: Options;
  readonly engine: "zlib" | "pako";
  readonly drain: "each" | "one" | "late";
}

const ENGINES: Readonly<Record<Case["engine"], DeflateEngine>> = { zlib, pako };
const role = fc.constantFrom<Role>("client", "server");
const engine = fc.constantFrom<Case["engine"]>("zlib", "zlib", "pako");
const drain = fc.constantFrom<Case["drain"]>("each", "one", "late");

function cases(
  deflate: fc.Arbitrary<DeflateParams | null>,
  bytes: (role: Role, deflate: DeflateParams | null) => fc.Arbitrary<Bytes>,
): fc.Arbitrary<Case> {
  return fc.tuple(role, deflate).chain(([role, deflate]) =>
    fc.record({
      role: fc.constant(role),
      deflate: fc.constant(deflate),
      bytes: bytes(role, deflate),
      sizes: cutting,
      options,
      engine,
      drain,
    })
  );
}
/** What the machine says about a stream that ends here, against what the oracle says. */
function agrees({ role, deflate, bytes, sizes, options, engine, drain }: Case): void {
  const machine = upgraded(role, deflate, { ...options, deflate: { engine: ENGINES[engine], threshold: 0 } });
  const result = collect(machine, cut(bytes, sizes), { drain, end: "eof" });
  const verdict = decodeAll(bytes, { role, deflate, limits: options.limits ?? {}, messages: options.messages ?? "whole" });
  expect(disagreement(verdict, result.told)).toBe(null);
  expect(violations(result.output, { role, deflate, complete: true })).toEqual([]);
  const fault = result.told.find((event) => event.type === "fault");
  const close = result.frames.find(({ opcode }) => opcode === 8);
  if (fault !== undefined) expect(close === undefined ? null : close.payload[0] * 256 + close.payload[1]).toBe(fault.closeCode);
}

describe("L7 oracle", PATIENCE, () => {
  it("valid streams mean what the reference decoder says, with all windows", () => {
    check(cases(agreedDeflate, (role, deflate) => validStream(role, deflate).map((stream) => stream.bytes)), agrees);
  });

  it("and so do damaged ones", () => {
    check(cases(widestDeflate, damagedStream), agrees, 2);
  });

  it("and text that is nearly UTF-8, in any fragments", () => {
    const fragment = fc.record({
      texts: fc.array(fc.constantFrom(...BORDERS), { maxLength: 5 }),
      ends: fc.boolean(),
    });
    const streams = (role: Role): fc.Arbitrary<Bytes> =>
      fc.array(fragment, { minLength: 1, maxLength: 5 }).map((fragments) => {
        const mask = role === "server" ? Uint8Array.of(1, 2, 3, 4) : null;
        return encodeAll(fragments.map(({ texts, ends }, i) => ({
          opcode: i === 0 || fragments[i - 1].ends ? 1 : 0,
          fin: ends,
          payload: fromHex(texts.join("")),
          mask,
        })));
      });
    check(cases(fc.constant(null), streams), agrees, 4);
  });

  it("and octets that were never a stream", () => {
    const headers = fc.constantFrom(0x81, 0x82, 0x01, 0x80, 0x00, 0x88, 0x89, 0x8a, 0xc1, 0xc2, 0x41);
    const lengths = fc.constantFrom(0x00, 0x01, 0x05, 0x7d, 0x7e, 0x7f, 0x80, 0x81, 0x82, 0x85, 0xfe, 0xff);
    const octet = fc.oneof({ weight: 3, arbitrary: fc.nat(255) }, headers, lengths, fc.constant(0));
    check(
      cases(widestDeflate, () => fc.array(octet, { maxLength: 40 }).map((octets) => Uint8Array.from(octets))),
      agrees,
      6,
    );
  });
});

/** Each border of RFC 3629 §4 from both sides, whole characters and parts of them. */
const BORDERS: readonly string[] = [
  ...["61", "7f", "80", "bf"],
  ...["c0", "c1", "c2 80", "df bf", "e2 82"],
  ...["e0 9f", "e0 a0 80", "ec bf bf", "ed 9f bf", "ed a0 80", "ee 80 80", "ef bb bf", "ef bf bd"],
  ...["f0 8f", "f0 90 80 80", "f0 9f 98", "f3 bf bf bf", "f4 8f bf bf", "f4 90", "f5", "ff"],
];
