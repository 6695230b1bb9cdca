// What comes in: nothing. What goes out: what five reports say that users of the original published, as facts: verdicts, flags, counts and
// the rows of the wire log, octet for octet. Two are of a client, stratus@2, that completes the opening handshake and never sends a frame;
// three of "websock server", which echoes and drops TCP where a Close is due. With the random octets that the fuzzer used (masking keys
// and handshake keys are in the reports) all of it can be played again. RFC 6455 §5 and §7. Next file: replay.ts.
import type { CaseResult, WireRow } from "../engine/result.ts";
import type { Flaws } from "./handmade.ts";

/** A published report, and the peer that it is about. */
export interface Published {
  readonly id: string;
  readonly agent: string;
  /** Whom the fuzzer played; as a client, what it connected to. */
  readonly fuzzer: "server" | { readonly authority: string; readonly resource: string };
  /** Heads without the blank line; lines end with CR LF on the wire. */
  readonly request: readonly string[];
  readonly response: readonly string[];
  /** The fuzzer's key (as a client) and masking keys, in the order in which they were drawn. */
  readonly random: { readonly key: string; readonly masks: readonly string[] };
  readonly peer: Flaws;
  /** How many octets each of the fuzzer's reads had, where the peer's writes do not tell; the last goes to the end. */
  readonly reads?: readonly number[];
  /** From open to the end of TCP, in real time. */
  readonly duration: number;
  readonly facts: Partial<CaseResult>;
  readonly wirelog: readonly WireRow[];
}

/** A frame that was sent in one write: its row, and that of its octets. */
function sent(row: Sent): WireRow[] {
  return [frame(row), ["TO", [row.octets.length / 2, row.octets], false]];
}

interface FrameFacts {
  readonly opcode: number;
  readonly fin?: boolean;
  readonly text: string;
  readonly length?: number;
  readonly mask?: string | undefined;
  readonly chop?: number;
}
interface Sent extends FrameFacts {
  readonly octets: string;
}

function frame({ opcode, fin = true, text, length = text.length, mask, chop }: FrameFacts): WireRow {
  return ["TF", [length, text], opcode, fin, 0, mask ?? null, null, chop ?? null, false];
}

/** Octets that were sent one by one. */
function singly(octets: string): WireRow[] {
  return octets.match(/../g)!.map((octet) => ["TO", [1, octet], true]);
}

/** The first 64 octets of a head, as the log shows them. */
function shown(head: readonly string[]): string {
  const hex = Array.from(head.join("\r\n"), (character) => character.charCodeAt(0).toString(16).padStart(2, "0"));
  return `${hex.slice(0, 64).join("")} ...`;
}

const unclean = {
  behaviorClose: "UNCLEAN",
  resultClose: "The spec requires the connection to be failed cleanly here",
  closedByMe: true,
  failedByMe: false,
  droppedByMe: false,
  wasClean: false,
  wasNotCleanReason: "peer dropped the TCP connection without previous WebSocket closing handshake",
  wasServerConnectionDropTimeout: false,
  wasOpenHandshakeTimeout: false,
  wasCloseHandshakeTimeout: false,
  localCloseCode: 1000,
  localCloseReason: null,
  remoteCloseCode: null,
  remoteCloseReason: null,
} as const satisfies Partial<CaseResult>;

const unanswered = {
  ...unclean,
  isServer: true,
  behavior: "FAILED",
  result: "Actual events differ from any expected.",
  received: [],
  localCloseCode: null,
  rxOctetStats: { 232: 1 },
  rxFrameStats: {},
} as const satisfies Partial<CaseResult>;

const stratusRequest = (number: number, key: string): string[] => [
  `GET /runCase?case=${number}&agent=stratus%402 HTTP/1.1`,
  "host: 127.0.0.1:9001",
  "upgrade: websocket",
  "connection: upgrade",
  `sec-websocket-key: ${key}`,
  "sec-websocket-version: 13",
  "sec-websocket-extensions: permessage-deflate",
];
const fuzzerResponse = (accept: string): string[] => [
  "HTTP/1.1 101 Switching Protocols",
  "Server: AutobahnTestSuite/25.10.1-0.10.9",
  "X-Powered-By: AutobahnPython/0.10.9",
  "Upgrade: WebSocket",
  "Connection: Upgrade",
  `Sec-WebSocket-Accept: ${accept}`,
];
const fuzzerRequest = (resource: string, authority: string, key: string): string[] => [
  `GET ${resource} HTTP/1.1`,
  "User-Agent: AutobahnTestSuite/25.10.1-0.10.9",
  `Host: ${authority}`,
  "Upgrade: WebSocket",
  "Connection: Upgrade",
  "Pragma: no-cache",
  "Cache-Control: no-cache",
  `Sec-WebSocket-Key: ${key}`,
  "Sec-WebSocket-Version: 13",
];

/** 5.19: no Pong, no echo, and at the fuzzer's Close the end of TCP. */
function stratus519(): Published {
  const request = stratusRequest(63, "Q3mTXjCP8aCVebaXLA34mA==");
  const response = fuzzerResponse("9mau/xtWAgB8DIaCPHGzrf3/c4c=");
  return {
    id: "5.19",
    agent: "stratus@2",
    fuzzer: "server",
    request,
    response,
    random: { key: "", masks: [] },
    peer: { silent: true, close: "drops" },
    duration: 2003,
    facts: {
      ...unanswered,
      expected: {
        OK: [
          ["pong", "pongme 1!"],
          ["pong", "pongme 2!"],
          ["message", "fragment1fragment2fragment3fragment4fragment5", false],
        ],
      },
      txOctetStats: { 2: 1, 11: 7, 208: 1 },
      txFrameStats: { 0: 4, 1: 1, 8: 1, 9: 2 },
    },
    wirelog: [
      ["RO", [232, shown(request)]],
      ["TO", [208, shown(response)], false],
      ...sent({ opcode: 1, fin: false, text: "fragment1", octets: "0109667261676d656e7431" }),
      ...sent({ opcode: 0, fin: false, text: "fragment2", octets: "0009667261676d656e7432" }),
      ...sent({ opcode: 9, text: "pongme 1!", octets: "8909706f6e676d65203121" }),
      ["CT", 1, null],
      ["CTE", null],
      ...sent({ opcode: 0, fin: false, text: "fragment3", octets: "0009667261676d656e7433" }),
      ...sent({ opcode: 0, fin: false, text: "fragment4", octets: "0009667261676d656e7434" }),
      ...sent({ opcode: 9, text: "pongme 2!", octets: "8909706f6e676d65203221" }),
      ...sent({ opcode: 0, text: "fragment5", octets: "8009667261676d656e7435" }),
      ["TI", 1],
      ["TIE"],
      ...sent({ opcode: 8, text: "", octets: "8800" }),
    ],
  };
}

/** 2.11: ten Pings octet by octet, no Pong, and no answer to the Close either. */
function stratus211(): Published {
  const request = stratusRequest(27, "+0lz6/NGR2WKBNAIfrcZQA==");
  const response = fuzzerResponse("9jY0Rt+a5DeHiymZd9mtKSfsqc0=");
  const texts = Array.from({ length: 10 }, (_, index) => `payload-${index}`);
  const [first, ...frames] = texts.map((text) => frame({ opcode: 9, text, chop: 1 }));
  const [octet, ...octets] = texts.flatMap((_, index) => singly(`89097061796c6f61642d3${index}`));
  return {
    id: "2.11",
    agent: "stratus@2",
    fuzzer: "server",
    request,
    response,
    random: { key: "", masks: [] },
    peer: { silent: true },
    duration: 4002,
    facts: {
      ...unanswered,
      droppedByMe: true,
      wasNotCleanReason: "peer did not respond (in time) in closing handshake",
      wasCloseHandshakeTimeout: true,
      expected: { OK: texts.map((text) => ["pong", text]) },
      txOctetStats: { 1: 110, 2: 1, 208: 1 },
      txFrameStats: { 8: 1, 9: 10 },
    },
    wirelog: [
      ["RO", [232, shown(request)]],
      ["TO", [208, shown(response)], false],
      ...[first, octet, ...frames],
      ["TI", 3],
      ...octets,
      ["TIE"],
      ...sent({ opcode: 8, text: "", octets: "8800" }),
    ],
  };
}

/** 5.5: the echo is right, the end is not. */
function websock55(): Published {
  const request = fuzzerRequest("/ws", "127.0.0.1:8888", "c/rOaBRx5c9cw3ZNI/oDcQ==");
  const response = [
    "HTTP/1.1 101 Switching Protocols",
    "Date: Wed, 26 Nov 2025 12:36:30 GMT",
    "Connection: Upgrade",
    "Upgrade: websocket",
    "Sec-Websocket-Accept: Rtqb0EjcCyB9WgowmuWZjXcDx3w=",
  ];
  const masks = ["a75d5050", "ce8863ab", "8b3267af"];
  return {
    id: "5.5",
    agent: "websock server",
    fuzzer: { authority: "127.0.0.1:8888", resource: "/ws" },
    request,
    response,
    random: { key: "c/rOaBRx5c9cw3ZNI/oDcQ==", masks },
    peer: { close: "drops" },
    duration: 4,
    facts: {
      ...unclean,
      isServer: false,
      behavior: "OK",
      result: "Actual events match at least one expected.",
      expected: { OK: [["message", "fragment1fragment2", false]] },
      received: [["message", "fragment1fragment2", false]],
      rxOctetStats: { 20: 1, 166: 1 },
      txOctetStats: { 1: 30, 8: 1, 244: 1 },
      rxFrameStats: { 1: 1 },
      txFrameStats: { 0: 1, 1: 1, 8: 1 },
    },
    wirelog: [
      ["TO", [244, shown(request)], false],
      ["RO", [166, shown(response)]],
      frame({ opcode: 1, fin: false, text: "fragment1", mask: masks[0], chop: 1 }),
      ...singly("01"),
      frame({ opcode: 0, text: "fragment2", mask: masks[1], chop: 1 }),
      ["TI", 1],
      ...singly("89a75d5050c12f3137ca383e2496"),
      ...singly("8089ce8863aba8fa02cca3ed0ddffc"),
      ["RO", [20, "8112667261676d656e7431667261676d656e7432"]],
      ["RF", [18, "fragment1fragment2"], 1, true, 0, false, null],
      ...sent({ opcode: 8, text: "0x03e8", length: 2, mask: masks[2], octets: "88828b3267af88da" }),
    ],
  };
}

/**
 * 7.1.6: both messages come back, then TCP ends. The report has the reads by size, but not which came when: each row begins at an octet of
 * the pattern's ten that fits to any order of 65,536 and 29,696 (both 6 modulo 10 behind a header of ten), with 6,168 at the end.
 */
function websock716(): Published {
  const request = fuzzerRequest("/ws", "127.0.0.1:8888", "NrIHTwv0VMBOFaV2wXpGUQ==");
  const response = [
    "HTTP/1.1 101 Switching Protocols",
    "Date: Thu, 07 May 2026 18:09:48 GMT",
    "Connection: Upgrade",
    "Upgrade: websocket",
    "Sec-Websocket-Accept: 44nkPYFESUtDS8cDHKKjgvXuLc0=",
  ];
  const masks = ["eccd1840", "d61d7eab", "da9b8168", "b089c4b6"];
  const reads = [166, 65536, 65536, 65536, 29696, 29696, 6168];
  const cycle = "4241736437266a683233".repeat(8);
  const rows = [
    `817f0000000000040000${cycle.slice(0, 2 * 54)} ...`,
    ...[6, 2, 8, 4, 0].map((at) => `${cycle.slice(2 * at, 2 * (at + 64))} ...`),
  ];
  const long = `${"BAsd7&jh23".repeat(7).slice(0, 64)} ...`;
  return {
    id: "7.1.6",
    agent: "websock server",
    fuzzer: { authority: "127.0.0.1:8888", resource: "/ws" },
    request,
    response,
    random: { key: "NrIHTwv0VMBOFaV2wXpGUQ==", masks },
    peer: { close: "drops" },
    reads,
    duration: 31,
    facts: {
      ...unclean,
      isServer: false,
      behavior: "INFORMATIONAL",
      behaviorClose: "INFORMATIONAL",
      result: "Actual events differ from any expected.",
      expected: { OK: [["message", "Hello World!", false]], "NON-STRICT": [] },
      received: [["message", long, false], ["message", "Hello World!", false]],
      rxOctetStats: { 166: 1, 6168: 1, 29696: 2, 65536: 3 },
      txOctetStats: { 6: 1, 8: 1, 18: 1, 244: 1, 262158: 1 },
      rxFrameStats: { 1: 2 },
      txFrameStats: { 1: 2, 8: 1, 9: 1 },
    },
    wirelog: [
      ["TO", [244, shown(request)], false],
      ["RO", [166, shown(response)]],
      ["TF", [10, "BAsd7&jh23"], 1, true, 0, masks[0], 262144, null, false],
      [
        "TO",
        [
          262158,
          "81ff0000000000040000eccd1840ae8c6b24dbeb7228defe5a019fa92f6686a52a73ae8c6b24dbeb7228defe5a019fa92f66" +
          "86a52a73ae8c6b24dbeb7228defe ...",
        ],
        false,
      ],
      ...sent({ opcode: 1, text: "Hello World!", mask: masks[1], octets: "818cd61d7eab9e7812c7b93d29c4a4711a8a" }),
      ...sent({ opcode: 8, text: "0x03e8", length: 2, mask: masks[2], octets: "8882da9b8168d973" }),
      ...sent({ opcode: 9, text: "", mask: masks[3], octets: "8980b089c4b6" }),
      ["KL", 1],
      ...rows.map((row, index): WireRow => ["RO", [reads[index + 1], row]]),
      ["RF", [262144, long], 1, true, 0, false, null],
      ["RF", [12, "Hello World!"], 1, true, 0, false, null],
    ],
  };
}

/** 5.17, over TLS: TCP ends at the first fault, which is allowed. */
function websock517(): Published {
  const request = fuzzerRequest("/wss", "127.0.0.1:8889", "QMsagry65umAskoGO9C4WQ==");
  const response = [
    "HTTP/1.1 101 Switching Protocols",
    "Date: Sat, 11 Apr 2026 02:37:26 GMT",
    "Upgrade: websocket",
    "Connection: Upgrade",
    "Sec-Websocket-Accept: GWNs9pNi1kJOWEz012KYyupQgRA=",
  ];
  const masks = ["bf7357c3", "f2781e7e", "78e5d731", "0b6dda87", "dc62d9f3", "3dab6c95"];
  return {
    id: "5.17",
    agent: "websock secure server",
    fuzzer: { authority: "127.0.0.1:8889", resource: "/wss" },
    request,
    response,
    random: { key: "QMsagry65umAskoGO9C4WQ==", masks },
    peer: { close: "drops" },
    duration: 1,
    facts: {
      ...unclean,
      isServer: false,
      behavior: "OK",
      behaviorClose: "OK",
      result: "Actual events match at least one expected.",
      resultClose: "Connection was properly closed",
      closedByMe: false,
      localCloseCode: null,
      expected: { OK: [] },
      received: [],
      rxOctetStats: { 166: 1 },
      txOctetStats: { 15: 6, 245: 1 },
      rxFrameStats: {},
      txFrameStats: { 0: 4, 1: 2 },
    },
    wirelog: [
      ["TO", [245, shown(request)], false],
      ["RO", [166, shown(response)]],
      ...sent({ opcode: 0, text: "fragment1", mask: masks[0], octets: "8089bf7357c3d90136a4d21639b78e" }),
      ...sent({ opcode: 1, fin: false, text: "fragment2", mask: masks[1], octets: "0189f2781e7e940a7f199f1d700ac0" }),
      ...sent({ opcode: 0, text: "fragment3", mask: masks[2], octets: "808978e5d7311e97b6561580b9454b" }),
      ...sent({ opcode: 0, text: "fragment1", mask: masks[3], octets: "80890b6dda876d1fbbe06608b4f33a" }),
      ...sent({ opcode: 1, fin: false, text: "fragment2", mask: masks[4], octets: "0189dc62d9f3ba10b894b107b787ee" }),
      ...sent({ opcode: 0, text: "fragment3", mask: masks[5], octets: "80893dab6c955bd90df250ce02e10e" }),
      ["KL", 1],
    ],
  };
}

/** The five reports. */
export const PUBLISHED: readonly Published[] = [stratus519(), stratus211(), websock55(), websock716(), websock517()];
