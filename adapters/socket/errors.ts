// What comes in: a fault of the core, an answer of a server, what a runtime's socket said. What goes out: the two error classes that
// applications see, one table of codes, and nothing else: no error here is ever thrown because of what a peer sent, only handed over.
// RFC 6455 §7.1.5, §7.1.7. Next file: transport.ts.
import type { Bytes, Fault, Header } from "../../core/types.ts";

/** What `WebSocketError.code` may be: a fault of the core, or one of the five that only a connection with a transport can have. */
export type WebSocketErrorCode = Fault["code"] | OwnCode;

/**
 * Why a connection failed, or could not be made. Switch on `code`: a FaultCode, CONNECT (refused, unreachable, no such name), TLS (not
 * trusted, wrong name), TERMINATED (by `terminate` or a signal), SLOW_PEER (more than `limits.output` waits), LOST (the stream ended
 * without a Close; a reset is TRANSPORT, but Node tells one that comes together with data as an end). `cause` is what the runtime said.
 */
export class WebSocketError extends Error {
  readonly code: WebSocketErrorCode;
  readonly kind: Fault["kind"];
  /** The code of our Close frame, or 1006 where none was sent. */
  readonly closeCode: number;
  constructor(code: WebSocketErrorCode, message: string, about: { kind: Fault["kind"]; closeCode: number; cause?: unknown }) {
    super(message, about.cause === undefined ? undefined : { cause: about.cause });
    this.name = "WebSocketError";
    this.code = code;
    this.kind = about.kind;
    this.closeCode = about.closeCode;
  }
}

/** The server answered, but not with an agreement we can use: its `status`, `headers` and `body`, the latter up to `limits.body`. */
export class HandshakeError extends WebSocketError {
  readonly status: number;
  readonly headers: readonly Header[];
  readonly body: Bytes;
  constructor(answer: { readonly status: number; readonly headers: readonly Header[]; readonly body: Bytes }) {
    super("BAD_RESPONSE", `the server answered ${answer.status} and opened no WebSocket`, { kind: "handshake", closeCode: 1006 });
    this.name = "HandshakeError";
    this.status = answer.status;
    this.headers = answer.headers;
    this.body = answer.body;
  }
}

/** The error for a fault of the core. */
export function faulted(fault: Fault): WebSocketError {
  return new WebSocketError(fault.code, fault.message, fault);
}

/** An error that the core knows nothing of; `detail` replaces the table's sentence. */
export function failure(code: OwnCode, cause?: unknown, detail?: string): WebSocketError {
  const [kind, sentence] = OWN[code];
  return new WebSocketError(code, detail ?? sentence, { kind, closeCode: 1006, cause });
}

/** A handshake that this side refused or gave up. */
export function refused(code: "BAD_REQUEST" | "HANDSHAKE_TIMEOUT", message: string): WebSocketError {
  return new WebSocketError(code, message, { kind: code === "BAD_REQUEST" ? "handshake" : "timeout", closeCode: 1006 });
}

type OwnCode = "CONNECT" | "TLS" | "TERMINATED" | "SLOW_PEER" | "LOST";

const OWN: Readonly<Record<OwnCode, readonly [kind: Fault["kind"], sentence: string]>> = {
  CONNECT: ["transport", "no connection to the server"],
  TLS: ["transport", "no TLS connection"],
  TERMINATED: ["transport", "the connection was terminated on this side"],
  SLOW_PEER: ["limit", "the peer reads too slowly: more than limits.output waits"],
  LOST: ["transport", "the stream ended without a Close frame"],
};
