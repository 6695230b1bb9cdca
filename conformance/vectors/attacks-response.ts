// Row C, as far as it is octets: what servers answer to a client. RFC 6455 §4.1, §4.2.2; RFC 9110 §15, RFC 9112 §6.3, RFC 7692 §7.1.
// Next file: attacks-api.test.ts.
import { zlib } from "../../adapters/zlib.ts";
import type { FaultCode } from "../../core/types.ts";
import type { Told } from "../frames/oracle.ts";
import { acceptOf, responseText } from "../support/machine.ts";
import { close, heardClose, heardText, type ResponseAttack, sent, text } from "./attack.ts";

const DEFLATE = { deflate: { engine: zlib } };
const closed: Told = { type: "closed", code: 1006, reason: "", clean: false };

function good(
  row: string,
  name: string,
  response: ResponseAttack["response"],
  more: Partial<ResponseAttack> = {},
): ResponseAttack {
  return { row, name, response, told: [{ type: "open" }], transport: "keep", ...more };
}
function bad(
  row: string,
  name: string,
  code: FaultCode,
  response: ResponseAttack["response"],
  more: Partial<ResponseAttack> = {},
): ResponseAttack {
  return { row, name, response, told: [{ type: "fault", code, closeCode: 1006 }, closed], transport: "destroy", ...more };
}
/** The answer of a good server, changed. */
const changed = (from: string | RegExp, to: string) => (request: string): string => responseText(request).replace(from, to);
const adding = (...lines: string[]) => (request: string): string => responseText(request, lines);
const ACCEPT = /Sec-WebSocket-Accept: .*\r\n/;
const rejected: readonly Told[] = [{ type: "rejected" }, closed];
const frames = (...specs: Parameters<typeof sent>[1]): string => new TextDecoder("latin1").decode(sent("client", specs));

export const RESPONSES: readonly ResponseAttack[] = [
  good("C1", "the answer of a good server", responseText),
  good("C1", "space around the accept", changed(/(Accept: )(.*)\r/, "$1 \t $2 \t\r")),
  bad("C1", "the accept of another key", "BAD_ACCEPT", changed(ACCEPT, `Sec-WebSocket-Accept: ${acceptOf("other")}\r\n`)),
  bad("C1", "no accept", "BAD_ACCEPT", changed(ACCEPT, "")),
  bad("C1", "an empty accept", "BAD_ACCEPT", changed(ACCEPT, "Sec-WebSocket-Accept:\r\n")),
  bad("C1", "the accept twice", "BAD_ACCEPT", changed(ACCEPT, "$&$&")),
  bad(
    "C1",
    "the accept in lower case",
    "BAD_ACCEPT",
    (request) => responseText(request).replace(/Accept: (.*)/, (line) => line.toLowerCase()),
  ),
  bad("C1", "no Upgrade", "BAD_RESPONSE", changed("Upgrade: websocket\r\n", "")),
  bad("C1", "another protocol", "BAD_RESPONSE", changed("Upgrade: websocket", "Upgrade: h2c")),
  bad("C1", "no Connection", "BAD_RESPONSE", changed("Connection: Upgrade\r\n", "")),
  good(
    "C1",
    "Upgrade and Connection in other case, in a list",
    changed("Connection: Upgrade", "Connection: keep-alive, UPGRADE"),
  ),

  bad("C2", "a subprotocol that nobody asked for", "BAD_PROTOCOL", adding("Sec-WebSocket-Protocol: chat")),
  bad("C2", "another than was asked for", "BAD_PROTOCOL", adding("Sec-WebSocket-Protocol: b"), { target: { protocols: ["a"] } }),
  bad("C2", "two of those asked for", "BAD_PROTOCOL", adding("Sec-WebSocket-Protocol: a, b"), {
    target: { protocols: ["a", "b"] },
  }),
  bad("C2", "two lines", "BAD_PROTOCOL", adding("Sec-WebSocket-Protocol: a", "Sec-WebSocket-Protocol: a"), {
    target: { protocols: ["a"] },
  }),
  bad("C2", "other case", "BAD_PROTOCOL", adding("Sec-WebSocket-Protocol: A"), { target: { protocols: ["a"] } }),
  bad("C2", "an empty one", "BAD_PROTOCOL", adding("Sec-WebSocket-Protocol:"), { target: { protocols: ["a"] } }),
  good("C2", "none of those asked for", responseText, { target: { protocols: ["a"] } }),

  bad("C3", "an extension that nobody asked for", "BAD_EXTENSION", adding("Sec-WebSocket-Extensions: permessage-deflate")),
  ...[
    "x-unknown",
    "permessage-deflate; unknown",
    "permessage-deflate; server_max_window_bits=7",
    "permessage-deflate; server_max_window_bits=16",
    "permessage-deflate; server_max_window_bits=1000",
    "permessage-deflate; server_max_window_bits=",
    "permessage-deflate; server_max_window_bits",
    "permessage-deflate; client_max_window_bits",
    "permessage-deflate; client_max_window_bits=7",
    "permessage-deflate; server_no_context_takeover; server_no_context_takeover",
    "permessage-deflate; server_no_context_takeover=1",
    "permessage-deflate, permessage-deflate",
    "permessage-deflate; constructor",
    "",
  ].map((value) =>
    bad("C3", `the extensions ${value}`, "BAD_EXTENSION", adding(`Sec-WebSocket-Extensions: ${value}`), { options: DEFLATE })
  ),
  bad(
    "C3",
    "two lines of extensions",
    "BAD_EXTENSION",
    adding(...new Array(2).fill("Sec-WebSocket-Extensions: permessage-deflate")),
    {
      options: DEFLATE,
    },
  ),
  ...[
    "",
    "; server_no_context_takeover",
    "; server_max_window_bits=8",
    "; client_max_window_bits=15",
    '; client_max_window_bits="9"',
  ].map((
    params,
  ) =>
    good("C3", `the extension permessage-deflate${params}`, adding(`Sec-WebSocket-Extensions: permessage-deflate${params}`), {
      options: DEFLATE,
    })
  ),

  ...[200, 204, 301, 302, 400, 401, 403, 407, 426, 500, 503].map((status): ResponseAttack => ({
    row: "C4",
    name: `status ${status}`,
    response: () => `HTTP/1.1 ${status} Whatever\r\nContent-Length: 0\r\nLocation: http://other.example/\r\n\r\n`,
    told: rejected,
    transport: "destroy",
  })),
  ...["Content-Length: 4\r\n\r\nbody", "Transfer-Encoding: chunked\r\n\r\n4\r\nbody\r\n0\r\n\r\n"].map((
    rest,
  ): ResponseAttack => ({
    row: "C4",
    name: `a body, ${rest.slice(0, 16)}`,
    response: () => `HTTP/1.1 403 Forbidden\r\n${rest}`,
    told: rejected,
    transport: "destroy",
  })),
  good("C4", "a body that ends with the stream, which has not ended", () => "HTTP/1.1 403 Forbidden\r\n\r\nbody", { told: [] }),
  good(
    "C4",
    "100 and 103 before 101",
    (request) => "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" + responseText(request),
  ),
  bad("C4", "101 with a body by length", "BAD_RESPONSE", adding("Content-Length: 4")),
  bad("C4", "101 with a body in chunks", "BAD_RESPONSE", adding("Transfer-Encoding: chunked")),
  bad("C4", "101 of HTTP/1.0", "BAD_RESPONSE", changed("HTTP/1.1", "HTTP/1.0")),
  bad("C4", "101 of HTTP/2.0", "BAD_RESPONSE", changed("HTTP/1.1", "HTTP/2.0")),

  bad("C5", "a line of 20 KB", "HEAD_TOO_LARGE", adding(`X: ${"a".repeat(20_000)}`)),
  bad("C5", "2,000 lines", "HEAD_TOO_LARGE", adding(...new Array(2000).fill("X: y"))),
  bad("C5", "1xx without end", "HEAD_TOO_LARGE", () => "HTTP/1.1 100 Continue\r\n\r\n".repeat(700)),
  bad("C5", "FOO BAR BAZ", "BAD_RESPONSE", () => "FOO BAR BAZ\r\n\r\n"),
  bad("C5", "the octets of TLS", "BAD_RESPONSE", () => "\x15\x03\x01\x00\x02\x02\x46"),
  bad("C5", "bare LF", "BAD_RESPONSE", (request) => responseText(request).replaceAll("\r\n", "\n")),
  bad("C5", "frames without a head", "BAD_RESPONSE", () => frames(text("a"))),

  good(
    "C6",
    "frames in the same segment, and a Close",
    (request) => responseText(request) + frames(text("a"), text("b"), close(1000, "bye")),
    {
      told: [{ type: "open" }, heardText("a"), heardText("b"), heardClose(1000, "bye")],
      frames: ["close 1000"],
    },
  ),
];
