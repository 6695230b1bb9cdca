// What comes in: a seed, a number of inputs. What goes out: counts, and the first input that breaks a law, as short as it can be made. Each
// input is one string of octets, played whole on a machine, then on another in pieces: both must report and write the same (L1), nothing
// may throw or go on for ever (L2), the reference decoder must agree (L7), and what waits, and now and then what is held, must be bounded
// (L8). Next file: main.ts.
import { decodeAll } from "../frames/oracle.ts";
import { type Dice, dice } from "../simulate/dice.ts";
import { collect } from "../support/collect.ts";
import { cut } from "../support/cut.ts";
import { retainedBy } from "../support/steps.ts";
import { disagreement, sameOutput, sameTold } from "../support/told.ts";
import { Inputs } from "./inputs.ts";
import { Played, type Setting, setting } from "./play.ts";
import { Reference } from "./reference.ts";

export interface Counts {
  inputs: number;
  octets: number;
  /** Inputs that were judged by the oracle too. */
  oracle: number;
  /** Times that memory was measured. */
  memory: number;
  readonly settings: Map<string, number>;
  /** How inputs ended: the code of the Close that was written. */
  readonly closes: Map<number, number>;
}
export interface Failure {
  readonly setting: Setting;
  readonly bytes: Uint8Array;
  readonly cuts: readonly number[];
  readonly reason: string;
}

/** Plays so many inputs. Those of one seed are the same whatever their number. */
export function fuzz(inputs: number, seed: number, counts: Counts, settings: readonly Setting[] = SETTINGS): Failure | null {
  const chance = dice(seed);
  const source = new Inputs(chance);
  const fuzzer = new Fuzzer();
  const cuts: number[] = [];
  for (let i = 0; i < inputs; i++) {
    const rules = chance.pick(settings);
    source.next(rules);
    cutAnew(cuts, chance, source.size);
    const reason = fuzzer.try(rules, source.bytes, source.size, cuts, i % ORACLE === 0, counts);
    if (reason !== null) {
      return shrunk({ setting: rules, bytes: source.bytes.slice(0, source.size), cuts: [...cuts], reason }, fuzzer);
    }
    counts.inputs++;
    counts.octets += source.size;
    counts.settings.set(rules.name, (counts.settings.get(rules.name) ?? 0) + 1);
    if (i % MEMORY === MEMORY - 1) {
      counts.memory++;
      const held = tooMuch(rules, source.bytes.slice(0, source.size));
      if (held !== null) return { setting: rules, bytes: source.bytes.slice(0, source.size), cuts, reason: held };
    }
  }
  return null;
}

class Fuzzer {
  readonly #reference = new Reference();
  readonly #plain = new Played();
  readonly #cut = new Played();

  /** What is wrong with what a machine makes of this input, or null. */
  try(setting: Setting, bytes: Uint8Array, size: number, cuts: readonly number[], ask: boolean, counts: Counts): string | null {
    const plain = this.#plain, other = this.#cut, reference = this.#reference;
    try {
      plain.play(setting, bytes, size, []);
      other.play(setting, bytes, size, cuts);
    } catch (error) {
      return `L2: ${error instanceof Error ? error.stack : error}`;
    }
    reference.judge(bytes, size, setting);
    const agrees = same(plain.digest.a, reference.digest.a) && same(plain.digest.b, reference.digest.b) &&
      plain.answers(reference);
    const splits = plain.digest.key === other.digest.key && plain.output.key === other.output.key;
    counts.closes.set(plain.close, (counts.closes.get(plain.close) ?? 0) + 1);
    if (agrees && splits && !ask) return null;
    counts.oracle++;
    return slowly(setting, bytes.slice(0, size), cuts);
  }
}

/** The same with the tools of the laws, which know what nobody promises. */
function slowly(setting: Setting, bytes: Uint8Array, cuts: readonly number[]): string | null {
  const { isServer, params, options, message, fragments } = setting;
  const role = isServer ? "server" : "client";
  const verdict = decodeAll(bytes, {
    role,
    deflate: params,
    limits: { message, fragments },
    messages: options.messages ?? "whole",
  });
  const sizes = cuts.map((at, i) => at - (i === 0 ? 0 : cuts[i - 1]));
  const plain = collect(setting.make(), [bytes], { end: "eof" });
  const other = collect(setting.make(), cut(bytes, [...sizes, Infinity]), { end: "eof" });
  const wrong = disagreement(verdict, plain.told);
  if (wrong !== null) return `L7: ${wrong}`;
  if (!sameTold(plain.told, other.told)) return "L1: the events depend on how the octets are cut";
  const failed = plain.told.some(({ type }) => type === "fault") && other.told.some(({ type }) => type === "fault");
  if (!sameOutput(plain.frames, other.frames) && !failed) return "L1: the output depends on how the octets are cut";
  return null;
}

/** L8: what machines keep that have heard an input and are open still, once it has been polled. */
function tooMuch(setting: Setting, bytes: Uint8Array): string | null {
  const make = (): unknown => {
    const machine = setting.make();
    machine.receive(bytes.slice(), 0);
    while (machine.poll() !== null);
    return machine;
  };
  const most = 2 * bytes.length + 4096 + 17 * 131 + (setting.deflate ? 256 * 1024 : 0);
  let held = Infinity;
  for (let attempt = 0; attempt < 4 && held > most; attempt++) held = retainedBy(make, 40);
  return held > most ? `L8: ${Math.round(held)} octets are kept of ${bytes.length}` : null;
}

/** Leaves octets out for as long as it fails in the same way. */
function shrunk(failure: Failure, fuzzer: Fuzzer): Failure {
  const law = failure.reason.slice(0, 3);
  let best = failure;
  for (let step = best.bytes.length; step >= 1; step = Math.floor(step / 2)) {
    for (let at = 0; at + step <= best.bytes.length;) {
      const bytes = new Uint8Array(best.bytes.length - step);
      bytes.set(best.bytes.subarray(0, at));
      bytes.set(best.bytes.subarray(at + step), at);
      const cuts = best.cuts.map((cut) => cut > at ? Math.max(at, cut - step) : cut);
      const reason = fuzzer.try(best.setting, bytes, bytes.length, cuts, true, newCounts());
      if (reason?.startsWith(law) === true) best = { ...best, bytes, cuts, reason };
      else at += step;
    }
  }
  return best;
}

export function newCounts(): Counts {
  return { inputs: 0, octets: 0, oracle: 0, memory: 0, settings: new Map(), closes: new Map() };
}
/** Where the octets are cut: once, a few times, behind each octet. Fills the array. */
function cutAnew(cuts: number[], dice: Dice, size: number): void {
  cuts.length = 0;
  if (size < 2) return;
  const kind = dice.below(10);
  if (kind < 2 && size < 60) { for (let at = 1; at < size; at++) cuts.push(at); }
  else {for (let count = kind < 7 ? 1 : dice.between(2, 5), at = 1; count > 0 && at < size; count--) {
      cuts.push(at = dice.between(at, size - 1));
    }}
}
function same(a: number, b: number): boolean {
  return (a | 0) === (b | 0);
}

const MESSAGES = ["whole", "parts", "raw"] as const;
/** Mostly without compression: those inputs find more in less time. */
export const SETTINGS: readonly Setting[] = [true, false].flatMap((isServer) =>
  MESSAGES.flatMap((messages) => {
    const one = (deflate: boolean, takeover: boolean, message: number, fragments: number): Setting =>
      setting({ isServer, messages, deflate, takeover, message, fragments });
    const plain = [one(false, false, 1 << 24, 1 << 20), one(false, false, 20, 3)];
    return [
      ...plain,
      ...plain,
      ...plain,
      ...plain,
      ...plain,
      ...plain,
      one(true, true, 1 << 24, 1 << 20),
      one(true, false, 30, 4),
    ];
  })
);
const ORACLE = 1024;
const MEMORY = 1 << 16;
