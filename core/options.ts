// What comes in: the caller's options. What goes out: one frozen, complete record, or UsageError BAD_OPTION.
// Next file: handshake/http1.ts, where the first bytes arrive.
import { UsageError } from "./errors.ts";
import { type Masks, masksOf } from "./outbound/masks.ts";
import type { ClientOptions, Deflate, DeflateEngine, Limits, Natives, Options, Role, Timers } from "./types.ts";
import { type TextCodec, textCodec } from "./wire/text.ts";

/** Options with every default filled in. */
export interface Settings {
  readonly deflate: Required<Deflate> | null;
  readonly messages: "whole" | "parts" | "raw";
  readonly limits: Limits;
  /** So many octets of output may wait before a command has to look twice. */
  readonly calm: number;
  readonly timers: Timers;
  readonly text: TextCodec;
  readonly unmask: Natives["unmask"] | null;
  readonly isUtf8: Natives["isUtf8"] | null;
  /** null: a server. */
  readonly masks: Masks | null;
}

/** Checks and completes options. A frozen object is resolved once for each role. Throws BAD_OPTION. */
export function settle(options: Options | ClientOptions, role: Role = "server"): Settings {
  const known = settled[role].get(options);
  if (known !== undefined) return known;
  const messages = options.messages ?? "whole";
  if (messages !== "whole" && messages !== "parts" && messages !== "raw") {
    throw new UsageError("BAD_OPTION", `messages must be "whole", "parts" or "raw"`);
  }
  const natives = options.natives ?? {};
  for (const [name, native] of Object.entries(natives)) {
    if (native !== undefined && typeof native !== "function") {
      throw new UsageError("BAD_OPTION", `natives.${name} must be a function`);
    }
  }
  const limits = settleLimits(options.limits ?? {});
  const settings: Settings = Object.freeze({
    deflate: settleDeflate(options.deflate ?? null),
    messages,
    limits,
    calm: Math.min(limits.highWaterMark, limits.output),
    timers: settleTimers(options.timers ?? {}),
    text: textCodec(natives),
    unmask: natives.unmask ?? null,
    isUtf8: natives.isUtf8 ?? null,
    masks: role === "client" ? settleMasks(options as ClientOptions) : null,
  });
  if (Object.isFrozen(options)) settled[role].set(options, settings);
  return settings;
}

const settled = { client: new WeakMap<Options, Settings>(), server: new WeakMap<Options, Settings>() };

function settleMasks({ random }: ClientOptions): Masks {
  if (typeof random === "function") return masksOf(random);
  throw new UsageError("BAD_OPTION", "a client needs options.random, a source of strong randomness");
}

function settleLimits(given: Partial<Limits>): Limits {
  const limits = complete(given, LIMITS, "limits");
  for (const [name, value] of Object.entries(limits)) {
    const endless = value === Infinity && (name === "message" || name === "fragments");
    if (!endless && !(Number.isSafeInteger(value) && value > 0)) {
      throw new UsageError("BAD_OPTION", `limits.${name} must be a positive integer, not ${value}`);
    }
  }
  return limits;
}
function settleTimers(given: Partial<Timers>): Timers {
  const timers = complete(given, TIMERS, "timers");
  for (const [name, value] of Object.entries(timers)) {
    const least = name === "handshake" || name === "close" ? 1 : 0;
    if (!(Number.isSafeInteger(value) && value >= least)) {
      throw new UsageError("BAD_OPTION", `timers.${name} must be an integer of at least ${least} ms, not ${value}`);
    }
  }
  return timers;
}
/** Checks and completes `Options.deflate`. Throws BAD_OPTION. */
export function settleDeflate(given: Deflate | null): Required<Deflate> | null {
  if (given === null) return null;
  const { engine, level = 1, contextTakeover = false, windowBits = 15 } = given;
  const threshold = given.threshold ?? (contextTakeover ? 64 : 1024);
  if (!isEngine(engine)) throw new UsageError("BAD_OPTION", "deflate.engine must be a DeflateEngine, as sansws/zlib exports one");
  between("deflate.level", level, 0, 9);
  between("deflate.threshold", threshold, 0, Number.MAX_SAFE_INTEGER);
  between("deflate.windowBits", windowBits, engine.deflateBits[0], engine.deflateBits[1]);
  return Object.freeze({ engine, level, threshold, contextTakeover: contextTakeover === true, windowBits });
}
function isEngine(engine: DeflateEngine): boolean {
  return typeof engine === "object" && engine !== null && Array.isArray(engine.deflateBits);
}
function between(name: string, value: number, min: number, max: number): void {
  if (Number.isSafeInteger(value) && value >= min && value <= max) return;
  throw new UsageError("BAD_OPTION", `${name} must be an integer from ${min} to ${max}, not ${value}`);
}
/** Fills in defaults; an unknown name is a typing mistake, not a wish. */
function complete<T extends object>(given: Partial<T>, defaults: T, group: string): T {
  const result = { ...defaults };
  for (const name of Object.keys(given) as (keyof T & string)[]) {
    if (!Object.hasOwn(defaults, name)) throw new UsageError("BAD_OPTION", `there is no ${group}.${name}`);
    const value = given[name];
    if (value !== undefined) result[name] = value;
  }
  return Object.freeze(result);
}

const LIMITS: Limits = {
  message: 16 * 1024 * 1024,
  fragments: 1024 * 1024,
  head: 16 * 1024,
  line: 8 * 1024,
  headers: 128,
  body: 64 * 1024,
  output: 64 * 1024 * 1024,
  highWaterMark: 64 * 1024,
  pongs: 16,
};
const TIMERS: Timers = { handshake: 10_000, idle: 0, ping: 20_000, pong: 20_000, stall: 30_000, close: 10_000 };
