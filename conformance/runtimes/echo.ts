// `npm run echo`: a server that sends every message back, on a runtime's adapter. In: a port, perhaps TLS. Out: the line
// `listening on ws://127.0.0.1:PORT/` as soon as clients may come; exit code 0 on SIGTERM and SIGINT.
// What tests a server (Autobahn, the benchmarks) starts this one. Next file: client.ts.
import { once } from "node:events";
import { readFileSync } from "node:fs";
import process from "node:process";
import { parseArgs } from "node:util";
import { certificate } from "../autobahn/genuine/certificate.ts";
import { type Runtime, supported, Unable } from "../autobahn/genuine/places.ts";
import { adapterOf } from "./adapter-of.ts";
import { elsewhere } from "./elsewhere.ts";
import { echoInWorkerd } from "./workerd.ts";

const usage = "usage: npm run echo -- --runtime node|deno|bun|cloudflare --port N [--tls [--key F --cert F]] " +
  "[--max-message BYTES] [--no-deflate]";

/** Serves until a signal comes; resolves to the exit code. */
export async function main(args: string[]): Promise<number> {
  try {
    return await echo(settings(args), args);
  } catch (error) {
    if (!(error instanceof Unable)) throw error;
    console.error(error.message);
    return 2;
  }
}

async function echo(
  { runtime, port, tls, message, deflate }: Settings,
  args: string[],
): Promise<number> {
  const pair = tls === null ? null : {
    key: readFileSync(tls.key, "utf8"),
    cert: readFileSync(tls.cert, "utf8"),
  };
  if (runtime === "cloudflare") {
    return echoInWorkerd(
      port,
      pair && { key: pair.key, certificate: pair.cert },
      { message, deflate },
    );
  }
  const code = await elsewhere(runtime, "echo", args);
  if (code !== null) return code;
  const { serve } = await adapterOf(runtime);
  const server = await serve({
    host: "127.0.0.1",
    port,
    ...(pair === null ? {} : { tls: pair }),
    ...(message === null ? {} : { limits: { message } }),
    ...(deflate ? {} : { deflate: null }),
  }, {
    async message(socket, data) {
      await socket.send(data);
    },
  });
  console.log(`listening on ${server.url.replace(/\/?$/, "/")}`);
  await Promise.race([once(process, "SIGTERM"), once(process, "SIGINT")]);
  await server.close({ deadline: 1_000 });
  return 0;
}

interface Settings {
  readonly runtime: Runtime;
  readonly port: number;
  readonly tls: { readonly key: string; readonly cert: string } | null;
  /** Null: the default limit. */
  readonly message: number | null;
  readonly deflate: boolean;
}

function settings(args: string[]): Settings {
  const {
    runtime,
    port,
    tls,
    key,
    cert,
    "max-message": message,
    "no-deflate": plain,
  } = values(args);
  if (!/^\d+$/.test(port) || Number(port) > 65_535) {
    throw new Unable(`--port ${port}: not a port\n${usage}`);
  }
  if (message !== undefined && !/^[1-9]\d*$/.test(message)) {
    throw new Unable(
      `--max-message ${message}: not a number of bytes\n${usage}`,
    );
  }
  if ((key === undefined) !== (cert === undefined)) {
    throw new Unable(`--key and --cert belong together\n${usage}`);
  }
  const pair = key === undefined || cert === undefined ? null : { key, cert };
  return {
    runtime: supported(runtime),
    port: Number(port),
    tls: tls ? pair ?? certificate() : null,
    message: message === undefined ? null : Number(message),
    deflate: !plain,
  };
}

function values(args: string[]) {
  const text = { type: "string" } as const;
  const flag = { type: "boolean", default: false } as const;
  try {
    return parseArgs({
      args,
      options: {
        runtime: { ...text, default: "node" },
        port: { ...text, default: "0" },
        tls: flag,
        key: text,
        cert: text,
        "max-message": text,
        "no-deflate": flag,
      },
    }).values;
  } catch (error) {
    throw new Unable(`${(error as Error).message}\n${usage}`);
  }
}
