// What comes in: the arguments of a command, and the files that they name. What goes out: what to do, complete and checked, or a FuzzError
// with one sentence. What stands on the command line goes before what stands in a spec file. Next file: test-servers.ts.
import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { CASES } from "../cases/all.ts";
import { ALL, BEYOND } from "../cases/beyond/all.ts";
import type { Case, CaseId } from "../cases/case.ts";
import { isFor, patternsOf, select } from "../cases/select.ts";
import type { Profile } from "../engine/result.ts";
import type { Settings } from "../engine/settings.ts";
import type { KeyPair } from "../fuzz/certificate.ts";
import { FuzzError, reasonOf } from "../fuzz/errors.ts";
import { JOBS } from "../fuzz/schedule.ts";
import { type CommonSpec, readClientSpec, readServerSpec } from "../fuzz/spec.ts";
import { type ServerTarget, targetOf, urlOf } from "../fuzz/target.ts";
import { DEFAULT_FAIL_ON, parseFailOn, type Policy, readIndex } from "../report/policy.ts";
import { type Format, FORMATS } from "../report/write.ts";

/** What to do. */
export type Options =
  | { readonly do: "help" }
  | { readonly do: "list"; readonly cases: readonly Case[] }
  | ServerOptions
  | ClientOptions;

interface Common {
  readonly cases: readonly Case[];
  readonly excludes: (agent: string, id: CaseId) => boolean;
  readonly profile: Profile;
  readonly messages: number | null;
  readonly patience: number | null;
  readonly outdir: string;
  readonly formats: readonly Format[];
  readonly policy: Policy;
  /** Sentences to tell before the run. */
  readonly told: readonly string[];
}
/** Servers are tested. */
export interface ServerOptions extends Common {
  readonly do: "server";
  readonly servers: readonly ServerTarget[];
  readonly jobs: number;
}
/** Clients are tested. */
export interface ClientOptions extends Common {
  readonly do: "client";
  readonly host: string;
  readonly port: number;
  /** "made": a pair is made for the run. */
  readonly tls: KeyPair | "made" | null;
  readonly settings: Partial<Settings>;
  readonly status: boolean;
  readonly keep: boolean;
}

/** Reads the arguments. Throws a FuzzError. */
export function readOptions(args: readonly string[]): Options {
  const { values, positionals: [role, ...urls] } = parse(args);
  if (values.help) return { do: "help" };
  if (role !== "server" && role !== "client") {
    throw no(
      role === undefined ? "say what to test, server or client (--help)" : `there is server and client to test, not ${role}`,
    );
  }
  const other = (role === "server" ? CLIENT_ONLY : SERVER_ONLY).find((name) => Object.hasOwn(values, name));
  if (other !== undefined) throw no(`--${other} has no meaning when a ${role} is tested`);
  return role === "server" ? serverOptions(values, urls) : clientOptions(values, urls);
}

type Values = ReturnType<typeof parse>["values"];

function serverOptions(values: Values, urls: readonly string[]): Options {
  const spec = values.spec === undefined ? null : fromFile(values.spec, readClientSpec);
  const cases = casesOf(values, spec, "client");
  if (values.list) return { do: "list", cases };
  const named = urls.map((url) => targetOf(values.tls ? url.replace(/^ws:/i, "wss:") : url));
  const servers = named.length > 0 ? named : spec?.servers ?? [];
  if (servers.length === 0) throw no("name the server: ws://HOST:PORT/, or --spec FILE");
  const ca = values.ca === undefined ? undefined : fromFile(values.ca, (text) => text);
  return {
    do: "server",
    ...commonOptions(values, cases, spec, "reports/servers"),
    jobs: numberOf(values.jobs, "jobs", 1, 1000) ?? JOBS,
    servers: servers.map((server) => ({
      ...server,
      agent: values.agent ?? server.agent,
      tls: {
        ...server.tls,
        ...(ca === undefined ? {} : { ca, insecure: false }),
        ...(values.insecure ? { insecure: true } : {}),
      },
    })),
  };
}

function clientOptions(values: Values, urls: readonly string[]): Options {
  if (urls.length > 0) throw no(`a fuzzing server listens, so ${urls[0]} has no meaning; say --port`);
  const spec = values.spec === undefined ? null : fromFile(values.spec, readServerSpec);
  const cases = casesOf(values, spec, "server");
  if (values.list) return { do: "list", cases };
  const url = spec?.url ?? urlOf("ws://127.0.0.1:9001");
  const key = values.key ?? spec?.key ?? null;
  const cert = values.cert ?? spec?.cert ?? null;
  if ((key === null) !== (cert === null)) throw no("--key and --cert belong together");
  const pair = key === null || cert === null
    ? null
    : { key: fromFile(key, (text) => text), cert: fromFile(cert, (text) => text) };
  const secure = values.tls || values.key !== undefined || url.secure;
  return {
    do: "client",
    ...commonOptions(values, cases, spec, "reports/clients"),
    host: values.host ?? url.host,
    port: numberOf(values.port, "port", 0, 65_535) ?? url.port,
    tls: secure ? pair ?? "made" : null,
    settings: spec?.settings ?? {},
    status: spec?.status ?? true,
    keep: values.keep ?? false,
  };
}

/** The sections beyond the original are played only if `--cases` names them. */
function casesOf(values: Values, spec: CommonSpec | null, fuzzer: "client" | "server"): readonly Case[] {
  const cases = checked(() => {
    const chosen = values.cases === undefined ? spec?.cases ?? CASES : select(ALL, patternsIn(values.cases));
    return values.exclude === undefined ? chosen : select(chosen, chosen.map(({ id }) => id), patternsIn(values.exclude));
  }).filter((one) => isFor(one, fuzzer));
  if (cases.length === 0) throw no("no case is selected");
  return cases;
}

/** `all` and `beyond` are words for the sections that the original has, and for those it does not have. */
function patternsIn(list: string): string[] {
  const range = (cases: readonly Case[]): string => `${cases[0].id}-${cases.at(-1)!.id}`;
  return patternsOf(ALL, list.replace(/\ball\b/g, range(CASES)).replace(/\bbeyond\b/g, range(BEYOND)));
}

function commonOptions(values: Values, cases: readonly Case[], spec: CommonSpec | null, outdir: string): Common {
  const { profile = "compat" } = values;
  if (profile !== "compat" && profile !== "strict") throw no(`--profile is compat or strict, not ${profile}`);
  const formats = (values.format ?? "html,json").split(",").map((name) => name.trim()).filter((name) => name !== "");
  const unknown = formats.find((name) => !FORMATS.includes(name as Format));
  if (unknown !== undefined) throw no(`--format does not know ${unknown}; it knows ${FORMATS.join(", ")}`);
  return {
    cases,
    excludes: spec?.excludes ?? (() => false),
    profile,
    messages: numberOf(values.messages, "messages", 1, 1000),
    patience: numberOf(values.timeout, "timeout", 1, 86_400),
    outdir: values.outdir ?? spec?.outdir ?? outdir,
    formats: formats as Format[],
    policy: {
      failOn: values["fail-on"] === undefined ? DEFAULT_FAIL_ON : checked(() => parseFailOn(values["fail-on"]!)),
      baseline: values.baseline === undefined ? null : fromFile(values.baseline, readIndex),
    },
    told: (spec?.told ?? []).map((sentence) => `${values.spec}: ${sentence}`),
  };
}

function numberOf(text: string | undefined, name: string, least: number, most: number): number | null {
  if (text === undefined) return null;
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < least || value > most) {
    throw no(`--${name} is a number from ${least} to ${most}, not ${text}`);
  }
  return value;
}

/** Reads a file, and says which one it was if that fails. */
function fromFile<Read>(path: string, read: (text: string) => Read): Read {
  try {
    return read(readFileSync(path, "utf8"));
  } catch (error) {
    throw no(`${path}: ${reasonOf(error)}`);
  }
}
/** A wrong pattern or word is the caller's. */
function checked<Value>(make: () => Value): Value {
  try {
    return make();
  } catch (error) {
    throw error instanceof RangeError ? no(error.message) : error;
  }
}
function no(sentence: string): FuzzError {
  return new FuzzError("BAD_OPTION", sentence);
}

const SERVER_ONLY = ["agent", "jobs", "ca", "insecure"] as const;
const CLIENT_ONLY = ["host", "port", "key", "cert", "keep"] as const;

function parse(args: readonly string[]) {
  const text = { type: "string" } as const;
  const flag = { type: "boolean" } as const;
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        help: { ...flag, short: "h" },
        list: flag,
        spec: text,
        cases: text,
        exclude: text,
        messages: text,
        timeout: text,
        profile: text,
        outdir: text,
        format: text,
        "fail-on": text,
        baseline: text,
        agent: text,
        jobs: text,
        tls: flag,
        ca: text,
        insecure: flag,
        host: text,
        port: text,
        key: text,
        cert: text,
        keep: flag,
      },
    });
  } catch (error) {
    throw no(reasonOf(error));
  }
}
