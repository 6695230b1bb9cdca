// What comes in: connections that were active, connections with unsent output. What goes out: their deadlines, at most one period late,
// and one flush for all of them. One for each Host, so for a process: a host timer for each call cost 178 ns per chunk, one for each
// connection 203 octets; a wheel with a clock of its own costs neither (measured). Deadlines below a second get a timer of their own.
// Next file: drive.ts.
import type { Millis } from "../../core/types.ts";
import type { Host } from "./transport.ts";

/** A connection as this file sees it. The three fields belong to the wheel: they save a set entry for each connection. */
export interface Scheduled {
  tick: number;
  before: Scheduled | null;
  after: Scheduled | null;
  /** Some period of it is below a second. */
  readonly precise: boolean;
  /** The next deadline. Also says that `touch` may be called again. */
  deadline(now: Millis): Millis | null;
  /** A deadline may have come. Never throws. */
  expire(): void;
  /** Sends what waits. Never throws. */
  flush(): void;
}

/** The one schedule of a host. */
export function scheduleOf(host: Host): Schedule {
  let schedule = schedules.get(host);
  if (schedule === undefined) schedules.set(host, schedule = new Schedule(host));
  return schedule;
}

export class Schedule {
  readonly host: Host;
  /** Asleep, the clock stands still and the host timer waits for the first deadline; awake, it fires every period. */
  #awake = false;
  #now: Millis = 0;
  #timer: unknown = null;
  #due: Millis = 0;
  /** The last tick that was served. */
  #tick: number;
  readonly #slots: (Scheduled | null)[] = new Array(SLOTS).fill(null);
  #linked = 0;
  readonly #touched: Scheduled[] = [];
  readonly #alarms = new Map<Scheduled, { readonly due: Millis; readonly timer: unknown }>();
  #unsent: Scheduled[] = [];
  #spare: Scheduled[] = [];

  constructor(host: Host) {
    this.host = host;
    this.#tick = Math.floor(host.now() / PERIOD);
  }

  /** The time, in whole milliseconds: engines keep those inside of objects, where others cost 16 octets each (measured on V8). */
  exactly(): Millis {
    return Math.floor(this.host.now());
  }
  /** The time, at most one period ago. */
  now(): Millis {
    if (!this.#awake) this.#wake();
    return this.#now;
  }

  /** Something happened to this connection: ask for its deadline, now if it is precise, else at the next tick. */
  touch(node: Scheduled): void {
    if (node.precise) return this.#place(node, this.exactly());
    if (!this.#awake) this.#wake();
    this.#touched.push(node);
  }

  /** Calls `flush` once the microtasks have drained. */
  soon(node: Scheduled): void {
    if (this.#unsent.push(node) === 1) this.host.soon(this.#flush);
  }

  /** Forgets the deadlines of a connection. */
  drop(node: Scheduled): void {
    this.#unlink(node);
    this.#silence(node);
  }

  readonly #flush = (): void => {
    const unsent = this.#unsent;
    this.#unsent = this.#spare;
    for (let i = 0; i < unsent.length; i++) unsent[i]!.flush();
    unsent.length = 0;
    this.#spare = unsent;
  };

  readonly #fire = (): void => {
    const now = this.exactly();
    // The process stood still: what arrived meanwhile is read first, so that no peer is blamed for our pause.
    const late = now - this.#due > 2 * PERIOD;
    const active = this.#touched.length > 0;
    this.#timer = null;
    this.#awake = true;
    this.#now = now;
    this.#placeTouched();
    if (!late) this.#serve(Math.floor(now / PERIOD));
    if (active || late) return this.#arm(PERIOD);
    this.#awake = false;
    this.#sleep();
  };

  #serve(until: number): void {
    for (let tick = Math.max(this.#tick + 1, until - SLOTS + 1); tick <= until; tick++) {
      this.#tick = tick; // first: what fires and is placed again never lands in the slot at hand
      for (let node = this.#slots[tick % SLOTS]!; node !== null; node = this.#slots[tick % SLOTS]!) {
        this.#unlink(node);
        node.expire();
      }
    }
    this.#placeTouched();
  }
  #placeTouched(): void {
    for (let i = 0; i < this.#touched.length; i++) this.#place(this.#touched[i]!, this.#now);
    this.#touched.length = 0;
  }
  /** An earlier place stays: it fires early, changes nothing, and is placed again. */
  #place(node: Scheduled, now: Millis): void {
    const due = node.deadline(now);
    if (due === null) return this.drop(node);
    if (node.precise && due - now < PRECISE) return this.#alarm(node, due, now);
    const tick = Math.min(Math.max(Math.ceil(due / PERIOD), this.#tick + 1), this.#tick + SLOTS - 1);
    if (node.tick !== 0 && node.tick <= tick) return;
    this.#unlink(node);
    const slot = tick % SLOTS;
    const head = this.#slots[slot]!;
    if (head !== null) head.before = node;
    node.after = head;
    node.tick = tick;
    this.#slots[slot] = node;
    this.#linked++;
    if (!this.#awake) this.#wake();
  }
  #unlink(node: Scheduled): void {
    if (node.tick === 0) return;
    if (node.before === null) this.#slots[node.tick % SLOTS] = node.after;
    else node.before.after = node.after;
    if (node.after !== null) node.after.before = node.before;
    node.before = node.after = null;
    node.tick = 0;
    this.#linked--;
  }

  #alarm(node: Scheduled, due: Millis, now: Millis): void {
    const armed = this.#alarms.get(node);
    if (armed !== undefined && armed.due <= due) return;
    this.#silence(node);
    const timer = this.host.after(Math.max(0, due - now), () => {
      this.#alarms.delete(node);
      node.expire();
    });
    this.#alarms.set(node, { due, timer });
  }
  #silence(node: Scheduled): void {
    const armed = this.#alarms.get(node);
    if (armed === undefined) return;
    this.host.cancel(armed.timer);
    this.#alarms.delete(node);
  }

  #wake(): void {
    if (this.#timer !== null) this.host.cancel(this.#timer);
    this.#awake = true;
    this.#now = this.exactly();
    this.#arm(PERIOD);
  }
  #sleep(): void {
    if (this.#linked === 0) return;
    let tick = this.#tick + 1;
    while (this.#slots[tick % SLOTS] === null) tick++;
    this.#arm(Math.max(0, tick * PERIOD - this.#now));
  }
  #arm(delay: Millis): void {
    this.#due = this.#now + delay;
    this.#timer = this.host.after(delay, this.#fire);
  }
}

const schedules = new WeakMap<Host, Schedule>();
const PERIOD: Millis = 250;
/** 64 seconds ahead; what is due later is placed again on the way. */
const SLOTS = 256;
const PRECISE: Millis = 1000;
