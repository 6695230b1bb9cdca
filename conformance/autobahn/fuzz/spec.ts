// What comes in: the text of a spec file of the original, fuzzingclient.json or fuzzingserver.json. What goes out: which cases are played,
// against whom or where to listen, and how the fuzzer's own endpoint behaves. Files are read as they are. An option that nobody knows is
// an error, as with the original; an option that is known but has no meaning here is told, never dropped in silence. Pure.
// Next file: schedule.ts.
import { CASES } from "../cases/all.ts";
import type { Case, CaseId } from "../cases/case.ts";
import { exclusionsByAgent, select } from "../cases/select.ts";
import type { Settings } from "../engine/settings.ts";
import { FuzzError } from "./errors.ts";
import { readOptions, type Value } from "./spec-options.ts";
import { type ServerTarget, type Url, urlOf } from "./target.ts";

/** What both kinds of file have. */
export interface CommonSpec {
  readonly cases: readonly Case[];
  /** Which case is not played with which agent. */
  readonly excludes: (agent: string, id: CaseId) => boolean;
  readonly outdir: string;
  /** Sentences for people: what stands in the file and is not followed. */
  readonly told: readonly string[];
}
/** fuzzingclient.json: servers are tested. */
export interface ClientSpec extends CommonSpec {
  readonly servers: readonly ServerTarget[];
}
/** fuzzingserver.json: clients are tested. */
export interface ServerSpec extends CommonSpec {
  readonly url: Url;
  readonly settings: Partial<Settings>;
  readonly status: boolean;
  /** Paths of PEM files. */
  readonly key: string | null;
  readonly cert: string | null;
}

/** Reads a fuzzingclient.json. Throws a FuzzError, BAD_SPEC. */
export function readClientSpec(text: string): ClientSpec {
  const file = parse(text);
  const { told } = file;
  const shared = readOptions(file.record("options"), "client", told);
  const servers = file.list("servers").map((json, at): ServerTarget => {
    const server = fields(json, `servers[${at}]`, told);
    const own = readOptions(server.record("options"), "client", told);
    const hostname = server.text("hostname");
    const target: ServerTarget = {
      url: urlOf(server.needed("url")),
      agent: server.text("agent"),
      origin: server.text("origin"),
      protocols: server.texts("protocols"),
      settings: { ...shared.settings, ...own.settings },
      // The original asks for SNI and checks the certificate only where a host name is given.
      tls: hostname === null ? { insecure: true } : { servername: hostname },
    };
    server.rest();
    return target;
  });
  if (servers.length === 0) throw wrong('"servers" names no server');
  const spec = { servers, ...common(file, "./reports/servers/") };
  file.rest();
  return spec;
}

/** Reads a fuzzingserver.json. Throws a FuzzError, BAD_SPEC. */
export function readServerSpec(text: string): ServerSpec {
  const file = parse(text);
  const { settings, status } = readOptions(file.record("options"), "server", file.told);
  if (file.texts("protocols").length > 0) file.told.push("protocols: no subprotocol is ever chosen, as with the original.");
  const [key, cert] = [file.text("key"), file.text("cert")];
  if ((key === null) !== (cert === null)) throw wrong('"key" and "cert" belong together');
  const spec = { url: urlOf(file.needed("url")), settings, status, key, cert, ...common(file, "./reports/clients/") };
  file.rest();
  return spec;
}

function common(file: Fields, outdir: string): CommonSpec {
  const rules = file.record("exclude-agent-cases");
  try {
    const excludes = exclusionsByAgent(
      Object.fromEntries(Object.entries(rules).map(([agent, list]) => [agent, textsOf(list, "exclude-agent-cases")])),
    );
    const cases = select(CASES, file.texts("cases", true), file.texts("exclude-cases"));
    if (cases.length === 0) throw wrong("it selects no case");
    return { cases, excludes, outdir: file.text("outdir") ?? outdir, told: file.told };
  } catch (error) {
    throw error instanceof RangeError ? wrong(error.message) : error;
  }
}

/** The fields of an object of the file; each is asked for once, and the rest is told. */
interface Fields {
  readonly told: string[];
  text(name: string): string | null;
  needed(name: string): string;
  texts(name: string, needed?: boolean): string[];
  list(name: string): readonly Value[];
  record(name: string): Readonly<Record<string, Value>>;
  rest(): void;
}

function parse(text: string): Fields {
  let json: Value;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw wrong(`it is not JSON: ${(error as Error).message}`);
  }
  return fields(json, "the file", []);
}

function fields(json: Value, what: string, told: string[]): Fields {
  if (!isRecord(json)) throw wrong(`${what} is not an object`);
  const asked = new Set<string>();
  const get = (name: string): Value | null => {
    asked.add(name);
    return json[name] ?? null;
  };
  const text = (name: string): string | null => {
    const value = get(name);
    if (value !== null && typeof value !== "string") throw wrong(`${JSON.stringify(name)} is not a text`);
    // The files that are passed around leave fields that they do not use as "".
    return value === "" ? null : value;
  };
  return {
    told,
    text,
    needed(name) {
      const value = text(name);
      if (value === null) throw wrong(`${what} has no ${JSON.stringify(name)}`);
      return value;
    },
    texts(name, needed = false) {
      const value = get(name);
      if (value === null && needed) throw wrong(`${what} has no ${JSON.stringify(name)}`);
      return value === null ? [] : textsOf(value, name);
    },
    list(name) {
      const value = get(name);
      if (!Array.isArray(value)) throw wrong(`${JSON.stringify(name)} is not a list`);
      return value;
    },
    record(name) {
      const value = get(name) ?? {};
      if (!isRecord(value)) throw wrong(`${JSON.stringify(name)} is not an object`);
      return value;
    },
    rest() {
      for (const name of Object.keys(json)) {
        if (!asked.has(name)) told.push(`${name}: not a field that is known in ${what}; it is not followed.`);
      }
    },
  };
}

function textsOf(value: Value, name: string): string[] {
  const texts = Array.isArray(value) ? value.filter((item): item is string => typeof item === "string") : [];
  if (!Array.isArray(value) || texts.length < value.length) throw wrong(`${JSON.stringify(name)} is not a list of texts`);
  return texts;
}
function isRecord(json: Value): json is Readonly<Record<string, Value>> {
  return typeof json === "object" && json !== null && !Array.isArray(json);
}
function wrong(what: string): FuzzError {
  return new FuzzError("BAD_SPEC", what);
}
