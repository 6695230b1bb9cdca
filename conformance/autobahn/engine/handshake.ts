// What comes in: the head of a client's request, and what a case wishes. What goes out: a judgement of it, and the fuzzing server's answer.
// A server must read the request before it knows which case is meant. So whoever owns the socket calls these functions, sends nothing,
// and hands the outcome to the player as an `Opening`. Pure: strings in, strings out. RFC 6455 §4.2; RFC 7692 §5.1.
// Next file: handshake-client.ts, the other role.
import type { DeflateWish } from "../cases/case.ts";
import type { DeflateAgreement } from "./deflate.ts";
import { acceptOf, AGENT, hasToken, lines, parseHead } from "./head.ts";
import { acceptOffer, EXTENSION, type Extension, type Offer, parseExtensions, readOffer } from "./negotiate.ts";

/** A request that a server may answer. */
export interface Request {
  /** Without query. */
  readonly path: string;
  /** Parameters of the query; empty ones are left out. */
  readonly parameters: ReadonlyMap<string, readonly string[]>;
  readonly key: string;
  readonly protocols: readonly string[];
  readonly extensions: readonly Extension[];
}

/** The outcome of a server's half: what to send, and what was agreed or why it failed. */
export interface Answer {
  /** The whole head, as it goes on the wire. */
  readonly response: string;
  readonly deflate: DeflateAgreement | null;
  /** null: the connection is open behind this head. Otherwise it ends behind it. */
  readonly failed: string | null;
}

/**
 * Judges a request. `port`: the port that Host must name, as the original demands (443 and 80 may be left out, by `secure`); null: any.
 * `response` is what a refused client gets, behind which the connection ends; null: there was no Upgrade header at all, so the host
 * decides what a browser sees.
 */
export function judgeRequest(
  text: string,
  { port = null, secure = false }: { readonly port?: number | null; readonly secure?: boolean } = {},
): { readonly request: Request } | { readonly failed: string; readonly response: string | null } {
  const { first, headers, counts } = parseHead(text);
  const [method, target, version, more] = first.split(/\s+/).filter((word) => word !== "");
  const no = (failed: string, status = 400, ...extra: readonly string[]): { failed: string; response: string } => ({
    failed,
    response: refusalText(status, failed, ...extra),
  });
  if (version === undefined || more !== undefined) return no(`Bad HTTP request status line '${first}'`);
  if (method !== "GET") return no(`HTTP method '${method}' not allowed`, 405);
  if (version !== "HTTP/1.1") return no(`Unsupported HTTP version '${version}'`, 505);
  const [, path, query = "", fragment = ""] =
    /^(?:[a-z][a-z0-9+.-]*:)?(?:\/\/[^/?#]*)?([^?#]*)(?:\?([^#]*))?(?:#(.*))?$/is.exec(target) ?? [];
  if (fragment !== "") return no(`HTTP requested resource contains a fragment identifier '${fragment}'`);
  const wrongHost = judgeHost(headers.get("host"), counts.get("host") ?? 0, port, secure);
  if (wrongHost !== null) return no(wrongHost);
  const upgrade = headers.get("upgrade");
  if (upgrade === undefined) return { failed: "HTTP Upgrade header missing", response: null };
  if (!hasToken(upgrade, "websocket")) {
    return no(`HTTP Upgrade headers do not include 'websocket' value (case-insensitive) : ${upgrade}`);
  }
  const connection = headers.get("connection");
  if (connection === undefined) return no("HTTP Connection header missing");
  if (!hasToken(connection, "upgrade")) {
    return no(`HTTP Connection headers do not include 'upgrade' value (case-insensitive) : ${connection}`);
  }
  const asked = headers.get("sec-websocket-version");
  if (asked === undefined) return no("WebSocket connection denied - Hixie76 protocol mode disabled.");
  const repeated = ["sec-websocket-version", "origin", "sec-websocket-key", "sec-websocket-extensions"]
    .find((name) => (counts.get(name) ?? 0) > 1);
  if (repeated !== undefined) return no(`HTTP ${NAMES[repeated]} header appears more than once in opening handshake request`);
  if (!/^[+-]?\d+$/.test(asked)) {
    return no(`could not parse HTTP Sec-WebSocket-Version header '${asked}' in opening handshake request`);
  }
  if (Number(asked) !== 13 && Number(asked) !== 8) {
    return no(
      `WebSocket version ${Number(asked)} not supported (supported versions: 13,8,0)`,
      400,
      "Sec-WebSocket-Version: 13,8,0",
    );
  }
  const protocols = (headers.get("sec-websocket-protocol") ?? "").split(",").map((name) => name.trim()).filter((name) =>
    name !== ""
  );
  const twice = protocols.find((name, i) => protocols.indexOf(name) < i);
  if (twice !== undefined) return no(`duplicate protocol '${twice}' specified in HTTP Sec-WebSocket-Protocol header`);
  const key = headers.get("sec-websocket-key");
  if (key === undefined) return no("HTTP Sec-WebSocket-Key header missing");
  if (key.length !== 24) return no(`bad Sec-WebSocket-Key (length must be 24 ASCII chars) '${key}'`);
  if (!/^[a-z0-9+/]{22}==$/i.test(key)) return no(`bad Sec-WebSocket-Key (invalid base64 encoding) '${key}'`);
  const extensions = parseExtensions(headers.get("sec-websocket-extensions") ?? "");
  return { request: { path, parameters: parseQuery(query), key, protocols, extensions } };
}

/** The server's half: 101, or 400 where an offer of permessage-deflate breaks the rules. No subprotocol is ever chosen. */
export function answerRequest(request: Request, wish: DeflateWish | null): Answer {
  const offers: Offer[] = [];
  for (const { name, parameters } of request.extensions) {
    if (name !== EXTENSION) continue;
    const read = readOffer(parameters);
    if ("wrong" in read) return { response: refusalText(400, read.wrong), deflate: null, failed: read.wrong };
    offers.push(read.value);
  }
  const accepted = acceptOffer(offers, wish);
  const response = lines([
    "HTTP/1.1 101 Switching Protocols",
    `Server: ${AGENT}`,
    "X-Powered-By: AutobahnPython/0.10.9",
    "Upgrade: WebSocket",
    "Connection: Upgrade",
    `Sec-WebSocket-Accept: ${acceptOf(request.key)}`,
    ...(accepted === null ? [] : [`Sec-WebSocket-Extensions: ${accepted.text}`]),
  ]);
  return { response, deflate: accepted?.agreement ?? null, failed: null };
}

/** A refusal as it goes on the wire; the connection ends behind it. */
export function refusalText(status: number, reason: string, ...headers: readonly string[]): string {
  return lines([`HTTP/1.1 ${status} ${reason.replace(/[\r\n]/g, " ")}`, ...headers]);
}

function judgeHost(host: string | undefined, count: number, port: number | null, secure: boolean): string | null {
  if (host === undefined) return "HTTP Host header missing in opening handshake request";
  if (count > 1) return "HTTP Host header appears more than once in opening handshake request";
  const colon = host.endsWith("]") ? -1 : host.lastIndexOf(":");
  if (colon < 0) {
    if (port === null || port === (secure ? 443 : 80)) return null;
    return `missing port in HTTP Host header '${host}' and server runs on non-standard port ${port} (wss = ${
      secure ? "True" : "False"
    })`;
  }
  const named = host.slice(colon + 1).trim();
  if (!/^\d+$/.test(named)) return `invalid port '${named}' in HTTP Host header '${host}'`;
  if (port === null || Number(named) === port) return null;
  return `port ${Number(named)} in HTTP Host header '${host}' does not match server listening port ${port}`;
}

function parseQuery(query: string): ReadonlyMap<string, readonly string[]> {
  const parameters = new Map<string, string[]>();
  for (const [name, value] of new URLSearchParams(query)) {
    if (value !== "") parameters.set(name, [...parameters.get(name) ?? [], value]);
  }
  return parameters;
}

const NAMES: Readonly<Record<string, string>> = {
  "sec-websocket-version": "Sec-WebSocket-Version",
  origin: "Origin",
  "sec-websocket-key": "Sec-WebSocket-Key",
  "sec-websocket-extensions": "Sec-WebSocket-Extensions",
};
