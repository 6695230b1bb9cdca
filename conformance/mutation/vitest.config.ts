// What Stryker runs for each change of core/: the tests beside its files. The laws would find more, and take a thousand times as long.
// Next file: survivors.md, for the changes that no test can notice.
import { defineConfig, type ViteUserConfig } from "vitest/config";

const config: ViteUserConfig = defineConfig({
  test: { include: ["core/**/*.test.ts"], testTimeout: 60_000 },
});
export default config;
