// What comes in: the name of a contender, as arguments. What goes out: one figure for each of its cases, over IPC.
// One process, one contender. Of the passes it reports the lower quartile: what other processes do can only make a pass slower.
// Next file: decode.ts, the first group.
import type { Contenders } from "./race.ts";

const GROUPS: Readonly<
  Record<string, () => Promise<{ readonly contenders: Contenders }>>
> = {
  decode: () => import("./decode.ts"),
  encode: () => import("./encode.ts"),
  deflate: () => import("./deflate.ts"),
  memory: () => import("./memory.ts"),
  floods: () => import("./floods.ts"),
  footprint: () => import("./footprint.ts"),
};

process.on("disconnect", () => process.exit(1));
const [group, name, warm, measure] = process.argv.slice(2);
const contender = (await GROUPS[group]()).contenders[name];
const results: Record<string, number> = {};
for (const kase of contender.cases) {
  const pass = await contender.prepare(kase);
  if (contender.once !== true) await passes(pass, Number(warm));
  results[kase] = contender.once === true ? await pass() : lowerQuartile(await passes(pass, Number(measure)));
}
process.send?.(results, () => process.exit(0));

async function passes(
  pass: () => number | Promise<number>,
  milliseconds: number,
): Promise<number[]> {
  const figures: number[] = [];
  const start = performance.now();
  while (figures.length < 5 || performance.now() - start < milliseconds) {
    figures.push(await pass());
    // Streams finish a write in a later turn; nobody pays for that inside a pass.
    await new Promise((resolve) => setImmediate(resolve));
  }
  return figures;
}

function lowerQuartile(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 2];
}
