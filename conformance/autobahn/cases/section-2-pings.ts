// What comes in: nothing. What goes out: section 2, Pings that must be answered and Pongs that must not.
// RFC 6455 §5.5: control frames carry at most 125 octets; §5.5.2 and §5.5.3: a Pong repeats the payload of its Ping.
// Next file: section-3-reserved-bits.ts.
import {
  close,
  closeAfter,
  fromHex,
  gotPong,
  killAfter,
  NORMAL,
  ok,
  ping,
  pong,
  PROTOCOL_ERROR,
  repeated,
  type Section,
} from "./build.ts";

const NO_TEXT = fromHex("00 ff fe fd fc fb 00 ff");
const LONGEST = repeated(0xfe, 125);
const UNSOLICITED = "unsolicited pong payload";
const TEN = Array.from({ length: 10 }, (_, index) => `payload-${index}`);

/** Pings and Pongs: 2.1 to 2.11. */
export const pings: Section = {
  titles: { "2": "Pings and Pongs" },
  cases: [
    {
      id: "2.1",
      description: "A Ping without payload.",
      expectation: "A Pong without payload comes back (RFC 6455 §5.5.3).",
      steps: [ping(), closeAfter(1)],
      expected: [ok(gotPong(""))],
      close: NORMAL,
    },
    {
      id: "2.2",
      description: "A Ping with a short text as its payload.",
      expectation: "A Pong with the same 13 octets comes back.",
      steps: [ping("Hello, world!"), closeAfter(1)],
      expected: [ok(gotPong("Hello, world!"))],
      close: NORMAL,
    },
    {
      id: "2.3",
      description: "A Ping whose payload is not UTF-8 and holds zero octets.",
      expectation: "A Pong with the same octets comes back: the payload of control frames is not text.",
      steps: [ping(NO_TEXT), closeAfter(1)],
      expected: [ok(gotPong(NO_TEXT))],
      close: NORMAL,
    },
    {
      id: "2.4",
      description: "A Ping with 125 octets, the most that a control frame may carry (RFC 6455 §5.5).",
      expectation: "A Pong with the same 125 octets comes back.",
      steps: [ping(LONGEST), closeAfter(1)],
      expected: [ok(gotPong(LONGEST))],
      close: NORMAL,
    },
    {
      id: "2.5",
      description: "A Ping with 126 octets, one more than a control frame may carry (RFC 6455 §5.5).",
      expectation: "No Pong. The peer fails the connection; if it sends a close code, it is 1002.",
      steps: [ping(repeated(0xfe, 126)), killAfter(1)],
      expected: [ok()],
      close: PROTOCOL_ERROR,
    },
    {
      id: "2.6",
      description: "A Ping with 125 octets, written one octet at a time.",
      expectation: "One Pong with the same 125 octets comes back, once the whole Ping is there.",
      steps: [ping(LONGEST, { chop: 1 }), closeAfter(2)],
      expected: [ok(gotPong(LONGEST))],
      close: NORMAL,
    },
    {
      id: "2.7",
      description: "A Pong without payload that no Ping asked for, then a Close with 1000.",
      expectation: "The Pong is ignored (RFC 6455 §5.5.3). The peer completes the close handshake.",
      steps: [pong(), close(1000), closeAfter(1)],
      expected: [ok()],
      close: NORMAL,
    },
    {
      id: "2.8",
      description: "A Pong with a payload that no Ping asked for, then a Close with 1000.",
      expectation: "The Pong and its payload are ignored (RFC 6455 §5.5.3). The peer completes the close handshake.",
      steps: [pong(UNSOLICITED), close(1000), closeAfter(1)],
      expected: [ok()],
      close: NORMAL,
    },
    {
      id: "2.9",
      description: "A Pong that no Ping asked for, then a Ping with another payload.",
      expectation: "The Pong is ignored. One Pong comes back, with the payload of the Ping.",
      steps: [pong(UNSOLICITED), ping("ping payload"), closeAfter(1)],
      expected: [ok(gotPong("ping payload"))],
      close: NORMAL,
    },
    {
      id: "2.10",
      description: "Ten Pings at once, each with a payload of its own.",
      expectation: "Ten Pongs come back, in the order of the Pings. (RFC 6455 §5.5.3 would allow fewer; the suite does not.)",
      steps: [...TEN.map((payload) => ping(payload)), closeAfter(3)],
      expected: [ok(...TEN.map(gotPong))],
      close: NORMAL,
    },
    {
      id: "2.11",
      description: "Ten Pings, each with a payload of its own, all written one octet at a time.",
      expectation: "Ten Pongs come back, in the order of the Pings, as if the Pings had come in one piece each.",
      steps: [...TEN.map((payload) => ping(payload, { chop: 1 })), closeAfter(3)],
      expected: [ok(...TEN.map(gotPong))],
      close: NORMAL,
    },
  ],
};
