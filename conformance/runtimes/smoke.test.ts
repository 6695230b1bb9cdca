// The adapter of Node, on Node and on the runtimes that have node:net, too. Their own adapters are tested beside themselves.
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { adapterOf } from "./adapter-of.ts";
import { FLAGS, installed } from "./binaries.ts";
import { expected, smoke } from "./smoke.ts";

const run = promisify(execFile);
const script = new URL("./smoke.ts", import.meta.url).pathname;

describe("the adapter of Node", () => {
  it("works on Node", async () => {
    expect(await smoke(await adapterOf("node"))).toEqual(expected);
  }, 30_000);
  for (const runtime of ["deno", "bun"] as const) {
    const program = installed(runtime);
    it.skipIf(program === null)(`works unchanged on ${runtime} (skipped where it is not installed)`, async () => {
      const { stdout } = await run(program!, [...FLAGS[runtime], script, "node"], { timeout: 30_000 });
      expect(JSON.parse(stdout)).toEqual(expected);
    }, 30_000);
  }
});
