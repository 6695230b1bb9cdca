// The command as people run it: the built program in a process of its own. `npm test` builds it first.
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { ourEcho, type Peer, rawServer, tcpServer, wsClient } from "../fuzz/peers.test.support.ts";

const program = fileURLToPath(new URL("../../../dist/conformance/autobahn/command/bin.js", import.meta.url));

let folder = "";
const children: ChildProcess[] = [];
const peers: Peer[] = [];
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "conform-"));
});
afterEach(async () => {
  for (const child of children.splice(0)) child.kill("SIGKILL");
  for (const peer of peers.splice(0)) await peer.stop();
});
afterAll(() => rmSync(folder, { recursive: true }));

interface Ran {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

function start(
  args: readonly string[],
  env: Record<string, string> = {},
): { child: ChildProcess; ended: Promise<Ran>; said: (text: RegExp) => Promise<string> } {
  const child = spawn(process.execPath, [program, ...args], { env: { ...process.env, ...env }, cwd: folder });
  children.push(child);
  let [out, err] = ["", ""];
  const watchers: (() => void)[] = [];
  child.stdout!.on("data", (chunk) => {
    out += String(chunk);
    for (const look of watchers) look();
  });
  child.stderr!.on("data", (chunk) => err += String(chunk));
  return {
    child,
    ended: new Promise((resolve) => child.on("close", (code) => resolve({ code, out, err }))),
    said: (text) =>
      new Promise((resolve) => {
        const look = (): void => {
          const found = text.exec(out);
          if (found !== null) resolve(found[1] ?? found[0]);
        };
        watchers.push(look);
        look();
      }),
  };
}
const run = (...args: string[]): Promise<Ran> => start(args).ended;
const peer = async (made: Promise<Peer>): Promise<string> => {
  peers.push(await made);
  return peers.at(-1)!.url;
};

describe("sansws conform server", { timeout: 60_000 }, () => {
  it("exits with 0 if the policy holds, and leaves the reports", async () => {
    const outdir = join(folder, "good");
    const { code, out } = await run(
      ...["conform", "server", await peer(ourEcho()), "--cases", "1-4", "--outdir", outdir, "--agent", "ours"],
      ...["--format", "html,json,text,junit,markdown,github"],
    );
    expect(out).toContain("Passed: nothing fails.");
    expect(code).toBe(0);
    const index = JSON.parse(readFileSync(join(outdir, "index.json"), "utf8"));
    expect(Object.keys(index.ours)).toHaveLength(44);
    for (const name of ["index.html", "junit.xml", "summary.md", "step-summary.md", "summary.txt", "ours_case_1_1_1.json"]) {
      expect(existsSync(join(outdir, name)), name).toBe(true);
    }
  });

  it("exits with 1 if it does not, and with 0 if a baseline knew it", async () => {
    const url = await peer(rawServer((socket) => socket.end()));
    const outdir = join(folder, "bad");
    const args = ["conform", "server", url, "--cases", "1.1.1,3.1", "--outdir", outdir];
    const first = await run(...args);
    expect(first.out).toMatch(/passes by silence: .*\n\nFailed: 1 case, 1 silent/);
    expect(first.code).toBe(1);
    const second = await run(...args, "--baseline", join(outdir, "index.json"), "--fail-on", "failed,close-failed");
    expect(second.out).toContain("1 known from the baseline");
    expect(second.code).toBe(0);
  });

  it("tells GitHub what fails", async () => {
    const summary = join(folder, "step-summary");
    const url = await peer(rawServer((socket) => socket.end()));
    const args = ["conform", "server", url, "--cases", "1.1.1", "--outdir", join(folder, "github"), "--format", "github"];
    const { out } = await start(args, { GITHUB_STEP_SUMMARY: summary }).ended;
    expect(out).toMatch(/^::error title=/m);
    expect(readFileSync(summary, "utf8")).toContain("## WebSocket conformance");
  });

  it("exits with 2 and one sentence if the run cannot begin", async () => {
    const gone = await tcpServer(() => {});
    await gone.stop();
    for (
      const [args, sentence] of [
        [
          ["conform", "server", gone.url],
          /^sansws conform: ws:\/\/127\.0\.0\.1:\d+\/ cannot be reached: connect ECONNREFUSED [\d.:]+\.$/,
        ],
        [["conform", "server", "--spec", "/nowhere.json"], /^sansws conform: \/nowhere\.json: ENOENT: [^\n]+$/],
        [
          ["conform", "server", "ws://x/", "--outdir", "/dev/null/x"],
          /^sansws conform: reports cannot be written to \/dev\/null\/x: [^\n]+$/,
        ],
        [["conform", "neither"], /^sansws conform: [^\n]+$/],
        [["perform"], /^sansws: there is no command perform; [^\n]+$/],
        [[], /^sansws: a command is missing; [^\n]+$/],
      ] as const
    ) {
      const { code, err } = await run(...args);
      expect(err.trimEnd(), args.join(" ")).toMatch(sentence);
      expect(code, args.join(" ")).toBe(2);
    }
  });

  it("reports what was played when it is interrupted", async () => {
    const url = await peer(rawServer((socket) => void socket.resume()));
    const { child, ended, said } = start(["conform", "server", url, "--cases", "9.1.1", "--outdir", join(folder, "interrupted")]);
    await said(/1 cases against/);
    child.kill("SIGINT");
    const { code, out } = await ended;
    expect(out).toContain("Failed:");
    expect(code).toBe(130);
  });

  it("lists cases and helps without a peer", async () => {
    const { code, out } = await run("conform", "server", "--list", "--cases", "6.4");
    expect(out.trim().split("\n").map((line) => line.split(" ")[0])).toEqual(["6.4.1", "6.4.2", "6.4.3", "6.4.4"]);
    expect(code).toBe(0);
    expect(await run("--help")).toMatchObject({ code: 0, out: expect.stringContaining("--fail-on LIST") });
  });
});

describe("sansws conform client", { timeout: 60_000 }, () => {
  const loop = async (url: string, count: number, agent: string): Promise<void> => {
    for (let number = 1; number <= count; number++) {
      await wsClient(`${url}/runCase?case=${number}&agent=${agent}`, true, { rejectUnauthorized: false });
    }
    await wsClient(`${url}/updateReports?agent=${agent}`, false, { rejectUnauthorized: false });
  };

  it("ends when a client asks for the reports, which are written by then", async () => {
    const outdir = join(folder, "client");
    const { ended, said } = start(["conform", "client", "--port", "0", "--cases", "1.1.1-1.1.3", "--outdir", outdir]);
    await loop(await said(/listening on (\S+)\/,/), 3, "ws");
    expect(existsSync(join(outdir, "index.json"))).toBe(true);
    expect(await ended).toMatchObject({ code: 0, out: expect.stringContaining("Passed: nothing fails.") });
  });

  it("goes on with --keep until it is told to stop, and misses what was not played", async () => {
    const args = ["conform", "client", "--port", "0", "--cases", "1.1.1-1.1.3", "--outdir", join(folder, "kept"), "--keep"];
    const { ended, said } = start(args);
    const url = await said(/listening on (\S+)\/,/);
    await loop(url, 3, "one");
    await loop(url, 2, "two");
    await wsClient(`${url}/stopServer`);
    const { code, out } = await ended;
    expect(out.match(/ 1\.1\.3 {2}MISSING/g)).not.toBeNull();
    expect(code).toBe(1);
  });

  it("speaks TLS with a certificate that it leaves for the client", async () => {
    const { ended, said } = start([
      "conform",
      "client",
      "--port",
      "0",
      "--cases",
      "1.1.1",
      "--outdir",
      join(folder, "tls"),
      "--tls",
    ]);
    const url = await said(/listening on (wss:\S+)\/,/);
    const ca = readFileSync(join(folder, "tls", "certificate.pem"));
    await wsClient(`${url}/runCase?case=1&agent=ws`, true, { ca });
    await wsClient(`${url}/updateReports?agent=ws`, false, { ca });
    expect((await ended).code).toBe(0);
  });
});
