// What comes in: nothing. What goes out: section 7, every Close that the fuzzer can begin with, good and bad, and what it sends behind one.
// RFC 6455 §5.5.1: the payload of a Close; §7.1: the close handshake; §7.4: the codes. Here the fuzzer always closes first, so a wrong
// code in the answer fails the whole case. Next file: section-9-limits.ts.
import {
  close,
  concat,
  continuation,
  frame,
  fromHex,
  gotText,
  GREEK,
  killAfter,
  nonStrict,
  NORMAL,
  ok,
  pattern,
  ping,
  type Section,
  text,
  utf8,
} from "./build.ts";
import type { Case, CloseExpectation, Step } from "./case.ts";

const HELLO = "Hello World!";
const HANDSHAKE = "The peer answers with a Close that has code 1000 or none.";
const QUIET = `${HANDSHAKE} What comes behind the fuzzer's Close is ignored (RFC 6455 §5.5.1).`;
const FAILS = "The peer fails the connection; if it sends a close code, it is 1002.";
const STARRED = "*".repeat(124);
const SURROGATE = concat([GREEK, fromHex("ed a0 80"), utf8("edited")]);

const VALID_CODES: readonly (readonly [code: number, what: string])[] = [
  [1000, "normal closure"],
  [1001, "going away"],
  [1002, "protocol error"],
  [1003, "unsupported data"],
  [1007, "invalid payload data"],
  [1008, "policy violation"],
  [1009, "message too big"],
  [1010, "mandatory extension"],
  [1011, "internal error"],
  [3000, "the first code for libraries and frameworks"],
  [3999, "the last code for libraries and frameworks"],
  [4000, "the first code for private use"],
  [4999, "the last code for private use"],
];

const INVALID_CODES: readonly (readonly [code: number, what: string])[] = [
  [0, "the lowest number, far below all codes"],
  [999, "just below the first code"],
  [1004, "reserved, and without a meaning so far"],
  [1005, "which stands for a Close without a code and is never sent"],
  [1006, "which stands for a connection that ended without a Close and is never sent"],
  [1016, "which the registry of close codes does not have"],
  [1100, "reserved for later versions of the protocol"],
  [2000, "reserved for later versions of the protocol"],
  [2999, "the last that is reserved for later versions of the protocol"],
];

/** Closing: 7.1 to 7.13, of which 7.2, 7.4 and others have no cases. */
export const closing: Section = {
  titles: {
    "7": "Close",
    "7.1": "The close handshake and what comes behind it",
    "7.3": "Close payloads of all lengths",
    "7.5": "Close reasons that are not UTF-8",
    "7.7": "Valid close codes",
    "7.9": "Invalid close codes",
    "7.13": "Close codes that the RFC leaves open",
  },
  cases: [
    {
      id: "7.1.1",
      description: "A text message, and when its echo is there, a Close with 1000.",
      expectation: `The text comes back. ${HANDSHAKE}`,
      steps: [text(HELLO), killAfter(1)],
      expected: [ok(gotText(HELLO))],
      close: NORMAL,
      ruling: "wrong-code-fails",
    },
    afterClose("7.1.2", "A Close with 1000, then a second Close, without payload.", [close(1000), frame(8)]),
    afterClose("7.1.3", "A Close with 1000, then a Ping.", [close(1000), ping()], "No Pong: "),
    afterClose("7.1.4", "A Close with 1000, then a text message.", [close(1000), text(HELLO)], "No echo: "),
    afterClose(
      "7.1.5",
      "A text frame without FIN, then a Close with 1000, then the continuation that would complete the message.",
      [text("fragment1", { fin: false }), close(1000), continuation("fragment2")],
      "No echo: ",
    ),
    {
      id: "7.1.6",
      description: "A text message of 256 KiB, a short one, a Close with 1000, and a Ping, all at once.",
      expectation: "Informational: it shows whether the peer sends its echoes before it answers the Close.",
      steps: [text(pattern("BAsd7&jh23", 262_144)), text(HELLO), close(1000), ping(), killAfter(1)],
      expected: [ok(gotText(HELLO)), nonStrict()],
      close: NORMAL,
      ruling: "message-then-close",
      suppressClose: true,
    },
    closeOnly("7.3.1", "A Close without payload.", [close()], HANDSHAKE, NORMAL),
    closeOnly(
      "7.3.2",
      "A Close with one octet of payload, where a code takes two (RFC 6455 §5.5.1).",
      [close(undefined, "a")],
      FAILS,
      failedWith(1002),
    ),
    closeOnly("7.3.3", "A Close with 1000 and no reason.", [close(1000)], HANDSHAKE, NORMAL),
    closeOnly("7.3.4", "A Close with 1000 and a reason.", [close(1000, HELLO)], HANDSHAKE, NORMAL),
    closeOnly(
      "7.3.5",
      "A Close with 1000 and a reason of 123 octets: 125 in all, the most that a control frame may carry.",
      [close(1000, STARRED.slice(0, 123))],
      HANDSHAKE,
      NORMAL,
    ),
    closeOnly(
      "7.3.6",
      "A Close with 1000 and a reason of 124 octets: 126 in all, one more than a control frame may carry (RFC 6455 §5.5).",
      [close(1000, STARRED)],
      FAILS,
      failedWith(1002),
    ),
    {
      ...closeOnly(
        "7.5.1",
        "A Close with 1000 and a reason with the surrogate U+D800 as ed a0 80, which is not UTF-8 (RFC 6455 §5.5.1).",
        [close(1000, SURROGATE)],
        "The peer fails the connection; if it sends a close code, it is 1007 or 1002.",
        failedWith(1002, 1007),
      ),
      ruling: "invalid-reason",
    },
    ...VALID_CODES.map(([code, what], index): Case => ({
      id: `7.7.${index + 1}`,
      description: `A Close with ${code}, ${what} (RFC 6455 §${code >= 1000 && code < 1016 ? "7.4.1" : "7.4.2"}).`,
      expectation: code === 1000 ? HANDSHAKE : `The peer answers with a Close that has code ${code}, 1000 or none.`,
      steps: [close(code), killAfter(1)],
      expected: [ok()],
      close: { ...NORMAL, codes: [1000, code] },
      ruling: "wrong-code-fails",
    })),
    ...INVALID_CODES.map(([code, what], index): Case => ({
      id: `7.9.${index + 1}`,
      description: `A Close with ${code}, ${what} (RFC 6455 §${code >= 1000 && code < 1016 ? "7.4.1" : "7.4.2"}).`,
      expectation: FAILS,
      steps: [close(code), killAfter(1)],
      expected: [ok()],
      close: failedWith(1002),
      ruling: "wrong-code-fails",
    })),
    beyondAllRanges("7.13.1", 5000, "the first number above all ranges that have a meaning"),
    beyondAllRanges("7.13.2", 65_535, "the highest number that two octets hold"),
  ],
};

function afterClose(id: string, description: string, steps: readonly Step[], silence: string = ""): Case {
  const expectation = silence === ""
    ? QUIET
    : `${HANDSHAKE} ${silence}what comes behind the fuzzer's Close is ignored (RFC 6455 §5.5.1).`;
  return closeOnly(id, description, steps, expectation, NORMAL);
}

function closeOnly(id: string, description: string, steps: readonly Step[], expectation: string, end: CloseExpectation): Case {
  return {
    id,
    description,
    expectation,
    steps: [...steps, killAfter(1)],
    expected: [ok()],
    close: end,
    ruling: "wrong-code-fails",
    suppressClose: true,
  };
}

function beyondAllRanges(id: string, code: number, what: string): Case {
  return {
    ...closeOnly(
      id,
      `A Close with ${code}, ${what} (RFC 6455 §7.4.2).`,
      [close(code)],
      "Informational: the RFC says nothing about such codes. Peers answer with 1000, with the same code, with 1002, or without one.",
      { ...NORMAL, codes: [1000, code, 1002], requireClean: false },
    ),
    ruling: "undefined-by-rfc",
  };
}

function failedWith(...codes: readonly number[]): CloseExpectation {
  return { closedByMe: true, codes, requireClean: false };
}
