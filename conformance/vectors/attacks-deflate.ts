// Attacks by compressed messages: rows P. RFC 7692 §6, §7.2. What comes in: nothing. What goes out: data.
// Next file: attacks-handshake.ts.
import { constants, deflateRawSync } from "node:zlib";
import type { DeflateParams, Options } from "../../core/types.ts";
import { closePayload, concat, type FrameSpec, fromHex, toHex, utf8 } from "../frames/encode.ts";
import { type Attack, toBoth } from "./vector.ts";

const TAKEOVER: DeflateParams = { serverWindowBits: 15, clientWindowBits: 15, serverTakeover: true, clientTakeover: true };
const NO_TAKEOVER: DeflateParams = { ...TAKEOVER, serverTakeover: false, clientTakeover: false };
const SMALL: DeflateParams = { ...TAKEOVER, serverWindowBits: 9, clientWindowBits: 9 };
const NARROW: DeflateParams = { ...TAKEOVER, serverWindowBits: 8, clientWindowBits: 8 };
const LIMITED: Options = { limits: { message: 100_000 } };

/** "Hello", its end removed (§7.2.3.1); the same referring to the message before (§7.2.3.2); the same as a final block. */
const HELLO = fromHex("f2 48 cd c9 c9 07 00");
const AGAIN = fromHex("f2 00 11 00 00");
const FINAL = fromHex("f3 48 cd c9 c9 07 00");
const TAIL = fromHex("00 00 ff ff");
const BOMB = concat([deflateRawSync(new Uint8Array(2 << 20)), Uint8Array.of(0)]);
/** A stored block with 100 octets. */
const STORED = concat([fromHex("00 64 00 9b ff"), new Uint8Array(100)]);

const packed = (payload: Uint8Array, more: Partial<FrameSpec> = {}): FrameSpec => ({ opcode: 1, rsv: 4, payload, ...more });
const more = (payload: Uint8Array, fin = true): FrameSpec => ({ opcode: 0, fin, payload });
const plain = (text: string): FrameSpec => ({ opcode: 1, payload: utf8(text) });
const ping: FrameSpec = { opcode: 9, payload: utf8("p") };
const pong: FrameSpec = { opcode: 10, payload: utf8("q") };

function both(
  row: string,
  name: string,
  frames: readonly FrameSpec[],
  events: readonly string[],
  answer: number | null = null,
  deflate: DeflateParams = TAKEOVER,
  options: Options = {},
): Attack[] {
  return toBoth(row, name, frames, events, answer, { deflate, options });
}
function times(count: number, unit: Uint8Array): Uint8Array {
  return concat(new Array<Uint8Array>(count).fill(unit));
}
function chunks(bytes: Uint8Array, size: number): Uint8Array[] {
  return Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) => bytes.slice(i * size, (i + 1) * size));
}

const GARBAGE: readonly (readonly [name: string, octets: Uint8Array])[] = [
  ["a block of the reserved type", fromHex("06 00")],
  ["a stored block whose lengths contradict each other", fromHex("00 05 00 00 00 48 65 6c 6c 6f")],
  ["too many code lengths", fromHex("fc ff ff ff ff ff")],
  ["code lengths that are over-subscribed", fromHex("04 00 fe ff")],
  ["a repeat without a length before it", fromHex("04 00 24 e9 ff ff")],
  ["a distance behind the beginning", fromHex("02 02 00")],
  ["text that was not compressed", utf8("Hello, world: this is no DEFLATE at all")],
];

export const DEFLATE: readonly Attack[] = [
  // P1: RSV1 stands on the first frame of a data message, and only if it means something (RFC 7692 §6)
  ...both("P1", "RSV1 on a continuation", [packed(HELLO.slice(0, 3), { fin: false }), packed(HELLO.slice(3), { opcode: 0 })], [
    "fault RESERVED_BIT",
  ], 1002),
  ...both(
    "P1",
    "RSV1 on the continuation of a plain message",
    [
      { opcode: 1, fin: false, payload: utf8("a") },
      packed(HELLO, { opcode: 0 }),
    ],
    ["fault RESERVED_BIT"],
    1002,
  ),
  ...[8, 9, 10].flatMap((opcode) =>
    both("P1", `RSV1 on opcode ${opcode}`, [packed(HELLO), { opcode, rsv: 4 }], ["text Hello", "fault RESERVED_BIT"], 1002)
  ),
  ...[5, 6, 2, 1].flatMap((rsv) =>
    both("P1", `reserved bits ${rsv} where RSV1 was agreed on`, [packed(HELLO, { rsv })], ["fault RESERVED_BIT"], 1002)
  ),
  ...toBoth("P1", "RSV1 that was not agreed on", [packed(HELLO)], ["fault RESERVED_BIT"], 1002),

  // P2: the limit holds while the bomb expands
  ...[TAKEOVER, NO_TAKEOVER].flatMap((deflate) => [
    ...both("P2", "2 MiB of zeros", [packed(BOMB, { opcode: 2 })], ["fault MESSAGE_TOO_BIG"], 1009, deflate, LIMITED),
    ...both(
      "P2",
      "2 MiB of zeros in fragments of 50 octets, the last one missing",
      chunks(BOMB, 50).map((payload, i) => i === 0 ? packed(payload, { opcode: 2, fin: false }) : more(payload, false)),
      ["fault MESSAGE_TOO_BIG"],
      1009,
      deflate,
      LIMITED,
    ),
  ]),
  ...both("P2", "a message of the limit", [packed(HELLO), packed(HELLO)], ["text Hello", "text Hello"], null, TAKEOVER, {
    limits: { message: 5 },
  }),
  ...both("P2", "a message above the limit", [packed(HELLO)], ["fault MESSAGE_TOO_BIG"], 1009, TAKEOVER, {
    limits: { message: 4 },
  }),

  ...[[1000, "text " + "a".repeat(1000), null], [999, "fault MESSAGE_TOO_BIG", 1009]].flatMap(([message, event, answer]) =>
    both(
      "P2",
      `1,000 octets where the limit is ${message}`,
      [packed(flushed(utf8("a".repeat(1000))))],
      [event as string],
      answer as number | null,
      TAKEOVER,
      { limits: { message: message as number } },
    )
  ),

  // P3: much input that makes no output; the compressed octets count too: limit + limit/8 + 1,024
  ...both("P3", "10,000 empty stored blocks", [packed(concat([times(10_000, fromHex("00 00 00 ff ff")), fromHex("00")]))], [
    "text ",
  ]),
  ...both("P3", "10,000 streams that end", [packed(concat([times(10_000, fromHex("03 00")), fromHex("00")]))], ["text "]),
  ...both("P3", "a message behind 150 empty stored blocks", [packed(concat([times(150, fromHex("00 00 00 ff ff")), HELLO]))], [
    "text Hello",
  ]),
  ...both("P3", "a message behind 150 streams that end", [packed(concat([times(150, fromHex("03 00")), HELLO]))], ["text Hello"]),
  ...both(
    "P3",
    "empty stored blocks that are more than the limit lets through, on the header",
    [packed(new Uint8Array(0), { declare: 100_000 + 12_500 + 1024 + 1 })],
    ["fault MESSAGE_TOO_BIG"],
    1009,
    TAKEOVER,
    LIMITED,
  ),

  // P4: the ends that §7.2.3.4 and §7.2.3.6 allow, and those that real peers write
  // The test for the end of a message, by its letter, calls an end left in place and no octets cut short: they lose nothing, so they pass.
  ...[TAKEOVER, NO_TAKEOVER].flatMap((deflate) => {
    const twice = (name: string, payload: Uint8Array, text: string): Attack[] =>
      both("P4", name, [packed(payload), packed(payload)], [`text ${text}`, `text ${text}`], null, deflate);
    return [
      ...twice("a final block", FINAL, "Hello"),
      ...twice("a final block and an empty one", concat([FINAL, fromHex("00")]), "Hello"),
      ...twice("the end left in place", concat([HELLO, TAIL]), "Hello"),
      ...twice("no octets", new Uint8Array(0), ""),
      ...twice("a single 00", fromHex("00"), ""),
    ];
  }),
  ...both("P4", "a final block behind more than 4 KiB", [packed(deflateRawSync("sansws".repeat(2000)))], [
    `text ${"sansws".repeat(2000)}`,
  ]),
  ...both("P4", "a final stored block whose end was removed", [packed(fromHex("00 05 00 fa ff 48 65 6c 6c 6f 01"))], [
    "text Hello",
  ]),
  ...both("P4", "more than 4 KiB behind a final block", [packed(concat([FINAL, flushed(utf8("x".repeat(5000)))]))], [
    `text Hello${"x".repeat(5000)}`,
  ]),
  ...both(
    "P4",
    "a final block in each message, and one window for all",
    [packed(FINAL), packed(concat([FINAL, AGAIN])), packed(AGAIN)],
    ["text Hello", "text HelloHello", "text Hello"],
  ),
  ...both("P4", "a final block, an empty last fragment, and a reference over both", [
    packed(FINAL, { fin: false }),
    more(new Uint8Array(0)),
    packed(new Uint8Array(0)),
    packed(AGAIN),
  ], ["text Hello", "text ", "text Hello"]),
  ...both("P4", "an empty last fragment", [packed(HELLO, { fin: false }), more(new Uint8Array(0))], ["text Hello"]),

  // P5: octets behind a final block go on with the same window; what is no block is corrupt
  ...both("P5", "a stream behind a final block", [packed(concat([FINAL, HELLO]))], ["text HelloHello"]),
  ...both("P5", "a reference over a final block", [packed(concat([FINAL, AGAIN]))], ["text HelloHello"]),
  ...both(
    "P5",
    "a reference over a final block, without takeover",
    [packed(concat([FINAL, AGAIN]))],
    ["text HelloHello"],
    null,
    NO_TAKEOVER,
  ),
  ...both("P5", "a reference over a final block to the message before", [packed(FINAL), packed(AGAIN)], [
    "text Hello",
    "text Hello",
  ]),
  ...both("P5", "a block of the reserved type behind a final block", [packed(concat([FINAL, fromHex("07")]))], [
    "fault BAD_DEFLATE",
  ], 1007),
  ...both("P5", "garbage behind a final block", [packed(concat([FINAL, utf8("garbage")]))], ["fault BAD_DEFLATE"], 1007),
  ...both("P5", "garbage behind a final block, in another fragment", [packed(FINAL, { fin: false }), more(utf8("garbage"))], [
    "fault BAD_DEFLATE",
  ], 1007),

  // P6: cut short inside of a block
  ...Array.from({ length: HELLO.length - 2 }, (_, i) => i + 1).flatMap((size) =>
    both("P6", `a message cut behind ${size} octets`, [packed(HELLO.slice(0, size))], ["fault BAD_DEFLATE"], 1007)
  ),
  ...[2, 4, 5, 54, STORED.length - 1].flatMap((size) =>
    both(
      "P6",
      `a stored block cut behind ${size} octets`,
      [packed(STORED.slice(0, size), { opcode: 2 })],
      ["fault BAD_DEFLATE"],
      1007,
    )
  ),
  ...both(
    "P6",
    "a message cut behind a fragment",
    [
      packed(HELLO),
      packed(HELLO.slice(0, 4), { fin: false }),
      ping,
      more(new Uint8Array(0)),
    ],
    ["text Hello", "ping 70", "fault BAD_DEFLATE"],
    1007,
  ),

  // P7. Where a single octet of a block is left there may be no block yet: 00 alone is an empty message
  ...GARBAGE.flatMap(([name, octets]) =>
    both("P7", name, [packed(HELLO), packed(octets, { opcode: 2 })], ["text Hello", "fault BAD_DEFLATE"], 1007, NO_TAKEOVER)
  ),
  // Inside of one run zlib does not hold a distance against a window below 32 KiB; behind it, it does.
  ...both(
    "P7",
    "a distance beyond the window agreed on",
    [
      packed(concat([STORED, STORED, STORED, STORED, STORED, STORED, fromHex("00")]), { opcode: 2 }),
      packed(farBack(), { opcode: 2 }),
    ],
    [`binary ${"00".repeat(600)}`, "fault BAD_DEFLATE"],
    1007,
    SMALL,
  ),

  ...both("P7", "a distance before the first message", [packed(AGAIN)], ["fault BAD_DEFLATE"], 1007),
  ...both(
    "P7",
    "a distance beyond a window of 8 bits",
    [packed(flushed(noise(1000), 0), { opcode: 2 }), packed(referring(noise(1000)), { opcode: 2 })],
    [`binary ${hex(noise(1000))}`, "fault BAD_DEFLATE"],
    1007,
    NARROW,
  ),

  // P8, P9: contexts
  ...both("P8", "a reference to the message before, with takeover", [packed(HELLO), packed(AGAIN)], ["text Hello", "text Hello"]),
  ...both(
    "P8",
    "a reference to the message before, without",
    [packed(HELLO), packed(AGAIN)],
    ["text Hello", "fault BAD_DEFLATE"],
    1007,
    NO_TAKEOVER,
  ),
  ...both(
    "P9",
    "control frames and plain messages between compressed ones",
    [
      packed(HELLO),
      ping,
      plain("plain"),
      pong,
      packed(AGAIN.slice(0, 2), { fin: false }),
      ping,
      more(AGAIN.slice(2)),
      packed(HELLO),
    ],
    ["text Hello", "ping 70", "text plain", "pong 71", "ping 70", "text Hello", "text Hello"],
  ),
  ...both(
    "P9",
    "a Close inside of a compressed message",
    [
      packed(HELLO.slice(0, 4), { fin: false }),
      { opcode: 8, payload: closePayload(1001) },
    ],
    ["close 1001"],
    1001,
  ),
  ...both("P9", "invalid text in a compressed message", [packed(concat([fromHex("00 02 00 fd ff c3 28"), fromHex("00")]))], [
    "fault BAD_UTF8",
  ], 1007),
  ...both("P9", "octets that are all different", [packed(deflateRawSync(every()), { opcode: 2 })], [
    `binary ${hex(every())}`,
  ]),
];

/**
 * What a compressor with a larger window makes of 3 octets from 600 back: a block with fixed codes (RFC 1951 §3.2.6), a length of 3
 * (0000001), a distance of 513 to 768 (18: 10010, and 8 bits: 87), the end of the block, an empty stored block without its end.
 */
function farBack(): Uint8Array {
  return fromBits("0 10 0000001 10010 " + "11101010" + " 0000000 0 00");
}
/** Bits in the order in which they stand in the stream; the rest of the last octet is 0. */
function fromBits(bits: string): Uint8Array {
  const digits = bits.replaceAll(" ", "");
  const octets = new Uint8Array(Math.ceil(digits.length / 8));
  Array.from(digits).forEach((digit, i) => octets[i >> 3] |= Number(digit) << (i & 7));
  return octets;
}
function every(): Uint8Array {
  return Uint8Array.from({ length: 256 }, (_, i) => i);
}
function noise(size: number): Uint8Array<ArrayBuffer> {
  return Uint8Array.from({ length: size }, (_, i) => Math.imul(i + 1, 2654435761) >>> 24);
}
/** The payload of a compressed message (RFC 7692 §7.2.1). */
function flushed(data: Uint8Array, level = 6): Uint8Array {
  return deflateRawSync(data, { level, finishFlush: constants.Z_SYNC_FLUSH }).subarray(0, -4);
}
/** The same octets again, as a reference to those before. */
function referring(data: Uint8Array): Uint8Array {
  return deflateRawSync(data, { dictionary: data, finishFlush: constants.Z_SYNC_FLUSH }).subarray(0, -4);
}
function hex(octets: Uint8Array): string {
  return toHex(octets).replaceAll(" ", "");
}
