// What comes in: the same as for the entry points of the core. What goes out: machines that do the same, and one line of JSON for each call
// that could change them: octets, ends, times, commands, polls, randomness, and in short what came of it. Nothing else decides what a
// machine does, so replay.ts lives the same life from these lines. Next file: lines.ts, which writes them.
import { clientConnection, serverConnection, upgradedConnection } from "../connection.ts";
import { UsageError } from "../errors.ts";
import { type Memory, ownMemory, within } from "../outbound/queue.ts";
import type {
  Acceptance,
  Agreement,
  ClientOptions,
  ClientTarget,
  Connection,
  Event,
  Millis,
  Options,
  Prepared,
  RawEvent,
  Refusal,
  RequestHead,
  Role,
  SendOptions,
  ServerConnection,
  State,
} from "../types.ts";
import { brief, dataOf, hex, type Line, optionsOf, preparedOf, sumOf } from "./lines.ts";

/** Makes the machines of connections, in place of `clientConnection`, `serverConnection` and `upgradedConnection`. */
export interface Recorder {
  client(target: ClientTarget, options: ClientOptions): Connection;
  server(options: Options, head?: RequestHead): ServerConnection;
  upgraded(role: Role, agreement: Agreement, options: Options | ClientOptions): Connection;
}

/**
 * Machines whose inputs are written down. `write` gets a line without its end, and the number of the connection, which counts from 1; it
 * must not throw. A recording holds everything that was sent and received, and the masking keys. Recorded connections are slower, and
 * have 128 KiB of memory each for their output.
 *
 * @example
 * const server = await serve({ record: recorder((line, connection) => files[connection].write(line + "\n")) }, handler);
 */
export function recorder(write: (line: string, connection: number) => void): Recorder {
  let count = 0;
  const start = <Made extends Connection>(
    first: Line,
    make: (random: (fill: ClientOptions["random"]) => ClientOptions["random"]) => Made,
  ) => {
    const connection = ++count;
    const tell = (line: Line): void => write(JSON.stringify(line), connection);
    tell(first);
    const memory = ownMemory();
    const inner = within(memory, () =>
      make((fill) => (into) => {
        fill(into);
        tell({ do: "random", bytes: hex(into) });
      }));
    return new Recorded(inner, memory, tell);
  };
  return {
    client: (target, options) =>
      start(
        { do: "client", target, options: optionsOf(options) },
        (random) => clientConnection(target, { ...options, random: random(options.random) }),
      ),
    server: (options, head) =>
      start(
        { do: "server", options: optionsOf(options), ...(head === undefined ? {} : { head: plainHead(head) }) },
        () => serverConnection(options, head),
      ),
    upgraded: (role, agreement, options) =>
      start(
        { do: "upgraded", role, agreement, options: optionsOf(options) },
        (random) =>
          role === "server"
            ? upgradedConnection("server", agreement, options)
            : upgradedConnection("client", agreement, { ...options, random: random((options as ClientOptions).random) }),
      ),
  };
}

/** A machine between its caller and another machine. */
class Recorded implements ServerConnection {
  readonly #inner: ServerConnection;
  readonly #memory: Memory;
  readonly #tell: (line: Line) => void;

  constructor(inner: Connection, memory: Memory, tell: (line: Line) => void) {
    this.#inner = inner as ServerConnection; // a client is asked for nothing that only a server has
    this.#memory = memory;
    this.#tell = tell;
  }

  get role(): Role {
    return this.#inner.role;
  }
  get state(): State {
    return this.#inner.state;
  }
  get transport(): "keep" | "end" | "destroy" {
    return this.#inner.transport;
  }
  get wantsInput(): boolean {
    return this.#inner.wantsInput;
  }
  get bufferedOutput(): number {
    return this.#inner.bufferedOutput;
  }
  get congested(): boolean {
    return this.#inner.congested;
  }

  receive(bytes: Uint8Array, now: Millis): void {
    this.#tell({ do: "receive", now, bytes: hex(bytes) }); // first: it is unmasked in place
    within(this.#memory, () => this.#inner.receive(bytes, now));
  }
  receiveEnd(now: Millis, error?: unknown): void {
    this.#tell({ do: "receiveEnd", now, ...(error === undefined ? {} : { error: sentence(error) }) });
    within(this.#memory, () => this.#inner.receiveEnd(now, error));
  }
  handleTimeout(now: Millis): void {
    this.#call({ do: "handleTimeout", now }, () => this.#inner.handleTimeout(now));
  }
  nextTimeout(now: Millis): Millis | null {
    return this.#call({ do: "nextTimeout", now }, () => this.#inner.nextTimeout(now));
  }
  poll(): Event | null {
    return this.#call({ do: "poll" }, () => this.#inner.poll(), brief);
  }
  peekOutput(): Uint8Array | null {
    return this.#call({ do: "peekOutput" }, () => this.#inner.peekOutput(), sumOf);
  }
  consumeOutput(count: number): void {
    this.#call({ do: "consumeOutput", count }, () => this.#inner.consumeOutput(count));
  }
  send(data: string | Uint8Array, options?: SendOptions): boolean {
    return this.#call(
      { do: "send", data: dataOf(data), ...(options === undefined ? {} : { options }) },
      () => this.#inner.send(data, options),
    );
  }
  sendPrepared(message: Prepared): boolean {
    return this.#call({ do: "sendPrepared", message: preparedOf(message) }, () => this.#inner.sendPrepared(message));
  }
  relay(piece: RawEvent): boolean {
    const { kind, bytes, start, end, first, last } = piece;
    return this.#call(
      { do: "relay", kind, bytes: hex(bytes.subarray(start, end)), first, last },
      () => this.#inner.relay(piece),
    );
  }
  ping(data?: Uint8Array): boolean {
    return this.#call({ do: "ping", ...(data === undefined ? {} : { data: dataOf(data) }) }, () => this.#inner.ping(data));
  }
  close(code?: number, reason?: string): boolean {
    const line: Line = { do: "close", ...(code === undefined ? {} : { code }), ...(reason === undefined ? {} : { reason }) };
    return this.#call(line, () => this.#inner.close(code, reason));
  }
  accept(answer?: Acceptance): boolean {
    return this.#call({ do: "accept", ...(answer === undefined ? {} : { answer }) }, () => this.#inner.accept(answer));
  }
  reject(answer: Refusal): boolean {
    const { status, headers = [], body = "" } = answer;
    return this.#call({ do: "reject", status, headers, body: dataOf(body) }, () => this.#inner.reject(answer));
  }

  /** Makes the call, and tells of it and of what came of it, even if it throws. */
  #call<Result>(line: Line, run: () => Result, short: (result: Result) => unknown = (result) => result): Result {
    let gives: unknown = "an error";
    try {
      const result = within(this.#memory, run);
      gives = short(result);
      return result;
    } catch (error) {
      if (error instanceof UsageError) gives = error.code;
      throw error;
    } finally {
      this.#tell({ ...line, gives } as Line);
    }
  }
}

/** What an error says; of anything else what it looks like. */
function sentence(error: unknown): string {
  const { message } = (error ?? {}) as { message?: unknown };
  return typeof message === "string" ? message : String(error);
}
/** Without what a host may have added. */
function plainHead({ http, method, target, authority, headers, protocol }: RequestHead): RequestHead {
  return { http, method, target, authority, headers, ...(protocol === undefined ? {} : { protocol }) };
}
