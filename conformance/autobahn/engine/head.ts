// What comes in: octets and HTTP heads. What goes out: where a head ends, its lines and headers, and heads as they go on the wire.
// Read as tolerantly as the original reads: a line without a colon is skipped, repeated headers are joined and counted.
// RFC 6455 §4.1, §4.2; RFC 9112 §2.1. Next file: handshake.ts.
import { createHash } from "node:crypto";

/** A head, taken apart. */
export interface Head {
  /** The request line or the status line. */
  readonly first: string;
  /** By lower-case name; repeated ones are joined. */
  readonly headers: ReadonlyMap<string, string>;
  readonly counts: ReadonlyMap<string, number>;
}

/** Cuts the HTTP head off what was received; null: it is not complete. */
export function cutHead(bytes: Uint8Array): { readonly head: string; readonly rest: Uint8Array } | null {
  for (let i = 3; i < bytes.byteLength; i++) {
    if (bytes[i] !== 10 || bytes[i - 1] !== 13 || bytes[i - 2] !== 10 || bytes[i - 3] !== 13) continue;
    return { head: new TextDecoder().decode(bytes.subarray(0, i + 1)), rest: bytes.subarray(i + 1) };
  }
  return null;
}

/** Takes a head apart. */
export function parseHead(text: string): Head {
  const [first, ...rest] = text.split(/\r\n|\r|\n/);
  const headers = new Map<string, string>();
  const counts = new Map<string, number>();
  for (const line of rest) {
    const colon = line.indexOf(":");
    if (colon <= 0) continue;
    const name = line.slice(0, colon).trim().toLowerCase();
    const value = line.slice(colon + 1).trim();
    const before = headers.get(name);
    headers.set(name, before === undefined ? value : `${before}, ${value}`);
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return { first: first.trim(), headers, counts };
}

/** The lines of a head, as they go on the wire. */
export function lines(all: readonly string[]): string {
  return all.map((line) => `${line}\r\n`).join("") + "\r\n";
}

/** A comma-separated list has this item, in any case. */
export function hasToken(list: string, token: string): boolean {
  return list.split(",").some((item) => item.trim().toLowerCase() === token);
}

/** The value of Sec-WebSocket-Accept (RFC 6455 §4.2.2, item 5.4). */
export function acceptOf(key: string): string {
  return createHash("sha1").update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest("base64");
}

/** What the fuzzer calls itself: the original's name, because peers may know it and reports are compared. */
export const AGENT = "AutobahnTestSuite/25.10.1-0.10.9";
