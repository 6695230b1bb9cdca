// Child processes: the suite and the peers. In: a command. Out: its lines as they come, its end, a way to stop it. Everything it prints
// also goes to a log file. No child outlives this process. Next file: job.ts.
import { type ChildProcess, spawn } from "node:child_process";
import { createWriteStream } from "node:fs";
import process from "node:process";
import { setTimeout as delay } from "node:timers/promises";
import { createInterface } from "node:readline";

/** A program and its arguments; `env` is added to ours. */
export interface Command {
  readonly file: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** Starts an echo server, and waits for the line in which it says where. `address`: null if it ends first, or takes 30 seconds. */
export async function startServer(
  command: Command,
  log: string,
): Promise<{ readonly child: Child; readonly address: string | null }> {
  let listening: (url: string) => void;
  const url = new Promise<string>((resolve) => (listening = resolve));
  const child = start(command, log, (line) => {
    const match = /^listening on (\S+)$/.exec(line);
    if (match !== null) listening(match[1]);
  });
  const address = await Promise.race([url, child.ended.then(() => null), delay(30_000, null, { ref: false })]);
  return { child, address };
}

/** A running child. */
export interface Child {
  /** Resolves when it has ended: an exit code, a signal's name, or why it did not start. Never rejects. */
  readonly ended: Promise<number | string>;
  /** The last lines it printed, for a message about its end. */
  tail(): string;
  /** SIGTERM, and SIGKILL five seconds later. Resolves as `ended`. */
  stop(): Promise<number | string>;
  /** SIGKILL. Resolves as `ended`. */
  kill(): Promise<number | string>;
}

/** Starts a command; each line it prints (stdout and stderr) goes to `line` and to the log file. */
export function start(command: Command, log: string, line: (text: string) => void): Child {
  // A group of its own: a launcher that is killed takes the runtime that it has started with it.
  const child = spawn(command.file, command.args, {
    env: { ...process.env, ...command.env },
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
  });
  running.add(child);
  const file = createWriteStream(log);
  const last: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on("line", (text) => {
      file.write(`${text}\n`);
      last.push(text);
      if (last.length > 15) last.shift();
      line(text);
    });
  }
  const ended = new Promise<number | string>((resolve) => {
    child.once("error", (error) => resolve(error.message));
    child.once("close", (code, signal) => resolve(code ?? signal ?? "unknown"));
  }).finally(() => {
    running.delete(child);
    file.end();
  });
  return {
    ended,
    tail: () => last.join("\n"),
    async stop() {
      child.kill("SIGTERM");
      const timer = setTimeout(() => killGroup(child), 5_000);
      await ended;
      clearTimeout(timer);
      return ended;
    },
    kill() {
      killGroup(child);
      return ended;
    },
  };
}

function killGroup(child: ChildProcess): void {
  try {
    if (child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
  } catch {
    // it has ended
  }
}

const running = new Set<ChildProcess>();
process.once("exit", () => running.forEach(killGroup));
