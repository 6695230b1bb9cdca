// The server of the scenario as a Worker. In: connections of TCP, with the name of their listener from the configuration. Out: what the runtime
// calls for each of them. Next file: worker-client.ts.
import { type CloudflareSocket, serve } from "../../../adapters/cloudflare.ts";
import { handlerOf, optionsOf } from "./behaviours.ts";
import type { Listening } from "./item.ts";

export default {
  async connect(socket: CloudflareSocket, _: unknown, { props: { listening } }: { readonly props: Props }): Promise<void> {
    await serve(optionsOf(listening), handlerOf(listening, null)).connect(socket);
  },
};
interface Props {
  readonly listening: Listening;
}
