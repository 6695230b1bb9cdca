// What comes in: contenders and their cases. What goes out: a figure for each case and round.
// Every contender runs in a process of its own, since code that has seen another's types is slower than it need be; rounds are
// shuffled, so that what else the machine does hits all alike. Next file: worker.ts, the other end of the pipe.
import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";

/** One measurement, repeated until it is steady: nanoseconds per message, or octets; NaN: there is none. It does its own timing. */
export type Pass = () => number | Promise<number>;
export interface Contender {
  readonly cases: readonly string[];
  /** Sets a case up. */
  prepare(name: string): Pass | Promise<Pass>;
  readonly env?: Readonly<Record<string, string>>;
  readonly flags?: readonly string[];
  /** One pass is the measurement. */
  readonly once?: boolean;
}
export type Contenders = Readonly<Record<string, Contender>>;

export interface Effort {
  readonly rounds: number;
  /** Milliseconds of passes for each case and round, before and during the measurement. */
  readonly warm: number;
  readonly measure: number;
}

/** `figures[contender][case]`: one for each round. */
export type Figures = Readonly<
  Record<string, Readonly<Record<string, readonly number[]>>>
>;

/** Runs all contenders of a group in turn. */
export async function race(
  group: string,
  contenders: Contenders,
  node: string,
  effort: Effort,
): Promise<Figures> {
  const figures: Record<string, Record<string, number[]>> = {};
  for (let round = 0; round < effort.rounds; round++) {
    for (const name of shuffled(Object.keys(contenders))) {
      progress(`${group}, round ${round + 1} of ${effort.rounds}: ${name}`);
      const results = await run(group, name, contenders[name], node, effort);
      for (const [kase, figure] of Object.entries(results)) {
        ((figures[name] ??= {})[kase] ??= []).push(figure);
      }
    }
  }
  progress("");
  return figures;
}

/** One line on a terminal, overwritten by the next; nothing in a log. */
export function progress(line: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${line}`);
}

export function shuffled<T>(items: readonly T[]): T[] {
  const result = [...items];
  for (let i = result.length - 1; i > 0; i--) {
    const j = Math.floor(Math.random() * (i + 1));
    [result[i], result[j]] = [result[j], result[i]];
  }
  return result;
}

function run(
  group: string,
  name: string,
  contender: Contender,
  node: string,
  effort: Effort,
): Promise<Record<string, number>> {
  return new Promise((resolve, reject) => {
    const options = {
      execPath: node,
      execArgv: [...contender.flags ?? []],
      env: { ...process.env, ...contender.env },
      serialization: "advanced" as const, // NaN is a figure too
    };
    const child = fork(WORKER, [
      group,
      name,
      `${effort.warm}`,
      `${effort.measure}`,
    ], options);
    let results: Record<string, number> | null = null;
    child.on(
      "message",
      (message) => results = message as Record<string, number>,
    );
    child.on("error", reject);
    child.on(
      "exit",
      (code) => results === null ? reject(new Error(`${group}, ${name}: exit ${code}`)) : resolve(results),
    );
  });
}

const WORKER = fileURLToPath(new URL("./worker.js", import.meta.url));
