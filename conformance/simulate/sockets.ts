// What comes in: a port of the network, a plan. What goes out: a side that is played by the socket layer of the adapters, with handlers or
// with an iterator, on the virtual host of the world; what its application does is checked like that of a bare machine.
// Next file: opening.ts.
import { WebSocketError } from "../../adapters/adapter.ts";
import type { Closed, Handlers, ServeOptions, Socket, SocketOptions } from "../../adapters/socket/handle.ts";
import { open } from "../../adapters/socket/open.ts";
import { listener } from "../../adapters/socket/server.ts";
import type { Listener } from "../../adapters/socket/transport.ts";
import type { Event, Prepared, RawEvent, SendOptions } from "../../core/types.ts";
import { TARGET } from "./opening.ts";
import { Relay } from "./relay.ts";
import { type Mouth, OOPS, type Side, type Stage } from "./stage.ts";
import { Talk } from "./talk.ts";

export class SocketSide implements Side, Mouth {
  readonly #stage: Stage;
  readonly #talk: Talk;
  readonly #relay: Relay | null;
  readonly #listener: Listener | null;
  #socket: Socket<any, any> | null = null;
  #heard = 0;
  #closes = 0;
  #result: Closed | null = null;
  /** Nothing was ever open, and it is known. */
  #refused = false;
  /** Messages may be dropped from here on: our own close, or nobody reads. */
  #drops = false;
  #working = 0;
  #paused = false;

  constructor(stage: Stage, options: SocketOptions) {
    this.#stage = stage;
    this.#talk = new Talk(stage, this);
    this.#relay = stage.plan.relays === "back" ? new Relay(this, stage.said, stage) : null;
    const { world, port } = stage;
    const handlers = stage.plan.player === "handlers" ? this.#handlers() : undefined;
    if (port.role === "server") {
      this.#listener = listener(this.#serving(options), handlers ?? ((socket: Socket<any, any>) => this.#read(socket)), world);
      return;
    }
    this.#listener = null;
    const opening = open(() => Promise.resolve({ transport: port, peer: port }), TARGET, options, world, handlers as Handlers);
    void opening.then((socket) => {
      if (handlers === undefined) void this.#read(socket).then(() => this.#finish(), () => this.#finish(1011));
    }, (error) => this.#refuse(error));
  }
  start(): void {
    const { port, head } = this.#stage;
    this.#listener?.accept(port, port, head);
  }
  get closed(): boolean {
    if (this.#socket === null) return this.#refused || this.#listener !== null; // a server that refuses hears no more of it
    return this.#result !== null && this.#working === 0;
  }
  get clean(): boolean {
    return this.#result?.clean === true;
  }
  buried(): void {
    const { port, world } = this.#stage;
    if (!this.closed) throw new Error(`the socket of the ${port.role} has not closed`);
    if (this.#closes > 1) throw new Error("closed twice");
    if (!port.released) throw new Error("the stream is not released");
    if (world.timers > 0) throw new Error(`${world.timers} timers are left`);
    if (this.#listener !== null && this.#listener.sockets.size > 0) throw new Error("the server keeps a socket that has closed");
    if (this.#socket !== null && this.#socket.bufferedAmount > 0 && !port.destroyed) {
      throw new Error("output waits on a closed socket");
    }
  }

  // ---- As a Mouth

  send(data: string | Uint8Array, options?: SendOptions): boolean {
    return this.#socket!.send(data, options) !== false;
  }
  /** As a server's broadcast does, to whom it knows. */
  sendPrepared(message: Prepared): boolean {
    return (this.#socket as unknown as { cast(message: Prepared): boolean } | null)?.cast(message) === true;
  }
  relay(piece: RawEvent): boolean {
    return this.#socket!.relay(piece);
  }
  ping(data: Uint8Array): boolean {
    const socket = this.#socket!, open = socket.state === "open";
    void socket.ping(data).then((rtt) => this.#stage.tally.count(rtt === null ? "pong none" : "pong answered"));
    return open && socket.state === "open"; // a peer that does not read may be dropped for it
  }
  close(code: number | undefined): void {
    this.#finish(code);
  }
  terminate(): void {
    this.#drops = true;
    this.#socket!.terminate();
  }

  // ---- The application

  #serving(options: SocketOptions): ServeOptions {
    const { world, plan, tally } = this.#stage;
    return {
      ...options,
      error: (error) => {
        tally.count("call error-hook");
        if (error !== OOPS && !(error instanceof WebSocketError)) world.fail(error);
        if (error instanceof WebSocketError && this.#socket === null) this.#refuse(error);
      },
      upgrade: async () => {
        tally.count(`answer ${plan.answer}`);
        if (plan.answer === "later") await this.#sleep(40);
        if (plan.answer === "throw") throw OOPS;
        return plan.answer === "reject" ? { status: 403, body: "no" } : { data: undefined };
      },
    };
  }
  #handlers(): Handlers {
    const { tally, said, hears } = this.#stage;
    const message = (event: Event): void | Promise<void> => this.#hear(event);
    return {
      open: (socket) => this.#open(socket),
      message: (_, data) => message(typeof data === "string" ? { type: "text", data } : { type: "binary", data }),
      part: (_, part) => message({ type: "part", ...part }),
      raw: (_, piece) => void message(piece),
      ping: (_, data) => this.#control("ping", () => hears.hearPing(data)),
      pong: (_, data) => this.#control("pong", () => said.hearPong(data, hears)),
      drain: () => tally.count("call drain"),
      close: (_, closed) => {
        this.#closes++;
        this.#end(closed);
      },
    };
  }
  /** An application that reads with a loop. */
  async #read(socket: Socket<any, any>): Promise<void> {
    this.#working++;
    void socket.closed.then((closed) => {
      this.#closes++;
      this.#end(closed);
    });
    this.#open(socket);
    try {
      for await (const message of socket) {
        const piece = typeof message === "string"
          ? { type: "text", data: message }
          : message instanceof Uint8Array
          ? { type: "binary", data: message }
          : { type: "part", ...message };
        await this.#hear(piece as Event);
      }
    } catch (error) {
      if (error === OOPS) throw error;
      if (!(error instanceof WebSocketError)) this.#stage.world.fail(error);
    } finally {
      this.#working--;
    }
  }
  #open(socket: Socket<any, any>): void {
    this.#socket = socket;
    this.#stage.tally.count("event open");
    this.#talk.begin();
  }
  #hear(event: Event): void | Promise<void> {
    const { plan, hears, tally, world, port } = this.#stage;
    world.note(port.name, `hears ${event.type}`);
    tally.count(`event ${event.type}`);
    if (this.#drops && this.#stage.plan.player === "handlers") world.fail(new Error("a message behind our own close"));
    if (this.#paused) world.fail(new Error("a message while the socket is paused"));
    this.#judge(() => hears.hear(event));
    if (plan.player === "handlers" && world.dice.chance(0.05)) this.#pause();
    if (event.type === "raw" && this.#relay !== null) this.#relay.pass(event);
    else if (event.type === "text" || event.type === "binary" || (event.type === "part" && event.last)) this.#talk.answer();
    // What a client's handler throws goes to the console, and nowhere else.
    if (this.#heard++ === plan.throwsAt && (port.role === "server" || plan.player === "iterator")) {
      tally.count("call throws");
      this.#drops = true;
      throw OOPS;
    }
    if (plan.dawdles > 0 && event.type !== "raw" && world.dice.chance(0.3)) return this.#sleep(plan.dawdles);
  }
  #pause(): void {
    const { world, tally } = this.#stage;
    if (this.#drops) return;
    tally.count("call pause");
    this.#paused = true;
    this.#socket!.pause();
    world.at(world.dice.below(50), () => {
      this.#paused = false;
      this.#socket!.resume();
    });
  }
  #control(type: "ping" | "pong", hear: () => void): void {
    this.#stage.tally.count(`event ${type}`);
    this.#judge(hear);
  }
  /** What the application finds wrong is no error of the application. */
  #judge(hear: () => void): void {
    try {
      hear();
    } catch (error) {
      this.#stage.world.fail(error);
    }
  }
  #sleep(most: number): Promise<void> {
    const { world } = this.#stage;
    return new Promise((resolve) => void world.at(world.dice.below(most), resolve));
  }
  #finish(code?: number): void {
    this.#drops = true;
    void this.#socket!.close(code, code === undefined ? undefined : "done");
  }
  #refuse(error: unknown): void {
    this.#refused = true;
    this.#stage.world.note(this.#stage.port.name, `is refused: ${error}`);
    this.#stage.tally.count(`refused ${error instanceof WebSocketError ? error.code : String(error)}`);
  }
  #end(closed: Closed): void {
    const { world, port, tally, hears } = this.#stage;
    this.#result = closed;
    world.note(port.name, `closed ${closed.code}`);
    tally.count(closed.clean ? "closed clean" : "closed unclean");
    if (closed.error !== null) tally.count(`fault ${closed.error.code}`);
    if (closed.clean && !this.#drops) this.#judge(() => hears.complete(this.#stage.plan.player === "handlers"));
  }
}
