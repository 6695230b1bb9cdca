// What comes in: nothing. What goes out: section 6. Here 6.1 to 6.4: characters across frames, and how early bad text is noticed.
// RFC 6455 §5.6 and §8.1: a text message is UTF-8 as a whole, its frames need not be; bad text fails the connection with 1007.
// Next file: utf8-sequences.ts, which has 6.5 to 6.23.
import {
  closeAfter,
  concat,
  continuation,
  fromHex,
  gotText,
  GREEK,
  INVALID_DATA,
  killAfter,
  message,
  nonStrict,
  NORMAL,
  ok,
  type Section,
  stillOpen,
  text,
  utf8,
} from "./build.ts";
import type { Case, Step } from "./case.ts";
import { sequences } from "./utf8-sequences.ts";

/** 22 characters, 29 octets. */
const SAMPLE = utf8("Hello-µ@ßöäüàá-UTF-8!!");
const SURROGATE = fromHex("ed a0 80");
const BEYOND = fromHex("f4 90 80 80");
const EDITED = utf8("edited");
const BAD = concat([GREEK, SURROGATE, EDITED]);

const BLOCKS = 'κόσμε, then f4 90 80 80, which would be U+110000, then "edited"';
const FAILS_FAST =
  "The octet 90 cannot follow f4, so the peer fails the connection at once, before the third part: with 1007, if it sends a code. " +
  "A peer that fails only when the whole message is there is NON-STRICT.";

/** UTF-8: 6.1 to 6.23. */
export const utf8Handling: Section = {
  titles: {
    "6": "UTF-8",
    "6.1": "Valid text with empty fragments",
    "6.2": "Valid text in one frame, cut between characters, cut inside characters",
    "6.3": "Invalid text in one frame and in many",
    "6.4": "Failing fast on invalid text",
    ...sequences.titles,
  },
  cases: [
    {
      id: "6.1.1",
      description: "A text message in one frame, with an empty payload.",
      expectation: "An empty text message comes back: an empty text is valid UTF-8.",
      steps: [text(""), closeAfter(1)],
      expected: [ok(gotText(""))],
      close: NORMAL,
    },
    {
      id: "6.1.2",
      description: "A text message in three frames, all of them empty.",
      expectation: "One empty text message comes back (RFC 6455 §5.4).",
      steps: [text("", { fin: false }), continuation("", { fin: false }), continuation(""), closeAfter(1)],
      expected: [ok(gotText(""))],
      close: NORMAL,
    },
    {
      id: "6.1.3",
      description: "A text message in three frames, of which only the middle one has a payload.",
      expectation: "One text message with the payload of the middle frame comes back.",
      steps: [
        text("", { fin: false }),
        continuation("middle frame payload", { fin: false }),
        continuation(""),
        closeAfter(1),
      ],
      expected: [ok(gotText("middle frame payload"))],
      close: NORMAL,
    },
    {
      id: "6.2.1",
      description: "A text message in one frame, with characters of one and of two octets.",
      expectation: "The same text comes back.",
      steps: [message("text", SAMPLE), closeAfter(1)],
      expected: [ok(gotText(SAMPLE))],
      close: NORMAL,
    },
    {
      id: "6.2.2",
      description: "The text of 6.2.1 in two frames, cut between two characters: 15 and 14 octets.",
      expectation: "The same text comes back, as one message.",
      steps: [text(SAMPLE.subarray(0, 15), { fin: false }), continuation(SAMPLE.subarray(15)), closeAfter(1)],
      expected: [ok(gotText(SAMPLE))],
      close: NORMAL,
    },
    {
      id: "6.2.3",
      description:
        "The text of 6.2.1 in frames of one octet each, so that each character of two octets is cut; the last frame is empty.",
      expectation: "The same text comes back: only the message as a whole must be UTF-8 (RFC 6455 §5.6).",
      steps: [message("text", SAMPLE, 1), closeAfter(1)],
      expected: [ok(gotText(SAMPLE))],
      close: NORMAL,
    },
    {
      id: "6.2.4",
      description: "The Greek word κόσμε in frames of one octet each, so that a character of three octets is cut twice.",
      expectation: "The same text comes back: only the message as a whole must be UTF-8 (RFC 6455 §5.6).",
      steps: [message("text", GREEK, 1), closeAfter(1)],
      expected: [ok(gotText(GREEK))],
      close: NORMAL,
    },
    {
      id: "6.3.1",
      description: 'A text message in one frame: κόσμε, then the surrogate U+D800 as ed a0 80, then "edited".',
      expectation: "Nothing comes back. The peer fails the connection; if it sends a close code, it is 1007 (RFC 6455 §8.1).",
      steps: [message("text", BAD), killAfter(1)],
      expected: [ok()],
      close: INVALID_DATA,
    },
    {
      id: "6.3.2",
      description: "The invalid text of 6.3.1 in frames of one octet each; the last frame is empty.",
      expectation: "As in 6.3.1: however the octets are cut, the peer fails the connection, with 1007 if it sends a code.",
      steps: [message("text", BAD, 1), killAfter(1)],
      expected: [ok()],
      close: INVALID_DATA,
    },
    failFast(
      "6.4.1",
      `Invalid text in three frames, one second apart: ${BLOCKS}. The middle frame is wrong as a whole.`,
      text(GREEK, { fin: false }),
      continuation(BEYOND, { fin: false }),
      [continuation(EDITED)],
    ),
    failFast(
      "6.4.2",
      `The text of 6.4.1 in three frames, one second apart, cut around the octet 90: κόσμε and f4, then 90, then the rest.`,
      text(concat([GREEK, BEYOND.subarray(0, 1)]), { fin: false }),
      continuation(BEYOND.subarray(1, 2), { fin: false }),
      [continuation(concat([BEYOND.subarray(2), EDITED]))],
    ),
    failFast(
      "6.4.3",
      `Invalid text in one frame of 21 octets, whose payload comes in three parts, one second apart: ${BLOCKS}. ` +
        "An empty continuation with FIN ends the message.",
      [{ do: "beginFrame", kind: "text", length: 21 }, part(GREEK)],
      part(BEYOND),
      [part(EDITED), { do: "endMessage" }],
    ),
    failFast(
      "6.4.4",
      "The frame of 6.4.3, its payload in three parts, one second apart, cut around the octet 90: κόσμε and f4, then 90, then the rest. " +
        "An empty continuation with FIN ends the message.",
      [{ do: "beginFrame", kind: "text", length: 21 }, part(concat([GREEK, BEYOND.subarray(0, 1)]))],
      part(BEYOND.subarray(1, 2)),
      [part(concat([BEYOND.subarray(2), EDITED])), { do: "endMessage" }],
    ),
    ...sequences.cases,
  ],
};

function part(payload: Uint8Array): Step {
  return { do: "frameData", payload };
}

/** Three parts; the second and the third are sent, and their tags recorded, only if the peer still holds the connection open. */
function failFast(id: string, description: string, first: Step | readonly Step[], second: Step, third: readonly Step[]): Case {
  const last: Step = { do: "wait", seconds: 1, tag: "B", onlyOpen: true, then: [...third, killAfter(1)] };
  const middle: Step = { do: "wait", seconds: 1, tag: "A", onlyOpen: true, then: [second, last] };
  return {
    id,
    description,
    expectation: FAILS_FAST,
    steps: [first, middle].flat(),
    expected: [ok(stillOpen("A")), nonStrict(stillOpen("A"), stillOpen("B"))],
    close: INVALID_DATA,
  };
}
