// In: a command of the launcher and its arguments. Out: the same command, run by another runtime, as if this process were that one: its
// output, its signals, its exit code. Next file: workerd.ts, for the runtime that runs no command.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import process from "node:process";
import { launcher, type Runtime } from "../autobahn/genuine/places.ts";
import { binaryOf, FLAGS } from "./binaries.ts";

/** Resolves to the exit code, or to null if this is the runtime in question. Throws Unable. */
export async function elsewhere(
  runtime: Exclude<Runtime, "cloudflare">,
  command: string,
  args: string[],
): Promise<number | null> {
  if (runtime === here()) return null;
  const env = { ...process.env, SANSWS_NO_BUILD: "1" }; // what ran this has built
  return follow(
    spawn(binaryOf(runtime), [...FLAGS[runtime], launcher, command, ...args], {
      stdio: "inherit",
      env,
    }),
  );
}

/** Passes our signals on to a child; resolves to its exit code. */
export async function follow(child: ChildProcess): Promise<number> {
  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    process.on(signal, () => child.kill(signal));
  }
  const [code] = await once(child, "close") as [number | null];
  return code ?? 1;
}

function here(): Runtime {
  if ("Deno" in globalThis) return "deno";
  return "Bun" in globalThis ? "bun" : "node";
}
