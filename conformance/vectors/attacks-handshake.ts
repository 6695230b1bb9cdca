// Attacks in the opening handshake: rows H, to a server, and C, to a client. RFC 6455 §4, §9.1, §11.3; RFC 7692 §7.1; RFC 9112.
// What comes in: nothing. What goes out: data. Next file: regressions.ts.
import { zlib } from "../../adapters/zlib.ts";
import type { ClientTarget, Options } from "../../core/types.ts";
import { closePayload, concat, encode, fromHex, utf8 } from "../frames/encode.ts";
import { acceptOf, freshClient, head, KEY, octets, requestOf, responseText } from "../support/machine.ts";
import { type Attack, MASK } from "./vector.ts";

const PACKED: Options = { deflate: { engine: zlib } };
/** A frame of a client; where it stands behind a request that is refused, it must never be read. */
const HI = encode({ opcode: 1, payload: utf8("hi"), mask: MASK });

/** The lines of a good request; a change replaces those of a name, adds them, or with [] leaves them out. */
type Changes = Readonly<Record<string, string | readonly string[]>>;
const GOOD: Changes = {
  "Host": "server.example.com",
  "Upgrade": "websocket",
  "Connection": "Upgrade",
  "Sec-WebSocket-Key": KEY,
  "Sec-WebSocket-Version": "13",
};
function request(changes: Changes = {}, line = "GET /chat HTTP/1.1"): string {
  const lines = Object.entries({ ...GOOD, ...changes });
  return head([line, ...lines.flatMap(([name, values]) => [values].flat().map((value) => `${name}: ${value}`))]);
}

/** A request that is refused; the frame behind it is not read. */
function refused(
  row: string,
  name: string,
  status: number,
  fault: string,
  text: string,
  headers: Attack["headers"] = {},
): Attack {
  return {
    row,
    name,
    role: "server",
    opening: true,
    options: PACKED,
    input: concat([octets(text), HI]),
    events: [`fault ${fault}`],
    answer: status,
    headers: { "connection": status === 426 ? "close, Upgrade" : "close", ...headers },
  };
}
/** A request that is taken, and the frame behind it as well (H16). */
function taken(row: string, name: string, text: string, headers: Attack["headers"] = {}, target = "/chat"): Attack {
  return {
    row,
    name,
    role: "server",
    opening: true,
    options: PACKED,
    input: concat([octets(text), HI]),
    events: [`request ${target}`, "open", "text hi"],
    answer: null,
    headers: { "sec-websocket-accept": acceptOf(KEY), "sec-websocket-protocol": null, ...headers },
  };
}
const bad = (row: string, name: string, text: string): Attack => refused(row, name, 400, "BAD_REQUEST", text);

const VERSION = { "sec-websocket-version": "13", "upgrade": "websocket" };
const EXTENSIONS = "sec-websocket-extensions";
/** An offer of permessage-deflate that is declined, alone and before one that is taken (RFC 7692 §5.1, §7.1). */
function declined(row: string, offer: string): Attack[] {
  return [
    taken(row, `the offer ${offer}`, request({ "Sec-WebSocket-Extensions": offer }), { [EXTENSIONS]: null }),
    taken(
      row,
      `the offer ${offer} before a good one`,
      request({ "Sec-WebSocket-Extensions": `${offer}, permessage-deflate` }),
      { [EXTENSIONS]: "permessage-deflate; client_no_context_takeover; server_no_context_takeover" },
    ),
  ];
}

export const REQUESTS: readonly Attack[] = [
  // H2: the limits of a head. The time for it is law L10
  refused("H2", "a head above 16 KiB", 431, "HEAD_TOO_LARGE", request({ "X": new Array<string>(3).fill("y".repeat(6000)) })),
  refused("H2", "a header line above 8 KiB", 431, "HEAD_TOO_LARGE", request({ "X": "y".repeat(8190) })),
  refused("H2", "a request line above 8 KiB", 414, "HEAD_TOO_LARGE", request({}, `GET /${"y".repeat(8192)} HTTP/1.1`)),
  refused("H2", "129 headers", 431, "HEAD_TOO_LARGE", request({ "X": new Array<string>(124).fill("y") })),
  taken("H2", "128 headers", request({ "X": new Array<string>(123).fill("y") })),
  taken("H2", "a header line of 8 KiB", request({ "X": "y".repeat(8189) })),

  // H3
  refused("H3", "POST", 405, "NOT_AN_UPGRADE", request({}, "POST /chat HTTP/1.1"), { allow: "GET" }),
  refused("H3", "get in lower case", 405, "NOT_AN_UPGRADE", request({}, "get /chat HTTP/1.1")),
  refused("H3", "CONNECT", 400, "BAD_REQUEST", request({}, "CONNECT server.example.com:80 HTTP/1.1")),
  refused("H3", "HTTP/1.0", 505, "BAD_REQUEST", request({}, "GET /chat HTTP/1.0")),
  refused("H3", "HTTP/2.0", 505, "BAD_REQUEST", request({}, "GET /chat HTTP/2.0")),
  refused("H3", "the preface of HTTP/2", 505, "BAD_REQUEST", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
  bad("H3", "HTTP/0.9", "GET /chat\r\n\r\n"),
  taken("H3", "HTTP/1.2, which is read as 1.1 (RFC 9110 §2.5)", request({}, "GET /chat HTTP/1.2")),
  bad("H3", "no version in the request line", request({}, "GET /chat")),
  bad("H3", "a fragment in the target", request({}, "GET /chat#a HTTP/1.1")),
  taken("H3", "a target in absolute-form (RFC 9112 §3.2.2)", request({}, "GET http://other.example/a?b HTTP/1.1"), {}, "/a?b"),

  // H4: RFC 9112 §3.2
  bad("H4", "no Host", request({ "Host": [] })),
  bad("H4", "two Hosts", request({ "Host": ["a.example", "b.example"] })),
  bad("H4", "the same Host twice", request({ "Host": ["a.example", "a.example"] })),
  bad("H4", "userinfo in Host", request({ "Host": "user@a.example" })),
  bad("H4", "a path in Host", request({ "Host": "a/b" })),
  bad("H4", "an empty Host", request({ "Host": "" })),

  // H5, H6: §4.2.1 items 3 and 4
  taken("H5", "Upgrade is a list", request({ "Upgrade": "h2c, websocket" })),
  taken("H5", "Upgrade stands twice", request({ "Upgrade": ["h2c", "websocket"] })),
  taken("H5", "WebSocket in another case", request({ "Upgrade": "WebSocket", "Connection": "uPGRADE" })),
  taken("H5", "Connection is a list", request({ "Connection": "keep-alive, Upgrade" })),
  taken("H5", "Connection stands twice", request({ "Connection": ["keep-alive", "Upgrade"] })),
  taken("H5", "header names in another case", request().replace(/^[\w-]+(?=:)/gm, (name) => name.toUpperCase())),
  taken("H5", "no space before the value, three behind it", request().replace("Upgrade: websocket", "uPGRADE:websocket   ")),
  refused("H6", "Connection: close", 426, "NOT_AN_UPGRADE", request({ "Connection": "close" }), VERSION),
  refused("H6", "no Connection", 426, "NOT_AN_UPGRADE", request({ "Connection": [] }), VERSION),
  refused("H6", "no Upgrade", 426, "NOT_AN_UPGRADE", request({ "Upgrade": [] }), VERSION),
  refused("H6", "Upgrade to another protocol", 426, "NOT_AN_UPGRADE", request({ "Upgrade": "websockets, h2c" }), VERSION),

  // H7: §4.2.2, §4.4
  ...["8", "14", "0", "013", "13.0", "13, 13", "13, 8", ""].map((version) =>
    refused("H7", `version "${version}"`, 426, "BAD_VERSION", request({ "Sec-WebSocket-Version": version }), VERSION)
  ),
  refused("H7", "no version", 426, "BAD_VERSION", request({ "Sec-WebSocket-Version": [] }), VERSION),
  refused("H7", "the version twice", 426, "BAD_VERSION", request({ "Sec-WebSocket-Version": ["13", "13"] }), VERSION),

  // H8: §4.2.1 item 5, §11.3.1
  bad("H8", "no key", request({ "Sec-WebSocket-Key": [] })),
  bad("H8", "two keys", request({ "Sec-WebSocket-Key": [KEY, KEY] })),
  ...[
    "",
    "AAAAAAAAAAAAAAAAAAAA",
    "AAAAAAAAAAAAAAAAAAAAAAA=",
    "dGhlIHNhbXBsZSBub25jZQ",
    `${KEY}, ${KEY}`,
    "dGhlIHNhbXBsZSBub25jZ*==",
    "dGhlIHNhbXBs ZSBub25jZQ==",
  ]
    .map((key) => bad("H8", `the key "${key}"`, request({ "Sec-WebSocket-Key": key }))),

  // H9: octets of a body would be read as frames (RFC 9112 §11.2)
  bad("H9", "Content-Length", request({ "Content-Length": String(HI.length) })),
  bad("H9", "two lengths of 0", request({ "Content-Length": ["0", "0"] })),
  bad("H9", "two lengths that differ", request({ "Content-Length": ["0", "5"] })),
  bad("H9", "a body in chunks", request({ "Transfer-Encoding": "chunked" }) + "0\r\n\r\n"),
  bad("H9", "a length that is no number", request({ "Content-Length": "+0" })),
  bad("H9", "Transfer-Encoding", request({ "Transfer-Encoding": "chunked" })),
  bad("H9", "Transfer-Encoding, and a length of 0", request({ "Content-Length": "0", "Transfer-Encoding": "identity" })),
  taken("H9", "a length of 0", request({ "Content-Length": "0" })),

  // H10: RFC 9112 §2.2, §5
  bad("H10", "bare LF", request().replaceAll("\r\n", "\n")),
  bad("H10", "one bare LF", request().replace("\r\n", "\n")),
  bad("H10", "CR without LF", request().replace("\r\n", "\r")),
  bad("H10", "a folded line", request({ "X": "a\r\n b" })),
  bad("H10", "a folded line behind the request line", request().replace("\r\n", "\r\n X: a\r\n")),
  bad("H10", "a space before the colon", request({ "X ": "a" })),
  bad("H10", "a space before a name", request().replace("Upgrade:", " Upgrade:")),
  bad("H10", "CR in a value", request({ "X": "a\rb" })),
  bad("H10", "no colon behind Host", request().replace("Host: ", "Host ")),
  bad("H10", "a header without a name", request({ "": "a" })),
  bad("H10", "a line without a colon", request().replace("\r\n", "\r\nX\r\n")),
  ...["\0", "\x01", "\x0b", "\x1b", "\x7f"].map((octet) =>
    bad("H10", `the octet ${octet.charCodeAt(0)} in a value`, request({ "X": `a${octet}b` }))
  ),
  bad("H10", "two spaces in the request line", request({}, "GET  /chat HTTP/1.1")),
  bad("H10", "a tab in the request line", request({}, "GET\t/chat HTTP/1.1")),
  bad("H10", "two empty lines before the request", "\r\n\r\n" + request()),
  taken("H10", "one empty line before the request (RFC 9112 §2.2)", "\r\n" + request()),
  bad("H10", "TLS, which needs no end of a line", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"),
  bad("H10", "TLS", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n"),

  // H11
  taken(
    "H11",
    "names of Object.prototype",
    request({ ["__proto__"]: "a", "constructor": "b", "toString": "c", "hasOwnProperty": "d" }),
  ),

  // H12: nothing that the server did not choose is echoed
  ...["a/b", "chat, chat", "\xff\xfe", "a b", '"a"', "a;b", " ".repeat(7000), ",", "a(b)", "caf\xe9", "a,\x7f"].map((protocol) =>
    bad("H12", `the subprotocol ${JSON.stringify(protocol.trim())}`, request({ "Sec-WebSocket-Protocol": protocol }))
  ),
  refused("H12", "12 KB of spaces", 431, "HEAD_TOO_LARGE", request({ "Sec-WebSocket-Protocol": " ".repeat(12_000) })),
  bad("H12", "CR in a subprotocol", request({ "Sec-WebSocket-Protocol": "a\rX: b" })),
  taken("H12", "an empty element (RFC 9110 §5.6.1.2)", request({ "Sec-WebSocket-Protocol": "a,,b" })),
  taken("H12", "an empty element first", request({ "Sec-WebSocket-Protocol": ", a" })),
  taken("H12", "7 KB of spaces in a list", request({ "Sec-WebSocket-Protocol": `a,${" ".repeat(7000)}b` })),
  taken("H12", "subprotocols named like Object's", request({ "Sec-WebSocket-Protocol": "constructor, __proto__" })),

  // H13: §9.1; what does not fit the grammar is refused, what is unknown is declined
  ...[
    "__proto__=1",
    'a; b="',
    'a; b="' + "\\c".repeat(2000),
    "",
    ",",
    "a b",
    "a; ",
    'a; b=""',
    'a; b="c d"',
    "a; =1",
    "\xff",
    "a/b",
    "=",
    "a;b=,c",
    'permessage-deflate; a="',
    "permessage-deflate;",
  ]
    .map((value) =>
      bad("H13", `the extension ${JSON.stringify(value.slice(0, 20))}`, request({ "Sec-WebSocket-Extensions": value }))
    ),
  ...["constructor", "__proto__", "a,", ", a", 'a; b="c"', 'a; b="\\c"', "toString; valueOf=1"].map((value) =>
    taken("H13", `the extension ${JSON.stringify(value)}`, request({ "Sec-WebSocket-Extensions": value }), { [EXTENSIONS]: null })
  ),
  ...["permessage-deflate,", "toString; __proto__=1, permessage-deflate"].map((value) =>
    taken("H13", `the extension ${JSON.stringify(value)}`, request({ "Sec-WebSocket-Extensions": value }), {
      [EXTENSIONS]: "permessage-deflate; client_no_context_takeover; server_no_context_takeover",
    })
  ),
  taken("H13", "2,000 escapes in a quoted value", request({ "Sec-WebSocket-Extensions": `a; b="${"\\c".repeat(2000)}"` }), {
    [EXTENSIONS]: null,
  }),

  // H14, H15
  ...[
    "permessage-deflate; unknown",
    "permessage-deflate; server_no_context_takeover; server_no_context_takeover",
    "permessage-deflate; client_max_window_bits; client_max_window_bits=10",
    "permessage-deflate; server_no_context_takeover=1",
    "permessage-deflate; client_no_context_takeover=true",
    "permessage-deflate; server_max_window_bits",
    ...["7", "16", "08", "010", "1000", "-8", "8.0", "1e1", "0x8"].map((bits) =>
      `permessage-deflate; server_max_window_bits=${bits}`
    ),
    ...["7", "16", "08"].map((bits) => `permessage-deflate; client_max_window_bits=${bits}`),
    "permessage-deflate; constructor",
    "Permessage-Deflate",
    "x-webkit-deflate-frame",
  ].flatMap((offer) => declined("H14", offer)),
  taken(
    "H14",
    "a bad offer on one line, a good one on the next",
    request({
      "Sec-WebSocket-Extensions": [
        "permessage-deflate; server_max_window_bits=7",
        "permessage-deflate; client_max_window_bits=9",
      ],
    }),
    { [EXTENSIONS]: "permessage-deflate; client_no_context_takeover; server_no_context_takeover; client_max_window_bits=9" },
  ),
  taken(
    "H14",
    "another extension first, and client_max_window_bits without a value",
    request({ "Sec-WebSocket-Extensions": "permessage-bzip2, permessage-deflate; client_max_window_bits" }),
    { [EXTENSIONS]: "permessage-deflate; client_no_context_takeover; server_no_context_takeover" },
  ),
  taken("H14", "a quoted value", request({ "Sec-WebSocket-Extensions": 'permessage-deflate; server_max_window_bits="10"' }), {
    [EXTENSIONS]: "permessage-deflate; client_no_context_takeover; server_no_context_takeover; server_max_window_bits=10",
  }),
  taken(
    "H15",
    "a window of 8 bits is honoured",
    request({ "Sec-WebSocket-Extensions": "permessage-deflate; server_max_window_bits=8" }),
    {
      [EXTENSIONS]: "permessage-deflate; client_no_context_takeover; server_no_context_takeover; server_max_window_bits=8",
    },
  ),

  // H16
  {
    ...taken("H16", "a Ping, a violation and a Close in one segment with the head", request()),
    input: concat([
      utf8(request()),
      encode({ opcode: 9, mask: MASK }),
      HI,
      encode({ opcode: 3, mask: MASK }),
      encode({ opcode: 8, mask: MASK }),
    ]),
    events: ["request /chat", "open", "ping", "text hi", "fault RESERVED_OPCODE"],
    answer: 1002,
  },
  {
    ...taken("H16", "a Close in one segment with the head", request()),
    input: concat([utf8(request()), HI, encode({ opcode: 8, payload: closePayload(1001), mask: MASK })]),
    events: ["request /chat", "open", "text hi", "close 1001"],
    answer: 1001,
  },
  // H17: what the policy does with it stands in README.md
  bad("H17", "two Origins", request({ "Origin": ["https://good.example", "https://evil.example"] })),
];

/** What a server sends to a client that asked for `target`; `answer` is given its request. */
function sent(
  row: string,
  name: string,
  events: readonly string[],
  answer: (request: string) => string,
  { protocols = [], options = {} }: { protocols?: readonly string[]; options?: Options } = {},
): Attack {
  const target: Partial<ClientTarget> = { protocols };
  const text = answer(requestOf(freshClient(options, target)));
  return {
    row,
    name,
    role: "client",
    opening: true,
    options,
    protocols,
    input: concat([octets(text), encode({ opcode: 1, payload: utf8("hi") })]),
    events,
    answer: null,
  };
}
const accepts = (row: string, name: string, more: readonly string[], rest: Parameters<typeof sent>[4] = {}): Attack =>
  sent(row, name, ["open", "text hi"], (request) => responseText(request, more), rest);
const fails = (
  row: string,
  name: string,
  fault: string,
  answer: (request: string) => string,
  rest: Parameters<typeof sent>[4] = {},
): Attack => sent(row, name, [`fault ${fault}`, "closed 1006"], answer, rest);
const failsWith = (row: string, fault: string, line: string, rest: Parameters<typeof sent>[4] = {}): Attack =>
  fails(row, JSON.stringify(line.slice(0, 90)), fault, (request) => responseText(request, [line]), rest);
const rejects = (status: number, lines: readonly string[], body = ""): Attack =>
  sent(
    "C4",
    `status ${status} with ${lines}`,
    [`rejected ${status}`, "closed 1006"],
    () => head([`HTTP/1.1 ${status} X`, ...lines]) + body,
  );

export const RESPONSES: readonly Attack[] = [
  // C1: §4.1
  fails("C1", "the answer to another key", "BAD_ACCEPT", () => responseText(request())),
  fails("C1", "no Accept", "BAD_ACCEPT", (asked) => responseText(asked).replace(/Sec-WebSocket-Accept.*\r\n/, "")),
  fails("C1", "an empty Accept", "BAD_ACCEPT", (asked) => responseText(asked).replace(/(Accept:).*\r\n/, "$1\r\n")),
  fails("C1", "Accept twice", "BAD_ACCEPT", (asked) => responseText(asked).replace(/(Sec-WebSocket-Accept.*\r\n)/, "$1$1")),
  fails(
    "C1",
    "Accept in lower case",
    "BAD_ACCEPT",
    (asked) => responseText(asked).replace(/(?<=Accept: ).*/, (value) => value.toLowerCase()),
  ),
  fails("C1", "a space inside of Accept", "BAD_ACCEPT", (asked) => responseText(asked).replace(/(?<=Accept: ....)/, " ")),
  fails(
    "C1",
    "an octet 160 behind Accept",
    "BAD_ACCEPT",
    (asked) => responseText(asked).replace(/(?<=Accept: .*)(?=\r)/, "\xa0"),
  ),
  sent(
    "C1",
    "spaces and tabs around Accept",
    ["open", "text hi"],
    (asked) => responseText(asked).replace(/(?<=Accept:)(.*)(?=\r)/, " \t$1\t  "),
  ),
  fails("C1", "no Upgrade", "BAD_RESPONSE", (asked) => responseText(asked).replace("Upgrade: websocket\r\n", "")),
  fails("C1", "Upgrade to another protocol", "BAD_RESPONSE", (asked) => responseText(asked).replace("websocket", "h2c")),
  fails("C1", "no Connection", "BAD_RESPONSE", (asked) => responseText(asked).replace("Connection: Upgrade\r\n", "")),
  sent(
    "C1",
    "Upgrade and Connection in another case",
    ["open", "text hi"],
    (asked) =>
      responseText(asked).replace("websocket", "WebSocket").replace("Connection: Upgrade", "connection: keep-alive, upgrade"),
  ),

  // C2
  failsWith("C2", "BAD_PROTOCOL", "Sec-WebSocket-Protocol: chat"),
  failsWith("C2", "BAD_PROTOCOL", "Sec-WebSocket-Protocol: "),
  ...["chat2", "CHAT", "chat, superchat", "chat\r\nSec-WebSocket-Protocol: chat", "", "constructor"].map((protocol) =>
    failsWith("C2", "BAD_PROTOCOL", `Sec-WebSocket-Protocol: ${protocol}`, { protocols: ["chat", "superchat"] })
  ),
  accepts("C2", "no subprotocol where some were offered", [], { protocols: ["chat"] }),
  accepts("C2", "a subprotocol that was offered", ["Sec-WebSocket-Protocol: superchat"], { protocols: ["chat", "superchat"] }),

  // C3: RFC 7692 §7.1
  failsWith("C3", "BAD_EXTENSION", "Sec-WebSocket-Extensions: permessage-deflate"),
  failsWith("C3", "BAD_EXTENSION", "Sec-WebSocket-Extensions: "),
  ...[
    "x-webkit-deflate-frame",
    "permessage-deflate, permessage-deflate",
    "permessage-deflate\r\nSec-WebSocket-Extensions: permessage-deflate",
    "permessage-deflate; unknown",
    "permessage-deflate; server_no_context_takeover; server_no_context_takeover",
    "permessage-deflate; server_no_context_takeover=1",
    "permessage-deflate; client_max_window_bits",
    ...["7", "16", "1000", "08", '""', "a"].flatMap((bits) => [
      `permessage-deflate; server_max_window_bits=${bits}`,
      `permessage-deflate; client_max_window_bits=${bits}`,
    ]),
    "permessage-deflate; server_max_window_bits",
    "permessage-deflate; server_max_window_bits=",
    "permessage-deflate; constructor",
    'permessage-deflate; "',
    "",
  ].map((value) => failsWith("C3", "BAD_EXTENSION", `Sec-WebSocket-Extensions: ${value}`, { options: PACKED })),
  ...[
    "permessage-deflate",
    "permessage-deflate; server_no_context_takeover",
    "permessage-deflate; client_max_window_bits=15",
    'permessage-deflate; server_max_window_bits=8; client_max_window_bits="9"; client_no_context_takeover',
  ].map((
    value,
  ) => accepts("C3", value, [`Sec-WebSocket-Extensions: ${value}`], { options: PACKED })),

  // C4: every other status is told, with its body; 1xx is passed over
  ...[200, 301, 302, 307, 400, 401, 403, 407, 426, 500, 503, 999].map((status) =>
    rejects(status, ["Content-Length: 2", "Location: https://other.example/"], "no")
  ),
  rejects(404, ["Transfer-Encoding: chunked"], "2\r\nno\r\n0\r\n\r\n"),
  rejects(204, []),
  rejects(503, ["Content-Length: 99999999"], "a".repeat(65_536)),
  fails("C4", "a malformed Content-Length", "BAD_RESPONSE", () => head(["HTTP/1.1 400 X", "Content-Length: 5, 6"])),
  fails("C4", "101 with a length", "BAD_RESPONSE", (asked) => responseText(asked, ["Content-Length: 5"])),
  fails("C4", "101 with Transfer-Encoding", "BAD_RESPONSE", (asked) => responseText(asked, ["Transfer-Encoding: chunked"])),
  fails("C4", "101 of HTTP/1.0", "BAD_RESPONSE", (asked) => responseText(asked).replace("HTTP/1.1", "HTTP/1.0")),
  fails("C4", "101 of HTTP/2.0", "BAD_RESPONSE", (asked) => responseText(asked).replace("HTTP/1.1", "HTTP/2.0")),
  sent(
    "C4",
    "100 and 103 before 101",
    ["open", "text hi"],
    (asked) => head(["HTTP/1.1 100 Continue"]) + head(["HTTP/1.1 103 Early Hints", "Link: </a>"]) + responseText(asked),
  ),
  fails(
    "C4",
    "103 with everything a 101 needs",
    "BAD_RESPONSE",
    (asked) => responseText(asked).replace("101", "103") + "SSH-2.0\r\n",
  ),

  sent("C4", "a body that ends with the stream, which has not ended", [], () => head(["HTTP/1.1 403 X"]) + "no"),

  // C5
  fails("C5", "frames without a head", "BAD_RESPONSE", () => "\x81\x02hi\r\n"),
  fails("C5", "a header of 20 KB", "HEAD_TOO_LARGE", (asked) => responseText(asked, [`X: ${"y".repeat(20_000)}`])),
  fails("C5", "2,000 headers", "HEAD_TOO_LARGE", (asked) => responseText(asked, new Array<string>(2000).fill("X: y"))),
  fails("C5", "100 Continue without end", "HEAD_TOO_LARGE", () => head(["HTTP/1.1 100 Continue"]).repeat(800)),
  ...[
    "FOO BAR BAZ",
    "HTTP/1.1 10 X",
    "HTTP/1.1 1010 X",
    "HTTP/1.1 099 X",
    "HTTP/1.1",
    "",
    "SSH-2.0-OpenSSH_9.6",
    "HTTP/1.1  101 X",
  ].map((line) => fails("C5", `the status line ${JSON.stringify(line)}`, "BAD_RESPONSE", () => head([line]))),
  fails("C5", "bare LF", "BAD_RESPONSE", (asked) => responseText(asked).replaceAll("\r\n", "\n")),
  fails("C5", "a folded line", "BAD_RESPONSE", (asked) => responseText(asked, ["X: a", " b"])),
  fails("C5", "NUL", "BAD_RESPONSE", (asked) => responseText(asked, ["X: \0"])),
  fails("C5", "TLS", "BAD_RESPONSE", () => "\x15\x03\x01\x00\x02\x02\x46"),

  // C6
  {
    ...accepts("C6", "a Ping, a text, a Close and garbage behind the head", []),
    input: concat([
      utf8(responseText(requestOf(freshClient()))),
      fromHex("89 00 81 02 68 69 88 02 03 e9 ff ff ff"),
    ]),
    events: ["open", "ping", "text hi", "close 1001"],
    answer: 1001,
  },
  {
    ...accepts("C6", "a masked frame behind the head", []),
    input: concat([utf8(responseText(requestOf(freshClient()))), HI]),
    events: ["open", "fault BAD_MASK"],
    answer: 1002,
  },
];
