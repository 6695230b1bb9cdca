// Row H, as far as it is octets: requests that must be refused, and requests that only look as if they must. RFC 6455 §4.2, RFC 9112 §2, §3,
// §5, §6.3, RFC 7692 §5.1. Next file: attacks-response.ts.
import { zlib } from "../../adapters/zlib.ts";
import { head, KEY } from "../support/machine.ts";
import { heardText, type RequestAttack, sent, text } from "./attack.ts";

type Lines = Readonly<Record<string, string | readonly string[] | null>>;

const DEFAULT: Lines = {
  Host: "server.example.com",
  Upgrade: "websocket",
  Connection: "Upgrade",
  "Sec-WebSocket-Key": KEY,
  "Sec-WebSocket-Version": "13",
};
/** A good request with other header lines; null: without that one. */
function request(changes: Lines = {}, start = "GET /chat HTTP/1.1"): string {
  const lines = Object.entries({ ...DEFAULT, ...changes }).flatMap(([name, values]) =>
    values === null ? [] : [values].flat().map((value) => `${name}: ${value}`)
  );
  return head([start, ...lines]);
}
function good(row: string, name: string, request: string, more: Partial<RequestAttack> = {}): RequestAttack {
  return { row, name, request, status: 101, ...more };
}
function bad(row: string, name: string, status: number, code: RequestAttack["code"], request: string): RequestAttack {
  return { row, name, request, status, ...(code === undefined ? {} : { code }) };
}
const malformed = (row: string, name: string, request: string): RequestAttack => bad(row, name, 400, "BAD_REQUEST", request);
const DEFLATE = { deflate: { engine: zlib } };
const NOT_AGREED = { options: DEFLATE, lacks: "Sec-WebSocket-Extensions" };
const AGREED = "Sec-WebSocket-Extensions: permessage-deflate; client_no_context_takeover; server_no_context_takeover";
/** What an offer leads to on a server that compresses. */
function offer(row: string, value: string | readonly string[], answer: string | null): RequestAttack {
  const more = answer === null ? NOT_AGREED : { options: DEFLATE, has: [answer] };
  return good(row, `the offer ${String(value).slice(0, 80)}`, request({ "Sec-WebSocket-Extensions": value }), more);
}
const frames = (data: string): string => new TextDecoder("latin1").decode(sent("server", [text(data)]));

export const REQUESTS: readonly RequestAttack[] = [
  bad("H2", "a line of more than 8 KiB", 431, "HEAD_TOO_LARGE", request({ Cookie: "a".repeat(8192) })),
  bad("H2", "a target of more than 8 KiB", 414, "HEAD_TOO_LARGE", request({}, `GET /${"a".repeat(8192)} HTTP/1.1`)),
  bad("H2", "a head of more than 16 KiB", 431, "HEAD_TOO_LARGE", request({ Cookie: new Array(4).fill("a".repeat(4096)) })),
  bad("H2", "more than 128 lines", 431, "HEAD_TOO_LARGE", request({ X: new Array(124).fill("y") })),
  good("H2", "128 lines", request({ X: new Array(123).fill("y") })),

  bad("H3", "POST", 405, "NOT_AN_UPGRADE", request({}, "POST /chat HTTP/1.1")),
  bad("H3", "a method in lower case", 405, "NOT_AN_UPGRADE", request({}, "get /chat HTTP/1.1")),
  bad("H3", "HTTP/1.0", 505, "BAD_REQUEST", request({}, "GET /chat HTTP/1.0")),
  bad("H3", "HTTP/2.0 in the line", 505, "BAD_REQUEST", request({}, "GET /chat HTTP/2.0")),
  malformed("H3", "no version", request({}, "GET /chat")),
  bad("H3", "the preface of HTTP/2", 505, "BAD_REQUEST", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
  malformed("H3", "the first octets of TLS", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"),

  malformed("H4", "no Host", request({ Host: null })),
  malformed("H4", "two Hosts", request({ Host: ["a", "b"] })),
  malformed("H4", "the same Host twice", request({ Host: ["a", "a"] })),
  malformed("H4", "an empty Host", request({ Host: "" })),
  malformed("H4", "a Host with a path", request({ Host: "a/b" })),
  good("H4", "a target in absolute-form", request({}, "GET http://other.example/chat HTTP/1.1")),

  good("H5", "a list of protocols", request({ Upgrade: "h2c, websocket" })),
  good("H5", "other case", request({ Upgrade: "WebSocket", Connection: "UPGRADE" })),
  good("H5", "a list of options", request({ Connection: "keep-alive, Upgrade" })),
  good("H5", "several lines", request({ Connection: ["keep-alive", "Upgrade"], Upgrade: ["h2c", "websocket"] })),
  good("H5", "names in other case", request().replace("Upgrade: websocket", "uPGRADE:websocket   ")),
  good("H5", "an empty line before", "\r\n" + request()),

  bad("H6", "Connection: close", 426, "NOT_AN_UPGRADE", request({ Connection: "close" })),
  bad("H6", "no Connection", 426, "NOT_AN_UPGRADE", request({ Connection: null })),
  bad("H6", "no Upgrade", 426, "NOT_AN_UPGRADE", request({ Upgrade: null })),
  bad("H6", "another protocol", 426, "NOT_AN_UPGRADE", request({ Upgrade: "websockets" })),

  ...(["8", "14", "13, 8", "", "013", ["13", "13"], null] as const).map((version): RequestAttack => ({
    ...bad("H7", `version ${version}`, 426, "BAD_VERSION", request({ "Sec-WebSocket-Version": version })),
    has: ["Sec-WebSocket-Version: 13", "Upgrade: websocket"],
  })),

  ...([
    ["absent", null],
    ["empty", ""],
    ["of 15 octets", "AAAAAAAAAAAAAAAAAAAA"],
    ["of 17 octets", "AAAAAAAAAAAAAAAAAAAAAAA="],
    ["not base64", "dGhlIHNhbXBsZSBub25j*Q=="],
    ["without padding", "dGhlIHNhbXBsZSBub25jZQ"],
    ["twice", [KEY, KEY]],
    ["twice on a line", `${KEY}, ${KEY}`],
  ] as const).map(([name, key]) => malformed("H8", `a key ${name}`, request({ "Sec-WebSocket-Key": key }))),

  malformed("H9", "a body by length", request({ "Content-Length": "8" }) + frames("smug")),
  malformed("H9", "a body in chunks", request({ "Transfer-Encoding": "chunked" }) + "0\r\n\r\n"),
  malformed("H9", "both", request({ "Transfer-Encoding": "chunked", "Content-Length": "0" })),
  malformed("H9", "two lengths", request({ "Content-Length": ["0", "5"] })),
  malformed("H9", "a length that is none", request({ "Content-Length": "+0" })),
  good("H9", "an empty body", request({ "Content-Length": "0" })),

  malformed("H10", "bare LF", request().replaceAll("\r\n", "\n")),
  malformed("H10", "one bare LF", request().replace("\r\n", "\n")),
  malformed("H10", "bare CR", request({ X: "a\rb" })),
  malformed("H10", "a folded line", request({ X: "a\r\n b" })),
  malformed("H10", "a space before the colon", request().replace("Host:", "Host :")),
  malformed("H10", "a space before the name", request().replace("Upgrade:", " Upgrade:")),
  malformed("H10", "no colon", request().replace("Host: ", "Host ")),
  malformed("H10", "no name", request().replace("Host:", ":")),
  malformed("H10", "NUL in a value", request({ X: "a\0b" })),
  malformed("H10", "a control character in a value", request({ X: "a\x01b" })),
  malformed("H10", "DEL in a value", request({ X: "a\x7fb" })),
  malformed("H10", "two spaces in the start line", request({}, "GET  /chat HTTP/1.1")),
  malformed("H10", "a tab in the start line", request({}, "GET\t/chat HTTP/1.1")),

  good("H11", "names that objects have", request({ constructor: "a", toString: "b", hasOwnProperty: "c" })),
  good("H11", "__proto__", request().replace("Host:", "__proto__: x\r\nHost:")),

  ...["a/b", "a b", "a;b", '"a"', "a, a", "caf\xe9", "\xff\xfe", ",", "a,\x7f"].map((protocol) =>
    malformed("H12", `the subprotocol ${JSON.stringify(protocol)}`, request({ "Sec-WebSocket-Protocol": protocol }))
  ),
  ...["a,,b", ", a", `a,${" ".repeat(7000)}b`].map((protocol) =>
    good("H12", `the subprotocols ${protocol.slice(0, 9)}, none chosen`, request({ "Sec-WebSocket-Protocol": protocol }), {
      lacks: "Sec-WebSocket-Protocol",
    })
  ),

  ...[
    'permessage-deflate; a="',
    `permessage-deflate; a="${"\\c".repeat(2000)}`,
    "permessage-deflate;",
    "a b",
    "=",
    "",
    ",",
    "a;b=,c",
  ].map((value) => malformed("H13", `the extensions ${value.slice(0, 40)}`, request({ "Sec-WebSocket-Extensions": value }))),
  malformed("H13", "a parameter without an extension", request({ "Sec-WebSocket-Extensions": "__proto__=1" })),
  offer("H13", "constructor", null),
  offer("H13", "permessage-deflate,", AGREED),
  offer("H13", "toString; __proto__=1, permessage-deflate", AGREED),

  ...["unknown", "client_no_context_takeover; client_no_context_takeover", "server_no_context_takeover=1"].map((params) =>
    offer("H14", `permessage-deflate; ${params}`, null)
  ),
  ...["7", "16", "08", "-8", "1e1", "0x9"].map((bits) =>
    offer("H14", `permessage-deflate; server_max_window_bits=${bits}`, null)
  ),
  offer("H14", "permessage-deflate; server_max_window_bits", null),
  offer("H14", 'permessage-deflate; server_max_window_bits="10"', `${AGREED}; server_max_window_bits=10`),
  offer("H14", "permessage-deflate; unknown, permessage-deflate", AGREED),
  offer(
    "H14",
    ["permessage-deflate; server_max_window_bits=7", "permessage-deflate; client_max_window_bits=9"],
    `${AGREED}; client_max_window_bits=9`,
  ),
  offer("H14", "permessage-bzip2, permessage-deflate; client_max_window_bits", AGREED),
  offer("H15", "permessage-deflate; server_max_window_bits=8", `${AGREED}; server_max_window_bits=8`),

  good("H16", "frames in the same segment", request() + frames("first") + frames("second"), {
    told: [heardText("first"), heardText("second")],
  }),
];
