// `npm run fuzz -- [--inputs N] [--seed S] [--jobs J]`: N inputs, in runs of 100,000 with the seeds S, S + 1 and so on. What goes out: how many
// there were and what became of them, or the shortest that was found to break a law, as an entry of ../vectors/regressions.ts.
// Next file: fuzzer.ts.
import process from "node:process";
import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads";
import { numbers } from "../support/arguments.ts";
import { type Counts, fuzz, newCounts } from "./fuzzer.ts";

/** The command behind `npm run fuzz`; returns its exit code. */
export async function main(args: readonly string[]): Promise<number> {
  const { inputs = 200_000, seed = Date.now() % 1_000_000_000, jobs = 1 } = numbers(args, ["inputs", "seed", "jobs"]);
  const runs = Math.ceil(inputs / RUN);
  console.log(`${inputs} inputs, seeds ${seed} to ${seed + runs - 1}`);
  const before = process.cpuUsage(), start = performance.now();
  const shares = Array.from({ length: Math.max(1, jobs) }, (_, job): Share => ({ inputs, seed, job, jobs: Math.max(1, jobs) }));
  const results = await Promise.all(jobs <= 1 ? shares.map((share) => Promise.resolve(plays(share))) : shares.map(elsewhere));
  const counts = newCounts();
  for (const result of results) add(counts, result.counts);
  const { user, system } = process.cpuUsage(before);
  const seconds = (user + system) / 1e6, elapsed = (performance.now() - start) / 1000;
  const list = (map: ReadonlyMap<string | number, number>): string =>
    [...map].sort(([, a], [, b]) => b - a).map(([name, count]) => `${name}: ${count}`).join(", ");
  console.log(`settings: ${list(counts.settings)}`);
  console.log(`Close written (0: none, 1005: empty): ${list(counts.closes)}`);
  console.log(`judged by the oracle too: ${counts.oracle}; memory measured: ${counts.memory} times`);
  console.log(
    `${counts.inputs} inputs, ${counts.octets} octets, each played twice: ${Math.round(counts.inputs / seconds)} a CPU second (${
      seconds.toFixed(1)
    } s of CPU, ${elapsed.toFixed(1)} s)`,
  );
  const failed = results.find(({ failure }) => failure !== null)?.failure;
  if (failed === undefined || failed === null) return 0;
  console.log(failed);
  return 1;
}

interface Share {
  readonly inputs: number;
  readonly seed: number;
  readonly job: number;
  readonly jobs: number;
}
interface Result {
  readonly counts: Counts;
  readonly failure: string | null;
}

/** Every so-manieth run. */
function plays({ inputs, seed, job, jobs }: Share): Result {
  const counts = newCounts();
  for (let run = job; run * RUN < inputs; run += jobs) {
    const count = Math.min(RUN, inputs - run * RUN);
    const failure = fuzz(count, seed + run, counts);
    if (failure === null) continue;
    const { setting: { isServer, params, options: { limits, messages } }, bytes, cuts, reason } = failure;
    const vector = `{
    row: "", name: "", role: "${isServer ? "server" : "client"}", options: ${JSON.stringify({ limits, messages })},${
      params === null ? "" : ` deflate: ${JSON.stringify(params)},`
    }
    input: fromHex("${Buffer.from(bytes).toString("hex")}"), events: [], answer: null,
  }`;
    return { counts, failure: `\nseed ${seed + run}, cut at ${cuts.join(" ")}: ${reason}\n\n  ${vector},` };
  }
  return { counts, failure: null };
}
function elsewhere(share: Share): Promise<Result> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL(import.meta.url), { workerData: share });
    worker.once("message", resolve);
    worker.once("error", reject);
  });
}
function add(to: Counts, from: Counts): void {
  to.inputs += from.inputs;
  to.octets += from.octets;
  to.oracle += from.oracle;
  to.memory += from.memory;
  for (const [name, count] of from.settings) to.settings.set(name, (to.settings.get(name) ?? 0) + count);
  for (const [code, count] of from.closes) to.closes.set(code, (to.closes.get(code) ?? 0) + count);
}

const RUN = 100_000;
if (!isMainThread && parentPort !== null) parentPort.postMessage(plays(workerData as Share));
