// What comes in: a document. What goes out: the messages that sections 12 and 13 cut from it, one behind the other and round its end.
// Text is cut between characters: where each one begins is worked out once for a document, so that no message is encoded again.
// Next file: conduct.ts.
import { concat } from "../../frames/encode.ts";

/** Gives the next message: octets that are borrowed and not to be written to. */
export type Slices = () => Uint8Array;

/** Messages of `length` characters (text) or octets (binary), from the start of the document on. */
export function createSlices(document: Uint8Array, length: number, text: boolean): Slices {
  const starts = text ? characterStarts(document) : null;
  const size = starts === null ? document.byteLength : starts.length - 1;
  const octetAt = (unit: number): number => starts === null ? unit : starts[unit];
  let from = 0;
  return () => {
    const to = (from + length) % size;
    const head = document.subarray(octetAt(from), octetAt(to > from ? to : size));
    const message = to > from ? head : concat([head, document.subarray(0, octetAt(to))]);
    from = to;
    return message;
  };
}

/** How many characters valid UTF-8 has. */
export function countCharacters(octets: Uint8Array): number {
  let count = 0;
  for (const octet of octets) if ((octet & 0xc0) !== 0x80) count++;
  return count;
}

/** Where each character begins, and the end; null where that is at every octet. */
function characterStarts(document: Uint8Array): Uint32Array | null {
  const kept = known.get(document);
  if (kept !== undefined) return kept;
  const count = countCharacters(document);
  const starts = count === document.byteLength ? null : new Uint32Array(count + 1);
  if (starts !== null) {
    let unit = 0;
    for (let at = 0; at < document.byteLength; at++) if ((document[at] & 0xc0) !== 0x80) starts[unit++] = at;
    starts[count] = document.byteLength;
  }
  known.set(document, starts);
  return starts;
}

const known = new WeakMap<Uint8Array, Uint32Array | null>();
