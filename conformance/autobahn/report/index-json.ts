// The two files about the whole run. index.json has exactly the original's shape, because its readers take every key at its top for an agent
// and every key below for a case: there is no place for anything else. What is new (schemaVersion, what was tested, the judgement) stands in
// run.json beside it. Pure. Next file: case-json.ts.
import { json } from "./json.ts";
import type { Report } from "./report.ts";
import { both } from "./words.ts";
import type { Judged } from "./policy.ts";

/** Of run.json and of every case's JSON. A higher number may have new keys; keys that are known keep their meaning. */
export const SCHEMA_VERSION = 1;

/** index.json: `{ agent: { caseId: { behavior, behaviorClose, duration, remoteCloseCode, reportfile } } }`. */
export function indexJson({ agents }: Report): string {
  return json(Object.fromEntries(agents.map(({ name, verdicts }) => [name, Object.fromEntries(verdicts)])));
}

/** run.json: what was tested and how the run is judged. */
export function runJson({ info, agents, judgement }: Report): string {
  const { ids: _, titles: __, ...run } = info;
  const told = (list: readonly Judged[]): object[] =>
    list.map(({ agent, id, verdict, before, words }) => ({
      agent,
      id,
      found: both(verdict),
      before: before && both(before),
      words,
    }));
  return json({
    schemaVersion: SCHEMA_VERSION,
    ...run,
    started: new Date(info.started).toISOString(),
    agents: agents.map(({ name, url, ids, verdicts }) => ({
      name,
      url,
      cases: ids.length,
      missing: ids.filter((id) => !verdicts.has(id)),
    })),
    judgement: {
      holds: judgement.holds,
      failures: told(judgement.failures),
      known: told(judgement.known),
      improvements: told(judgement.improvements),
      silent: judgement.silent,
    },
  });
}
