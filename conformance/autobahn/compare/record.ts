// What comes in: what a suite said of a peer, case by case. What goes out: the same as a small file under recorded/, and back, and the
// differences between two of them. What the original said is kept, so that ours can be held against it on any machine, without Python
// and without waiting. A file has a list per role: a verdict, and the cases that it was given. Next file: explained.ts.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { CASES } from "../cases/all.ts";
import type { CaseId } from "../cases/case.ts";
import { patternsOf, select } from "../cases/select.ts";
import { root } from "../genuine/places.ts";
import type { Role } from "../genuine/verdicts.ts";

/** The three fields that suites must agree on. */
export interface Outcome {
  readonly behavior: string;
  readonly behaviorClose: string;
  readonly remoteCloseCode: number | null;
}

/** What was said of each case. */
export type Outcomes = ReadonlyMap<CaseId, Outcome>;

/** A case of which two suites say different things; null: nothing at all. */
export interface Difference {
  readonly id: CaseId;
  readonly original: string | null;
  readonly ours: string | null;
}

/** Every case in which they differ. */
export function differences(ids: readonly CaseId[], original: Outcomes, ours: Outcomes): Difference[] {
  const word = (outcomes: Outcomes, id: CaseId): string | null => {
    const outcome = outcomes.get(id);
    return outcome === undefined ? null : wordOf(outcome);
  };
  return ids
    .map((id) => ({ id, original: word(original, id), ours: word(ours, id) }))
    .filter((pair) => pair.original !== pair.ours || pair.original === null);
}

/** Three fields in a line: "OK / UNCLEAN / none". */
export function wordOf({ behavior, behaviorClose, remoteCloseCode }: Outcome): string {
  return `${behavior} / ${behaviorClose} / ${remoteCloseCode ?? "none"}`;
}

/** What the original said of a peer; empty if nothing is recorded. */
export function recorded(peer: string, role: Role): Outcomes {
  return outcomesOf(read(peer)[role] ?? {});
}

/** Keeps it; cases that are not in `outcomes` stay as they were. */
export function renew(peer: string, role: Role, outcomes: Outcomes): void {
  const before = read(peer);
  const lists = listsOf(new Map([...outcomesOf(before[role] ?? {}), ...outcomes]));
  const { server, client }: Kept = { ...before, [role]: lists };
  mkdirSync(folder, { recursive: true });
  writeFileSync(fileOf(peer), `${JSON.stringify({ server, client }, null, 2)}\n`);
}

/** Cases by what was said of them, neighbours as ranges: `{ "OK / OK / 1000": "1.1.1-1.2.8, 2.5" }`. */
export type Lists = Readonly<Record<string, string>>;

export function listsOf(outcomes: Outcomes): Lists {
  const ids = new Map<string, Set<CaseId>>();
  for (const { id } of CASES) {
    const outcome = outcomes.get(id);
    if (outcome === undefined) continue;
    const word = wordOf(outcome);
    ids.set(word, (ids.get(word) ?? new Set()).add(id));
  }
  return Object.fromEntries([...ids].map(([word, own]) => [word, ranges(own)]));
}

export function outcomesOf(lists: Lists): Outcomes {
  return new Map(
    Object.entries(lists).flatMap(([word, list]) => {
      const [behavior, behaviorClose, code] = word.split(" / ");
      const outcome = { behavior, behaviorClose, remoteCloseCode: code === "none" ? null : Number(code) };
      return select(CASES, patternsOf(CASES, list)).map(({ id }) => [id, outcome] as const);
    }),
  );
}

type Kept = Readonly<Partial<Record<Role, Lists>>>;

function read(peer: string): Kept {
  return existsSync(fileOf(peer)) ? JSON.parse(readFileSync(fileOf(peer), "utf8")) as Kept : {};
}

function ranges(ids: ReadonlySet<CaseId>): string {
  const runs: [first: CaseId, last: CaseId][] = [];
  CASES.forEach(({ id }, index) => {
    if (!ids.has(id)) return;
    const run = runs.at(-1);
    if (run !== undefined && run[1] === CASES[index - 1].id) run[1] = id;
    else runs.push([id, id]);
  });
  return runs.map(([first, last]) => first === last ? first : `${first}-${last}`).join(", ");
}

function fileOf(peer: string): string {
  return `${folder}${peer}.json`;
}

const folder = `${root}conformance/autobahn/compare/recorded/`;
