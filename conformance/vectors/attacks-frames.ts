// Rows F and M: frames that break the layout, and messages that break the order. RFC 6455 §5.1 to §5.4, §7.4.1, §8.1.
// Next file: attacks-control.ts.
import { encode, fromHex, utf8 } from "../frames/encode.ts";
import { failing, fault, type FrameAttack, heardClose, heardText, KEY, passing, sent, text } from "./attack.ts";

const SMALL = { limits: { message: 10 } };

export const FRAMES: readonly FrameAttack[] = [
  ...failing("F1", "a frame without a mask", "BAD_MASK", [text("Hello", { mask: null })], { role: "server" }),
  ...failing("F1", "a masked frame", "BAD_MASK", [text("Hello", { mask: KEY })], { role: "client" }),
  ...failing("F1", "two octets are enough to see it", "BAD_MASK", () => fromHex("81 05"), { role: "server" }),

  ...failing("F2", "RSV1 without compression", "RESERVED_BIT", [text("a", { rsv: 4 })]),
  ...failing("F2", "RSV2", "RESERVED_BIT", [text("a", { rsv: 2 })]),
  ...failing("F2", "RSV3", "RESERVED_BIT", [text("a", { rsv: 1 })]),
  ...failing("F2", "one octet is enough to see it", "RESERVED_BIT", () => fromHex("91")),

  ...[3, 4, 5, 6, 7, 11, 12, 13, 14, 15].flatMap((opcode) => failing("F3", `opcode ${opcode}`, "RESERVED_OPCODE", [{ opcode }])),
  ...failing("F3", "behind a message that is delivered first", "RESERVED_OPCODE", [text("a"), { opcode: 3 }], {
    told: [heardText("a"), fault("RESERVED_OPCODE")],
  }),

  ...failing("F4", "5 octets in the 16-bit form", "BAD_LENGTH", [text("Hello", { form: 2 })]),
  ...failing("F4", "5 octets in the 64-bit form", "BAD_LENGTH", [text("Hello", { form: 8 })]),
  ...failing("F4", "125 octets in the 16-bit form", "BAD_LENGTH", [text("a".repeat(125), { form: 2 })]),
  ...failing("F4", "65,535 octets in the 64-bit form", "BAD_LENGTH", [{ opcode: 2, form: 8, declare: 65535 }]),
  // The lenient suite accepts 1009 here too; the length is wrong before it is long.
  ...failing("F5", "a 64-bit length with the top bit", "BAD_LENGTH", [{ opcode: 2, declare: 2n ** 63n }]),
  ...failing("F5", "all bits of it", "BAD_LENGTH", [{ opcode: 2, declare: 2n ** 64n - 1n }]),
  ...[2n ** 32n, 2n ** 53n - 1n, 2n ** 53n, 2n ** 63n - 1n].flatMap((declare) =>
    failing("F6", `${declare} octets, seen on the header`, "MESSAGE_TOO_BIG", (role) =>
      encode({ opcode: 2, declare, mask: role === "server" ? KEY : null }).subarray(0, 10))
  ),
  ...passing("F6", "4 GiB that are allowed, and do not come", [{ opcode: 2, declare: 2n ** 32n }], [], [], {
    options: { limits: { message: Infinity } },
  }),

  ...passing("F7", "as much as the limit", [text("0123456789")], [heardText("0123456789")], [], { options: SMALL }),
  ...failing("F7", "one octet more", "MESSAGE_TOO_BIG", [text("", { declare: 11 })], { options: SMALL }),
  ...passing(
    "F7",
    "as much as the limit in fragments",
    [text("01234", { fin: false }), { opcode: 0, payload: utf8("56789") }],
    [heardText("0123456789")],
    [],
    { options: SMALL },
  ),
  ...failing(
    "F7",
    "one octet more in fragments",
    "MESSAGE_TOO_BIG",
    [text("01234", { fin: false }), { opcode: 0, declare: 6 }],
    { options: SMALL },
  ),
  ...passing("F7", "the limit of fragments", [text("a", { fin: false }), { opcode: 0 }], [heardText("a")], [], {
    options: { limits: { fragments: 2 } },
  }),
  ...failing(
    "F7",
    "one fragment more",
    "TOO_MANY_FRAGMENTS",
    [text("a", { fin: false }), { opcode: 0, fin: false }, { opcode: 0 }],
    { options: { limits: { fragments: 2 } } },
  ),

  ...passing("F8", "frames of every size of header", [text("a"), text("b".repeat(126)), text("")], [
    heardText("a"),
    heardText("b".repeat(126)),
    heardText(""),
  ]),
  ...(["server"] as const).map((role): FrameAttack => ({
    row: "F11",
    name: "a mask of zeros, and payloads that are no multiple of four",
    role,
    bytes: sent(role, [text("Hello", { mask: fromHex("00 00 00 00") }), text("seven..", { mask: fromHex("ff 00 ff 00") })]),
    told: [heardText("Hello"), heardText("seven..")],
    frames: [],
    transport: "keep",
  })),
];

const BAD_TEXTS: readonly (readonly [name: string, hex: string])[] = [
  ["a lone continuation octet", "80"],
  ["a lone 0xFF", "61 ff"],
  ["an overlong slash", "c0 af"],
  ["an overlong slash in three octets", "e0 80 af"],
  ["an overlong slash in four octets", "f0 80 80 af"],
  ["a surrogate", "ed a0 80"],
  ["a surrogate pair", "ed a0 bd ed b8 80"],
  ["above U+10FFFF", "f4 90 80 80"],
  ["a five octet form", "f8 88 80 80 80"],
  ["cut short at the end", "61 e2 82"],
  ["cut short before another character", "e2 82 61"],
];

export const MESSAGES: readonly FrameAttack[] = [
  ...failing("M1", "a continuation first", "BAD_FRAGMENT", [{ opcode: 0, payload: utf8("a") }]),
  ...failing("M1", "a continuation behind a message", "BAD_FRAGMENT", [text("a"), { opcode: 0 }], {
    told: [heardText("a"), fault("BAD_FRAGMENT")],
  }),
  ...failing("M1", "a new text inside a message", "BAD_FRAGMENT", [text("a", { fin: false }), text("b")]),
  ...failing("M1", "a new binary inside a message", "BAD_FRAGMENT", [text("a", { fin: false }), { opcode: 2, fin: false }]),
  ...failing("M1", "one octet is enough to see it", "BAD_FRAGMENT", () => fromHex("80")),

  ...passing(
    "M2",
    "a Ping and a Pong between fragments",
    [text("a", { fin: false }), { opcode: 9, payload: utf8("p") }, { opcode: 0, fin: false, payload: utf8("b") }, {
      opcode: 10,
      payload: utf8("q"),
    }, { opcode: 0, payload: utf8("c") }],
    [{ type: "ping", data: utf8("p") }, { type: "pong", data: utf8("q") }, heardText("abc")],
    ["pong 70"],
  ),
  ...passing("M3", "three empty fragments are one empty message", [
    text("", { fin: false }),
    { opcode: 0, fin: false },
    { opcode: 0 },
  ], [heardText("")]),
  ...failing("M5", "empty fragments count", "TOO_MANY_FRAGMENTS", [
    text("", { fin: false }),
    ...new Array(20).fill({ opcode: 0, fin: false }),
  ], { options: { limits: { fragments: 20 } } }),

  ...BAD_TEXTS.flatMap(([name, hex]) => [
    ...failing("M6", `${name}, in one frame`, "BAD_UTF8", [{ opcode: 1, payload: fromHex(hex) }]),
    ...failing("M6", `${name}, split in two`, "BAD_UTF8", [
      { opcode: 1, fin: false, payload: fromHex(hex).subarray(0, 1) },
      { opcode: 0, payload: fromHex(hex).subarray(1) },
    ]),
  ]),
  ...passing("M6", "the borders of what is valid", [
    { opcode: 1, payload: fromHex("00 7f c2 80 df bf e0 a0 80 ef bf bf ee 80 80 ed 9f bf f0 90 80 80 f4 8f bf bf") },
  ], [heardText("\u0000\u007f\u0080\u07ff\u0800\uffff\ue000\ud7ff\u{10000}\u{10ffff}")]),
  ...passing("M6", "a byte order mark stays", [{ opcode: 1, payload: fromHex("ef bb bf 61") }], [heardText("\ufeffa")]),
  ...passing("M6", "U+FFFD is a character", [{ opcode: 1, payload: fromHex("ef bf bd") }], [heardText("\ufffd")]),
  ...failing("M7", "a wrong octet in a first fragment that never ends", "BAD_UTF8", [
    { opcode: 1, fin: false, payload: fromHex("61 ff 62") },
  ]),
  ...failing("M7", "a wrong octet inside of a frame that never ends", "BAD_UTF8", [
    { opcode: 1, payload: fromHex("61 62 ff"), declare: 1000 },
  ]),
  ...passing("M8", "a Close inside of a message", [text("a", { fin: false }), { opcode: 8, payload: fromHex("0f a0") }], [
    heardClose(4000),
  ], ["close 4000"]),
];
