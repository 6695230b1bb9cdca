// What comes in: nothing. What goes out: section 26, what may come before, behind and instead of a Close: whatever follows ours is ignored,
// whatever was sent before it still counts, and there is one Close in each direction. RFC 6455 §1.4, §5.5.1, §7.1. Next file:
// section-27-floods.ts.
import {
  binary,
  close,
  concat,
  continuation,
  frame,
  fromHex,
  gotPong,
  gotText,
  GREEK,
  killAfter,
  nonStrict,
  NORMAL,
  ok,
  ping,
  repeated,
  type Section,
  text,
  utf8,
} from "../build.ts";
import type { Case, Expected, Step } from "../case.ts";
import { failsWith, HELLO, times } from "./words.ts";

const CODE = fromHex("03 e8");
const ONE = "There is one Close in each direction.";

type Row = readonly [description: string, steps: readonly Step[]];

const BEHIND: readonly Row[] = [
  ["a text and a binary message", [text(HELLO), binary(repeated(0xfe, 70_000))]],
  ["a second Close, with 1001", [frame(8, fromHex("03 e9"))]],
  ["a Close with half a code", [frame(8, fromHex("03"))]],
  ["100 Pings", [times(100, ping("ping"))]],
  ["a frame with a reserved opcode", [frame(3, HELLO)]],
  ["a frame with all reserved bits", [text(HELLO, { rsv: 7 })]],
  ["a frame masked in the wrong direction", [text(HELLO, { mask: "reversed" })]],
  ["a continuation that continues nothing", [continuation(HELLO)]],
  ["a text that is not UTF-8", [text(fromHex("ff"))]],
  ["a frame that declares 2^63 octets", [binary("", { declare: 2 ** 63 })]],
];

const BEFORE: readonly (readonly [description: string, steps: readonly Step[], came: readonly Expected[]])[] = [
  ["A text message", [text(HELLO)], [gotText(HELLO)]],
  ["Three text messages", [text("1"), text("2"), text("3")], [gotText("1"), gotText("2"), gotText("3")]],
  ["A Ping", [ping(HELLO)], [gotPong(HELLO)]],
  ["A Ping inside of a message that never ends", [text("fragment1", { fin: false }), ping(HELLO)], [gotPong(HELLO)]],
];

const UNFINISHED: readonly Row[] = [
  ["The first fragment of a text", [text("fragment1", { fin: false })]],
  ["The first fragment of a text, which ends inside of a character", [text(concat([GREEK, fromHex("e2 82")]), { fin: false })]],
  ["An empty first fragment", [binary("", { fin: false })]],
];

const CROSSING: readonly (readonly [description: string, steps: readonly Step[], code: number])[] = [
  ["A frame with a reserved opcode", [frame(3, HELLO)], 1002],
  ["A continuation that continues nothing", [continuation(HELLO)], 1002],
  ["A text that is not UTF-8", [text(fromHex("ff"))], 1007],
];

const WRONG: readonly (readonly [description: string, steps: readonly Step[], codes: readonly number[]])[] = [
  ["A Close with half a code: one octet.", [frame(8, fromHex("03"))], [1002]],
  ["A Close without FIN.", [frame(8, CODE, { fin: false })], [1002]],
  ["A Close with 126 octets.", [frame(8, concat([CODE, repeated(0x2a, 124)]))], [1002]],
  ["A Close with 1005, which is never sent (RFC 6455 §7.4.1).", [frame(8, fromHex("03 ed"))], [1002]],
  ["A Close with a reason that ends inside of a character (RFC 6455 §8.1).", [
    frame(8, concat([CODE, utf8("a"), fromHex("e2 82")])),
  ], [
    1007,
    1002,
  ]],
];

/** Close races: 26.1 to 26.5. */
export const closeRaces: Section = {
  titles: {
    "26": "Close races",
    "26.1": "Behind the fuzzer's Close",
    "26.2": "Right before the fuzzer's Close",
    "26.3": "A Close inside of a message",
    "26.4": "A Close that crosses the peer's",
    "26.5": "A Close that is none",
  },
  cases: [
    ...BEHIND.map(([what, steps], index) =>
      closing(
        `26.1.${index + 1}`,
        `A Close with 1000, and in the same write ${what}.`,
        `The peer answers with 1000 or without a code, and ignores the rest (RFC 6455 §1.4). ${ONE}`,
        [close(1000), ...steps],
      )
    ),
    ...BEFORE.map(([what, steps, came], index): Case => ({
      ...closing(
        `26.2.${index + 1}`,
        `${what}, and in the same write a Close with 1000.`,
        `It is answered before the Close is (RFC 6455 §5.5.1). A peer that only answers the Close is NON-STRICT. ${ONE}`,
        [...steps, close(1000)],
      ),
      expected: [ok(...came), nonStrict()],
    })),
    ...UNFINISHED.map(([what, steps], index): Case => ({
      ...closing(
        `26.3.${index + 1}`,
        `${what}, and in the same write a Close with 3000.`,
        `The peer answers with 3000, with 1000 or without a code; the message is lost. ${ONE}`,
        [...steps, close(3000)],
      ),
      close: { ...NORMAL, codes: [3000, 1000] },
    })),
    ...CROSSING.map(([what, steps, code], index): Case => ({
      ...closing(
        `26.4.${index + 1}`,
        `${what}, and in the same write a Close with 1000.`,
        `The peer fails the connection with ${code}, and does not answer the Close besides (RFC 6455 §7.1.7). ${ONE}`,
        [...steps, close(1000)],
      ),
      close: { ...NORMAL, codes: [code] },
    })),
    ...WRONG.map(([description, steps, codes], index): Case => ({
      id: `26.5.${index + 1}`,
      description,
      expectation: `The peer fails the connection; if it sends a close code, it is ${codes.join(" or ")} (RFC 6455 §5.5).`,
      steps: [...steps, killAfter(1)],
      expected: [ok()],
      close: failsWith(...codes),
      ruling: "one-close",
    })),
  ],
};

function closing(id: string, description: string, expectation: string, steps: readonly Step[]): Case {
  return {
    id,
    description,
    expectation,
    steps: [...steps, killAfter(1)],
    expected: [ok()],
    close: NORMAL,
    ruling: "one-close",
    suppressClose: true,
  };
}
