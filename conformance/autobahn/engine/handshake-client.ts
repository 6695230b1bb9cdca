// What comes in: where a fuzzing client connects to, what a case wishes, and later the server's answer. What goes out: the request, and a
// judgement: what was agreed, or the sentence that says what is wrong. RFC 6455 §4.1; RFC 7692 §5.1. Pure: nothing is sent here.
// Next file: verdict.ts.
import type { DeflateWish } from "../cases/case.ts";
import type { DeflateAgreement } from "./deflate.ts";
import { acceptOf, AGENT, hasToken, lines, parseHead } from "./head.ts";
import { judgeAgreement } from "./negotiate-strict.ts";
import { EXTENSION, type Extension, offersText, parseExtensions, readAnswer } from "./negotiate.ts";

/** Where a fuzzing client connects to, and what it says of itself. */
export interface ClientTarget {
  /** Path and query. */
  readonly resource: string;
  /** Host and port, the port always. */
  readonly authority: string;
  readonly origin?: string | undefined;
  readonly protocols?: readonly string[] | undefined;
}

/** What a fuzzing client asks for; `key` is the value of its Sec-WebSocket-Key. */
export function requestText(
  { resource, authority, origin, protocols = [] }: ClientTarget,
  key: string,
  wish: DeflateWish | null,
): string {
  const offers = offersText(wish);
  return lines([
    `GET ${resource} HTTP/1.1`,
    `User-Agent: ${AGENT}`,
    `Host: ${authority}`,
    "Upgrade: WebSocket",
    "Connection: Upgrade",
    "Pragma: no-cache",
    "Cache-Control: no-cache",
    `Sec-WebSocket-Key: ${key}`,
    ...(origin === undefined ? [] : [`Origin: ${origin}`]),
    ...(protocols.length === 0 ? [] : [`Sec-WebSocket-Protocol: ${protocols.join(",")}`]),
    ...(offers === null ? [] : [`Sec-WebSocket-Extensions: ${offers}`]),
    "Sec-WebSocket-Version: 13",
  ]);
}

/** Judges the answer to such a request; `server` is the header of that name. */
export function judgeResponse(
  text: string,
  { key, protocols = [], wish }: {
    readonly key: string;
    readonly protocols?: readonly string[];
    readonly wish: DeflateWish | null;
  },
): { readonly server: string | null; readonly deflate: DeflateAgreement | null; readonly failed: string | null } {
  const { first, headers, counts } = parseHead(text);
  const server = headers.get("server") ?? null;
  const [version, status, ...reason] = first.split(/\s+/).filter((word) => word !== "");
  const judge = (): string | DeflateAgreement | null => {
    if (status === undefined) return `Bad HTTP response status line '${first}'`;
    if (version !== "HTTP/1.1") return `Unsupported HTTP version ('${version}')`;
    if (!/^\d+$/.test(status)) return `Bad HTTP status code ('${status}')`;
    if (Number(status) !== 101) {
      return `WebSocket connection upgrade failed (${Number(status)}${reason.length > 0 ? ` - ${reason.join("")}` : ""})`;
    }
    const upgrade = headers.get("upgrade");
    if (upgrade === undefined) return "HTTP Upgrade header missing";
    if (upgrade.toLowerCase() !== "websocket") {
      return `HTTP Upgrade header different from 'websocket' (case-insensitive) : ${upgrade}`;
    }
    const connection = headers.get("connection");
    if (connection === undefined) return "HTTP Connection header missing";
    if (!hasToken(connection, "upgrade")) {
      return `HTTP Connection header does not include 'upgrade' value (case-insensitive) : ${connection}`;
    }
    const accept = headers.get("sec-websocket-accept");
    if (accept === undefined) return "HTTP Sec-WebSocket-Accept header missing in opening handshake reply";
    if (counts.get("sec-websocket-accept") !== 1) {
      return "HTTP Sec-WebSocket-Accept header appears more than once in opening handshake reply";
    }
    if (accept !== acceptOf(key)) return `HTTP Sec-WebSocket-Accept bogus value : expected ${acceptOf(key)} / got ${accept}`;
    if ((counts.get("sec-websocket-extensions") ?? 0) > 1) {
      return "HTTP Sec-WebSocket-Extensions header appears more than once in opening handshake reply";
    }
    const deflate = judgeAnswers(parseExtensions(headers.get("sec-websocket-extensions") ?? ""), wish);
    if (typeof deflate === "string") return deflate;
    if ((counts.get("sec-websocket-protocol") ?? 0) > 1) {
      return "HTTP Sec-WebSocket-Protocol header appears more than once in opening handshake reply";
    }
    const protocol = headers.get("sec-websocket-protocol") ?? "";
    if (protocol !== "" && !protocols.includes(protocol)) {
      return `subprotocol selected by server (${protocol}) not in subprotocol list requested by client (${protocols.join(", ")})`;
    }
    return deflate;
  };
  const found = judge();
  return typeof found === "string" ? { server, deflate: null, failed: found } : { server, deflate: found, failed: null };
}

function judgeAnswers(extensions: readonly Extension[], wish: DeflateWish | null): string | DeflateAgreement | null {
  let agreement: DeflateAgreement | null = null;
  for (const { name, parameters } of extensions) {
    if (name !== EXTENSION) {
      return `server wants to use extension '${name}' we did not request, haven't implemented or did not enable`;
    }
    if (agreement !== null) return "multiple occurrence of a permessage-compress extension";
    const read = readAnswer(parameters);
    if ("wrong" in read) return read.wrong;
    if (wish === null) return "WebSocket permessage-compress extension response from server denied by client";
    agreement = read.value;
    if (wish.text === undefined) continue;
    const wrong = judgeAgreement(wish.text, parameters);
    if (wrong !== null) return wrong;
  }
  return agreement;
}
