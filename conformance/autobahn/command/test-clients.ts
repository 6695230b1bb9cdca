// `sansws conform client`. In: options. Out: a server for clients under test; when one of them asks for the reports, they are written, it is
// answered, and the command ends, so that it can stand in a script. With `--keep` it goes on until it is stopped.
// Next file: progress.ts.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { selfSigned } from "../fuzz/certificate.ts";
import { reasonOf } from "../fuzz/errors.ts";
import type { Run } from "../fuzz/run.ts";
import { fuzzClients } from "../fuzz/server.ts";
import { finish, observing, prepare } from "./finish.ts";
import type { ClientOptions } from "./options.ts";
import { telling } from "./progress.ts";

/** Tests clients until it is told to stop; resolves to the exit code. Rejects with a FuzzError. */
export async function testClients(options: ClientOptions): Promise<number> {
  prepare(options);
  const { cases, host, messages, outdir, keep } = options;
  for (const sentence of options.told) console.error(sentence);
  const isMade = options.tls === "made";
  const tls = options.tls === "made" ? selfSigned([host]) : options.tls;
  const progress = telling(process.stderr);
  let code = 0;
  let unreported = true;
  const write = (run: Run): void => {
    progress.clear();
    code = finish(run, options);
    unreported = false;
  };
  let end!: (code: number | null) => void;
  let fail!: (error: unknown) => void;
  const ended = new Promise<number | null>((resolve, reject) => [end, fail] = [resolve, reject]);
  const stop = (): void => end(INTERRUPTED);
  process.once("SIGINT", stop).once("SIGTERM", stop);
  const observer = observing(progress, messages);
  const server = await fuzzClients({
    ...options,
    tls,
    observer: {
      ...observer,
      begins(agent, theCase) {
        unreported = true;
        observer.begins(agent, theCase);
      },
      reports(run, stop) {
        try {
          write(run);
        } catch (error) {
          return fail(error);
        }
        if (!keep || stop) end(null);
      },
      stops: () => end(null),
    },
  });
  const trust = isMade ? `; its certificate: ${certificateFile(outdir, tls?.cert ?? "")}` : "";
  console.log(`listening on ${server.url}/, ${cases.length} cases${trust}`);
  let interrupted: number | null;
  try {
    interrupted = await ended;
  } finally {
    await server.close();
    progress.stop();
    process.off("SIGINT", stop).off("SIGTERM", stop);
  }
  if (unreported) write(server.run());
  return interrupted ?? code;
}

/** For the client, which has to trust it. */
function certificateFile(outdir: string, cert: string): string {
  const path = join(outdir, "certificate.pem");
  try {
    writeFileSync(path, cert);
    return path;
  } catch (error) {
    return `not written: ${reasonOf(error)}`;
  }
}

const INTERRUPTED = 130;
