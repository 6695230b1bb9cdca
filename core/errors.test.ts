import { describe, expect, it } from "vitest";
import { faultOf, UsageError } from "./errors.ts";
import type { Fault, FaultCode } from "./types.ts";

// RFC 6455 §7.4.1. 1006: no Close frame is sent.
const CLOSE_CODES: Readonly<Record<FaultCode, readonly [Fault["kind"], number]>> = {
  BAD_REQUEST: ["handshake", 1006],
  NOT_AN_UPGRADE: ["handshake", 1006],
  BAD_VERSION: ["handshake", 1006],
  HEAD_TOO_LARGE: ["handshake", 1006],
  BAD_RESPONSE: ["handshake", 1006],
  BAD_ACCEPT: ["handshake", 1006],
  BAD_PROTOCOL: ["handshake", 1006],
  BAD_EXTENSION: ["handshake", 1006],
  RESERVED_BIT: ["protocol", 1002],
  RESERVED_OPCODE: ["protocol", 1002],
  BAD_LENGTH: ["protocol", 1002],
  BAD_MASK: ["protocol", 1002],
  BAD_CONTROL: ["protocol", 1002],
  BAD_FRAGMENT: ["protocol", 1002],
  BAD_CLOSE: ["protocol", 1002],
  BAD_UTF8: ["protocol", 1007],
  BAD_DEFLATE: ["protocol", 1007],
  MESSAGE_TOO_BIG: ["limit", 1009],
  TOO_MANY_FRAGMENTS: ["limit", 1008],
  HANDSHAKE_TIMEOUT: ["timeout", 1006],
  IDLE_TIMEOUT: ["timeout", 1001],
  PONG_TIMEOUT: ["timeout", 1011],
  STALL_TIMEOUT: ["timeout", 1006],
  CLOSE_TIMEOUT: ["timeout", 1006],
  TRANSPORT: ["transport", 1006],
};

describe("faultOf", () => {
  it("gives each code its kind, its close code and a sentence that fits into a Close frame", () => {
    for (const [code, [kind, closeCode]] of Object.entries(CLOSE_CODES) as [FaultCode, (typeof CLOSE_CODES)[FaultCode]][]) {
      const fault = faultOf(code);
      expect(fault).toEqual({ kind, code, closeCode, message: expect.stringMatching(/^[ -~]{5,123}$/) });
    }
  });
  it("takes a better sentence, and a cause where there is one", () => {
    expect(faultOf("TRANSPORT", "the cable is gone").message).toBe("the cable is gone");
    expect(faultOf("TRANSPORT")).not.toHaveProperty("cause");
    const cause = new Error("EPIPE");
    expect(faultOf("TRANSPORT", undefined, cause).cause).toBe(cause);
    expect(faultOf("TRANSPORT", undefined, null).cause).toBe(null);
  });
});

describe("UsageError", () => {
  it("is an Error with a stable code", () => {
    const error = new UsageError("TOO_EARLY", "not yet");
    expect(error).toBeInstanceOf(Error);
    expect(error).toMatchObject({ name: "UsageError", code: "TOO_EARLY", message: "not yet" });
  });
});
