// Strings to octets and back. The only file of the core that names host classes: TextDecoder and TextEncoder.
// What comes in: octets or a string, and perhaps faster functions of the host. RFC 6455 §8.1, RFC 3629. Next file: mask.ts.
import type { Bytes, Natives } from "../types.ts";
import { V8 } from "./engine.ts";
import { ACCEPT, validate } from "../inbound/utf8.ts";

declare class TextDecoder {
  constructor(label: "utf-8", options: { fatal: boolean; ignoreBOM: boolean });
  decode(bytes: Uint8Array): string;
}
declare class TextEncoder {
  encode(text: string): Uint8Array<ArrayBuffer>;
  encodeInto(text: string, into: Uint8Array): { written: number };
}

/** The text functions of a connection: the host's where it gave some, else the portable ones. */
export interface TextCodec {
  /** The text of octets, or null if they are not valid UTF-8. A byte order mark stays. */
  decode(bytes: Uint8Array, from: number, to: number): string | null;
  /** The text of octets that are known to be valid. */
  decodeValid(bytes: Uint8Array, from: number, to: number): string;
  decodeAscii(bytes: Uint8Array, from: number, to: number): string;
  isUtf8(bytes: Uint8Array, from: number, to: number): boolean;
  /** Octets written; there must be room for 3 per UTF-16 unit. Lone surrogates become U+FFFD. */
  write(text: string, into: Uint8Array, at: number): number;
  /** Up to so many UTF-16 units a loop over the characters beats `write`. */
  readonly byHand: number;
  encode(text: string): Bytes;
}

export function textCodec(natives: Partial<Natives>): TextCodec {
  const isUtf8 = natives.isUtf8 ?? ((bytes, from, to) => validate(bytes, from, to, ACCEPT, null) === ACCEPT);
  const decodeValid = natives.decodeUtf8 ?? ((bytes, from, to) => lenient.decode(bytes.subarray(from, to)));
  return {
    // Measured: decoding leniently and looking for U+FFFD is 1.4 to 10 times faster than a fatal decoder. A sender may mean U+FFFD, so ask then.
    decode(bytes, from, to) {
      const text = decodeValid(bytes, from, to);
      return text.indexOf("\ufffd") === -1 || isUtf8(bytes, from, to) ? text : null;
    },
    decodeValid,
    decodeAscii: natives.decodeAscii ?? decodeValid,
    isUtf8,
    // Measured: 8 on one processor and 32 on another with Node's function; encodeInto costs three times as much, for the view it needs.
    byHand: natives.writeUtf8 === undefined ? 32 : V8 ? 8 : 24,
    write: natives.writeUtf8 ?? ((text, into, at) => encoder.encodeInto(text, into.subarray(at)).written),
    encode: (text) => encoder.encode(text),
  };
}

const lenient = new TextDecoder("utf-8", { fatal: false, ignoreBOM: true });
const encoder = new TextEncoder();
