// How `npm test` runs the tests: a worker more than there are cores, since many tests wait for sockets, and modules loaded once for all files of a
// worker, except for those that measure the heap, which is their own then (measured: a forced collection takes four times as long in a
// shared one). No test may take a minute, however busy the machine is. Next file: coverage.config.ts.
import { availableParallelism } from "node:os";
import { defineConfig, type ViteUserConfig } from "vitest/config";

const heap = ["conformance/laws/memory.test.ts", "conformance/laws/linear.test.ts", "conformance/vectors/attacks-calls.test.ts"];

const config: ViteUserConfig = defineConfig({
  test: {
    maxWorkers: availableParallelism() + 1,
    testTimeout: 60_000,
    hookTimeout: 60_000,
    projects: [
      { extends: true, test: { name: "heap", include: heap } },
      {
        extends: true,
        test: { name: "tests", include: ["{core,adapters,conformance,examples}/**/*.test.ts"], exclude: heap, isolate: false },
      },
    ],
  },
});
export default config;
