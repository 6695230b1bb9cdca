// The client of the scenario as a program, for runtimes that run programs. In: the adapter, what it finds (a `Client` without `connect`) and the
// names of items, as JSON. Out: one line of JSON for each item. Next file: worker-client.ts.
import process from "node:process";
import { adapterOf, type SocketRuntime } from "../adapter-of.ts";
import { overHttp2 } from "./http.ts";
import type { Client } from "./item.ts";
import { runClient } from "./items.ts";

/** What the driver gives to a client. */
export interface Task {
  readonly there: Omit<Client, "connect">;
  readonly items: readonly string[];
  /** Those of them that cannot be, here. */
  readonly hopeless: readonly string[];
}

const [name, task] = process.argv.slice(2);
const { there, items, hopeless }: Task = JSON.parse(task);
const { connect } = name === "http2" ? overHttp2 : await adapterOf(name as SocketRuntime);
await runClient({ ...there, connect }, items, hopeless, (result) => console.log(JSON.stringify(result)));
process.exit(); // a runtime may wait for timers of what has ended
