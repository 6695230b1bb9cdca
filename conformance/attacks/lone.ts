// One end of one connection, in a process, a runtime and a network of its own. In: as arguments the runtime's name, an address to listen at
// (`192.0.2.1`) or to connect to (`ws://192.0.2.1:8080/`), and timers as JSON; on its input a line: send more than any kernel holds. Out: lines
// of JSON: where it listens, that it is open, how that ended. When its input ends it must leave by itself. Next file: vanished.test.ts.
import process from "node:process";
import type { Closed, Handlers, ServeOptions, Socket } from "../../adapters/adapter.ts";
import { adapterOf, type SocketRuntime } from "../runtimes/adapter-of.ts";

/** What it says, in this order, each as `[name, what]`; a client does not listen. */
export interface Said {
  /** The URL. */
  readonly listening: string;
  /** The peer's address. */
  readonly open: string | null;
  readonly closed: Pick<Closed, "code" | "clean"> & { readonly error: string | null };
}

const [runtime, address, timers] = process.argv.slice(2);
const { serve, connect } = await adapterOf(runtime as SocketRuntime);
let socket: Socket | null = null;

const options: ServeOptions = { timers: JSON.parse(timers), deflate: null };
const handlers: Handlers = {
  open(opened) {
    socket = opened;
    say("open", opened.peer.address);
  },
  close: (_, { code, clean, error }) => say("closed", { code, clean, error: error?.code ?? null }),
};
if (address.startsWith("ws:")) {
  await connect(address, options, handlers);
  process.stdin.on("end", () => socket!.terminate());
} else {
  const server = await serve({ ...options, host: address, port: 0 }, handlers);
  process.stdin.on("end", () => void server.close({ deadline: 0 }));
  say("listening", server.url);
}
process.stdin.on("data", () => void socket!.send(new Uint8Array(32 << 20)));

function say<Name extends keyof Said>(name: Name, what: Said[Name]): void {
  process.stdout.write(`${JSON.stringify([name, what])}\n`);
}
