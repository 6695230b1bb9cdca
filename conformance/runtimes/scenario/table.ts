// The outcome of the scenario for people. In: cells, each a pair with what came of every item. Out: a matrix with a row for each client and a
// column for each server, a list of pairs, reasons and problems as lines; as plain text or as Markdown. The file before: main.ts.
import type { Outcome } from "./pair.ts";

export interface Cell {
  readonly client: string;
  readonly server: string;
  readonly outcomes: readonly Outcome[];
}

/** Clients down, servers across. */
export function matrix(cells: readonly Cell[], markdown: boolean): string {
  const servers = [...new Set(cells.map(({ server }) => server))];
  const rows = [...new Set(cells.map(({ client }) => client))].map((client) => [
    client,
    ...servers.map((server) => verdict(cells.find((cell) => cell.client === client && cell.server === server)!)),
  ]);
  return layOut([["client \\ server", ...servers], ...rows], markdown);
}

/** A line for each pair. */
export function list(cells: readonly Cell[], markdown: boolean): string {
  return layOut([["client", "server", "items"], ...cells.map((cell) => [cell.client, cell.server, verdict(cell)])], markdown);
}

/** What cannot be, and why; each once. */
export function reasonsOf(cells: readonly Cell[]): string[] {
  const told = cells.flatMap(({ outcomes }) => outcomes.filter(({ told }) => told !== null));
  return [...new Set(told.map(({ item, told }) => `n/a: ${item}: ${told}`))];
}
export function problemsOf(cells: readonly Cell[]): string[] {
  return cells.flatMap(({ client, server, outcomes }) =>
    outcomes.filter(({ problem }) => problem !== null).map(({ item, problem }) => `${client} to ${server}: ${item}: ${problem}`)
  );
}

/** "26/26", "25/26, 1 n/a", or the items that fail. */
function verdict({ outcomes }: Cell): string {
  const failed = outcomes.filter(({ problem }) => problem !== null).map(({ item }) => item);
  if (failed.length > 0) return `FAILED: ${failed.join(", ")}`;
  const absent = outcomes.filter(({ told }) => told !== null).length;
  return `${outcomes.length - absent}/${outcomes.length}${absent === 0 ? "" : `, ${absent} n/a`}`;
}

function layOut(rows: readonly (readonly string[])[], markdown: boolean): string {
  if (rows.length === 1) return "";
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  const lines = rows.map((row) => row.map((cell, column) => cell.padEnd(widths[column])));
  if (!markdown) {
    return lines.map((line) => line.join("  ").trimEnd()).join("\n");
  }
  const [head, ...rest] = lines.map((line) => `| ${line.join(" | ")} |`);
  return [head, `|${"-|".repeat(widths.length)}`, ...rest].join("\n");
}
