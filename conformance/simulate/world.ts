// What comes in: things to do later. What goes out: they are done, each at its time, and time stands still meanwhile; it is the Host of the
// socket layer too. Next file: network.ts.
import type { Bytes, Deflate, Millis } from "../../core/types.ts";
import type { Host } from "../../adapters/socket/transport.ts";
import { zlib } from "../../adapters/zlib.ts";
import type { Dice } from "./dice.ts";

export interface Task {
  at: Millis;
  readonly run: () => void;
}
export class World implements Host {
  readonly dice: Dice;
  readonly deflate: Deflate = { engine: zlib };
  /** Lines of the history; null: nobody wants it. */
  readonly history: string[] | null;
  /** How late a timer of the host may be. */
  late: Millis = 0;
  /** Timers of the host that are armed. */
  timers = 0;
  /** The first thing that went wrong where nobody could throw. */
  failure: { readonly error: unknown } | null = null;
  #now: Millis = 1000;
  #tasks: Task[] = [];
  #soon: (() => void)[] = [];

  constructor(dice: Dice, history: string[] | null) {
    this.dice = dice;
    this.history = history;
  }

  readonly now = (): Millis => this.#now;
  /** Does it then, behind everything that is due by then. */
  at(delay: Millis, run: () => void): Task {
    const task = { at: this.#now + delay, run };
    this.#tasks.push(task);
    return task;
  }
  forget(task: Task): void {
    const found = this.#tasks.indexOf(task);
    if (found !== -1) this.#tasks.splice(found, 1);
  }
  jump(by: Millis): void {
    this.#now += by;
  }
  /** Does the next thing; false: there is none. */
  next(): boolean {
    this.drain();
    const tasks = this.#tasks;
    if (tasks.length === 0) return false;
    let first = 0;
    for (let i = 1; i < tasks.length; i++) if (tasks[i].at < tasks[first].at) first = i;
    const [task] = tasks.splice(first, 1);
    if (task.at > this.#now) this.#now = task.at;
    task.run();
    this.drain();
    return true;
  }
  drain(): void {
    while (this.#soon.length > 0) this.#soon.shift()!();
  }
  fail(error: unknown): void {
    this.failure ??= { error };
  }
  note(who: string, line: string): void {
    const { history } = this;
    if (history === null) return;
    const start = `${String(Math.round(this.#now - 1000)).padStart(7)} ${who.padEnd(6)} `;
    const before = history.at(-1);
    // Many small pieces at once are one line.
    if (line.startsWith("receives") && before?.startsWith(`${start}receives`) === true) {
      history[history.length - 1] = `${before} ${line.slice(9)}`.slice(0, 200);
    } else history.push(start + line);
  }

  // ---- As a Host

  readonly after = (delay: Millis, run: () => void): unknown => {
    this.timers++;
    return this.at(delay + (this.late === 0 ? 0 : this.dice.below(this.late)), () => {
      this.timers--;
      run();
    });
  };
  readonly cancel = (timer: unknown): void => {
    const found = this.#tasks.indexOf(timer as Task);
    if (found === -1) return;
    this.#tasks.splice(found, 1);
    this.timers--;
  };
  readonly soon = (run: () => void): void => void this.#soon.push(run);
  readonly random = (into: Bytes): void => this.dice.fill(into);
}
