// What comes in: nothing. What goes out: section 3, frames with reserved bits that no extension gave a meaning.
// RFC 6455 §5.2: the peer must fail the connection. NON-STRICT is for peers that read ahead and drop what came before the fault.
// Reserved bits are three bits, RSV1 the highest: 4, 2, 1. Next file: section-4-opcodes.ts.
import { binary, frame, fromHex, gotText, killAfter, nonStrict, ok, ping, PROTOCOL_ERROR, type Section, text } from "./build.ts";

const HELLO = "Hello, world!";
const FAILS = "Nothing comes back. The peer fails the connection; if it sends a close code, it is 1002.";
const ECHO_THEN_FAILS =
  "The first message comes back, then the peer fails the connection: with 1002, if it sends a close code, and without a Pong. " +
  "A peer that fails without the echo is NON-STRICT.";

/** Reserved bits: 3.1 to 3.7. */
export const reservedBits: Section = {
  titles: { "3": "Reserved bits" },
  cases: [
    {
      id: "3.1",
      description: "A text frame with RSV3 set, though no extension was negotiated (RFC 6455 §5.2).",
      expectation: FAILS,
      steps: [text(HELLO, { rsv: 1 }), killAfter(1)],
      expected: [ok()],
      close: PROTOCOL_ERROR,
    },
    {
      id: "3.2",
      description: "A good text message, the same with RSV2 set, and a Ping, all in one write.",
      expectation: ECHO_THEN_FAILS,
      steps: [text(HELLO), text(HELLO, { rsv: 2 }), ping(), killAfter(1)],
      expected: [ok(gotText(HELLO)), nonStrict()],
      close: PROTOCOL_ERROR,
    },
    {
      id: "3.3",
      description: "A good text message, the same with RSV2 and RSV3 set, and a Ping, each written on its own.",
      expectation: ECHO_THEN_FAILS,
      steps: [text(HELLO, { sync: true }), text(HELLO, { rsv: 3, sync: true }), ping("", { sync: true }), killAfter(1)],
      expected: [ok(gotText(HELLO)), nonStrict()],
      close: PROTOCOL_ERROR,
    },
    {
      id: "3.4",
      description: "A good text message, the same with RSV1 set, and a Ping, all written one octet at a time.",
      expectation: ECHO_THEN_FAILS,
      steps: [text(HELLO, { chop: 1 }), text(HELLO, { rsv: 4, chop: 1 }), ping("", { chop: 1 }), killAfter(1)],
      expected: [ok(gotText(HELLO)), nonStrict()],
      close: PROTOCOL_ERROR,
    },
    {
      id: "3.5",
      description: "A binary frame with RSV1 and RSV3 set, though no extension was negotiated.",
      expectation: FAILS,
      steps: [binary(fromHex("00 ff fe fd fc fb 00 ff"), { rsv: 5 }), killAfter(1)],
      expected: [ok()],
      close: PROTOCOL_ERROR,
    },
    {
      // A Ping was meant when the suite was made, but its frame has opcode 2, and peers have been judged by that ever since.
      id: "3.6",
      description: "A binary frame with RSV1 and RSV2 set and readable text as its payload.",
      expectation: FAILS,
      steps: [binary(HELLO, { rsv: 6 }), killAfter(1)],
      expected: [ok()],
      close: PROTOCOL_ERROR,
    },
    {
      id: "3.7",
      description: "A Close without payload and with all three reserved bits set.",
      expectation: "Nothing comes back but, if the peer likes, a Close with 1002. " +
        "The suite cannot tell a peer that overlooks the bits and answers without a code.",
      steps: [frame(8, "", { rsv: 7 }), killAfter(1)],
      expected: [ok()],
      close: PROTOCOL_ERROR,
    },
  ],
};
