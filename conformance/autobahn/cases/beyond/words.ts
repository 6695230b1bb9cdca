// What comes in: nothing. What goes out: the words that the sections beyond the original share: how a connection must end, what is agreed,
// and compressed octets that were made by hand. RFC 6455 §7.1; RFC 7692 §7.2.3. Next file: section-20-requests.ts.
import { constants, deflateRawSync } from "node:zlib";
import { fromHex, MIB } from "../build.ts";
import type { CloseExpectation, DeflateWish, Payload, Step } from "../case.ts";

export const HELLO = "Hello, world!";

/** The peer fails the connection with one of these codes, or without a Close. Unlike in the original, one that waits for us has not. */
export function failsWith(...codes: readonly number[]): CloseExpectation {
  return { closedByMe: false, codes, requireClean: false, wrongEndpointIsFatal: true };
}

/** One offer, and an answer that asks for nothing. */
export const DEFLATE: DeflateWish = {
  offers: [{ noContextTakeover: false, windowBits: 0 }],
  accepts: [{ noContextTakeover: false, windowBits: 0 }],
};

/** The header as it stands, in the case's only role. */
export function extension(text: string): DeflateWish {
  return { offers: [], accepts: [], text };
}

/** The steps without rows in the wire log: there would be thousands. */
export function unlogged(...steps: readonly Step[]): readonly Step[] {
  return [{ do: "log", on: false }, ...steps];
}

/** The same steps many times over. */
export function times(count: number, ...steps: readonly Step[]): Step {
  return { do: "repeat", times: count, steps };
}

// "Hello" in DEFLATE. The first four are those of RFC 7692 §7.2.3.

/** One block with fixed codes, its end removed. */
export const DEFLATED: Uint8Array = fromHex("f2 48 cd c9 c9 07 00");
/** The same, referring to the message before it. */
export const REFERRING: Uint8Array = fromHex("f2 00 11 00 00");
/** In a stored block. */
export const STORED: Uint8Array = fromHex("00 05 00 fa ff 48 65 6c 6c 6f 00");
/** In a final block, an empty octet behind it. */
export const FINAL: Uint8Array = fromHex("f3 48 cd c9 c9 07 00 00");
/** In two blocks. */
export const IN_TWO: Uint8Array = fromHex("f2 48 05 00 00 00 ff ff ca c9 c9 07 00");

/** Zeros, 1 MiB of them, in a block that refers to nothing outside of it, so that it can be repeated. */
export const ZEROS: Uint8Array = deflateRawSync(new Uint8Array(MIB), { finishFlush: constants.Z_FULL_FLUSH });
/** So many MiB of zeros as one message: some 1,000 octets of it for each MiB. */
export function bomb(mebibytes: number): Payload {
  return { pattern: ZEROS, length: mebibytes * ZEROS.byteLength - TAIL };
}
/** Octets that a sender removes at the end (RFC 7692 §7.2.1). */
const TAIL = 4;
