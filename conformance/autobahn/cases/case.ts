// What comes in: nothing. What goes out: the shape of a case: what is sent, what is expected, how the connection must end.
// A case is data: it can be listed, printed and played by any engine. Where a case must count or answer, it names a rule (`Conduct`,
// `Ruling`) that the engine knows. RFC 6455 §5 to §8; RFC 7692 §7. Next file: build.ts, the words the sections are written in.

/** Where a case stands: `[6, 22, 34]` is shown as "6.22.34". Ids are ordered as tuples: 2.9 before 2.10. */
export type CaseId = string;

/** Text (opcode 1) or binary (opcode 2). */
export type Kind = "text" | "binary";

/** One conformance case. */
export interface Case {
  readonly id: CaseId;
  /** What is sent, in one to three sentences. Plain text. */
  readonly description: string;
  /** What a correct peer does, in one to three sentences. Plain text. */
  readonly expectation: string;
  /** What the peer's events are held against, in this order; the first equal set names the verdict. Empty: `conduct` decides alone. */
  readonly expected: readonly ExpectedSet[];
  readonly close: CloseExpectation;
  /** Done as soon as the connection is open, in one turn. */
  readonly steps: readonly Step[];
  /** What is done with messages and pongs; default: they are recorded, and the case ends when they equal every expected set. */
  readonly conduct?: Conduct;
  /** Changes the verdicts after they were found. */
  readonly ruling?: Ruling;
  /** The case sends its own Close: equal events do not make the fuzzer close. */
  readonly suppressClose?: boolean;
  /** Frames of every message are cut at this size (10.1.1). */
  readonly autoFragment?: number;
  /** What is negotiated (sections 12 and 13); absent: no extension. */
  readonly deflate?: DeflateWish;
  /** The only role of the fuzzer in which the case means anything; absent, as in all 517: both. */
  readonly role?: "client" | "server";
  /** What is unusual about the fuzzer's half of the opening handshake; goes with `role`. */
  readonly handshake?: Handshake;
}

/** A set of events that earns a verdict, in exact order. */
export interface ExpectedSet {
  readonly verdict: "OK" | "NON-STRICT";
  readonly events: readonly Expected[];
}

export type Expected =
  | { readonly type: "message"; readonly kind: Kind; readonly payload: Uint8Array }
  | { readonly type: "pong"; readonly payload: Uint8Array }
  /** A `wait` step with this tag found the connection still open. */
  | { readonly type: "timeout"; readonly tag: string };

/** How the connection must end. */
export interface CloseExpectation {
  /** The fuzzer, not the peer, sends the first Close. */
  readonly closedByMe: boolean;
  /** Codes that the peer's Close may carry; none at all is always allowed. The first is what the fuzzer closes with. */
  readonly codes: readonly number[];
  readonly requireClean: boolean;
  /** If the wrong side closed, `behavior` fails too (6.3 and 6.4). */
  readonly wrongEndpointIsFatal?: boolean;
}

/** One thing the fuzzer does. Times are seconds. */
export type Step =
  | {
    readonly do: "frame";
    readonly opcode: number;
    /** Default true. */
    readonly fin?: boolean;
    /** Three bits, RSV1 the highest (4, 2, 1). Default 0. */
    readonly rsv?: number;
    readonly payload: Payload;
    /** Octets per write, each after a turn of the event loop. */
    readonly chop?: number;
    /** Written on its own, in its own turn. */
    readonly sync?: boolean;
    /** "reversed": as only the other role may (RFC 6455 §5.1); "zero": the key is 00000000. Default: as the role demands. */
    readonly mask?: "reversed" | "zero";
    /** Octets of extended length, needed or not (RFC 6455 §5.2). Default: the shortest form. */
    readonly form?: 2 | 8;
    /** The length that the header declares. Default: the true one. */
    readonly declare?: number;
  }
  /** Through the fuzzer's own sender: cut at `fragment`, ignored unless the connection is open. */
  | { readonly do: "message"; readonly kind: Kind; readonly payload: Payload; readonly fragment?: number; readonly chop?: number }
  /** The header of a frame that is not final, then payload piece by piece, then an empty final continuation (6.4.3, 6.4.4). */
  | { readonly do: "beginFrame"; readonly kind: Kind; readonly length: number }
  | { readonly do: "frameData"; readonly payload: Payload }
  | { readonly do: "endMessage" }
  /** A Close with any code and any reason octets, or with no payload; ignored unless the connection is open. */
  | { readonly do: "close"; readonly code?: number; readonly reason?: Uint8Array }
  /** Later, unless closed: fail the connection with 1001. */
  | { readonly do: "killAfter"; readonly seconds: number }
  /** Later, unless closed: a Close without a code. */
  | { readonly do: "closeAfter"; readonly seconds: number }
  /** Later, unless closed (`onlyOpen`: only if still open): record the tag if there is one, then do the rest. */
  | {
    readonly do: "wait";
    readonly seconds: number;
    readonly tag?: string;
    readonly onlyOpen?: boolean;
    readonly then: readonly Step[];
  }
  /** The same steps many times over; no timers among them. */
  | { readonly do: "repeat"; readonly times: number; readonly steps: readonly Step[] }
  /** Rows of the wire log are written from here on, or not. */
  | { readonly do: "log"; readonly on: boolean };

/** Octets, or a pattern repeated and cut to a length (kept apart, because reports show the pattern). */
export type Payload = Uint8Array | { readonly pattern: Uint8Array; readonly length: number };

/** What is done with what the peer sends, where recording is not enough. */
export type Conduct =
  /** `pongs: "last"`: of Pongs in a row only the last one is kept (RFC 6455 §5.5.3). */
  | { readonly type: "record"; readonly pongs?: "last" }
  /**
   * 9.1 to 9.6: `steps` send a message; its echo must have this kind and length. `misnamed` repeats a slip in a text of 9.4.
   * The conduct itself arms the `closeAfter` of `seconds`, here behind the steps, in `ping-pong` before the first message.
   */
  | {
    readonly type: "one-echo";
    readonly kind: Kind;
    readonly length: number;
    readonly seconds: number;
    readonly misnamed?: boolean;
  }
  /** 9.7, 9.8, 12 and 13: `count` messages, each sent when the echo of the one before it is in. */
  | {
    readonly type: "ping-pong";
    readonly kind: Kind;
    readonly count: number;
    readonly length: number;
    readonly seconds: number;
    /** What is sent: a repeated octet (9.7, 9.8: type and length are compared) or slices of a document (12, 13: contents too). */
    readonly content: { readonly octet: number } | { readonly document: DocumentName };
    /** 12, 13: cut each message's compressed octets at this size; 0: not at all. */
    readonly fragment: number;
  };

/** The documents that sections 12 and 13 send; `documents.ts` makes them. */
export type DocumentName = "json" | "html" | "prose" | "bitmap" | "mixed";

/** Changes of verdict at the end of a case. */
export type Ruling =
  /** 7.x: a wrong close code fails the case. */
  | "wrong-code-fails"
  /** 7.1.6: informational whatever happened. */
  | "message-then-close"
  /** 7.13.x: informational whatever happened. */
  | "undefined-by-rfc"
  /** 10.1.1: the fuzzer's own frames are counted. */
  | "fragments-counted"
  /** 7.5.1: `wrong-code-fails`, and the local reason is shown as hexadecimal digits. */
  | "invalid-reason"
  /** 26: `wrong-code-fails`, and a second Close fails the case too. */
  | "one-close"
  /** 23.4, 25.5: a peer that does not fail the connection has no such limit, which is informational. */
  | "limit-optional";

/**
 * What is unusual about the fuzzer's half of the opening handshake: changes of the ordinary head (RFC 6455 §4). As a server the fuzzer
 * regards the connection as open behind its head, whatever that says.
 */
export interface Handshake {
  /** Octets before the head. */
  readonly before?: string;
  /** Instead of the request line or the status line; `{}`: the target of the request. */
  readonly line?: string;
  /** Lines right behind that, as they are. */
  readonly extra?: readonly string[];
  /** Instead of the line of each name: a line for each value, none to leave it out. `{}` in a value: what would have stood there. */
  readonly headers?: Readonly<Record<string, readonly string[]>>;
  /** Octets right behind the head, in one write with it. */
  readonly behind?: Uint8Array;
  /** Octets of the head per write. */
  readonly chop?: number;
  /** As a client: the server must refuse. Absent: the handshake must succeed, and the case goes on. */
  readonly refusal?: Refusal;
}

/** How a server may refuse a request. Any other status but 101, and the end of TCP without an answer, are NON-STRICT. */
export interface Refusal {
  readonly statuses: readonly number[];
  /** A header that the refusal must have. */
  readonly carries?: string;
  /** That TCP ends without an answer is as good. */
  readonly mayDrop?: boolean;
  /** 101 does not fail the case: it goes on, and its events decide. */
  readonly mayOpen?: boolean;
}

/** RFC 7692 §7.1: what a fuzzing client offers, and which client offer a fuzzing server takes. */
export interface DeflateWish {
  /** In the client role: one offer each. */
  readonly offers: readonly DeflateRow[];
  /** In the server role: tried in this order against each offer of the peer. */
  readonly accepts: readonly DeflateRow[];
  /**
   * Instead of both: what the header says in the case's only role. An answer of the peer is then held against RFC 7692 §7.1; an answer of
   * the fuzzer also gets what the client's offer demands of any answer.
   */
  readonly text?: string;
}

/** In an offer: `server_no_context_takeover` and `server_max_window_bits`; in an answer: their `client_` twins. */
export interface DeflateRow {
  readonly noContextTakeover: boolean;
  /** 0: not mentioned. */
  readonly windowBits: number;
}

/** The titles of a section and of its sub-sections: `{ "6": "UTF-8 Handling", "6.1": "..." }`. */
export type Titles = Readonly<Record<string, string>>;
