// The one loop. What comes in: octets and ends of a transport, commands of a handle. What goes out: events to the sink, then output to the
// transport, one write at a time, then what the machine says about the transport, then its deadline to the schedule.
// Output leaves once per received chunk; when the application sends outside of that, once its microtasks have drained, or at once
// when 64 KiB wait (measured: one write per message costs 16 times as much). Next file: socket.ts.
import type { Connection, Event, Millis } from "../../core/types.ts";
import type { Context } from "./context.ts";
import type { Scheduled } from "./schedule.ts";
import type { Driver, Transport } from "./transport.ts";

/** Who takes the events. Nothing here throws. */
export interface Sink {
  /** false: no more until `pull`. */
  event(event: Event): boolean;
  /** Whether it could keep an event that it has not asked for. */
  readonly hasRoom: boolean;
  /** Output may have left: look whether the connection is still congested. */
  settled(): void;
}

export class Drive implements Driver, Scheduled {
  readonly connection: Connection;
  /** Changes once, when the connection opens. */
  sink: Sink;
  readonly #transport: Transport;
  readonly context: Context;
  #bits: number;
  tick = 0;
  before: Scheduled | null = null;
  after: Scheduled | null = null;

  constructor(connection: Connection, transport: Transport, sink: Sink, context: Context) {
    this.connection = connection;
    this.#transport = transport;
    this.context = context;
    this.sink = sink;
    this.#bits = context.precise ? WANTED | PRECISE : WANTED;
  }

  start(): void {
    this.#transport.start(this);
    this.#run();
  }

  received(bytes: Uint8Array): void {
    // One unread chunk may wait without a pause, which would cost two calls per chunk of an application that reads on.
    const crowded = !this.connection.wantsInput;
    this.connection.receive(bytes, this.#now());
    if (crowded && (this.#bits & (PAUSED | RELEASED)) === 0) {
      this.#bits |= PAUSED;
      this.#transport.pause();
    }
    this.#run(true);
  }
  wrote(count: number): void {
    this.#bits &= ~WRITING;
    this.#consume(count);
    this.#run();
  }
  ended(error?: unknown): void {
    this.connection.receiveEnd(this.#now(), error);
    this.#tellEnd();
    this.#run();
  }

  /** Asks for events, without a flush of its own: what they bring about leaves with the rest of this turn. */
  pull(): void {
    this.#bits |= WANTED;
    if ((this.#bits & INSIDE) !== 0) {
      this.#bits |= AGAIN;
      return;
    }
    this.#bits |= INSIDE;
    this.#poll();
    this.#bits &= ~INSIDE;
    this.changed();
  }
  /** Asks for events later, never inside of this call. */
  pullSoon(): void {
    this.#bits |= WANTED;
    this.#later();
  }
  /** No more events until `pull`. */
  hold(): void {
    this.#bits &= ~WANTED;
  }
  /** After a command. */
  changed(): void {
    if ((this.#bits & INSIDE) === 0) return this.#changedOutside();
    this.#bits |= AGAIN;
  }
  #changedOutside(): void {
    if ((this.#bits & WRITING) === 0 && this.connection.bufferedOutput >= AT_ONCE) {
      this.#bits |= INSIDE; // no event during a command
      this.#write();
      this.#bits &= ~INSIDE;
    }
    this.#later();
  }
  /** Drops the stream now; what the machine says to that comes later. */
  kill(): void {
    this.#release();
    this.connection.receiveEnd(this.#now(), KILLED);
    this.pullSoon();
  }
  /** HTTP/2: the answer to the request. */
  respond(event: Event & { readonly type: "respond" }): void {
    this.#transport.respond?.(event.status, event.headers);
  }

  get precise(): boolean {
    return (this.#bits & PRECISE) !== 0;
  }
  deadline(now: Millis): Millis | null {
    this.#bits &= ~TOUCHED;
    return this.connection.nextTimeout(now);
  }
  expire(): void {
    this.connection.handleTimeout(this.#now());
    if (this.connection.state !== "open") this.#tellEnd();
    this.#run();
  }
  flush(): void {
    this.#bits &= ~SCHEDULED;
    this.#run();
  }

  /** `chunk`: called for one. If the application is at work on a part of it, what it has sent leaves with the rest. */
  #run(chunk = false): void {
    if ((this.#bits & INSIDE) !== 0) {
      this.#bits |= AGAIN;
      return;
    }
    this.#bits |= INSIDE;
    do {
      this.#poll();
      this.#bits &= ~AGAIN;
      if (chunk && (this.#bits & WANTED) === 0 && !this.connection.wantsInput) this.#writeLater();
      else this.#write();
      this.sink.settled();
    } while ((this.#bits & AGAIN) !== 0);
    this.#bits &= ~INSIDE;
    this.#obey();
    this.#touch();
  }
  #poll(): void {
    while ((this.#bits & WANTED) !== 0) {
      const event = this.connection.poll();
      if (event === null) return;
      if (!this.sink.event(event)) this.#bits &= ~WANTED;
    }
  }
  #write(): void {
    while ((this.#bits & (WRITING | RELEASED)) === 0) {
      const chunk = this.connection.peekOutput();
      if (chunk === null) return;
      this.#bits |= WRITING;
      const count = this.#transport.write(chunk);
      if (count === 0) continue; // wrote() comes later, or came from inside
      this.#bits &= ~WRITING;
      this.#consume(count);
      if (this.connection.bufferedOutput === 0) return;
    }
  }
  #writeLater(): void {
    if (this.connection.bufferedOutput > 0) this.#later();
  }
  /** A transport may report a write after the machine has dropped its output. */
  #consume(count: number): void {
    const waiting = this.connection.bufferedOutput;
    if (waiting > 0 && count > 0) this.connection.consumeOutput(count < waiting ? count : waiting);
  }
  #obey(): void {
    const { connection } = this;
    const told = connection.transport;
    if (told === "destroy") this.#release();
    else if (told === "end" && (this.#bits & (ENDED | WRITING | RELEASED)) === 0 && connection.peekOutput() === null) {
      this.#bits |= ENDED;
      this.#transport.end();
    }
    if ((this.#bits & PAUSED) !== 0 && connection.wantsInput) {
      this.#bits &= ~PAUSED;
      this.#transport.resume();
    }
  }
  #touch(): void {
    if ((this.#bits & TOUCHED) !== 0) return;
    this.#bits |= TOUCHED;
    this.context.schedule.touch(this);
  }
  #later(): void {
    if ((this.#bits & SCHEDULED) !== 0) return;
    this.#bits |= SCHEDULED;
    this.context.schedule.soon(this);
  }
  #release(): void {
    if ((this.#bits & RELEASED) !== 0) return;
    this.#bits |= RELEASED;
    this.#transport.destroy();
  }
  /** The end is told even to an application that is at work on a message, if nothing unread comes before it. */
  #tellEnd(): void {
    if (this.connection.wantsInput && this.sink.hasRoom) this.#bits |= WANTED;
  }
  #now(): Millis {
    return (this.#bits & PRECISE) !== 0 ? this.context.schedule.exactly() : this.context.schedule.now();
  }
}

const WANTED = 1; // the sink takes events
const INSIDE = 2; // the loop runs: calls from inside of it only leave a note
const AGAIN = 4; // that note
const SCHEDULED = 8; // flush() will come
const WRITING = 16; // a write is in flight
const PAUSED = 32;
const ENDED = 64; // our side of the stream is closed
const RELEASED = 128; // the transport is gone
const TOUCHED = 256; // the schedule will ask for the deadline
const PRECISE = 512; // no coarse clock

const AT_ONCE = 65_536;
const KILLED = new Error("terminated on this side");
