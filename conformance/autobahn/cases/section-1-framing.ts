// What comes in: nothing. What goes out: section 1, whole messages in one frame each, at the lengths where the form of the length changes.
// RFC 6455 §5.2: 7 bits up to 125, 16 bits up to 65,535, 64 bits above; §5.6 for the two kinds. Next file: section-2-pings.ts.
import { binary, count, gotBinary, gotText, killAfter, NORMAL, ok, repeated, type Section, text } from "./build.ts";
import type { Case, Kind } from "./case.ts";

type Row = readonly [length: number, what: string, seconds: number, chop?: number];
const LENGTHS: readonly Row[] = [
  [0, "without payload", 1],
  [125, "of 125 octets, the longest whose length fits into seven bits", 1],
  [126, "of 126 octets, the shortest whose length takes the 16-bit form", 1],
  [127, "of 127 octets: the length that, as a seven-bit value, announces the 64-bit form", 1],
  [128, "of 128 octets, which a length taken for a signed octet would make negative", 1],
  [65_535, "of 65,535 octets, the longest whose length fits into 16 bits", 10],
  [65_536, "of 65,536 octets, the shortest whose length takes the 64-bit form", 10],
  [65_536, "of 65,536 octets, written 997 octets at a time, so that the peer reads the frame in many pieces", 10, 997],
];

/** Framing: 1.1 text, 1.2 binary. */
export const framing: Section = {
  titles: { "1": "Framing", "1.1": "Text messages", "1.2": "Binary messages" },
  cases: [
    ...LENGTHS.map((row, index) => oneFrame(`1.1.${index + 1}`, "text", row)),
    ...LENGTHS.map((row, index) => oneFrame(`1.2.${index + 1}`, "binary", row)),
  ],
};

function oneFrame(id: string, kind: Kind, [length, what, seconds, chop]: Row): Case {
  const payload = repeated(kind === "text" ? 0x2a : 0xfe, length);
  const frame = kind === "text" ? text : binary;
  return {
    id,
    description: `A ${kind} message in one frame ${what} (RFC 6455 §5.2).`,
    expectation: length === 0
      ? `An empty ${kind} message comes back: a message without payload is still a message.`
      : `A ${kind} message with the same ${count(length)} octets comes back.`,
    steps: [frame(payload, chop === undefined ? {} : { chop }), killAfter(seconds)],
    expected: [ok(kind === "text" ? gotText(payload) : gotBinary(payload))],
    close: NORMAL,
  };
}
