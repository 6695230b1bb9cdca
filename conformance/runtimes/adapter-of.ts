// In: the name of a runtime with sockets. Out: its adapter, imported only now, since another runtime could not. Cloudflare's is not among
// them: it has no `serve` that listens. Next file: echo.ts.
import type { Connect, Serve } from "../../adapters/adapter.ts";

/** What all adapters can do, as options of strings say it. */
export interface Adapter {
  readonly serve: Serve<{
    readonly port?: number;
    readonly host?: string;
    readonly path?: string;
    readonly tls?: { readonly key: string; readonly cert: string };
  }>;
  readonly connect: Connect<
    { readonly tls?: { readonly ca?: string; readonly servername?: string } }
  >;
}
export type SocketRuntime = "node" | "deno" | "bun";

export function adapterOf(runtime: SocketRuntime): Promise<Adapter> {
  switch (runtime) {
    case "node":
      return import("../../adapters/node.ts");
    case "deno":
      return import("../../adapters/deno.ts");
    case "bun":
      return import("../../adapters/bun.ts");
  }
}
