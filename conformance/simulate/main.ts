// `npm run simulate -- [--lifetimes N] [--seed S] [--jobs J]`: lifetimes with the seeds S, S + 1 and so on. What goes out: how many there
// were, what they met, and the history of the first that fails; `--seed S --lifetimes 1` lives that one again.
// Next file: ../support/arguments.ts.
import process from "node:process";
import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads";
import { numbers } from "../support/arguments.ts";
import { live } from "./lifetime.ts";
import { Tally } from "./tally.ts";

/** The command behind `npm run simulate`; returns its exit code. */
export async function main(args: readonly string[]): Promise<number> {
  const { lifetimes = 10_000, seed = Date.now() % 1_000_000_000, jobs = 1 } = numbers(args, ["lifetimes", "seed", "jobs"]);
  console.log(`${lifetimes} lifetimes from seed ${seed}`);
  const began = process.cpuUsage(), start = performance.now();
  const share = Math.ceil(lifetimes / Math.max(1, jobs));
  const shares = Array.from({ length: Math.max(1, jobs) }, (_, i): Share => ({
    from: seed + i * share,
    to: seed + Math.min(lifetimes, (i + 1) * share),
  }));
  const results = await Promise.all(jobs <= 1 ? shares.map(lives) : shares.map(elsewhere));
  const tally = new Tally();
  for (const result of results) tally.add(result.counts);
  const { user, system } = process.cpuUsage(began);
  for (const line of tally.lines()) console.log(line);
  const done = tally.get("life calm") + tally.get("life wild");
  const seconds = (user + system) / 1e6;
  console.log(
    `${done} lifetimes held, ${Math.round(done / seconds)} a CPU second (${seconds.toFixed(1)} s of CPU, ${
      ((performance.now() - start) / 1000).toFixed(1)
    } s)`,
  );
  const failed = results.find((result) => result.failed !== null)?.failed;
  if (failed === undefined || failed === null) return 0;
  await tell(failed);
  return 1;
}

interface Share {
  readonly from: number;
  readonly to: number;
}
interface Result {
  readonly counts: [string, number][];
  /** The first lifetime that failed. */
  readonly failed: Failed | null;
}
interface Failed {
  readonly seed: number;
  readonly error: string;
}

async function lives({ from, to }: Share): Promise<Result> {
  const tally = new Tally();
  let failed: Failed | null = null;
  for (let seed = from; seed < to && failed === null; seed++) {
    try {
      await live(seed, { tally });
    } catch (error) {
      failed = { seed, error: sentence(error) };
    }
  }
  return { counts: tally.entries, failed };
}
function elsewhere(share: Share): Promise<Result> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL(import.meta.url), { workerData: share });
    worker.once("message", resolve);
    worker.once("error", reject);
  });
}
/** Lives it again, with every step on record. */
async function tell({ seed, error }: Failed): Promise<void> {
  const history: string[] = [];
  let again = "it does not fail again: something beside the seed had a part in it";
  try {
    await live(seed, { tally: new Tally(), history });
  } catch (error) {
    again = sentence(error);
  }
  if (history.length > LINES) history.splice(LINES / 2, history.length - LINES, `... ${history.length - LINES} lines`);
  console.log(`\nseed ${seed} fails; again: npm run simulate -- --seed ${seed} --lifetimes 1\n\n${history.join("\n")}\n`);
  console.log(again === error ? error : `${error}\n\n${again}`);
}
function sentence(error: unknown): string {
  return error instanceof Error ? error.stack ?? error.message : String(error);
}

const LINES = 400;

process.on("unhandledRejection", (reason) => {
  throw reason;
});
if (!isMainThread && parentPort !== null) {
  const port = parentPort;
  void lives(workerData as Share).then((result) => port.postMessage(result));
}
