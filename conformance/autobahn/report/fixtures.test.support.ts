// Results for the tests of the reports: five that were published by users of the original, and a whole run that is made up.
// In: nothing. Out: CaseResult[]. The five are peers that never send a frame (stratus@2) or never a Close (websock server).
import type { CloseExpectation } from "../cases/case.ts";
import { CASES, TITLES } from "../cases/all.ts";
import type { CaseResult, EventRow, WireRow } from "../engine/result.ts";
import type { RunInfo } from "./run-info.ts";

/** A run of everything, of which tests change what they need. */
export function runInfo(change: Partial<RunInfo> = {}): RunInfo {
  return {
    suite: { name: "sansws conformance", version: "1.2.3" },
    profile: "compat",
    role: "server",
    transport: "ws",
    started: Date.UTC(2026, 3, 2, 15, 18, 8, 966),
    seconds: 32.41,
    agents: [],
    ids: [],
    titles: TITLES,
    options: {},
    findings: [],
    ...change,
  };
}

/** A case that went well: 1.1.2, echoed and closed with 1000. */
export function caseResult(change: Partial<CaseResult> = {}): CaseResult {
  const hello = "*".repeat(64) + " ...";
  return {
    agent: "websock server",
    id: "1.1.2",
    case: 2,
    description: "A text message of 125 octets.",
    expectation: "The same message comes back.",
    isServer: false,
    behavior: "OK",
    behaviorClose: "OK",
    result: "Actual events match at least one expected.",
    resultClose: "Connection was properly closed",
    expected: { OK: [["message", hello, false]] },
    expectedClose: normal,
    received: [["message", hello, false]],
    started: Date.UTC(2026, 3, 2, 15, 18, 8, 966),
    duration: 3,
    reportTime: false,
    reportCompressionRatio: false,
    httpRequest: "GET /ws HTTP/1.1\r\nHost: 127.0.0.1:8888\r\nUpgrade: WebSocket\r\n\r\n",
    httpResponse: "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n",
    closedByMe: true,
    failedByMe: false,
    droppedByMe: false,
    wasClean: true,
    wasNotCleanReason: null,
    wasServerConnectionDropTimeout: false,
    wasOpenHandshakeTimeout: false,
    wasCloseHandshakeTimeout: false,
    localCloseCode: 1000,
    localCloseReason: null,
    remoteCloseCode: 1000,
    remoteCloseReason: null,
    rxOctetStats: { "4": 1, "127": 1, "166": 1 },
    txOctetStats: { "8": 1, "131": 1, "244": 1 },
    rxFrameStats: { "1": 1, "8": 1 },
    txFrameStats: { "1": 1, "8": 1 },
    trafficStats: null,
    createWirelog: true,
    wirelog: [
      ["TO", [244, "474554202f777320485454502f312e310d0a"], false],
      ["RO", [166, "485454502f312e3120313031"]],
      ["TF", [125, hello], 1, true, 0, "a75d5050", null, null, false],
      ["TO", [131, "81fda75d5050"], false],
      ["KL", 1],
      ["RO", [127, "817d2a2a2a2a"]],
      ["RF", [125, hello], 1, true, 0, false, null],
      ["TF", [2, "0x03e8"], 8, true, 0, "8b3267af", null, null, false],
      ["TO", [8, "88828b3267af88da"], false],
      ["RO", [4, "880203e8"]],
      ["RF", [2, "0x03e8"], 8, true, 0, false, null],
    ],
    times: [0, 1, 1.2, 1.2, 1.2, 2.1, 2.1, 2.2, 2.2, 2.9, 2.9],
    note: null,
    profile: "compat",
    ...change,
  };
}

/** Case 5.19 with a client that completes the handshake and then never sends a frame, not even a pong. */
export function stratus519(): CaseResult {
  const frame = (opcode: number, fin: boolean, text: string, octets: string): WireRow[] => [
    ["TF", [text.length, text], opcode, fin, 0, null, null, null, false],
    ["TO", [octets.length / 2, octets], false],
  ];
  const rows: readonly (readonly [number, readonly WireRow[]])[] = [
    [0, [["RO", [232, `${hex("GET /runCase?case=63&agent=stratus%402 HTTP/1.1\r\nhost: 127.0.0.1")} ...`]]]],
    [0, [["TO", [208, `${hex("HTTP/1.1 101 Switching Protocols\r\nServer: AutobahnTestSuite/25.1")} ...`], false]]],
    [1, frame(1, false, "fragment1", "0109667261676d656e7431")],
    [1, frame(0, false, "fragment2", "0009667261676d656e7432")],
    [1, frame(9, true, "pongme 1!", "8909706f6e676d65203121")],
    [1, [["CT", 1, null]]],
    [1001, [["CTE", null]]],
    [1001, frame(0, false, "fragment3", "0009667261676d656e7433")],
    [1001, frame(0, false, "fragment4", "0009667261676d656e7434")],
    [1001, frame(9, true, "pongme 2!", "8909706f6e676d65203221")],
    [1001, frame(0, true, "fragment5", "8009667261676d656e7435")],
    [1001, [["TI", 1]]],
    [2002, [["TIE"]]],
    [2002, frame(8, true, "", "8800")],
  ];
  const message = "fragment1fragment2fragment3fragment4fragment5";
  return caseResult({
    ...silent,
    id: "5.19",
    case: 63,
    duration: 2003,
    expected: { OK: [["pong", "pongme 1!"], ["pong", "pongme 2!"], ["message", message, false]] },
    httpRequest: "GET /runCase?case=63&agent=stratus%402 HTTP/1.1\r\nhost: 127.0.0.1:9001\nupgrade: websocket\n\n",
    wasNotCleanReason: "peer dropped the TCP connection without previous WebSocket closing handshake",
    rxOctetStats: { "232": 1 },
    txOctetStats: { "2": 1, "11": 7, "208": 1 },
    rxFrameStats: {},
    txFrameStats: { "0": 4, "1": 1, "8": 1, "9": 2 },
    wirelog: rows.flatMap(([, list]) => list),
    times: rows.flatMap(([at, list]) => list.map(() => at)),
  });
}

/** Case 2.11 with the same client: ten pings, one octet per write. */
export function stratus211(): CaseResult {
  const payloads = Array.from({ length: 10 }, (_, index) => `payload-${index}`);
  const octets = payloads.flatMap((payload) => [0x89, payload.length, ...new TextEncoder().encode(payload)]);
  const writes = octets.map((octet): WireRow => ["TO", [1, octet.toString(16).padStart(2, "0")], true]);
  const frames = payloads.map((payload): WireRow => ["TF", [payload.length, payload], 9, true, 0, null, null, 1, false]);
  const head: WireRow[] = [
    ["RO", [232, `${hex("GET /runCase?case=27&agent=stratus%402 HTTP/1.1\r\nhost: 127.0.0.1")} ...`]],
    ["TO", [208, `${hex("HTTP/1.1 101 Switching Protocols\r\nServer: AutobahnTestSuite/25.1")} ...`], false],
  ];
  const log: WireRow[] = [...head, frames[0], writes[0], ...frames.slice(1), ["TI", 3], ...writes.slice(1)];
  return caseResult({
    ...silent,
    id: "2.11",
    case: 27,
    duration: 4002,
    droppedByMe: true,
    expected: { OK: payloads.map((payload): EventRow => ["pong", payload]) },
    wasNotCleanReason: "peer did not respond (in time) in closing handshake",
    wasCloseHandshakeTimeout: true,
    rxOctetStats: { "232": 1 },
    txOctetStats: { "1": 110, "2": 1, "208": 1 },
    rxFrameStats: {},
    txFrameStats: { "8": 1, "9": 10 },
    wirelog: [...log, ["TIE"], ["TF", [0, ""], 8, true, 0, null, null, null, false], ["TO", [2, "8800"], false]],
    times: [...log.map((_, index) => 1 + index / 100), 3002, 3002, 3002],
  });
}

/** Case 7.1.6 with a server that echoes both messages and then ends TCP without a Close. */
export function websock716(): CaseResult {
  const pattern = "BAsd7&jh23BAsd7&jh23BAsd7&jh23BAsd7&jh23BAsd7&jh23BAsd7&jh23BAsd ...";
  return caseResult({
    id: "7.1.6",
    case: 209,
    behavior: "INFORMATIONAL",
    behaviorClose: "INFORMATIONAL",
    result: "Actual events differ from any expected.",
    resultClose: "The spec requires the connection to be failed cleanly here",
    expected: { OK: [["message", "Hello World!", false]], "NON-STRICT": [] },
    received: [["message", pattern, false], ["message", "Hello World!", false]],
    duration: 31,
    remoteCloseCode: null,
    wasClean: false,
    wasNotCleanReason: "peer dropped the TCP connection without previous WebSocket closing handshake",
    rxOctetStats: { "166": 1, "6168": 1, "29696": 2, "65536": 3 },
    txOctetStats: { "6": 1, "8": 1, "18": 1, "244": 1, "262158": 1 },
    rxFrameStats: { "1": 2 },
    txFrameStats: { "1": 2, "8": 1, "9": 1 },
    wirelog: [
      ["TO", [244, "474554202f"], false],
      ["RO", [166, "485454502f"]],
      ["TF", [10, "BAsd7&jh23"], 1, true, 0, "eccd1840", 262144, null, false],
      ["TO", [262158, "81ff0000000000040000eccd1840 ..."], false],
      ["TF", [12, "Hello World!"], 1, true, 0, "d61d7eab", null, null, false],
      ["TO", [18, "818cd61d7eab9e7812c7b93d29c4a4711a8a"], false],
      ["TF", [2, "0x03e8"], 8, true, 0, "da9b8168", null, null, false],
      ["TO", [8, "8882da9b8168d973"], false],
      ["TF", [0, ""], 9, true, 0, "b089c4b6", null, null, false],
      ["TO", [6, "8980b089c4b6"], false],
      ["KL", 1],
      ["RO", [65536, "817f0000000000040000 ..."]],
      ["RO", [65536, "6a68323342417364 ..."]],
      ["RF", [262144, pattern], 1, true, 0, false, null],
      ["RF", [12, "Hello World!"], 1, true, 0, false, null],
    ],
    times: [0, 2, 3, 3, 4, 4, 4, 4, 4, 4, 5, 18, 22, 30, 30],
  });
}

/** Case 5.5 with the same server: the echo is right, the end is not. */
export function websock55(): CaseResult {
  return caseResult({
    id: "5.5",
    case: 49,
    behaviorClose: "UNCLEAN",
    resultClose: "The spec requires the connection to be failed cleanly here",
    expected: { OK: [["message", "fragment1fragment2", false]] },
    received: [["message", "fragment1fragment2", false]],
    remoteCloseCode: null,
    wasClean: false,
    wasNotCleanReason: "peer dropped the TCP connection without previous WebSocket closing handshake",
    rxOctetStats: { "20": 1, "166": 1 },
    txOctetStats: { "1": 30, "8": 1, "244": 1 },
    rxFrameStats: { "1": 1 },
    txFrameStats: { "0": 1, "1": 1, "8": 1 },
  });
}

/** Case 5.17 with the same server, over TLS: it ends TCP at the first fault, which is allowed. */
export function websock517(): CaseResult {
  return caseResult({
    agent: "websock secure server",
    id: "5.17",
    case: 61,
    expected: { OK: [] },
    expectedClose: { closedByMe: false, codes: [1002], requireClean: false },
    received: [],
    duration: 1,
    closedByMe: false,
    wasClean: false,
    wasNotCleanReason: "peer dropped the TCP connection without previous WebSocket closing handshake",
    localCloseCode: null,
    remoteCloseCode: null,
  });
}

/** All 517 cases with each of the agents; the later an agent stands, the more goes wrong. The same on every call. */
export function wholeRun(agents: readonly string[]): CaseResult[] {
  let seed = 1;
  const chance = (): number => (seed = (seed * 48271) % 0x7fffffff) / 0x7fffffff;
  return agents.flatMap((agent, index) =>
    CASES.map(({ id, description, expectation }, place) => {
      const good = caseResult({ agent, id, case: place + 1, description, expectation, reportTime: /^(9|1[0-3])\./.test(id) });
      const luck = chance();
      const duration = Math.round(1 + chance() * 40);
      const event: EventRow = ["message", `echo ${place}`, false];
      if (luck < index * 0.02) return { ...good, ...failing, duration: 1_003, expected: { OK: [event] }, received: [] };
      if (luck < index * 0.03) return { ...good, behaviorClose: "WRONG CODE", remoteCloseCode: 1002, duration } as const;
      if (luck < index * 0.04) {
        return { ...good, behaviorClose: "UNCLEAN", wasClean: false, remoteCloseCode: null, duration } as const;
      }
      if (id.startsWith("6.4.")) {
        return { ...good, behavior: "NON-STRICT", duration } as const;
      }
      if (id.startsWith("7.13.")) {
        return { ...good, behavior: "INFORMATIONAL", behaviorClose: "INFORMATIONAL", duration } as const;
      }
      if (index === 1 && id.startsWith("13.3.")) {
        return { ...good, behavior: "UNIMPLEMENTED", duration } as const;
      }
      const fill = Array.from({ length: place % 24 }, (): WireRow => ["TO", [64, `${hex("x".repeat(64))} ...`], true]);
      const times = [...good.times, ...fill.map((_, row) => 3 + row / 8)];
      return { ...good, duration, wirelog: [...good.wirelog, ...fill], times };
    })
  );
}

function hex(text: string): string {
  return Array.from(text, (character) => character.charCodeAt(0).toString(16).padStart(2, "0")).join("");
}

const normal: CloseExpectation = { closedByMe: true, codes: [1000], requireClean: true };

const failing = {
  behavior: "FAILED",
  behaviorClose: "FAILED",
  result: "Actual events differ from any expected.",
  resultClose: "The connection was failed by the wrong endpoint",
} as const;

const silent = {
  agent: "stratus@2",
  isServer: true,
  behavior: "FAILED",
  behaviorClose: "UNCLEAN",
  result: "Actual events differ from any expected.",
  resultClose: "The spec requires the connection to be failed cleanly here",
  received: [],
  wasClean: false,
  localCloseCode: null,
  remoteCloseCode: null,
} as const;
