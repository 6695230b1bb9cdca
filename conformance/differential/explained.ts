// Every kind of disagreement that may be, with the rule that decides it. A run that meets another kind fails. What comes in: the name of a
// peer, a kind in the words of compare.ts. What goes out: the explanation. Without compression the kinds are named one by one, but for what a
// peer makes of the octets behind a mistake that it has passed over: those are no frames any more. With compression a context that has gone
// wrong shows only in a later message, so there the consequences are named by their beginnings. Next file: main.ts.

export interface Explanation {
  readonly peers: readonly Peer[];
  /** An asterisk at the end stands for anything. */
  readonly kinds: readonly string[];
  readonly section: string;
  readonly why: string;
}
export type Peer = "ws" | "websockets";

export function explanationOf(peer: Peer, kind: string): Explanation | undefined {
  return EXPLAINED.find(({ peers, kinds }) => peers.includes(peer) && kinds.some((pattern) => fits(kind, pattern)));
}
function fits(kind: string, pattern: string): boolean {
  return pattern.endsWith("*") ? kind.startsWith(pattern.slice(0, -1)) : kind === pattern;
}

const both: readonly Peer[] = ["ws", "websockets"];
const WITH = "with deflate, ";

export const EXPLAINED: readonly Explanation[] = [
  {
    peers: both,
    kinds: ["BAD_LENGTH: *", `${WITH}BAD_LENGTH: *`],
    section: "RFC 6455 §5.2",
    why: "a length must have its shortest form; peers read any form, and what follows; 2^63 and more they call too big",
  },
  {
    peers: both,
    kinds: ["BAD_UTF8: *", `${WITH}BAD_UTF8: *`],
    section: "RFC 6455 §8.1",
    why: "we fail at the octet that is wrong; peers read on to the end of the message, and may meet another mistake before",
  },
  {
    peers: ["websockets"],
    kinds: ["BAD_CONTROL: *", `${WITH}BAD_CONTROL: *`],
    section: "RFC 6455 §5.5",
    why: "a control frame's length is one octet; websockets reads a longer form of a short length, and fails long ones with 1009",
  },
  {
    peers: ["websockets"],
    kinds: ["close: fails 1002", `${WITH}close: fails 1002`],
    section: "RFC 6455 §5.4, §5.5.1",
    why: "a Close may stand between fragments; websockets calls the message incomplete",
  },
  {
    peers: ["websockets"],
    kinds: ["ping", "pong", "close", "open"].map((kind) => `${kind}: fails 1009`),
    section: "RFC 6455 §5.4",
    why: "a control frame between fragments is no part of their message; websockets holds what is left of the limit against it",
  },
  {
    peers: ["ws"],
    kinds: ["open: fails 1002"],
    section: "RFC 6455 §5.5.1",
    why: "half a code in a Close: ws sees it in the length, we see it when it has come",
  },
  {
    peers: both,
    kinds: ["BAD_CLOSE: fails 1007", `${WITH}BAD_CLOSE: fails 1007`],
    section: "RFC 6455 §7.4, §8.1",
    why: "a Close with an illegal code and an invalid reason: we look at the code first, as it comes first",
  },
  {
    peers: both,
    kinds: [
      ...["RESERVED_BIT", "RESERVED_OPCODE", "BAD_FRAGMENT", "BAD_CONTROL", "BAD_MASK"].flatMap((fault) =>
        ["goes on", "fails 1009", "fails 1007"].flatMap((end) => [`${fault}: ${end}`, `${WITH}${fault}: ${end}`])
      ),
    ],
    section: "RFC 6455 §7.1.7",
    why:
      "we fail at the first octet that is wrong; ws waits for the second one, websockets for the whole frame, and both look at other things first",
  },
  {
    peers: ["websockets"],
    kinds: [`${WITH}BAD_DEFLATE: fails 1002`],
    section: "RFC 6455 §7.4.1",
    why: "corrupt data is inconsistent with the type of the message, 1007; websockets calls it a violation of the protocol, 1002",
  },
  {
    peers: both,
    kinds: [`${WITH}BAD_DEFLATE: *`],
    section: "RFC 7692 §7.2.2",
    why:
      "a message that is cut short inside of a block is corrupt; peers deliver what there is, and their context is wrong from then on",
  },
  {
    peers: both,
    kinds: [
      ...["text", "binary"].flatMap((kind) => [`${WITH}${kind}: delivers *`, `${WITH}${kind}: fails *`]),
      ...["ping", "pong", "open", "close"].map((kind) => `${WITH}${kind}: fails *`),
    ],
    section: "RFC 7692 §7.2.3.4",
    why:
      "a final block does not end the message, nor the context that is taken over; peers drop what follows it, and inflate later messages without it",
  },
  {
    peers: both,
    kinds: [`${WITH}MESSAGE_TOO_BIG: *`],
    section: "RFC 6455 §7.4.1",
    why:
      "the limit is ours to count: of a message that is too big we say so as soon as it is, octet by octet; peers after the frame, or never where they drop what follows a final block",
  },
];
