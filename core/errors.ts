// What comes in: a fault code. What goes out: one table from code to kind, close code and sentence, and the caller's error class.
// RFC 6455 §7.4.1. Next file: options.ts.
import type { Fault, FaultCode, UsageCode } from "./types.ts";

/** A mistake of the caller. Thrown at once; the call has changed nothing. */
export class UsageError extends Error {
  readonly code: UsageCode;
  constructor(code: UsageCode, message: string) {
    super(message);
    this.name = "UsageError";
    this.code = code;
  }
}

/** The fault for a code; `detail` replaces the table's sentence, `cause` is what the transport said. */
export function faultOf(code: FaultCode, detail?: string, cause?: unknown): Fault {
  const [kind, closeCode, sentence] = FAULTS[code];
  const fault = { kind, code, closeCode, message: detail ?? sentence };
  return cause === undefined ? fault : { ...fault, cause };
}

const FAULTS: Readonly<Record<FaultCode, readonly [kind: Fault["kind"], closeCode: number, sentence: string]>> = {
  BAD_REQUEST: ["handshake", 1006, "the request is not valid HTTP for an upgrade"],
  NOT_AN_UPGRADE: ["handshake", 1006, "the request does not ask for an upgrade to WebSocket"],
  BAD_VERSION: ["handshake", 1006, "only version 13 of the protocol is spoken here"],
  HEAD_TOO_LARGE: ["handshake", 1006, "the head exceeds a limit"],
  BAD_RESPONSE: ["handshake", 1006, "the response is not a valid answer to an upgrade"],
  BAD_ACCEPT: ["handshake", 1006, "Sec-WebSocket-Accept does not match the key"],
  BAD_PROTOCOL: ["handshake", 1006, "the server chose a subprotocol that was not offered"],
  BAD_EXTENSION: ["handshake", 1006, "the server answered with an extension that was not offered"],
  RESERVED_BIT: ["protocol", 1002, "a reserved bit is set without an extension that gives it meaning"],
  RESERVED_OPCODE: ["protocol", 1002, "a reserved opcode"],
  BAD_LENGTH: ["protocol", 1002, "a payload length that is not in its shortest form, or above 2^63 - 1"],
  BAD_MASK: ["protocol", 1002, "a client must mask its frames, a server must not"],
  BAD_CONTROL: ["protocol", 1002, "a control frame that is fragmented or longer than 125 octets"],
  BAD_FRAGMENT: ["protocol", 1002, "a continuation without a message, or a new message inside another"],
  BAD_CLOSE: ["protocol", 1002, "a Close frame with an illegal code or with half of one"],
  BAD_UTF8: ["protocol", 1007, "text that is not valid UTF-8"],
  BAD_DEFLATE: ["protocol", 1007, "compressed data that is corrupt or cut short"],
  MESSAGE_TOO_BIG: ["limit", 1009, "a message above the limit"],
  TOO_MANY_FRAGMENTS: ["limit", 1008, "a message in more frames than the limit"],
  HANDSHAKE_TIMEOUT: ["timeout", 1006, "the opening handshake took too long"],
  IDLE_TIMEOUT: ["timeout", 1001, "nothing was received for too long"],
  PONG_TIMEOUT: ["timeout", 1011, "no answer to a ping"],
  STALL_TIMEOUT: ["timeout", 1006, "the peer does not read"],
  CLOSE_TIMEOUT: ["timeout", 1006, "the closing handshake took too long"],
  TRANSPORT: ["transport", 1006, "the transport failed"],
};
