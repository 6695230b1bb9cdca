// What comes in: the URL that an application gave to connect(), and its options. What goes out: where to dial, and what to ask for there.
// ws, wss and, for sockets in the file system, ws+unix and wss+unix; http and https mean ws and wss (RFC 6455 §3, §4.1; the WHATWG URL
// standard parses). Next file: open.ts.
import { type ClientTarget, type Header, UsageError } from "../../core/index.ts";
import type { ConnectOptions } from "./handle.ts";

export interface Target {
  /** A name or an address, IPv6 without brackets. */
  readonly host: string;
  readonly port: number;
  readonly secure: boolean;
  /** The path of a socket in the file system, or null. */
  readonly unix: string | null;
  readonly target: ClientTarget;
}

/**
 * `ws+unix:/path/of/socket:/target?query`: the first colon of the path ends it; write %3A for one in its name. Userinfo becomes
 * `Authorization: Basic` (RFC 7617), unless the headers have one. Throws BAD_ARGUMENT, also for a fragment (RFC 6455 §3).
 */
export function parseTarget(url: string | { readonly href: string }, options: ConnectOptions = {}): Target {
  const parsed = parse(typeof url === "string" ? url : url.href);
  const scheme = SCHEMES.get(parsed.protocol);
  if (scheme === undefined) {
    throw new UsageError("BAD_ARGUMENT", `a WebSocket has the scheme ws or wss, not ${JSON.stringify(parsed.protocol)}`);
  }
  if (parsed.hash !== "" || parsed.href.endsWith("#")) {
    throw new UsageError("BAD_ARGUMENT", "the URL of a WebSocket has no fragment");
  }
  const { secure } = scheme;
  if (scheme.unix) {
    const colon = parsed.pathname.indexOf(":");
    const path = decode(colon < 0 ? parsed.pathname : parsed.pathname.slice(0, colon));
    if (path === "") throw new UsageError("BAD_ARGUMENT", "the URL names no socket: ws+unix:/path/of/socket:/target");
    const target = (colon < 0 ? "" : parsed.pathname.slice(colon + 1)) || "/";
    return {
      host: "localhost",
      port: 0,
      secure,
      unix: path,
      target: targetOf("localhost", target + parsed.search, parsed, options),
    };
  }
  const host = parsed.hostname.replace(/^\[|\]$/g, "");
  const port = parsed.port === "" ? (secure ? 443 : 80) : Number(parsed.port);
  return { host, port, secure, unix: null, target: targetOf(parsed.host, parsed.pathname + parsed.search, parsed, options) };
}

/** The URL of a server that listens at a path of the file system; `parseTarget` understands it. */
export function unixUrl(path: string, secure: boolean): string {
  return `${secure ? "wss" : "ws"}+unix:${path.split("/").map(encodeURIComponent).join("/")}`;
}
/** The URL of a server that listens at an address. An address that stands for all of the machine's becomes localhost. */
export function tcpUrl(address: string, port: number, secure: boolean): string {
  const host = address === "::" || address === "0.0.0.0" ? "localhost" : address.includes(":") ? `[${address}]` : address;
  return `${secure ? "wss" : "ws"}://${host}:${port}`;
}

function targetOf(authority: string, target: string, url: URL, options: ConnectOptions): ClientTarget {
  const headers = headersOf(options.headers);
  if ((url.username !== "" || url.password !== "") && !headers.some(([name]) => name.toLowerCase() === "authorization")) {
    headers.push(["Authorization", `Basic ${base64(`${decode(url.username)}:${decode(url.password)}`)}`]);
  }
  return {
    authority,
    target,
    headers,
    ...(options.origin === undefined ? {} : { origin: options.origin }),
    ...(options.protocols === undefined ? {} : { protocols: options.protocols }),
  };
}
function headersOf(headers: ConnectOptions["headers"] = {}): Header[] {
  return Symbol.iterator in headers ? Array.from(headers, ([name, value]) => [name, value] as const) : Object.entries(headers);
}

function parse(url: string): URL {
  try {
    return new URL(url);
  } catch {
    throw new UsageError("BAD_ARGUMENT", `not a URL: ${JSON.stringify(url)}`);
  }
}
function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
function base64(text: string): string {
  return btoa(String.fromCharCode(...new TextEncoder().encode(text)));
}

const SCHEMES: ReadonlyMap<string, { readonly secure: boolean; readonly unix: boolean }> = new Map([
  ["ws:", { secure: false, unix: false }],
  ["http:", { secure: false, unix: false }],
  ["wss:", { secure: true, unix: false }],
  ["https:", { secure: true, unix: false }],
  ["ws+unix:", { secure: false, unix: true }],
  ["wss+unix:", { secure: true, unix: true }],
]);
