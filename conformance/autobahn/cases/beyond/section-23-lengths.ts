// What comes in: nothing. What goes out: section 23, lengths: the shortest form is the only one, the highest bit of 64 is zero, and a length
// is a promise that nobody has to wait for. RFC 6455 §5.2, §5.5, §7.4.1, §10.4. Next file: section-24-negotiation.ts.
import {
  binary,
  continuation,
  count,
  frame,
  fromHex,
  gotText,
  killAfter,
  nonStrict,
  ok,
  ping,
  pong,
  repeated,
  type Section,
  text,
} from "../build.ts";
import type { Case, Step } from "../case.ts";
import { failsWith, HELLO } from "./words.ts";

const FAILS = "Nothing comes back. The peer fails the connection; if it sends a close code, it is 1002";
const LONGER: readonly (readonly [length: number, form: 2 | 8])[] = [
  [0, 2],
  [1, 2],
  [125, 2],
  [0, 8],
  [125, 8],
  [126, 8],
  [65_535, 8],
];
const OTHERS: readonly (readonly [what: string, steps: readonly Step[]])[] = [
  ["a binary message", [binary(fromHex("00 ff"), { form: 2 })]],
  ["the last fragment of a text", [text("fragment1", { fin: false }), continuation("fragment2", { form: 2 })]],
  ["a Ping", [ping("ping", { form: 2 })]],
  ["a Pong", [pong("pong", { form: 2 })]],
  ["a Close with 1000", [frame(8, fromHex("03 e8"), { form: 2 })]],
];
/** Written so that a double holds them exactly. */
const TOP_BIT: readonly (readonly [length: number, what: string])[] = [
  [2 ** 63, "2^63"],
  [2 ** 63 + 2 ** 32, "2^63 + 2^32"],
  [2 ** 64 - 2 ** 11, "2^64 - 2^11"],
];
const HUGE: readonly (readonly [length: number, what: string])[] = [
  [2 ** 31, "2^31"],
  [2 ** 32, "2^32"],
  [2 ** 32 + 5, "2^32 + 5, of which the lower half alone would be 5"],
  [2 ** 53, "2^53"],
  [2 ** 62, "2^62"],
];

/** Lengths: 23.1 to 23.4. */
export const lengths: Section = {
  titles: {
    "23": "Length encoding",
    "23.1": "Lengths that are longer than they need to be",
    "23.2": "The same in other frames",
    "23.3": "Lengths of 64 bits whose highest bit is set",
    "23.4": "Lengths that promise too much",
  },
  cases: [
    ...LONGER.map(([length, form], index) =>
      failing(
        `23.1.${index + 1}`,
        `A text message of ${count(length)} octets, its length in ${form === 2 ? 16 : 64} bits.`,
        [text(repeated(0x2a, length), { form })],
      )
    ),
    {
      ...failing("23.1.8", "A text message as it should be, then one with its length in 16 bits, then a Ping.", [
        text(HELLO),
        text("again", { form: 2 }),
        ping(),
      ]),
      expectation: "The first message comes back, then the peer fails the connection with 1002. " +
        "A peer that fails without the echo is NON-STRICT.",
      expected: [ok(gotText(HELLO)), nonStrict()],
    },
    ...OTHERS.map(([what, steps], index) =>
      failing(`23.2.${index + 1}`, `The length of ${what} in 16 bits, where 7 are enough.`, steps)
    ),
    ...TOP_BIT.map(([declare, what], index): Case => ({
      ...failing(`23.3.${index + 1}`, `A frame that declares ${what} octets, and none of them.`, [binary("", { declare })]),
      expectation: `${FAILS}, or 1009. The highest bit must be 0 (RFC 6455 §5.2).`,
      close: failsWith(1002, 1009),
    })),
    ...HUGE.map(([declare, what], index) => promising(`23.4.${index + 1}`, what, [binary("", { declare })])),
    promising(`23.4.${HUGE.length + 1}`, "2^53, as the last fragment of a message", [
      text("fragment1", { fin: false }),
      continuation("", { declare: 2 ** 53 }),
    ]),
  ],
};

function failing(id: string, description: string, steps: readonly Step[]): Case {
  return {
    id,
    description,
    expectation: `${FAILS}: the minimal number of octets must be used (RFC 6455 §5.2).`,
    steps: [...steps, killAfter(1)],
    expected: [ok()],
    close: failsWith(1002),
    ruling: "wrong-code-fails",
  };
}

function promising(id: string, what: string, steps: readonly Step[]): Case {
  return {
    ...failing(id, `A frame that declares ${what}, and not one octet of payload.`, steps),
    expectation:
      "A peer with a limit fails the connection at once, with 1009 (RFC 6455 §7.4.1, §10.4). Without one it waits: informational.",
    close: failsWith(1009),
    ruling: "limit-optional",
  };
}
