// What comes in: a machine, a port of the network, a plan. What goes out: everything an adapter must do, done as badly as its five rules
// allow: late, a little at a time, out of turn; and an application that answers, throws and dawdles. RFC 6455 §5 to §7.
// Next file: sockets.ts, where the real one does it.
import type { Driver } from "../../adapters/socket/transport.ts";
import type { Connection, Deflate, Event, Millis, Prepared, RawEvent, SendOptions, ServerConnection } from "../../core/types.ts";
import type { Ledger } from "./ledger.ts";
import type { Port } from "./network.ts";
import type { SidePlan } from "./plan.ts";
import { type Mouth, Talk } from "./talk.ts";
import type { Tally } from "./tally.ts";
import type { Task, World } from "./world.ts";

/** What both kinds of sides know of a lifetime. */
export interface Stage {
  readonly world: World;
  readonly plan: SidePlan;
  readonly port: Port;
  readonly tally: Tally;
  /** What this side says, and what it hears. */
  readonly said: Ledger;
  readonly hears: Ledger;
  /** What prepared messages are compressed with. */
  readonly compress: Deflate | null;
}
/** One side of a lifetime. */
export interface Side {
  /** It has told its application that everything is over. */
  readonly closed: boolean;
  readonly clean: boolean;
  /** Throws for what must not be left behind when nothing happens any more. */
  buried(): void;
}

export class Bare implements Driver, Mouth, Side {
  readonly #machine: Connection;
  readonly #stage: Stage;
  readonly #talk: Talk;
  #turn: Task | null = null;
  #timer: { readonly due: Millis; readonly task: Task } | null = null;
  #writing = false;
  #paused = false;
  #ended = false;
  #events = 0;
  #story = "";
  #transport: Connection["transport"] = "keep";
  #relaying = false;
  /** The most that was ever taken by one send. */
  #largest = 0;
  clean = false;

  constructor(machine: Connection, stage: Stage) {
    this.#machine = machine;
    this.#stage = stage;
    this.#talk = new Talk(stage.world, stage.plan, stage.said, stage.tally, this, stage.compress);
  }
  start(): void {
    this.#stage.port.start(this);
    this.#run();
  }
  get closed(): boolean {
    return this.#story.endsWith(".");
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
    this.#soon();
  }
  wrote(count: number): void {
    this.#writing = false;
    this.#consume(count);
    this.#soon();
  }
  ended(error?: unknown): void {
    this.#machine.receiveEnd(this.#clock(), error);
    this.#soon();
  }

  // ---- As a Mouth

  send(data: string | Uint8Array, options?: SendOptions): boolean {
    this.#largest = Math.max(this.#largest, 3 * data.length);
    return this.#after(this.#machine.send(data, options));
  }
  sendPrepared(message: Prepared): boolean {
    this.#largest = Math.max(this.#largest, message.byteLength);
    return this.#after(this.#machine.sendPrepared(message));
  }
  ping(): boolean {
    this.#largest += 131;
    return this.#after(this.#machine.ping());
  }
  close(code: number | undefined): void {
    this.#after(this.#machine.close(code, code === undefined ? undefined : "done"));
  }
  terminate(): void {
    this.#machine.receiveEnd(this.#clock(), new Error("terminated"));
    this.#stage.port.destroy();
    this.#soon();
  }

  buried(): void {
    const { world, port } = this.#stage;
    const next = this.#machine.nextTimeout(world.now());
    if (next !== null) throw new Error(`a deadline at ${next} is left, at ${world.now()}`);
    if (!port.released) throw new Error("the stream is not released");
    if (this.#machine.state !== "closed" || !this.closed) throw new Error(`still ${this.#machine.state}: ${this.#story}`);
    if (this.#machine.poll() !== null) throw new Error("an event behind `closed`");
  }

  // ---- The loop

  /** Whatever was asked for happens in a turn, at once or a little later. */
  #soon(): void {
    const { world, plan } = this.#stage;
    if (this.#turn !== null) return;
    const wait = plan.dawdles > 0 && world.dice.chance(0.2) ? world.dice.below(plan.dawdles) : 0;
    this.#turn = world.at(wait, () => {
      this.#turn = null;
      this.#run();
    });
  }
  #after(taken: boolean): boolean {
    this.#soon();
    return taken;
  }
  #run(): void {
    const { plan } = this.#stage;
    let count = 0;
    for (; count < plan.appetite; count++) {
      const event = this.#machine.poll();
      if (event === null) break;
      try {
        this.#event(event);
      } catch (error) {
        if (error !== OOPS) throw error;
        this.#stage.tally.count("call throws");
        if (this.#stage.world.dice.chance(0.5)) this.close(1011);
      }
    }
    if (count === plan.appetite) this.#soon();
    this.#write();
    this.#obey();
    this.#arm();
    this.#check();
  }
  #write(): void {
    const { port } = this.#stage;
    while (!this.#writing && !this.#ended && !port.destroyed) {
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
    if (this.closed !== (state === "closed")) throw new Error(`${state}, and the events so far are ${this.#story}`);
  }

  // ---- The application

  #event(event: Event): void {
    const { world, port, tally, plan, hears } = this.#stage;
    world.note(port.role, `event ${event.type}`);
    this.#story += LETTERS[event.type];
    if (!STORY.test(this.#story)) throw new Error(`events in no order: ${this.#story}`);
    tally.count(`event ${event.type}`);
    switch (event.type) {
      case "request":
        this.#answer();
        break;
      case "open":
        tally.count(`deflate ${event.agreement.deflate === null ? "off" : "on"}`);
        this.#story = "O";
        this.#talk.begin();
        break;
      case "text":
      case "binary":
      case "part":
      case "raw": {
        this.#story = "O";
        hears.hear(event);
        const relayed = event.type === "raw" && plan.relays;
        if (relayed) this.#relay(event);
        else if (event.type === "text" || event.type === "binary" || event.last) this.#talk.answer();
        break;
      }
      case "ping":
      case "pong":
        this.#story = "O";
        break;
      case "close":
        hears.complete();
        break;
      case "fault":
        tally.count(`fault ${event.fault.code}`);
        break;
      case "closed":
        this.clean = event.clean;
        tally.count(event.clean ? "closed clean" : "closed unclean");
        break;
      case "respond":
      case "rejected":
        break;
    }
    if (this.#events++ === plan.throwsAt) throw OOPS;
  }
  #answer(): void {
    const { world, plan, tally } = this.#stage;
    const server = this.#machine as ServerConnection;
    tally.count(`answer ${plan.answer}`);
    switch (plan.answer) {
      case "accept":
        return void server.accept();
      case "later":
        return void world.at(world.dice.below(40), () => void this.#after(server.accept()));
      case "reject":
        return void server.reject({ status: 403, body: "no" });
      case "throw":
        return void server.close();
    }
  }
  /** A message in progress is either relayed whole or not at all. */
  #relay(event: RawEvent): void {
    if (event.first) this.#relaying = true;
    if (!this.#relaying) return;
    const bytes = event.bytes.slice(event.start, event.end);
    this.#largest = Math.max(this.#largest, 3 * bytes.length);
    try {
      const taken = this.#machine.relay(event);
      if (taken) this.#stage.said.say(event.kind, bytes, event.last);
      else this.#relaying = false;
      this.#stage.tally.count(taken ? "call relayed" : "call too-late");
    } catch {
      this.#relaying = false; // another message is in progress, or too much waits
      this.#stage.tally.count("call not-relayed");
    }
  }
}

const OOPS = new Error("the application throws");
const RANKS: readonly Connection["transport"][] = ["keep", "end", "destroy"];
/** One letter for each type of event; data brings the story back to "O", so that it stays short. */
const LETTERS: Readonly<Record<Event["type"], string>> = {
  request: "R",
  respond: "S",
  rejected: "J",
  open: "O",
  text: "d",
  binary: "d",
  part: "d",
  raw: "d",
  ping: "d",
  pong: "d",
  close: "C",
  fault: "F",
  closed: ".",
};
const STORY = /^(R?|R?O|Od|(R?O|O)?C?F?|R?F|J)\.?$/;
