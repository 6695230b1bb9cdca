// `npm run autobahn:compare`: the original Autobahn Testsuite and ours against the same peers, case by case. In: which peers, roles, cases.
// Out: a table, below it every case in which `behavior`, `behaviorClose` or `remoteCloseCode` differ; exit code 0 if none does without
// an explanation, 1 if one does, 2 if the run could not start. With --record what the original says is kept, with --recorded it is not
// run at all: ours is held against what was kept.
// Read on: handmade.ts, peers.ts, process.ts, selection.ts, record.ts, explained.ts, suites.ts.
import { mkdirSync } from "node:fs";
import process from "node:process";
import { parseArgs } from "node:util";
import { suite, version } from "../genuine/install.ts";
import type { Suite } from "../genuine/install.ts";
import type { Job } from "../genuine/job.ts";
import { cache, Unable } from "../genuine/places.ts";
import type { Role } from "../genuine/verdicts.ts";
import { explanation } from "./explained.ts";
import { PEERS } from "./peers.ts";
import { main as peerMain } from "./process.ts";
import { type Difference, differences, recorded, renew } from "./record.ts";
import { idsFor } from "./selection.ts";
import { type Found, launch, playOriginal, playOurs, type Subject } from "./suites.ts";

const usage =
  "usage: npm run autobahn:compare -- [--peers node,ws,silent] [--roles server,client] [--cases 1-7,9.1.1] [--at-once N] " +
  "[--record | --recorded]";

/** Compares; resolves to the exit code. `peer ...` is a peer of this comparison instead (process.ts). */
export async function main(args: string[]): Promise<number> {
  if (args[0] === "peer") return await peerMain(args.slice(1));
  for (const [signal, code] of [["SIGINT", 130], ["SIGTERM", 143]] as const) process.once(signal, () => process.exit(code));
  try {
    return await compare(settings(args));
  } catch (error) {
    if (!(error instanceof Unable)) throw error;
    console.error(error.message);
    return 2;
  }
}

interface Settings {
  readonly subjects: readonly Subject[];
  /** How many of them are played side by side. */
  readonly atOnce: number;
  /** Null: what was kept is enough. */
  readonly suite: Suite | null;
  readonly record: boolean;
}

async function compare({ subjects, atOnce, suite, record }: Settings): Promise<number> {
  mkdirSync(`${cache}reports/compare/`, { recursive: true });
  console.log(`${suite?.name ?? `Autobahn Testsuite ${version} as recorded`}, and ours; compared by three fields`);
  console.log(row("peer", "role", "cases", "equal", "differ", "original", "ours"));
  let last: Promise<unknown> = Promise.resolve();
  const play = async (subject: Subject): Promise<Played> => {
    const original = suite === null ? kept(subject) : await playOriginal(suite, subject);
    // Measured: all of ours in this one process, at the same time, make each other's timers late; the original has processes of its own.
    const next = last.then(() => playOurs(subject));
    last = next;
    const ours = await next;
    if (record) renew(subject.name, subject.role, original.outcomes);
    return tell(subject, original, ours);
  };
  const played = await inLanes(subjects, atOnce, play);
  const differing = played.filter(({ found }) => found.length > 0);
  if (differing.length > 0) console.log("Again, one case at a time, as timers come late on a busy machine:");
  const again = await inLanes(differing.map(({ subject, found }) => alone(subject, found)), 1, play);
  const failed = again.some(explain) || played.some(({ troubles }) => troubles);
  console.log(failed ? "The suites do not agree." : "The suites agree, but for what is explained.");
  return failed ? 1 : 0;
}

interface Played {
  readonly subject: Subject;
  readonly found: readonly Difference[];
  /** The original could not play everything. */
  readonly troubles: boolean;
}

/** Prints the row of a peer. */
function tell(subject: Subject, original: Found, ours: Found): Played {
  const { name, role, ids } = subject;
  const found = differences(ids, original.outcomes, ours.outcomes);
  const counts = [ids.length, ids.length - found.length, found.length].map(String);
  console.log(row(name, role, ...counts, seconds(original), seconds(ours)));
  for (const trouble of [...original.troubles, ...ours.troubles]) console.log(`  trouble: ${trouble}`);
  return { subject, found, troubles: original.troubles.length > 0 };
}

/** Prints what differs; true: something does without an explanation. */
function explain({ subject: { name, role }, found }: Played): boolean {
  const explained = found.map((difference) => explanation(name, role, difference));
  found.forEach(({ id, original, ours }, index) => {
    const why = explained[index] === null ? "" : ` (${explained[index]})`;
    console.log(`${name} ${role} ${id}: original ${original ?? "-"}, ours ${ours ?? "-"}${why}`);
  });
  return explained.includes(null);
}

async function inLanes<T, U>(items: readonly T[], lanes: number, work: (item: T) => Promise<U>): Promise<U[]> {
  const waiting = items.values();
  const done: U[] = [];
  await Promise.all(Array.from({ length: lanes }, async () => {
    for (const item of waiting) done.push(await work(item));
  }));
  return done;
}

function kept({ name, role }: Subject): Found {
  return { outcomes: recorded(name, role), seconds: null, troubles: [] };
}

function settings(args: string[]): Settings {
  const { peers, roles, cases, "at-once": atOnce, record, recorded } = values(args);
  if (!/^[1-9]\d?$/.test(atOnce)) throw new Unable(`--at-once ${atOnce}: a number from 1 to 99\n${usage}`);
  if (record && recorded) throw new Unable(usage);
  const names = peers === "" ? ["node", "ws", ...Object.keys(PEERS)] : peers.split(",");
  const unknown = names.find((name) => !Object.hasOwn(HEALTHY, name) && !Object.hasOwn(PEERS, name));
  if (unknown !== undefined) {
    throw new Unable(`there is no peer ${unknown}, but ${[...Object.keys(HEALTHY), ...Object.keys(PEERS)].join(", ")}`);
  }
  const wanted = roles.split(",").map((role): Role => {
    if (role !== "server" && role !== "client") throw new Unable(usage);
    return role;
  });
  const subjects = names.flatMap((name) => wanted.flatMap((role) => subjectsOf(name, role, cases || null)));
  if (subjects.length === 0) throw new Unable("0 cases selected");
  return { subjects, atOnce: Number(atOnce), record, suite: recorded ? null : suite(console.log) };
}

/** None if the peer does not play that role, or none of the cases. */
function subjectsOf(name: string, role: Role, cases: string | null): Subject[] {
  const { roles, slow = false } = PEERS[name] ?? {};
  let ids: string[];
  try {
    ids = idsFor(name, cases);
  } catch (error) {
    throw new Unable((error as Error).message);
  }
  if (ids.length === 0 || roles?.includes(role) === false) return [];
  return [{ name, role, ids, shares: slow ? 8 : 2, jobs: 8, peer: HEALTHY[name] ?? broken(name, 8) }];
}

/** Only these cases, nothing beside them. */
function alone(subject: Subject, found: readonly Difference[]): Subject {
  const { name } = subject;
  return { ...subject, ids: found.map(({ id }) => id), shares: 1, jobs: 1, peer: HEALTHY[name] ?? broken(name, 1) };
}

function broken(name: string, jobs: number): Job["peer"] {
  return {
    server: () => launch("compare", "peer", "server", name),
    client: (url) => launch("compare", "peer", "client", name, "--url", url, "--agent", name, "--jobs", String(jobs)),
  };
}

function values(args: string[]) {
  const text = { type: "string", default: "" } as const;
  const flag = { type: "boolean", default: false } as const;
  const roles = { ...text, default: "server,client" };
  const options = { peers: text, roles, cases: text, "at-once": { ...text, default: "3" }, record: flag, recorded: flag };
  try {
    return parseArgs({ args, options }).values;
  } catch (error) {
    throw new Unable(`${(error as Error).message}\n${usage}`);
  }
}

function row(...cells: readonly string[]): string {
  return cells.map((cell, column) => column < 2 ? cell.padEnd([20, 6][column]) : cell.padStart(9)).join(" ");
}

function seconds(found: Found): string {
  return found.seconds === null ? "-" : `${found.seconds.toFixed(1)} s`;
}

/** Real implementations: our adapter for Node, and the npm package ws. */
const HEALTHY: Readonly<Record<string, Job["peer"]>> = {
  node: {
    server: () => launch("echo", "--runtime", "node", "--port", "0"),
    client: (url) => launch("client", "--runtime", "node", "--url", url, "--agent", "node"),
  },
  ws: {
    server: () => launch("peer-ws", "echo", "--port", "0"),
    client: (url) => launch("peer-ws", "client", "--url", url, "--agent", "ws"),
  },
};
