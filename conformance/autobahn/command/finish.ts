// What comes in: a run and what it is held against. What goes out: the reports in their folder, the table on stdout, and the exit code.
// On GitHub, annotations and the step summary go where GitHub looks for them. The last file of the command.
import { appendFileSync, mkdirSync } from "node:fs";
import process from "node:process";
import { FuzzError, reasonOf } from "../fuzz/errors.ts";
import type { Observer, Run } from "../fuzz/run.ts";
import { costOf } from "../fuzz/schedule.ts";
import { visible } from "../report/escape.ts";
import { annotations, stepSummary } from "../report/github.ts";
import type { Policy } from "../report/policy.ts";
import { report } from "../report/report.ts";
import { terminal } from "../report/table.ts";
import { type Format, write } from "../report/write.ts";
import type { Telling } from "./progress.ts";

/** Where reports go, and what they are held against. */
export interface Finish {
  readonly outdir: string;
  readonly formats: readonly Format[];
  readonly policy: Policy;
}

/** Makes the folder of the reports, before a run is played for nothing. Throws a FuzzError. */
export function prepare({ outdir }: Finish): void {
  try {
    mkdirSync(outdir, { recursive: true });
  } catch (error) {
    throw new FuzzError("BAD_OPTION", `reports cannot be written to ${outdir}: ${reasonOf(error)}`, { cause: error });
  }
}

/** Writes the reports and prints the table; 0 if the policy holds, else 1. Throws a FuzzError if they cannot be written. */
export function finish({ results, info }: Run, { outdir, formats, policy }: Finish): 0 | 1 {
  const whole = report(results, info, policy);
  let files: string[];
  try {
    files = write(whole, outdir, formats);
    const summary = process.env.GITHUB_STEP_SUMMARY;
    if (formats.includes("github") && summary !== undefined) appendFileSync(summary, stepSummary(whole));
  } catch (error) {
    throw new FuzzError("BAD_OPTION", `reports cannot be written to ${outdir}: ${reasonOf(error)}`, { cause: error });
  }
  if (formats.includes("github")) process.stdout.write(annotations(whole));
  process.stdout.write(terminal(whole));
  const shown = files.find((file) => file.endsWith("index.html")) ?? files[0];
  console.log(`${results.length} results in ${info.seconds.toFixed(1)} s${shown === undefined ? "" : `; report: ${shown}`}`);
  return whole.judgement.holds ? 0 : 1;
}

/** Lets a progress hear of a run. */
export function observing(telling: Telling, messages: number | null): Required<Observer> {
  return {
    expects: (agent, cases) => telling.expects(agent, cases.map((one) => ({ id: one.id, cost: costOf(one, messages) }))),
    begins: (agent, { id }) => telling.begins(agent, id),
    ends: (agent, { id }) => telling.ends(agent, id),
    tells: (sentence) => telling.says(visible(sentence)),
  };
}
