// What comes in: a test file. What goes out: its tests, one by one, on modules of its own, as vitest would run them in a worker of its own.
// It has as much of vitest's interface as core's tests use, with vitest's own `expect`: another use of it fails in Stryker's first run.
// Next file: runner.mjs.
import { ASYMMETRIC_MATCHERS_OBJECT, chai, JestAsymmetricMatchers, JestChaiExpect, JestExtend } from "@vitest/expect";
import { dirname, relative, resolve } from "node:path";
import { format } from "node:util";
import { createGraph } from "./modules.mjs";

/**
 * @typedef {{ id: string, name: string, run: () => unknown }} Test
 * @typedef {(name: string, body: (...row: any[]) => unknown) => void} Declare
 */

/**
 * Loads a test file on fresh modules.
 * @param {string} file
 * @param {import("./modules.mjs").Instrumented} instrumented
 * @returns {Promise<Test[]>}
 */
export async function openTests(file, instrumented) {
  /** @type {Test[]} */
  const tests = [];
  /** @type {Set<string>} */
  const ids = new Set();
  let suite = "";

  const it = withEach((title, run) => {
    const name = suite + title;
    let id = `${relative(process.cwd(), file)}#${name}`;
    while (ids.has(id)) id += "'";
    ids.add(id);
    tests.push({ id, name, run });
  });
  const describe = withEach((title, body) => {
    const outer = suite;
    suite += `${title} `;
    body();
    suite = outer;
  });
  const vi = {
    resetModules: () => graph.reset(),
    /** @param {string} path @param {() => import("./modules.mjs").Exports} factory */
    doMock: (path, factory) => graph.mock(resolve(dirname(file), path), factory),
  };
  const graph = createGraph(instrumented, { vitest: { describe, it, expect, vi } });
  await graph.load(file);
  return tests;
}

/** @param {(title: string, body: () => unknown) => void} declare */
function withEach(declare) {
  /** @param {readonly unknown[]} rows @returns {Declare} */
  const each = (rows) => (title, body) => {
    for (const row of rows) {
      const cells = Array.isArray(row) ? row : [row];
      declare(titled(title, cells), () => body(...cells));
    }
  };
  return Object.assign(declare, { each });
}

/** @param {string} title @param {readonly unknown[]} cells */
function titled(title, cells) {
  const places = title.match(/%[sdifjoO]/g)?.length ?? 0;
  return format(title, ...cells.slice(0, places));
}

for (const plugin of [JestExtend, JestChaiExpect, JestAsymmetricMatchers]) chai.use(plugin);

/** Vitest's, without what belongs to its workers: snapshots, soft assertions, polling. */
const expect = Object.assign(
  /** @param {unknown} value @param {string} [message] */
  (value, message) => chai.expect(value, message),
  chai.expect,
  Reflect.get(globalThis, ASYMMETRIC_MATCHERS_OBJECT),
  {
    /** @param {string} [message] */
    unreachable: (message) => chai.assert.fail(`expected ${message ?? ""} not to be reached`),
  },
);
