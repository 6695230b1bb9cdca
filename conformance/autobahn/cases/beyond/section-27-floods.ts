// What comes in: nothing. What goes out: section 27, much of what is allowed: Pings, Pongs, fragments of one octet and of none, empty messages,
// thousands in one write. All of it is legal, so a healthy peer stays, answers what it must, and echoes what comes behind.
// RFC 6455 §5.4, §5.5.2, §5.5.3. The wire log is off: there would be thousands of rows. Next file: all.ts.
import {
  binary,
  closeAfter,
  continuation,
  count,
  gotBinary,
  gotPong,
  gotText,
  message,
  NORMAL,
  ok,
  ping,
  pong,
  type Section,
  text,
} from "../build.ts";
import type { Case, Expected, Step } from "../case.ts";
import { HELLO, times, unlogged } from "./words.ts";

const MANY = 5000;
const SOME = 1000;
const FEW = 250;
const MORE = { fin: false };
const OCTETS = new Uint8Array(MANY).fill(0x2a);

type Row = readonly [description: string, expectation: string, steps: readonly Step[], events: readonly Expected[]];

const NEWEST = "The text comes back, and before it a Pong for the last Ping at least (RFC 6455 §5.5.3).";
const PINGS: readonly Row[] = [
  [`${count(MANY)} Pings with 125 octets, one more, and a text.`, NEWEST, [
    times(MANY, ping("*".repeat(125))),
    ping("last"),
    text(HELLO),
  ], [gotPong("last"), gotText(HELLO)]],
  [`${count(MANY)} empty Pings, one that is not, and a text.`, NEWEST, [times(MANY, ping()), ping("last"), text(HELLO)], [
    gotPong("last"),
    gotText(HELLO),
  ]],
  [`${count(SOME)} Pings and another between the two fragments of a text.`, NEWEST, [
    text("fragment1", MORE),
    times(SOME, ping("ping")),
    ping("last"),
    continuation("fragment2"),
  ], [gotPong("last"), gotText("fragment1fragment2")]],
  [`${count(MANY)} Pongs that nobody asked for, and a text.`, "The text comes back, and nothing else.", [
    times(MANY, pong("*".repeat(125))),
    text(HELLO),
  ], [gotText(HELLO)]],
];

const FRAGMENTS: readonly Row[] = [
  [`A text of ${count(MANY)} octets in fragments of one octet.`, "It comes back.", [message("text", OCTETS, 1)], [
    gotText(OCTETS),
  ]],
  [`A binary message of ${count(MANY)} octets in fragments of one octet.`, "It comes back.", [message("binary", OCTETS, 1)], [
    gotBinary(OCTETS),
  ]],
  [`A text with ${count(MANY)} empty fragments between its first and its last.`, "It comes back.", [
    text("first", MORE),
    times(MANY, continuation("", MORE)),
    continuation("last"),
  ], [gotText("firstlast")]],
  [`An empty message of ${count(MANY)} fragments, and a text.`, "Both come back.", [
    binary("", MORE),
    times(MANY, continuation("", MORE)),
    continuation(""),
    text(HELLO),
  ], [gotBinary(new Uint8Array(0)), gotText(HELLO)]],
];

const MESSAGES: readonly Row[] = [
  [
    `${count(SOME)} empty text messages.`,
    "All of them come back.",
    [times(SOME, text(""))],
    new Array<Expected>(SOME).fill(gotText("")),
  ],
  [
    `${count(SOME)} binary messages of one octet.`,
    "All of them come back.",
    [times(SOME, binary(Uint8Array.of(7)))],
    new Array<Expected>(SOME).fill(
      gotBinary(Uint8Array.of(7)),
    ),
  ],
  [`${count(SOME)} times a text in three fragments, the last one empty, with Pongs between them.`, "All of them come back.", [
    times(SOME, text("a", MORE), pong("*"), continuation("b", MORE), pong("*"), continuation("")),
  ], new Array<Expected>(SOME).fill(gotText("ab"))],
  [`A text of ${count(FEW)} octets, one octet at a time.`, "It comes back.", [text(OCTETS.subarray(0, FEW), { chop: 1 })], [
    gotText(OCTETS.subarray(0, FEW)),
  ]],
];

/** Floods: 27.1 to 27.3. */
export const floods: Section = {
  titles: { "27": "Floods", "27.1": "Pings and Pongs", "27.2": "Fragments", "27.3": "Messages" },
  cases: [
    ...PINGS.map((row, index) => flood(`27.1.${index + 1}`, row)),
    ...FRAGMENTS.map((row, index) => flood(`27.2.${index + 1}`, row)),
    ...MESSAGES.map((row, index) => flood(`27.3.${index + 1}`, row)),
  ],
};

function flood(id: string, [description, expectation, steps, events]: Row): Case {
  return {
    id,
    description,
    expectation,
    conduct: { type: "record", pongs: "last" },
    steps: [...unlogged(...steps), closeAfter(10)],
    expected: [ok(...events)],
    close: NORMAL,
  };
}
