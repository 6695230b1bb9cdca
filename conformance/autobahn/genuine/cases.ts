// The 517 cases of the Autobahn Testsuite 25.10.1: their ids, which of them patterns select, what they cost, how N processes share them.
// In: patterns such as `7.*`. Out: ids in the suite's order. The ids are written out in the suite's spec files one by one, so the suite's
// own patterns (regular expressions that match at the start only: `1*` is 233 cases) never come into play.
// Pure. Next file: verdicts.ts.

/** Number, title and cases of each section, in order: how many, or how many in each sub-section. The suite has no cases in 8 and 11. */
export const sections: readonly Section[] = [
  [1, "Framing", [8, 8]],
  [2, "Pings and Pongs", 11],
  [3, "Reserved Bits", 7],
  [4, "Opcodes", [5, 5]],
  [5, "Fragmentation", 20],
  [6, "UTF-8", [3, 4, 2, 4, 5, 11, 4, 2, 4, 3, 5, 8, 5, 10, 1, 3, 5, 5, 5, 7, 8, 34, 7]],
  [7, "Close", [6, 0, 6, 0, 1, 0, 13, 0, 9, 0, 0, 0, 2]],
  [9, "Limits, Performance", [6, 6, 9, 9, 6, 6, 6, 6]],
  [10, "Auto-Fragmentation", [1]],
  [12, "Deflate, payloads", [18, 18, 18, 18, 18]],
  [13, "Deflate, parameters", [18, 18, 18, 18, 18, 18, 18]],
];
type Section = readonly [number: number, title: string, counts: number | readonly number[]];

/** Every case id, in the suite's order. */
export function allCases(): string[] {
  const count = (prefix: string, cases: number): string[] =>
    Array.from({ length: cases }, (_, index) => `${prefix}.${index + 1}`);
  return sections.flatMap(([section, , counts]) =>
    typeof counts === "number"
      ? count(`${section}`, counts)
      : counts.flatMap((cases, index) => count(`${section}.${index + 1}`, cases))
  );
}

/** The section of a case: 6 for "6.4.1". */
export function sectionOf(id: string): number {
  return Number.parseInt(id, 10);
}

/** Whether a case id fits a pattern: the whole of it, `*` stands for any characters. */
export function matches(pattern: string, id: string): boolean {
  return expression(pattern).test(id);
}

/**
 * The ids that fit one of `wanted` and none of `excluded`, in the suite's order.
 * Throws a RangeError for a pattern that fits no case at all: a misspelt pattern must not pass as "nothing to do".
 */
export function select(wanted: readonly string[], excluded: readonly string[]): string[] {
  const all = allCases();
  const fitting = (pattern: string): string[] => {
    const fits = expression(pattern);
    const ids = all.filter((id) => fits.test(id));
    if (ids.length === 0) throw new RangeError(`no case fits the pattern ${JSON.stringify(pattern)}`);
    return ids;
  };
  const chosen = new Set(wanted.flatMap(fitting));
  for (const id of excluded.flatMap(fitting)) chosen.delete(id);
  return all.filter((id) => chosen.has(id));
}

/** About how many seconds a case takes with a healthy peer. It shares the work and foretells its end; nothing is judged by it. */
export function cost(id: string): number {
  const [section, middle, last] = id.split(".").map(Number) as [number, number, number];
  switch (section) {
    case 5:
      return middle >= 19 ? 1 : 0.02;
    case 6:
      return middle === 4 ? 1.5 : 0.02;
    case 9:
      return limitsCost[middle - 1][last - 1];
    case 12:
      return compressionCost[last - 1] * (middle === 1 || middle === 4 ? 1 : 4);
    case 13:
      return compressionCost[last - 1];
    default:
      return 0.02;
  }
}

/**
 * After how many seconds without an end a case counts as hung. The suite has timers of its own, but no watchdog over them: 6.4.x waits
 * for ever for a server that closes first and keeps TCP open.
 */
export function patience(id: string): number {
  switch (sectionOf(id)) {
    case 9:
      return 1_100; // 9.5 and 9.6 themselves wait for 1,000 s
    case 12:
    case 13:
      return 600; // they wait for up to 480 s
    default:
      return 60; // the longest wait is 10 s, in 10.1.1
  }
}

/** Shares ids among at most `jobs` processes so that all end at about the same time; each share is in the suite's order and not empty. */
export function split(ids: readonly string[], jobs: number): string[][] {
  const shares = Array.from({ length: Math.min(jobs, ids.length) }, () => ({ cost: 0, ids: new Set<string>() }));
  for (const id of [...ids].sort((one, other) => cost(other) - cost(one))) {
    const share = shares.reduce((least, next) => (next.cost < least.cost ? next : least));
    share.ids.add(id);
    share.cost += cost(id);
  }
  return shares.map((share) => ids.filter((id) => share.ids.has(id)));
}

function expression(pattern: string): RegExp {
  const literal = (text: string): string => text.replace(/[^0-9a-z]/gi, (other) => `\\${other}`);
  return new RegExp(`^${pattern.split("*").map(literal).join(".*")}$`);
}

// Measured with healthy peers, in seconds: 9.1 to 9.8, and the 18 cases that every sub-section of 12 and 13 has (the texts of 12.1 and 12.4,
// which 13 uses too, compress well; the others are four times as dear).
const limitsCost: readonly (readonly number[])[] = [
  [0.02, 0.02, 0.1, 0.2, 0.4, 0.8],
  [0.02, 0.02, 0.1, 0.2, 0.4, 0.8],
  [3, 1, 0.4, 0.2, 0.1, 0.1, 0.1, 0.1, 0.1],
  [3, 1, 0.4, 0.2, 0.1, 0.1, 0.1, 0.1, 0.1],
  [3, 1.3, 0.7, 0.5, 0.2, 0.1],
  [3, 1.3, 0.7, 0.5, 0.2, 0.1],
  [0.4, 0.4, 0.4, 0.4, 0.4, 0.8],
  [0.4, 0.4, 0.4, 0.4, 0.4, 0.8],
];
const compressionCost: readonly number[] = [0.8, 0.8, 0.8, 1, 1.2, 1.8, 2, 3.5, 6, 10, 2.5, 4, 5, 10, 14, 12, 11, 10];
