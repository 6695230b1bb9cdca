// What comes in: the results of a run. What goes out: the same results, and what the gate has to say of peers that pass by staying silent.
//
// Half of the suite asks a peer to refuse something, and silence looks like refusal: a peer that never sends anything passes 12 cases
// outright and a hundred more by half, and one that drops TCP behind the handshake passes 103 of 247. So a peer must have spoken once:
// it counts as alive if in any case of the run it sent a data frame or a Pong. If cases were played that ask for a message or a Pong, and
// it never did, the run has a finding, which fails the policy (`--fail-on silent`), and every case that it passed says so in its note.
// Close frames do not count: a peer that only knows how to leave has shown nothing. Where none of the selected cases asks for anything, a
// fuzzing client plays 1.1.2 besides; a fuzzing server cannot, and then the gate says nothing. Pure. Next file: run.ts.
import type { Case, CaseId } from "../cases/case.ts";
import type { CaseResult } from "../engine/result.ts";
import type { Finding } from "../report/run-info.ts";

/** Marks the results of silent peers. `probes` are evidence only. */
export function gate(
  results: readonly CaseResult[],
  cases: readonly Case[],
  probes: readonly CaseResult[] = [],
): { readonly results: readonly CaseResult[]; readonly findings: readonly Finding[] } {
  const asking = new Set<CaseId>(cases.filter(asksForSomething).map(({ id }) => id));
  const findings: Finding[] = [];
  const silent = new Set<string>();
  for (const agent of new Set(results.map((result) => result.agent))) {
    const own = results.filter((result) => result.agent === agent);
    const evidence = [...own, ...probes.filter((probe) => probe.agent === agent)];
    const asked = evidence.filter((result) =>
      (asking.has(result.id) || probes.includes(result)) && result.behavior !== "UNIMPLEMENTED"
    );
    if (asked.length === 0 || evidence.some(spoke)) continue;
    silent.add(agent);
    const passed = own.filter(isPassed).length;
    findings.push({
      agent,
      text: `no message and no Pong came in any case, not even in the ${asked.length} that ask for one; ` +
        `${passed} ${passed === 1 ? "case is" : "cases are"} passed by silence only`,
    });
  }
  return {
    findings,
    results: results.map((result) =>
      silent.has(result.agent) && isPassed(result) ? { ...result, note: [result.note, NOTE].filter(Boolean).join(" ") } : result
    ),
  };
}

/** A correct peer sends a message or a Pong in this case. */
export function asksForSomething({ conduct, expected }: Case): boolean {
  if (conduct !== undefined && conduct.type !== "record") return true;
  return expected.some(({ verdict, events }) => verdict === "OK" && events.some(({ type }) => type !== "timeout"));
}

/** A frame of opcode 0, 1, 2 or 10 came. */
function spoke({ rxFrameStats }: CaseResult): boolean {
  return ["0", "1", "2", "10"].some((opcode) => (rxFrameStats[opcode] ?? 0) > 0);
}
function isPassed({ behavior }: CaseResult): boolean {
  return behavior === "OK" || behavior === "NON-STRICT";
}

const NOTE = "Liveness gate: this peer never sent a message or a Pong in the whole run, so that it refused here proves nothing.";
