// `npm run differential -- [--runs N] [--seed S]`: N sequences of frames, shown to the core, to ws 8 and to websockets of Python. What goes out:
// each kind of disagreement with its explanation and how often it came. Exit code 1 if one is not explained: its octets are printed.
// Next file: case.ts.
import { Unable } from "../autobahn/genuine/places.ts";
import { numbers } from "../support/arguments.ts";
import { type Case, casesOf, type Heard } from "./case.ts";
import { disagreement } from "./compare.ts";
import { explanationOf, type Peer } from "./explained.ts";
import { hex, ours } from "./ours.ts";
import { version, websockets } from "./websockets.ts";
import { ws } from "./ws.ts";

/** The command behind `npm run differential`; resolves to its exit code. */
export async function main(args: readonly string[]): Promise<number> {
  const { runs = 10_000, seed = Date.now() % 1_000_000_000 } = numbers(args, ["runs", "seed"]);
  try {
    const python = websockets();
    const found = await differences(runs, seed, { ws, websockets: python.hear });
    await python.close();
    return report(found, runs, seed);
  } catch (error) {
    if (!(error instanceof Unable)) throw error;
    console.error(error.message);
    return 2;
  }
}

/** A kind of disagreement, how often it came, and the first time. */
export interface Found {
  readonly peer: Peer;
  readonly kind: string;
  count: number;
  readonly first: Case;
  readonly mine: Heard;
  readonly theirs: Heard;
}

/** What there is between us and these peers. */
export async function differences(
  runs: number,
  seed: number,
  peers: Readonly<Partial<Record<Peer, (one: Case) => Promise<Heard>>>>,
): Promise<readonly Found[]> {
  const found = new Map<string, Found>();
  for (let at = 0; at < runs; at += BATCH) {
    await Promise.all(
      casesOf(Math.min(BATCH, runs - at), seed + at).map(async (one) => {
        const mine = ours(one);
        for (const peer of ["ws", "websockets"] as const) {
          const theirs = await peers[peer]?.(one);
          if (theirs === undefined) continue;
          const difference = disagreement(mine, theirs);
          if (difference === null) continue;
          const kind = one.deflate === null ? difference : `with deflate, ${difference}`;
          const known = found.get(`${peer} ${kind}`);
          if (known === undefined) found.set(`${peer} ${kind}`, { peer, kind, count: 1, first: one, mine, theirs });
          else known.count++;
        }
      }),
    );
  }
  return [...found.values()].sort((a, b) => b.count - a.count);
}

function report(found: readonly Found[], runs: number, seed: number): number {
  let unexplained = 0;
  for (const { peer, kind, count, first, mine, theirs } of found) {
    const explanation = explanationOf(peer, kind);
    if (explanation !== undefined) {
      console.log(`${count} times ${peer}: ${kind} (${explanation.section}: ${explanation.why})`);
      continue;
    }
    unexplained++;
    console.log(`${count} times ${peer}: ${kind} IS NOT EXPLAINED. The first:`);
    console.log(`  role ${first.role}, limit ${first.limit}, deflate ${JSON.stringify(first.deflate)}`);
    console.log(`  chunks ${first.chunks.map(hex).join(" ")}`);
    console.log(`  we: ${JSON.stringify(mine)}\n  they: ${JSON.stringify(theirs)}`);
  }
  console.log(`${runs} sequences, seed ${seed}, against ws 8 and websockets ${version}: ${unexplained} kinds are not explained`);
  return unexplained > 0 ? 1 : 0;
}

/** Sequences for which a seed of their own is drawn. */
const BATCH = 200;
