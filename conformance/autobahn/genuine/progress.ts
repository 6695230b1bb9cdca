// How far a run is. In: which case each job begins. Out: one line that updates itself on a terminal, a plain line every ten seconds
// elsewhere. Next file: main.ts.
import process from "node:process";
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
  const terminal = process.stdout.isTTY === true;
  const began = Date.now();
  const whole = sum(ids);
  const done = new Set<string>();
  const current = new Map<number, string>();
  const tell = (): void => {
    const elapsed = (Date.now() - began) / 1_000;
    const share = sum([...done]) / whole;
    const left = share > 0.02 ? `about ${clock(elapsed / share - elapsed)} left` : "time left unknown";
    const line = `${done.size}/${ids.length} cases, ${clock(elapsed)} elapsed, ${left}; now ${
      [...current.values()].join(" ") || "starting"
    }`;
    process.stdout.write(terminal ? `\r\x1b[K${line.slice(0, (process.stdout.columns || 80) - 1)}` : `${line}\n`);
  };
  const timer = setInterval(tell, terminal ? 250 : 10_000);
  const finish = (job: number): void => {
    const id = current.get(job);
    if (id !== undefined) done.add(id);
    current.delete(job);
  };
  return {
    begins(job, id) {
      finish(job);
      current.set(job, id);
    },
    ends: finish,
    stop() {
      clearInterval(timer);
      if (terminal) process.stdout.write("\r\x1b[K");
    },
  };
}

function sum(ids: readonly string[]): number {
  return ids.reduce((total, id) => total + cost(id), 0);
}

function clock(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}
