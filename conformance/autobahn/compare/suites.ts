// What comes in: a peer as a command, a role, case ids. What goes out: what the original and what ours say of them, over sockets, and how
// long each took. Both start the same program with the same arguments. Next file: main.ts.
import { rmSync } from "node:fs";
import process from "node:process";
import { CASES } from "../cases/all.ts";
import type { CaseId } from "../cases/case.ts";
import type { CaseResult } from "../engine/result.ts";
import { fuzzServers } from "../fuzz/client.ts";
import { fuzzClients } from "../fuzz/server.ts";
import { targetOf } from "../fuzz/target.ts";
import { split } from "../genuine/cases.ts";
import type { Suite } from "../genuine/install.ts";
import { type Job, run } from "../genuine/job.ts";
import { cache, launcher } from "../genuine/places.ts";
import { freePorts } from "../genuine/ports.ts";
import { type Command, start, startServer } from "../genuine/processes.ts";
import type { Role } from "../genuine/verdicts.ts";
import type { Outcome, Outcomes } from "./record.ts";

/** A peer, and what is played with it. */
export interface Subject {
  readonly name: string;
  readonly role: Role;
  readonly ids: readonly CaseId[];
  /** How many processes of the original play a server: it plays one case at a time. */
  readonly shares: number;
  /** How many cases of ours are played with a server side by side. */
  readonly jobs: number;
  readonly peer: Job["peer"];
}

/** What a suite found out. */
export interface Found {
  readonly outcomes: Outcomes;
  /** Null: it was not played now. */
  readonly seconds: number | null;
  /** Sentences for people. */
  readonly troubles: readonly string[];
}

/** The arguments of the launcher as a command; it need not build again. */
export function launch(...args: readonly string[]): Command {
  return { file: process.execPath, args: [launcher, ...args], env: { SANSWS_NO_BUILD: "1" } };
}

/** Plays the cases with the original. */
export async function playOriginal(suite: Suite, { name, role, ids, shares, peer }: Subject): Promise<Found> {
  const began = Date.now();
  const folder = `${cache}reports/compare/${name}-${role}/`;
  rmSync(folder, { recursive: true, force: true });
  const parts = await Promise.all(
    split(ids, role === "server" ? shares : 1).map(async (share, number) => {
      const [port] = await freePorts(1);
      return await run({
        suite,
        role,
        agent: name,
        ids: share,
        folder: `${folder}${number + 1}/`,
        tls: null,
        port,
        peer,
        begins() {},
      });
    }),
  );
  return {
    outcomes: new Map(parts.flatMap(({ verdicts }) => [...verdicts].map(([id, verdict]) => [id, fieldsOf(verdict)]))),
    seconds: (Date.now() - began) / 1_000,
    troubles: parts.flatMap(({ troubles }) => troubles),
  };
}

/** Plays the cases with ours. */
export async function playOurs(subject: Subject): Promise<Found> {
  const began = Date.now();
  const cases = CASES.filter(({ id }) => subject.ids.includes(id));
  const results = await (subject.role === "server" ? testServer(subject, cases) : testClient(subject, cases));
  return {
    outcomes: new Map(results.map((result) => [result.id, fieldsOf(result)])),
    seconds: (Date.now() - began) / 1_000,
    troubles: results.flatMap(({ id, note }) => note?.startsWith("Given up") === true ? [`case ${id}: ${note}`] : []),
  };
}

async function testServer({ name, jobs, peer }: Subject, cases: typeof CASES): Promise<readonly CaseResult[]> {
  const { child, address } = await startServer(peer.server(), `${cache}reports/compare/${name}-server.log`);
  if (address === null) {
    await child.kill();
    throw new Error(`the peer ${name} did not come up:\n${child.tail()}`);
  }
  const { results } = await fuzzServers({ servers: [targetOf(address, { agent: name })], cases, jobs, messages: ALL });
  await child.stop();
  return results;
}

async function testClient({ name, peer }: Subject, cases: typeof CASES): Promise<readonly CaseResult[]> {
  const server = await fuzzClients({ cases, port: 0, messages: ALL });
  const child = start(peer.client(server.url), `${cache}reports/compare/${name}-client.log`, () => {});
  if (await child.ended !== 0) throw new Error(`the peer ${name} ended with ${await child.ended}:\n${child.tail()}`);
  const { results } = server.run();
  await server.close();
  return results;
}

function fieldsOf({ behavior, behaviorClose, remoteCloseCode }: Outcome): Outcome {
  return { behavior, behaviorClose, remoteCloseCode };
}

/** Messages of a case of round trips: as many as the original sends. */
const ALL = 1_000;
