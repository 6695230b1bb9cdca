// What comes in: the path of a TypeScript file that Stryker has instrumented. What goes out: its exports, from modules that nobody else has seen.
// Each graph of modules is a world of its own: the slabs and pools that one mutant left broken are not those of the next. That is affordable,
// as a file is transformed and compiled once, and evaluated as often as one likes. Measured: the modules of a test file take 2 to 5 ms.
// Next file: tests.mjs.
import { readFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { Script } from "node:vm";
import { moduleRunnerTransform, transformWithOxc } from "vite";

/**
 * @typedef {Record<string, unknown>} Exports
 * @typedef {"all" | "none" | { id: string, file: string }} Instrumented all of Stryker's switches, none, or the one of a mutant
 * @typedef {{
 *   load(file: string): Promise<Exports>,
 *   reset(): void,
 *   mock(file: string, factory: () => Exports | Promise<Exports>): void,
 * }} Graph
 */

/**
 * An empty graph. `given` are modules made by the caller, by the name under which they are imported.
 * @param {Instrumented} instrumented
 * @param {Record<string, Exports>} given
 * @returns {Graph}
 */
export function createGraph(instrumented, given) {
  /** @type {Map<string, Exports>} */
  const loaded = new Map();
  /** @type {Map<string, () => Exports | Promise<Exports>>} */
  const mocks = new Map();

  /** @param {string} file */
  async function load(file) {
    // Modules are evaluated one by one: what is here already is complete, or waits for this very import, as in any cycle.
    const known = loaded.get(file);
    if (known !== undefined) return known;
    /** @type {Exports} */
    const exports = {};
    loaded.set(file, exports);
    const mock = mocks.get(file);
    if (mock !== undefined) return Object.assign(exports, await mock());
    const script = await compiled(file, instrumented);
    /** @param {string} name */
    const importer = (name) => given[name] ?? (name.startsWith(".") ? load(resolve(dirname(file), name)) : import(name));
    /** @param {string} name @param {() => unknown} get */
    const exportName = (name, get) => Object.defineProperty(exports, name, { enumerable: true, get });
    /** @param {Exports} from */
    const exportAll = (from) => {
      for (const name in from) if (name !== "default" && !(name in exports)) exportName(name, () => from[name]);
    };
    await script.runInThisContext()(importer, importer, exportName, exportAll, { url: pathToFileURL(file).href });
    return exports;
  }

  return { load, reset: () => loaded.clear(), mock: (file, factory) => void mocks.set(file, factory) };
}

/** @type {Map<string, Promise<string>>} */
const sources = new Map();
/** @type {Map<string, Script>} */
const scripts = new Map();

/** @param {string} file @param {Instrumented} instrumented @returns {Promise<Script>} */
async function compiled(file, instrumented) {
  const mutant = typeof instrumented === "object" && instrumented.file === file ? instrumented.id : null;
  const key = `${instrumented === "all" ? "all" : "none"} ${file}`;
  const kept = mutant === null ? scripts.get(key) : undefined;
  if (kept !== undefined) return kept;
  let source = sources.get(file);
  if (source === undefined) sources.set(file, source = transform(file));
  const code = instrumented === "all" ? await source : withSwitchesOff(await source, mutant);
  const script = new Script(
    "(async (__vite_ssr_import__, __vite_ssr_dynamic_import__, __vite_ssr_exportName__, __vite_ssr_exportAll__, __vite_ssr_import_meta__) => {" +
      `"use strict";${code}\n})`,
    { filename: file },
  );
  if (mutant === null) scripts.set(key, script);
  return script;
}

/** @param {string} file @returns {Promise<string>} */
async function transform(file) {
  const { code } = await transformWithOxc(await readFile(file, "utf8"), file, { sourcemap: false });
  const result = await moduleRunnerTransform(code, null, file, code);
  if (result === null) throw new Error(`${file} cannot be transformed`);
  return result.code;
}

/**
 * Without the counters, and without the switches of all mutants but one: they would cost more than the code that they are in.
 * @param {string} code
 * @param {string | null} mutant
 */
function withSwitchesOff(code, mutant) {
  return code
    .replace(/\bstryMutAct_\w+\("(\d+)"\)/g, (call, id) => id === mutant ? call : "false")
    .replace(/\bstryCov_\w+\((?:\s*"\d+",?)+\s*\)/g, "0");
}
