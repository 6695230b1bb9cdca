// The rules of the opening handshake, without octets: what each side asks, answers and refuses, on HTTP/1.1 and on HTTP/2. What
// comes in: a request head, a response head, or what the caller wants. What goes out: a request, an agreement, a refusal, a
// fault. RFC 6455 §4, §9.1, §11.3; RFC 8441 §4, §5; RFC 9110 §7.8; RFC 9112 §3.2, §6.3. A server's half stands first, then a
// client's. On HTTP/2, Upgrade, Connection, Sec-WebSocket-Key and Sec-WebSocket-Accept play no part, and names are in lower case
// (RFC 9113 §8.2). Next file: ../deflate/negotiate.ts for the extension, then server.ts and client.ts.
import { type Answer, answer as answerDeflate, offer as offerDeflate, verify as verifyDeflate } from "../deflate/negotiate.ts";
import { faultOf, UsageError } from "../errors.ts";
import type {
  Acceptance,
  Agreement,
  ClientTarget,
  Deflate,
  DeflateParams,
  Fault,
  FaultCode,
  Header,
  RequestHead,
  UpgradeRequest,
} from "../types.ts";
import { acceptKey, isKey } from "./accept-key.ts";
import {
  type Fields,
  fieldsOf,
  isAuthority,
  isOriginForm,
  isToken,
  isVisible,
  joined,
  listOf,
  named,
  parseExtensions,
  requireFree,
} from "./headers.ts";

/** A request that a server must not accept, and its answer. */
export interface Refused {
  readonly type: "refused";
  readonly fault: Fault;
  readonly status: number;
  readonly headers: readonly Header[];
  readonly body: string;
}
/** A request that waits for the application's answer. */
export type Requested = { readonly type: "request"; readonly request: UpgradeRequest };
export type Verdict =
  | { readonly type: "agreement"; readonly agreement: Agreement }
  | { readonly type: "fault"; readonly fault: Fault };
/** What a client asked for. */
export interface Expected {
  readonly target: ClientTarget;
  readonly deflate: Required<Deflate> | null;
  /** null: HTTP/2. */
  readonly key: string | null;
}

/**
 * Checks what a client sent (RFC 6455 §4.2.1, RFC 8441 §5). On HTTP/1.1 the authority is read from Host, or from a target in
 * absolute-form, whose path becomes the target (RFC 9112 §3.2.2).
 */
export function checkRequest(head: RequestHead): Requested | Refused {
  const fields = fieldsOf(head.headers);
  const place = placeOf(head, fields);
  if (place === null) return refuse(400, "BAD_REQUEST", "the request needs a valid target and exactly one valid Host");
  const refused = checkMethod(head) ?? checkBody(fields) ?? checkUpgrade(head, fields) ?? checkVersion(head, fields) ??
    checkKey(head, fields);
  if (refused !== null) return refused;
  if (many(fields, "origin")) return refuse(400, "BAD_REQUEST", "there must be at most one Origin");
  const protocols = protocolsOf(fields);
  if (protocols === null) return refuse(400, "BAD_REQUEST", "Sec-WebSocket-Protocol must be a list of different tokens");
  const extensions = joined(fields, "sec-websocket-extensions");
  if (extensions !== null && parseExtensions(extensions) === null) {
    return refuse(400, "BAD_REQUEST", "Sec-WebSocket-Extensions must be a list of extensions");
  }
  const origin = fields.get("origin")?.[0] ?? null;
  const header = (name: string): string | null => joined(fields, name.toLowerCase());
  return { type: "request", request: { ...head, ...place, origin, protocols, header } };
}

/** The answer to a request that is not taken, with the fault that is reported for it. */
export function refuse(status: number, code: FaultCode, message: string, headers: readonly Header[] = []): Refused {
  return { type: "refused", fault: faultOf(code, message), status, headers, body: message + "\n" };
}

/**
 * What is agreed when a server accepts (RFC 6455 §4.2.2). The headers are those of the whole answer: the handshake's, then the
 * caller's. Throws BAD_ARGUMENT for a subprotocol that was not offered, and for headers that are malformed or belong to the
 * handshake.
 */
export function agree(request: UpgradeRequest, answer: Acceptance, deflate: Required<Deflate> | null): Agreement {
  const protocol = answer.protocol ?? "";
  const own = answer.headers ?? [];
  if (protocol !== "" && !request.protocols.includes(protocol)) {
    throw new UsageError("BAD_ARGUMENT", `the client did not offer the subprotocol ${JSON.stringify(protocol)}`);
  }
  requireFree(own);
  const compression = deflate === null ? null : answerOffers(request.header("sec-websocket-extensions"), deflate);
  const headers: Header[] = [];
  if (request.http === 1) {
    const key = request.header("sec-websocket-key")!; // or the request would have been refused
    headers.push(["Upgrade", "websocket"], ["Connection", "Upgrade"], ["Sec-WebSocket-Accept", acceptKey(key)]);
  }
  if (protocol !== "") headers.push(["Sec-WebSocket-Protocol", protocol]);
  if (compression !== null) headers.push(["Sec-WebSocket-Extensions", compression.response]);
  return {
    status: request.http === 1 ? 101 : 200,
    headers: named(request.http, [...headers, ...own]),
    protocol,
    deflate: compression?.params ?? null,
  };
}

/**
 * The head of a client's request (RFC 6455 §4.1): GET with the key, or with null CONNECT for HTTP/2 (RFC 8441 §5). Throws
 * BAD_ARGUMENT for an authority, target, origin or subprotocol that does not fit its grammar, a subprotocol that stands twice,
 * and headers that are malformed or belong to the handshake.
 */
export function requestHead(target: ClientTarget, deflate: Required<Deflate> | null, key: string | null): RequestHead {
  requireTarget(target);
  const protocols = target.protocols ?? [];
  const headers: Header[] = [];
  if (key !== null) {
    headers.push(["Host", target.authority], ["Upgrade", "websocket"], ["Connection", "Upgrade"], ["Sec-WebSocket-Key", key]);
  }
  headers.push(["Sec-WebSocket-Version", "13"]);
  if (target.origin !== undefined) headers.push(["Origin", target.origin]);
  if (protocols.length > 0) headers.push(["Sec-WebSocket-Protocol", protocols.join(", ")]);
  if (deflate !== null) headers.push(["Sec-WebSocket-Extensions", offerDeflate(deflate)]);
  headers.push(...(target.headers ?? []));
  const place = { authority: target.authority, target: target.target };
  return key === null
    ? { http: 2, method: "CONNECT", ...place, headers: named(2, headers), protocol: "websocket" }
    : { http: 1, method: "GET", ...place, headers };
}

/** Verifies a server's answer: 101 with all that RFC 6455 §4.1 asks of it, or on HTTP/2 any 2xx (RFC 8441 §5). */
export function verifyResponse(expected: Expected, status: number, headers: readonly Header[]): Verdict {
  const fields = fieldsOf(headers);
  const problem = expected.key === null ? checkSuccess(status) : checkSwitch(expected.key, status, fields);
  if (problem !== null) return { type: "fault", fault: problem };
  const protocol = fields.get("sec-websocket-protocol") ?? [];
  const offered = expected.target.protocols ?? [];
  if (protocol.length > 1 || (protocol.length === 1 && !offered.includes(protocol[0]))) return failed("BAD_PROTOCOL");
  const extensions = fields.get("sec-websocket-extensions") ?? [];
  const deflate = extensions.length === 0 ? null : verifyExtensions(extensions, expected.deflate);
  if (extensions.length > 0 && deflate === null) return failed("BAD_EXTENSION");
  return {
    type: "agreement",
    agreement: { status: expected.key === null ? 200 : 101, headers, protocol: protocol[0] ?? "", deflate },
  };
}

// ---- A server's checks: null where there is nothing to object to

function placeOf(head: RequestHead, fields: Fields): { authority: string; target: string } | null {
  const hosts = fields.get("host") ?? [];
  if (head.http === 1 && hosts.length !== 1) return null;
  const authority = head.http === 2 && head.authority !== "" ? head.authority : hosts[0] ?? "";
  if (!isAuthority(authority)) return null;
  return isOriginForm(head.target) ? { authority, target: head.target } : absolute(head.target);
}
/** scheme://authority[/path][?query]; the path may be empty (RFC 9112 §3.2.2). */
function absolute(target: string): { authority: string; target: string } | null {
  const colon = target.indexOf("://");
  if (colon === -1 || !SCHEMES.has(target.slice(0, colon).toLowerCase())) return null;
  const rest = target.slice(colon + 3);
  const end = rest.search(/[/?]/);
  const authority = end === -1 ? rest : rest.slice(0, end);
  const path = end === -1 ? "" : rest.slice(end);
  const origin = path.startsWith("/") ? path : "/" + path;
  return isAuthority(authority) && isOriginForm(origin) ? { authority, target: origin } : null;
}
function checkMethod(head: RequestHead): Refused | null {
  if (head.http === 2) {
    const asks = head.method === "CONNECT" && head.protocol?.toLowerCase() === "websocket";
    return asks ? null : refuse(400, "NOT_AN_UPGRADE", "the request is not an extended CONNECT to websocket");
  }
  if (head.method === "GET") return null;
  const refused = refuse(405, "NOT_AN_UPGRADE", "the method must be GET", [["Allow", "GET"]]);
  return head.method === "HEAD" ? { ...refused, body: "" } : refused;
}
/** A body would be read as frames: the classic way to smuggle a request past a proxy (RFC 9112 §11.2). */
function checkBody(fields: Fields): Refused | null {
  const lengths = fields.get("content-length") ?? ["0"];
  const empty = lengths.length === 1 && /^0+$/.test(lengths[0]);
  return empty && !fields.has("transfer-encoding") ? null : refuse(400, "BAD_REQUEST", "the request must not have a body");
}
function checkUpgrade(head: RequestHead, fields: Fields): Refused | null {
  if (head.http === 2 || (names(fields, "upgrade", "websocket") && names(fields, "connection", "upgrade"))) return null;
  return refuse(426, "NOT_AN_UPGRADE", "only WebSocket is spoken here: Upgrade and Connection must ask for it");
}
/** RFC 6455 §4.4 answers 426, which needs Upgrade: on HTTP/2 there is none, so 400. */
function checkVersion(head: RequestHead, fields: Fields): Refused | null {
  if (joined(fields, "sec-websocket-version") === "13") return null;
  const message = "only version 13 of the WebSocket protocol is spoken here";
  return refuse(head.http === 1 ? 426 : 400, "BAD_VERSION", message, [["Sec-WebSocket-Version", "13"]]);
}
function checkKey(head: RequestHead, fields: Fields): Refused | null {
  const keys = fields.get("sec-websocket-key") ?? [];
  if (head.http === 2 || (keys.length === 1 && isKey(keys[0]))) return null;
  return refuse(400, "BAD_REQUEST", "there must be exactly one Sec-WebSocket-Key, with 16 octets in base64");
}
/** The subprotocols offered; null if the list is not one of different tokens (RFC 6455 §4.1 item 10, §4.3). */
function protocolsOf(fields: Fields): string[] | null {
  const value = joined(fields, "sec-websocket-protocol");
  if (value === null) return [];
  const protocols = listOf(value);
  return protocols.length > 0 && areProtocols(protocols) ? protocols : null;
}
function answerOffers(value: string | null, deflate: Required<Deflate>): Answer | null {
  const offers = value === null ? null : parseExtensions(value);
  return offers === null ? null : answerDeflate(offers, deflate);
}

// ---- A client's checks

function requireTarget(target: ClientTarget): void {
  const { authority, target: path, origin, protocols = [], headers = [] } = target;
  if (!isAuthority(authority)) throw new UsageError("BAD_ARGUMENT", `${JSON.stringify(authority)} is not host[:port]`);
  if (!isOriginForm(path)) {
    throw new UsageError(
      "BAD_ARGUMENT",
      `${JSON.stringify(path)} is not a path: it must start with "/", escape spaces and non-ASCII, and have no "#"`,
    );
  }
  if (origin !== undefined && !isVisible(origin)) {
    throw new UsageError("BAD_ARGUMENT", `${JSON.stringify(origin)} is not an origin`);
  }
  if (!areProtocols(protocols)) throw new UsageError("BAD_ARGUMENT", "protocols must be different tokens");
  requireFree(headers);
  if (headers.some(([name]) => name.toLowerCase() === "origin")) {
    throw new UsageError("BAD_ARGUMENT", "use `origin` instead of a header");
  }
}
function checkSuccess(status: number): Fault | null {
  return status >= 200 && status <= 299 ? null : faultOf("BAD_RESPONSE", `the server answered with status ${status}`);
}
function checkSwitch(key: string, status: number, fields: Fields): Fault | null {
  if (status !== 101) return faultOf("BAD_RESPONSE", `the server answered with status ${status}`);
  const upgrades = listOf(joined(fields, "upgrade") ?? "");
  if (upgrades.length === 0 || upgrades.some((protocol) => protocol.toLowerCase() !== "websocket")) {
    return faultOf("BAD_RESPONSE", "the server switched to another protocol than websocket");
  }
  if (!names(fields, "connection", "upgrade")) return faultOf("BAD_RESPONSE", "Connection does not name Upgrade");
  // A 101 has no body (RFC 9110 §8.6, RFC 9112 §6.1): whoever announces one and whoever believes it would not agree where the
  // frames begin.
  if (fields.has("transfer-encoding") || /[^0]/.test(joined(fields, "content-length") ?? "")) {
    return faultOf("BAD_RESPONSE", "a 101 with a body");
  }
  const accepts = fields.get("sec-websocket-accept") ?? [];
  return accepts.length === 1 && accepts[0] === acceptKey(key) ? null : faultOf("BAD_ACCEPT");
}
/** One header with one extension, the one we offered (RFC 6455 §9.1, RFC 7692 §7.1). */
function verifyExtensions(values: readonly string[], deflate: Required<Deflate> | null): DeflateParams | null {
  const extensions = values.length === 1 ? parseExtensions(values[0]) : null;
  if (deflate === null || extensions?.length !== 1 || extensions[0].name !== "permessage-deflate") return null;
  return verifyDeflate(extensions[0].params, deflate);
}
function failed(code: FaultCode): Verdict {
  return { type: "fault", fault: faultOf(code) };
}

// ---- Both

/** Different tokens (RFC 6455 §4.1 item 10); case counts. */
function areProtocols(protocols: readonly string[]): boolean {
  return protocols.every((protocol) => typeof protocol === "string" && isToken(protocol)) &&
    new Set(protocols).size === protocols.length;
}
/** A list names a token, without case. */
function names(fields: Fields, field: string, token: string): boolean {
  return listOf(joined(fields, field) ?? "").some((element) => element.toLowerCase() === token);
}
function many(fields: Fields, name: string): boolean {
  return (fields.get(name)?.length ?? 0) > 1;
}

const SCHEMES: ReadonlySet<string> = new Set(["http", "https", "ws", "wss"]);
