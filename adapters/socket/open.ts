// What comes in: a way to dial, where to, and the options of connect(). What goes out: an open socket, or why not; and after a failure or
// an abort, in whatever phase, nothing that is still open. One deadline, `timers.handshake`, covers dialing and handshake.
// RFC 6455 §4.1. Next file: target.ts.
import {
  type Agreement,
  clientConnection,
  type ClientTarget,
  type Connection,
  type Event,
  upgradedConnection,
} from "../../core/index.ts";
import { commonContext, complain, type Context, coreOptions, handlersOf, handshakePeriod } from "./context.ts";
import { Drive, type Sink } from "./drive.ts";
import { failure, faulted, HandshakeError, refused, WebSocketError } from "./errors.ts";
import type { Connect, ConnectOptions, Handlers, Socket } from "./handle.ts";
import { type Agreed, Handle } from "./socket.ts";
import { parseTarget, type Target } from "./target.ts";
import type { Dial, Host, Peer, Transport } from "./transport.ts";

/**
 * Dials, asks for the upgrade, resolves when open. Rejects with UsageError, HandshakeError, WebSocketError or `signal.reason`.
 * What `dial` rejects with becomes a WebSocketError CONNECT with that as its cause, unless it is a WebSocketError. `target`: null if `dial` does
 * the opening handshake too.
 */
export async function open(
  dial: Dial,
  target: ClientTarget | null,
  options: ConnectOptions,
  host: Host,
  handlers?: Handlers,
): Promise<Socket<any, any>> {
  const { signal } = options;
  signal?.throwIfAborted();
  const settings = coreOptions(options, host);
  const calls = handlersOf(handlers, settings.messages);
  const { record } = options, forClient = Object.freeze({ ...settings, random: host.random });
  const asking = (target: ClientTarget): Connection =>
    record === undefined ? clientConnection(target, forClient) : record.client(target, forClient);
  const upgraded = (agreement: Agreement): Connection =>
    record === undefined ? upgradedConnection("client", agreement, forClient) : record.upgraded("client", agreement, forClient);
  const abort = (): void => opening.abort();
  const context: Context = {
    ...commonContext(settings, host, calls),
    report: complain,
    left: () => signal?.removeEventListener("abort", abort),
    farewell: () => 1000,
  };
  const opening = new Opening(target === null ? null : asking(target), upgraded, context, options);
  signal?.addEventListener("abort", abort);
  try {
    return await opening.done(dial);
  } catch (error) {
    signal?.removeEventListener("abort", abort);
    throw error;
  }
}

/** The `connect` of an adapter that reaches whatever a URL can name. `host` is asked for each connection. */
export function connecting<Extra>(
  dial: (to: Target, options: ConnectOptions & Partial<Extra>, signal: AbortSignal) => ReturnType<Dial>,
  host: () => Host,
): Connect<Extra> {
  return async (
    url: string | { readonly href: string },
    options: ConnectOptions & Partial<Extra> = {},
    handlers?: Handlers,
  ): Promise<Socket<any, any>> => {
    const to = parseTarget(url, options);
    return open((signal) => dial(to, options, signal), to.target, options, host(), handlers);
  };
}

/** A connection until it is open. */
class Opening implements Sink {
  readonly #connection: Connection | null;
  readonly #upgraded: (agreement: Agreement) => Connection;
  readonly #context: Context;
  readonly #options: ConnectOptions;
  readonly #dialing = new AbortController();
  #peer: Peer | null = null;
  #drive: Drive | null = null;
  #handle: Handle | null = null;
  #settle: { resolve(socket: Handle): void; reject(error: unknown): void } | null = null;
  #timer: unknown = null;

  constructor(
    connection: Connection | null,
    upgraded: (agreement: Agreement) => Connection,
    context: Context,
    options: ConnectOptions,
  ) {
    this.#connection = connection;
    this.#upgraded = upgraded;
    this.#context = context;
    this.#options = options;
  }

  done(dial: Dial): Promise<Handle> {
    const { host, schedule } = this.#context;
    const now = schedule.exactly();
    const due = this.#connection === null ? now + handshakePeriod(this.#options) : this.#connection.nextTimeout(now)!;
    const late = (): void => this.#fail(refused("HANDSHAKE_TIMEOUT", "dialing took too long"));
    this.#timer = host.after(due - now, late);
    return new Promise((resolve, reject) => {
      this.#settle = { resolve, reject };
      const dialed = async (): Promise<void> => {
        const { transport, peer, agreement } = await dial(this.#dialing.signal);
        if (this.#settle === null) transport.destroy();
        else this.#start(transport, peer, this.#connection ?? this.#upgraded(agreement!));
      };
      dialed().catch((error) => this.#fail(error instanceof WebSocketError ? error : failure("CONNECT", error, sentence(error))));
    });
  }
  abort(): void {
    const { reason } = this.#options.signal!;
    if (this.#handle === null) this.#fail(reason);
    else this.#handle.drop(failure("TERMINATED", reason));
  }

  event(event: Event): boolean {
    switch (event.type) {
      case "open":
        return this.#open(event.agreement);
      case "rejected":
        this.#fail(new HandshakeError(event));
        return true;
      case "fault":
        this.#fail(faulted(event.fault));
        return true;
      default:
        return true; // `closed`, behind one of the others
    }
  }
  get hasRoom(): boolean {
    return true;
  }
  settled(): void {}

  #start(transport: Transport, peer: Peer, connection: Connection): void {
    this.#context.host.cancel(this.#timer);
    this.#peer = peer;
    this.#drive = new Drive(connection, transport, this, this.#context);
    this.#drive.start();
  }
  #open({ protocol, headers }: Agreed): boolean {
    const drive = this.#drive!, settle = this.#settle;
    this.#settle = null;
    const handle = this.#handle = new Handle(drive, this.#peer!, { protocol, headers }, this.#options.data);
    drive.sink = handle;
    settle?.resolve(handle);
    return handle.opened(this.#context.handlers, null);
  }
  #fail(error: unknown): void {
    const settle = this.#settle;
    if (settle === null) return;
    this.#settle = null;
    this.#context.host.cancel(this.#timer);
    this.#dialing.abort(error);
    this.#drive?.kill();
    settle.reject(error);
  }
}

function sentence(error: unknown): string {
  const { code, message } = (error ?? {}) as { code?: unknown; message?: unknown };
  return `no connection to the server: ${typeof message === "string" && message !== "" ? message : String(code ?? error)}`;
}
