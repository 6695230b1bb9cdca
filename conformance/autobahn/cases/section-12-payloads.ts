// What comes in: nothing. What goes out: section 12, compression of five documents that compress well, badly, hardly.
// RFC 7692 §7: the fuzzer asks for no parameter; what the peer wishes for itself, it gets.
// Next file: section-13-parameters.ts.
import type { DeflateWish, DocumentName } from "./case.ts";
import { compressed } from "./compression.ts";
import type { Section } from "./build.ts";
import { DOCUMENTS } from "./documents.ts";

const PLAIN: DeflateWish = {
  offers: [{ noContextTakeover: false, windowBits: 0 }],
  accepts: [{ noContextTakeover: false, windowBits: 0 }],
};
const ORDER: readonly DocumentName[] = ["json", "bitmap", "prose", "html", "mixed"];

/** Compression of different payloads: 12.1 to 12.5. */
export const payloads: Section = {
  titles: {
    "12": "Compression: payloads",
    ...Object.fromEntries(ORDER.map((name, index) => [`12.${index + 1}`, DOCUMENTS[name].title])),
  },
  cases: ORDER.flatMap((name, index) =>
    compressed(
      `12.${index + 1}`,
      name,
      PLAIN,
      "Compression is negotiated without asking for a parameter (RFC 7692 §7.1).",
    )
  ),
};
