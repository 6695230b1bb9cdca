// What comes in: rows with figures and floors. What goes out: one Markdown table with aligned columns.
// A floor is printed beside its figure and never asserted: a shared machine proves nothing by one run. Next file: race.ts.

export interface Row {
  /** What was measured, and how. */
  readonly name: string;
  readonly mine: string;
  /** The peer, and its figure. */
  readonly peer: string;
  readonly theirs: string;
  /** How many times better than the peer, the median over rounds; NaN where that is no number. */
  readonly ratio: number;
  /** What the figure or the ratio must reach; null: only of interest. */
  readonly floor: { readonly text: string; readonly reached: boolean } | null;
}

/** A floor for the ratio. */
export function atLeast(
  ratio: number,
  floor: number | null | undefined,
): Pick<Row, "ratio" | "floor"> {
  return {
    ratio,
    floor: floor == null ? null : { text: `≥ ${floor}`, reached: ratio >= floor },
  };
}

/** A row about time: figures in nanoseconds, one for each round. */
export function rowOf(
  name: string,
  mine: readonly number[],
  peer: string,
  theirs: readonly number[],
  floor: number | null | undefined,
): Row {
  const ratio = median(theirs.map((figure, round) => figure / mine[round]));
  return {
    name,
    mine: nanoseconds(median(mine)),
    peer,
    theirs: nanoseconds(median(theirs)),
    ...atLeast(ratio, floor),
  };
}

export function table(rows: readonly Row[]): string {
  const cells = rows.map(({ name, mine, peer, theirs, ratio, floor }) => {
    const verdict = floor === null ? "" : floor.reached ? "pass" : "MISS";
    return [
      name,
      mine,
      peer,
      theirs,
      Number.isFinite(ratio) ? ratio.toFixed(2) : "",
      floor?.text ?? "",
      verdict,
    ];
  });
  const lines = [[
    "measured",
    "sansws",
    "against",
    "peer",
    "ratio",
    "floor",
    "",
  ], ...cells];
  const widths = lines[0].map((_, column) => Math.max(3, ...lines.map((line) => line[column].length)));
  const right = (column: number): boolean => [1, 3, 4, 5].includes(column);
  const format = (line: readonly string[]): string =>
    `| ${line.map((cell, i) => right(i) ? cell.padStart(widths[i]) : cell.padEnd(widths[i])).join(" | ")} |`;
  const rule = `|${widths.map((width, i) => right(i) ? `${"-".repeat(width + 1)}:` : "-".repeat(width + 2)).join("|")}|`;
  return [format(lines[0]), rule, ...lines.slice(1).map(format)].join("\n");
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** 3 significant digits, with a unit. */
export function nanoseconds(value: number): string {
  const [scaled, unit] = value < 1e4 ? [value, "ns"] : value < 1e7 ? [value / 1e3, "µs"] : [value / 1e6, "ms"];
  return `${scaled.toPrecision(scaled >= 1000 ? 4 : 3)} ${unit}`;
}
/** 3 significant digits, decimal units. */
export function octets(value: number): string {
  const [scaled, unit] = value < 1e3 ? [value, "B"] : value < 1e6 ? [value / 1e3, "KB"] : [value / 1e6, "MB"];
  return `${Number(scaled.toPrecision(3))} ${unit}`;
}
export function perSecond(value: number): string {
  const [scaled, unit] = value < 1e3 ? [value, ""] : value < 1e6 ? [value / 1e3, "k"] : [value / 1e6, "M"];
  return `${scaled.toPrecision(3)}${unit}/s`;
}
export function sizeName(size: number): string {
  return size < 1024 ? `${size} B` : size < 1048576 ? `${size / 1024} KiB` : `${size / 1048576} MiB`;
}
