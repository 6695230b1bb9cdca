// What comes in: nothing. What goes out: section 22, masks: a client masks every frame, a server none, and whoever gets it the other way
// round closes (RFC 6455 §5.1). As a client the fuzzer sends unmasked frames, as a server masked ones. Keys may have any value (§5.3).
// Next file: section-23-lengths.ts.
import {
  binary,
  closeAfter,
  continuation,
  frame,
  fromHex,
  gotPong,
  gotText,
  killAfter,
  nonStrict,
  NORMAL,
  ok,
  ping,
  pong,
  repeated,
  type Section,
  text,
} from "../build.ts";
import type { Case, ExpectedSet, Step } from "../case.ts";
import { failsWith, HELLO } from "./words.ts";

const REVERSED = { mask: "reversed" } as const;
const ZERO = { mask: "zero" } as const;

type Row = readonly [description: string, steps: readonly Step[]];
const WRONG: readonly Row[] = [
  ["A text message.", [text(HELLO, REVERSED)]],
  ["An empty text message.", [text("", REVERSED)]],
  ["A binary message of 65,536 octets.", [binary(repeated(0xfe, 65_536), REVERSED)]],
  ["A Ping.", [ping("ping", REVERSED)]],
  ["A Pong.", [pong("pong", REVERSED)]],
  ["A Close with 1000.", [frame(8, fromHex("03 e8"), REVERSED)]],
  ["The first of two fragments, the second one masked as it should be.", [
    text("fragment1", { ...REVERSED, fin: false }),
    continuation("fragment2"),
  ]],
  ["The second of two fragments, the first one masked as it should be.", [
    text("fragment1", { fin: false }),
    continuation("fragment2", REVERSED),
  ]],
  ["A text message, one octet at a time.", [text(HELLO, { ...REVERSED, chop: 1 })]],
];

/** Masking: 22.1 and 22.2. */
export const masking: Section = {
  titles: { "22": "Masking", "22.1": "Masks in the wrong direction", "22.2": "Masking keys" },
  cases: [
    ...WRONG.map(([description, steps], index) => wrong(`22.1.${index + 1}`, description, steps, [ok()])),
    {
      ...wrong("22.1.10", "A text message as it should be, then another, then a Ping.", [
        text(HELLO),
        text("again", REVERSED),
        ping(),
      ], [ok(gotText(HELLO)), nonStrict()]),
      expectation: "The first message comes back, then the peer fails the connection; if it sends a close code, it is 1002. " +
        "A peer that fails without the echo is NON-STRICT.",
    },
    right("22.2.1", "A text message with the masking key 00000000.", [text(HELLO, ZERO)], [ok(gotText(HELLO))]),
    right("22.2.2", "An empty text message with the masking key 00000000.", [text("", ZERO)], [ok(gotText(""))]),
    right("22.2.3", "A Ping with the masking key 00000000.", [ping(HELLO, ZERO)], [ok(gotPong(HELLO))]),
  ],
};

function wrong(id: string, description: string, steps: readonly Step[], expected: readonly ExpectedSet[]): Case {
  return {
    id,
    description: `${description} Unmasked, where the fuzzer is a client; masked, where it is a server.`,
    expectation: "Nothing comes back. The peer fails the connection; if it sends a close code, it is 1002 (RFC 6455 §5.1).",
    steps: [...steps, killAfter(1)],
    expected,
    close: failsWith(1002),
    // An answer to the Close would look like a failure otherwise.
    ruling: "wrong-code-fails",
  };
}

function right(id: string, description: string, steps: readonly Step[], expected: readonly ExpectedSet[]): Case {
  return {
    id,
    description,
    expectation: "It comes back: that a key changes nothing does not make the frame an unmasked one (RFC 6455 §5.3).",
    role: "client",
    steps: [...steps, closeAfter(1)],
    expected,
    close: NORMAL,
  };
}
