// L6 Mirror: what one machine sends the other role reports, for any fragmentation, any cutting of the wire and any parameters of
// compression, in both directions at once. L20 No harm: what the caller gave stays the caller's. RFC 6455 §5.4 to §5.6, RFC 7692 §6.
// Next file: negotiation.test.ts for how the parameters come about.
import { isDeepStrictEqual } from "node:util";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { character } from "../support/character.ts";
import { zlib } from "../../adapters/zlib.ts";
import { prepare } from "../../core/index.ts";
import type { Bytes, Connection, DeflateParams, Event, Kind, Role } from "../../core/types.ts";
import { concat, utf8 } from "../frames/encode.ts";
import { readFrames } from "../frames/reader.ts";
import { violations } from "../frames/well-formed.ts";
import { agreedDeflate, agreementOf, delivery, size } from "../support/arbitraries.ts";
import { check, PATIENCE } from "../support/law.ts";
import { EAGER, upgraded } from "../support/machine.ts";
import { type Pair, pair } from "../support/pair.ts";
import { tell } from "../support/told.ts";

/** A message and how it is sent. */
interface Sending {
  readonly from: Role;
  readonly data: string | Bytes;
  /** Where fragments end; none: one frame. */
  readonly cuts: readonly number[];
  readonly compress: boolean | undefined;
  readonly give: boolean;
  readonly way: "send" | "prepared" | "as text";
  /** A Ping in the middle of it. */
  readonly ping: boolean;
  /** The other side reads before the next one. */
  readonly settle: boolean;
}

const data: fc.Arbitrary<string | Bytes> = fc.oneof(
  fc.string({ unit: character, maxLength: 60 }),
  fc.array(fc.constantFrom("a", "é", "中", "😀", "\ud800", "\udc00", "\ufeff", "\ufffd"), { maxLength: 40 }).map((units) =>
    units.join("")
  ),
  size.map((length) => "ab".repeat(length)),
  size.map((length) => "中".repeat(length)),
  fc.uint8Array({ maxLength: 200 }).map((data) => new Uint8Array(data)),
  fc.tuple(fc.oneof({ weight: 9, arbitrary: size }, fc.constantFrom(65537, 131072, 200_001)), fc.nat(255)).map(([length, step]) =>
    Uint8Array.from({ length }, (_, i) => i * step)
  ),
);
const sending: fc.Arbitrary<Sending> = fc.record({
  from: fc.constantFrom<Role>("client", "server"),
  data,
  cuts: fc.oneof(fc.constant([]), fc.array(fc.nat(), { maxLength: 4 })),
  compress: fc.constantFrom(undefined, true, false),
  give: fc.boolean(),
  way: fc.constantFrom<Sending["way"]>("send", "send", "prepared", "as text"),
  ping: fc.boolean(),
  settle: fc.boolean(),
});
/** How a side of the wire is cut: sizes used over and over. */
const wireCuts = fc.array(fc.oneof(fc.integer({ min: 1, max: 9 }), fc.constantFrom(300, 70_000, Infinity)), {
  minLength: 1,
  maxLength: 4,
});

/** After so many pieces everything has been cut that can be. */
function cutter(cuts: readonly number[]): () => number {
  let turn = 0;
  return () => turn < 2000 ? cuts[turn++ % cuts.length] : Infinity;
}

describe("L6 mirror", PATIENCE, () => {
  it("what one side sends the other reports", () => {
    const conversations = fc.record({
      deflate: agreedDeflate,
      sendings: fc.array(sending, { maxLength: 8 }),
      cuts: wireCuts,
      messages: delivery,
      contextTakeover: fc.boolean(),
      closing: fc.constantFrom<Role>("client", "server"),
    });
    check(conversations, ({ deflate, sendings, cuts, messages, contextTakeover, closing }) => {
      const options = { messages, deflate: deflate === null ? null : { ...EAGER, contextTakeover } };
      const both = pair({
        client: options,
        server: options,
        agreement: agreementOf(deflate),
        cut: cutter(cuts),
      });
      for (const one of sendings) {
        sendOne(both[one.from], one, deflate);
        if (one.settle) both.settle();
      }
      both[closing].close(4000, "done");
      both.finish();
      for (const [reader, writer] of [["client", "server"], ["server", "client"]] as const) {
        const sent = sendings.filter(({ from }) => from === writer).map(meaning);
        expect(isDeepStrictEqual(whatCame(both, reader), sent), `what the ${reader} reports`).toBe(true);
        expect(violations(both.wire(writer), { role: writer, deflate, complete: true })).toEqual([]);
        const close = { code: 4000, reason: reader === closing ? "" : "done" };
        expect(both.events(reader).slice(-2)).toEqual([{ type: "close", close }, { type: "closed", close, clean: true }]);
      }
    }, 1.5);
  });

  it("an echo by relay is the stream again, whatever it was cut into", () => {
    const cases = fc.record({ sendings: fc.array(sending, { maxLength: 6 }), cuts: wireCuts, deflate: agreedDeflate });
    check(cases, ({ sendings, cuts, deflate }) => {
      const compression = { deflate: deflate === null ? null : EAGER };
      const both = pair({
        client: compression,
        server: { ...compression, messages: "raw" },
        agreement: agreementOf(deflate),
        cut: cutter(cuts),
        app: (event, side, { server }) => void (event.type === "raw" && side === "server" && server.relay(event)),
      });
      for (const one of sendings) sendOne(both.client, one, deflate);
      both.settle();
      expect(isDeepStrictEqual(whatCame(both, "client"), sendings.map(meaning))).toBe(true);
    });
  });
});

describe("L20 no harm", PATIENCE, () => {
  it("octets given to a command are read at the call, and never written", () => {
    const cases = fc.record({
      role: fc.constantFrom<Role>("client", "server"),
      deflate: fc.constantFrom<DeflateParams | null>(null, {
        serverWindowBits: 15,
        clientWindowBits: 15,
        serverTakeover: true,
        clientTakeover: true,
      }),
      given: fc.array(
        fc.record({
          length: fc.oneof(size, fc.constantFrom(65536, 131072, 200_000)),
          way: fc.constantFrom("send", "part", "ping", "relay", "prepared"),
        }),
        { minLength: 1, maxLength: 5 },
      ),
    });
    check(cases, ({ role, deflate, given }) => {
      const machine = upgraded(role, deflate);
      const sent: Bytes[] = [];
      for (const { length, way } of given) {
        const size = way === "ping" ? Math.min(length, 125) : length;
        // The caller's view lies inside of other memory of his.
        const room = Uint8Array.from({ length: size + 20 }, (_, i) => i * 7 + 1);
        const data = room.subarray(10, 10 + size);
        const before = new Uint8Array(room);
        give(machine, way, data);
        expect(Buffer.compare(room, before)).toBe(0);
        if (way !== "ping") sent.push(new Uint8Array(data));
        room.fill(0);
      }
      const written: Bytes[] = [];
      for (let out = machine.peekOutput(); out !== null; out = machine.peekOutput()) {
        written.push(new Uint8Array(out));
        machine.consumeOutput(out.byteLength);
      }
      const peer = upgraded(role === "client" ? "server" : "client", deflate);
      const got: Bytes[] = [];
      const pings: Bytes[] = [];
      peer.receive(concat(written), 0);
      for (let event = peer.poll(); event !== null; event = peer.poll()) {
        if (event.type === "binary") got.push(event.data);
        if (event.type === "ping") pings.push(event.data);
      }
      expect(Buffer.compare(concat(got), concat(sent))).toBe(0);
      for (const ping of pings) expect(ping.every((octet, i) => octet === (((i + 10) * 7 + 1) & 255))).toBe(true);
    }, 0.5);
  });

  it("a Ping that was reported does not share its memory with the Pong that answers it", () => {
    check(fc.uint8Array({ minLength: 1, maxLength: 125 }), (payload) => {
      const server = upgraded("server");
      const client = upgraded("client", null, {}, 3);
      client.ping(payload);
      server.receive(new Uint8Array(client.peekOutput() ?? []), 0);
      for (let event = server.poll(); event !== null; event = server.poll()) if (event.type === "ping") event.data.fill(0);
      expect(readFrames(server.peekOutput() ?? new Uint8Array(0)).frames).toMatchObject([{
        opcode: 10,
        payload: new Uint8Array(payload),
      }]);
    }, 0.5);
  });
});

function sendOne(machine: Connection, sending: Sending, deflate: DeflateParams | null): void {
  const { data, compress, give, way, ping } = sending;
  if (way === "prepared") {
    const bits = machine.role === "server" ? deflate?.serverWindowBits : deflate?.clientWindowBits;
    const how = { engine: zlib, threshold: 0, windowBits: bits ?? 15 };
    expect(machine.sendPrepared(prepare(data, compress === false ? {} : { compress: how }))).toBe(true);
    return;
  }
  const parts = partsOf(sending);
  parts.forEach((part, i) => {
    const last = i === parts.length - 1;
    const text = way === "as text" && typeof data === "string";
    const options = { give, last, ...(text ? { text } : {}), ...(compress === undefined ? {} : { compress }) };
    expect(machine.send(text ? utf8(part as string) : part, options)).toBe(true);
    if (ping) machine.ping(utf8(`${i}`));
  });
}
function partsOf({ data, cuts, way }: Sending): readonly (string | Bytes)[] {
  if (way === "prepared") return [data];
  const ends = [...cuts.map((at) => at % (data.length + 1)).sort((a, b) => a - b), data.length];
  return ends.map((end, i) => data.slice(i === 0 ? 0 : ends[i - 1], end));
}

interface Message {
  readonly kind: Kind;
  readonly data: Bytes;
}
/** What a sending is on the other side: each fragment of a string is made UTF-8 by itself, a lone surrogate becomes U+FFFD. */
function meaning(sending: Sending): Message {
  const parts = partsOf(sending).map((part) => typeof part === "string" ? utf8(part) : part);
  return { kind: typeof sending.data === "string" ? "text" : "binary", data: concat(parts) };
}
function whatCame(both: Pair, side: Role): readonly Message[] {
  return tell(both.events(side).filter(isData)).map((told): Message => {
    switch (told.type) {
      case "text":
        return { kind: "text", data: utf8(told.data) };
      case "binary":
        return { kind: "binary", data: told.data };
      case "piece":
        return { kind: told.kind, data: told.data };
      default:
        throw new Error(`${told.type} is not data`);
    }
  });
}
function isData({ type }: Event): boolean {
  return type === "text" || type === "binary" || type === "part" || type === "raw";
}

function give(machine: Connection, way: string, data: Bytes): void {
  switch (way) {
    case "send":
      return void machine.send(data);
    case "part":
      machine.send(data, { last: false });
      return void machine.send(new Uint8Array(0));
    case "ping":
      return void machine.ping(data);
    case "relay": {
      const { buffer, byteOffset, byteLength } = data;
      const bytes = new Uint8Array(buffer);
      const end = byteOffset + byteLength;
      return void machine.relay({ type: "raw", kind: "binary", bytes, start: byteOffset, end, first: true, last: true });
    }
    case "prepared":
      return void machine.sendPrepared(prepare(data, { compress: EAGER }));
  }
}
