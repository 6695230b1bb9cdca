// What comes in: what we and a peer made of the same octets. What goes out: the kind of disagreement in a few words, or null: what we say where
// the two part first, a colon, what the peer does there. Behind that place nothing can be compared. Whether a kind may be stands in explained.ts,
// which is the next file.
import type { FaultCode } from "../../core/types.ts";
import type { Heard } from "./case.ts";

export function disagreement(mine: Heard & { readonly fault: FaultCode | null }, theirs: Heard): string | null {
  const at = shared(mine.said, theirs.said);
  const [line, other] = [mine.said[at], theirs.said[at]];
  if (line === undefined && other === undefined && mine.end === theirs.end) return null;
  const what = line !== undefined ? kindOf(line) : mine.fault ?? mine.end.split(" ")[0];
  if (other === undefined) {
    if (theirs.end.startsWith("fail")) return `${what}: fails ${theirs.end.slice(5)}`;
    return `${what}: ${theirs.end === "open" ? "goes on" : "takes a Close"}`;
  }
  if (line === undefined) return `${what}: goes on`;
  return `${what}: ${line.startsWith(other) ? "delivers a part" : `delivers another ${kindOf(other)}`}`;
}

function kindOf(line: string): string {
  return line.split(" ")[0];
}
/** How many lines are the same at the start. */
function shared(a: readonly string[], b: readonly string[]): number {
  const at = a.findIndex((line, i) => line !== b[i]);
  return at === -1 ? a.length : at;
}
