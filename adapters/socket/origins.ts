// What comes in: the option `origins` and a request. What goes out: whether the page that a browser loaded from there may connect.
// Browsers send cookies with cross-site upgrades and enforce nothing themselves, so the default refuses foreign pages (RFC 6455 §10.2).
// Next file: server.ts.
import { type UpgradeRequest, UsageError } from "../../core/index.ts";
import type { ServeOptions } from "./handle.ts";

/** Whether a request is let in. Throws BAD_OPTION for a list that could never match. */
export function originPolicy(origins: ServeOptions["origins"] = "same"): (request: UpgradeRequest) => boolean {
  const allows = typeof origins === "function"
    ? origins
    : origins === "any"
    ? always
    : origins === "same"
    ? sameHost
    : listed(origins);
  return (request) => request.origin === null || allows(request.origin, request);
}

/** What a refused page reads; the origin is quoted, since it comes from the peer. */
export function refusalOf(origin: string): string {
  return `the origin ${JSON.stringify(origin)} is not allowed here: see the option "origins" of the server\n`;
}

type Allows = (origin: string, request: UpgradeRequest) => boolean;

function always(): boolean {
  return true;
}
/** Origin's host and port equal those of Host; a default port may be absent on either side. */
function sameHost(origin: string, request: UpgradeRequest): boolean {
  try {
    const page = new URL(origin);
    return page.host !== "" && page.host === new URL(`${page.protocol}//${request.authority}`).host;
  } catch {
    return false; // "null", or no URL
  }
}
function listed(origins: readonly string[]): Allows {
  if (!Array.isArray(origins)) throw new UsageError("BAD_OPTION", 'origins must be "same", "any", a list or a function');
  for (const origin of origins) {
    if (origin !== "null" && !/^[a-z][a-z0-9+.-]*:\/\/[^/?#\s]+$/i.test(origin)) {
      throw new UsageError("BAD_OPTION", `an origin is scheme://host[:port] without a path, not ${JSON.stringify(origin)}`);
    }
  }
  const known = new Set(origins.map((origin) => origin.toLowerCase()));
  return (origin) => known.has(origin.toLowerCase());
}
