// Which verdicts fail a run, and which of them only an earlier run had already. In: the verdicts of every agent, the words of `--fail-on` and
// perhaps an earlier index.json. Out: what fails, what is known, what became better. The original always exits with 0: nothing in it decides.
// Pure. Next file: report.ts.
import type { CaseId } from "../cases/case.ts";
import type { Verdict } from "./verdict.ts";
import type { Finding } from "./run-info.ts";

/** What may fail a run. All but `silent` are verdicts of a case; `silent` is what the liveness gate says of a peer. */
export type FailOn =
  | "failed"
  | "close-failed"
  | "unclean"
  | "wrong-code"
  | "failed-by-client"
  | "non-strict"
  | "informational"
  | "unimplemented"
  | "missing"
  | "silent";

/** Verdicts by agent and case: the contents of an index.json. */
export type Index = ReadonlyMap<string, ReadonlyMap<CaseId, Verdict>>;

/** What a run is held against. */
export interface Policy {
  readonly failOn: readonly FailOn[];
  /** Verdicts of an earlier run: what was as bad then does not fail now. */
  readonly baseline: Index | null;
}

/** The selected cases of an agent and what was found. */
export interface Judgeable {
  readonly name: string;
  readonly ids: readonly CaseId[];
  readonly verdicts: ReadonlyMap<CaseId, Verdict>;
}

/** A case that the policy has something to say of. */
export interface Judged {
  readonly agent: string;
  readonly id: CaseId;
  /** null: missing. */
  readonly verdict: Verdict | null;
  /** In the baseline; null: there is none, or it does not have the case. */
  readonly before: Verdict | null;
  /** What the policy minds: new ones in `failures`, old ones in `known`, mended ones in `improvements`. */
  readonly words: readonly FailOn[];
}

export interface Judgement {
  /** Nothing fails, and at least one case was judged. */
  readonly holds: boolean;
  readonly failures: readonly Judged[];
  /** Findings of the liveness gate that fail the run. */
  readonly silent: readonly Finding[];
  /** As bad as in the baseline. */
  readonly known: readonly Judged[];
  /** Better than in the baseline. */
  readonly improvements: readonly Judged[];
}

/**
 * What fails a run unless told otherwise: everything that a correct peer never does. Left out is what RFC 6455 allows: NON-STRICT (late, but
 * in the end right), INFORMATIONAL, and UNIMPLEMENTED (an extension is a choice).
 */
export const DEFAULT_FAIL_ON: readonly FailOn[] = [
  "failed",
  "close-failed",
  "unclean",
  "wrong-code",
  "failed-by-client",
  "missing",
  "silent",
];

/** Every word that `--fail-on` knows. */
export const FAIL_ON: readonly FailOn[] = [...DEFAULT_FAIL_ON, "non-strict", "informational", "unimplemented"];

/**
 * Reads `--fail-on`: words with commas between them; `default`, `all` and `none` stand for sets. Throws a RangeError that names the words
 * if one of them is unknown.
 */
export function parseFailOn(text: string): FailOn[] {
  const words = text.split(",").map((word) => word.trim().toLowerCase()).filter((word) => word !== "");
  const chosen = words.flatMap((word): readonly FailOn[] => {
    if (word === "default") return DEFAULT_FAIL_ON;
    if (word === "all") return FAIL_ON;
    if (word === "none") return [];
    const known = FAIL_ON.find((one) => one === word);
    if (known === undefined) {
      throw new RangeError(`--fail-on does not know ${JSON.stringify(word)}; it knows default, all, none, ${FAIL_ON.join(", ")}`);
    }
    return [known];
  });
  if (words.length === 0) throw new RangeError("--fail-on needs at least one word; to let nothing fail, say none");
  return FAIL_ON.filter((word) => chosen.includes(word));
}

/** Reads an earlier index.json, ours or the original's. Throws a SyntaxError that says what is wrong with it. */
export function readIndex(text: string): Index {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw new SyntaxError("not an index.json: it is not JSON");
  }
  return new Map(
    entries(json, "the whole").map(([agent, cases]) => [
      agent,
      new Map(entries(cases, `agent ${JSON.stringify(agent)}`).map(([id, verdict]) => [id, readVerdict(id, verdict)])),
    ]),
  );
}

/** What a verdict has against it. */
export function words(verdict: Verdict | null): FailOn[] {
  if (verdict === null) return ["missing"];
  // A verdict that no table knows counts as failed: a later suite may have more of them.
  const { behavior, behaviorClose } = verdict;
  const found = [
    byBehavior.has(behavior) ? byBehavior.get(behavior) : "failed",
    byClose.has(behaviorClose) ? byClose.get(behaviorClose) : "close-failed",
  ];
  return FAIL_ON.filter((word) => found.includes(word));
}

/** Holds the verdicts against the policy. */
export function judge(agents: readonly Judgeable[], policy: Policy, findings: readonly Finding[] = []): Judgement {
  const failures: Judged[] = [];
  const known: Judged[] = [];
  const improvements: Judged[] = [];
  for (const { name, ids, verdicts } of agents) {
    const old = earlier(name, agents.length, policy.baseline);
    for (const id of ids) {
      const verdict = verdicts.get(id) ?? null;
      const before = old?.get(id) ?? null;
      const now = words(verdict).filter((word) => policy.failOn.includes(word));
      const then = before === null ? [] : words(before).filter((word) => policy.failOn.includes(word));
      const put = (list: Judged[], found: readonly FailOn[]): void => {
        if (found.length > 0) list.push({ agent: name, id, verdict, before, words: found });
      };
      const fresh = now.filter((word) => !then.includes(word));
      put(failures, fresh);
      if (fresh.length === 0) put(known, now);
      put(improvements, verdict === null ? [] : then.filter((word) => !now.includes(word)));
    }
  }
  const silent = policy.failOn.includes("silent") ? findings : [];
  const judged = agents.some(({ verdicts }) => verdicts.size > 0);
  return { holds: judged && failures.length === 0 && silent.length === 0, failures, silent, known, improvements };
}

/**
 * The earlier verdicts of an agent. One agent then and one now are the same agent, whatever their names: names carry versions, and a new
 * version is what a baseline is for.
 */
function earlier(agent: string, agents: number, baseline: Index | null): ReadonlyMap<CaseId, Verdict> | undefined {
  if (baseline === null) return undefined;
  return baseline.get(agent) ?? (agents === 1 && baseline.size === 1 ? [...baseline.values()][0] : undefined);
}

function readVerdict(id: string, json: unknown): Verdict {
  const fields = Object.fromEntries(entries(json, `case ${JSON.stringify(id)}`));
  const { behavior, behaviorClose, duration, remoteCloseCode, reportfile } = fields;
  if (typeof behavior !== "string" || typeof behaviorClose !== "string") {
    throw new SyntaxError(`not an index.json: case ${JSON.stringify(id)} has no behavior or no behaviorClose`);
  }
  return {
    behavior,
    behaviorClose,
    duration: typeof duration === "number" ? duration : 0,
    remoteCloseCode: typeof remoteCloseCode === "number" ? remoteCloseCode : null,
    reportfile: typeof reportfile === "string" ? reportfile : "",
  };
}

function entries(json: unknown, what: string): [string, unknown][] {
  if (typeof json === "object" && json !== null && !Array.isArray(json)) return Object.entries(json);
  throw new SyntaxError(`not an index.json: ${what} is not an object`);
}

const byBehavior: ReadonlyMap<string, FailOn | null> = new Map([
  ["OK", null],
  ["NON-STRICT", "non-strict"],
  ["INFORMATIONAL", "informational"],
  ["UNIMPLEMENTED", "unimplemented"],
]);
const byClose: ReadonlyMap<string, FailOn | null> = new Map([
  ["OK", null],
  ["INFORMATIONAL", "informational"],
  ["UNCLEAN", "unclean"],
  ["WRONG CODE", "wrong-code"],
  ["FAILED BY CLIENT", "failed-by-client"],
]);
