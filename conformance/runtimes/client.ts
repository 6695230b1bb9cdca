// `npm run client`: the client that the Autobahn Testsuite's server expects, on a runtime's adapter. In: the server's URL. Out: all of its
// cases run under the name of an agent, then its reports written. Exit code 0 at the end, whatever the verdicts; 1 if the server cannot be
// reached. The file before: echo.ts; what it does there: cases.ts.
import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { type Runtime, supported, Unable } from "../autobahn/genuine/places.ts";
import { adapterOf } from "./adapter-of.ts";
import { runCases } from "./cases.ts";
import { elsewhere } from "./elsewhere.ts";
import { clientInWorkerd } from "./workerd.ts";

const usage = "usage: npm run client -- --runtime node|deno|bun|cloudflare --url URL --agent NAME [--ca F]";

/** Runs every case; resolves to the exit code. */
export async function main(args: string[]): Promise<number> {
  try {
    return await client(settings(args), args);
  } catch (error) {
    console.error((error as Error).message);
    return error instanceof Unable ? 2 : 1;
  }
}

async function client(
  { runtime, url, agent, ca }: Settings,
  args: string[],
): Promise<number> {
  if (runtime === "cloudflare") {
    return clientInWorkerd(ca === null ? {} : { authorities: [ca] }, {
      url,
      agent,
    });
  }
  const code = await elsewhere(runtime, "client", args);
  if (code !== null) return code;
  const { connect } = await adapterOf(runtime);
  await runCases(
    (path, options) =>
      connect(`${url}${path}`, {
        ...options,
        ...(ca === null ? {} : { tls: { ca } }),
      }),
    agent,
  );
  return 0;
}

interface Settings {
  readonly runtime: Runtime;
  /** Without a slash at the end. */
  readonly url: string;
  readonly agent: string;
  /** PEM. Null: the runtime's authorities. */
  readonly ca: string | null;
}

function settings(args: string[]): Settings {
  const { runtime, url, agent, ca } = values(args);
  if (url === undefined || agent === undefined) throw new Unable(usage);
  const authority = ca === undefined ? null : readFileSync(ca, "utf8");
  return {
    runtime: supported(runtime),
    url: url.replace(/\/$/, ""),
    agent,
    ca: authority,
  };
}

function values(args: string[]) {
  const text = { type: "string" } as const;
  try {
    return parseArgs({
      args,
      options: {
        runtime: { ...text, default: "node" },
        url: text,
        agent: text,
        ca: text,
      },
    }).values;
  } catch (error) {
    throw new Unable(`${(error as Error).message}\n${usage}`);
  }
}
