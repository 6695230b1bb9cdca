// What comes in: the clock of the inputs, and wishes of everything that has none. What goes out: the earliest deadline, and what is due.
// RFC 6455 §5.5.2, §7.1.1, §7.1.7. Next file: machine.ts, which acts on what is due.
import type { Millis, Timers as Periods } from "./types.ts";

/** In the order in which they fire when several are due at once. */
export type Due = "ending" | "stall" | "pong" | "idle" | "ping";

/** What the machine knows and the timers need, as bits. */
export const IS_OPEN = 1; // no Close, no fault, no end: pings make sense
export const IS_HELD = 2; // unread input waits, so the peer cannot be blamed for silence
export const IS_WAITING = 4; // output waits
export const IS_PINGED = 8; // a Ping of ours is unanswered

/** Deadlines of one connection, in milliseconds since the first clock it saw. Whole numbers, which engines keep inside of the object. */
export class Timers {
  #base: Millis | null = null;
  /** The greatest clock seen. */
  #now = 0;
  /** When the last octet came. */
  #heard = WANTED;
  /** Since when the peer has been silent without an excuse. */
  #silent = WANTED;
  /** The end of the opening handshake, later of the closing handshake. */
  #ending = WANTED;
  #pong = OFF;
  #stall = OFF;

  /** An input with a clock: one that goes back counts as the greatest seen. Fractions are cut, so that a deadline is due when it says. */
  tick(now: Millis): void {
    const whole = Math.floor(now);
    this.#base ??= whole;
    if (whole - this.#base > this.#now) this.#now = whole - this.#base;
  }
  /** Milliseconds from the first clock to the last: a keepalive Ping carries it. */
  get age(): Millis {
    return this.#now;
  }
  /** Octets came: they answer any Ping. */
  heard(now: Millis): void {
    this.tick(now);
    this.#heard = this.#silent = this.#now;
    this.#pong = OFF;
  }
  /** Starts `ending` afresh. */
  restartEnding(): void {
    this.#ending = WANTED;
  }
  /** Starts `ending` unless it runs. */
  startEnding(): void {
    if (this.#ending === OFF) this.#ending = WANTED;
  }
  stopEnding(): void {
    this.#ending = OFF;
  }
  /** The connection is open. What the peer did not send while it waited for that is no silence of his. */
  open(): void {
    this.#ending = OFF;
    this.#heard = this.#silent = WANTED;
  }
  /** A Ping of ours has left. */
  startPong(): void {
    this.#pong = WANTED;
  }
  /** Output was consumed. */
  restartStall(): void {
    this.#stall = WANTED;
  }

  /** The earliest deadline, or null. Starts what was wanted since the last call. `ending`: the period of that timer now. */
  next(periods: Periods, ending: Millis, is: number): Millis | null {
    const now = this.#now;
    if (this.#ending === WANTED) this.#ending = now + ending;
    if ((is & IS_WAITING) === 0) this.#stall = OFF;
    else if (this.#stall < 0) this.#stall = now + periods.stall;
    if (this.#heard === WANTED) this.#heard = now;
    // While input is held, silence and pongs are not the peer's fault: both start in full when it has been read.
    if ((is & IS_HELD) !== 0) {
      this.#silent = WANTED;
      if (this.#pong !== OFF) this.#pong = WANTED;
    } else {
      if (this.#silent === WANTED) this.#silent = now;
      if (this.#pong === WANTED) this.#pong = now + periods.pong;
    }
    const least = Math.min(
      this.#endingAt(),
      this.#stallAt(periods, is),
      this.#pongAt(periods, is),
      this.#idleAt(periods, is),
      this.#pingAt(periods, is),
    );
    return least === NONE ? null : least + this.#base!;
  }

  /** The first of those that are due, by deadline and then by order; null: nothing is. */
  due(periods: Periods, is: number): Due | null {
    let due: Due | null = null, least = NONE;
    const offer = (name: Due, at: number): void => {
      if (at > this.#now || at >= least) return;
      least = at;
      due = name;
    };
    offer("ending", this.#endingAt());
    offer("stall", this.#stallAt(periods, is));
    offer("pong", this.#pongAt(periods, is));
    offer("idle", this.#idleAt(periods, is));
    offer("ping", this.#pingAt(periods, is));
    return due;
  }

  #endingAt(): number {
    return this.#ending >= 0 ? this.#ending : NONE;
  }
  #stallAt(periods: Periods, is: number): number {
    return (is & IS_WAITING) !== 0 && periods.stall > 0 && this.#stall >= 0 ? this.#stall : NONE;
  }
  #pongAt(periods: Periods, is: number): number {
    return (is & (IS_OPEN | IS_HELD)) === IS_OPEN && periods.pong > 0 && this.#pong >= 0 ? this.#pong : NONE;
  }
  #idleAt(periods: Periods, is: number): number {
    const counts = (is & (IS_OPEN | IS_HELD)) === IS_OPEN && periods.idle > 0 && this.#silent >= 0;
    return counts ? this.#silent + periods.idle : NONE;
  }
  #pingAt(periods: Periods, is: number): number {
    return (is & (IS_OPEN | IS_PINGED)) === IS_OPEN && periods.ping > 0 && this.#heard >= 0 ? this.#heard + periods.ping : NONE;
  }
}

const OFF = -1;
/** Starts at the next call of `next`. */
const WANTED = -2;
const NONE = Infinity;
