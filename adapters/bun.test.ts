import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { installed } from "../conformance/runtimes/binaries.ts";
import { expected } from "../conformance/runtimes/smoke.ts";

const run = promisify(execFile);
const program = installed("bun");
const script = new URL("../conformance/runtimes/smoke.ts", import.meta.url).pathname;

// Bun is a package of its own, which nothing but `npm ci --prefix conformance/runtimes` installs.
describe.skipIf(program === null)("in Bun (skipped where its program is not installed)", () => {
  it("serve and connect work together over TCP, TLS and paths, and fail with typed errors", async () => {
    const { stdout } = await run(program!, [script, "bun"], { timeout: 30_000 });
    expect(JSON.parse(stdout)).toEqual(expected);
  }, 30_000);
});
