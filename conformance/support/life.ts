// What comes in: fast-check. What goes out: lives of one connection: how it begins, what the peer sends, and what the host and the
// application do in which order, with every call of the interface, the illegal ones included. Laws L2, L9, L11 to L19.
// Next file: player.ts, which lives them.
import fc from "fast-check";
import type {
  Bytes,
  Connection,
  DeflateParams,
  Limits,
  Millis,
  Options,
  RequestHead,
  Role,
  SendOptions,
  Timers,
} from "../../core/types.ts";
import { serverConnection } from "../../core/index.ts";
import { concat } from "../frames/encode.ts";
import { damagedStream, delivery, limits, size, validStream, widestDeflate } from "./arbitraries.ts";
import { character } from "./character.ts";
import { EAGER, freshClient, freshServer, KEY, octets, requestOf, requestText, responseText, upgraded } from "./machine.ts";

/** How a machine comes to be. */
export interface Birth {
  readonly role: Role;
  /** "octets": before its handshake. "head": a server whose host has read the request. */
  readonly from: "upgraded" | "octets" | "head";
  readonly deflate: DeflateParams | null;
  readonly options: Options;
  readonly seed: number;
}
export type Step =
  /** The next octets of the peer's stream arrive. */
  | { readonly do: "hear"; readonly size: number }
  | { readonly do: "noise"; readonly bytes: Uint8Array }
  | { readonly do: "end"; readonly error: boolean }
  /** Time passes, then the timer fires, however late. */
  | { readonly do: "wait"; readonly by: Millis }
  | { readonly do: "poll"; readonly most: number }
  | { readonly do: "peek" }
  /** The transport has finished with so many octets. */
  | { readonly do: "flush"; readonly most: number }
  | Command;
export type Command =
  | { readonly do: "send"; readonly data: string | Bytes; readonly options: SendOptions }
  | { readonly do: "prepared"; readonly data: string | Bytes; readonly compress: boolean }
  | {
    readonly do: "relay";
    readonly kind: "text" | "binary";
    readonly data: Bytes;
    readonly first: boolean;
    readonly last: boolean;
  }
  | { readonly do: "ping"; readonly data: Bytes }
  | { readonly do: "close"; readonly code: number | undefined; readonly reason: string | undefined }
  | { readonly do: "accept"; readonly protocol: string | null }
  | { readonly do: "reject"; readonly status: number; readonly body: string }
  | { readonly do: "overconsume"; readonly count: number };
export interface Life {
  readonly birth: Birth;
  /** Everything the peer sends. */
  readonly stream: Bytes;
  readonly steps: readonly Step[];
}

/** A machine at the start of its life. */
export function born({ role, from, deflate, options, seed }: Birth): Connection {
  if (from === "upgraded") return upgraded(role, deflate, options, seed);
  const settings = deflate === null ? options : { ...options, deflate: EAGER };
  if (role === "client") return freshClient(settings, {}, seed);
  return from === "head" ? serverConnection(settings, HEAD) : freshServer(settings);
}

/** Off, or short. */
const period = fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 200 }));
const shortTimers: fc.Arbitrary<Partial<Timers>> = fc.record({
  handshake: fc.integer({ min: 1, max: 200 }),
  idle: period,
  ping: period,
  pong: period,
  stall: period,
  close: fc.integer({ min: 1, max: 200 }),
}, { requiredKeys: [] });
const smallLimits: fc.Arbitrary<Partial<Limits>> = fc.record({
  head: fc.integer({ min: 1, max: 600 }),
  headers: fc.integer({ min: 1, max: 8 }),
  body: fc.integer({ min: 1, max: 40 }),
  output: fc.integer({ min: 1, max: 400 }),
  highWaterMark: fc.integer({ min: 1, max: 400 }),
  pongs: fc.integer({ min: 1, max: 3 }),
}, { requiredKeys: [] });

export const birth: fc.Arbitrary<Birth> = fc.record({
  role: fc.constantFrom<Role>("client", "server"),
  from: fc.constantFrom<Birth["from"]>("upgraded", "upgraded", "octets", "head"),
  deflate: widestDeflate,
  options: fc.record({
    messages: delivery,
    limits: fc.oneof(
      { weight: 4, arbitrary: fc.constant({}) },
      limits,
      smallLimits,
    ),
    timers: fc.oneof(fc.constant({}), shortTimers),
  }),
  seed: fc.nat(1000),
}).map((born) => born.role === "client" && born.from === "head" ? { ...born, from: "octets" } : born);

/** Mostly what a peer should send. Where the handshake agrees on other parameters than `deflate` the rest is damaged, which is fine. */
function streamFor(birth: Birth): fc.Arbitrary<Bytes> {
  const frames = fc.oneof(
    { weight: 3, arbitrary: validStream(birth.role, birth.deflate).map((stream) => stream.bytes) },
    { weight: 2, arbitrary: damagedStream(birth.role, birth.deflate) },
  );
  if (birth.from !== "octets") return frames;
  const ways = birth.role === "server"
    ? [requestText(), requestText(["Sec-WebSocket-Extensions: permessage-deflate"]), "POST / HTTP/1.1\r\nHost: a\r\n\r\n"]
    : [
      responseText(requestOf(born(birth))),
      "HTTP/1.1 100 Continue\r\n\r\n" + responseText(requestOf(born(birth))),
      "HTTP/1.1 403 Forbidden\r\nContent-Length: 5\r\n\r\nsorry",
      "HTTP/1.1 200 OK\r\n\r\nendless",
    ];
  const opening = fc.oneof({ weight: 4, arbitrary: fc.constant(ways[0]) }, fc.constantFrom(...ways)).map(octets);
  return fc.tuple(opening, frames, fc.option(fc.tuple(fc.nat(), fc.nat(255)), { freq: 6 })).map(([opening, frames, flip]) => {
    const bytes = concat([opening, frames]);
    if (flip !== null) bytes[flip[0] % bytes.byteLength] = flip[1];
    return bytes;
  });
}

const data: fc.Arbitrary<string | Bytes> = fc.oneof(
  fc.string({ unit: character, maxLength: 40 }),
  fc.string({ unit: fc.constantFrom("a", "\ud800", "\udc00", "\u4e2d"), maxLength: 40 }),
  fc.uint8Array({ maxLength: 40 }).map((data) => new Uint8Array(data)),
  size.map((length) => "é".repeat(length)),
  fc.oneof(size, fc.constantFrom(65535, 65536, 70_000, 200_000)).map((length) => RAMP.slice(0, length)),
);
const command: fc.Arbitrary<Command> = fc.oneof(
  {
    weight: 12,
    arbitrary: fc.record({
      do: fc.constant("send" as const),
      data,
      options: fc.record({ text: fc.boolean(), last: fc.boolean(), compress: fc.boolean(), give: fc.boolean() }, {
        requiredKeys: [],
      }),
    }).map((send) => send.options.text === true ? { ...send, data: asAscii(send.data) } : send),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("prepared" as const), data, compress: fc.boolean() }) },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant("relay" as const),
      kind: fc.constantFrom("text" as const, "binary" as const),
      data: fc.string({ maxLength: 20 }).map(octets),
      first: fc.boolean(),
      last: fc.boolean(),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant("ping" as const),
      data: fc.uint8Array({ maxLength: 127 }).map((data) => new Uint8Array(data)),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant("close" as const),
      code: fc.oneof(fc.constantFrom(undefined, 1000, 1005, 4999), fc.integer({ min: 990, max: 5010 })),
      reason: fc.oneof(fc.constant(undefined), fc.string({ maxLength: 124 }), fc.string({ unit: character, maxLength: 40 })),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant("accept" as const), protocol: fc.constantFrom(null, null, "unasked") }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant("reject" as const),
      status: fc.constantFrom(403, 503, 200),
      body: fc.string({ maxLength: 20 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("overconsume" as const), count: fc.constantFrom(1e9, -1, NaN) }) },
);
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 24,
    arbitrary: fc.record({ do: fc.constant("hear" as const), size: fc.oneof(fc.nat(8), fc.nat(300), fc.nat(9999)) }),
  },
  { weight: 15, arbitrary: fc.record({ do: fc.constant("poll" as const), most: fc.constantFrom(1, 1, 3, Infinity) }) },
  { weight: 12, arbitrary: fc.record({ do: fc.constant("flush" as const), most: fc.constantFrom(1, 7, 1000, Infinity) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("peek" as const) }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant("wait" as const), by: fc.oneof(fc.nat(250), fc.nat(40_000)) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("end" as const), error: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("noise" as const), bytes: fc.uint8Array({ maxLength: 20 }) }) },
  { weight: 18, arbitrary: command },
);
/** What brings a handshake about, if the peer's half of it is in order. */
const OPENING: readonly Step[] = [
  { do: "hear", size: 400 },
  { do: "poll", most: Infinity },
  { do: "accept", protocol: null },
  { do: "poll", most: 1 },
];
function stepsFor({ from }: Birth): fc.Arbitrary<readonly Step[]> {
  const steps = fc.array(step, { maxLength: 30, size: "max" });
  if (from === "upgraded") return steps;
  return fc.tuple(fc.array(step, { maxLength: 3 }), fc.boolean(), steps).map(([before, opens, steps]) =>
    opens ? [...before, ...OPENING, ...steps] : steps
  );
}

/** Octets that are sent as text: that they are UTF-8 is the caller's duty. */
function asAscii(data: string | Bytes): string | Bytes {
  return typeof data === "string" ? data : data.map((octet) => octet & 127);
}

/** Lives of all kinds. */
export const life: fc.Arbitrary<Life> = birth.chain((birth) =>
  fc.record({ birth: fc.constant(birth), stream: streamFor(birth), steps: stepsFor(birth) })
);
/** Any command at any time. */
export const commands: fc.Arbitrary<Command> = command;

/** Octets that count up: a value of this size is taken from here in no time. */
const RAMP: Bytes = Uint8Array.from({ length: 200_000 }, (_, i) => i);
/** What an HTTP host would have read. */
const HEAD: RequestHead = {
  http: 1,
  method: "GET",
  target: "/chat",
  authority: "",
  headers: [
    ["Host", "server.example.com"],
    ["Upgrade", "websocket"],
    ["Connection", "Upgrade"],
    ["Sec-WebSocket-Key", KEY],
    ["Sec-WebSocket-Version", "13"],
    ["Sec-WebSocket-Extensions", "permessage-deflate"],
  ],
};
