// Where things are and what may stop a run before it starts. In: nothing. Out: the project's folder, and the folders that git ignores:
// .cache/ for what is made once (the suite, a certificate) and for the working files of a run, reports/ for results.
// Next file: cases.ts.
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** The folder of package.json, whether this file runs as source or from dist/. */
export const root: string = fileURLToPath(above(new URL("./", import.meta.url)));
/** The launcher, which is also how the runner starts the peers it tests. */
export const launcher: string = `${root}conformance/run.mjs`;
/** Made once: the suite, a certificate. */
export const cache: string = `${root}.cache/`;
/** Results, a folder per run. */
export const reports: string = `${root}reports/autobahn/`;
/** What is expected of us. */
export const expected: string = `${root}conformance/autobahn/expected.json`;

/** A run that cannot start: a wrong argument, or a program that is missing. The message is for people; the exit code is 2. */
export class Unable extends Error {}

/** Where there is an echo server and a client. */
export type Runtime = "node" | "deno" | "bun" | "cloudflare";

/** The runtime of that name. Throws Unable. */
export function supported(runtime: string): Runtime {
  switch (runtime) {
    case "node":
    case "deno":
    case "bun":
    case "cloudflare":
      return runtime;
    default:
      throw new Unable(`--runtime ${runtime}: there is node, deno, bun and cloudflare`);
  }
}

function above(folder: URL): URL {
  return existsSync(new URL("package.json", folder)) ? folder : above(new URL("../", folder));
}
