// What comes in: Pings of the application, and Pongs, both with the clock. What goes out: round trips. A Pong answers the Ping with its
// payload and, since a peer may answer the newest only, all before that; a Pong that nobody asked for answers none (RFC 6455 §5.5.3).
// Next file: socket.ts.
import type { Bytes, Millis } from "../../core/types.ts";

export class Pings {
  readonly #waiting: Waiting[] = [];

  get waits(): boolean {
    return this.#waiting.length > 0;
  }
  /** Resolves to milliseconds, or to null when the connection ends first. `payload` must not change any more. */
  sent(payload: Uint8Array, at: Millis): Promise<Millis | null> {
    return new Promise((resolve) => this.#waiting.push({ payload, at, resolve }));
  }
  ponged(payload: Uint8Array, now: Millis): void {
    const at = this.#waiting.findIndex((ping) => sameBytes(ping.payload, payload));
    for (const ping of this.#waiting.splice(0, at + 1)) ping.resolve(now - ping.at);
  }
  ended(): void {
    for (const ping of this.#waiting.splice(0)) ping.resolve(null);
  }
}

/** A payload that no other Ping of this process has; the machine's own count in four octets. */
export function freshPayload(): Bytes {
  const payload = new Uint8Array(8);
  new DataView(payload.buffer).setFloat64(0, ++count);
  return payload;
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((octet, i) => octet === b[i]);
}

interface Waiting {
  readonly payload: Uint8Array;
  readonly at: Millis;
  readonly resolve: (rtt: Millis | null) => void;
}

let count = 0;
