// What comes in: nothing. What goes out: 6.5 to 6.23, one text message in one frame each, as tables: octets, then what they are.
// RFC 3629 §3 and §4: which octets are UTF-8; RFC 6455 §8.1: what a peer does with those that are not.
// Next file: section-7-close.ts.
import {
  concat,
  fromHex,
  gotText,
  GREEK,
  INVALID_DATA,
  killAfter,
  message,
  NORMAL,
  ok,
  type Section,
  toHex,
  utf8,
} from "./build.ts";
import type { Case } from "./case.ts";

/** Octets as hexadecimal digits or as they are, what they are in words, and whether they are UTF-8. */
type Row = readonly [octets: string | Uint8Array, what: string, valid: boolean];

/** A sub-section: its number, its title, its rows, and the rule that they test: for valid rows, for the others. */
interface Group {
  readonly id: string;
  readonly title: string;
  readonly rows: readonly Row[];
  readonly whyValid?: string;
  readonly whyInvalid?: string;
}

const COMES_BACK = "The same text comes back.";
const FAILS = "Nothing comes back. The peer fails the connection; if it sends a close code, it is 1007.";

const LAST_OCTET_MISSING: readonly Row[] = [
  bad("c0", "the first of two octets for U+0000"),
  bad("e0 80", "the first two of three octets for U+0000"),
  bad("f0 80 80", "the first three of four octets for U+0000"),
  bad("f8 80 80 80", "the first four of five octets for U+0000"),
  bad("fc 80 80 80 80", "the first five of six octets for U+0000"),
  bad("df", "the first of two octets for U+07FF"),
  bad("ef bf", "the first two of three octets for U+FFFF"),
  bad("f7 bf bf", "the first three of four octets for U+1FFFFF"),
  bad("fb bf bf bf", "the first four of five octets for U+3FFFFFF"),
  bad("fd bf bf bf bf", "the first five of six octets for U+7FFFFFFF"),
];

const GROUPS: readonly Group[] = [
  {
    id: "6.5",
    title: "Characters of one to four octets",
    whyValid: "All its characters are in their shortest form (RFC 3629 §3).",
    rows: [
      good(utf8("hello$world"), "hello$world, only characters of one octet"),
      good(utf8("hello¢world"), "hello¢world, with U+00A2 in two octets"),
      good(utf8("hello€world"), "hello€world, with U+20AC in three octets"),
      good(utf8("hello\u{24b62}world"), "hello\u{24b62}world, with U+24B62 in four octets"),
      good(GREEK, "the Greek word κόσμε"),
    ],
  },
  {
    id: "6.6",
    title: "All prefixes of a text with characters of several octets",
    whyValid: "It ends where a character ends.",
    whyInvalid: "A text message must not end inside a character.",
    rows: Array.from(GREEK, (_, index): Row => {
      const length = index + 1;
      const what = length === 1 ? "the first octet" : length < 11 ? `the first ${length} octets` : "all 11 octets";
      return [GREEK.slice(0, length), `${what} of κόσμε`, [2, 5, 7, 9, 11].includes(length)];
    }),
  },
  {
    id: "6.7",
    title: "The first code point of each length",
    whyValid: "This form is the shortest for its code point (RFC 3629 §3).",
    rows: [
      good("00", "U+0000, the first of one octet"),
      good("c2 80", "U+0080, the first of two octets"),
      good("e0 a0 80", "U+0800, the first of three octets"),
      good("f0 90 80 80", "U+10000, the first of four octets"),
    ],
  },
  {
    id: "6.8",
    title: "The first code point of five and six octets",
    whyInvalid: "UTF-8 ends at four octets (RFC 3629 §3).",
    rows: [
      bad("f8 88 80 80 80", "what would be U+200000, the first of five octets"),
      bad("fc 84 80 80 80 80", "what would be U+4000000, the first of six octets"),
    ],
  },
  {
    id: "6.9",
    title: "The last code point of each length",
    whyValid: "Each length reaches this far (RFC 3629 §3).",
    rows: [
      good("7f", "U+007F, the last of one octet"),
      good("df bf", "U+07FF, the last of two octets"),
      good("ef bf bf", "U+FFFF, the last of three octets"),
      good("f4 8f bf bf", "U+10FFFF, the last of four octets"),
    ],
  },
  {
    id: "6.10",
    title: "The last code point of four, five and six octets by the old definition",
    whyInvalid: "Unicode ends at U+10FFFF (RFC 3629 §3).",
    rows: [
      bad("f7 bf bf bf", "what would be U+1FFFFF, in four octets"),
      bad("fb bf bf bf bf", "what would be U+3FFFFFF, in five octets"),
      bad("fd bf bf bf bf bf", "what would be U+7FFFFFFF, in six octets"),
    ],
  },
  {
    id: "6.11",
    title: "Other borders",
    whyValid: "This code point still belongs to Unicode text (RFC 3629 §3).",
    whyInvalid: "Unicode ends at U+10FFFF, so f4 is never followed by 90 or more (RFC 3629 §4).",
    rows: [
      good("ed 9f bf", "U+D7FF, the last before the surrogates"),
      good("ee 80 80", "U+E000, the first behind the surrogates"),
      good("ef bf bd", "U+FFFD, which decoders put in the place of what they cannot read"),
      good("f4 8f bf bf", "U+10FFFF, the last of all code points"),
      bad("f4 90 80 80", "what would be U+110000, the first beyond Unicode"),
    ],
  },
  {
    id: "6.12",
    title: "Continuation octets without a start",
    whyInvalid: "Octets from 80 to bf only continue a character that has begun (RFC 3629 §3).",
    rows: [
      bad("80", "the first continuation octet"),
      bad("bf", "the last continuation octet"),
      bad("80 bf", "two continuation octets"),
      bad("80 bf 80", "three continuation octets"),
      bad("80 bf 80 bf", "four continuation octets"),
      bad("80 bf 80 bf 80", "five continuation octets"),
      bad("80 bf 80 bf 80 bf", "six continuation octets"),
      // The range ends before bf: peers have been judged by these 63 octets ever since the suite was made.
      bad(range(0x80, 0xbf), "63 continuation octets, from 80 to be in order"),
    ],
  },
  {
    id: "6.13",
    title: "Start octets without a continuation",
    whyInvalid: "A start octet announces one or more continuation octets; a space is none (RFC 3629 §3).",
    // Here too the ranges end one octet early.
    rows: [
      bad(spaced(0xc0, 0xdf), "the 31 start octets from c0 to de, which announce one more, each with a space behind it"),
      bad(spaced(0xe0, 0xef), "the 15 start octets from e0 to ee, which announce two more, each with a space behind it"),
      bad(spaced(0xf0, 0xf7), "the 7 start octets from f0 to f6, which announce three more, each with a space behind it"),
      bad(spaced(0xf8, 0xfb), "the 3 start octets from f8 to fa, which announced four more, each with a space behind it"),
      bad(spaced(0xfc, 0xfd), "the start octet fc, which announced five more, with a space behind it"),
    ],
  },
  {
    id: "6.14",
    title: "Characters whose last octet is missing",
    whyInvalid: "The message ends inside a character, and most of these could not be completed at all (RFC 3629 §4).",
    rows: LAST_OCTET_MISSING,
  },
  {
    id: "6.15",
    title: "Many incomplete characters in a row",
    whyInvalid: "Each start octet stands where a continuation octet is due (RFC 3629 §3).",
    rows: [bad(concat(LAST_OCTET_MISSING.map(([octets]) => bytes(octets))), "the ten of 6.14, one behind the other, 30 octets")],
  },
  {
    id: "6.16",
    title: "Impossible octets",
    whyInvalid: "The octets fe and ff never occur in UTF-8 (RFC 3629 §1).",
    rows: [
      bad("fe", "an octet that never occurs"),
      bad("ff", "another octet that never occurs"),
      bad("fe fe ff ff", "both of these octets, twice each"),
    ],
  },
  {
    id: "6.17",
    title: "An ASCII character in overlong forms",
    whyInvalid: "Only the shortest form counts: others slip past those who look for a character (RFC 3629 §10).",
    rows: [
      bad("c0 af", "the slash U+002F in two octets"),
      bad("e0 80 af", "the slash U+002F in three octets"),
      bad("f0 80 80 af", "the slash U+002F in four octets"),
      bad("f8 80 80 80 af", "the slash U+002F in five octets"),
      bad("fc 80 80 80 80 af", "the slash U+002F in six octets"),
    ],
  },
  {
    id: "6.18",
    title: "The last code point that is overlong in each length",
    whyInvalid: "One octet less would do, so this form does not count (RFC 3629 §3).",
    rows: [
      bad("c1 bf", "U+007F in two octets"),
      bad("e0 9f bf", "U+07FF in three octets"),
      bad("f0 8f bf bf", "U+FFFF in four octets"),
      bad("f8 87 bf bf bf", "U+1FFFFF in five octets"),
      bad("fc 83 bf bf bf bf", "U+3FFFFFF in six octets"),
    ],
  },
  {
    id: "6.19",
    title: "U+0000 in overlong forms",
    whyInvalid: "Only the one octet 00 is U+0000; other forms hide it from those who look for it (RFC 3629 §10).",
    rows: [
      bad("c0 80", "U+0000 in two octets"),
      bad("e0 80 80", "U+0000 in three octets"),
      bad("f0 80 80 80", "U+0000 in four octets"),
      bad("f8 80 80 80 80", "U+0000 in five octets"),
      bad("fc 80 80 80 80 80", "U+0000 in six octets"),
    ],
  },
  {
    id: "6.20",
    title: "Single UTF-16 surrogates",
    whyInvalid: "Surrogates belong to UTF-16 only: ed is never followed by a0 or more (RFC 3629 §4).",
    rows: [
      bad("ed a0 80", "U+D800, the first high surrogate"),
      bad("ed ad bf", "U+DB7F, the last high surrogate before those for private use"),
      bad("ed ae 80", "U+DB80, the first high surrogate for private use"),
      bad("ed af bf", "U+DBFF, the last high surrogate"),
      bad("ed b0 80", "U+DC00, the first low surrogate"),
      bad("ed be 80", "U+DF80, a low surrogate"),
      bad("ed bf bf", "U+DFFF, the last low surrogate"),
    ],
  },
  {
    id: "6.21",
    title: "Paired UTF-16 surrogates",
    whyInvalid: "A pair is one character in UTF-16, but in UTF-8 it is two things that must not be (RFC 3629 §3).",
    rows: [
      bad("ed a0 80 ed b0 80", "U+D800 and U+DC00, in UTF-16 the pair for U+10000"),
      bad("ed a0 80 ed bf bf", "U+D800 and U+DFFF, in UTF-16 the pair for U+103FF"),
      bad("ed ad bf ed b0 80", "U+DB7F and U+DC00, in UTF-16 the pair for U+EFC00"),
      bad("ed ad bf ed bf bf", "U+DB7F and U+DFFF, in UTF-16 the pair for U+EFFFF"),
      bad("ed ae 80 ed b0 80", "U+DB80 and U+DC00, in UTF-16 the pair for U+F0000"),
      bad("ed ae 80 ed bf bf", "U+DB80 and U+DFFF, in UTF-16 the pair for U+F03FF"),
      bad("ed af bf ed b0 80", "U+DBFF and U+DC00, in UTF-16 the pair for U+10FC00"),
      bad("ed af bf ed bf bf", "U+DBFF and U+DFFF, in UTF-16 the pair for U+10FFFF"),
    ],
  },
  {
    id: "6.22",
    title: "Non-characters, which are valid UTF-8",
    whyValid: "Non-characters are code points like others on the wire: UTF-8 does not exclude them.",
    rows: Array.from({ length: 17 }, (_, plane) => [codePoint(plane * 0x10000 + 0xfffe), codePoint(plane * 0x10000 + 0xffff)])
      .flat(),
  },
  {
    id: "6.23",
    title: "Specials, the replacement character among them",
    whyValid: "The block of specials, U+FFF9 and on, is valid UTF-8 too.",
    rows: [
      good("ef bf b9", "U+FFF9, interlinear annotation anchor"),
      good("ef bf ba", "U+FFFA, interlinear annotation separator"),
      good("ef bf bb", "U+FFFB, interlinear annotation terminator"),
      good("ef bf bc", "U+FFFC, object replacement character"),
      good("ef bf bd", "U+FFFD, replacement character"),
      good("ef bf be", "U+FFFE, a byte order mark read in the wrong order"),
      good("ef bf bf", "U+FFFF, behind the last special"),
    ],
  },
];

/** Octet sequences that are UTF-8 or only look like it: 6.5 to 6.23. */
export const sequences: Section = {
  titles: Object.fromEntries(GROUPS.map(({ id, title }) => [id, title])),
  cases: GROUPS.flatMap((group) => group.rows.map((row, index) => oneMessage(group, index, row))),
};

function oneMessage(group: Group, index: number, [octets, what, valid]: Row): Case {
  const payload = bytes(octets);
  const digits = payload.byteLength <= 14 ? ` (${toHex(payload)})` : "";
  return {
    id: `${group.id}.${index + 1}`,
    description: `A text message in one frame: ${what}${digits}.`,
    expectation: valid ? `${COMES_BACK} ${group.whyValid}` : `${FAILS} ${group.whyInvalid}`,
    steps: [message("text", payload), killAfter(0.5)],
    expected: [valid ? ok(gotText(payload)) : ok()],
    close: valid ? NORMAL : INVALID_DATA,
  };
}

function good(octets: string | Uint8Array, what: string): Row {
  return [octets, what, true];
}

function bad(octets: string | Uint8Array, what: string): Row {
  return [octets, what, false];
}

function codePoint(value: number): Row {
  const plane = value >> 16;
  const which = (value & 1) === 0 ? "the last but one" : "the last";
  return good(utf8(String.fromCodePoint(value)), `U+${value.toString(16).toUpperCase()}, ${which} code point of plane ${plane}`);
}

/** The octets from `first` up to, but without, `end`. */
function range(first: number, end: number): Uint8Array {
  return Uint8Array.from({ length: end - first }, (_, index) => first + index);
}

function spaced(first: number, end: number): Uint8Array {
  return Uint8Array.from([...range(first, end)].flatMap((octet) => [octet, 0x20]));
}

function bytes(octets: string | Uint8Array): Uint8Array {
  return typeof octets === "string" ? fromHex(octets) : octets;
}
