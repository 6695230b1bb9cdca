// What comes in: the payload of a text message in any pieces. What goes out: as early as possible, where it stops being UTF-8.
// RFC 6455 §8.1, RFC 3629 §4. Whole pieces are judged by the runtime; only what it rejects, and a character that two pieces share, is
// read octet by octet. Next file: growing.ts.
import { isUtf8 } from "node:buffer";
import { concat } from "../../frames/encode.ts";
import { judgeUtf8 } from "../../frames/utf8.ts";

/** Watches one text message after the other. */
export class Utf8Watch {
  /** What has been pushed since `begin` ends with a whole character. */
  complete = true;
  /** Where the first wrong octet stands in the message; without one, how many octets there were. */
  at = 0;
  #wrong = false;
  /** The beginning of a character whose end is still missing. */
  #open: Uint8Array = NOTHING;

  /** A message begins. */
  begin(): void {
    this.complete = true;
    this.at = 0;
    this.#wrong = false;
    this.#open = NOTHING;
  }

  /** false: the message cannot be UTF-8 any more. Stays false, except that nothing is wrong with no octets. */
  push(bytes: Uint8Array): boolean {
    if (bytes.byteLength === 0) return true;
    if (this.#wrong) return false;
    const text = this.#open.byteLength === 0 ? bytes : concat([this.#open, bytes]);
    const before = this.at - this.#open.byteLength;
    const whole = wholeCharacters(text);
    const rest = text.slice(whole);
    if (!isUtf8(text.subarray(0, whole)) || judgeUtf8(rest).wrongAt >= 0) {
      this.at = before + judgeUtf8(text).wrongAt;
      this.#wrong = true;
      this.complete = false;
      return false;
    }
    this.at += bytes.byteLength;
    this.#open = rest;
    this.complete = rest.byteLength === 0;
    return true;
  }
}

/** How many octets there are before a character that is cut off at the end. */
function wholeCharacters(text: Uint8Array): number {
  const size = text.byteLength;
  for (let back = 1; back <= Math.min(3, size); back++) {
    const octet = text[size - back];
    if ((octet & 0xc0) === 0x80) continue;
    const needs = octet >= 0xf0 ? 4 : octet >= 0xe0 ? 3 : octet >= 0xc0 ? 2 : 1;
    return needs > back ? size - back : size;
  }
  return size;
}

const NOTHING = new Uint8Array(0);
