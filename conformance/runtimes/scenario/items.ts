// The scenario: all items, in their order. In: a client, or a raw peer's view, and the items it is to run. Out: a result for each; an item
// that does not end is ended by its deadline. Next files: server.ts and client.ts, the programs; limits.ts, what a runtime cannot do.
import { endings } from "./endings.ts";
import { flow } from "./flow.ts";
import type { Client, Item, Raw } from "./item.ts";
import { messages } from "./messages.ts";
import { opening } from "./opening.ts";
import { reach } from "./reach.ts";

export const items: readonly Item[] = [...opening, ...messages, ...endings, ...flow, ...reach];

/** `problem`: what is wrong, or null. */
export interface Result {
  readonly item: string;
  readonly problem: string | null;
}

/** The client's halves, one after the other; each result as soon as it is there. `hopeless`: no long deadline for these. */
export function runClient(at: Client, names: readonly string[], hopeless: readonly string[], result: Report): Promise<void> {
  return run(names, hopeless, result, ({ client }) => client && (() => client(at)));
}
/** The halves of the raw client. */
export function runRaw(at: Raw, names: readonly string[], hopeless: readonly string[], result: Report): Promise<void> {
  return run(names, hopeless, result, ({ raw }) => raw && (() => raw(at)));
}
type Report = (result: Result) => void;
type Half = () => Promise<void>;

async function run(
  names: readonly string[],
  hopeless: readonly string[],
  result: Report,
  halfOf: (item: Item) => Half | undefined,
): Promise<void> {
  for (const item of items) {
    const half = names.includes(item.name) ? halfOf(item) : undefined;
    if (half === undefined) continue;
    result({ item: item.name, problem: await problemOf(half, hopeless.includes(item.name) ? SHORT : DEADLINE) });
  }
}

async function problemOf(half: Half, deadline: number): Promise<string | null> {
  let timer: unknown;
  const late = new Promise<string>((resolve) =>
    timer = setTimeout(resolve, deadline, `not over after ${deadline / 1000} seconds`)
  );
  try {
    return await Promise.race([half().then(() => null), late]);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  } finally {
    clearTimeout(timer as number);
  }
}

const DEADLINE = 20_000;
const SHORT = 1_500;
