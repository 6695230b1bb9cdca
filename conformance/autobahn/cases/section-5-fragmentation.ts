// What comes in: nothing. What goes out: section 5, messages in several frames, Pings between them, and frames out of order.
// RFC 6455 §5.4: a message starts with text or binary, goes on with continuations, and ends with FIN; control frames may stand between
// its frames but have no fragments of their own (§5.5). Next file: section-6-utf8.ts.
import {
  closeAfter,
  continuation,
  type FrameHow,
  gotPong,
  gotText,
  killAfter,
  nonStrict,
  NORMAL,
  ok,
  ping,
  pong,
  PROTOCOL_ERROR,
  type Section,
  text,
} from "./build.ts";
import type { Case } from "./case.ts";

const FAILS = "Nothing comes back. The peer fails the connection; if it sends a close code, it is 1002.";
const PING = "ping payload";
const LONE = "non-continuation payload";
const MORE: FrameHow = { fin: false };

type Writing = readonly [words: string, how: FrameHow];
const WRITINGS: readonly Writing[] = [
  ["all in one write", {}],
  ["each frame written on its own", { sync: true }],
  ["written one octet at a time", { chop: 1 }],
];

/** Fragmentation: 5.1 to 5.20. */
export const fragmentation: Section = {
  titles: { "5": "Fragmentation" },
  cases: [
    {
      id: "5.1",
      description: "A Ping without FIN, and a continuation with FIN behind it.",
      expectation: `${FAILS} Control frames must not be fragmented (RFC 6455 §5.5).`,
      steps: [ping("fragment1", MORE), continuation("fragment2"), killAfter(1)],
      expected: [ok()],
      close: PROTOCOL_ERROR,
    },
    {
      id: "5.2",
      description: "A Pong without FIN, and a continuation with FIN behind it.",
      expectation: `${FAILS} That Pongs may be ignored does not allow fragments of them (RFC 6455 §5.5).`,
      steps: [pong("fragment1", MORE), continuation("fragment2"), killAfter(1)],
      expected: [ok()],
      close: PROTOCOL_ERROR,
    },
    ...WRITINGS.map((writing, index) => twoFragments(`5.${3 + index}`, writing)),
    ...WRITINGS.map((writing, index) => pingBetween(`5.${6 + index}`, writing)),
    ...WRITINGS.map((writing, index) => nothingToContinue(`5.${9 + index}`, true, writing)),
    ...WRITINGS.map((writing, index) => nothingToContinue(`5.${12 + index}`, false, writing)),
    {
      id: "5.15",
      description:
        "A text message in two fragments, then a continuation without FIN that continues nothing, then a whole text message.",
      expectation: "The first message comes back, then the peer fails the connection: with 1002, if it sends a close code. " +
        "A peer that fails without the echo is NON-STRICT.",
      steps: [
        text("fragment1", MORE),
        continuation("fragment2"),
        continuation("fragment3", MORE),
        text("fragment4"),
        killAfter(1),
      ],
      expected: [ok(gotText("fragment1fragment2")), nonStrict()],
      close: PROTOCOL_ERROR,
    },
    {
      id: "5.16",
      description: "Twice: a continuation without FIN that continues nothing, then a text message in two fragments.",
      expectation: `${FAILS} The very first frame is wrong (RFC 6455 §5.4).`,
      steps: [...strayThenTwo({ fin: false }), ...strayThenTwo({ fin: false }), killAfter(1)],
      expected: [ok()],
      close: PROTOCOL_ERROR,
    },
    {
      id: "5.17",
      description: "Twice: a continuation with FIN that continues nothing, then a text message in two fragments.",
      expectation: `${FAILS} FIN does not make a message of a continuation (RFC 6455 §5.4).`,
      steps: [...strayThenTwo({}), ...strayThenTwo({}), killAfter(1)],
      expected: [ok()],
      close: PROTOCOL_ERROR,
    },
    {
      id: "5.18",
      description: "A text frame without FIN, then a text frame with FIN where a continuation should stand.",
      expectation: `${FAILS} A message must end before the next one begins (RFC 6455 §5.4).`,
      steps: [text("fragment1", MORE), text("fragment2"), killAfter(1)],
      expected: [ok()],
      close: PROTOCOL_ERROR,
    },
    fiveFragments("5.19", "the frames of each part in one write", {}),
    fiveFragments("5.20", "each frame written on its own", { sync: true }),
  ],
};

function twoFragments(id: string, [words, how]: Writing): Case {
  return {
    id,
    description: `A text message in two fragments, ${words}.`,
    expectation: "One text message with the payloads of both frames comes back (RFC 6455 §5.4).",
    steps: [text("fragment1", { ...MORE, ...how }), continuation("fragment2", how), closeAfter(1)],
    expected: [ok(gotText("fragment1fragment2"))],
    close: NORMAL,
  };
}

function pingBetween(id: string, [words, how]: Writing): Case {
  return {
    id,
    description: `A text message in two fragments with a Ping between them, ${words}.`,
    expectation: "First the Pong, then the whole text message: a Ping is answered without waiting for the end of the message.",
    steps: [text("fragment1", { ...MORE, ...how }), ping(PING, how), continuation("fragment2", how), closeAfter(1)],
    expected: [ok(gotPong(PING), gotText("fragment1fragment2"))],
    close: NORMAL,
  };
}

function nothingToContinue(id: string, fin: boolean, [words, how]: Writing): Case {
  return {
    id,
    description: `A continuation ${fin ? "with" : "without"} FIN that continues nothing, then a whole text message, ${words}.`,
    expectation: `${FAILS} There is no message that the first frame could continue (RFC 6455 §5.4).`,
    steps: [continuation(LONE, fin ? how : { ...MORE, ...how }), text("Hello, world!", how), killAfter(1)],
    expected: [ok()],
    close: PROTOCOL_ERROR,
  };
}

function strayThenTwo(how: FrameHow): Case["steps"] {
  return [continuation("fragment1", how), text("fragment2", MORE), continuation("fragment3")];
}

function fiveFragments(id: string, words: string, how: FrameHow): Case {
  const more: FrameHow = { ...MORE, ...how };
  const rest = [
    continuation("fragment3", more),
    continuation("fragment4", more),
    ping("pongme 2!", how),
    continuation("fragment5", how),
    closeAfter(1),
  ];
  return {
    id,
    description: `A text message in five fragments, with a Ping after the second and the fourth, ` +
      `and a pause of one second behind the first Ping; ${words}.`,
    expectation: "The first Pong comes back during the pause, then the second Pong, then the whole text message.",
    steps: [
      text("fragment1", more),
      continuation("fragment2", more),
      ping("pongme 1!", how),
      { do: "wait", seconds: 1, then: rest },
    ],
    expected: [
      ok(gotPong("pongme 1!"), gotPong("pongme 2!"), gotText("fragment1fragment2fragment3fragment4fragment5")),
    ],
    close: NORMAL,
  };
}
