// How far a run is. In: which case begins and ends. Out: one line that updates itself on a terminal, a plain line every ten seconds
// elsewhere. Serves the runner of the original suite too (genuine/progress.ts). Next file: finish.ts.

/** A case that is going to be played, and about how many seconds it takes. */
export interface Expected {
  readonly id: string;
  readonly cost: number;
}

/** Tells of a run. A group is what plays cases of its own: an agent, or a job. */
export interface Telling {
  /** Instead of what was expected of this group before. */
  expects(group: string, cases: readonly Expected[]): void;
  begins(group: string, id: string): void;
  ends(group: string, id: string): void;
  /** Makes room for other output. */
  clear(): void;
  /** A sentence between the lines. */
  says(sentence: string): void;
  /** No more lines. */
  stop(): void;
}

/** Starts to tell. */
export function telling(stream: NodeJS.WriteStream): Telling {
  const terminal = stream.isTTY === true;
  const began = Date.now();
  const costs = new Map<string, Map<string, number>>();
  const done = new Map<string, Set<string>>();
  const current = new Map<string, string>();
  let last = "";
  const tell = (): void => {
    const all = [...costs.values()].flatMap((cases) => [...cases.values()]);
    if (all.length === 0) return;
    const finished = [...done].flatMap(([group, ids]) => [...ids].map((id) => costs.get(group)?.get(id) ?? 0));
    const elapsed = (Date.now() - began) / 1_000;
    const share = sum(finished) / sum(all);
    const left = share > 0.02 ? `about ${clock(elapsed / share - elapsed)} left` : "time left unknown";
    const now = [...current.values()].join(" ") || "waiting";
    const line = `${finished.length}/${all.length} cases, ${clock(elapsed)} elapsed, ${left}; now ${now}`;
    if (terminal) stream.write(`\r\x1b[K${line.slice(0, (stream.columns || 80) - 1)}`);
    else if (now !== "waiting" || last !== `${finished.length}`) stream.write(`${line}\n`);
    last = `${finished.length}`;
  };
  const clear = (): void => void (terminal && stream.write("\r\x1b[K"));
  const timer = setInterval(tell, terminal ? 250 : 10_000);
  return {
    expects: (group, cases) => void costs.set(group, new Map(cases.map(({ id, cost }) => [id, cost]))),
    begins: (group, id) => void current.set(`${group} ${id}`, id),
    ends(group, id) {
      current.delete(`${group} ${id}`);
      if (!done.has(group)) done.set(group, new Set());
      done.get(group)!.add(id);
    },
    clear,
    says(sentence) {
      clear();
      stream.write(`${sentence}\n`);
    },
    stop() {
      clearInterval(timer);
      clear();
    },
  };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, one) => total + one, 0);
}

function clock(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}
