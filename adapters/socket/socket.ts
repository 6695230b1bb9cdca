// The handle. What comes in: calls of the application, and the events of its connection. What goes out: commands to the machine, calls of
// the application's handlers in order, one at a time, or messages to its iterator. Nothing here throws or rejects because of the peer.
// An idle connection is this object, its Drive, the transport and the machine. RFC 6455 §5, §7.
// Next file: server.ts, and open.ts for the client.
import { type Event, type Prepared, type UpgradeRequest, UsageError } from "../../core/index.ts";
import type { Header, Millis, RawEvent, Role, SendOptions, State } from "../../core/types.ts";
import { aside, isPromise } from "./context.ts";
import type { Drive, Sink } from "./drive.ts";
import { failure, faulted, type WebSocketError } from "./errors.ts";
import { Exclusive } from "./exclusive.ts";
import { type Delivery, Extras } from "./extras.ts";
import type { Closed, Handler, Handlers, Socket } from "./handle.ts";
import { freshPayload, Pings } from "./pings.ts";
import { Reader } from "./reader.ts";
import { type Pieces, sendParts } from "./send-parts.ts";
import type { Peer } from "./transport.ts";

/** What the handshake agreed on, as far as the application cares. */
export interface Agreed {
  readonly protocol: string;
  readonly headers: readonly Header[];
}

export class Handle implements Socket<any, any>, Sink {
  data: any;
  readonly peer: Peer;
  readonly #agreed: Agreed;
  readonly #drive: Drive;
  #bits = 0;
  #extras: Extras | null = null;

  constructor(drive: Drive, peer: Peer, agreed: Agreed, data: unknown) {
    this.data = data;
    this.peer = peer;
    this.#agreed = agreed;
    this.#drive = drive;
  }

  // ---- What the application asks

  get protocol(): string {
    return this.#agreed.protocol;
  }
  get headers(): readonly Header[] {
    return this.#agreed.headers;
  }
  get role(): Role {
    return this.#drive.connection.role;
  }
  get state(): State {
    return this.#result() === null ? this.#drive.connection.state : "closed";
  }
  get bufferedAmount(): number {
    return this.#drive.connection.bufferedOutput + (this.#extras?.exclusive?.octets ?? 0);
  }
  get closed(): Promise<Closed> {
    return this.#more().closed;
  }
  get signal(): AbortSignal {
    return this.#more().signal;
  }
  [Symbol.asyncIterator](): AsyncIterator<any, undefined> {
    if (this.#drive.context.handlers !== null) {
      throw new UsageError("BAD_ARGUMENT", "the messages of this socket go to its handlers");
    }
    return this.#reader().begin();
  }

  // ---- What the application sends

  send(data: string | Uint8Array, options?: SendOptions): boolean | Promise<boolean> {
    const exclusive = this.#busy();
    return exclusive === null ? this.#send(data, options) : this.#sendLater(exclusive, data, options);
  }
  relay(piece: RawEvent): boolean {
    const exclusive = this.#busy();
    if (exclusive !== null) {
      const how = { text: piece.kind === "text", last: piece.last, give: true };
      return this.#sendLater(exclusive, piece.bytes.slice(piece.start, piece.end), how) !== false;
    }
    try {
      return this.#drive.connection.relay(piece) && this.#sent();
    } catch (error) {
      return this.#refused(error);
    }
  }
  /** A message for many. Never waits; not taken inside of a fragmented message of the application's own. */
  cast(message: Prepared): boolean {
    const exclusive = this.#busy();
    try {
      if (exclusive === null) return this.#drive.connection.sendPrepared(message) && this.#sent();
    } catch (error) {
      return error instanceof UsageError && error.code === "MIXED_MESSAGE" ? false : this.#refused(error);
    }
    if (!this.#fits()) return false;
    exclusive.add(() => void this.cast(message), message.byteLength);
    return true;
  }
  sendParts(source: Pieces, options: { text?: boolean; compress?: boolean } = {}): Promise<boolean> {
    if (typeof source !== "object" || source === null) {
      throw new UsageError("BAD_ARGUMENT", "the source must be an iterable of pieces");
    }
    const extras = this.#more();
    const exclusive = extras.exclusive ??= new Exclusive();
    const outlet = {
      fragment: (data: string | Uint8Array, how: SendOptions) => this.#send(data, how),
      whenEnded: (run: (() => void) | null) => void (extras.result === null ? extras.stopParts = run : run?.()),
      abandon: () => this.#finish(1011),
    };
    return new Promise((resolve, reject) => {
      exclusive.enter(() => sendParts(outlet, source, options).finally(() => exclusive.leave()).then(resolve, reject));
    });
  }
  ping(data?: Uint8Array): Promise<Millis | null> {
    const payload = data ?? freshPayload();
    try {
      if (!this.#drive.connection.ping(payload)) return Promise.resolve(null);
    } catch (error) {
      this.#refused(error);
      return Promise.resolve(null);
    }
    this.#drive.changed();
    const pings = this.#more().pings ??= new Pings();
    const rtt = pings.sent(data === undefined ? payload : payload.slice(), this.#drive.context.host.now());
    if (this.#wants()) this.#drive.pullSoon(); // the Pong is read even while the application is at work, if it can be had
    return rtt;
  }

  // ---- What the application decides

  close(code?: number, reason?: string): Promise<Closed> {
    this.#finish(code, reason);
    return this.closed;
  }
  terminate(): void {
    this.drop(failure("TERMINATED"));
  }
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close(this.#drive.context.farewell());
  }
  pause(): void {
    if (this.#drive.context.handlers === null) return;
    this.#bits |= PAUSED;
    if (!this.#wants()) this.#drive.hold();
  }
  resume(): void {
    if ((this.#bits & PAUSED) === 0) return;
    this.#bits &= ~PAUSED;
    this.#drive.context.host.soon(() => this.#continue());
  }
  /** Ends the connection now, for this reason. */
  drop(error: WebSocketError): void {
    const extras = this.#more();
    if (extras.result !== null) return;
    extras.error ??= error;
    extras.drop();
    this.#bits |= (this.#bits & CLOSE_SEEN) !== 0 ? DROPS : DROPS | TORN;
    this.#drive.kill();
  }

  // ---- What the connection says

  /** Calls the application for the first time. false: it wants no events yet. */
  opened(handler: Handler<any, any> | null, request: UpgradeRequest | null): boolean {
    try {
      if (typeof handler !== "function") return this.#called(handler?.open?.(this, request));
      const result: unknown = handler(this, request!);
      // Without a promise and without a reader nobody will ever read: what arrives is dropped.
      if (isPromise(result)) result.then(() => this.#finish(1000), (error) => this.#threw(error));
      else if (this.#extras?.reader == null) this.#reader().leave();
      return true;
    } catch (error) {
      return this.#threw(error);
    }
  }
  event(event: Event): boolean {
    switch (event.type) {
      case "text":
      case "binary":
      case "part":
      case "raw":
      case "ping":
        return this.#deliver(event);
      case "pong":
        this.#extras?.pings?.ponged(event.data, this.#drive.context.host.now());
        return this.#deliver(event);
      case "close":
        this.#bits |= CLOSE_SEEN;
        return true;
      case "fault":
        this.#more().error ??= faulted(event.fault);
        return true;
      case "closed":
        this.#end(event);
        return false;
      case "request":
      case "respond":
      case "rejected":
      case "open":
        return true; // of the handshake, which is over
    }
  }
  get hasRoom(): boolean {
    if ((this.#bits & DROPS) !== 0) return true;
    if (this.#drive.context.borrows) return (this.#bits & STOPPED) === 0;
    const extras = this.#extras;
    return extras === null || (extras.held === null && extras.reader?.hasRoom !== false);
  }
  settled(): void {
    if ((this.#bits & CONGESTED) === 0 || this.#drive.connection.congested) return;
    this.#bits &= ~CONGESTED;
    this.#extras?.drained(true);
    const { handlers } = this.#drive.context;
    if (handlers?.drain !== undefined && this.#result() === null) {
      aside(() => handlers.drain!(this), (error) => this.#threw(error));
    }
  }

  #result(): Closed | null {
    return this.#extras === null ? null : this.#extras.result;
  }
  #more(): Extras {
    return this.#extras ??= new Extras();
  }
  #reader(): Reader<any> {
    const extras = this.#more();
    if (extras.reader === null) {
      extras.reader = new Reader(this.#drive);
      if (extras.result !== null) extras.reader.end(extras.result.error);
      else if ((this.#bits & ENDING) !== 0) extras.reader.end(null);
    }
    return extras.reader;
  }

  /** A message of many pieces is on its way: others wait for it. */
  #busy(): Exclusive | null {
    const exclusive = this.#extras === null ? null : this.#extras.exclusive;
    return exclusive !== null && exclusive.busy ? exclusive : null;
  }
  #send(data: string | Uint8Array, options: SendOptions | undefined): boolean | Promise<boolean> {
    try {
      if (!this.#drive.connection.send(data, options)) return false;
    } catch (error) {
      return this.#refused(error);
    }
    this.#sent();
    return (this.#bits & CONGESTED) === 0 || this.#more().drain;
  }
  #sent(): true {
    this.#drive.changed();
    if (this.#drive.connection.congested) this.#bits |= CONGESTED;
    return true;
  }
  #sendLater(exclusive: Exclusive, data: string | Uint8Array, options: SendOptions | undefined): boolean | Promise<boolean> {
    if (typeof data !== "string" && !(data instanceof Uint8Array)) {
      throw new UsageError("BAD_ARGUMENT", "a message must be a string or a Uint8Array");
    }
    if (this.#drive.connection.state !== "open" || !this.#fits()) return false;
    const copy = typeof data === "string" || options?.give === true ? data : data.slice();
    return new Promise((resolve) => {
      const run = (): void => {
        try {
          resolve(this.#send(copy, options));
        } catch (error) {
          this.#drive.context.report(error, this);
          resolve(false);
        }
      };
      exclusive.add(run, typeof copy === "string" ? copy.length * 3 : copy.byteLength);
    });
  }
  /** A peer that does not read is dropped. */
  #fits(): boolean {
    if (this.bufferedAmount <= this.#drive.context.outputLimit) return true;
    this.drop(failure("SLOW_PEER"));
    return false;
  }
  /** The same, where the machine says so; any other error is the caller's mistake. */
  #refused(error: unknown): false {
    if (!(error instanceof UsageError) || error.code !== "OUTPUT_FULL") throw error;
    this.drop(failure("SLOW_PEER"));
    return false;
  }
  /** Starts the closing handshake; from here on messages are dropped. Throws UsageError, and has then changed nothing. */
  #finish(code?: number, reason?: string): void {
    if (this.#drive.connection.close(code, reason)) {
      this.#bits |= ENDING;
      this.#extras?.reader?.end(null);
    }
    if (this.#result() !== null) return;
    this.#bits |= DROPS;
    this.#extras?.drop();
    this.#drive.pullSoon();
  }

  /** Whether events are wanted now. A Ping that waits reads one message ahead. */
  #wants(): boolean {
    if ((this.#bits & DROPS) !== 0) return true;
    const extras = this.#extras;
    const wants = this.#drive.context.handlers === null ? extras?.reader?.wants !== false : (this.#bits & STOPPED) === 0;
    return wants || (extras?.pings?.waits === true && this.hasRoom);
  }
  #deliver(event: Delivery): boolean {
    const { handlers } = this.#drive.context;
    if (handlers === null || (this.#bits & (DROPS | STOPPED)) !== 0) return this.#keep(event, handlers);
    try {
      return this.#called(call(handlers, this, event));
    } catch (error) {
      return this.#threw(error);
    }
  }
  /** No handler can be called with it now: it goes to the iterator, or waits, or nobody wants it. */
  #keep(event: Delivery, handlers: Handlers<any> | null): boolean {
    if ((this.#bits & DROPS) !== 0) return true;
    const isControl = event.type === "ping" || event.type === "pong";
    if (isControl && handlers?.[event.type] === undefined) return this.#wants();
    if (handlers === null) return this.#reader().offer(event.type === "part" || event.type === "raw" ? event : event.data);
    this.#more().held = event;
    return false;
  }
  /** A handler has returned. false: no more events until its promise has settled, or until resume(). */
  #called(result: unknown): boolean {
    if (result !== undefined && isPromise(result)) this.#await(result);
    return (this.#bits & STOPPED) === 0 || this.#wants();
  }
  #await(result: PromiseLike<unknown>): void {
    this.#bits |= PENDING;
    result.then(() => this.#returned(), (error) => {
      this.#threw(error);
      this.#returned();
    });
  }
  #returned(): void {
    this.#bits &= ~PENDING;
    const result = this.#result();
    if (result === null) this.#continue();
    else this.#tellHandler(result);
  }
  /** Goes on with what waits here, then with the machine. */
  #continue(): void {
    const extras = this.#extras;
    if (extras !== null && extras.held !== null && (this.#bits & STOPPED) === 0) {
      const { held } = extras;
      extras.held = null;
      this.#deliver(held);
    }
    if (this.#wants()) this.#drive.pull();
  }
  /** The application threw. What the iterator threw because of the peer is no mistake of the application. */
  #threw(error: unknown): true {
    const result = this.#result();
    if (result === null || error !== result.error) this.#drive.context.report(error, this);
    this.#finish(1011);
    return true;
  }
  #end({ close, clean }: Event & { readonly type: "closed" }): void {
    const extras = this.#more();
    const result = clean && (this.#bits & TORN) === 0
      ? { code: close.code, reason: close.reason, clean, error: null }
      : { code: 1006, reason: "", clean: false, error: extras.error ?? failure("LOST") };
    this.#drive.context.left(this);
    extras.end(result);
    if ((this.#bits & PENDING) === 0) this.#tellHandler(result);
  }
  #tellHandler(closed: Closed): void {
    const { handlers } = this.#drive.context;
    if (handlers?.close !== undefined) {
      aside(() => handlers.close!(this, closed), (error) => this.#drive.context.report(error, this));
    }
  }
}

function call(handlers: Handlers<any>, socket: Handle, event: Delivery): unknown {
  switch (event.type) {
    case "text":
    case "binary":
      return handlers.message?.(socket, event.data);
    case "part":
      return handlers.part?.(socket, event);
    case "raw":
      return handlers.raw?.(socket, event);
    case "ping":
      return handlers.ping?.(socket, event.data);
    case "pong":
      return handlers.pong?.(socket, event.data);
  }
}

const DROPS = 1; // messages are dropped: close() was called, or the connection is being torn down
const ENDING = 2; // our close() started the closing handshake: the iterator has ended
const TORN = 4; // dropped on this side before the peer's Close was seen
const CLOSE_SEEN = 8;
const PAUSED = 16;
const PENDING = 32; // a promise of a handler has not settled
const STOPPED = PAUSED | PENDING;
const CONGESTED = 64; // somebody waits for drain
