// What Deno has built in that beats the portable functions. What comes in: octets of a chunk. What goes out: text, or whether it is text.
// The file before: deno.ts.
import { Buffer, isUtf8 } from "node:buffer";
import type { Natives } from "../core/types.ts";

type Slice = (this: Uint8Array, from: number, to: number) => string;
const { utf8Slice, latin1Slice } = Buffer.prototype as unknown as { readonly utf8Slice: Slice; readonly latin1Slice: Slice };
const lenient = new TextDecoder("utf-8", { ignoreBOM: true });

export const natives: Partial<Natives> = Object.freeze({
  isUtf8: (bytes: Uint8Array, from: number, to: number): boolean => isUtf8(bytes.subarray(from, to)),
  // Measured: half the time of a decoder for short texts, but six times as much for those of 1 KiB.
  decodeUtf8: (bytes: Uint8Array, from: number, to: number): string =>
    to - from <= 160 ? utf8Slice.call(bytes, from, to) : lenient.decode(bytes.subarray(from, to)),
  decodeAscii: (bytes: Uint8Array, from: number, to: number): string => latin1Slice.call(bytes, from, to),
});
