// What comes in: a machine, a port of the network, a plan. What goes out: everything an adapter must do, done as badly as its five rules
// allow: late, a little at a time, out of turn. RFC 6455 §5 to §7. Next file: sockets.ts, where the real one does it.
import type { Driver } from "../../adapters/socket/transport.ts";
import type { Connection, Millis, Prepared, RawEvent, SendOptions } from "../../core/types.ts";
import { RANKS } from "../support/story.ts";
import { Application } from "./application.ts";
import { type Mouth, OOPS, type Side, type Stage } from "./stage.ts";
import type { Task } from "./world.ts";

export class Bare implements Driver, Mouth, Side {
  readonly #machine: Connection;
  readonly #stage: Stage;
  readonly #application: Application;
  /** The other side of a proxy. */
  #mate: Bare | null = null;
  /** The last turn read nothing because of it. */
  #waits = false;
  #turn: Task | null = null;
  #timer: { readonly due: Millis; readonly task: Task } | null = null;
  #writing = false;
  #paused = false;
  #ended = false;
  #transport: Connection["transport"] = "keep";
  /** The most that was ever taken by one send, and by all pings. */
  #largest = 0;

  constructor(machine: Connection, stage: Stage) {
    this.#machine = machine;
    this.#stage = stage;
    this.#application = new Application(machine, stage, this);
  }
  start(): void {
    this.#stage.port.start(this);
    this.#run();
  }
  /** Makes a proxy of two sides. */
  join(mate: Bare): void {
    this.#mate = mate;
    this.#application.passTo(mate, mate.#stage);
  }
  get closed(): boolean {
    return this.#application.over;
  }
  get clean(): boolean {
    return this.#application.clean;
  }

  // ---- As a Driver

  received(bytes: Uint8Array): void {
    const machine = this.#machine;
    const crowded = !machine.wantsInput;
    machine.receive(bytes, this.#clock());
    if (crowded && !this.#paused) {
      this.#paused = true;
      this.#stage.tally.count("link pause");
      this.#stage.port.pause();
    }
    this.wake();
  }
  wrote(count: number): void {
    this.#writing = false;
    this.#consume(count);
    this.wake();
  }
  ended(error?: unknown): void {
    this.#machine.receiveEnd(this.#clock(), error);
    this.wake();
  }

  // ---- As a Mouth

  send(data: string | Uint8Array, options?: SendOptions): boolean {
    this.#takes(3 * data.length);
    return this.#after(this.#machine.send(data, options));
  }
  sendPrepared(message: Prepared): boolean {
    this.#takes(message.byteLength);
    return this.#after(this.#machine.sendPrepared(message));
  }
  relay(piece: RawEvent): boolean {
    this.#takes(3 * (piece.end - piece.start));
    return this.#after(this.#machine.relay(piece));
  }
  ping(data: Uint8Array): boolean {
    this.#largest += 131;
    return this.#after(this.#machine.ping(data));
  }
  close(code: number | undefined): void {
    this.#after(this.#machine.close(code, code === undefined ? undefined : "done"));
  }
  terminate(): void {
    this.#machine.receiveEnd(this.#clock(), new Error("terminated"));
    this.#stage.port.destroy();
    this.wake();
  }

  buried(): void {
    const { world, port } = this.#stage;
    const next = this.#machine.nextTimeout(world.now());
    if (next !== null) throw new Error(`a deadline at ${next} is left, at ${world.now()}`);
    if (!port.released) throw new Error("the stream is not released");
    if (this.#machine.state !== "closed" || !this.closed) {
      throw new Error(`still ${this.#machine.state}: ${this.#application.story}`);
    }
    if (this.#machine.poll() !== null) throw new Error("an event behind `closed`");
  }

  // ---- The loop

  /** Whatever was asked for happens in a turn, at once or a little later. */
  wake(): void {
    const { world, plan } = this.#stage;
    if (this.#turn !== null) return;
    const wait = plan.dawdles > 0 && world.dice.chance(0.2) ? world.dice.below(plan.dawdles) : 0;
    this.#turn = world.at(wait, () => {
      this.#turn = null;
      this.#run();
    });
  }
  #takes(octets: number): void {
    this.#largest = Math.max(this.#largest, octets);
  }
  #after(taken: boolean): boolean {
    this.wake();
    return taken;
  }
  #run(): void {
    const { plan, tally } = this.#stage;
    let count = 0;
    for (; count < plan.appetite; count++) {
      this.#waits = this.#held;
      const event = this.#waits ? null : this.#machine.poll();
      if (event === null) break;
      try {
        this.#application.event(event);
      } catch (error) {
        if (error !== OOPS) throw error;
        tally.count("call throws");
        if (this.#stage.world.dice.chance(0.5)) this.close(1011);
      }
    }
    if (count === plan.appetite) this.wake();
    this.#write();
    this.#obey();
    this.#arm();
    this.#check();
    const mate = this.#mate;
    if (mate !== null && mate.#waits && !mate.#held) mate.wake();
  }
  /** A proxy reads nothing that the other side has no room for yet; a server of it reads nothing before there is another side. */
  get #held(): boolean {
    if (this.#mate === null) return false;
    const { congested, state } = this.#mate.#machine;
    return congested || (state === "connecting" && (this.#machine.role === "server" || this.#machine.state !== "connecting"));
  }
  #write(): void {
    const { port } = this.#stage;
    while (!this.#writing && !this.#ended && !port.destroyed && port.writable) {
      const chunk = this.#machine.peekOutput();
      if (chunk === null) return;
      this.#writing = true;
      const count = port.write(chunk);
      if (count === 0) return;
      this.#writing = false;
      this.#consume(count);
    }
  }
  #consume(count: number): void {
    if (this.#machine.bufferedOutput > 0) this.#machine.consumeOutput(count);
  }
  #obey(): void {
    const { port, tally } = this.#stage;
    const { transport } = this.#machine;
    if (RANKS.indexOf(transport) < RANKS.indexOf(this.#transport)) throw new Error(`${this.#transport}, then ${transport}`);
    if (transport !== this.#transport) tally.count(`transport ${transport}`);
    this.#transport = transport;
    if (transport === "destroy") port.destroy();
    else if (transport === "end" && !this.#ended && !this.#writing && !port.destroyed && this.#machine.peekOutput() === null) {
      this.#ended = true;
      port.end();
    }
    if (this.#paused && this.#machine.wantsInput) {
      this.#paused = false;
      port.resume();
    }
  }
  /** A timer for the deadline, which may come late; one that is armed for an earlier one stays. */
  #arm(): void {
    const { world, plan } = this.#stage;
    const due = this.#machine.nextTimeout(world.now());
    if (due === null || (this.#timer !== null && this.#timer.due > due)) {
      if (this.#timer !== null) world.forget(this.#timer.task);
      this.#timer = null;
    }
    if (due === null || this.#timer !== null) return;
    const late = plan.late === 0 ? 0 : world.dice.below(plan.late);
    const task = world.at(Math.max(0, due - world.now()) + late, () => {
      this.#timer = null;
      this.#machine.handleTimeout(this.#clock());
      this.#run();
    });
    this.#timer = { due, task };
  }
  /** Time as a bad clock tells it. */
  #clock(): Millis {
    const { world, plan } = this.#stage;
    return world.now() - (plan.late > 0 && world.dice.chance(0.1) ? 1000 : 0);
  }
  #check(): void {
    const { plan, tally } = this.#stage;
    const { bufferedOutput, state } = this.#machine;
    tally.count(`state ${state}`);
    const { output = 64 * 1024 * 1024, pongs = 16 } = plan.limits;
    // What was taken while less than the limit waited, headers and Pongs; compression may make a little more of it.
    const most = output + 1.2 * this.#largest + 131 * (pongs + 3) + 2000;
    if (bufferedOutput > most) throw new Error(`${bufferedOutput} octets wait, the limit is ${output}`);
    if (bufferedOutput === 0 && this.#machine.peekOutput() !== null) throw new Error("nothing waits, and yet there is output");
    if (this.closed !== (state === "closed")) throw new Error(`${state}, and the events so far are ${this.#application.story}`);
  }
}
