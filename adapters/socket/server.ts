// What comes in: transports that a runtime accepted, options and a handler. What goes out: the Server that an application sees: it asks
// the application about each request, keeps the open sockets, casts to all of them, and shuts down in order.
// RFC 6455 §4.2, §10.2. Next file: origins.ts.
import { type Options, prepare, type RequestHead, serverConnection, UsageError } from "../../core/index.ts";
import { Arrival, type Door } from "./arrival.ts";
import { aside, commonContext, complain, type Context, coreOptions, guarded, handlersOf } from "./context.ts";
import { Drive } from "./drive.ts";
import { failure } from "./errors.ts";
import type { Handler, ServeOptions, Server, Socket } from "./handle.ts";
import { originPolicy } from "./origins.ts";
import type { Handle } from "./socket.ts";
import type { Host, Listener, Peer, Transport } from "./transport.ts";

/** What serve() and attach() of a runtime are made of. Throws BAD_OPTION, BAD_ARGUMENT. */
export function listener<Data>(options: ServeOptions<Data>, handler: Handler<Data, any>, host: Host): Listener<Data> {
  const settings = coreOptions(options, host);
  serverConnection(settings); // settles the options, or says at once what is wrong with them
  const { maxConnections = Infinity } = options;
  if (!(maxConnections > 0)) throw new UsageError("BAD_OPTION", `maxConnections must be positive, not ${maxConnections}`);
  if (handler === undefined) throw new UsageError("BAD_ARGUMENT", "a server needs a handler");
  return new Listening(options, handler, settings, host);
}

class Listening<Data> implements Listener<Data> {
  readonly sockets: Set<Handle> = new Set();
  readonly #arrivals = new Set<Arrival>();
  readonly #options: ServeOptions<Data>;
  readonly #settings: Options;
  readonly #context: Context;
  readonly #door: Door;
  #admitted = 0;
  #closing = false;
  #whenEmpty: (() => void)[] = [];
  #forgetSignal: (() => void) | null = null;

  constructor(options: ServeOptions<Data>, handler: Handler<Data, any>, settings: Options, host: Host) {
    this.#options = options;
    this.#settings = settings;
    this.#context = {
      ...commonContext(settings, host, handlersOf(handler, settings.messages)),
      report: (error, socket) => this.#threw(error, socket),
      left: (socket) => {
        this.sockets.delete(socket as Handle);
        this.#tellEmpty();
      },
      farewell: () => this.#closing ? 1001 : 1000,
    };
    this.#door = {
      context: this.#context,
      handler,
      isAllowed: originPolicy(options.origins),
      protocols: options.protocols ?? [],
      upgrade: options.upgrade?.bind(options) ?? null,
      isClosing: () => this.#closing,
      admit: () => this.sockets.size + this.#admitted < (options.maxConnections ?? Infinity) && ++this.#admitted > 0,
      opened: (socket) => void this.sockets.add(socket as Handle),
      gone: (arrival, admitted) => {
        this.#arrivals.delete(arrival);
        if (admitted) this.#admitted--;
        this.#tellEmpty();
      },
      threw: (error) => this.#threw(error, null),
      failed: (error) => this.failed(error),
    };
  }

  accept(transport: Transport, peer: Peer, head?: RequestHead): void {
    const { record } = this.#options;
    const connection = record === undefined ? serverConnection(this.#settings, head) : record.server(this.#settings, head);
    const arrival = new Arrival(connection, peer, this.#door);
    this.#arrivals.add(arrival);
    arrival.start(new Drive(connection, transport, arrival, this.#context));
    if (this.#closing) arrival.cancel();
  }
  failed(error: unknown): void {
    const hook = this.#options.error;
    if (hook !== undefined) guarded(() => hook.call(this.#options, error, null));
  }
  server(url: () => string, stop: () => void | Promise<void>): Server<Data> {
    const server = new Serving(this, url, stop);
    const { signal } = this.#options;
    if (signal === undefined) return server;
    const close = (): void => aside(() => server.close(), (error) => this.#threw(error, null));
    if (signal.aborted) close();
    else signal.addEventListener("abort", close);
    this.#forgetSignal = () => signal.removeEventListener("abort", close);
    return server;
  }

  cast(data: string | Uint8Array, options: { compress?: boolean; to?: (socket: Socket<Data>) => boolean } = {}): number {
    const { deflate } = this.#settings, { compress, to } = options;
    const message = compress === false || deflate == null
      ? prepare(data)
      : prepare(data, { compress: compress === true ? { ...deflate, threshold: 0 } : deflate });
    let count = 0;
    for (const socket of this.sockets) if ((to === undefined || to(socket)) && socket.cast(message)) count++;
    return count;
  }
  /** Resolves when nothing is open any more. Throws BAD_ARGUMENT. */
  end(code: number, reason: string, deadline: number): Promise<void> {
    for (const socket of this.sockets) void socket.close(code, reason);
    this.#closing = true;
    this.#forgetSignal?.();
    for (const arrival of this.#arrivals) arrival.cancel();
    const { host } = this.#context;
    const timer = deadline === Infinity ? null : host.after(deadline, () => this.#cut());
    return new Promise((resolve) => {
      this.#whenEmpty.push(() => {
        if (timer !== null) host.cancel(timer);
        resolve();
      });
      this.#tellEmpty();
    });
  }

  #cut(): void {
    for (const socket of this.sockets) socket.drop(failure("TERMINATED"));
    for (const arrival of this.#arrivals) arrival.kill();
  }
  #tellEmpty(): void {
    if (this.#whenEmpty.length > 0 && this.sockets.size === 0 && this.#arrivals.size === 0) {
      for (const tell of this.#whenEmpty.splice(0)) tell();
    }
  }
  #threw(error: unknown, socket: Socket<any, any> | null): void {
    const hook = this.#options.error;
    guarded(() => hook === undefined ? complain(error) : hook.call(this.#options, error, socket));
  }
}

class Serving<Data> implements Server<Data> {
  readonly #listening: Listening<Data>;
  readonly #url: () => string;
  readonly #stop: () => void | Promise<void>;
  #stopped: Promise<void> | null = null;

  constructor(listening: Listening<Data>, url: () => string, stop: () => void | Promise<void>) {
    this.#listening = listening;
    this.#url = url;
    this.#stop = stop;
  }
  get url(): string {
    return this.#url();
  }
  get sockets(): ReadonlySet<Socket<Data>> {
    return this.#listening.sockets;
  }
  broadcast(data: string | Uint8Array, options?: { compress?: boolean; to?: (socket: Socket<Data>) => boolean }): number {
    return this.#listening.cast(data, options);
  }
  async close(
    { code = 1001, reason = "", deadline = 10_000 }: { code?: number; reason?: string; deadline?: number } = {},
  ): Promise<void> {
    const ended = this.#listening.end(code, reason, deadline);
    this.#stopped ??= (async () => this.#stop())();
    await Promise.all([ended, this.#stopped]);
  }
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}
