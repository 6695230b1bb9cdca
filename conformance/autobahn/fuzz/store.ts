// What comes in: results, and questions about them that may come before. What goes out: the results so far, by agent; answers as soon as
// there is one. Agents are known from the first case they ask for. Next file: talk.ts.
import type { Case, CaseId } from "../cases/case.ts";
import type { Behavior, CaseResult } from "../engine/result.ts";
import type { Observer } from "./run.ts";
import type { Standing } from "./server-pages.ts";

/** The results of a fuzzing server. */
export interface Store {
  /** A case is being played. */
  begins(agent: string, theCase: Case): void;
  /** It has been; of several results for a case the last counts. */
  keep(result: CaseResult): void;
  /** Tells the behavior now, or when the result is there. Any number may wait for the same case. */
  whenKnown(agent: string, id: CaseId, tell: (behavior: Behavior) => void): void;
  results(): readonly CaseResult[];
  standings(): readonly Standing[];
}

export function createStore({ cases, excludes, observer }: {
  readonly cases: readonly Case[];
  readonly excludes: (agent: string, id: CaseId) => boolean;
  readonly observer: Observer;
}): Store {
  const agents = new Map<string, Map<CaseId, CaseResult>>();
  const waiting = new Map<string, ((behavior: Behavior) => void)[]>();
  const key = (agent: string, id: CaseId): string => `${id} ${agent}`;
  return {
    begins(agent, theCase) {
      if (!agents.has(agent)) {
        agents.set(agent, new Map());
        observer.expects?.(agent, cases.filter(({ id }) => !excludes(agent, id)));
      }
      observer.begins?.(agent, theCase);
    },
    keep(result) {
      const { agent, id, behavior } = result;
      agents.get(agent)?.set(id, result);
      const told = waiting.get(key(agent, id)) ?? [];
      waiting.delete(key(agent, id));
      for (const tell of told) tell(behavior);
    },
    whenKnown(agent, id, tell) {
      const known = agents.get(agent)?.get(id);
      if (known !== undefined) return tell(known.behavior);
      waiting.set(key(agent, id), [...waiting.get(key(agent, id)) ?? [], tell]);
    },
    results: () => [...agents.values()].flatMap((own) => [...own.values()]),
    standings: () => [...agents].map(([agent, own]) => ({ agent, done: own.size })),
  };
}
