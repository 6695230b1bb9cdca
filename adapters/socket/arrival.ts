// What comes in: the events of a server's connection until it is open. What goes out: the application's answer to the request, or one of
// ours: 403 for a foreign origin, 500 for a hook that throws, 503 for one connection too many or while shutting down; then a Handle.
// RFC 6455 §4.2.2, §10.2. Next file: socket.ts.
import { type Event, type Refusal, type ServerConnection, type UpgradeRequest, UsageError } from "../../core/index.ts";
import { type Context, isPromise } from "./context.ts";
import type { Drive, Sink } from "./drive.ts";
import { faulted, refused } from "./errors.ts";
import type { Answer, Handler, ServeOptions } from "./handle.ts";
import { refusalOf } from "./origins.ts";
import { type Agreed, Handle } from "./socket.ts";
import type { Peer } from "./transport.ts";

/** What all arrivals of a listener share. */
export interface Door {
  readonly context: Context;
  readonly handler: Handler<any, any>;
  isAllowed(request: UpgradeRequest): boolean;
  readonly protocols: readonly string[];
  readonly upgrade: NonNullable<ServeOptions<any>["upgrade"]> | null;
  isClosing(): boolean;
  /** Takes a place, which `gone` gives back. false: none is left. */
  admit(): boolean;
  opened(socket: Handle): void;
  gone(arrival: Arrival, admitted: boolean): void;
  /** The application threw. */
  threw(error: unknown): void;
  /** The connection failed before it was open. */
  failed(error: unknown): void;
}

export class Arrival implements Sink {
  readonly #connection: ServerConnection;
  readonly #peer: Peer;
  readonly #door: Door;
  #drive: Drive | null = null;
  #request: UpgradeRequest | null = null;
  #admitted = false;
  #data: unknown;
  #asking: AbortController | null = null;

  constructor(connection: ServerConnection, peer: Peer, door: Door) {
    this.#connection = connection;
    this.#peer = peer;
    this.#door = door;
  }

  start(drive: Drive): void {
    this.#drive = drive;
    drive.start();
  }
  /** The server shuts down: 503. */
  cancel(): void {
    this.#connection.close();
    this.#asking?.abort();
    this.#drive!.pullSoon();
  }
  kill(): void {
    this.#drive!.kill();
  }

  event(event: Event): boolean {
    switch (event.type) {
      case "request":
        this.#ask(event.request);
        return true;
      case "respond":
        this.#drive!.respond(event);
        return true;
      case "open":
        return this.#open(event.agreement.protocol);
      case "fault": {
        const error = faulted(event.fault);
        this.#asking?.abort(error);
        this.#door.failed(error);
        return true;
      }
      case "closed":
        this.#asking?.abort();
        this.#door.gone(this, this.#admitted);
        return false;
      default:
        return true; // nothing else comes before `open`
    }
  }
  get hasRoom(): boolean {
    return true;
  }
  settled(): void {}

  #ask(request: UpgradeRequest): void {
    const door = this.#door;
    this.#request = request;
    try {
      if (door.isClosing()) return this.#refuse({ status: 503, body: "the server closes\n" });
      if (!door.isAllowed(request)) {
        const body = refusalOf(request.origin!);
        door.failed(refused("BAD_REQUEST", body.trim()));
        return this.#refuse({ status: 403, body });
      }
      this.#admitted = door.admit();
      if (!this.#admitted) return this.#refuse({ status: 503, body: "too many connections\n" });
      if (door.upgrade === null) return this.#answer({ data: undefined });
      this.#asking = new AbortController();
      const answer = door.upgrade(request, this.#peer, this.#asking.signal);
      if (isPromise(answer)) {
        answer.then((settled) => this.#answerLate(settled as Answer<unknown>), (error) => this.#broke(error));
      } else this.#answer(answer);
    } catch (error) {
      this.#broke(error);
    }
  }
  #answerLate(answer: Answer<unknown>): void {
    try {
      this.#answer(answer);
    } catch (error) {
      this.#broke(error);
    }
  }
  /** Throws UsageError for an answer that cannot be given. */
  #answer(answer: Answer<unknown>): void {
    if (typeof answer !== "object" || answer === null) {
      throw new UsageError("BAD_ARGUMENT", "upgrade() must return { data } or a refusal { status }");
    }
    if ("status" in answer) return this.#refuse(answer);
    this.#data = answer.data;
    const protocol = answer.protocol === undefined ? this.#chosen() : answer.protocol;
    this.#connection.accept({ protocol, headers: answer.headers ?? [] });
    this.#drive!.pull();
  }
  #refuse(refusal: Refusal): void {
    this.#connection.reject(refusal);
    this.#drive!.pull();
  }
  /** The application threw, or gave an answer that cannot be given; what it threw because the client has left does not count. */
  #broke(error: unknown): void {
    if (this.#asking?.signal.aborted) return;
    this.#door.threw(error);
    this.#refuse({ status: 500, body: "the server failed\n" });
  }
  #chosen(): string | null {
    return this.#door.protocols.find((protocol) => this.#request!.protocols.includes(protocol)) ?? null;
  }

  #open(protocol: string): boolean {
    const door = this.#door, drive = this.#drive!;
    const handle = new Handle(drive, this.#peer, protocol === "" ? NOTHING : { protocol, headers: [] }, this.#data);
    drive.sink = handle;
    door.opened(handle);
    door.gone(this, this.#admitted);
    return handle.opened(door.handler, this.#request);
  }
}

/** Most connections agree on no subprotocol: one record for all of them. */
const NOTHING: Agreed = Object.freeze({ protocol: "", headers: Object.freeze([]) });
