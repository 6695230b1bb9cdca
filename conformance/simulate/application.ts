// What comes in: the events of a bare machine. What goes out: an application that answers, relays, throws and dawdles, and that knows what
// must hold: events in their order, messages as they were said. RFC 6455 §5 to §7. Next file: bare.ts.
import type { Connection, Event, ServerConnection } from "../../core/types.ts";
import { LETTERS, STORIES } from "../support/story.ts";
import { Relay } from "./relay.ts";
import { type Mouth, OOPS, type Stage } from "./stage.ts";
import { Talk } from "./talk.ts";

export class Application {
  readonly #machine: Connection;
  readonly #stage: Stage;
  readonly #mouth: Mouth & { wake(): void };
  readonly #talk: Talk;
  #relay: Relay | null = null;
  /** The other side of a proxy. */
  #beyond: Mouth | null = null;
  #events = 0;
  /** Letters of the events so far; data brings it back to "O", so that it stays short. */
  #story = "";
  clean = false;

  constructor(machine: Connection, stage: Stage, mouth: Mouth & { wake(): void }) {
    this.#machine = machine;
    this.#stage = stage;
    this.#mouth = mouth;
    this.#talk = new Talk(stage, mouth);
    if (stage.plan.relays === "back") this.#relay = new Relay(mouth, stage.said, stage);
  }
  get story(): string {
    return this.#story;
  }
  get over(): boolean {
    return this.#story.endsWith(".");
  }
  /** What is heard goes on to there, and so does the end. */
  passTo(beyond: Mouth, { said }: Stage): void {
    this.#beyond = beyond;
    this.#relay = new Relay(beyond, said, this.#stage);
  }

  /** Throws OOPS where the plan says so, and anything else for what must not happen. */
  event(event: Event): void {
    const { world, port, tally, plan, hears, said } = this.#stage;
    world.note(port.name, `event ${event.type}`);
    this.#story += LETTERS[event.type];
    if (!STORIES[port.role].test(this.#story)) throw new Error(`events in no order: ${this.#story}`);
    tally.count(`event ${event.type}`);
    switch (event.type) {
      case "request":
        this.#answer();
        break;
      case "respond":
        port.respond(event.status, event.headers);
        break;
      case "open":
        tally.count(`deflate ${event.agreement.deflate === null ? "off" : "on"}`);
        this.#talk.begin();
        break;
      case "text":
      case "binary":
      case "part":
      case "raw":
        hears.hear(event);
        if (event.type === "raw" && this.#relay !== null) this.#relay.pass(event);
        else if (event.type === "text" || event.type === "binary" || event.last) this.#talk.answer();
        break;
      case "ping":
        hears.hearPing(event.data);
        break;
      case "pong":
        said.hearPong(event.data, hears);
        break;
      case "close":
        hears.complete(true);
        this.#beyond?.close(event.close.code === 1005 ? undefined : event.close.code);
        break;
      case "fault":
        tally.count(`fault ${event.fault.code}`);
        break;
      case "closed":
        this.clean = event.clean;
        tally.count(event.clean ? "closed clean" : "closed unclean");
        this.#beyond?.close(1001);
        break;
      case "rejected":
        break;
    }
    if (LETTERS[event.type] === "d") this.#story = this.#story.slice(0, -1);
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
        return void world.at(world.dice.below(40), () => {
          server.accept();
          this.#mouth.wake();
        });
      case "reject":
        return void server.reject({ status: 403, body: "no" });
      case "throw":
        return void server.close();
    }
  }
}
