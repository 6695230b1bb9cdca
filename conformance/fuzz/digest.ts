// What comes in: what happened on a connection, in order. What goes out: two numbers that differ if anything differs. The core and the
// reference decoder each fill one; what nobody promises, how a message was cut into pieces, leaves no trace. Next file: reference.ts.
import type { Event } from "../../core/types.ts";

export class Digest {
  a = 0;
  b = 0;
  /** Events so far; pieces of one message count once. */
  events = 0;
  #inPiece = false;
  #silent = true;

  reset(): void {
    this.a = 0x811c9dc5 | 0;
    this.b = 0x2545f491;
    this.events = 0;
    this.#inPiece = false;
    this.#silent = true;
  }
  get key(): string {
    return `${this.a}:${this.b}`;
  }
  put(value: number): void {
    this.a = Math.imul(this.a ^ value, 0x01000193);
    this.b = (Math.imul(this.b, 0x5bd1e995) + value) ^ (this.b >>> 15);
  }
  octets(bytes: Uint8Array, from: number, to: number): void {
    for (let i = from; i < to; i++) this.put(bytes[i]);
  }
  text(text: string): void {
    for (let i = 0; i < text.length; i++) this.put(text.charCodeAt(i));
    this.put(-text.length - 1000);
  }
  /** Something else than a piece begins. */
  event(kind: number): void {
    this.events++;
    this.#inPiece = false;
    this.put(1000 + kind);
  }
  /** A piece of a message; pieces with nothing between them are one, and empty ones are none unless they are the last. */
  piece(isText: boolean, bytes: Uint8Array, from: number, to: number, last: boolean): void {
    if (from === to && !last) return;
    if (!this.#inPiece) {
      this.events++;
      this.put(isText ? PIECE_TEXT : PIECE_BINARY);
      this.put(this.#silent ? 2001 : 2000);
    }
    this.#inPiece = true;
    this.#silent = false;
    this.octets(bytes, from, to);
    if (!last) return;
    this.put(2002);
    this.#inPiece = false;
    this.#silent = true;
  }

  /** An event of the core, except `open`. */
  tell(event: Event): void {
    switch (event.type) {
      case "text":
        this.event(TEXT);
        return this.text(event.data);
      case "binary":
      case "ping":
      case "pong":
        this.event(event.type === "binary" ? BINARY : event.type === "ping" ? PING : PONG);
        this.octets(event.data, 0, event.data.length);
        return this.put(-event.data.length - 1000);
      case "part":
        return this.piece(event.kind === "text", event.data, 0, event.data.length, event.last);
      case "raw":
        return this.piece(event.kind === "text", event.bytes, event.start, event.end, event.last);
      case "close":
        this.event(CLOSE);
        this.put(event.close.code);
        return this.text(event.close.reason);
      case "fault":
        this.event(FAULT);
        this.text(event.fault.code);
        return this.put(event.fault.closeCode);
      case "closed":
        this.event(event.clean ? CLOSED_CLEAN : CLOSED);
        this.put(event.close.code);
        return this.text(event.close.reason);
      default:
        throw new Error(`${event.type} behind the opening handshake`);
    }
  }
}

export const TEXT = 1;
export const BINARY = 2;
export const CLOSE = 8;
export const PING = 9;
export const PONG = 10;
export const FAULT = 11;
export const CLOSED = 12;
export const CLOSED_CLEAN = 13;
const PIECE_TEXT = 3001;
const PIECE_BINARY = 3002;
