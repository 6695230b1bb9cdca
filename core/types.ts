// What comes in: bytes, time, commands. What goes out: events, bytes, a deadline, an instruction for the transport.
// The vocabulary of RFC 6455, RFC 7692 and RFC 8441, without behaviour. Next file: errors.ts.

/** Bytes as they are handed out: usable as BodyInit, BlobPart and BufferSource. */
export type Bytes = Uint8Array<ArrayBuffer>;
export type Role = "client" | "server";
/** Derived from the machine, never stored twice (RFC 6455 §4.1, §7.1). */
export type State = "connecting" | "open" | "closing" | "closed";
/** Milliseconds of any clock that never goes back; only differences count. */
export type Millis = number;
/** One header field. Names keep the case they came with; compare without case. */
export type Header = readonly [name: string, value: string];
export type Kind = "text" | "binary";
/** A status code and its reason (RFC 6455 §7.1.5, §7.1.6). 1005: the Close frame had none. 1006: there was no Close frame. */
export interface Close {
  readonly code: number;
  readonly reason: string;
}

/** Why a connection failed. Switch on it; the sentence in `Fault.message` is for people. */
export type FaultCode =
  | "BAD_REQUEST"
  | "NOT_AN_UPGRADE"
  | "BAD_VERSION"
  | "HEAD_TOO_LARGE"
  | "BAD_RESPONSE"
  | "BAD_ACCEPT"
  | "BAD_PROTOCOL"
  | "BAD_EXTENSION"
  | "RESERVED_BIT"
  | "RESERVED_OPCODE"
  | "BAD_LENGTH"
  | "BAD_MASK"
  | "BAD_CONTROL"
  | "BAD_FRAGMENT"
  | "BAD_CLOSE"
  | "BAD_UTF8"
  | "BAD_DEFLATE"
  | "MESSAGE_TOO_BIG"
  | "TOO_MANY_FRAGMENTS"
  | "HANDSHAKE_TIMEOUT"
  | "IDLE_TIMEOUT"
  | "PONG_TIMEOUT"
  | "STALL_TIMEOUT"
  | "CLOSE_TIMEOUT"
  | "TRANSPORT";
/** What a caller did wrong. The call that throws it has changed nothing. */
export type UsageCode = "BAD_OPTION" | "BAD_ARGUMENT" | "TOO_EARLY" | "MIXED_MESSAGE" | "OUTPUT_FULL" | "OVERCONSUMED";
/** What the peer or the network did wrong: at most one per connection, after every event that came before it. */
export interface Fault {
  readonly kind: "handshake" | "protocol" | "limit" | "timeout" | "transport";
  readonly code: FaultCode;
  /** What our Close frame says if none had been sent before; 1006 where none is sent. */
  readonly closeCode: number;
  readonly message: string;
  /** What `receiveEnd` was given. */
  readonly cause?: unknown;
}

/** Everything that `Machine.poll` reports, in the order in which it happened. */
export type Event =
  | { readonly type: "request"; readonly request: UpgradeRequest }
  /** HTTP/2 only: the host sends the status and the headers, before any output. */
  | { readonly type: "respond"; readonly status: number; readonly headers: readonly Header[] }
  /** Client: the server answered with another status than 101. */
  | { readonly type: "rejected"; readonly status: number; readonly headers: readonly Header[]; readonly body: Bytes }
  | { readonly type: "open"; readonly agreement: Agreement }
  | { readonly type: "text"; readonly data: string }
  | { readonly type: "binary"; readonly data: Bytes }
  | PartEvent
  | RawEvent
  | { readonly type: "ping"; readonly data: Bytes }
  | { readonly type: "pong"; readonly data: Bytes }
  | { readonly type: "close"; readonly close: Close }
  | { readonly type: "fault"; readonly fault: Fault }
  /** Exactly once, last. */
  | { readonly type: "closed"; readonly close: Close; readonly clean: boolean };

/** A validated piece of a message, as it arrived (`messages: "parts"`). A text part may end inside a code point. The bytes are the receiver's. */
export interface PartEvent {
  readonly type: "part";
  readonly kind: Kind;
  readonly data: Bytes;
  readonly first: boolean;
  readonly last: boolean;
}
/** A piece of a message (`messages: "raw"`): one object, reused; its bytes are borrowed until the next call of the machine. */
export interface RawEvent {
  readonly type: "raw";
  readonly kind: Kind;
  readonly bytes: Uint8Array;
  readonly start: number;
  readonly end: number;
  readonly first: boolean;
  readonly last: boolean;
}

/**
 * The protocol as a pure state machine: four inputs with a clock, one output queue, one event queue.
 *
 * After any call that changes it: `poll` until null (or until the application wants a pause), write what `peekOutput` gives, obey
 * `transport`, arm a timer for `nextTimeout`. Nothing here throws because of what a peer sent.
 */
export interface Machine {
  readonly role: Role;
  readonly state: State;
  /** Takes bytes from the peer. The machine owns exactly this byte range from now on and unmasks in place. */
  receive(bytes: Uint8Array, now: Millis): void;
  /** The read side ended, or the transport failed. Idempotent; ordered behind unread input. */
  receiveEnd(now: Millis, error?: unknown): void;
  /** Fires what is due. Early or repeated calls do nothing. */
  handleTimeout(now: Millis): void;
  /** When to call `handleTimeout`; null: no deadline. Also starts the deadlines that commands, polls and output asked for. */
  nextTimeout(now: Millis): Millis | null;
  /** Parses up to the next event. null: nothing until an input or a command. */
  poll(): Event | null;
  /** The next bytes for the transport: the same chunk, borrowed and unchanged, until it is consumed. null: nothing waits. */
  peekOutput(): Uint8Array | null;
  /** The transport has finished with the first `count` bytes of the chunk (not: has been given them). Throws OVERCONSUMED. */
  consumeOutput(count: number): void;
  /** What to do with the transport: `end` once `peekOutput` is null, `destroy` at once. Moves only from left to right. */
  readonly transport: "keep" | "end" | "destroy";
  /** false exactly while unread parseable bytes are held: pause the socket. */
  readonly wantsInput: boolean;
  /** Octets queued and not yet consumed. */
  readonly bufferedOutput: number;
  /** More than `highWaterMark` waits; stays true until at most half of it is left. */
  readonly congested: boolean;
}
/** Commands answer true: taken; false: too late (the connection is closing), nothing changed. Early or malformed: UsageError. */
export interface Connection extends Machine {
  /** Sends a message, or a fragment of one. The bytes are copied unless `give`. Throws TOO_EARLY, MIXED_MESSAGE, OUTPUT_FULL, BAD_ARGUMENT. RFC 6455 §6.1 */
  send(data: string | Uint8Array, options?: SendOptions): boolean;
  /** Sends what `prepare` encoded once for many connections. Throws as `send`. */
  sendPrepared(message: Prepared): boolean;
  /** Sends a raw piece as it came; nothing is allocated. Throws as `send`. */
  relay(piece: RawEvent): boolean;
  /** Sends a Ping with at most 125 octets, which are copied (RFC 6455 §5.5.2). */
  ping(data?: Uint8Array): boolean;
  /** Starts the closing handshake: 1000–1003, 1007–1014, 3000–4999, or no code; the reason has at most 123 octets of UTF-8 (RFC 6455 §7.1.2). */
  close(code?: number, reason?: string): boolean;
}
export interface ServerConnection extends Connection {
  /** Answers the `request` with 101 (RFC 6455 §4.2.2), on HTTP/2 with 200. Throws TOO_EARLY, BAD_ARGUMENT. */
  accept(answer?: Acceptance): boolean;
  /** Answers the `request` with an HTTP error and ends. Throws TOO_EARLY, BAD_ARGUMENT. */
  reject(answer: Refusal): boolean;
}
export interface SendOptions {
  /** The bytes hold UTF-8 text; their validity is the caller's. */
  readonly text?: boolean;
  /** false: more parts of the same message follow. */
  readonly last?: boolean;
  /** Overrides the size threshold; decided by the first part of a message. */
  readonly compress?: boolean;
  /** The caller never touches the bytes again: no copy. */
  readonly give?: boolean;
}

/** What any HTTP host knows of a request. */
export interface RequestHead {
  readonly http: 1 | 2;
  readonly method: string;
  readonly target: string;
  readonly authority: string;
  readonly headers: readonly Header[];
  /** `:protocol` of RFC 8441. */
  readonly protocol?: string;
}
export interface UpgradeRequest extends RequestHead {
  /** The raw Origin header, or null (RFC 6455 §10.2). */
  readonly origin: string | null;
  /** The subprotocols offered, in the client's order. */
  readonly protocols: readonly string[];
  /** One header by name, without case; repeated ones are joined with ", ". */
  header(name: string): string | null;
}
export interface Acceptance {
  /** One of the offered subprotocols. */
  readonly protocol?: string | null;
  readonly headers?: readonly Header[];
}
export interface Refusal {
  /** 300 to 599. */
  readonly status: number;
  readonly headers?: readonly Header[];
  readonly body?: string | Uint8Array;
}
/** What both sides agreed on in the opening handshake. */
export interface Agreement {
  readonly status: 101 | 200;
  /** Client: the headers of the answer. Server: those of ours. */
  readonly headers: readonly Header[];
  /** The subprotocol, or "". */
  readonly protocol: string;
  readonly deflate: DeflateParams | null;
}
/** Where a client connects to: `authority` is host[:port], `target` is path[?query]. */
export interface ClientTarget {
  readonly authority: string;
  readonly target: string;
  readonly headers?: readonly Header[];
  readonly origin?: string;
  readonly protocols?: readonly string[];
}

/** The parameters of permessage-deflate in force (RFC 7692 §7.1). */
export interface DeflateParams {
  readonly serverWindowBits: number;
  readonly clientWindowBits: number;
  readonly serverTakeover: boolean;
  readonly clientTakeover: boolean;
}
export interface Deflate {
  readonly engine: DeflateEngine;
  /** 0 to 9; default 1: measured 4 times faster than 6 for 20 % more octets. */
  readonly level?: number;
  /** Messages below it go uncompressed; default 1,024 octets without context takeover, 64 with. */
  readonly threshold?: number;
  /** Default false: a connection holds no codec between messages. */
  readonly contextTakeover?: boolean;
  /** The largest window of ours, 8 to 15; default 15. */
  readonly windowBits?: number;
}
/** A message encoded (and compressed) once by `prepare`. */
export interface Prepared {
  readonly kind: Kind;
  readonly byteLength: number;
}

/** Neither clock nor randomness: one frozen object serves all connections. */
export interface Options {
  /** null: never compress. Default null. */
  readonly deflate?: Deflate | null;
  /** How messages are delivered; default "whole". */
  readonly messages?: "whole" | "parts" | "raw";
  readonly limits?: Partial<Limits>;
  readonly timers?: Partial<Timers>;
  /** Faster functions of the host; each falls back to the portable one. */
  readonly natives?: Partial<Natives>;
}
export interface ClientOptions extends Options {
  /** Fills the array with cryptographically strong random octets (RFC 6455 §5.3, §10.3). */
  readonly random: (into: Bytes) => void;
}
/** Functions of the host that replace portable ones. Their results must not differ. */
export interface Natives {
  /** XOR in place: octet i with mask[(phase + i - from) & 3]. */
  unmask(bytes: Uint8Array, from: number, to: number, mask: Uint8Array, phase: number): void;
  isUtf8(bytes: Uint8Array, from: number, to: number): boolean;
  /** Invalid octets may become U+FFFD; a byte order mark stays. */
  decodeUtf8(bytes: Uint8Array, from: number, to: number): string;
  /** The same for octets that are known to be ASCII. */
  decodeAscii(bytes: Uint8Array, from: number, to: number): string;
  /** Octets written; lone surrogates become U+FFFD. There is room for 3 octets per UTF-16 unit. */
  writeUtf8(text: string, into: Uint8Array, at: number): number;
}
/** Octets and counts; see core/README.md for the reasons of the defaults. */
export interface Limits {
  /** A message after inflation; 16 MiB. May be Infinity. */
  readonly message: number;
  /** Frames of a message; 1,048,576. May be Infinity. */
  readonly fragments: number;
  /** An HTTP head; 16 KiB. */
  readonly head: number;
  /** A line of it; 8 KiB. */
  readonly line: number;
  /** Header fields; 128. */
  readonly headers: number;
  /** The body of a `rejected` response; 64 KiB. */
  readonly body: number;
  /** `send` throws OUTPUT_FULL if more waits before the call; 64 MiB. */
  readonly output: number;
  /** `congested` above it; 64 KiB. */
  readonly highWaterMark: number;
  /** Pongs that wait; the newest win (RFC 6455 §5.5.3); 16. */
  readonly pongs: number;
}
/** Milliseconds; 0 = off, except for `handshake` and `close`. */
export interface Timers {
  /** From the first moment to open; 10 s. */
  readonly handshake: Millis;
  /** Without a received octet; off. */
  readonly idle: Millis;
  /** A Ping after this silence; 20 s. */
  readonly ping: Millis;
  /** For an octet after a Ping left; 20 s. */
  readonly pong: Millis;
  /** Output waits and none is consumed; 30 s. */
  readonly stall: Millis;
  /** For the peer's Close and the end of the stream; 10 s. */
  readonly close: Millis;
}

/**
 * A compressor or decompressor of raw DEFLATE, bounded on both sides by the caller. Without room a run does nothing.
 * "more": consume. "flush": end with an empty stored block, given at least 6 octets of room. "border": stop at the end of a block.
 */
export interface Codec {
  /** Throws on corrupt data; after that only `reset` and `close` are legal. */
  run(src: Uint8Array, srcAt: number, srcEnd: number, dst: Uint8Array, dstAt: number, dstEnd: number, mode: CodecMode): void;
  /** Octets of `src` used by the last run. */
  readonly read: number;
  /** Octets of `dst` filled by the last run. */
  readonly written: number;
  /**
   * A final block was reached: a run left input unread although there was room. Behind a final block that ends exactly with the input this
   * shows in the next run that has input. Stays true until `reset`.
   */
  readonly ended: boolean;
  reset(): void;
  close(): void;
}
export type CodecMode = "more" | "flush" | "border";
/** Makes codecs; sansws/zlib and sansws/pako are two. */
export interface DeflateEngine {
  /** The window bits its compressor can honour; negotiation reads it. */
  readonly deflateBits: readonly [min: number, max: number];
  inflater(windowBits: number): Codec;
  deflater(windowBits: number, level: number): Codec;
}
