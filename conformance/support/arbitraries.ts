// What comes in: fast-check. What goes out: messages, valid streams with the events they stand for, damaged streams, cuttings, options.
// RFC 6455 §5, RFC 7692 §7.2. Everything is made with the suite's own frame layer and node:zlib, never with core.
// Next file: ../laws, which hold for all of it.
import fc from "fast-check";
import { constants, deflateRawSync } from "node:zlib";
import type { Bytes, DeflateParams, Kind, Limits, Options, Role } from "../../core/types.ts";
import { closePayload, concat, encodeAll, type FrameSpec, utf8 } from "../frames/encode.ts";
import { isCloseCode } from "../frames/oracle.ts";
import { character } from "./character.ts";

export { agreementOf } from "./agreement.ts";
export { cut } from "./cut.ts";

export interface Message {
  readonly kind: Kind;
  /** UTF-8 for text. */
  readonly data: Bytes;
}
/** Frames, their octets, and the messages that a reader must report, in order. */
export interface Stream {
  readonly specs: readonly FrameSpec[];
  readonly bytes: Bytes;
  readonly messages: readonly Message[];
}

/** Sizes around every border of the format, mostly small. */
export const size: fc.Arbitrary<number> = fc.oneof(
  { weight: 30, arbitrary: fc.nat(40) },
  { weight: 8, arbitrary: fc.constantFrom(123, 124, 125, 126, 127, 128, 255, 256, 1000, 4096) },
  { weight: 1, arbitrary: fc.constantFrom(8191, 8192, 16384, 65535, 65536) },
);

/** Any text or binary message; text of every plane, binary with and without repetition. */
export const message: fc.Arbitrary<Message> = fc.oneof(
  fc.string({ unit: character, maxLength: 60 }).map((text): Message => ({ kind: "text", data: utf8(text) })),
  fc.tuple(size, fc.constantFrom("a", '{"n":1} ', "\u00e9", "\u4e2d\u6587", "\u{1f600}")).map(([length, unit]): Message => ({
    kind: "text",
    data: utf8(unit.repeat(Math.ceil(length / utf8(unit).byteLength))),
  })),
  fc.uint8Array({ maxLength: 200 }).map((data): Message => ({ kind: "binary", data: new Uint8Array(data) })),
  fc.tuple(size, fc.nat(255)).map(([length, step]): Message => {
    const data = new Uint8Array(length);
    for (let i = 1; i < length; i++) data[i] = i * step;
    return { kind: "binary", data };
  }),
);

/** How to cut a stream: the sizes of chunks, used over and over; 0 gives an empty chunk. */
export const cutting: fc.Arbitrary<readonly number[]> = fc.oneof(
  fc.constant([1]),
  fc.constant([Infinity]),
  fc.array(fc.oneof(fc.nat(9), fc.nat(300), fc.constantFrom(4096, 65536)), { minLength: 1, maxLength: 8 }).filter((sizes) =>
    sizes.some(Boolean)
  ),
);
export const deflateParams: fc.Arbitrary<DeflateParams> = fc.record({
  serverWindowBits: fc.integer({ min: 8, max: 15 }),
  clientWindowBits: fc.integer({ min: 8, max: 15 }),
  serverTakeover: fc.boolean(),
  clientTakeover: fc.boolean(),
});
/** No compression, or any parameters. */
export const agreedDeflate: fc.Arbitrary<DeflateParams | null> = fc.option(deflateParams, { nil: null });
/** Windows of 32 KiB only: inside one run zlib does not hold a distance against a smaller one, so damaged data needs them. */
export const widestDeflate: fc.Arbitrary<DeflateParams | null> = agreedDeflate.map((deflate) =>
  deflate === null ? null : { ...deflate, serverWindowBits: 15, clientWindowBits: 15 }
);

/** Options that make a difference to what is reported. */
export const delivery: fc.Arbitrary<"whole" | "parts" | "raw"> = fc.constantFrom("whole", "parts", "raw");
export const limits: fc.Arbitrary<Partial<Limits>> = fc.record({
  message: fc.oneof(fc.constantFrom(1, 125, 126, 1000, 65536, 1 << 24, Infinity), fc.integer({ min: 1, max: 300 })),
  fragments: fc.oneof(fc.constantFrom(1, 1 << 20, Infinity), fc.integer({ min: 1, max: 6 })),
}, { requiredKeys: [] });
export const options: fc.Arbitrary<Options> = fc.record({ messages: delivery, limits });

/** A stream that breaks no rule, as the other side of `reader` would send it, perhaps with a Close at its end. */
export function validStream(reader: Role, deflate: DeflateParams | null = null): fc.Arbitrary<Stream> {
  const item = fc.record({
    message,
    cuts: fc.array(fc.nat(), { maxLength: 4 }),
    controls: fc.array(fc.tuple(fc.nat(5), fc.constantFrom(9, 10), fc.uint8Array({ maxLength: 125 })), { maxLength: 2 }),
    packing: fc.constantFrom<Packing>("none", "flush", "flush", "final", "stored"),
    keys: fc.uint8Array({ minLength: 4, maxLength: 4 }),
  });
  const closing = fc.option(fc.tuple(closeCode, fc.string({ maxLength: 40, unit: "grapheme-ascii" })));
  return fc.tuple(fc.array(item, { maxLength: 6 }), closing).map(([items, close]): Stream => {
    const pack = packer(reader, deflate);
    const specs = items.flatMap(({ message, cuts, controls, packing, keys }) => {
      const compressed = deflate !== null && packing !== "none";
      const payload = compressed ? pack(message.data, packing) : message.data;
      return interleave(fragments(message.kind, payload, cuts, compressed), controls).map((spec, i) =>
        masked(spec, reader, keys, i)
      );
    });
    if (close !== null) specs.push(masked({ opcode: 8, payload: closePayload(...close) }, reader, Uint8Array.of(1, 2, 3, 4), 0));
    return { specs, bytes: encodeAll(specs), messages: items.map((item) => item.message) };
  });
}

/** Codes that an endpoint may send. */
export const closeCode: fc.Arbitrary<number> = fc.oneof(
  fc.constantFrom(1000, 1001, 1002, 1003, 1007, 1011, 1014, 3000, 4999),
  fc.integer({ min: 1000, max: 4999 }).filter(isCloseCode),
);

/** A valid stream with up to three mistakes: in a frame before it is encoded, or in the octets. */
export function damagedStream(reader: Role, deflate: DeflateParams | null = null): fc.Arbitrary<Bytes> {
  const inFrame = fc.tuple(
    fc.nat(),
    fc.oneof(
      fc.record({ opcode: fc.nat(15) }),
      fc.record({ fin: fc.boolean() }),
      fc.record({ rsv: fc.nat(7) }),
      fc.record({ mask: fc.option(fc.uint8Array({ minLength: 4, maxLength: 4 })) }),
      fc.record({ form: fc.constantFrom<0 | 2 | 8>(2, 8) }),
      fc.record({ declare: fc.oneof(fc.nat(140), fc.bigInt({ min: 0n, max: 2n ** 64n - 1n })) }),
      fc.record({ payload: fc.uint8Array({ maxLength: 130 }) }),
      fc.record({ opcode: fc.constant(8), payload: fc.uint8Array({ maxLength: 4 }) }),
    ),
  );
  const inBytes = fc.oneof(
    fc.record({ what: fc.constant("flip" as const), at: fc.nat(), octet: fc.integer({ min: 1, max: 255 }) }),
    fc.record({ what: fc.constant("cut" as const), at: fc.nat(), octet: fc.nat(20) }),
    fc.record({ what: fc.constant("repeat" as const), at: fc.nat(), octet: fc.nat(20) }),
    fc.record({ what: fc.constant("stop" as const), at: fc.nat(), octet: fc.constant(0) }),
  );
  const mistakes = fc.tuple(fc.array(inFrame, { maxLength: 2 }), fc.array(inBytes, { maxLength: 2 }));
  return fc.tuple(validStream(reader, deflate), mistakes).map(([{ specs }, [frames, octets]]) => {
    const changed = specs.map((spec, i) =>
      Object.assign({}, spec, ...frames.filter(([at]) => at % specs.length === i).map(([, change]) => change))
    );
    return octets.reduce(
      (bytes, { what, at, octet }) => damage(bytes, what, at % (bytes.byteLength + 1), octet),
      encodeAll(changed),
    );
  });
}

function damage(bytes: Bytes, what: "flip" | "cut" | "repeat" | "stop", at: number, octet: number): Bytes {
  const [before, after] = [bytes.slice(0, at), bytes.slice(at)];
  switch (what) {
    case "flip":
      if (after.byteLength > 0) after[0] ^= octet;
      return concat([before, after]);
    case "cut":
      return concat([before, after.slice(octet)]);
    case "repeat":
      return concat([before, after.slice(0, octet), after]);
    case "stop":
      return before;
  }
}

/** How a message is compressed: with a flush whose tail is removed, as a stream that ends, or with such an end in stored form, its tail removed. */
type Packing = "none" | "flush" | "final" | "stored";

/** A compressor for one direction. The window it takes over is handed to zlib as a preset dictionary. */
function packer(reader: Role, deflate: DeflateParams | null): (data: Bytes, packing: Packing) => Bytes {
  const bits = (reader === "server" ? deflate?.clientWindowBits : deflate?.serverWindowBits) ?? 15;
  const takeover = (reader === "server" ? deflate?.clientTakeover : deflate?.serverTakeover) ?? false;
  let history: Bytes = new Uint8Array(0);
  return (data, packing) => {
    // zlib has no raw window of 8 bits; with 9 it never reaches farther back than 250 octets, so a dictionary must not be longer.
    const dictionary = bits === 8 ? history.slice(-250) : history;
    const how = { windowBits: Math.max(9, bits), ...(dictionary.byteLength > 0 ? { dictionary } : {}) };
    if (takeover) history = concat([history, data]).slice(-32768);
    if (packing === "final") return new Uint8Array(deflateRawSync(data, how));
    if (data.byteLength === 0) return Uint8Array.of(packing === "stored" ? 1 : 0);
    const flushed = new Uint8Array(deflateRawSync(data, { ...how, finishFlush: constants.Z_SYNC_FLUSH }));
    // RFC 7692 §7.2.1: the tail of an empty stored block is removed, final or not.
    return packing === "stored" ? concat([flushed, Uint8Array.of(1)]) : flushed.slice(0, -4);
  };
}

function fragments(kind: Kind, payload: Bytes, cuts: readonly number[], compressed: boolean): FrameSpec[] {
  const ends = [...cuts.map((at) => at % (payload.byteLength + 1)).sort((a, b) => a - b), payload.byteLength];
  return ends.map((end, i): FrameSpec => ({
    opcode: i > 0 ? 0 : kind === "text" ? 1 : 2,
    fin: i === ends.length - 1,
    rsv: i === 0 && compressed ? 4 : 0,
    payload: payload.slice(i === 0 ? 0 : ends[i - 1], end),
  }));
}

function interleave(
  frames: readonly FrameSpec[],
  controls: readonly (readonly [at: number, opcode: number, payload: Uint8Array])[],
): FrameSpec[] {
  const result = [...frames];
  for (const [at, opcode, payload] of controls) result.splice(Math.min(at, result.length), 0, { opcode, payload });
  return result;
}

/** A client's frame has a key, another one each time, and sometimes the key that changes nothing. */
function masked(spec: FrameSpec, reader: Role, keys: Uint8Array, i: number): FrameSpec {
  return reader === "client" ? spec : { ...spec, mask: i % 7 === 6 ? new Uint8Array(4) : keys.map((octet) => octet + i) };
}
