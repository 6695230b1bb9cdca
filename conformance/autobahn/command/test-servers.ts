// `sansws conform server`. In: options. Out: servers tested, reports, the exit code. An interrupt ends the run, and what has been played
// by then is reported. Next file: test-clients.ts.
import process from "node:process";
import { fuzzServers } from "../fuzz/client.ts";
import { finish, observing, prepare } from "./finish.ts";
import type { ServerOptions } from "./options.ts";
import { telling } from "./progress.ts";

/** Tests servers; resolves to the exit code. Rejects with a FuzzError. */
export async function testServers(options: ServerOptions): Promise<number> {
  prepare(options);
  const { cases, servers, messages } = options;
  const progress = telling(process.stderr);
  const stopping = new AbortController();
  const stop = (): void => stopping.abort(new Error("interrupted"));
  process.once("SIGINT", stop).once("SIGTERM", stop);
  for (const sentence of options.told) console.error(sentence);
  console.log(`${cases.length} cases against ${servers.map(({ url }) => url.text).join(", ")}`);
  try {
    const run = await fuzzServers({ ...options, observer: observing(progress, messages), signal: stopping.signal });
    progress.stop();
    const code = finish(run, options);
    return stopping.signal.aborted ? INTERRUPTED : code;
  } finally {
    progress.stop();
    process.off("SIGINT", stop).off("SIGTERM", stop);
  }
}

/** What shells expect of a program that was interrupted. */
const INTERRUPTED = 130;
