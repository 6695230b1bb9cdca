// What comes in: an application's options and its handler, or handlers. What goes out: one record that all connections of a listener share
// (a connect() has its own), with the frozen options of the core, so that the core settles them once.
// Next file: server.ts, and open.ts for the client.
import { type Options, UsageError } from "../../core/index.ts";
import type { Millis } from "../../core/types.ts";
import type { Handler, Handlers, Socket, SocketOptions } from "./handle.ts";
import { type Schedule, scheduleOf } from "./schedule.ts";
import type { Host } from "./transport.ts";

/** What a connection knows of the others, and of the application. */
export interface Context {
  readonly host: Host;
  readonly schedule: Schedule;
  /** Frozen, all the way down. */
  readonly options: Options;
  /** Some period is below a second. */
  readonly precise: boolean;
  /** Messages are borrowed, and cannot be kept for later. */
  readonly borrows: boolean;
  /** `limits.output`. */
  readonly outputLimit: number;
  /** null: the messages go to an iterator. */
  readonly handlers: Handlers<any> | null;
  /** What code of the application threw. Never throws. */
  report(error: unknown, socket: Socket<any, any>): void;
  /** A socket has closed. */
  left(socket: Socket<any, any>): void;
  /** What asyncDispose closes with. */
  farewell(): number;
}

/** Throws BAD_OPTION. */
export function coreOptions(options: SocketOptions, host: Host): Options {
  const { deflate = host.deflate ?? null, messages = "whole", limits = {}, timers = {} } = options;
  return Object.freeze({
    deflate: deflate === null ? null : Object.freeze({ ...deflate }),
    messages,
    limits: Object.freeze({ ...limits }),
    timers: Object.freeze({ ...timers }),
    natives: Object.freeze({ ...host.natives }),
  });
}

/** `timers.handshake`, for what happens before there is a machine. */
export function handshakePeriod({ timers }: Pick<SocketOptions, "timers">): Millis {
  return timers?.handshake ?? 10_000;
}

/** The parts of a context that server and client have in common. */
export function commonContext(options: Options, host: Host, handlers: Handlers<any> | null): Common {
  return {
    host,
    schedule: scheduleOf(host),
    options,
    precise: Object.values(options.timers ?? {}).some((period) => period > 0 && period < 1000),
    borrows: options.messages === "raw",
    outputLimit: options.limits?.output ?? DEFAULT_OUTPUT,
    handlers,
  };
}
type Common = Omit<Context, "report" | "left" | "farewell">;

/** The record of calls, or null for a function. Throws BAD_OPTION for one that could not be given any message. */
export function handlersOf(handler: Handler<any, any> | undefined, messages: SocketOptions["messages"]): Handlers<any> | null {
  if (typeof handler === "object" && handler !== null) return handler;
  if (messages === "raw") {
    throw new UsageError("BAD_OPTION", 'messages: "raw" needs a handler `raw`: its bytes cannot outlive a call');
  }
  if (handler === undefined || typeof handler === "function") return null;
  throw new UsageError("BAD_ARGUMENT", "the handler must be a function or an object of functions");
}

/** Runs a hook of the application; what that throws or rejects with goes to the console, since there is nowhere else. */
export function guarded(hook: () => unknown): void {
  aside(hook, complain);
}

/** Every runtime has a console, not every one declares it in the same way. */
declare const console: { error(error: unknown): void };
export function complain(error: unknown): void {
  console.error(error);
}

/** Makes a call that nothing waits for, and nobody is harmed by. */
export function aside(run: () => unknown, failed: (error: unknown) => void): void {
  try {
    const result = run();
    if (isPromise(result)) result.then(undefined, failed);
  } catch (error) {
    failed(error);
  }
}

/** A promise, or something like it. */
export function isPromise(value: unknown): value is PromiseLike<unknown> {
  return typeof value === "object" && value !== null && typeof (value as { then?: unknown }).then === "function";
}

const DEFAULT_OUTPUT = 64 * 1024 * 1024;
