// One pair: a server in its runtime, a client in its own, and the raw halves in this process. In: two runs and the names of items. Out: what is
// wrong with each item, or that it cannot be. No child outlives this process. Next file: main.ts.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import process from "node:process";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { connect } from "../../../adapters/node.ts";
import { root, Unable } from "../../autobahn/genuine/places.ts";
import { certificate, key } from "../../support/certificate.ts";
import { configs, configure } from "../workerd.ts";
import { authority, far, near } from "./certificates.ts";
import type { Task } from "./client.ts";
import { listeners, type Listening, type Raw, type Urls } from "./item.ts";
import { items, type Result, runRaw } from "./items.ts";
import { limitOf } from "./limits.ts";
import { dialRaw, dialSilent, peers } from "./peers.ts";
import type { Run } from "./runs.ts";

/** A server of the scenario that runs. */
export interface Running {
  readonly run: Run;
  readonly urls: Urls;
  stop(): Promise<void>;
}
/** `told`: nothing is wrong, but the runtime cannot do it, for this reason. */
export interface Outcome extends Result {
  readonly told: string | null;
}

/** Starts a server. Throws Unable if it does not start. */
export async function startServer(run: Run): Promise<Running> {
  const folder = mkdtempSync(`${tmpdir()}/sansws-`);
  const [child, urls] = run.adapter === "cloudflare" ? serveInWorkerd(run, folder) : serveAsProgram(run, folder);
  const ended = once(child, "close").finally(() => children.delete(child));
  children.add(child);
  const stop = async (): Promise<void> => {
    child.kill("SIGKILL"); // workerd would wait for its connections
    await ended;
    rmSync(folder, { recursive: true, force: true });
  };
  const found = await Promise.race([urls, ended.then(() => null)]);
  if (found === null) {
    await stop();
    throw new Unable(`the server of ${run.name} does not start`);
  }
  return { run, urls: found, stop };
}

/** Runs the items against a server. An item that cannot be is tried all the same. */
export async function runPair(client: Run, server: Running, names: readonly string[]): Promise<Outcome[]> {
  const there = await peers();
  const at = { urls: server.urls, peers: there.url, run: `${++runs}` };
  const raw: Raw = {
    ...at,
    connect,
    dial: (listening, target) => dialRaw(server.urls[listening], target),
    dialSilent: (listening) => dialSilent(server.urls[listening]),
  };
  const limitOfItem = (item: string) => limitOf(item, client, server.run);
  const hopeless = names.filter((item) => limitOfItem(item) !== null);
  const results: Result[] = [];
  const note = (result: Result): void => void results.push(result);
  try {
    await Promise.all([runClient(client, { there: at, items: names, hopeless }, note), runRaw(raw, names, hopeless, note)]);
  } finally {
    there.close();
  }
  return names.map((item) => {
    const problems = results.filter((result) => result.item === item).flatMap(({ problem }) => problem ?? []);
    return judge(item, problems.join("; ") || null, limitOfItem(item));
  });
}

function judge(item: string, problem: string | null, limit: string | null): Outcome {
  if (limit === null) return { item, problem, told: null };
  return problem === null ? { item, problem: "told n/a, but it works", told: null } : { item, problem: null, told: limit };
}

/** What the client does not answer for is a problem, with the last of what it said about it. */
async function runClient(run: Run, task: Task, note: (result: Result) => void): Promise<void> {
  using command = run.adapter === "cloudflare" ? clientInWorkerd(run, task) : clientAsProgram(run, task);
  const env = { ...process.env, SANSWS_SETTINGS: JSON.stringify(task) };
  const child = spawn(command.file, command.args, { stdio: ["ignore", "pipe", "pipe"], env });
  const missing = new Set(
    items.filter(({ name, client }) => client !== undefined && task.items.includes(name)).map(({ name }) => name),
  );
  let said = "";
  const hear = (line: string): void => void (said = `${said} ${line}`.slice(-500));
  createInterface({ input: child.stderr }).on("line", hear);
  createInterface({ input: child.stdout }).on("line", (line) => {
    if (!line.startsWith("{")) return hear(line);
    const result: Result = JSON.parse(line);
    missing.delete(result.item);
    note(result);
  });
  children.add(child);
  const late = setTimeout(() => child.kill("SIGKILL"), 120_000); // it may be too busy to see its own deadlines
  const [code, signal] = await once(child, "close") as [number | null, string | null];
  clearTimeout(late);
  children.delete(child);
  for (const item of missing) note({ item, problem: `the client ended with ${code ?? signal}:${said}` });
}
interface Command extends Disposable {
  readonly file: string;
  readonly args: readonly string[];
}
function clientAsProgram(run: Run, task: Task): Command {
  const args = [...run.flags, `${programs}client.js`, run.adapter, JSON.stringify(task)];
  return { file: run.program(true)!, args, [Symbol.dispose]: () => {} };
}
function clientInWorkerd(run: Run, { there }: Task): Command {
  const made = configure("scenario/worker-client", { authority, socket: addressOf(there.urls) });
  const args = ["test", ...made.include, `${configs}scenario/scenario-client.capnp`];
  return { file: run.program(true)!, args, [Symbol.dispose]: () => made[Symbol.dispose]() };
}

function serveAsProgram(run: Run, folder: string): [ChildProcess, Promise<Urls>] {
  const args = [...run.flags, `${programs}server.js`, run.adapter, folder];
  const child = spawn(run.program(true)!, args, { stdio: ["pipe", "pipe", "ignore"] });
  const line = once(createInterface({ input: child.stdout! }), "line");
  return [child, line.then(([line]) => JSON.parse(line))];
}
/** Its control channel says where each listener is. */
function serveInWorkerd(run: Run, folder: string): [ChildProcess, Promise<Urls>] {
  const constants = { key, near, far, untrusted: certificate, socket: `unix:${folder}/socket` };
  const made = configure("scenario/worker-server", constants);
  const args = ["serve", ...made.include, `${configs}scenario/scenario.capnp`, "server", "--control-fd=3"];
  const child = spawn(run.program(true)!, args, { stdio: ["ignore", "ignore", "ignore", "pipe"] });
  const urls = new Map<string, string>([["unix", `ws+unix:${folder}/socket`]]);
  const listening = new Promise<Urls>((resolve) => {
    createInterface({ input: child.stdio[3] as Readable }).on("line", (line) => {
      const { event, socket, port }: { event: string; socket: Listening; port: number } = JSON.parse(line);
      if (event !== "listen") return;
      const scheme = ["secure", "untrusted", "misnamed"].includes(socket) ? "wss" : "ws";
      if (socket !== "unix") urls.set(socket, `${scheme}://127.0.0.1:${port}`);
      if (listeners.every((name) => urls.has(name))) resolve(Object.fromEntries(urls) as Urls);
    });
  });
  const dispose = () => made[Symbol.dispose]();
  void listening.then(dispose);
  child.once("close", dispose);
  return [child, listening];
}
function addressOf({ unix }: Urls): string {
  return `unix:${decodeURIComponent(unix.replace("ws+unix:", ""))}`;
}

let runs = 0;
const children = new Set<ChildProcess>();
process.once("exit", () => children.forEach((child) => child.kill("SIGKILL")));
const programs = `${root}dist/conformance/runtimes/scenario/`;
