// What comes in: the "options" of a spec file. What goes out: settings of the fuzzer's own endpoint, and sentences about options that are
// known but do nothing here. Every name that the original knows stands in the tables at the end; any other is an error, as there.
// RFC 6455 §5.1, §7.1. Next file: target.ts.
import { DEFAULTS, type Settings } from "../engine/settings.ts";
import { FuzzError } from "./errors.ts";

/** What JSON can hold. */
export type Value = string | number | boolean | null | readonly Value[] | { readonly [name: string]: Value };

/** What the options of one object come to. */
export interface Read {
  readonly settings: Partial<Settings>;
  /** A fuzzing server shows its status page. */
  readonly status: boolean;
}

/** Reads options for a fuzzing `role`. Throws a FuzzError, BAD_SPEC, for a name or a value that makes no sense. */
export function readOptions(options: Readonly<Record<string, Value>>, role: "client" | "server", told: string[]): Read {
  const settings: Record<string, Value> = {};
  let status = true;
  const known: Readonly<Record<string, Option>> = { ...BOTH, ...(role === "client" ? CLIENT : SERVER) };
  for (const [name, value] of Object.entries(options)) {
    if (!Object.hasOwn(known, name)) {
      throw new FuzzError("BAD_SPEC", `options: a fuzzing ${role} has no option ${JSON.stringify(name)}`);
    }
    const option = known[name];
    switch (option.is) {
      case "setting":
        settings[name] = checked(name, value);
        break;
      case "status":
        if (typeof value !== "boolean") throw unfit(name, "true or false");
        status = value;
        break;
      case "idle":
        if (!option.fits(value)) told.push(`${name}: ${option.why}; ${JSON.stringify(value)} is not followed.`);
    }
  }
  return { settings: settings as Partial<Settings>, status };
}

type Option =
  /** Followed: the endpoint has a setting of this name. */
  | { readonly is: "setting" }
  | { readonly is: "status" }
  /** Not followed: it does no harm where the value fits what is done anyway. */
  | { readonly is: "idle"; readonly fits: (value: Value) => boolean; readonly why: string };

function checked(name: string, value: Value): boolean | number {
  const kind = typeof DEFAULTS[name as keyof Settings];
  if (kind === "boolean") {
    if (typeof value !== "boolean") throw unfit(name, "true or false");
    return value;
  }
  if (typeof value !== "number" || !(value >= 0)) throw unfit(name, "a number from 0 on");
  // For the original, 0 seconds means no limit.
  return name === "openHandshakeTimeout" && value === 0 ? A_DAY : value;
}
function unfit(name: string, wanted: string): FuzzError {
  return new FuzzError("BAD_SPEC", `options: ${JSON.stringify(name)} must be ${wanted}`);
}
function idle(why: string, ...fitting: readonly Value[]): Option {
  return { is: "idle", why, fits: (value) => fitting.some((one) => JSON.stringify(one) === JSON.stringify(value)) };
}

const A_DAY = 86_400;
const setting: Option = { is: "setting" };
const noPings = "pings of its own would change what cases see";
const noLimits = "what a peer sends has no limit here";
const noFlash = "Flash sockets are gone";

const BOTH: Readonly<Record<string, Option>> = {
  autoFragmentSize: setting,
  failByDrop: setting,
  echoCloseCodeReason: setting,
  openHandshakeTimeout: setting,
  closeHandshakeTimeout: setting,
  allowHixie76: idle("the drafts before RFC 6455 are gone", false),
  utf8validateIncoming: idle("text is always checked", true),
  applyMask: idle("masked frames always have their mask applied", true),
  maxFramePayloadSize: idle(noLimits, 0),
  maxMessagePayloadSize: idle(noLimits, 0),
  tcpNoDelay: idle("segments always leave at once", true),
  autoPingInterval: idle(noPings, 0),
  autoPingTimeout: idle(noPings, 0),
  autoPingSize: { is: "idle", why: noPings, fits: () => true }, // says nothing without an interval
};
const CLIENT: Readonly<Record<string, Option>> = {
  maskClientFrames: setting,
  acceptMaskedServerFrames: setting,
  serverConnectionDropTimeout: setting,
  version: idle("only the protocol of RFC 6455 is spoken", 18, 17, 16, 15, 14, 13),
};
const SERVER: Readonly<Record<string, Option>> = {
  maskServerFrames: setting,
  requireMaskedClientFrames: setting,
  webStatus: { is: "status" },
  versions: {
    is: "idle",
    why: "only the protocol of RFC 6455 is spoken",
    fits: (value) => Array.isArray(value) && (value.includes(13) || value.includes(18)),
  },
  serveFlashSocketPolicy: idle(noFlash, false),
  flashSocketPolicy: { is: "idle", why: noFlash, fits: () => true },
  allowedOrigins: idle("every origin is allowed", ["*"], "*"),
  maxConnections: idle("there is no limit of connections", 0),
};
