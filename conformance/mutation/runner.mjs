// A TestRunner for Stryker: core's tests in its own process, those that reach a mutant, until the first that fails.
// Vitest starts workers for each run, which takes seconds; the tests take milliseconds.
// A kill must be the mutant's doing. Every test file gets modules of its own for every mutant, so that no mutant sees what another has done to a
// slab or a pool. Properties always start from the same seed. And where a test fails, the same tests up to it must pass on fresh modules
// without the mutant: else the mutant is reported as an error, and counts as nothing. Next file: trial.mjs.
import { INSTRUMENTER_CONSTANTS } from "@stryker-mutator/api/core";
import { declareFactoryPlugin, PluginKind } from "@stryker-mutator/api/plugin";
import { DryRunStatus, MutantRunStatus, TestStatus } from "@stryker-mutator/api/test-runner";
import fc from "fast-check";
import { readdirSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { openTests } from "./tests.mjs";
import { attempt } from "./trial.mjs";

/**
 * @typedef {import("@stryker-mutator/api/core").InstrumenterContext} Context
 * @typedef {import("@stryker-mutator/api/test-runner").TestResult} TestResult
 * @typedef {import("@stryker-mutator/api/test-runner").MutantRunResult} MutantRunResult
 */

export const strykerPlugins = [
  declareFactoryPlugin(PluginKind.TestRunner, "in-process", Object.assign(createRunner, { inject: [] })),
];

/** @returns {import("@stryker-mutator/api/test-runner").TestRunner} */
function createRunner() {
  // A counterexample is enough: nobody reads a small one.
  fc.configureGlobal({ seed: 1, endOnFailure: true });
  /** What instrumented code asks and tells. @type {{ [key in keyof Context]: Context[key] | undefined }} */
  const stryker = Reflect.get(globalThis, INSTRUMENTER_CONSTANTS.NAMESPACE) ?? {};
  Reflect.set(globalThis, INSTRUMENTER_CONSTANTS.NAMESPACE, stryker);
  /** @type {import("@stryker-mutator/api/core").MutantCoverage} */
  const coverage = stryker.mutantCoverage = { static: {}, perTest: {} };
  /** What each test, and each file of them, takes without a mutant, in milliseconds. @type {Map<string, number>} */
  const takes = new Map();
  /** Tests that have passed without a mutant, in this order. @type {Set<string>} */
  const controlled = new Set();
  /** How many tests a mutant has met. */
  let met = 0;

  return {
    // Every run starts with fresh modules.
    capabilities: () => ({ reloadEnvironment: true }),

    async dryRun({ testFiles = allTestFiles() }) {
      /** @type {TestResult[]} */
      const tests = [];
      for (const fileName of testFiles) {
        const file = resolve(fileName);
        for (const { id, name, run } of await openTests(file, "all")) {
          stryker.currentTestId = id;
          const { failure, took } = await attempt(run, HOUR);
          stryker.currentTestId = undefined;
          takes.set(id, took);
          takes.set(file, (takes.get(file) ?? 0) + took);
          const result = { id, name, fileName, timeSpentMs: took };
          if (failure === null) tests.push({ ...result, status: TestStatus.Success });
          else tests.push({ ...result, status: TestStatus.Failed, failureMessage: failure });
        }
      }
      return { status: DryRunStatus.Complete, tests, mutantCoverage: coverage };
    },

    async mutantRun({ activeMutant, sandboxFileName, testFilter, hitLimit, mutantActivation }) {
      const mutant = { id: activeMutant.id, file: resolve(sandboxFileName) };
      const wanted = testFilter === undefined ? null : new Set(testFilter);
      const files = wanted === null ? allTestFiles() : [...new Set(Array.from(wanted, fileOf))];
      // First who knows most about the file, then who is quick.
      const wait = (/** @type {string} */ file) => takes.get(file) ?? 0;
      files.sort((a, b) => distance(a, mutant.file) - distance(b, mutant.file) || wait(a) - wait(b));
      met = 0;
      for (const file of files) {
        const result = await meet(file, wanted, mutant, hitLimit, mutantActivation === "static");
        if (result !== null) return result;
      }
      return { status: MutantRunStatus.Survived, nrOfTests: met };
    },
  };

  /**
   * Lets a mutant meet the tests of a file.
   * @param {string} file
   * @param {ReadonlySet<string> | null} wanted ids of tests; null for all
   * @param {{ id: string, file: string }} mutant
   * @param {number | undefined} hitLimit for tests that did not reach the mutant before
   * @param {boolean} loads whether the mutant is there while modules load
   * @returns {Promise<MutantRunResult | null>} null: it has survived these
   */
  async function meet(file, wanted, mutant, hitLimit, loads) {
    stryker.activeMutant = loads ? mutant.id : undefined;
    stryker.hitCount = undefined;
    /** @type {import("./tests.mjs").Test[]} */
    let tests;
    try {
      tests = await openTests(file, mutant);
    } catch (error) {
      stryker.activeMutant = undefined;
      const [{ id }] = await openTests(file, "none"); // throws if it is not the mutant's doing
      return { status: MutantRunStatus.Killed, killedBy: [id], failureMessage: String(error), nrOfTests: met };
    }
    const order = [];
    for (const { id, run } of tests) {
      if (wanted?.has(id) === false) continue;
      order.push(id);
      met++;
      const hits = coverage.perTest[id]?.[mutant.id];
      stryker.hitCount = 0;
      stryker.hitLimit = hits === undefined ? hitLimit : Math.max(FEW_HITS, 100 * hits);
      stryker.activeMutant = mutant.id;
      const { failure, late } = await attempt(run, limitOf(id));
      stryker.activeMutant = undefined;
      if (stryker.hitLimit !== undefined && stryker.hitCount > stryker.hitLimit) {
        return { status: MutantRunStatus.Timeout, reason: `${stryker.hitCount} hits in ${id}` };
      }
      if (failure === null) continue;
      const fault = await withoutMutant(file, order, late);
      if (fault !== null) return { status: MutantRunStatus.Error, errorMessage: fault };
      if (late) return { status: MutantRunStatus.Timeout, reason: `No end of ${id}` };
      return { status: MutantRunStatus.Killed, killedBy: [id], failureMessage: failure, nrOfTests: met };
    }
    return null;
  }

  /** How long a test may take, in whole milliseconds. @param {string} id */
  function limitOf(id) {
    return Math.max(LONG, Math.ceil(4 * (takes.get(id) ?? UNKNOWN)));
  }

  /**
   * The control: the same tests, on fresh modules, in the very same way, without the mutant.
   * @param {string} file
   * @param {readonly string[]} order
   * @param {boolean} late whether the last was late: then it must be far from that
   * @returns {Promise<string | null>} what is wrong with them
   */
  async function withoutMutant(file, order, late) {
    const key = order.join("\n");
    if (controlled.has(key) && !late) return null;
    const wanted = new Set(order);
    for (const { id, run } of await openTests(file, "none")) {
      if (!wanted.has(id)) continue;
      const { failure, took } = await attempt(run, limitOf(id));
      if (failure !== null) return `Fails without the mutant as well: ${id}: ${failure}`;
      if (late && id === order.at(-1) && took > limitOf(id) / 2) return `Takes long without the mutant as well: ${id}`;
    }
    controlled.add(key);
    return null;
  }
}

/** 0 for the test beside a file, 1 for those of its folder, 2 for the others. @param {string} test @param {string} file */
function distance(test, file) {
  if (dirname(test) !== dirname(file)) return 2;
  return basename(test).startsWith(basename(file, "ts")) ? 0 : 1;
}

/** @param {string} id */
function fileOf(id) {
  return resolve(id.slice(0, id.indexOf("#")));
}

function allTestFiles() {
  const names = readdirSync("core", { recursive: true, encoding: "utf8" });
  return names.filter((name) => name.endsWith(".test.ts")).map((name) => join(process.cwd(), "core", name));
}

const HOUR = 3_600_000;
/** A test that takes less than this, in milliseconds, is not asked whether it has lost its way. */
const LONG = 3_000;
/** What a test is taken to need in a process that has not seen it without a mutant, in milliseconds. */
const UNKNOWN = 10_000;
/** So many hits of a mutant are none too many for any test. */
const FEW_HITS = 10_000;
