// `serve` over node:http and node:https: the adapter for HTTP servers in the shape of the others. In: the options of `serve`. Out: a server of
// its own that answers upgrades; closing it closes the HTTP server too. Next file: client.ts.
import { createServer } from "node:http";
import { createServer as createSecureServer } from "node:https";
import type { Handler, ServeOptions, Server } from "../../../adapters/adapter.ts";
import { attach } from "../../../adapters/node-http.ts";
import type { Adapter } from "../adapter-of.ts";

type Options = Parameters<Adapter["serve"]>[0];

export const overHttp: Pick<Adapter, "serve"> = {
  async serve<Data>(
    { tls, path, port, host, ...options }: Options & ServeOptions<Data>,
    handler: Handler<Data, any>,
  ): Promise<Server<Data>> {
    const http = tls === undefined ? createServer() : createSecureServer(tls);
    const server = attach(http, options as ServeOptions<Data>, handler);
    await new Promise<void>((resolve, reject) => {
      http.once("error", reject);
      http.listen(path === undefined ? { port, host } : { path }, resolve);
    });
    const close = server.close.bind(server);
    server.close = async (how) => {
      const stopped = new Promise((resolve) => http.close(resolve)); // first, so that nobody comes while the others leave
      await close(how);
      await stopped;
    };
    return server;
  },
};
