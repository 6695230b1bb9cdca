import { describe, expect, it } from "vitest";
import { items } from "./items.ts";
import { limitOf } from "./limits.ts";
import { runAll } from "./main.ts";
import type { Outcome } from "./pair.ts";
import { beside, four, runOf, square } from "./runs.ts";
import { list, matrix, problemsOf, reasonsOf } from "./table.ts";

const names = items.map(({ name }) => name);
/** Each runtime once as client and once as server. All pairs are for CI: they take as long as a tenth of all tests. */
const ring = four.map((client, i) => [client, four[(i + 1) % four.length]] as const);
const here = ring.filter((pair) => pair.every((name) => runOf(name).program(false) !== null));

// Programs that are not installed are left out: `npm ci --ignore-scripts --prefix conformance/runtimes` installs them. What stands in dist/ is run.
describe(`the scenario (${here.length} of ${ring.length} pairs of a ring are installed)`, () => {
  it("holds for Node, Deno, Bun and workerd, each as client and as server", async () => {
    const cells = await runAll(here, names);
    expect(problemsOf(cells)).toEqual([]);
    expect(cells.map(({ outcomes }) => outcomes.map(({ item }) => item))).toEqual(here.map(() => names));
  }, 300_000);
});

describe("the lists of the scenario", () => {
  it("have each item once, with a half at least", () => {
    expect(new Set(names).size).toBe(names.length);
    expect(items.filter(({ client, raw }) => client === undefined && raw === undefined)).toEqual([]);
  });
  it("name no run that is not there", () => {
    for (const name of [...square, ...beside].flat()) expect(runOf(name).name).toBe(name);
    expect(() => runOf("node4")).toThrow("node4: there is node, deno");
  });
  it("tell a limit of one side for that side only", () => {
    const [node, workerd] = [runOf("node"), runOf("workerd")];
    expect(limitOf("graceful server close", workerd, node)).toBeNull();
    expect(limitOf("graceful server close", node, workerd)).toMatch(/listens nowhere/);
  });
});

describe("the tables of the scenario", () => {
  const good: Outcome = { item: "open", problem: null, told: null };
  const told: Outcome = { item: "text", problem: null, told: "no text there" };
  const bad: Outcome = { item: "ping", problem: "no pong", told: null };
  const cells = [{ client: "a", server: "b", outcomes: [good, told] }, { client: "c", server: "b", outcomes: [good, bad] }];
  it("never count what failed or was not done as done", () => {
    expect(matrix(cells, true)).toBe(
      "| client \\ server | b            |\n|-|-|\n| a               | 1/2, 1 n/a   |\n| c               | FAILED: ping |",
    );
    expect(list(cells, false).split("\n")[2]).toBe("c       b       FAILED: ping");
  });
  it("tell each reason once, and each problem with its pair", () => {
    expect(reasonsOf([cells[0], cells[0]])).toEqual(["n/a: text: no text there"]);
    expect(problemsOf(cells)).toEqual(["c to b: ping: no pong"]);
  });
});
