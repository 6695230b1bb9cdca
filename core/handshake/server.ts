// A server's side of the opening handshake in octets. What comes in: the octets of a request, then what the application answers.
// What goes out: a request or a refusal; the octets of 101 or of an error response. RFC 6455 §4.2; RFC 9112 §2.2, §9.6; RFC 9110
// §15. The rules stand in negotiate.ts, the octets in http1.ts. Next file: client.ts.
import { UsageError } from "../errors.ts";
import type { Agreement, Bytes, Header, Limits, Refusal } from "../types.ts";
import { textCodec } from "../wire/text.ts";
import { named, requireFree } from "./headers.ts";
import { type Flaw, type Head, headBytes, HeadReader, parseRequestLine, type RequestLine } from "./http1.ts";
import { checkRequest, refuse, type Refused, type Requested } from "./negotiate.ts";

/** Reads one request. */
export class RequestReader {
  readonly #reader: HeadReader<RequestLine>;
  #result: Requested | Refused | null = null;

  constructor(limits: Limits) {
    this.#reader = new HeadReader(limits, parseRequestLine, 1);
  }

  /** null: the head is not complete. */
  get result(): Requested | Refused | null {
    return this.#result;
  }

  /** Returns the octets used: never more than the head, nothing once there is a result. Keeps none of `bytes`. */
  read(bytes: Uint8Array, from: number, to: number): number {
    const used = this.#reader.read(bytes, from, to);
    const { head, flaw } = this.#reader;
    if (flaw !== null) this.#result ??= refuseFlaw(flaw);
    else if (head !== null) this.#result ??= checkHead(head);
    return used;
  }
}

/** The octets of 101 Switching Protocols (RFC 6455 §4.2.2). */
export function acceptBytes(agreement: Agreement): Bytes {
  return headBytes("HTTP/1.1 101 Switching Protocols", agreement.headers);
}

/**
 * The octets of an error response, after which the connection ends (RFC 9112 §9.6). Throws BAD_ARGUMENT, before any octet, for a
 * status outside of 300 to 599, a 304 with a body, and headers that are malformed or belong to the handshake.
 */
export function refusalBytes(refusal: Refusal): Bytes {
  // Whoever sends Upgrade also names it in Connection (RFC 9110 §7.8).
  const upgrade: Header[] = refusal.status === 426
    ? [["Connection", "close, Upgrade"], ["Upgrade", "websocket"]]
    : [["Connection", "close"]];
  const content = contentHeaders(refusal);
  const head = headBytes(`HTTP/1.1 ${refusal.status} ${REASONS.get(refusal.status) ?? ""}`, [...upgrade, ...content]);
  const body = refusalBody(refusal);
  const bytes = new Uint8Array(head.length + body.length);
  bytes.set(head);
  bytes.set(body, head.length);
  return bytes;
}

/** The headers of an error response on HTTP/2, behind which `refusalBody` goes. Throws as `refusalBytes`. */
export function refusalHeaders(refusal: Refusal): readonly Header[] {
  return named(2, contentHeaders(refusal));
}

/** The body of an error response, in octets of its own. */
export function refusalBody(refusal: Refusal): Bytes {
  const body = refusal.body ?? "";
  return typeof body === "string" ? textCodec({}).encode(body) : new Uint8Array(body);
}

function checkHead(head: Head<RequestLine>): Requested | Refused {
  const { method, target, version } = head.start;
  // RFC 6455 §4.2.1 asks for HTTP/1.1 or higher; a higher minor version is read as 1.1 (RFC 9110 §2.5).
  if (!version.startsWith("1.") || version === "1.0") return refuse(505, "BAD_REQUEST", "the version of HTTP must be 1.1");
  return checkRequest({ http: 1, method, target, authority: "", headers: head.headers });
}
function refuseFlaw(flaw: Flaw): Refused {
  return refuse(flaw.status, flaw.status === 400 ? "BAD_REQUEST" : "HEAD_TOO_LARGE", flaw.message);
}

function contentHeaders(refusal: Refusal): Header[] {
  const { status, headers = [], body = "" } = refusal;
  if (!Number.isInteger(status) || status < 300 || status > 599) {
    throw new UsageError("BAD_ARGUMENT", `a refusal has a status from 300 to 599, not ${status}`);
  }
  if (typeof body !== "string" && !(body instanceof Uint8Array)) {
    throw new UsageError("BAD_ARGUMENT", "a body is a string or a Uint8Array");
  }
  requireFree(headers, "sec-websocket-version");
  const length = refusalBody(refusal).length;
  if (status === 304 && length > 0) throw new UsageError("BAD_ARGUMENT", "a 304 has no body");
  const content: Header[] = [];
  // For a 304 it would be the length of another response (RFC 9110 §8.6).
  if (status !== 304) content.push(["Content-Length", String(length)]);
  if (typeof body === "string" && body !== "" && !has(headers, "content-type")) {
    content.push(["Content-Type", "text/plain; charset=utf-8"]);
  }
  if (status === 426 && !has(headers, "sec-websocket-version")) content.push(["Sec-WebSocket-Version", "13"]);
  return [...content, ...headers];
}
function has(headers: readonly Header[], key: string): boolean {
  return headers.some(([name]) => name.toLowerCase() === key);
}

/** The reasons of the statuses that make sense here (RFC 9110 §15, RFC 6585); for others it is empty. */
const REASONS: ReadonlyMap<number, string> = new Map([
  [300, "Multiple Choices"],
  [301, "Moved Permanently"],
  [302, "Found"],
  [303, "See Other"],
  [304, "Not Modified"],
  [307, "Temporary Redirect"],
  [308, "Permanent Redirect"],
  [400, "Bad Request"],
  [401, "Unauthorized"],
  [402, "Payment Required"],
  [403, "Forbidden"],
  [404, "Not Found"],
  [405, "Method Not Allowed"],
  [406, "Not Acceptable"],
  [407, "Proxy Authentication Required"],
  [408, "Request Timeout"],
  [409, "Conflict"],
  [410, "Gone"],
  [414, "URI Too Long"],
  [421, "Misdirected Request"],
  [426, "Upgrade Required"],
  [429, "Too Many Requests"],
  [431, "Request Header Fields Too Large"],
  [451, "Unavailable For Legal Reasons"],
  [500, "Internal Server Error"],
  [501, "Not Implemented"],
  [502, "Bad Gateway"],
  [503, "Service Unavailable"],
  [504, "Gateway Timeout"],
  [505, "HTTP Version Not Supported"],
]);
