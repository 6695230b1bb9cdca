// `npm run mutation`: changes core/ in some five thousand small ways, and asks each time whether a test beside its files notices. The laws
// would find more, and take a thousand times as long. All of it takes 20 to 30 minutes; `npm run mutation -- --mutate core/wire/close.ts` asks about
// one file. What survived is in survivors.md. Next file: runner.mjs.

/** @type {import("@stryker-mutator/api/core").PartialStrykerOptions} */
export default {
  testRunner: "in-process",
  plugins: ["./conformance/mutation/runner.mjs"],
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
  // Stryker rewrites the tsconfig it finds with the API of TypeScript, which TypeScript 7 does not have; the runner needs none.
  tsconfigFile: "conformance/mutation/no-tsconfig.json",
  coverageAnalysis: "perTest",
  concurrency: 1,
  dryRunTimeoutMinutes: 30, // on a busy machine
  timeoutMS: 60_000, // the runner stops a test that does not end long before
  ignoreStatic: false, // every run loads its modules anew
  ignorePatterns: [
    "dist",
    "reports",
    ".cache",
    "conformance/autobahn",
    "conformance/runtimes/node_modules",
    "conformance/bench/node_modules",
  ],
  reporters: ["clear-text", "progress-append-only", "html", "json"],
  jsonReporter: { fileName: "reports/mutation/report.json" },
  htmlReporter: { fileName: "reports/mutation/index.html" },
  warnings: { slow: false },
  clearTextReporter: { allowColor: false, logTests: false, reportTests: false },
  tempDirName: ".cache/stryker",
  cleanTempDir: "always", // or a later run of vitest would find its tests
  thresholds: { high: 95, low: 90, break: 90 },
};
