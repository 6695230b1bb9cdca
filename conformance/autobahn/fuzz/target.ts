// What comes in: a URL of a server. What goes out: its parts, checked, and everything else that is known of a server to be tested.
// RFC 6455 §3: ws and wss, no fragment; the port is always told in Host, as the original does. Pure. Next file: tcp.ts.
import type { Settings } from "../engine/settings.ts";
import { FuzzError } from "./errors.ts";
import type { ClientTls } from "./tcp.ts";

/** A ws or wss URL, taken apart. */
export interface Url {
  readonly text: string;
  readonly secure: boolean;
  /** Without brackets. */
  readonly host: string;
  readonly port: number;
  /** Host and port as Host has them. */
  readonly authority: string;
  /** Path and query. */
  readonly resource: string;
}

/** A server to be tested. */
export interface ServerTarget {
  readonly url: Url;
  /** Its name in the reports; null: what its Server header says. */
  readonly agent: string | null;
  readonly origin: string | null;
  readonly protocols: readonly string[];
  readonly settings: Partial<Settings>;
  /** For wss. */
  readonly tls: ClientTls;
}

/** A server of which nothing is known but its URL, and what is given besides. Throws as `urlOf`. */
export function targetOf(url: string, more: Partial<Omit<ServerTarget, "url">> = {}): ServerTarget {
  return { url: urlOf(url), agent: null, origin: null, protocols: [], settings: {}, tls: {}, ...more };
}

/** Takes a URL apart. Throws a FuzzError, BAD_OPTION. */
export function urlOf(text: string): Url {
  const no = (why: string): FuzzError => new FuzzError("BAD_OPTION", `${JSON.stringify(text)} ${why}`);
  if (!URL.canParse(text)) throw no("is not a URL");
  const { protocol, hostname, port, pathname, search, hash } = new URL(text);
  if (protocol !== "ws:" && protocol !== "wss:") throw no("is not a ws or wss URL");
  if (hash !== "") throw no("has a fragment, which a ws URL cannot have");
  const secure = protocol === "wss:";
  const number = port === "" ? (secure ? 443 : 80) : Number(port);
  return {
    text,
    secure,
    host: hostname.replace(/^\[|\]$/g, ""),
    port: number,
    authority: `${hostname}:${number}`,
    resource: `${pathname}${search}`,
  };
}
