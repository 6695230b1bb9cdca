// `npm run coverage`: what the tests beside the files of core/ reach of them. Every branch, or the run fails. The laws and the vectors are not
// counted: what only they reach would have no test of its own. Next file: mutation/stryker.config.mjs, which asks whether they would notice.
import { defineConfig, type ViteUserConfig } from "vitest/config";

const config: ViteUserConfig = defineConfig({
  test: {
    include: ["core/**/*.test.ts"],
    testTimeout: 60_000,
    coverage: {
      enabled: true,
      provider: "v8",
      include: ["core/**/*.ts"],
      exclude: ["**/*.test.ts", "core/types.ts"],
      reporter: ["text"],
      thresholds: { branches: 100, functions: 100, lines: 100, statements: 100 },
    },
  },
});
export default config;
