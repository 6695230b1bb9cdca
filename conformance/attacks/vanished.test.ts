// Row R3: a peer that is gone without FIN or RST, since its packets are. Each test makes a network namespace with a cable into it, puts one end of
// a connection inside, and cuts the cable when both are open. TCP alone would say nothing for a quarter of an hour, and for ever where nothing
// is sent. Needs Linux, iproute2, and the right to make a namespace. Nothing here asserts how long something takes. A peer whose process
// stands still is in readers.test.ts. RFC 6455 §5.5.2, §7.1.5.
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import process from "node:process";
import { createInterface } from "node:readline";
import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { root } from "../autobahn/genuine/places.ts";
import type { SocketRuntime } from "../runtimes/adapter-of.ts";
import { FLAGS, installed } from "../runtimes/binaries.ts";
import type { Said } from "./lone.ts";
import { here } from "./victims.ts";

const SPACE = `sansws-${process.pid}`;
const [OUTSIDE, INSIDE] = [`sw${process.pid}o`, `sw${process.pid}i`];
// A net of four addresses for documentation (RFC 5737), so that runs beside each other seldom meet.
const [OUTER, INNER] = [1, 2].map((number) => `192.0.2.${4 * (process.pid % 64) + number}`);
/** How packets vanish: what leaves an end of a cable goes into its queue first, and a blackhole is one that drops everything. */
const CUTS: Readonly<Record<string, string>> = {
  "the cable is dead": `ip -n ${SPACE} link set ${INSIDE} down`,
  "what the peer sends is lost": `tc -n ${SPACE} qdisc add dev ${INSIDE} root blackhole`,
  "what is sent to the peer is lost": `tc qdisc add dev ${OUTSIDE} root blackhole`,
};
/** What lays the cable. */
const LAY: readonly string[] = [
  `ip netns add ${SPACE}`,
  `ip link add ${OUTSIDE} type veth peer name ${INSIDE} netns ${SPACE}`,
  `ip addr add ${OUTER}/30 dev ${OUTSIDE}`,
  `ip link set ${OUTSIDE} up`,
  `ip -n ${SPACE} addr add ${INNER}/30 dev ${INSIDE}`,
  `ip -n ${SPACE} link set ${INSIDE} up`,
];
const children = new Set<ChildProcess>();
const reason = [...LAY, ...Object.values(CUTS)].map(run).find((failure) => failure !== null) ?? null;
remove();
if (reason !== null) console.warn(`No packet is lost: no cable can be laid and cut: ${reason}.`);

describe.skipIf(reason !== null)(`R3${reason === null ? "" : ` (skipped: ${reason})`}`, () => {
  vi.setConfig({ testTimeout: 60_000 });
  beforeEach(() => LAY.forEach(must));
  afterEach(remove);
  afterAll(remove); // whatever a test that never ended has left

  describe.each(here)("on %s", (runtime) => {
    // Which way the packets went matters to the kernel, not to the runtime.
    it.each(Object.entries(CUTS).slice(0, runtime === "node" ? 3 : 1))(
      "a server drops a client that is silent: %s",
      async (_, cut) => {
        const server = lone(runtime, OUTER, ASKING);
        const client = lone("node", await server.said("listening"), SILENT, "inside");
        expect(await server.said("open")).toContain(INNER);
        await client.said("open");
        must(cut);
        expect(await server.said("closed")).toEqual({ code: 1006, clean: false, error: "PONG_TIMEOUT" });
        expect(await server.leave()).toBe(0);
      },
    );

    it("a client drops a server that has vanished", async () => {
      const server = lone("node", INNER, SILENT, "inside");
      const client = lone(runtime, await server.said("listening"), ASKING);
      await Promise.all([server.said("open"), client.said("open")]);
      must(CUTS["the cable is dead"]);
      expect(await client.said("closed")).toEqual({ code: 1006, clean: false, error: "PONG_TIMEOUT" });
      expect(await client.leave()).toBe(0);
    });

    it("a server that asks for no Pong drops a client that takes nothing any more", async () => {
      const server = lone(runtime, OUTER, { ...SILENT, stall: 400 });
      const client = lone("node", await server.said("listening"), SILENT, "inside");
      await Promise.all([server.said("open"), client.said("open")]);
      must(CUTS["the cable is dead"]);
      server.flood();
      expect(await server.said("closed")).toEqual({ code: 1006, clean: false, error: "STALL_TIMEOUT" });
      expect(await server.leave()).toBe(0);
    });
  });
});

interface Lone {
  /** The next that it says, which must be this. */
  said<Name extends keyof Said>(name: Name): Promise<Said[Name]>;
  flood(): void;
  /** Ends its input; resolves to its exit code. */
  leave(): Promise<number | null>;
}
function lone(runtime: SocketRuntime, address: string, timers: object, place: "inside" | "outside" = "outside"): Lone {
  const script = `${root}dist/conformance/attacks/lone.js`;
  const words = [installed(runtime)!, ...FLAGS[runtime], script, runtime, address, JSON.stringify(timers)];
  const [program, ...args] = place === "inside" ? ["ip", "netns", "exec", SPACE, ...words] : words;
  const child = spawn(program, args, { stdio: ["pipe", "pipe", "inherit"] });
  children.add(child);
  const left = once(child, "close") as Promise<[number | null]>;
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  return {
    async said(name) {
      const { value, done } = await lines.next();
      if (done === true) throw new Error(`${runtime} has left before it said: ${name}`);
      const [said, what] = JSON.parse(value);
      expect(said).toBe(name);
      return what;
    },
    flood: () => void child.stdin.write("flood\n"),
    async leave() {
      child.stdin.end();
      const [code] = await left;
      return code;
    },
  };
}
/** What is in the namespace keeps it: it goes first. */
function remove(): void {
  for (const child of children) child.kill("SIGKILL");
  children.clear();
  run(`ip link del ${OUTSIDE}`);
  run(`ip netns del ${SPACE}`);
}

/** Why this failed, or null. */
function run(command: string): string | null {
  const [program, ...args] = command.split(" ");
  const { error, status, stderr } = spawnSync(program, args, { encoding: "utf8" });
  return error?.message ?? (status === 0 ? null : `${command}: ${stderr.trim()}`);
}
function must(command: string): void {
  const failure = run(command);
  if (failure !== null) throw new Error(failure);
}

const SILENT = { ping: 0 };
const ASKING = { ping: 200, pong: 200, close: 200 };
