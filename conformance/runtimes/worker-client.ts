// The client of Autobahn's server as a Worker. In: its settings, as the binding SETTINGS. Out: what `workerd test` calls; if it throws, the
// exit code is 1. The file before: worker-echo.ts.
import { connect } from "../../adapters/cloudflare.ts";
import { runCases } from "./cases.ts";

export default {
  async test(_: unknown, env: { readonly SETTINGS: string }): Promise<void> {
    const { url, agent } = JSON.parse(env.SETTINGS) as {
      url: string;
      agent: string;
    };
    await runCases((path, options) => connect(`${url}${path}`, options), agent);
  },
};
