// L1 Split and L3 Pull = push: however the octets of a stream are cut, and whenever the events are polled, the same is reported and the
// same is written. Events are compared with pieces joined; frames without the place of Pongs. RFC 6455 §5.4, §5.5.3.
// Next file: oracle.test.ts, which says what it is that is reported.
import { isDeepStrictEqual } from "node:util";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Bytes, Connection, DeflateParams, Event, Options, Role } from "../../core/types.ts";
import { concat } from "../frames/encode.ts";
import { cut, cutting, damagedStream, delivery, limits, validStream, widestDeflate } from "../support/arbitraries.ts";
import { collect, type Collected } from "../support/collect.ts";
import { check, PATIENCE } from "../support/law.ts";
import { freshClient, freshServer, octets, requestOf, requestText, responseText, upgraded } from "../support/machine.ts";
import { sameOutput, sameTold } from "../support/told.ts";

type Drain = "each" | "one" | "late";
type End = "open" | "eof" | "error";
interface Case {
  readonly role: Role;
  readonly deflate: DeflateParams | null;
  readonly options: Options;
  readonly bytes: Bytes;
  readonly ways: readonly (readonly [sizes: readonly number[], drain: Drain])[];
  readonly end: End;
  readonly echo: boolean;
}

const ways = fc.array(fc.tuple(cutting, fc.constantFrom<Drain>("each", "one", "late")), { minLength: 1, maxLength: 3 });
const cases: fc.Arbitrary<Case> = fc.tuple(fc.constantFrom<Role>("client", "server"), widestDeflate, fc.boolean()).chain((
  [role, deflate, damaged],
) =>
  fc.record({
    role: fc.constant(role),
    deflate: fc.constant(deflate),
    options: fc.record({ messages: delivery, limits }),
    bytes: damaged ? damagedStream(role, deflate) : validStream(role, deflate).map((stream) => stream.bytes),
    ways,
    end: fc.constantFrom<End>("open", "eof", "error"),
    echo: fc.boolean(),
  })
);

describe("L1 split, L3 pull = push", PATIENCE, () => {
  it("cut anywhere and polled at any time, a stream means the same", () => {
    check(cases, ({ role, deflate, options, bytes, ways, end, echo }) => {
      // Behind the end of the stream an application cannot answer any more, so what it still answers depends on when it is asked.
      const app = echo && end === "open" ? answerAll : () => {};
      const run = (sizes: readonly number[], drain: Drain): Collected =>
        collect(upgraded(role, deflate, options), cut(bytes, sizes), { drain, end, app });
      const plain = run([Infinity], "each");
      for (const [sizes, drain] of ways) expectSame(plain, run(sizes, drain), end);
    }, 4);
  });

  it("and so does an opening handshake with everything behind it", () => {
    const handshakes = fc.record({
      role: fc.constantFrom<Role>("client", "server"),
      frames: fc.oneof(fc.uint8Array({ maxLength: 30 }), validStream("server").map((stream) => stream.bytes)),
      flip: fc.option(fc.tuple(fc.nat(), fc.nat(255))),
      ways,
    });
    check(handshakes, ({ role, frames, flip, ways }) => {
      const head = octets(role === "server" ? requestText() : responseText(requestOf(freshClient())));
      const bytes = concat([head, frames]);
      if (flip !== null) bytes[flip[0] % head.byteLength] = flip[1];
      const run = (sizes: readonly number[], drain: Drain): Collected =>
        collect(role === "server" ? freshServer() : askingClient(), cut(bytes, sizes), { drain, app: acceptAll });
      const plain = run([Infinity], "each");
      for (const [sizes, drain] of ways) {
        const other = run(sizes, drain);
        expectSame(plain, other, "open");
        expect(other.head).toBe(plain.head);
      }
    }, 2);
  });
});

function expectSame(a: Collected, b: Collected, end: End): void {
  expect(sameTold(a.told, b.told), "events").toBe(true);
  expect(b.state).toBe(a.state);
  expect(b.transport).toBe(a.transport);
  // A transport that failed takes nothing more, and behind an end without Close and fault there is nobody to write to: what was not
  // offered by then is dropped.
  const answers = a.told.some(({ type }) => type === "close" || type === "fault");
  if (end === "open" || (end === "eof" && answers)) {
    expect(sameOutput(a.frames, b.frames) || bothFail(a, b), "output").toBe(true);
  }
}
/** Damaged compressed data may be found out at another octet, and then with another code (see sameTold). */
function bothFail(a: Collected, b: Collected): boolean {
  const code = ({ told }: Collected): string | null =>
    told.map((one) => one.type === "fault" ? one.code : null).find(Boolean) ?? null;
  const data = ({ frames }: Collected) => frames.filter(({ opcode }) => opcode < 3).map(({ payload }) => payload);
  return code(a) !== null && code(b) !== null && code(a) !== code(b) && isDeepStrictEqual(data(a), data(b));
}
/** An application that answers every message. */
function answerAll(event: Event, machine: Connection): void {
  if (event.type === "text" || event.type === "binary") machine.send(event.data);
  if ((event.type === "part" || event.type === "raw") && event.last) machine.send("heard");
}
/** Its request has left: what a client has not written before it fails it never writes. */
function askingClient(): Connection {
  const client = freshClient();
  client.consumeOutput(client.peekOutput()?.byteLength ?? 0);
  return client;
}
function acceptAll(event: Event, machine: Connection): void {
  if (event.type === "request" && "accept" in machine) (machine as ReturnType<typeof freshServer>).accept();
}
