// `npm run scenario`: every item on every pair of runtimes. In: perhaps one client, one server, one item. Out: a table with a row for each client
// and a column for each server, the reasons of what cannot be, and what went wrong; exit code 1 if something did, 2 if it could not start.
// Read on: item.ts, the items, behaviours.ts, server.ts, client.ts, runs.ts, limits.ts, peers.ts, pair.ts, table.ts.
import { parseArgs } from "node:util";
import { Unable } from "../../autobahn/genuine/places.ts";
import { items } from "./items.ts";
import { runPair, startServer } from "./pair.ts";
import { beside, runOf, square } from "./runs.ts";
import { type Cell, list, matrix, problemsOf, reasonsOf } from "./table.ts";

const usage = "usage: npm run scenario -- [--client RUN] [--server RUN] [--item NAME] [--four | --beside] [--markdown]";

/** Runs the pairs; resolves to the exit code. */
export async function main(args: string[]): Promise<number> {
  try {
    const { pairs, names, markdown } = settings(args);
    const cells = await runAll(pairs, names);
    const isMatrix = (cell: Cell): boolean =>
      square.every((pair) => pairs.includes(pair)) && square.some((pair) => isOf(cell, pair));
    const tables = [matrix(cells.filter(isMatrix), markdown), list(cells.filter((cell) => !isMatrix(cell)), markdown)];
    const lines = [...reasonsOf(cells), ...problemsOf(cells)];
    console.log([...tables, lines.join("\n")].filter((part) => part !== "").join("\n\n"));
    return problemsOf(cells).length === 0 ? 0 : 1;
  } catch (error) {
    if (!(error instanceof Unable)) throw error;
    console.error(error.message);
    return 2;
  }
}

type Pair = readonly [client: string, server: string];

/** The pairs in their order. Those of different servers run at the same time: they mostly wait. */
export async function runAll(pairs: readonly Pair[], names: readonly string[]): Promise<Cell[]> {
  const servers = [...new Set(pairs.map(([, server]) => server))];
  const cells: Cell[] = [];
  const column = async (name: string): Promise<void> => {
    const server = await startServer(runOf(name));
    try {
      for (const [client] of pairs.filter((pair) => pair[1] === name)) {
        cells.push({ client, server: name, outcomes: await runPair(runOf(client), server, names) });
      }
    } finally {
      await server.stop();
    }
  };
  while (servers.length > 0) await Promise.all(servers.splice(0, AT_ONCE).map(column));
  return pairs.map((pair) => cells.find((cell) => isOf(cell, pair))!);
}
function isOf({ client, server }: Cell, pair: Pair): boolean {
  return client === pair[0] && server === pair[1];
}

interface Settings {
  readonly pairs: readonly Pair[];
  /** Of items. */
  readonly names: readonly string[];
  readonly markdown: boolean;
}

function settings(args: string[]): Settings {
  const { client, server, item, four, beside: outer, markdown } = values(args);
  const all = items.map(({ name }) => name);
  if (item !== undefined && !all.includes(item)) throw new Unable(`--item ${item}: there is ${all.join(", ")}`);
  const names = item === undefined ? all : [item];
  if (client === undefined && server === undefined) {
    return { pairs: [...outer ? [] : square, ...four ? [] : beside], names, markdown };
  }
  return { pairs: [[client ?? server!, server ?? client!]], names, markdown };
}

function values(args: string[]) {
  const text = { type: "string" } as const;
  const flag = { type: "boolean", default: false } as const;
  try {
    return parseArgs({ args, options: { client: text, server: text, item: text, four: flag, beside: flag, markdown: flag } })
      .values;
  } catch (error) {
    throw new Unable(`${(error as Error).message}\n${usage}`);
  }
}

const AT_ONCE = 4;
