// What comes in: nothing. What goes out: the record that a played case leaves, which every report is made of.
// Field names and row kinds are those of the original's case JSON, so that tools which read it read this. RFC 6455 §7.1 for the closing
// terms. Next file: link.ts, how the engine meets the peer.
import type { CaseId, CloseExpectation } from "../cases/case.ts";

export type Behavior = "OK" | "NON-STRICT" | "FAILED" | "INFORMATIONAL" | "UNIMPLEMENTED";
export type BehaviorClose = "OK" | "UNCLEAN" | "WRONG CODE" | "FAILED BY CLIENT" | "FAILED" | "INFORMATIONAL";

/** `compat`: the original's verdict in every case. `strict`: its known mistakes mended. */
export type Profile = "compat" | "strict";

/** One case, played once against one peer. Plain data: it goes through JSON unchanged. */
export interface CaseResult {
  readonly agent: string;
  readonly id: CaseId;
  /** 1-based: of the selected cases in the server role, of all cases in the client role. */
  readonly case: number;
  readonly description: string;
  readonly expectation: string;
  /** The fuzzer was the server, so the peer is a client. */
  readonly isServer: boolean;

  readonly behavior: Behavior;
  readonly behaviorClose: BehaviorClose;
  readonly result: string;
  readonly resultClose: string;
  readonly expected: Readonly<Record<string, readonly EventRow[]>>;
  readonly expectedClose: CloseExpectation | null;
  readonly received: readonly EventRow[];

  /** When the case began, milliseconds since 1970; 0 on a virtual clock. */
  readonly started: number;
  /** Milliseconds from open to the loss of TCP; null if it never opened. */
  readonly duration: number | null;
  readonly reportTime: boolean;
  readonly reportCompressionRatio: boolean;

  readonly httpRequest: string;
  readonly httpResponse: string;

  readonly closedByMe: boolean;
  readonly failedByMe: boolean;
  readonly droppedByMe: boolean;
  readonly wasClean: boolean;
  readonly wasNotCleanReason: string | null;
  readonly wasServerConnectionDropTimeout: boolean;
  readonly wasOpenHandshakeTimeout: boolean;
  readonly wasCloseHandshakeTimeout: boolean;
  readonly localCloseCode: number | null;
  readonly localCloseReason: string | null;
  readonly remoteCloseCode: number | null;
  readonly remoteCloseReason: string | null;

  /** Octets per read or write, by size: `{ "8": 2 }` is two of eight octets. */
  readonly rxOctetStats: Readonly<Record<string, number>>;
  readonly txOctetStats: Readonly<Record<string, number>>;
  /** Frames by opcode. */
  readonly rxFrameStats: Readonly<Record<string, number>>;
  readonly txFrameStats: Readonly<Record<string, number>>;
  readonly trafficStats: TrafficStats | null;
  readonly createWirelog: boolean;
  readonly wirelog: readonly WireRow[];

  /** Not in the original: milliseconds from the start of the case to each row of `wirelog`. */
  readonly times: readonly number[];
  /** Not in the original: why this verdict, where the profile or the liveness gate had a say; else null. */
  readonly note: string | null;
  readonly profile: Profile;
}

/** An event that was expected or received; payloads are previews. */
export type EventRow =
  | readonly ["message", string, boolean]
  | readonly ["pong", string]
  | readonly ["timeout", string];

/** A row of the wire log. Pairs are `[length, preview]`. */
export type WireRow =
  /** Octets received; octets sent, and whether in a turn of their own. */
  | readonly ["RO", readonly [number, string]]
  | readonly ["TO", readonly [number, string], boolean]
  /** Frame received: payload, opcode, FIN, RSV, masked, masking key. */
  | readonly ["RF", readonly [number, string], number, boolean, number, boolean, string | null]
  /** Frame sent: payload, opcode, FIN, RSV, masking key, repeated to, chop, sync. */
  | readonly ["TF", readonly [number, string], number, boolean, number, string | null, number | null, number | null, boolean]
  /** Continue later and its expiry; kill after; close after. */
  | readonly ["CT", number, string | null]
  | readonly ["CTE", string | null]
  | readonly ["KL", number]
  | readonly ["KLE"]
  | readonly ["TI", number]
  | readonly ["TIE"]
  | readonly ["WLM", boolean];

/** Sections 12 and 13, when finished: octets at three levels. */
export interface TrafficStats {
  readonly incomingOctetsWireLevel: number;
  readonly incomingOctetsWebSocketLevel: number;
  readonly incomingOctetsAppLevel: number;
  readonly incomingWebSocketFrames: number;
  readonly incomingWebSocketMessages: number;
  readonly incomingCompressionRatio: number | null;
  readonly incomingWebSocketOverhead: number | null;
  readonly outgoingOctetsWireLevel: number;
  readonly outgoingOctetsWebSocketLevel: number;
  readonly outgoingOctetsAppLevel: number;
  readonly outgoingWebSocketFrames: number;
  readonly outgoingWebSocketMessages: number;
  readonly outgoingCompressionRatio: number | null;
  readonly outgoingWebSocketOverhead: number | null;
  readonly preopenIncomingOctetsWireLevel: number;
  readonly preopenOutgoingOctetsWireLevel: number;
}
