// A server's socket that has just opened, on a virtual host and a wire in memory: where most tests of the handle begin.
// What comes in: the application's handler and options. What goes out: the socket, the wire's other end, and what was reported.
import type { Handler, ServeOptions, Socket } from "../../adapters/socket/handle.ts";
import { listener } from "../../adapters/socket/server.ts";
import { type VirtualHost, virtualHost } from "./virtual.ts";
import { settle, Wire } from "./wire.ts";

export interface Rig {
  readonly host: VirtualHost;
  readonly wire: Wire;
  readonly socket: Socket<any, any>;
  readonly errors: unknown[];
  settle(): Promise<void>;
}

export async function rig(handler: Handler<any, any>, options: ServeOptions<any> = {}): Promise<Rig> {
  const host = virtualHost(), wire = new Wire(), errors: unknown[] = [];
  const core = listener({ error: (error) => void errors.push(error), ...options }, handler, host);
  core.accept(wire, wire);
  wire.ask();
  await settle(host);
  const socket = [...core.sockets][0]!;
  wire.writes.splice(0); // the 101
  return { host, wire, socket, errors, settle: () => settle(host) };
}
export const idle = (): Promise<void> => new Promise(() => {});
/** A reader that is driven by hand. */
export async function reading(
  options: ServeOptions<any> = {},
): Promise<Rig & { next(): Promise<unknown>; iterator: AsyncIterator<any> }> {
  const made = await rig(idle, options);
  const iterator = made.socket[Symbol.asyncIterator]();
  return { ...made, iterator, next: async () => (await iterator.next()).value };
}
/** A handler that fails. */
export function thrower(message: string): never {
  throw new Error(message);
}
