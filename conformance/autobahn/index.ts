// The conformance suite as a library. In: a peer (a machine in this process, servers, or clients that come), cases. Out: results, and
// reports of them. The same cases, wire behaviour and verdicts as the Autobahn Testsuite 25.10.1. README.md says how it is used.
//
// Read on: cases/case.ts, what a case is; engine/play.ts, how one is played; engine/in-process.ts and fuzz/, where; report/, what comes out.
export { CASES, TITLES } from "./cases/all.ts";
export { ALL, ALL_TITLES, BEYOND } from "./cases/beyond/all.ts";
export { isFor, patternsOf, select } from "./cases/select.ts";
export type * from "./cases/case.ts";

export { type App, echo, machinePeer, type Peer, run, type RunOptions } from "./engine/in-process.ts";
export type { Ending, PeerEvents, PeerLink } from "./engine/wire.ts";
export type * from "./engine/result.ts";
export type { Settings } from "./engine/settings.ts";

export { fuzzServers, type FuzzServersOptions } from "./fuzz/client.ts";
export { fuzzClients, type FuzzClientsOptions, type FuzzingServer } from "./fuzz/server.ts";
export type { ServerObserver } from "./fuzz/server-paths.ts";
export { type KeyPair, selfSigned } from "./fuzz/certificate.ts";
export { FuzzError, type FuzzErrorCode } from "./fuzz/errors.ts";
export { gate } from "./fuzz/liveness.ts";
export { type Observer, type Run, SUITE } from "./fuzz/run.ts";
export { type ClientSpec, type CommonSpec, readClientSpec, readServerSpec, type ServerSpec } from "./fuzz/spec.ts";
export { type ServerTarget, targetOf, type Url, urlOf } from "./fuzz/target.ts";
export type { ClientTls } from "./fuzz/tcp.ts";

export {
  DEFAULT_FAIL_ON,
  type FailOn,
  type Index,
  type Judgement,
  parseFailOn,
  type Policy,
  readIndex,
} from "./report/policy.ts";
export { type AgentReport, type Report, report } from "./report/report.ts";
export type { AgentInfo, Finding, RunInfo, Transport } from "./report/run-info.ts";
export { terminal } from "./report/table.ts";
export { type Format, FORMATS, write } from "./report/write.ts";
