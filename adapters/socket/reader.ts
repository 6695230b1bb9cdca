// What comes in: messages, one at a time, and the end. What goes out: the asynchronous iterator of a socket.
// It holds at most one message: before the first read and while the reader waits it asks for one; while the reader works on it nothing
// is asked for, so that an echo leaves before a fault behind it, and TCP stops the peer. Next file: socket.ts.
import { UsageError } from "../../core/index.ts";

export class Reader<In> implements AsyncIterator<In, undefined> {
  readonly #source: { pull(): void };
  #held: In | typeof NOTHING = NOTHING;
  #waiting: { resolve(result: IteratorResult<In, undefined>): void; reject(error: unknown): void } | null = null;
  /** A message was handed out, and the next one has not been asked for. */
  #working = false;
  /** Nobody reads any more, or nobody ever did. */
  #left = false;
  #ended = false;
  #error: unknown = null;

  /** `pull` asks for events; `offer` and `end` answer, inside of the call or later. */
  constructor(source: { pull(): void }) {
    this.#source = source;
  }

  /** Whether it takes a message now. */
  get wants(): boolean {
    return this.#left || (this.#held === NOTHING && !this.#working);
  }
  /** Whether it could hold one. */
  get hasRoom(): boolean {
    return this.#left || this.#held === NOTHING;
  }
  /** false: enough for now. */
  offer(message: In): boolean {
    if (this.#left) return true;
    const waiting = this.#waiting;
    if (waiting === null) this.#held = message;
    else {
      this.#waiting = null;
      this.#working = true;
      waiting.resolve({ value: message, done: false });
    }
    return false;
  }
  /** After the last message. null: no error. The first call counts. */
  end(error: unknown): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#error = error;
    const waiting = this.#waiting;
    this.#waiting = null;
    if (waiting === null) return;
    if (error === null) waiting.resolve(DONE);
    else waiting.reject(error);
  }
  /** A message that is held is not wanted any more. */
  drop(): void {
    this.#held = NOTHING;
  }
  /** Somebody starts to read (again). */
  begin(): this {
    if (this.#left) this.#left = this.#working = false;
    return this;
  }
  leave(): void {
    this.#left = true;
    this.#held = NOTHING;
    this.#source.pull();
  }

  next(): Promise<IteratorResult<In, undefined>> {
    if (this.#waiting !== null) throw new UsageError("TOO_EARLY", "one reader at a time: the last next() has not been answered");
    if (this.#left) return Promise.resolve(DONE);
    this.#working = false;
    if (this.#held === NOTHING && !this.#ended) this.#source.pull();
    const held = this.#held;
    if (held !== NOTHING) {
      this.#held = NOTHING;
      this.#working = true;
      return Promise.resolve({ value: held, done: false });
    }
    if (!this.#ended) return new Promise((resolve, reject) => this.#waiting = { resolve, reject });
    return this.#error === null ? Promise.resolve(DONE) : Promise.reject(this.#error);
  }
  return(): Promise<IteratorResult<In, undefined>> {
    this.leave();
    return Promise.resolve(DONE);
  }
}

const NOTHING = Symbol("nothing");
const DONE: IteratorReturnResult<undefined> = Object.freeze({ value: undefined, done: true });
