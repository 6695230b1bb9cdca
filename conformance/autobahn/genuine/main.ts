// `npm run autobahn`: the genuine Autobahn Testsuite against an echo peer of ours. In: a runtime, a role, patterns. Out: a report, a table,
// every deviation from expected.json; exit code 0 if there is none, 1 if there is one or a case is missing, 2 if the run could not start.
// Most cases wait for timers, so several processes of the suite share the cases, each with a peer and ports of its own.
// Read on: places.ts, cases.ts, verdicts.ts, install.ts, certificate.ts, processes.ts, ports.ts, job.ts, report.ts, progress.ts.
import { readFileSync, rmSync } from "node:fs";
import process from "node:process";
import { parseArgs } from "node:util";
import { binaryOf } from "../../runtimes/binaries.ts";
import { select, split } from "./cases.ts";
import { type Certificate, certificate } from "./certificate.ts";
import { suite, version } from "./install.ts";
import { type Job, type Outcome, run } from "./job.ts";
import { cache, expected, launcher, reports, supported, Unable } from "./places.ts";
import { freePorts } from "./ports.ts";
import { progress } from "./progress.ts";
import { describe, write } from "./report.ts";
import { compare, readRules, type Role, table, type Verdict } from "./verdicts.ts";

const usage =
  "usage: npm run autobahn -- --runtime node|deno|bun|cloudflare --role server|client [--tls] [--cases 1.*,7.*] [--exclude 9.*] " +
  "[--jobs N] [--peer ws]";

/** Runs the suite once; resolves to the exit code. */
export async function main(args: string[]): Promise<number> {
  for (const [signal, code] of [["SIGINT", 130], ["SIGTERM", 143]] as const) process.once(signal, () => process.exit(code));
  try {
    return await test(settings(args));
  } catch (error) {
    if (!(error instanceof Unable)) throw error;
    console.error(error.message);
    return 2;
  }
}

/** What the arguments ask for. */
interface Settings {
  readonly role: Role;
  readonly tls: boolean;
  readonly ids: readonly string[];
  readonly jobs: number;
  /** The name of the run, and of its folders: "node-server-tls". */
  readonly name: string;
  /** The name that the suite keeps the results under. */
  readonly agent: string;
  /** What the launcher is to start as the peer. */
  readonly command: readonly string[];
}

async function test(settings: Settings): Promise<number> {
  const { role, tls, ids, jobs, name, agent, command } = settings;
  const program = suite(console.log);
  const secure = tls ? certificate() : null;
  const shares = split(ids, jobs);
  const folders = shares.map((_, number) => `${cache}reports/autobahn/${name}/${number + 1}/`);
  console.log(`${ids.length} cases selected; ${program.name} against ${name}, ${shares.length} at a time`);

  rmSync(`${cache}reports/autobahn/${name}`, { recursive: true, force: true });
  const ports = await freePorts(shares.length);
  const telling = progress(ids);
  const began = Date.now();
  const outcomes = await Promise.all(shares.map(async (share, number) => {
    const begins = (id: string): void => telling.begins(number, id);
    const own = { ids: share, folder: folders[number], port: ports[number], begins };
    const outcome = await run({ suite: program, role, agent, tls: secure, peer: peer(command, secure, agent), ...own });
    telling.ends(number);
    return outcome;
  }));
  telling.stop();
  return judge(settings, outcomes, folders, (Date.now() - began) / 1_000);
}

/** Writes the report and prints what matters of it; returns the exit code. */
function judge(
  { role, ids, name, agent }: Settings,
  outcomes: readonly Outcome[],
  folders: readonly string[],
  seconds: number,
): number {
  const verdicts = new Map<string, Verdict>(outcomes.flatMap((outcome) => [...outcome.verdicts]));
  const deviations = compare(ids, verdicts, readRules(readFileSync(expected, "utf8"))[role]);
  const troubles = outcomes.flatMap((outcome) => outcome.troubles);
  const results = `${reports}${name}/`;
  const title = `Autobahn Testsuite ${version} against ${name}`;
  write(results, { agent, title, ids, verdicts, deviations }, folders.map((folder) => `${folder}report`));

  console.log(`${table(ids, verdicts)}\n${seconds.toFixed(1)} s; report: ${results}index.html`);
  for (const line of describe(deviations, results)) console.log(line);
  for (const trouble of troubles) console.log(`trouble: ${trouble}`);
  console.log(`${verdicts.size} of ${ids.length} cases ran, ${deviations.length} not as expected`);
  return verdicts.size > 0 && deviations.length === 0 && troubles.length === 0 ? 0 : 1;
}

function settings(args: string[]): Settings {
  const { runtime, role, tls, cases, exclude, jobs, peer } = values(args);
  if (role !== "server" && role !== "client") throw new Unable(usage);
  binaryOf(supported(runtime)); // once, before several peers look for it
  if (peer !== undefined && peer !== "ws") throw new Unable(`--peer ${peer}: only ws is known\n${usage}`);
  if (!/^[1-9]\d?$/.test(jobs)) throw new Unable(`--jobs ${jobs}: a number from 1 to 99\n${usage}`);
  const patterns = (list: string): string[] => list.split(",").filter((pattern) => pattern !== "");
  let ids: string[];
  try {
    ids = select(patterns(cases), patterns(exclude));
  } catch (error) {
    throw new Unable((error as Error).message);
  }
  if (ids.length === 0) throw new Unable("0 cases selected");
  const program = role === "server" ? "echo" : "client";
  return {
    role,
    tls,
    ids,
    jobs: Number(jobs),
    name: `${peer ?? runtime}-${role}${tls ? "-tls" : ""}`,
    agent: peer ?? `sansws-${runtime}`,
    command: peer === "ws" ? ["peer-ws", program] : [program, "--runtime", runtime],
  };
}

function values(args: string[]) {
  const text = { type: "string" } as const;
  try {
    return parseArgs({
      args,
      options: {
        runtime: { ...text, default: "node" },
        role: text,
        tls: { type: "boolean", default: false },
        cases: { ...text, default: "*" },
        exclude: { ...text, default: "" },
        jobs: { ...text, default: "4" },
        peer: text,
      },
    }).values;
  } catch (error) {
    throw new Unable(`${(error as Error).message}\n${usage}`);
  }
}

/** How the peer is started: by the launcher, which need not build again. */
function peer(command: readonly string[], tls: Certificate | null, agent: string): Job["peer"] {
  const start = (...args: readonly string[]) => ({
    file: process.execPath,
    args: [launcher, ...args],
    env: { SANSWS_NO_BUILD: "1" },
  });
  return {
    server: () => start(...command, "--port", "0", ...(tls === null ? [] : ["--tls", "--key", tls.key, "--cert", tls.cert])),
    client: (url) => start(...command, "--url", url, "--agent", agent, ...(tls === null ? [] : ["--ca", tls.cert])),
  };
}
