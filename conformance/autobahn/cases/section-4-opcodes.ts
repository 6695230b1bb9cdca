// What comes in: nothing. What goes out: section 4, the ten opcodes that RFC 6455 §5.2 reserves.
// The same five cases for data opcodes (3 to 7) and control opcodes (11 to 15): the peer must fail the connection at each.
// Next file: section-5-fragmentation.ts.
import { frame, gotText, killAfter, nonStrict, ok, ping, PROTOCOL_ERROR, type Section, text } from "./build.ts";
import type { Case } from "./case.ts";

const HELLO = "Hello, world!";
const ECHO_THEN_FAILS =
  "The text message comes back, then the peer fails the connection: with 1002, if it sends a close code, and without a Pong. " +
  "A peer that fails without the echo is NON-STRICT.";

/** Opcodes: 4.1 reserved data opcodes, 4.2 reserved control opcodes. */
export const opcodes: Section = {
  titles: { "4": "Opcodes", "4.1": "Reserved opcodes of data frames", "4.2": "Reserved opcodes of control frames" },
  cases: [...reserved("4.1", "data", 3), ...reserved("4.2", "control", 11)],
};

function reserved(prefix: string, sort: string, first: number): Case[] {
  const opcode = (index: number): string => `opcode 0x${(first + index).toString(16)}`;
  const fails =
    `Nothing comes back: opcodes 0x${first.toString(16)} to 0x${
      (first + 4).toString(16)
    } are reserved for further ${sort} frames. ` +
    "The peer fails the connection; if it sends a close code, it is 1002.";
  return [
    {
      id: `${prefix}.1`,
      description: `A frame with the reserved ${opcode(0)} and no payload (RFC 6455 §5.2).`,
      expectation: fails,
      steps: [frame(first), killAfter(1)],
      expected: [ok()],
      close: PROTOCOL_ERROR,
    },
    {
      id: `${prefix}.2`,
      description: `A frame with the reserved ${opcode(1)} and a payload (RFC 6455 §5.2).`,
      expectation: fails,
      steps: [frame(first + 1, "reserved opcode payload"), killAfter(1)],
      expected: [ok()],
      close: PROTOCOL_ERROR,
    },
    {
      id: `${prefix}.3`,
      description: `A text message, a frame with the reserved ${opcode(2)} and no payload, and a Ping, all in one write.`,
      expectation: ECHO_THEN_FAILS,
      steps: [text(HELLO), frame(first + 2), ping(), killAfter(1)],
      expected: [ok(gotText(HELLO)), nonStrict()],
      close: PROTOCOL_ERROR,
    },
    {
      id: `${prefix}.4`,
      description: `A text message, a frame with the reserved ${opcode(3)} and a payload, and a Ping, all in one write.`,
      expectation: ECHO_THEN_FAILS,
      steps: [text(HELLO), frame(first + 3, HELLO), ping(), killAfter(1)],
      expected: [ok(gotText(HELLO)), nonStrict()],
      close: PROTOCOL_ERROR,
    },
    {
      id: `${prefix}.5`,
      description: `A text message, a frame with the reserved ${opcode(4)} and a payload, and a Ping, all one octet at a time.`,
      expectation: ECHO_THEN_FAILS,
      steps: [text(HELLO, { chop: 1 }), frame(first + 4, HELLO, { chop: 1 }), ping("", { chop: 1 }), killAfter(1)],
      expected: [ok(gotText(HELLO)), nonStrict()],
      close: PROTOCOL_ERROR,
    },
  ];
}
