// What comes in: an arbitrary and what must hold for everything it makes. What goes out: nothing, or an error with the seed and the
// smallest counterexample, its octets in a form that can be pasted into vectors/regressions.ts. LAWS_RUNS (default 100) scales every
// law, LAWS_SEED repeats a run. Next file: arbitraries.ts.
import process from "node:process";
import fc from "fast-check";

/** Runs of a law of weight 1. */
const RUNS = numberFrom("LAWS_RUNS") ?? 100;
const SEED = numberFrom("LAWS_SEED");

/** Options of a `describe` around laws: time for slow machines and for many runs, never a measure of anything. */
export const PATIENCE: { readonly timeout: number } = { timeout: 120_000 * Math.max(1, RUNS / 100) };

/** How often a law of this weight runs; at least once. */
export function runsOf(weight: number): number {
  return Math.max(1, Math.round(RUNS * weight));
}

/** Checks that `holds` throws for nothing that `arbitrary` makes. Cheap laws weigh more than 1, dear ones less. */
export function check<T>(arbitrary: fc.Arbitrary<T>, holds: (given: T) => void, weight = 1): void {
  const reporter = (details: fc.RunDetails<[T]>): void => {
    if (!details.failed) return;
    const { seed, counterexamplePath, counterexample, errorInstance } = details;
    const cause = errorInstance instanceof Error ? errorInstance : new Error(String(errorInstance));
    const given = counterexample?.[0];
    const lines = [`LAWS_SEED=${seed} fails, path ${counterexamplePath}:`, show(given), asVector(given) ?? "", cause.message];
    throw new Error(lines.filter((line) => line !== "").join("\n"), { cause });
  };
  fc.assert(fc.property(arbitrary, holds), { numRuns: runsOf(weight), reporter, ...(SEED === null ? {} : { seed: SEED }) });
}

/** A value as source text; octets as `fromHex` takes them. */
export function show(value: unknown): string {
  if (value instanceof Uint8Array) return `fromHex("${Buffer.from(value).toString("hex")}")`;
  if (Array.isArray(value)) return `[${value.map(show).join(", ")}]`;
  if (typeof value === "object" && value !== null) {
    return `{ ${Object.entries(value).map(([name, inner]) => `${name}: ${show(inner)}`).join(", ")} }`;
  }
  if (typeof value === "function") return value.name;
  return typeof value === "string" ? JSON.stringify(value) : typeof value === "bigint" ? `${value}n` : String(value);
}

/** The start of an entry of vectors/regressions.ts, where the counterexample is a role and what it reads. */
function asVector(given: unknown): string | null {
  const { birth, role = birth?.role, bytes, stream, deflate = birth?.deflate, options = birth?.options } = (given ?? {}) as Loose;
  const input = bytes ?? (stream instanceof Uint8Array ? stream : stream?.bytes);
  if (role === undefined || !(input instanceof Uint8Array)) return null;
  const vector = { row: "", name: "", role, ...(deflate == null ? {} : { deflate }), options: options ?? {}, input };
  return `as a vector: ${show({ ...vector, events: [], answer: null })},`;
}
type Loose = Record<"role" | "bytes" | "deflate" | "options", unknown> & {
  readonly stream: Uint8Array | { readonly bytes: unknown } | undefined;
  readonly birth: Record<"role" | "deflate" | "options", unknown> | undefined;
};

function numberFrom(name: string): number | null {
  const text = process.env[name];
  if (text === undefined || text === "") return null;
  const value = Number(text);
  if (!Number.isFinite(value)) throw new Error(`${name} must be a number, not ${text}`);
  return value;
}
