// The client of the scenario as a Worker. In: its task, as the binding SETTINGS; authorities are in the configuration, and so is the one path
// that it reaches, as the binding NEAR. Out: what `workerd test` calls; one line of JSON for each item. Next file: limits.ts.
import { type CloudflareSocket, connect } from "../../../adapters/cloudflare.ts";
import type { ConnectOptions, Handlers } from "../../../adapters/adapter.ts";
import { connect as connectStreams } from "../../../adapters/streams.ts";
import type { Task } from "./client.ts";
import { runClient } from "./items.ts";

export default {
  async test(_: unknown, env: Environment): Promise<void> {
    const { there, items, hopeless } = JSON.parse(env.SETTINGS) as Task;
    const reach = (url: string | { readonly href: string }, options?: ConnectOptions, handlers?: Handlers) =>
      String(url).startsWith("ws+unix:")
        ? connectStreams(env.NEAR.connect("localhost:80"), url, options, handlers)
        : connect(url, options, handlers);
    const at = { ...there, connect: reach as typeof connect };
    await runClient(at, items, hopeless, (result) => console.log(JSON.stringify(result)));
  },
};
interface Environment {
  readonly SETTINGS: string;
  readonly NEAR: { connect(address: string): CloudflareSocket };
}
