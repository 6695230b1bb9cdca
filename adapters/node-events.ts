// Waiting for an event of Node that may never come. What comes in: an emitter, a signal. What goes out: a promise. No RFC.
// The files before: node-sockets.ts and node-http2-streams.ts, which dial.
import type { EventEmitter } from "node:events";

/** What an event comes with. Rejects with an error of the emitter, or its end. */
export function coming<Values extends unknown[]>(emitter: EventEmitter, event: string): Promise<Values> {
  const come = new Promise<Values>((resolve, reject) => {
    const settle = (): EventEmitter => emitter.off(event, resolveAll).off("error", fail).off("close", fail);
    const resolveAll = (...values: unknown[]): void => void (settle(), resolve(values as Values));
    const fail = (error: unknown = new Error("the stream was closed")): void => void (settle(), reject(error));
    emitter.on(event, resolveAll).on("error", fail).on("close", fail);
  });
  come.catch(() => {}); // perhaps nobody waits any more
  return come;
}
/** Rejects with the signal's reason once it is aborted. */
export function unlessAborted<Value>(promise: Promise<Value>, signal: AbortSignal): Promise<Value> {
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(signal.reason);
    if (signal.aborted) abort();
    signal.addEventListener("abort", abort);
    promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort));
  });
}
