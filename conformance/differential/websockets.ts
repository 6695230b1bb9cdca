// What comes in: cases. What goes out: what the sans-I/O core of Python's websockets makes of them: websockets.py beside this file runs in a
// CPython 3.10 or newer with the pinned package, which is installed once into .cache/. Next file: explained.ts.
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { createInterface } from "node:readline";
import { cache, root, Unable } from "../autobahn/genuine/places.ts";
import type { Case, Heard } from "./case.ts";
import { hex } from "./ours.ts";

export const version = "17.4";

export interface Websockets {
  /** Answers in the order of the questions. */
  hear(one: Case): Promise<Heard>;
  close(): Promise<void>;
}

/** Installs it if need be. Throws Unable where there is no such Python, or no package for it. */
export function websockets(): Websockets {
  const python = ["python3", "python"].find((name) => spawnSync(name, ["-c", RECENT]).status === 0);
  if (python === undefined) throw new Unable("websockets needs a Python 3.10 or newer, on PATH as python3");
  const folder = `${cache}differential/websockets-${version}`;
  if (!existsSync(folder)) install(python, folder);
  const child = spawn(python, ["-E", "-s", `${root}conformance/differential/websockets.py`, folder], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const left = once(child, "close");
  const waiting: { resolve(heard: Heard): void; reject(error: Error): void }[] = [];
  createInterface(child.stdout).on("line", (line) => waiting.shift()!.resolve(JSON.parse(line)));
  void left.then(() => waiting.forEach(({ reject }) => reject(new Error("websockets.py has ended: see what it said above"))));
  return {
    hear({ role, deflate, limit, chunks }) {
      child.stdin.write(`${JSON.stringify({ role, deflate, limit, chunks: chunks.map(hex) })}\n`);
      return new Promise((resolve, reject) => void waiting.push({ resolve, reject }));
    },
    async close() {
      child.stdin.end();
      await left;
    },
  };
}

function install(python: string, folder: string): void {
  const making = `${folder}-${process.pid}`;
  mkdirSync(making, { recursive: true });
  const options = ["--disable-pip-version-check", "--quiet", "--no-deps", "--only-binary", ":all:", "--target", making];
  const { status, stderr } = spawnSync(python, ["-E", "-s", "-m", "pip", "install", ...options, `websockets==${version}`], {
    encoding: "utf8",
  });
  if (status !== 0) {
    rmSync(making, { recursive: true });
    throw new Unable(`pip could not install websockets ${version} with ${python}:\n${stderr.trim()}`);
  }
  if (existsSync(folder)) rmSync(making, { recursive: true }); // another run was faster
  else renameSync(making, folder);
}

const RECENT = "import sys; sys.exit(sys.version_info < (3, 10))";
