// What comes in: nothing. What goes out: section 13, one document, compressed with different parameters.
// RFC 7692 §7.1.1: no context takeover; §7.1.2: window bits. A fuzzing client limits the peer's compressor by its offer, a fuzzing server
// by its answer: the same row means the server_ parameters in the one and the client_ parameters in the other. Next file: documents.ts.
import type { Section } from "./build.ts";
import type { Case, DeflateRow } from "./case.ts";
import { compressed } from "./compression.ts";

/** The rows that are offered, or tried in an answer, in order; a title; what they ask of the peer's compressor. */
type Parameters = readonly [rows: readonly DeflateRow[], title: string, asks: string];

const PARAMETERS: readonly Parameters[] = [
  [[row(false, 0)], "Nothing asked", "Nothing is asked of the peer's compressor."],
  [[row(true, 0)], "No context takeover", "The peer is asked to forget its window after each message (RFC 7692 §7.1.1)."],
  [[row(false, 9)], "Window of 9 bits", "The peer is asked for a window of 512 octets (RFC 7692 §7.1.2)."],
  [[row(false, 15)], "Window of 15 bits", "The peer is asked for a window of 32 KiB, the largest (RFC 7692 §7.1.2)."],
  [
    [row(true, 9)],
    "No context takeover, window of 9 bits",
    "The peer is asked for a window of 512 octets, and to forget it after each message.",
  ],
  [
    [row(true, 15)],
    "No context takeover, window of 15 bits",
    "The peer is asked for a window of 32 KiB, and to forget it after each message.",
  ],
  [
    [row(true, 9), row(true, 0), row(false, 0)],
    "Three wishes, the strictest first",
    "One of three wishes is granted: a window of 512 octets that is forgotten after each message, a window that is forgotten, nothing.",
  ],
];

/** Compression with different parameters: 13.1 to 13.7. */
export const parameters: Section = {
  titles: {
    "13": "Compression: parameters",
    ...Object.fromEntries(PARAMETERS.map(([, title], index) => [`13.${index + 1}`, title])),
  },
  cases: PARAMETERS.flatMap(([rows, , asks], index): Case[] =>
    compressed(`13.${index + 1}`, "json", { offers: rows, accepts: rows }, asks)
  ),
};

function row(noContextTakeover: boolean, windowBits: number): DeflateRow {
  return { noContextTakeover, windowBits };
}
