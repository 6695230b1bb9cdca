// How far a run of the original suite is. In: which case each job begins. Out: the lines of command/progress.ts.
// Next file: main.ts.
import process from "node:process";
import { telling } from "../command/progress.ts";
import { cost } from "./cases.ts";

/** Tells of a run of several jobs. */
export interface Progress {
  begins(job: number, id: string): void;
  ends(job: number): void;
  /** No more lines. */
  stop(): void;
}

/** Starts to tell, on stdout. */
export function progress(ids: readonly string[]): Progress {
  const { expects, begins, ends, stop } = telling(process.stdout);
  const current = new Map<number, string>();
  const finish = (job: number): void => {
    const id = current.get(job);
    if (id !== undefined) ends("", id);
    current.delete(job);
  };
  expects("", ids.map((id) => ({ id, cost: cost(id) })));
  return {
    begins(job, id) {
      finish(job);
      current.set(job, id);
      begins("", id);
    },
    ends: finish,
    stop,
  };
}
