// What comes in: the name of a document. What goes out: its octets, made on first use and then kept; the same in every run.
// Sections 12 and 13 send slices of these. Only three things matter to them: text is UTF-8, a document is longer than the longest
// message (131,072), and it compresses like what it stands for, since the time of a case depends on that.
// Next file: documents-text.ts, the two reports and the prose; then documents-binary.ts.
import type { DocumentName, Kind } from "./case.ts";
import { bitmap, mixed } from "./documents-binary.ts";
import { htmlReport, jsonReport, prose } from "./documents-text.ts";

/** What a document is. */
export interface Document {
  /** How its messages are sent: text is cut between characters, binary anywhere. */
  readonly kind: Kind;
  /** The title of a sub-section. */
  readonly title: string;
  /** Inside a sentence. */
  readonly what: string;
  /** Octets. */
  readonly size: number;
}

/** The documents of sections 12 and 13. */
export const DOCUMENTS: Readonly<Record<DocumentName, Document>> = {
  json: { kind: "text", title: "JSON report, text, 194,056 octets", what: "a JSON report", size: 194_056 },
  bitmap: { kind: "binary", title: "Grey bitmap of 512 by 512, binary, 263,222 octets", what: "a grey bitmap", size: 263_222 },
  prose: {
    kind: "binary",
    title: "Verse, sent as binary, 222,218 octets",
    what: "verse in UTF-8",
    size: 222_218,
  },
  html: { kind: "text", title: "HTML report, text, 263,647 octets", what: "an HTML report", size: 263_647 },
  mixed: {
    kind: "binary",
    title: "Packed pictures and page operators, binary, 1,042,328 octets",
    what: "a file of packed pictures and page operators",
    size: 1_042_328,
  },
};

/**
 * The octets of a document. They are shared and must not be written to. Text has no character beyond U+FFFF, so that its characters are
 * the UTF-16 units of the decoded string.
 */
export function documentOctets(name: DocumentName): Uint8Array {
  const kept = made.get(name);
  if (kept !== undefined) return kept;
  const octets = MAKERS[name](DOCUMENTS[name].size);
  made.set(name, octets);
  return octets;
}

const made = new Map<DocumentName, Uint8Array>();
const MAKERS: Readonly<Record<DocumentName, (size: number) => Uint8Array>> = {
  json: jsonReport,
  html: htmlReport,
  prose,
  bitmap,
  mixed,
};
