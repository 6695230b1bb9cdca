// What comes in: the name of a runtime. What goes out: a victim in a process of its own, to be told what to do. It is ended by the end of its
// input, and must leave with exit code 0 by itself. What stands in dist/ is run, as everywhere where Node has to run it.
// Next files: reset.ts and the tests beside it.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { createInterface } from "node:readline";
import { root } from "../autobahn/genuine/places.ts";
import type { SocketRuntime } from "../runtimes/adapter-of.ts";
import { FLAGS, installed } from "../runtimes/binaries.ts";
import type { Commands } from "./victim.ts";

export interface Victim {
  /** Tells it one thing; resolves to what it answers. */
  tell<Name extends keyof Commands>(
    name: Name,
    ...argument: Parameters<Commands[Name]>
  ): Promise<Awaited<ReturnType<Commands[Name]>>>;
  /** Ends its input. Resolves to its exit code once it has left by itself; what does not is killed, and null. */
  leave(): Promise<number | null>;
}

/** The runtimes with sockets that are installed here. */
export const here: readonly SocketRuntime[] = (["node", "deno", "bun"] as const).filter((name) => installed(name) !== null);

export async function victim(runtime: SocketRuntime): Promise<Victim> {
  const script = `${root}dist/conformance/attacks/victim.js`;
  if (!existsSync(script)) throw new Error(`${script} is not there: npm run build`);
  const child = spawn(installed(runtime)!, [...FLAGS[runtime], ...COLLECTABLE[runtime], script, runtime], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const left = once(child, "close") as Promise<[number | null]>;
  const waiting: ((answer: string | null) => void)[] = [];
  createInterface(child.stdout).on("line", (line) => waiting.shift()?.(line)).on("close", () => {
    for (const tell of waiting.splice(0)) tell(null);
  });
  return {
    async tell(name, argument?: unknown) {
      const answered = new Promise<string | null>((resolve) => void waiting.push(resolve));
      child.stdin.write(`${JSON.stringify([name, argument])}\n`);
      const line = await answered;
      if (line === null) throw new Error(`the victim on ${runtime} has left`);
      const answer = JSON.parse(line);
      if (answer?.error !== undefined && Object.keys(answer).length === 1) throw new Error(answer.error);
      return answer;
    },
    async leave() {
      child.stdin.end();
      const patience = setTimeout(() => kill(child), PATIENCE);
      const [code] = await left;
      clearTimeout(patience);
      return code;
    },
  };
}

function kill(child: ChildProcess): void {
  child.kill("SIGKILL");
}

/** Lets a victim collect before it is measured; Bun has no such flag. */
const COLLECTABLE: Readonly<Record<SocketRuntime, readonly string[]>> = {
  node: ["--expose-gc"],
  deno: ["--v8-flags=--expose-gc"],
  bun: [],
};
/** For a victim that stays: nothing measures how long one takes that leaves. */
const PATIENCE = 20_000;
