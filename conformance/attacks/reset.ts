// Row R5: RST after every octet of a session, in both directions. What comes in: a victim, which is client and server of the sessions. What goes
// out: the sessions that did not end as they must. Each end is told once; nothing is clean that was cut; no message is heard that was not sent
// whole. Next files: main.ts, which takes every octet; reset.test.ts, which takes some.
import { type Break, proxy } from "./proxy.ts";
import { HEARD } from "./session.ts";
import type { Seen } from "./victim.ts";
import type { Victim } from "./victims.ts";

export interface Figures {
  readonly sessions: number;
  /** Octets of the session, each way. */
  readonly up: number;
  readonly down: number;
  readonly problems: readonly string[];
}

/** Cuts at every `step`th octet, and at the first `from` of each direction and the last 20. */
export async function resets(
  victim: Victim,
  step: number,
  from: number,
  progress: (done: number) => void = () => {},
): Promise<Figures> {
  const server = await victim.tell("serve", { timers: { handshake: 60_000 } });
  let cuts: readonly Break[] = [];
  const through = await proxy(server, (number) => cuts[number - FIRST - 1] ?? null);
  const run = async (numbers: readonly number[]) => ({
    clients: await victim.tell("sessions", { port: through.port, numbers }),
    servers: await victim.tell("seen", numbers),
  });
  const { clients: [client], servers: [served] } = await run([FIRST]); // before there are breaks
  const { up, down } = through.passed.get(FIRST)!;
  const problems: string[] = [];
  for (const one of [client, served]) {
    if (one === null || !one.clean || one.heard !== HEARD.length) problems.push(`uncut: ${JSON.stringify(one)}`);
  }
  cuts = (["up", "down"] as const).flatMap((way) =>
    offsets(way === "up" ? up : down, step, from).map((octets) => ({ way, octets }))
  );
  for (let at = 0; at < cuts.length; at += BATCH) {
    const numbers = Array.from({ length: Math.min(BATCH, cuts.length - at) }, (_, i) => FIRST + 1 + at + i);
    const { clients, servers } = await run(numbers);
    for (const i of numbers.keys()) {
      const problem = problemOf(cuts[at + i], clients[i], servers[i]);
      if (problem !== null) problems.push(`${cuts[at + i].way} ${cuts[at + i].octets}: ${problem}`);
    }
    progress(Math.min(cuts.length, at + BATCH));
  }
  through.close();
  return { sessions: cuts.length, up, down, problems };
}

function offsets(size: number, step: number, from: number): number[] {
  return Array.from({ length: size }, (_, octets) => octets).filter((octets) =>
    octets < from || octets >= size - 20 || octets % step === 0
  );
}
function problemOf({ way }: Break, client: Seen, served: Seen | null): string | null {
  for (const [side, one] of [["client", client], ["server", served]] as const) {
    if (one === null) continue;
    if (one.wrong !== null) return `${side}: ${one.wrong}`;
    if (one.opened !== one.closed || one.opened > 1) return `${side}: opened ${one.opened} times, closed ${one.closed} times`;
    // A server whose Close is cut has had the client's, and has answered it.
    if (one.clean && (side === "client" || way === "up")) return `${side}: clean, although it was cut`;
    if (one.opened === 1 && !one.clean && one.code !== 1006) return `${side}: ${one.code}`;
  }
  return client.opened === 0 && client.error === null ? "client: neither open nor failed" : null;
}

const BATCH = 500;
/** Every number has as many digits, so that every session has as many octets. */
const FIRST = 1_000_000;
