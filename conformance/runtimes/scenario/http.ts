// The adapters for HTTP servers in the shape of the others: over node:http and node:https, and over node:http2. In: the options of `serve`. Out: a
// server of its own; closing it closes the HTTP server too. Next file: client.ts.
import { createServer, type Server as HttpServer } from "node:http";
import { createSecureServer as createSecureHttp2, createServer as createHttp2, type Http2Server } from "node:http2";
import { createServer as createSecureServer } from "node:https";
import type { Handler, ServeOptions, Server } from "../../../adapters/adapter.ts";
import { attach } from "../../../adapters/node-http.ts";
import { attach as attachHttp2, connect } from "../../../adapters/node-http2.ts";
import type { Adapter } from "../adapter-of.ts";

type Options = Parameters<Adapter["serve"]>[0];

export const overHttp: Pick<Adapter, "serve"> = {
  async serve<Data>({ tls, path, port, host, ...options }: Options & ServeOptions<Data>, handler: Handler<Data, any>) {
    const http = tls === undefined ? createServer() : createSecureServer(tls);
    return listening(http, attach(http, options as ServeOptions<Data>, handler), path === undefined ? { port, host } : { path });
  },
};
export const overHttp2: Adapter = {
  connect,
  async serve<Data>({ tls, path, port, host, ...options }: Options & ServeOptions<Data>, handler: Handler<Data, any>) {
    const http = tls === undefined ? createHttp2() : createSecureHttp2(tls);
    const server = attachHttp2(http, options as ServeOptions<Data>, handler);
    return listening(http, server, path === undefined ? { port, host } : { path });
  },
};

/** Also closes the HTTP server when the other is closed. */
async function listening<Data>(http: HttpServer | Http2Server, server: Server<Data>, where: object): Promise<Server<Data>> {
  await new Promise<void>((resolve, reject) => {
    http.once("error", reject);
    http.listen(where, resolve);
  });
  const close = server.close.bind(server);
  server.close = async (how) => {
    const stopped = new Promise((resolve) => http.close(resolve)); // first, so that nobody comes while the others leave
    await close(how);
    await stopped;
  };
  return server;
}
