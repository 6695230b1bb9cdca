// What comes in: nothing. What goes out: section 20, requests to a server: unusual ones that it must take, and wrong ones that it must refuse.
// The original has a section for the opening handshake and no case in it. RFC 6455 §4.2.1, §4.2.2, §4.4, §9.1, §11.3; RFC 9112 §2.2, §3, §5,
// §6.3. Where those let a server choose, taking the request is NON-STRICT. Next file: section-21-responses.ts.
import { encode } from "../../../frames/encode.ts";
import { closeAfter, gotText, KIB, nonStrict, NORMAL, ok, type Section, size, text } from "../build.ts";
import type { Case, Handshake, Refusal } from "../case.ts";
import { HELLO } from "./words.ts";

const KEY = "dGhlIHNhbXBsZSBub25jZQ==";
const ECHO = "The handshake succeeds, and a text message comes back.";
const BAD: Refusal = { statuses: [400] };
/** The server may also mend what is wrong. */
const MENDABLE: Refusal = { statuses: [400], mayOpen: true };
/** What is no request for a WebSocket. */
const NOT_ASKED: Refusal = { statuses: [426, 400] };
const OUTDATED: Refusal = { statuses: [426, 400], carries: "Sec-WebSocket-Version" };
const TOO_LARGE: Refusal = { statuses: [431, 414, 413, 400], mayDrop: true, mayOpen: true };
/** Far more than an opening handshake ever needs. */
const LONG = 256 * KIB;
/** A masked Ping, where a body is announced. */
const SMUGGLED: Uint8Array = encode({ opcode: 9, mask: Uint8Array.of(1, 2, 3, 4) });
const LENGTH = `${SMUGGLED.byteLength}`;

type Row = readonly [description: string, handshake: Omit<Handshake, "refusal">];
type RefusedRow = readonly [description: string, expectation: string, refusal: Refusal, handshake: Omit<Handshake, "refusal">];

const header = (name: string, ...values: readonly string[]): Handshake => ({ headers: { [name]: values } });

const TAKEN: readonly Row[] = [
  ["Upgrade is a list: h2c, websocket (RFC 6455 §4.2.1, item 3).", header("Upgrade", "h2c, websocket")],
  ["Upgrade says WEBSOCKET: its value has no case.", header("Upgrade", "WEBSOCKET")],
  ["Connection is a list: keep-alive, Upgrade (RFC 6455 §4.2.1, item 4).", header("Connection", "keep-alive, Upgrade")],
  ["Connection stands twice: keep-alive, and upgrade in lower case.", header("Connection", "keep-alive", "upgrade")],
  [
    "Names of headers in other cases: UPGRADE and sec-websocket-version (RFC 9110 §5.1).",
    { headers: { "Upgrade": [], "UPGRADE": ["websocket"], "Sec-WebSocket-Version": [], "sec-websocket-version": ["13"] } },
  ],
  ["Blanks and tabs around the values of key and version (RFC 9112 §5).", {
    headers: { "Sec-WebSocket-Key": [" \t{} \t"], "Sec-WebSocket-Version": ["\t13 "] },
  }],
  ["Headers named __proto__, constructor and toString: names without a meaning.", {
    extra: ["__proto__: a", "constructor: b", "toString: c"],
  }],
  ["An extension that nobody knows is offered (RFC 6455 §9.1).", header("Sec-WebSocket-Extensions", 'x-unknown; a=1; b="c"')],
  ["Two subprotocols are offered; the server may choose one or none (RFC 6455 §4.2.2).", {
    headers: { "Sec-WebSocket-Protocol": ["chat, superchat"] },
  }],
  ["A body of no octets is announced: Content-Length: 0.", header("Content-Length", "0")],
  ["The head is written one octet at a time.", { chop: 1 }],
];

const LINES: readonly RefusedRow[] = [
  ["The method is POST (RFC 6455 §4.1, item 2).", "The server refuses: 405 or 400.", { statuses: [405, 400, 426, 501] }, {
    line: "POST {} HTTP/1.1",
  }],
  ["The version is HTTP/1.0, which has no Upgrade.", "The server refuses: 400, 426 or 505.", { statuses: [400, 426, 505] }, {
    line: "GET {} HTTP/1.0",
  }],
  [
    "The version is HTTP/2.0, in the form of HTTP/1.",
    "The server refuses: 400 or 505.",
    { statuses: [400, 505], mayDrop: true },
    { line: "GET {} HTTP/2.0" },
  ],
  ["The request line has no version.", "The server refuses: 400.", { ...BAD, mayDrop: true }, { line: "GET {}" }],
  ["The target has a fragment (RFC 6455 §3).", "The server refuses: 400. One that overlooks it is NON-STRICT.", MENDABLE, {
    line: "GET {}#part HTTP/1.1",
  }],
  ["The request line begins like a record of TLS.", "The server refuses: 400, or it drops TCP.", { ...BAD, mayDrop: true }, {
    line: "\x16\x03\x01\x02\x01",
  }],
];

const NO = "The server refuses: 400 (RFC 6455 §4.2.1).";
const DOUBLED = "The server refuses: 400 (RFC 6455 §11.3).";
const NO_HOST = "The server refuses: 400 (RFC 9112 §3.2).";
const NO_UPGRADE = "The server refuses: 426 or 400. One that answers as to any other request is NON-STRICT.";
const NAMES_ITS_OWN = "The server refuses, and says which versions it knows (RFC 6455 §4.4): 426 or 400.";
const MALFORMED = "The server refuses: 400 (RFC 6455 §9.1).";
const KEY_NAME = "Sec-WebSocket-Key";
const VERSION_NAME = "Sec-WebSocket-Version";
const EXTENSIONS_NAME = "Sec-WebSocket-Extensions";
const FIELDS: readonly RefusedRow[] = [
  ["No Host.", NO_HOST, BAD, header("Host")],
  ["Two Hosts.", NO_HOST, BAD, header("Host", "{}", "other.example")],
  ["No Upgrade.", NO_UPGRADE, NOT_ASKED, header("Upgrade")],
  ["Upgrade to websockets, which is another word.", NO_UPGRADE, NOT_ASKED, header("Upgrade", "websockets")],
  ["No Connection.", NO_UPGRADE, NOT_ASKED, header("Connection")],
  ["Connection: close.", NO_UPGRADE, NOT_ASKED, header("Connection", "close")],
  ["No Sec-WebSocket-Key.", NO, BAD, header(KEY_NAME)],
  ["An empty key.", NO, BAD, header(KEY_NAME, "")],
  ["A key of 15 octets.", NO, BAD, header(KEY_NAME, "AAAAAAAAAAAAAAAAAAAA")],
  ["A key of 17 octets.", NO, BAD, header(KEY_NAME, "AAAAAAAAAAAAAAAAAAAAAAA=")],
  ["A key that is not base64, of the right length.", NO, BAD, header(KEY_NAME, "dGhlIHNhbXBsZSBub25j*Q==")],
  ["A key without its padding.", NO, BAD, header(KEY_NAME, "dGhlIHNhbXBsZSBub25jZQ")],
  ["Two keys.", DOUBLED, BAD, header(KEY_NAME, KEY, KEY)],
  ["No Sec-WebSocket-Version.", "The server refuses: 400 or 426.", NOT_ASKED, header(VERSION_NAME)],
  ["Version 14.", NAMES_ITS_OWN, OUTDATED, header(VERSION_NAME, "14")],
  ["Version 255.", NAMES_ITS_OWN, OUTDATED, header(VERSION_NAME, "255")],
  [
    "Version 8, that of a draft.",
    `${NAMES_ITS_OWN} One that still knows this one is NON-STRICT.`,
    { ...OUTDATED, mayOpen: true },
    header(VERSION_NAME, "8"),
  ],
  ["The version twice.", DOUBLED, NOT_ASKED, header(VERSION_NAME, "13", "13")],
  ["An extension with a parameter without a name.", MALFORMED, BAD, header(EXTENSIONS_NAME, "permessage-deflate; =1")],
  ["An extension with a quote that does not end.", MALFORMED, BAD, header(EXTENSIONS_NAME, 'x-unknown; a="b')],
];

const EITHER = "The server refuses: 400. One that takes the request without harm is NON-STRICT.";
const SYNTAX: readonly RefusedRow[] = [
  ["A blank between the name of a header and its colon.", "The server refuses: 400 (RFC 9112 §5.1).", BAD, {
    extra: ["X-Other : a"],
  }],
  ["A header without a name.", EITHER, MENDABLE, { extra: [": a"] }],
  ["A line without a colon.", EITHER, MENDABLE, { extra: ["X-Other"] }],
  ["A folded header (RFC 9112 §5.2).", EITHER, MENDABLE, { extra: ["X-Other: a", " b"] }],
  ["A blank at the beginning of the first header (RFC 9112 §2.2).", EITHER, MENDABLE, { extra: [" X-Other: a"] }],
  ["NUL in the value of a header (RFC 9110 §5.5).", EITHER, MENDABLE, { extra: ["X-Other: a\0b"] }],
  ["Escape in the value of a header (RFC 9110 §5.5).", EITHER, MENDABLE, { extra: ["X-Other: a\x1bb"] }],
  [
    "CR in a subprotocol, and behind it what looks like a header (RFC 9110 §5.5).",
    "The server refuses: 400. One that takes the request must neither echo the name nor see the header, and is NON-STRICT.",
    MENDABLE,
    header("Sec-WebSocket-Protocol", "chat\rSec-WebSocket-Extensions: permessage-deflate"),
  ],
  [
    "A subprotocol that is no token: chat/1.",
    `${EITHER} It must not choose that name.`,
    MENDABLE,
    header("Sec-WebSocket-Protocol", "chat/1"),
  ],
  ["The same subprotocol twice (RFC 6455 §4.1, item 10).", EITHER, MENDABLE, header("Sec-WebSocket-Protocol", "chat, chat")],
];

const HIDDEN = "The server refuses: 400. One that opens all the same, and reads no frame out of the body, is NON-STRICT.";
const BODIES: readonly RefusedRow[] = [
  ["A body is announced with Content-Length, and what it holds is a Ping.", HIDDEN, { ...MENDABLE, statuses: [400, 413] }, {
    ...header("Content-Length", LENGTH),
    behind: SMUGGLED,
  }],
  ["Transfer-Encoding: chunked, and a Ping where the first chunk should begin.", HIDDEN, {
    ...MENDABLE,
    statuses: [400, 413, 501],
  }, {
    ...header("Transfer-Encoding", "chunked"),
    behind: SMUGGLED,
  }],
  ["Two lengths that contradict each other, and a Ping.", "The server refuses: 400 (RFC 9112 §6.3).", BAD, {
    ...header("Content-Length", "0", LENGTH),
    behind: SMUGGLED,
  }],
  ["A length that is no number, and a Ping.", "The server refuses: 400 (RFC 9112 §6.3).", BAD, {
    ...header("Content-Length", `+${LENGTH}`),
    behind: SMUGGLED,
  }],
];

const SPARED =
  "The server refuses, with 431 for instance, or drops TCP (RFC 6455 §10.4). One that takes all of it is NON-STRICT.";
const SIZES: readonly RefusedRow[] = [
  [`A header of ${size(LONG)}.`, SPARED, TOO_LARGE, { extra: [`X-Other: ${"y".repeat(LONG)}`] }],
  ["5,000 headers.", SPARED, TOO_LARGE, { extra: Array.from({ length: 5000 }, (_, i) => `X-Other-${i}: y`) }],
  [`A target of ${size(LONG)}.`, SPARED, TOO_LARGE, { line: `GET {}?${"y".repeat(LONG)} HTTP/1.1` }],
];

/** Requests: 20.1 to 20.6. */
export const requests: Section = {
  titles: {
    "20": "Opening handshake: requests",
    "20.1": "Unusual requests that are right",
    "20.2": "Request lines",
    "20.3": "Headers that are missing, wrong or doubled",
    "20.4": "Syntax of headers",
    "20.5": "Bodies, which must not become frames",
    "20.6": "Heads of any size",
  },
  cases: [
    ...TAKEN.map(([description, handshake], index): Case => ({
      ...echoed(`20.1.${index + 1}`, description, ECHO, handshake),
      expected: [ok(gotText(HELLO))],
    })),
    ...LINES.map((row, index) => refused(`20.2.${index + 1}`, row)),
    ...FIELDS.map((row, index) => refused(`20.3.${index + 1}`, row)),
    ...SYNTAX.map((row, index) => refused(`20.4.${index + 1}`, row)),
    ...BODIES.map((row, index): Case => ({
      ...refused(`20.5.${index + 1}`, row),
      steps: [closeAfter(0.5)],
      expected: [nonStrict()],
    })),
    ...SIZES.map((row, index) => refused(`20.6.${index + 1}`, row)),
  ],
};

function echoed(id: string, description: string, expectation: string, handshake: Handshake): Case {
  return {
    id,
    description,
    expectation,
    role: "client",
    handshake,
    steps: [text(HELLO), closeAfter(1)],
    expected: [nonStrict(gotText(HELLO))],
    close: NORMAL,
  };
}

function refused(id: string, [description, expectation, refusal, handshake]: RefusedRow): Case {
  return echoed(id, description, expectation, { ...handshake, refusal });
}
