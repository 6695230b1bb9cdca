// What a client of the Autobahn Testsuite's server does, on any runtime. In: a way to open a path of the server, the name of an agent. Out: all
// cases run under that name, then the reports written. The protocol is three paths: /getCaseCount answers with a number,
// /runCase?case=N&agent=A wants everything echoed, /updateReports?agent=A ends when the reports are there. Next file: client.ts.
import { type ConnectOptions, type Socket, WebSocketError } from "../../adapters/adapter.ts";

/** Rejects if the server cannot be reached, and not because of any case. */
export async function runCases(
  open: (path: string, options: ConnectOptions) => Promise<Socket>,
  agent: string,
): Promise<void> {
  const name = encodeURIComponent(agent);
  const count = await number(await open("/getCaseCount", patient));
  for (let next = 1; next <= count; next++) {
    await echo(() => open(`/runCase?case=${next}&agent=${name}`, patient));
    if (next % 50 === 0 || next === count) {
      console.log(`${next}/${count} cases`);
    }
  }
  await (await open(`/updateReports?agent=${name}`, patient)).closed;
}

async function number(socket: Socket): Promise<number> {
  let count = Number.NaN;
  for await (const message of socket) count = Number(message);
  if (!Number.isSafeInteger(count)) {
    throw new Error("the server did not say how many cases there are");
  }
  return count;
}

async function echo(open: () => Promise<Socket>): Promise<void> {
  try {
    const socket = await open();
    for await (const message of socket) await socket.send(message);
    await socket.closed;
  } catch (error) {
    // The suite breaks the rules on purpose: what we make of it is for its verdict to say. A suite that is gone ends the run.
    if (
      !(error instanceof WebSocketError) || error.code === "CONNECT" ||
      error.code === "TLS"
    ) throw error;
  }
}

/** The suite answers the last request only when it has written all its reports, which takes longer than our handshake may by default. */
const patient: ConnectOptions = { timers: { handshake: 120_000 } };
