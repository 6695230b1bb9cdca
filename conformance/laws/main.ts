// `npm run laws -- [--runs N] [--seed S] [--only TEXT]`: the laws of this folder for as long as wanted. In: how many runs of a law of
// weight 1, and the seed of the first. Out: the reports of vitest, one round after the other, and where a stopped run goes on: the same
// command continues behind the last round that passed. A round has a seed of its own. Next file: ../support/law.ts.
import { spawn } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { numbers, texts } from "../support/arguments.ts";

/** The command behind `npm run laws`; returns its exit code. */
export async function main(args: readonly string[]): Promise<number> {
  const { runs = 10_000, seed = Date.now() % 1_000_000_000 } = numbers(args, ["runs", "seed"]);
  const { only } = texts(args, ["only"]);
  const state = new URL(
    `${REPORTS}laws-${seed}${only === undefined ? "" : `-${only.replaceAll(/\W+/g, "-")}`}.json`,
    import.meta.url,
  );
  let done = doneBefore(state);
  if (done > 0) console.log(`seed ${seed}: goes on behind ${done} runs`);
  while (done < runs) {
    const count = Math.min(ROUND, runs - done);
    const round = seed + done;
    console.log(`seed ${seed}: runs ${done + 1} to ${done + count} of ${runs}, LAWS_SEED=${round}`);
    const code = await vitest(count, round, only);
    if (code !== 0) {
      console.log(
        `failed; again: npm run laws -- --runs ${done + count} --seed ${seed}${only === undefined ? "" : ` --only "${only}"`}`,
      );
      return code;
    }
    done += count;
    mkdirSync(new URL(".", state), { recursive: true });
    writeFileSync(state, JSON.stringify({ seed, done }));
  }
  console.log(`seed ${seed}: all laws hold, ${done} runs of a law of weight 1`);
  return 0;
}

function doneBefore(state: URL): number {
  try {
    return Number((JSON.parse(readFileSync(state, "utf8")) as { done: unknown }).done);
  } catch {
    return 0;
  }
}
/** One round, in a process of its own: what one has left behind in memory does not weigh on the next. */
function vitest(runs: number, seed: number, only: string | undefined): Promise<number> {
  const root = fileURLToPath(new URL("../../../", import.meta.url));
  const bin = `${root}node_modules/vitest/vitest.mjs`;
  const filter = only === undefined ? [] : ["-t", only];
  const env = { ...process.env, LAWS_RUNS: String(runs), LAWS_SEED: String(seed) };
  const child = spawn(process.execPath, [bin, "run", "conformance/laws", ...filter], { cwd: root, env, stdio: "inherit" });
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code) => resolve(code ?? 1));
  });
}

/** Runs of one round: a few minutes, which is the most that a stopped run loses. */
const ROUND = 500;
/** From dist/conformance/laws. */
const REPORTS = "../../../reports/";
