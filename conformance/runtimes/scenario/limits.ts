// What a runtime cannot do, each with its reason. In: an item and a pair. Out: the reason, or null. An item that is told here is tried all the
// same in each run: if it works, the run fails, because this table is wrong then. Next file: peers.ts.
import type { Run } from "./runs.ts";

/** Which side of the pair cannot do the item, and why; null if both can. */
export function limitOf(item: string, client: Run, server: Run): string | null {
  const limit = limits.find((limit) => limit.item === item && limit.runs.includes({ client, server }[limit.side].name));
  return limit === undefined ? null : `${limit.side} ${limit.side === "client" ? client.name : server.name}: ${limit.reason}`;
}

interface Limit {
  readonly item: string;
  readonly side: "client" | "server";
  /** Names of runs. */
  readonly runs: readonly string[];
  readonly reason: string;
}

const limits: readonly Limit[] = [
  {
    item: "graceful server close",
    side: "server",
    runs: ["workerd"],
    reason: "a Worker listens nowhere: each connection is a call of its own, and there is no server to close",
  },
  {
    item: "abort inside TLS",
    side: "client",
    runs: ["workerd"],
    reason: "connect() rejects, but the runtime closes a socket inside of a TLS handshake only when the call of the Worker ends",
  },
  {
    item: "silent client dropped in TLS",
    side: "server",
    runs: ["workerd"],
    reason: "TLS is answered before the Worker is called, and the runtime has no deadline for it",
  },
  ...["silent client dropped", "silent client dropped in TLS"].map((item): Limit => ({
    item,
    side: "server",
    runs: ["http", "http-on-bun", "http-on-deno", "http2", "http2-on-bun", "http2-on-deno"],
    reason: "until the request for a WebSocket the connection is the HTTP server's, with deadlines of its own",
  })),
  ...["abort in each phase", "abort inside TLS", "half-close", "reset mid-frame", "stalled reader dropped"].map((
    item,
  ): Limit => ({
    item,
    side: "client",
    runs: ["http2", "http2-on-bun", "http2-on-deno"],
    reason: "the raw peers of the scenario speak HTTP/1.1; node-http2.test.ts has streams that abort, end and are reset",
  })),
  {
    item: "reset mid-frame",
    side: "server",
    runs: ["http-on-bun"],
    reason: "Bun tells an upgraded stream of a reset as of an end: LOST instead of TRANSPORT",
  },
];
