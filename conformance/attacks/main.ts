// `npm run attacks`: the attacks of this folder that are too long for every run of the tests: a reset at every octet of the session, and 10,000
// clients that change their mind. In: a runtime. Out: figures, and exit code 1 if one of them is not as it must be. Next file: reset.ts.
import { texts } from "../support/arguments.ts";
import type { SocketRuntime } from "../runtimes/adapter-of.ts";
import { forget, listening } from "./raw.ts";
import { resets } from "./reset.ts";
import { here, victim } from "./victims.ts";

/** Resolves to the exit code. */
export async function main(args: string[]): Promise<number> {
  const { runtime = "node" } = texts(args, ["runtime"]);
  if (!here.includes(runtime as SocketRuntime)) {
    console.error(`--runtime ${runtime}: there is ${here.join(", ")}`);
    return 2;
  }
  const problems = [...await everyOctet(runtime as SocketRuntime), ...await everyMind(runtime as SocketRuntime)];
  for (const problem of problems) console.log(`PROBLEM ${problem}`);
  return problems.length > 0 ? 1 : 0;
}

async function everyOctet(runtime: SocketRuntime): Promise<readonly string[]> {
  const one = await victim(runtime);
  const { sessions, up, down, problems } = await resets(one, 1, 0, (done) => process.stderr.write(`\r${done} resets `));
  const { unhandled } = await one.tell("tally");
  console.log(`\r${runtime}: ${sessions} sessions of ${up} + ${down} octets, each reset at another: ${problems.length} problems`);
  return [...problems, ...unhandled, ...await left(one.leave())];
}
async function everyMind(runtime: SocketRuntime): Promise<readonly string[]> {
  const one = await victim(runtime);
  const port = await listening(({ socket }) => void socket.on("end", () => socket.destroy()).write("HTTP/1.1 101 Swit"));
  await one.tell("churn", { port, count: 500, after: 5 });
  const before = await one.tell("tally");
  const told = await one.tell("churn", { port, count: 10_000, after: 5 });
  let after = await one.tell("tally");
  for (let looks = 0; looks < 100 && after.files > before.files; looks++) after = await one.tell("tally");
  forget();
  console.log(
    `${runtime}: 10,000 clients changed their mind: ${after.files - before.files} more file descriptors, ` +
      `${Math.round((after.heap - before.heap) / 1024)} KiB more heap`,
  );
  return [
    ...told.filter((one) => one !== "enough"),
    ...after.unhandled,
    ...(after.files > before.files + 10 ? ["file descriptors stay open"] : []),
    ...await left(one.leave()),
  ];
}
async function left(code: Promise<number | null>): Promise<readonly string[]> {
  return await code === 0 ? [] : ["the process did not end by itself"];
}
