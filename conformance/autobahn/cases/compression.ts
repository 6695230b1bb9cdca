// What comes in: a document and what is negotiated. What goes out: the 18 cases that every sub-section of 12 and 13 has.
// RFC 7692 §7.2: 1,000 messages, one after the echo of the other; sizes grow, then the largest are cut into frames.
// Next file: section-12-payloads.ts.
import { count, NORMAL } from "./build.ts";
import type { Case, DeflateWish, DocumentName } from "./case.ts";
import { DOCUMENTS } from "./documents.ts";

const MESSAGES = 1000;

type Row = readonly [length: number, seconds: number, fragment: number];
const ROWS: readonly Row[] = [
  [16, 60, 0],
  [64, 60, 0],
  [256, 120, 0],
  [1024, 240, 0],
  [4096, 480, 0],
  [8192, 480, 0],
  [16_384, 480, 0],
  [32_768, 480, 0],
  [65_536, 480, 0],
  [131_072, 480, 0],
  [8192, 480, 256],
  [16_384, 480, 256],
  [32_768, 480, 256],
  [65_536, 480, 256],
  [131_072, 480, 256],
  [131_072, 480, 1024],
  [131_072, 480, 4096],
  [131_072, 480, 32_768],
];

/** The cases `prefix`.1 to `prefix`.18. `negotiated` is a sentence about the extension, with which the descriptions end. */
export function compressed(prefix: string, document: DocumentName, deflate: DeflateWish, negotiated: string): Case[] {
  const { kind, what } = DOCUMENTS[document];
  const unit = kind === "text" ? "characters" : "octets";
  return ROWS.map(([length, seconds, fragment], index): Case => ({
    id: `${prefix}.${index + 1}`,
    description: `${count(MESSAGES)} compressed ${kind} messages of ${count(length)} ${unit} each, taken from ${what}` +
      `${fragment === 0 ? "" : `, their compressed octets in frames of at most ${count(fragment)}`}. ${negotiated}`,
    expectation: `Each comes back with its kind, length and contents before the next is sent, all within ${seconds} seconds. ` +
      "A peer that does not agree to compress is UNIMPLEMENTED, not FAILED.",
    steps: [],
    conduct: { type: "ping-pong", kind, count: MESSAGES, length, seconds, content: { document }, fragment },
    expected: [],
    close: NORMAL,
    deflate,
  }));
}
