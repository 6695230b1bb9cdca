// What a socket keeps beside its four fields, made when it is first needed, since most idle connections need nothing of it: its end and
// those who wait for it, its reader, a message that came early, sends that wait. What comes in: the end, a drain. What goes out: promises
// and a signal, each made only if somebody asks. Next file: socket.ts, whose memory this is.
import type { Event } from "../../core/types.ts";
import type { WebSocketError } from "./errors.ts";
import type { Exclusive } from "./exclusive.ts";
import type { Closed } from "./handle.ts";
import type { Pings } from "./pings.ts";
import type { Reader } from "./reader.ts";

/** What a handler or a reader is given. */
export type Delivery = Event & { readonly type: "text" | "binary" | "part" | "raw" | "ping" | "pong" };

export class Extras {
  /** How it ended. */
  result: Closed | null = null;
  /** Why it will not end cleanly. */
  error: WebSocketError | null = null;
  reader: Reader<any> | null = null;
  /** Came before its handler could be called. */
  held: Delivery | null = null;
  exclusive: Exclusive | null = null;
  stopParts: (() => void) | null = null;
  pings: Pings | null = null;
  #closed: Promise<Closed> | null = null;
  #tellClosed: ((closed: Closed) => void) | null = null;
  #drained: Promise<boolean> | null = null;
  #tellDrained: ((taken: boolean) => void) | null = null;
  #abort: AbortController | null = null;

  get closed(): Promise<Closed> {
    if (this.result !== null) return this.#closed ??= Promise.resolve(this.result);
    return this.#closed ??= new Promise((resolve) => this.#tellClosed = resolve);
  }
  get signal(): AbortSignal {
    if (this.#abort === null) {
      this.#abort = new AbortController();
      if (this.result !== null) this.#abort.abort(this.result.error ?? undefined);
    }
    return this.#abort.signal;
  }
  /** One promise for everybody who waits now: true after `drained(true)`, false if the connection ends first. */
  get drain(): Promise<boolean> {
    return this.#drained ??= new Promise((resolve) => this.#tellDrained = resolve);
  }
  drained(taken: boolean): void {
    this.#tellDrained?.(taken);
    this.#drained = this.#tellDrained = null;
  }
  /** Messages that wait are not wanted any more. */
  drop(): void {
    this.held = null;
    this.reader?.drop();
  }
  /** Tells everybody, once. */
  end(result: Closed): void {
    this.result = result;
    this.reader?.end(result.error);
    this.stopParts?.();
    this.pings?.ended();
    this.drained(false);
    this.#abort?.abort(result.error ?? undefined);
    this.#tellClosed?.(result);
  }
}
