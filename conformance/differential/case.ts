// What comes in: a seed. What goes out: what a peer sends on an open connection, cut into chunks: streams that break no rule, streams with
// mistakes, and what our own other half writes. And the form in which one says what it made of them. RFC 6455 §5 to §8, RFC 7692.
// Next files: ours.ts, ws.ts and websockets.ts, which read it.
import fc from "fast-check";
import type { Bytes, DeflateParams, Role } from "../../core/types.ts";
import { cut, cutting, damagedStream, deflateParams, message, validStream } from "../support/arbitraries.ts";
import { collect } from "../support/collect.ts";
import { upgraded } from "../support/machine.ts";

export interface Case {
  /** Who reads it. */
  readonly role: Role;
  readonly deflate: DeflateParams | null;
  /** Octets of a message, after inflation. Above 125: websockets holds it against control frames too. */
  readonly limit: number;
  readonly chunks: readonly Bytes[];
}
/** What became of it. */
export interface Heard {
  /** Messages, Pings and Pongs in order: `text 6869`. */
  readonly said: readonly string[];
  /** `open`; `close 1000` for the peer's Close; `fail 1002` for the code with which the connection was failed. */
  readonly end: string;
}

/** The same cases for the same seed. */
export function casesOf(count: number, seed: number): readonly Case[] {
  return fc.sample(anyCase, { numRuns: count, seed });
}

/** Python's zlib cannot deflate with a window of 8 bits (and so `websockets` has none); what it does not do it need not read. */
const wide = deflateParams.map((params) => ({
  ...params,
  serverWindowBits: Math.max(9, params.serverWindowBits),
  clientWindowBits: Math.max(9, params.clientWindowBits),
}));
const anyCase: fc.Arbitrary<Case> = fc.tuple(
  fc.constantFrom<Role>("server", "client"),
  fc.option(wide, { nil: null }),
  fc.constantFrom(130, 1 << 24),
  cutting,
).chain(([role, deflate, limit, sizes]) =>
  fc.oneof(
    { weight: 4, arbitrary: damagedStream(role, deflate) },
    { weight: 1, arbitrary: validStream(role, deflate).map(({ bytes }) => bytes) },
    { weight: 1, arbitrary: written(role, deflate) },
  ).map((bytes): Case => ({ role, deflate, limit, chunks: cut(bytes, sizes).map((chunk) => new Uint8Array(chunk)) }))
);

/** What our own machine writes to a reader of this role. */
function written(reader: Role, deflate: DeflateParams | null): fc.Arbitrary<Bytes> {
  const part = fc.record({ message, fragments: fc.integer({ min: 1, max: 3 }), compress: fc.boolean(), ping: fc.boolean() });
  return fc.array(part, { maxLength: 8 }).map((parts) => {
    const sender = upgraded(reader === "server" ? "client" : "server", deflate);
    for (const { message: { kind, data }, fragments, compress, ping } of parts) {
      const text = kind === "text"; // whole code points, or it could not be cut anywhere
      for (let i = 0; i < fragments; i++) {
        sender.send(i === 0 ? data : new Uint8Array(0), { text, last: i === fragments - 1, compress });
      }
      if (ping) sender.ping(data.slice(0, 20));
    }
    sender.close(1000, "done");
    return collect(sender, []).output;
  });
}
