// What comes in: the body of a test. What goes out: how it failed, and how long it took.
// A mutant may make a loop that does not end. Its thread cannot stop it, and a new process for each would take seconds: node:vm has a watchdog.
// Next file: tests.mjs.
import { Script } from "node:vm";

/**
 * Runs a test for so many milliseconds at most. What it does behind an `await` is not limited.
 * @param {() => unknown} run
 * @param {number} limit
 * @returns {Promise<{ failure: string | null, late: boolean, took: number }>}
 */
export async function attempt(run, limit) {
  const start = performance.now();
  let failure = null;
  let late = false;
  Reflect.set(globalThis, "__attempt__", run);
  try {
    await CALL.runInThisContext({ timeout: limit });
  } catch (error) {
    failure = String(error);
    late = error instanceof Error && "code" in error && error.code === "ERR_SCRIPT_EXECUTION_TIMEOUT";
  }
  return { failure, late, took: performance.now() - start };
}

const CALL = new Script("__attempt__()");
