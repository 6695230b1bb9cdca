// What comes in: cases, a port. What goes out: a server for clients under test, and the run so far. Any number of connections at a time.
// It listens on this machine only unless told otherwise. RFC 6455 §4.2. Next files: server-arrival.ts, server-paths.ts.
import { type AddressInfo, createServer, type Socket } from "node:net";
import { createSecureContext } from "node:tls";
import { CASES } from "../cases/all.ts";
import type { Case, CaseId } from "../cases/case.ts";
import { isFor } from "../cases/select.ts";
import type { Profile } from "../engine/result.ts";
import { DEFAULTS, type Settings } from "../engine/settings.ts";
import type { KeyPair } from "./certificate.ts";
import { FuzzError, reasonOf } from "./errors.ts";
import { messagesText, type Run, runOf, SUITE } from "./run.ts";
import { arrive } from "./server-arrival.ts";
import { casesJson, httpText, statusPage } from "./server-pages.ts";
import { paths, type ServerObserver } from "./server-paths.ts";
import { createStore } from "./store.ts";
import { accept } from "./tcp.ts";

/** How clients are tested. */
export interface FuzzClientsOptions {
  /** Default: all 517; the numbers of `case` count these. Those that mean something against servers only are left out. */
  readonly cases?: readonly Case[] | undefined;
  /** Where to listen. Default "127.0.0.1". */
  readonly host?: string | undefined;
  /** 0: any free one. Default 9001. */
  readonly port?: number | undefined;
  /** PEM texts, for wss. `selfSigned()` makes a pair. */
  readonly tls?: KeyPair | null | undefined;
  /** Default "compat". */
  readonly profile?: Profile | undefined;
  /** As for `fuzzServers`. */
  readonly messages?: number | null | undefined;
  /** As for `fuzzServers`. */
  readonly patience?: number | null | undefined;
  readonly settings?: Partial<Settings> | undefined;
  /** Cases that are not played with an agent. */
  readonly excludes?: ((agent: string, id: CaseId) => boolean) | undefined;
  /** A browser sees a page. Default true. */
  readonly status?: boolean | undefined;
  readonly observer?: ServerObserver | undefined;
}

/** A fuzzing server that listens. */
export interface FuzzingServer {
  /** Without a slash at the end: "ws://127.0.0.1:9001". */
  readonly url: string;
  readonly port: number;
  /** Everything played so far. */
  run(): Run;
  /** Stops listening, lets conversations end for a second, and drops what is left. */
  close(): Promise<void>;
}

/** Listens. Rejects with a FuzzError, NO_LISTEN, if that cannot be, or BAD_OPTION, if key or certificate are none. */
export async function fuzzClients(options: FuzzClientsOptions = {}): Promise<FuzzingServer> {
  const { host = "127.0.0.1", port = 9001, tls = null, profile = "compat", messages = null, observer = {} } = options;
  const cases = (options.cases ?? CASES).filter((one) => isFor(one, "server"));
  const { settings = {}, excludes = () => false, patience = null } = options;
  const context = secureContext(tls);
  const started = Date.now();
  const sockets = new Set<Socket>();
  const store = createStore({ cases, excludes, observer });
  const run = (): Run =>
    runOf({
      results: store.results(),
      probes: [],
      cases,
      excludes,
      agents: store.standings().map(({ agent }) => ({ name: agent, url: null })),
      role: "client",
      transport: tls === null ? "ws" : "wss",
      profile,
      started,
      options: { messages: messagesText(messages), patience },
    });
  const upgrade = paths({ cases, profile, messages, patience, settings, excludes, observer, store, run });

  const server = createServer((raw) => {
    sockets.add(raw);
    raw.on("close", () => sockets.delete(raw));
    const connection = accept(raw, context);
    arrive(connection, settings.openHandshakeTimeout ?? DEFAULTS.openHandshakeTimeout, {
      upgrade: (arrival) => upgrade(connection, arrival),
      page(path) {
        if (path === "/cases") return httpText("200 OK", "application/json", casesJson(cases), "Access-Control-Allow-Origin: *");
        if (options.status === false) {
          return httpText("426 Upgrade Required", "text/plain", "This is a WebSocket server.\n", "Upgrade: websocket");
        }
        return httpText("200 OK", "text/html", statusPage(SUITE.name, url, cases.length, store.standings()));
      },
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error) => {
      reject(new FuzzError("NO_LISTEN", `Port ${port} of ${host} cannot be listened on: ${reasonOf(error)}.`, { cause: error }));
    });
    server.listen({ host, port }, resolve);
  });
  const address = server.address() as AddressInfo;
  const url = `${tls === null ? "ws" : "wss"}://${host.includes(":") ? `[${host}]` : host}:${address.port}`;
  return {
    url,
    port: address.port,
    run,
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      const late = setTimeout(() => sockets.forEach((socket) => socket.destroy()), 1000);
      await closed;
      clearTimeout(late);
    },
  };
}

function secureContext(tls: KeyPair | null): ReturnType<typeof createSecureContext> | null {
  try {
    return tls === null ? null : createSecureContext({ key: tls.key, cert: tls.cert, minVersion: "TLSv1.2" });
  } catch (error) {
    throw new FuzzError("BAD_OPTION", `Key or certificate cannot be used: ${reasonOf(error)}.`, { cause: error });
  }
}
