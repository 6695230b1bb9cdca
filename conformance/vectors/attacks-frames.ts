// Attacks by frames, messages and Close frames: rows F, M and K. RFC 6455 §5, §7, §8.1. What comes in: nothing. What goes out: data.
// Next file: attacks-deflate.ts.
import type { Options } from "../../core/types.ts";
import { closePayload, concat, encode, type FrameSpec, fromHex, toHex, utf8 } from "../frames/encode.ts";
import { type Attack, framesTo, MASK, toBoth } from "./vector.ts";

const text = (payload: string | Uint8Array, more: Partial<FrameSpec> = {}): FrameSpec => ({
  opcode: 1,
  payload: typeof payload === "string" ? utf8(payload) : payload,
  ...more,
});
const binary = (size: number, more: Partial<FrameSpec> = {}): FrameSpec => ({
  opcode: 2,
  payload: new Uint8Array(size),
  ...more,
});
const more = (payload: string | Uint8Array, fin = true): FrameSpec => text(payload, { opcode: 0, fin });
const ping = (payload = ""): FrameSpec => ({ opcode: 9, payload: utf8(payload) });
const pong = (payload = ""): FrameSpec => ({ opcode: 10, payload: utf8(payload) });
const close = (code?: number, reason: string | Uint8Array = ""): FrameSpec => ({
  opcode: 8,
  payload: code === undefined ? new Uint8Array(0) : closePayload(code, reason),
});
const hex = (payload: string): string => toHex(utf8(payload)).replaceAll(" ", "");

const MAX_8: Options = { limits: { message: 8 } };
const THREE_FRAMES: Options = { limits: { fragments: 3 } };

export const FRAMES: readonly Attack[] = [
  // F1: every frame of a client is masked, none of a server (§5.1)
  ...([["a text", text("hi")], ["a Ping", ping()], ["a Close", close(1000)], ["an empty binary", binary(0)]] as const).flatMap((
    [name, frame],
  ): Attack[] => [
    {
      row: "F1",
      name: `${name} without a mask, to a server`,
      role: "server",
      input: encode(frame),
      events: ["fault BAD_MASK"],
      answer: 1002,
    },
    {
      row: "F1",
      name: `${name} with a mask, to a client`,
      role: "client",
      input: encode({ ...frame, mask: MASK }),
      events: ["fault BAD_MASK"],
      answer: 1002,
    },
  ]),
  ...toBoth("F1", "a message before the frame with the wrong mask", [text("hi"), { ...text("ho"), mask: MASK }], ["text hi"])
    .map((attack): Attack =>
      attack.role === "server"
        ? {
          ...attack,
          input: concat([attack.input.slice(0, 8), encode(text("ho"))]),
          events: ["text hi", "fault BAD_MASK"],
          answer: 1002,
        }
        : { ...attack, events: ["text hi", "fault BAD_MASK"], answer: 1002 }
    ),

  {
    row: "F1",
    name: "two octets are enough to see it",
    role: "server",
    input: fromHex("81 05"),
    events: ["fault BAD_MASK"],
    answer: 1002,
  },

  // F2, F3: what is reserved (§5.2)
  ...toBoth("F2", "one octet is enough to see it", [text("")], ["fault RESERVED_BIT"], 1002)
    .map((attack): Attack => ({ ...attack, input: fromHex("91") })),
  ...[1, 2, 3, 4, 5, 6, 7].flatMap((rsv) =>
    toBoth("F2", `reserved bits ${rsv}`, [text("hi", { rsv })], ["fault RESERVED_BIT"], 1002)
  ),
  ...[8, 9, 10].flatMap((opcode) => toBoth("F2", `RSV2 on opcode ${opcode}`, [{ opcode, rsv: 2 }], ["fault RESERVED_BIT"], 1002)),
  ...[3, 4, 5, 6, 7, 11, 12, 13, 14, 15].flatMap((opcode) => [
    ...toBoth("F3", `opcode ${opcode}`, [text("hi"), text("x", { opcode })], ["text hi", "fault RESERVED_OPCODE"], 1002),
    ...toBoth("F3", `opcode ${opcode} without FIN`, [{ opcode, fin: false }], ["fault RESERVED_OPCODE"], 1002),
  ]),

  // F4: the shortest form of a length, a MUST of §5.2. F5: the top bit
  ...([[0, 2], [5, 2], [125, 2], [0, 8], [5, 8], [125, 8], [126, 8], [65_535, 8]] as const).flatMap(([size, form]) =>
    toBoth("F4", `length ${size} in ${form} octets`, [binary(size, { form })], ["fault BAD_LENGTH"], 1002)
  ),
  ...toBoth("F4", "length 5 in 2 octets on a continuation", [text("a", { fin: false }), {
    opcode: 0,
    payload: utf8("abcde"),
    form: 2,
  }], [
    "fault BAD_LENGTH",
  ], 1002),
  ...[126, 65_535, 65_536].flatMap((size) =>
    toBoth("F4", `length ${size} in its shortest form`, [binary(size)], [`binary ${"00".repeat(size)}`])
  ),
  ...[2n ** 63n, 2n ** 63n + 5n, 2n ** 64n - 1n].flatMap((declare) =>
    toBoth("F5", `length ${declare}`, [{ opcode: 2, declare }], ["fault BAD_LENGTH"], 1002)
  ),

  // F6: judged by the header alone, before the masking key has come (§7.4.1). 2^24 is the default limit
  ...[2n ** 24n + 1n, 2n ** 31n, 2n ** 32n, 2n ** 32n + 5n, 2n ** 53n - 1n, 2n ** 53n, 2n ** 63n - 1n].flatMap((declare) =>
    toBoth("F6", `length ${declare}`, [{ opcode: 2, declare }], ["fault MESSAGE_TOO_BIG"], 1009)
      .map((attack): Attack => ({ ...attack, input: attack.input.slice(0, 10) }))
  ),
  ...toBoth("F6", "length 2^53 of a last fragment", [text("a", { fin: false }), { opcode: 0, declare: 2n ** 53n }], [
    "fault MESSAGE_TOO_BIG",
  ], 1009),

  ...toBoth("F6", "4 GiB that are allowed, and do not come", [{ opcode: 2, declare: 2n ** 32n }], [], null, {
    options: { limits: { message: Infinity } },
  }),

  // F7: limits to the octet; a new message counts anew
  ...toBoth("F7", "messages of the limit", [text("12345678"), text("12345678")], ["text 12345678", "text 12345678"], null, {
    options: MAX_8,
  }),
  ...toBoth("F7", "one octet above the limit", [text("123456789")], ["fault MESSAGE_TOO_BIG"], 1009, { options: MAX_8 }),
  ...toBoth("F7", "fragments of the limit", [text("1234", { fin: false }), more("5678")], ["text 12345678"], null, {
    options: MAX_8,
  }),
  ...toBoth(
    "F7",
    "fragments one octet above it",
    [text("1234", { fin: false }), more("56789")],
    ["fault MESSAGE_TOO_BIG"],
    1009,
    {
      options: MAX_8,
    },
  ),
  ...toBoth("F7", "as many frames as the limit", [text("1", { fin: false }), more("2", false), more("3")], ["text 123"], null, {
    options: THREE_FRAMES,
  }),
  ...toBoth(
    "F7",
    "one frame above it",
    [text("1", { fin: false }), more("2", false), more("3", false), more("4")],
    [
      "fault TOO_MANY_FRAGMENTS",
    ],
    1008,
    { options: THREE_FRAMES },
  ),

  ...toBoth("F7", "one octet above the limit, on the header", [text("", { declare: 9 })], ["fault MESSAGE_TOO_BIG"], 1009, {
    options: MAX_8,
  }),
  ...toBoth(
    "F7",
    "fragments one octet above it, on the header",
    [text("1234", { fin: false }), { opcode: 0, declare: 5 }],
    ["fault MESSAGE_TOO_BIG"],
    1009,
    { options: MAX_8 },
  ),

  ...toBoth("F8", "headers of every size", [text("a"), text("b".repeat(126)), text(""), binary(65_536), text("c")], [
    "text a",
    `text ${"b".repeat(126)}`,
    "text ",
    `binary ${"00".repeat(65_536)}`,
    "text c",
  ]),

  // F11: masks
  ...["00 00 00 00", "ff ff ff ff", "00 00 00 01", "80 00 00 00"].map((key): Attack => ({
    row: "F11",
    name: `the masking key ${key}`,
    role: "server",
    input: encode(text("Hello, world", { mask: fromHex(key) })),
    events: ["text Hello, world"],
    answer: null,
  })),
  {
    row: "F11",
    name: "payloads of 0 to 20 octets, each fragment with a key of its own",
    role: "server",
    input: framesTo(
      "server",
      Array.from({ length: 21 }, (_, size) => [
        text("x".repeat(size), { fin: false, mask: Uint8Array.of(size, 255, 7, 128) }),
        more("y".repeat(20 - size)),
      ]).flat(),
    ),
    events: Array.from({ length: 21 }, (_, size) => `text ${"x".repeat(size)}${"y".repeat(20 - size)}`),
    answer: null,
  },
];

const VALID = [
  ...["", "\0", "\u07ff", "\u0800", "\ud7ff", "\ue000", "\ufffd", "\uffff", "\u{10000}", "\u{10ffff}", "\ufeffa"],
  "\0\x7f\x80\u07ff\u0800\uffff\ue000\ud7ff\u{10000}\u{10ffff}",
];
const INVALID: readonly (readonly [name: string, octets: string])[] = [
  ["a lone continuation", "61 80"],
  ["a continuation first", "80"],
  ["an octet that never occurs", "61 ff"],
  ["an overlong slash", "c0 af"],
  ["an overlong slash in three octets", "e0 80 af"],
  ["an overlong slash in four octets", "f0 80 80 af"],
  ["an overlong U+0000 in three octets", "e0 80 80"],
  ["an overlong U+FFFF in four octets", "f0 8f bf bf"],
  ["a surrogate", "ed a0 80"],
  ["a pair of surrogates (CESU-8)", "ed a0 bd ed b8 80"],
  ["U+110000", "f4 90 80 80"],
  ["five octets", "f8 88 80 80 80"],
  ["ASCII where a continuation belongs", "c3 28"],
  ["a new code point inside another", "e2 82 c3 a9"],
  ["ASCII inside of a code point", "e2 82 61"],
  ["a surrogate behind good text (Autobahn 6.3)", "ce ba e1 bd b9 ed a0 80"],
];
const OPEN_ENDED = ["c3", "e2 82", "f0 9f 98", "61 62 f4"];

export const MESSAGES: readonly Attack[] = [
  // M1: §5.4
  ...toBoth("M1", "a continuation first", [more("a")], ["fault BAD_FRAGMENT"], 1002),
  ...toBoth("M1", "an empty continuation first, without FIN", [more("", false)], ["fault BAD_FRAGMENT"], 1002),
  ...toBoth("M1", "a continuation behind a message", [text("a"), more("b")], ["text a", "fault BAD_FRAGMENT"], 1002),
  ...toBoth("M1", "a text inside of a text", [text("a", { fin: false }), text("b")], ["fault BAD_FRAGMENT"], 1002),
  ...toBoth("M1", "a binary inside of a text", [text("a", { fin: false }), ping("p"), binary(1)], [
    `ping ${hex("p")}`,
    "fault BAD_FRAGMENT",
  ], 1002),
  ...toBoth("M1", "a first fragment inside of a binary", [binary(1, { fin: false }), text("b", { fin: false })], [
    "fault BAD_FRAGMENT",
  ], 1002),

  ...toBoth("M1", "one octet is enough to see it", [text("")], ["fault BAD_FRAGMENT"], 1002)
    .map((attack): Attack => ({ ...attack, input: fromHex("80") })),

  // M2, M3
  ...toBoth("M2", "Pings and Pongs between fragments", [
    text("a", { fin: false }),
    ping("1"),
    more("b", false),
    pong("2"),
    ping(),
    more("c"),
    text("d"),
  ], ["ping 31", "pong 32", "ping", "text abc", "text d"]),
  ...toBoth("M2", "a Ping inside of a code point", [text(fromHex("e2 82"), { fin: false }), ping("1"), more(fromHex("ac"))], [
    "ping 31",
    "text \u20ac",
  ]),
  ...toBoth("M3", "three empty fragments of text", [text("", { fin: false }), more("", false), more("")], ["text "]),
  ...toBoth("M3", "three empty fragments of binary", [binary(0, { fin: false }), more("", false), more("")], ["binary"]),
  ...toBoth("M3", "empty fragments around another", [text("", { fin: false }), more("a", false), more("")], ["text a"]),

  ...toBoth(
    "M5",
    "empty fragments count",
    [text("", { fin: false }), ...new Array<FrameSpec>(20).fill(more("", false))],
    [
      "fault TOO_MANY_FRAGMENTS",
    ],
    1008,
    { options: { limits: { fragments: 20 } } },
  ),

  // M6, M7: as soon as the octet is there, in a fragment and in a frame that is not complete (§8.1, Autobahn 6.4)
  ...VALID.flatMap((data) => toBoth("M6", `the valid text ${JSON.stringify(data)}`, [text(data)], [`text ${data}`])),
  ...VALID.filter((data) => data !== "").flatMap((data) => {
    const octets = utf8(data);
    const frames = Array.from(octets, (octet, i): FrameSpec => ({
      opcode: i === 0 ? 1 : 0,
      fin: i === octets.length - 1,
      payload: Uint8Array.of(octet),
    }));
    return toBoth("M6", `the valid text ${JSON.stringify(data)}, a fragment for each octet`, frames, [`text ${data}`]);
  }),
  ...INVALID.flatMap(([name, octets]) => {
    const bytes = fromHex(octets);
    const bad = ["text hi", "fault BAD_UTF8"];
    return [
      ...toBoth("M6", name, [text("hi"), text(bytes)], bad, 1007),
      ...toBoth("M6", `${name} behind much text`, [text(concat([utf8("\u00e9".repeat(300)), bytes]))], ["fault BAD_UTF8"], 1007),
      ...toBoth(
        "M6",
        `${name}, cut into fragments`,
        [text("hi"), text(bytes.slice(0, 1), { fin: false }), more(bytes.slice(1))],
        bad,
        1007,
      ),
      ...toBoth("M7", `${name} in a first fragment`, [text("hi"), text(bytes, { fin: false })], bad, 1007),
      ...toBoth("M7", `${name} in a frame of which more has to come`, [text("hi"), text(bytes, { declare: 100 })], bad, 1007),
    ];
  }),
  ...OPEN_ENDED.flatMap((octets) => [
    ...toBoth("M6", `a text that ends with ${octets}`, [text(fromHex(octets))], ["fault BAD_UTF8"], 1007),
    ...toBoth("M6", `a text whose fragments end with ${octets}`, [
      text("a", { fin: false }),
      more(fromHex(octets), false),
      more(""),
    ], [
      "fault BAD_UTF8",
    ], 1007),
  ]),

  // M8: the part is dropped, the code is answered (Autobahn 7.1.5)
  ...toBoth("M8", "a Close inside of a message", [text("ab", { fin: false }), close(1001)], ["close 1001"], 1001),
  ...toBoth("M8", "a Close inside of a code point", [text(fromHex("e2 82"), { fin: false }), close()], ["close 1005"], 1005),
];

const LEGAL = [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 3999, 4000, 4999];
const ILLEGAL = [0, 1, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 10_000, 65_535];

export const CONTROLS: readonly Attack[] = [
  // K1: §5.5
  ...[8, 9, 10].flatMap((opcode) => [
    ...toBoth("K1", `opcode ${opcode} with 126 octets`, [{ opcode, payload: new Uint8Array(126) }], ["fault BAD_CONTROL"], 1002),
    ...toBoth("K1", `opcode ${opcode} with 65,536 octets declared`, [{ opcode, declare: 65_536 }], ["fault BAD_CONTROL"], 1002),
    ...toBoth("K1", `opcode ${opcode} with a length of 5 in 2 octets`, [{ opcode, payload: new Uint8Array(5), form: 2 }], [
      "fault BAD_CONTROL",
    ], 1002),
    ...toBoth("K1", `opcode ${opcode} without FIN`, [{ opcode, fin: false }], ["fault BAD_CONTROL"], 1002),
    ...toBoth("K1", `opcode ${opcode} with RSV1`, [{ opcode, rsv: 4 }], ["fault RESERVED_BIT"], 1002),
  ]),
  ...toBoth("K1", "a Ping and a Pong with 125 octets", [ping("a".repeat(125)), pong("b".repeat(125))], [
    `ping ${"61".repeat(125)}`,
    `pong ${"62".repeat(125)}`,
  ]),

  // K2 to K6: §5.5.1, §7.4, §8.1
  ...toBoth("K2", "a Close with half a code", [{ opcode: 8, payload: Uint8Array.of(3) }], ["fault BAD_CLOSE"], 1002),
  ...ILLEGAL.flatMap((code) => toBoth("K3", `the code ${code}`, [text("hi"), close(code)], ["text hi", "fault BAD_CLOSE"], 1002)),
  ...LEGAL.flatMap((code) => toBoth("K4", `the code ${code}`, [text("hi"), close(code)], ["text hi", `close ${code}`], code)),
  ...toBoth("K4", "a reason of 123 octets in 62 characters", [close(1000, "\u00e9".repeat(61) + "x")], [
    `close 1000 ${"\u00e9".repeat(61)}x`,
  ], 1000),
  ...toBoth("K4", "a reason of 123 octets", [close(4000, "r".repeat(123))], [`close 4000 ${"r".repeat(123)}`], 4000),
  ...toBoth("K5", "an empty Close", [close()], ["close 1005"], 1005),
  ...[...INVALID, ...OPEN_ENDED.map((octets) => [`the end in ${octets}`, octets] as const)].flatMap(([name, octets]) =>
    toBoth("K6", `a reason with ${name}`, [close(1000, fromHex(octets))], ["fault BAD_UTF8"], 1007)
  ),
  ...toBoth("K6", "an illegal code before an invalid reason", [close(1006, fromHex("ff"))], ["fault BAD_CLOSE"], 1002),

  // K8: §5.5.1
  ...([
    ["data", [text("x"), binary(300)]],
    ["a second Close", [close(1001)]],
    ["Pings", [ping("a"), ping("b")]],
    ["garbage", [{ opcode: 15, rsv: 7, declare: 2n ** 64n - 1n }]],
  ] as const).flatMap(([name, frames]) =>
    toBoth("K8", `${name} behind a Close`, [text("hi"), close(1000), ...frames], ["text hi", "close 1000"], 1000)
  ),
  ...toBoth("K8", "everything behind a fault", [text("hi"), { opcode: 3 }, text("x"), ping(), close(1000), { opcode: 4 }], [
    "text hi",
    "fault RESERVED_OPCODE",
  ], 1002),

  // K15: §5.5.3
  ...toBoth("K15", "Pongs that nobody asked for", [pong("\0\x01\x02"), pong(), text("hi"), pong("a".repeat(125))], [
    "pong 000102",
    "pong",
    "text hi",
    `pong ${"61".repeat(125)}`,
  ]),
];
