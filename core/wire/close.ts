// Close frames: which codes are legal on the wire, and the payload in both directions. RFC 6455 §5.5.1, §7.4. Next file: text.ts.
import { UsageError } from "../errors.ts";
import type { Bytes, Close, FaultCode } from "../types.ts";
import { CONTROL_MAX } from "./frame.ts";
import type { TextCodec } from "./text.ts";

/** A Close frame without a code (§7.1.5). */
export const NO_STATUS: Close = Object.freeze({ code: 1005, reason: "" });
/** No Close frame at all (§7.1.5). */
export const ABNORMAL: Close = Object.freeze({ code: 1006, reason: "" });

/** 1000–1003, 1007–1014 and 3000–4999; the others are reserved or never on the wire (§7.4.1, §7.4.2, IANA registry). */
export function isCloseCode(code: number): boolean {
  if (code >= 3000) return code <= 4999;
  return (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014);
}

/** The payload for what a caller asks. Throws BAD_ARGUMENT. */
export function closePayload(code: number | undefined, reason: string | undefined, text: TextCodec): Bytes {
  if (code === undefined) {
    if (reason !== undefined && reason !== "") throw new UsageError("BAD_ARGUMENT", "a close reason needs a code");
    return new Uint8Array(0);
  }
  if (!Number.isInteger(code) || !isCloseCode(code)) {
    throw new UsageError("BAD_ARGUMENT", `${code} is not a close code: use 1000 to 1003, 1007 to 1014 or 3000 to 4999`);
  }
  if (reason !== undefined && typeof reason !== "string") throw new UsageError("BAD_ARGUMENT", "a close reason must be a string");
  const payload = withCode(code, text.encode(reason ?? ""));
  if (payload.length > CONTROL_MAX) throw new UsageError("BAD_ARGUMENT", "a close reason must not exceed 123 octets of UTF-8");
  return payload;
}

/** A code alone. */
export function twoOctets(code: number): Bytes {
  return new Uint8Array([code >>> 8, code]);
}

/** The payload for a fault of ours: the sentence is cut at a code point so that it fits. */
export function faultPayload(code: number, sentence: string, text: TextCodec): Bytes {
  const reason = text.encode(sentence);
  let end = Math.min(reason.length, CONTROL_MAX - 2);
  while (end < reason.length && (reason[end]! & 0xc0) === 0x80) end--;
  return withCode(code, reason.subarray(0, end));
}

/** Reads a received payload: the Close, or why it is illegal. */
export function parseClose(payload: Uint8Array, text: TextCodec): Close | FaultCode {
  if (payload.length === 0) return NO_STATUS;
  if (payload.length === 1) return "BAD_CLOSE";
  const code = (payload[0]! << 8) | payload[1]!;
  if (!isCloseCode(code)) return "BAD_CLOSE";
  const reason = text.decode(payload, 2, payload.length);
  return reason === null ? "BAD_UTF8" : { code, reason };
}

function withCode(code: number, reason: Uint8Array): Bytes {
  const payload = new Uint8Array(2 + reason.length);
  payload[0] = code >>> 8;
  payload[1] = code;
  payload.set(reason, 2);
  return payload;
}
