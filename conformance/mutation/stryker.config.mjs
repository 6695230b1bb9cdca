// `npm run mutation`: changes core/ in a thousand small ways, and asks each time whether a test notices. All of it takes hours:
// `npm run mutation -- --mutate core/wire/close.ts` asks about one file. RFC 6455 and 7692 are not asked. Next file: vitest.config.ts.

/** @type {import("@stryker-mutator/api/core").PartialStrykerOptions} */
export default {
  testRunner: "vitest",
  vitest: { configFile: "conformance/mutation/vitest.config.ts", related: false },
  plugins: ["@stryker-mutator/vitest-runner"],
  mutate: [
    "core/**/*.ts",
    "!core/**/*.test.ts",
    "!core/index.ts",
    "!core/types.ts",
    // Written by a generator that its test repeats character by character.
    "!core/inbound/short-text.ts",
  ],
  // The words of errors and faults are for people; their codes are tested.
  mutator: { excludedMutations: ["StringLiteral"] },
  // Stryker rewrites the tsconfig it finds with the API of TypeScript, which TypeScript 7 does not have; vitest needs none.
  tsconfigFile: "conformance/mutation/no-tsconfig.json",
  coverageAnalysis: "perTest",
  concurrency: 1,
  timeoutMS: 20_000,
  ignoreStatic: true,
  ignorePatterns: [
    "dist",
    "reports",
    ".cache",
    "conformance/autobahn",
    "conformance/runtimes/node_modules",
    "conformance/bench/node_modules",
  ],
  reporters: ["clear-text", "html"],
  htmlReporter: { fileName: "reports/mutation/index.html" },
  clearTextReporter: { allowColor: false, logTests: false, reportTests: false },
  tempDirName: ".cache/stryker",
  cleanTempDir: "always", // or a later run of vitest would find its tests
  thresholds: { high: 95, low: 90, break: 90 },
};
