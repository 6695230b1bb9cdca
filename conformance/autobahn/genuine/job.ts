// One share of the cases: one process of the suite, one peer of its own, one folder. In: a job. Out: its verdicts, and what went wrong
// with the two processes. The suite prints a line when a case begins, and writes its results only at the very end, from memory:
// so a peer that hangs is killed, which ends the case and lets the suite write what it has. Next file: report.ts.
import { once } from "node:events";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { get as getHttp } from "node:http";
import { get as getHttps } from "node:https";
import { connect } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { patience } from "./cases.ts";
import type { Certificate } from "./certificate.ts";
import type { Suite } from "./install.ts";
import { type Child, type Command, start, startServer } from "./processes.ts";
import type { Role, Verdict } from "./verdicts.ts";

/** What one pair of processes is to do. */
export interface Job {
  readonly suite: Suite;
  /** Of the peer. */
  readonly role: Role;
  /** Under which name the suite keeps the results. */
  readonly agent: string;
  readonly ids: readonly string[];
  /** Empty, and below .cache/; logs and reports go here. */
  readonly folder: string;
  /** Null: no TLS. */
  readonly tls: Certificate | null;
  /** For the suite, if the peer is the client. */
  readonly port: number;
  /** The peer: an echo server on a free port of its own, or a client of the suite at `url`. */
  readonly peer: { server(): Command; client(url: string): Command };
  /** Called when a case begins. */
  readonly begins: (id: string) => void;
}

/** What came of a job. */
export interface Outcome {
  readonly verdicts: ReadonlyMap<string, Verdict>;
  /** Sentences for people; empty if both processes began and ended as they should. */
  readonly troubles: readonly string[];
}

/** Runs a job to its end; never rejects because of what the suite or the peer does. */
export async function run(job: Job): Promise<Outcome> {
  mkdirSync(job.folder, { recursive: true });
  const troubles = await (job.role === "server" ? testServer(job) : testClient(job));
  const index = `${job.folder}report/index.json`;
  if (!existsSync(index)) return { verdicts: new Map(), troubles: [...troubles, `no report was written (see ${job.folder})`] };
  const agents = JSON.parse(readFileSync(index, "utf8")) as Record<string, Record<string, Verdict>>;
  return { verdicts: new Map(Object.entries(agents[job.agent] ?? {})), troubles };
}

async function testServer(job: Job): Promise<string[]> {
  const { child: peer, address } = await startServer(job.peer.server(), `${job.folder}peer.log`);
  if (address === null) {
    await peer.kill();
    return [`the echo server did not come up:\n${peer.tail()}`];
  }
  const spec = {
    outdir: `${job.folder}report`,
    servers: [{ agent: job.agent, url: address.replace(/\/$/, "") }],
    cases: job.ids,
  };
  const watch = watchdog();
  const suite = startSuite(job, "fuzzingclient", { ...spec, "exclude-cases": [], "exclude-agent-cases": {} }, watch.sign);
  const troubles: string[] = [];
  const hung = await Promise.race([suite.ended.then(() => null), watch.hung]);
  if (hung !== null) {
    troubles.push(hung);
    await peer.kill();
    await ends(suite);
  }
  watch.stop();
  const exit = await suite.ended;
  if (exit !== 0) troubles.push(`the suite ended with ${exit}:\n${suite.tail()}`);
  const stopped = await peer.stop();
  if (stopped !== 0 && hung === null) troubles.push(`the echo server ended with ${stopped}, not 0:\n${peer.tail()}`);
  return troubles;
}

async function testClient(job: Job): Promise<string[]> {
  const url = `${job.tls === null ? "ws" : "wss"}://127.0.0.1:${job.port}`;
  const spec = { outdir: `${job.folder}report`, url, ...job.tls, cases: job.ids, "exclude-cases": [], "exclude-agent-cases": {} };
  const watch = watchdog();
  const suite = startSuite(job, "fuzzingserver", spec, watch.sign);
  if (!await accepts(job.port, suite)) {
    watch.stop();
    await suite.kill();
    return [`the suite did not come up:\n${suite.tail()}`];
  }
  const peer = start(job.peer.client(url), `${job.folder}peer.log`, () => {});
  const troubles: string[] = [];
  const hung = await Promise.race([
    peer.ended.then(() => null),
    suite.ended.then(() => `the suite ended early:\n${suite.tail()}`),
    watch.hung,
  ]);
  watch.stop();
  if (hung !== null) {
    troubles.push(hung);
    await peer.kill();
    await updateReports(job);
  } else if (await peer.ended !== 0) troubles.push(`the client ended with ${await peer.ended}, not 0:\n${peer.tail()}`);
  await suite.stop();
  return troubles;
}

function startSuite(job: Job, mode: "fuzzingclient" | "fuzzingserver", spec: object, sign: (id: string) => void): Child {
  const file = `${job.folder}${mode}.json`;
  writeFileSync(file, JSON.stringify(spec, null, 2));
  return start(job.suite.command(mode, file), `${job.folder}suite.log`, (line) => {
    const match = /^Running test case ID (\S+) /.exec(line);
    if (match === null) return;
    sign(match[1]);
    job.begins(match[1]);
  });
}

/** Resolves to a sentence when nothing has begun for too long. `sign` tells it which case has begun. */
function watchdog(): { readonly hung: Promise<string>; sign(id: string): void; stop(): void } {
  let timer: NodeJS.Timeout;
  let bark: (sentence: string) => void;
  const hung = new Promise<string>((resolve) => (bark = resolve));
  const arm = (what: string, seconds: number): void => {
    clearTimeout(timer);
    timer = setTimeout(
      () =>
        bark(`${what} hung: nothing happened for ${seconds} s. Its peer was killed, so its verdict and what follows it are void`),
      seconds * 1_000,
    );
  };
  arm("the start", 60);
  return { hung, sign: (id) => arm(`case ${id}`, patience(id)), stop: () => clearTimeout(timer) };
}

/** Waits for a suite that has lost its peer: it writes its reports and ends, or is killed a minute later. */
async function ends(suite: Child): Promise<void> {
  const ended = await Promise.race([suite.ended, delay(60_000, null, { ref: false })]);
  if (ended === null) await suite.kill();
}

async function accepts(port: number, suite: Child): Promise<boolean> {
  let over = false;
  void suite.ended.then(() => (over = true));
  for (let tries = 0; tries < 600 && !over; tries++) {
    const socket = connect(port, "127.0.0.1");
    const connected = await once(socket, "connect").then(() => true, () => false);
    socket.destroy();
    if (connected) return true;
    await delay(100);
  }
  return false;
}

/** Asks the suite's server for its reports, as a client does at the end of its run: by a WebSocket handshake, which it answers when it has written them. */
async function updateReports(job: Job): Promise<void> {
  const key = "AAAAAAAAAAAAAAAAAAAAAA==";
  const headers = { Connection: "Upgrade", Upgrade: "websocket", "Sec-WebSocket-Version": "13", "Sec-WebSocket-Key": key };
  const target = { host: "127.0.0.1", port: job.port, path: `/updateReports?agent=${job.agent}`, headers, timeout: 120_000 };
  const request = job.tls === null ? getHttp(target) : getHttps({ ...target, ca: readFileSync(job.tls.cert) });
  request.on("timeout", () => request.destroy(new Error("timeout")));
  await once(request, "upgrade").then(([, socket]) => socket.destroy(), () => {});
}
