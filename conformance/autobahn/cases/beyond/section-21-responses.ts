// What comes in: nothing. What goes out: section 21, responses to a client: unusual ones that it must take, and wrong ones that it must not.
// Behind a wrong response come a Ping and a text, in the same write: a client that answers them regards the connection as open. A client that
// fails the connection in its opening handshake sends no Close, it ends TCP (RFC 6455 §4.1, §7.1.7). RFC 9110 §15.2; RFC 9112 §4.
// Next file: section-22-masking.ts.
import { closeAfter, gotPong, gotText, KIB, killAfter, NORMAL, ok, ping, type Section, size, text, utf8 } from "../build.ts";
import type { Case, Handshake } from "../case.ts";
import { failsWith, HELLO } from "./words.ts";

const TAKES = "The client opens the connection: the Pong and the text come back.";
/** Far more than an opening handshake ever needs. */
const LONG = 256 * KIB;
/** How a client fails its opening handshake. */
export const FAILS_UNOPENED = "The client fails the connection: it ends TCP and sends nothing, not even a Close.";

type Row = readonly [description: string, handshake: Handshake];

const header = (name: string, ...values: readonly string[]): Handshake => ({ headers: { [name]: values } });
const status = (line: string): Handshake => ({
  line: `HTTP/1.1 ${line}`,
  headers: { "Content-Length": ["2"] },
  behind: utf8("no"),
});

const TAKEN: readonly Row[] = [
  ["Names of headers in other cases: UPGRADE and connection (RFC 9110 §5.1).", {
    headers: { "Upgrade": [], "UPGRADE": ["websocket"], "Connection": [], "connection": ["Upgrade"] },
  }],
  ["Values in other cases: WEBSOCKET and upgrade (RFC 6455 §4.1).", {
    headers: { "Upgrade": ["WEBSOCKET"], "Connection": ["upgrade"] },
  }],
  ["Connection is a list: keep-alive, Upgrade.", header("Connection", "keep-alive, Upgrade")],
  ["Blanks and tabs around Sec-WebSocket-Accept (RFC 9112 §5).", header("Sec-WebSocket-Accept", " \t{}\t ")],
  ["Another reason phrase behind 101 (RFC 9112 §4).", { line: "HTTP/1.1 101 Web Socket Protocol Handshake" }],
  ["No reason phrase behind 101 (RFC 9112 §4).", { line: "HTTP/1.1 101 " }],
  ["50 headers that nobody knows.", { extra: Array.from({ length: 50 }, (_, i) => `X-Other-${i}: y`) }],
  ["100 Continue and 103 Early Hints before 101 (RFC 9110 §15.2).", {
    before: "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n",
  }],
  ["The head of the response is written one octet at a time.", { chop: 1 }],
  ["The head and the first frames are one write.", {}],
];

const STATUSES: readonly Row[] = [
  ...[
    "200 OK",
    "400 Bad Request",
    "401 Unauthorized",
    "403 Forbidden",
    "404 Not Found",
    "426 Upgrade Required",
    "500 Failure",
    "503 Later",
  ]
    .map((line): Row => [`Status ${line}, everything else as it must be with 101, and a body of two octets.`, status(line)]),
  ["101 of HTTP/1.0.", { line: "HTTP/1.0 101 Switching Protocols" }],
  ["A status line without a status.", { line: "HTTP/1.1 Switching Protocols" }],
  ["A status of four digits.", { line: "HTTP/1.1 1010 Switching Protocols" }],
  ["A first line that is no status line.", { line: "RTSP 101 OK" }],
];

const ACCEPTS: readonly Row[] = [
  ["No Sec-WebSocket-Accept.", header("Sec-WebSocket-Accept")],
  ["An empty Sec-WebSocket-Accept.", header("Sec-WebSocket-Accept", "")],
  [
    "The Sec-WebSocket-Accept of another key: that of RFC 6455 §1.3.",
    header("Sec-WebSocket-Accept", "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="),
  ],
  ["Sec-WebSocket-Accept with an octet too many.", header("Sec-WebSocket-Accept", "{}=")],
  ["Sec-WebSocket-Accept twice, both right (RFC 6455 §11.3.3).", header("Sec-WebSocket-Accept", "{}", "{}")],
  ["Sec-WebSocket-Accept twice, the first one wrong.", header("Sec-WebSocket-Accept", "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=", "{}")],
];

const UPGRADES: readonly Row[] = [
  ["No Upgrade (RFC 6455 §4.1, item 2).", header("Upgrade")],
  ["Upgrade to h2c.", header("Upgrade", "h2c")],
  ["No Connection (RFC 6455 §4.1, item 3).", header("Connection")],
  ["Connection says close, not Upgrade.", header("Connection", "close")],
];

const UNASKED: readonly Row[] = [
  ["A subprotocol that was not asked for (RFC 6455 §4.1, item 6).", header("Sec-WebSocket-Protocol", "never-asked-for")],
  ["Two subprotocols in one header.", header("Sec-WebSocket-Protocol", "never-asked-for, neither-for-this")],
  ["An extension that was not asked for (RFC 6455 §4.1, item 5).", header("Sec-WebSocket-Extensions", "x-never-asked-for")],
];

/** Responses: 21.1 to 21.6. */
export const responses: Section = {
  titles: {
    "21": "Opening handshake: responses",
    "21.1": "Unusual responses that are right",
    "21.2": "Status lines",
    "21.3": "Sec-WebSocket-Accept",
    "21.4": "Upgrade and Connection",
    "21.5": "Choices that were not offered",
    "21.6": "Heads of any size",
  },
  cases: [
    ...TAKEN.map((row, index) => takenResponse(`21.1.${index + 1}`, row)),
    ...STATUSES.map((row, index) => failedResponse(`21.2.${index + 1}`, row)),
    ...ACCEPTS.map((row, index) => failedResponse(`21.3.${index + 1}`, row)),
    ...UPGRADES.map((row, index) => failedResponse(`21.4.${index + 1}`, row)),
    ...UNASKED.map((row, index) => failedResponse(`21.5.${index + 1}`, row)),
    {
      ...failedResponse("21.6.1", [`A header of ${size(LONG)} in the response.`, { extra: [`X-Other: ${"y".repeat(LONG)}`] }]),
      expectation: `${FAILS_UNOPENED} For a client that takes all of it the case is informational (RFC 6455 §10.4).`,
      ruling: "limit-optional",
    },
  ],
};

function takenResponse(id: string, [description, handshake]: Row): Case {
  return {
    id,
    description,
    expectation: TAKES,
    role: "server",
    handshake,
    steps: [ping("first"), text(HELLO), closeAfter(1)],
    expected: [ok(gotPong("first"), gotText(HELLO))],
    close: NORMAL,
  };
}

/** A response that a client must not take; shared with section 24. */
export function failedResponse(id: string, [description, handshake]: Row): Case {
  return {
    id,
    description,
    expectation: FAILS_UNOPENED,
    role: "server",
    handshake,
    steps: [ping("open?"), text(HELLO), killAfter(1)],
    expected: [ok()],
    close: failsWith(),
  };
}
