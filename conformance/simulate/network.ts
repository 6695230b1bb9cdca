// What comes in: octets of two sides, each with its Driver. What goes out: the same octets on the other side, in other pieces, later, and,
// where the plan says so, not all of them, or wrong ones, or an end. Writes are taken in part, or borrowed for a while; a chunk that
// changes while it is borrowed is an error. Next file: stage.ts.
import type { Driver, Peer, Transport } from "../../adapters/socket/transport.ts";
import type { Bytes, Header, Role } from "../../core/types.ts";
import type { Asking } from "./opening.ts";
import type { LinkFault } from "./plan.ts";
import type { Wiring } from "./stage.ts";
import type { World } from "./world.ts";

/** One side of the network: what it writes goes to `other`. */
export class Port implements Transport, Peer {
  readonly address = "192.0.2.1";
  readonly port = 4711;
  readonly secure = false;
  readonly role: Role;
  /** In the history. */
  readonly name: string;
  readonly #world: World;
  readonly #wiring: Wiring;
  #other: Port | null = null;
  #driver: Driver | null = null;
  #asking: Asking | null = null;
  /** No head is awaited that has to come before all octets. */
  writable: boolean;

  /** Octets under way to the other side. */
  #flight: Bytes[] = [];
  #flying = 0;
  #passed = 0;
  #entered = 0;
  #fault: LinkFault | null;
  /** The write that waits, and what it held at first. */
  #pending: { readonly chunk: Uint8Array; readonly copy: Uint8Array } | null = null;
  #ending = false;
  #delivering = false;
  #stalled = false;

  #paused = false;
  /** This side has heard the end. */
  #heardEnd = false;
  /** This side takes part no more. */
  #gone = false;
  destroyed = false;

  constructor(world: World, wiring: Wiring) {
    this.#world = world;
    this.#wiring = wiring;
    this.role = wiring.role;
    this.name = wiring.name;
    this.writable = !wiring.http2;
    this.#fault = wiring.plan.fault;
  }
  join(other: Port): void {
    this.#other = other;
  }
  /** Nothing of this connection is left on this side: destroyed, or both directions have ended. */
  get released(): boolean {
    return this.destroyed || this.#gone || (this.#ending && this.#heardEnd);
  }

  /** A client on HTTP/2 waits for the answer before it starts. */
  ask(asking: Asking): void {
    this.#asking = asking;
  }

  // ---- As a Transport

  start(driver: Driver): void {
    this.#driver = driver;
    this.#other!.#deliverSoon();
  }
  write(chunk: Uint8Array): number {
    if (this.#pending !== null) throw new Error("two writes at once");
    if (this.#ending) throw new Error("a write behind the end");
    if (this.destroyed) throw new Error("a write to a stream that was destroyed");
    if (chunk.length === 0) throw new Error("an empty write");
    if (!this.writable) throw new Error("a write before the head");
    if (this.#wiring.plan.writes === "now") {
      const count = this.#take(chunk);
      if (count > 0) return count;
    } else if (!this.#gone) this.#world.at(this.#wait(), () => this.#finish());
    this.#pending = { chunk, copy: chunk.slice(0, this.#wiring.plan.write) };
    return 0;
  }
  end(): void {
    if (this.#pending !== null) throw new Error("ended inside of a write");
    if (this.#ending || this.destroyed) throw new Error("ended twice");
    this.#world.note(this.name, "ends");
    this.#ending = true;
    this.#deliverSoon();
  }
  destroy(): void {
    if (this.destroyed) return;
    this.destroyed = true;
    this.#world.note(this.name, "destroys the stream");
    const kind = this.#world.dice.pick(["reset", "end"] as const);
    this.#wiring.tally.count(`link destroyed by ${kind}`);
    this.#part();
    this.#world.at(this.#wait(), () => {
      const other = this.#other!;
      if (other.#gone) return;
      other.#hearEnd(kind === "reset" ? new Error("connection reset") : undefined);
      other.#part();
    });
    this.#world.at(this.#wait(), () => this.#hearEnd());
  }
  respond(status: number, headers: readonly Header[]): void {
    if (this.writable) throw new Error("a second head, or one that nobody asked for");
    this.#world.note(this.name, `responds ${status}`);
    this.#wiring.tally.count(`respond ${status}`);
    const other = this.#other!;
    this.writable = other.writable = true;
    if (status < 300) this.#wiring.watch.begin();
    this.#world.at(this.#wait(), () => other.#asking?.answered(status, headers));
  }
  pause(): void {
    this.#paused = true;
  }
  resume(): void {
    this.#paused = false;
    this.#other!.#deliverSoon();
  }

  // ---- Under way

  #wait(): number {
    return this.#wiring.plan.delay === 0 ? 0 : this.#world.dice.below(this.#wiring.plan.delay + 1);
  }
  /** Octets of a write that the network has taken. */
  #take(chunk: Uint8Array): number {
    if (this.#gone) return 0;
    const count = Math.min(chunk.length, this.#wiring.plan.window - this.#flying, this.#wiring.plan.write);
    if (count <= 0) return 0;
    if (count < chunk.length) this.#wiring.tally.count("link short-write");
    const octets = chunk.slice(0, count) as Bytes;
    this.#wiring.watch.see(octets);
    this.#wiring.written?.push(octets.slice());
    const wrong = this.#fault?.kind === "corrupt" ? this.#fault.at - this.#entered : -1;
    if (wrong >= 0 && wrong < count) {
      octets[wrong] ^= this.#fault!.amount;
      this.#wiring.ledger.tainted = true;
      this.#wiring.tally.count("link corrupt");
      this.#world.note(this.name, `octet ${this.#fault!.at} goes wrong`);
    }
    this.#entered += count;
    this.#flying += count;
    this.#flight.push(octets);
    this.#deliverSoon();
    return count;
  }
  /** The network is done with a write, or with some of it. */
  #finish(): void {
    const pending = this.#pending;
    if (pending === null || this.#gone) return;
    const count = this.#take(pending.chunk);
    if (count === 0) return; // there is no room: a delivery makes some
    const { chunk, copy } = pending;
    if (!this.destroyed && Buffer.compare(chunk.subarray(0, copy.length), copy) !== 0) {
      throw new Error("a chunk changed while it was borrowed");
    }
    this.#pending = null;
    this.#driver!.wrote(count);
  }
  #deliverSoon(): void {
    if (this.#delivering || this.#stalled || (this.#flying === 0 && !this.#ending)) return;
    this.#delivering = true;
    this.#world.at(this.#wait(), () => this.#deliver());
  }
  #deliver(): void {
    this.#delivering = false;
    const other = this.#other!;
    if (this.#stalled || other.#gone || other.#paused || other.#driver === null) return;
    if (this.#flying === 0) {
      if (this.#ending && !this.#gone) other.#hearEnd();
      return;
    }
    const fault = this.#fault;
    const until = fault === null || fault.kind === "corrupt" ? Infinity : fault.at - this.#passed;
    if (until <= 0) return this.#strike(fault!);
    const piece = this.#flight[0];
    const most = Math.min(
      piece.length,
      until,
      this.#wiring.plan.piece === 1 ? 1 : 1 + this.#world.dice.below(this.#wiring.plan.piece),
    );
    const octets = piece.slice(0, most);
    if (most < piece.length) this.#flight[0] = piece.subarray(most);
    else this.#flight.shift();
    this.#flying -= most;
    this.#passed += most;
    this.#world.note(other.name, `receives ${most}`);
    other.#driver.received(octets);
    if (this.#pending !== null) this.#world.at(0, () => this.#finish());
    this.#deliverSoon();
  }
  /** The fault of the plan. */
  #strike(fault: LinkFault): void {
    this.#fault = null;
    this.#wiring.tally.count(`link ${fault.kind}`);
    this.#world.note(this.name, `${fault.kind} behind octet ${this.#passed}`);
    const other = this.#other!;
    switch (fault.kind) {
      case "corrupt":
        return; // at its octet, when it is taken
      case "stall":
        this.#stalled = true;
        this.#world.at(fault.amount, () => {
          this.#stalled = false;
          this.#deliverSoon();
        });
        return;
      case "hang":
        this.#stalled = true;
        return;
      case "cut":
      case "reset":
        for (const side of [this, other]) {
          const error = fault.kind === "reset" ? new Error("connection reset") : undefined;
          this.#world.at(this.#wait(), () => {
            side.#hearEnd(error);
            side.#part();
          });
        }
        this.#stalled = true;
        this.#flight = [];
    }
  }
  #hearEnd(error?: unknown): void {
    this.#heardEnd = true;
    if (this.#driver === null) return void this.#asking?.ended();
    this.#world.note(this.name, error === undefined ? "hears the end" : "hears an error");
    this.#driver.ended(error);
  }
  /** Nothing goes or comes on this side any more. */
  #part(): void {
    this.#gone = true;
    this.#flight = [];
    this.#flying = 0;
    this.#pending = null;
  }
}
