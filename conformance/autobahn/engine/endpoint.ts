// What comes in: reads, the end of TCP, and what a case does. What goes out: writes, and at the end the facts that verdicts are made of.
// The fuzzer's own WebSocket: an ordinary endpoint as far as the peer behaves, and one that never stops half way where it does not.
// Timers are never cancelled, they look at the state. RFC 6455 §5.5, §7.1, §7.2; the order of things is the original suite's.
// Next file: conduct.ts.
import { isUtf8 } from "node:buffer";
import { concat, utf8 } from "../../frames/encode.ts";
import { judgeUtf8 } from "../../frames/utf8.ts";
import { type Compress, createCompress, createInflate, type DeflateAgreement, type Direction, type Inflate } from "./deflate.ts";
import { Inbound, type Receiver } from "./inbound.ts";
import type { Link, World } from "./link.ts";
import type { Profile } from "./result.ts";
import { createSender, type Sender } from "./sender.ts";
import type { Settings } from "./settings.ts";
import { newTraffic, type Traffic } from "./traffic.ts";
import type { Wirelog } from "./wirelog.ts";
import { createWriter, type EndpointState, type Write } from "./writer.ts";

/** What is known of a connection. Names and meanings are the original's. */
export interface Facts {
  /** The opening handshake was completed. */
  wasOpen: boolean;
  /** We sent the first Close. */
  closedByMe: boolean;
  /** We failed the connection. */
  failedByMe: boolean;
  /** We dropped TCP. */
  droppedByMe: boolean;
  wasClean: boolean;
  wasNotCleanReason: string | null;
  wasServerConnectionDropTimeout: boolean;
  wasOpenHandshakeTimeout: boolean;
  wasCloseHandshakeTimeout: boolean;
  localCloseCode: number | null;
  localCloseReason: Uint8Array | null;
  remoteCloseCode: number | null;
  remoteCloseReason: string | null;
}

export interface EndpointOptions {
  /** The fuzzer's own role. */
  readonly role: "client" | "server";
  readonly profile: Profile;
  readonly settings: Settings;
  readonly link: Link;
  readonly world: World;
  readonly wirelog: Wirelog;
  /** Seconds that a server waits behind both Closes before it drops TCP, to see what else comes. Default 0. */
  readonly linger?: number | undefined;
  /** A message, unless the connection was failed before; the octets are borrowed. */
  readonly message: (binary: boolean, octets: Uint8Array) => void;
  /** A Pong, always. */
  readonly pong: (payload: Uint8Array) => void;
  /** A rule of the `strict` profile changed what happens: the sentence for the note. */
  readonly mended: (sentence: string) => void;
  /** TCP is gone. Once, and last. */
  readonly gone: () => void;
}

/** The fuzzer's own WebSocket. */
export interface Endpoint {
  readonly state: EndpointState;
  readonly facts: Readonly<Facts>;
  readonly traffic: Traffic;
  readonly sender: Sender;
  /** What was agreed for our direction; null: no compression. */
  readonly ownDeflate: Direction | null;
  /** Octets as they are: the opening handshake. */
  readonly write: Write;
  /** The opening handshake is done. */
  open(deflate: DeflateAgreement | null): void;
  /** It has failed, or took too long. */
  refuse(reason: string, how: "end" | "abort" | "timeout"): void;
  /** Counts a read, before it is known what it holds. */
  read(bytes: Uint8Array): void;
  /** Frames of the peer. */
  receive(bytes: Uint8Array): void;
  /** A Close with any payload; only while open. */
  close(code?: number, reason?: Uint8Array): void;
  /** RFC 6455 §7.1.7. */
  fail(code: number, reason: string): void;
  /** The original's program would die here of an exception, and TCP with it. */
  crash(): void;
  /** Stops at once, whatever is under way. */
  abandon(reason: string): void;
  /** TCP is gone. */
  lost(): void;
}

export function createEndpoint(options: EndpointOptions): Endpoint {
  const { role, profile, settings, link, world, wirelog, linger = 0 } = options;
  const isServer = role === "server";
  const traffic = newTraffic();
  const facts: Facts = {
    wasOpen: false,
    closedByMe: false,
    failedByMe: false,
    droppedByMe: false,
    wasClean: false,
    wasNotCleanReason: null,
    wasServerConnectionDropTimeout: false,
    wasOpenHandshakeTimeout: false,
    wasCloseHandshakeTimeout: false,
    localCloseCode: null,
    localCloseReason: null,
    remoteCloseCode: null,
    remoteCloseReason: null,
  };
  let state: EndpointState = "connecting";
  let isGone = false;
  let answered = false;
  let ownDeflate: Direction | null = null;
  let inbound: Inbound | null = null;
  let codecs: readonly (Compress | Inflate)[] = [];
  const write = createWriter({ link, world, wirelog, flow: traffic.outgoing, state: () => state });
  const masks = isServer ? settings.maskServerFrames : settings.maskClientFrames;
  const sender = createSender({ write, world, wirelog, flow: traffic.outgoing, masks, state: () => state });
  sender.fragment = settings.autoFragmentSize;

  const after = (seconds: number, then: () => void): void => {
    if (seconds > 0) world.later(seconds * 1000, () => state === "closed" || then());
  };
  const drop = (how: "end" | "abort"): void => {
    if (state === "closed") return;
    facts.droppedByMe = true;
    state = "closed";
    if (how === "end") link.end();
    else link.abort();
  };
  const unclean = (reason: string): void => {
    facts.wasClean = false;
    facts.wasNotCleanReason = reason;
  };
  const lost = (): void => {
    if (isGone) return;
    isGone = true;
    state = "closed";
    for (const codec of codecs) codec.close();
    inbound = null; // timers keep the endpoint for up to 1,000 s: not its buffers
    if (!facts.wasClean && !facts.droppedByMe) {
      facts.wasNotCleanReason ??= "peer dropped the TCP connection without previous WebSocket closing handshake";
    }
    options.gone();
  };
  const crash = (): void => {
    link.abort();
    lost();
  };
  const sendClose = (code: number | null, reason: Uint8Array | null, isReply: boolean): void => {
    if (state !== "open") return;
    const digits = code === null ? NOTHING : Uint8Array.of(code >> 8, code & 255);
    sender.frame({ opcode: 8, payload: concat([digits, reason ?? NOTHING]) });
    state = "closing";
    facts.closedByMe = !isReply;
    facts.localCloseCode = code;
    facts.localCloseReason = reason;
    if (isReply) return;
    after(settings.closeHandshakeTimeout, () => {
      if (answered) return;
      unclean("peer did not respond (in time) in closing handshake");
      facts.wasCloseHandshakeTimeout = true;
      drop("abort");
    });
  };
  const fail = (code: number, reason: string): void => {
    if (state === "closed") return;
    facts.failedByMe = true;
    if (settings.failByDrop) {
      unclean("I failed the WebSocket connection by dropping the TCP connection");
      drop("abort");
    } else if (state === "closing") {
      drop("end");
    } else {
      sendClose(code, utf8(reason).subarray(0, 123), false);
    }
  };

  const receiveClose = (payload: Uint8Array): void => {
    const code = payload.byteLength > 1 ? payload[0] * 256 + payload[1] : null;
    const reason = payload.byteLength > 2 ? payload.subarray(2) : null;
    facts.remoteCloseCode = code;
    if (code !== null && !isAllowed(code)) {
      if (profile === "strict" && REGISTERED.has(code)) options.mended(`close code ${code} is registered, so it is accepted`);
      else fail(1002, `invalid close code ${code}`);
      if (settings.failByDrop && facts.droppedByMe) return;
    }
    if (reason !== null) {
      if (judgeUtf8(reason).wrongAt >= 0) fail(1007, "invalid close reason (non-UTF-8 payload)");
      if (!isUtf8(reason)) return settings.failByDrop ? undefined : crash();
    }
    facts.remoteCloseReason = reason === null ? null : new TextDecoder("utf-8", { ignoreBOM: true }).decode(reason);
    if (state === "closing") {
      answered = true;
      facts.wasClean = true;
      if (isServer && linger > 0) return after(linger, () => drop("end"));
      if (isServer) return drop("abort");
      after(settings.serverConnectionDropTimeout, () => {
        unclean("server did not drop TCP connection (in time)");
        facts.wasServerConnectionDropTimeout = true;
        drop("abort");
      });
    } else if (state === "open") {
      facts.wasClean = true;
      if (settings.echoCloseCodeReason) sendClose(code, reason, true);
      else sendClose(1000, null, true);
      // A client waits for the server to drop TCP, with no timer at all.
      if (isServer) drop("end");
    } else {
      facts.wasClean = false;
    }
  };

  const receiver: Receiver = {
    stopped: () => state === "closed",
    failed: () => facts.failedByMe,
    open: () => state === "open",
    violation: (reason) => fail(1002, reason),
    invalid: (reason) => fail(1007, reason),
    frame: (frame, payload) => wirelog.frameIn(frame, payload),
    message: options.message,
    control(opcode, payload) {
      if (opcode === 8) receiveClose(payload);
      else if (opcode === 9 && state === "open") sender.frame({ opcode: 10, payload });
      else if (opcode === 10) options.pong(payload);
    },
    broken: crash,
  };
  const judgeMask = (masked: boolean): string | null => {
    if (isServer) return masked || !settings.requireMaskedClientFrames ? null : "unmasked client-to-server frame";
    return masked && !settings.acceptMaskedServerFrames ? "masked server-to-client frame" : null;
  };

  return {
    get state() {
      return state;
    },
    get ownDeflate() {
      return ownDeflate;
    },
    facts,
    traffic,
    sender,
    write,
    open(deflate) {
      state = "open";
      facts.wasOpen = true;
      let inflate: Inflate | null = null;
      if (deflate !== null) {
        ownDeflate = isServer ? deflate.server : deflate.client;
        const compress = createCompress(ownDeflate);
        inflate = createInflate(isServer ? deflate.client : deflate.server);
        sender.compress = compress;
        codecs = [compress, inflate];
      }
      inbound = new Inbound({ receiver, flow: traffic.incoming, judgeMask, inflate });
    },
    refuse(reason, how) {
      if (state === "closed") return;
      facts.wasNotCleanReason = reason;
      facts.wasOpenHandshakeTimeout = how === "timeout";
      drop(how === "end" ? "end" : "abort");
    },
    read(bytes) {
      if (state === "open") traffic.incoming.wire += bytes.byteLength;
      else if (state === "connecting") traffic.incoming.preopen += bytes.byteLength;
      wirelog.octetsIn(bytes);
    },
    receive: (bytes) => inbound?.receive(bytes),
    close: (code, reason) => sendClose(code ?? null, reason ?? null, false),
    fail,
    crash,
    abandon(reason) {
      unclean(reason);
      drop("abort");
      lost();
    },
    lost,
  };
}

/** Close codes that a peer may send, as the original has them (RFC 6455 §7.4). */
function isAllowed(code: number): boolean {
  return (code >= 3000 && code <= 4999) || (code >= 1000 && code <= 1011 && code !== 1004 && code !== 1005 && code !== 1006);
}

/** Registered with IANA since: Service Restart, Try Again Later, Bad Gateway. */
const REGISTERED: ReadonlySet<number> = new Set([1012, 1013, 1014]);
const NOTHING = new Uint8Array(0);
