// What comes in: nothing. What goes out: section 25, compressed messages frame by frame: what may stand between their frames, which bits may
// be set, how they may end, what is no DEFLATE, and what is too much of it. RFC 7692 §6, §7.2; RFC 6455 §5.4, §5.5, §10.4.
// A peer that does not agree to permessage-deflate is UNIMPLEMENTED. Next file: section-26-close-races.ts.
import {
  binary,
  close,
  closeAfter,
  continuation,
  frame,
  type FrameHow,
  fromHex,
  gotPong,
  gotText,
  killAfter,
  nonStrict,
  NORMAL,
  ok,
  ping,
  pong,
  type Section,
  text,
  utf8,
} from "../build.ts";
import type { Case, Expected, Step } from "../case.ts";
import {
  bomb,
  DEFLATE,
  DEFLATED,
  extension,
  failsWith,
  FINAL,
  IN_TWO,
  REFERRING,
  STORED,
  times,
  unlogged,
  ZEROS,
} from "./words.ts";

const FIRST: FrameHow = { fin: false, rsv: 4 };
const MORE: FrameHow = { fin: false };
const HEAD = DEFLATED.subarray(0, 3);
const REST = DEFLATED.subarray(3);
const packed = (payload: Uint8Array, how: FrameHow = {}): Step => text(payload, { rsv: 4, ...how });
const HELLO = gotText("Hello");
const MEBIBYTES = 64;

type Row = readonly [description: string, steps: readonly Step[], events: readonly Expected[]];

const BETWEEN: readonly Row[] = [
  ["A Ping between the two frames of a compressed message.", [text(HEAD, FIRST), ping("p"), continuation(REST)], [
    gotPong("p"),
    HELLO,
  ]],
  [
    "The same, one octet at a time.",
    [text(HEAD, { ...FIRST, chop: 1 }), ping("p", { chop: 1 }), continuation(REST, { chop: 1 })],
    [
      gotPong("p"),
      HELLO,
    ],
  ],
  ["Pings of 0 and 125 octets and a Pong between the frames of a compressed message.", [
    text(HEAD, FIRST),
    ping(),
    continuation("", MORE),
    ping("*".repeat(125)),
    pong("unsolicited"),
    continuation(REST),
  ], [gotPong(""), gotPong("*".repeat(125)), HELLO]],
  ["A Ping before each octet of a compressed message, each in a frame of its own.", [
    ...Array.from(DEFLATED, (octet, i): Step[] => [
      ping(`${i}`),
      frame(i === 0 ? 1 : 0, Uint8Array.of(octet), { rsv: i === 0 ? 4 : 0, fin: i === DEFLATED.byteLength - 1 }),
    ]).flat(),
  ], [...Array.from(DEFLATED, (_, i) => gotPong(`${i}`)), HELLO]],
  ["A Pong, a message that is not compressed, and a Pong between two compressed messages.", [
    packed(DEFLATED),
    pong("p"),
    text("plain"),
    pong("q"),
    packed(DEFLATED),
  ], [HELLO, gotText("plain"), HELLO]],
  ["A fragmented message that is not compressed, with a Pong in it, between two compressed ones.", [
    packed(DEFLATED),
    text("fragment1", MORE),
    pong("p"),
    continuation("fragment2"),
    packed(DEFLATED),
  ], [HELLO, gotText("fragment1fragment2"), HELLO]],
];

const RESERVED: readonly (readonly [description: string, steps: readonly Step[]])[] = [
  ["A Ping with RSV1.", [ping("p", { rsv: 4 })]],
  ["A Pong with RSV1.", [pong("p", { rsv: 4 })]],
  ["A Close with RSV1.", [frame(8, fromHex("03 e8"), { rsv: 4 })]],
  ["A Ping with RSV1 whose payload is compressed.", [ping(DEFLATED, { rsv: 4 })]],
  ["A compressed Ping between the frames of a compressed message.", [
    text(HEAD, FIRST),
    ping(DEFLATED, { rsv: 4 }),
    continuation(REST),
  ]],
  ["RSV1 on the second frame of a compressed message, too.", [text(HEAD, FIRST), continuation(REST, { rsv: 4 })]],
  ["RSV1 on the second frame of a message, only.", [text("a", MORE), continuation(DEFLATED, { rsv: 4 })]],
  ["A message with RSV2.", [text("a", { rsv: 2 })]],
  ["A message with RSV3.", [text("a", { rsv: 1 })]],
  ["A compressed message with RSV1 and RSV2.", [text(DEFLATED, { rsv: 6 })]],
  ["A compressed message with RSV1 and RSV3.", [text(DEFLATED, { rsv: 5 })]],
  ["A Ping with RSV2.", [ping("p", { rsv: 2 })]],
];

const ENDS: readonly Row[] = [
  ["A message in a block with fixed codes (RFC 7692 §7.2.3.1).", [packed(DEFLATED)], [HELLO]],
  ["A message in a stored block (RFC 7692 §7.2.3.3).", [packed(STORED)], [HELLO]],
  ["A message in a final block, an octet of 00 behind it (RFC 7692 §7.2.3.4).", [packed(FINAL)], [HELLO]],
  ["A message in a final block, twice.", [packed(FINAL), packed(FINAL)], [HELLO, HELLO]],
  ["A message in two blocks (RFC 7692 §7.2.3.5).", [packed(IN_TWO)], [HELLO]],
  ["An empty message: one octet of 00 (RFC 7692 §7.2.3.6).", [packed(fromHex("00"))], [gotText("")]],
  ["A message whose last frame is empty.", [text(DEFLATED, FIRST), continuation("")], [HELLO]],
  ["A message whose first frame is empty.", [text("", FIRST), continuation(DEFLATED)], [HELLO]],
];

const CORRUPT: readonly (readonly [description: string, payload: Uint8Array])[] = [
  ["A block of the reserved type (RFC 1951 §3.2.3).", fromHex("06 00")],
  ["A stored block whose two lengths contradict each other.", fromHex("00 05 00 00 00 48 65 6c 6c 6f 00")],
  ["A distance that goes back behind the beginning.", fromHex("02 02 00")],
  ["Text that was not compressed.", utf8("Hello, world: this is no DEFLATE at all")],
  ["A message cut short inside its block.", DEFLATED.subarray(0, 5)],
  ["Octets that are not UTF-8, well compressed (RFC 6455 §8.1).", fromHex("00 02 00 fd ff c3 28 00")],
];

/** Compressed messages: 25.1 to 25.6. */
export const compressedMessages: Section = {
  titles: {
    "25": "Compressed messages",
    "25.1": "Control frames inside and between compressed messages",
    "25.2": "Reserved bits where RSV1 has a meaning",
    "25.3": "Ways to end a compressed message",
    "25.4": "Compressed data that is corrupt",
    "25.5": "Much out of little",
    "25.6": "Context",
  },
  cases: [
    ...BETWEEN.map((row, index) => coming(`25.1.${index + 1}`, row)),
    {
      ...coming(`25.1.${BETWEEN.length + 1}`, ["A Close with 1000 between the frames of a compressed message.", [], []]),
      expectation: "The peer answers with a Close that has code 1000 or none. There is no echo: the message never ended.",
      steps: [text(HEAD, FIRST), close(1000), continuation(REST), killAfter(1)],
      ruling: "one-close",
      suppressClose: true,
    },
    ...RESERVED.map(([description, steps], index): Case => ({
      ...failing(`25.2.${index + 1}`, description, steps, 1002),
      expectation: "Nothing comes back. The peer fails the connection; if it sends a close code, it is 1002: " +
        "RSV1 belongs to the first frame of a message, and to nothing else (RFC 7692 §6).",
    })),
    ...ENDS.map((row, index) => coming(`25.3.${index + 1}`, row)),
    ...CORRUPT.map(([description, payload], index): Case => ({
      ...failing(`25.4.${index + 1}`, description, [packed(payload)], 1007, 1002),
      expectation: "Nothing comes back. The peer fails the connection; if it sends a close code, it is 1007 or 1002.",
    })),
    exploding("25.5.1", "in one frame", [binary(bomb(MEBIBYTES), { rsv: 4 })]),
    exploding("25.5.2", `in ${MEBIBYTES} frames, the last of which never comes`, [
      binary(ZEROS, FIRST),
      times(MEBIBYTES - 1, continuation(ZEROS, MORE)),
    ]),
    {
      ...failing(
        "25.6.1",
        "Two messages, of which the second refers to the first, where this was ruled out.",
        [
          packed(DEFLATED),
          packed(REFERRING),
        ],
        1007,
        1002,
      ),
      expectation:
        "The first message comes back, then the client fails the connection; if it sends a close code, it is 1007 or 1002 " +
        "(RFC 7692 §7.1.1.1). A client that fails without the echo is NON-STRICT.",
      role: "server",
      deflate: extension("permessage-deflate; server_no_context_takeover"),
      expected: [ok(HELLO), nonStrict()],
    },
  ],
};

function coming(id: string, [description, steps, events]: Row): Case {
  return {
    id,
    description,
    expectation: "Every message and a Pong for every Ping come back, in this order.",
    deflate: DEFLATE,
    steps: [...steps, closeAfter(1)],
    expected: [ok(...events)],
    close: NORMAL,
  };
}

function failing(
  id: string,
  description: string,
  steps: readonly Step[],
  ...codes: readonly number[]
): Omit<Case, "expectation"> {
  return {
    id,
    description,
    deflate: DEFLATE,
    steps: [...steps, killAfter(1)],
    expected: [ok()],
    close: failsWith(...codes),
    ruling: "wrong-code-fails",
  };
}

function exploding(id: string, how: string, steps: readonly Step[]): Case {
  return {
    ...failing(id, `${MEBIBYTES} MiB of zeros, compressed to a thousandth, ${how}.`, unlogged(...steps), 1009),
    expectation:
      "A peer with a limit fails the connection while it inflates, with 1009 (RFC 6455 §10.4). Without one: informational.",
    ruling: "limit-optional",
  };
}
