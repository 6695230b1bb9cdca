// `npm run client`: the client that the Autobahn Testsuite's server expects, on a runtime's adapter. In: the server's URL. Out: all of its
// cases run under the name of an agent, then its reports written. The protocol is three WebSocket URLs: /getCaseCount answers with a number,
// /runCase?case=N&agent=A wants everything echoed, /updateReports?agent=A ends when the reports are there. Exit code 0 at the end, whatever
// the verdicts; 1 if the server cannot be reached. The file before: echo.ts.
import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { connect, type Socket, WebSocketError } from "../../adapters/node.ts";
import { supported, Unable } from "../autobahn/genuine/places.ts";

const usage = "usage: npm run client -- --runtime node --url URL --agent NAME [--ca F]";

/** Runs every case; resolves to the exit code. */
export async function main(args: string[]): Promise<number> {
  try {
    await runCases(settings(args));
    return 0;
  } catch (error) {
    console.error((error as Error).message);
    return error instanceof Unable ? 2 : 1;
  }
}

async function runCases({ url, agent, ca }: Settings): Promise<void> {
  // The suite answers the last request only when it has written all its reports, which takes longer than our handshake may by default.
  const options = { timers: { handshake: 120_000 }, ...(ca === null ? {} : { tls: { ca: readFileSync(ca) } }) };
  const open = (path: string): Promise<Socket> => connect(`${url}${path}`, options);
  const count = await number(await open("/getCaseCount"));
  for (let next = 1; next <= count; next++) {
    await echo(() => open(`/runCase?case=${next}&agent=${agent}`));
    if (next % 50 === 0 || next === count) console.log(`${next}/${count} cases`);
  }
  await (await open(`/updateReports?agent=${agent}`)).closed;
}

async function number(socket: Socket): Promise<number> {
  let count = Number.NaN;
  for await (const message of socket) count = Number(message);
  if (!Number.isSafeInteger(count)) throw new Error("the server did not say how many cases there are");
  return count;
}

async function echo(open: () => Promise<Socket>): Promise<void> {
  try {
    const socket = await open();
    for await (const message of socket) await socket.send(message);
    await socket.closed;
  } catch (error) {
    // The suite breaks the rules on purpose: what we make of it is for its verdict to say. A suite that is gone ends the run.
    if (!(error instanceof WebSocketError) || error.code === "CONNECT" || error.code === "TLS") throw error;
  }
}

interface Settings {
  /** Without a slash at the end. */
  readonly url: string;
  /** Ready to stand in a query. */
  readonly agent: string;
  /** Null: the runtime's authorities. */
  readonly ca: string | null;
}

function settings(args: string[]): Settings {
  const { runtime, url, agent, ca } = values(args);
  supported(runtime);
  if (url === undefined || agent === undefined) throw new Unable(usage);
  return { url: url.replace(/\/$/, ""), agent: encodeURIComponent(agent), ca: ca ?? null };
}

function values(args: string[]) {
  const text = { type: "string" } as const;
  try {
    return parseArgs({ args, options: { runtime: { ...text, default: "node" }, url: text, agent: text, ca: text } }).values;
  } catch (error) {
    throw new Unable(`${(error as Error).message}\n${usage}`);
  }
}
