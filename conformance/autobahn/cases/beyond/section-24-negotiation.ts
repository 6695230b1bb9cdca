// What comes in: nothing. What goes out: section 24, how permessage-deflate is agreed on: offers to a server, answers to a client, right and
// wrong. A wrong offer is declined, and the handshake succeeds without it; a wrong answer fails the connection. What was agreed then has to
// hold: large messages that repeat each other go both ways. RFC 7692 §5.1, §7.1. Next file: section-25-compressed.ts.
import { closeAfter, gotBinary, gotText, message, NORMAL, ok, type Section } from "../build.ts";
import type { Case } from "../case.ts";
import { seeded } from "../seeded.ts";
import { failedResponse } from "./section-21-responses.ts";
import { extension, HELLO } from "./words.ts";

const PMD = "permessage-deflate";
/** Longer than a window of 11 bits, and not compressible, so that its repetition is referred to wherever the window allows. */
const NOISE: Uint8Array = noise(3000);

const OFFERS: readonly string[] = [
  PMD,
  `${PMD}; client_max_window_bits`,
  `${PMD}; client_max_window_bits=10`,
  `${PMD}; client_no_context_takeover`,
  `${PMD}; server_no_context_takeover`,
  `${PMD}; server_max_window_bits=15`,
  `${PMD}; server_max_window_bits=9`,
  `${PMD}; server_max_window_bits=8`,
  `${PMD}; server_max_window_bits="10"`,
  `${PMD} ; server_max_window_bits=9; server_no_context_takeover ;client_max_window_bits=9;client_no_context_takeover`,
  `${PMD}; server_max_window_bits=9, ${PMD}; server_max_window_bits=12, ${PMD}`,
  `x-unknown; a=1, ${PMD}`,
];

const BAD_OFFERS: readonly string[] = [
  `${PMD}; unknown`,
  `${PMD}; server_no_context_takeover; server_no_context_takeover`,
  `${PMD}; client_max_window_bits; client_max_window_bits=10`,
  `${PMD}; server_no_context_takeover=1`,
  `${PMD}; client_no_context_takeover=true`,
  `${PMD}; server_max_window_bits`,
  `${PMD}; server_max_window_bits=7`,
  `${PMD}; server_max_window_bits=16`,
  `${PMD}; server_max_window_bits=08`,
  `${PMD}; server_max_window_bits=1000`,
  `${PMD}; client_max_window_bits=7`,
  `${PMD}; client_max_window_bits=16`,
];

const ANSWERS: readonly string[] = [
  PMD,
  `${PMD}; server_no_context_takeover`,
  `${PMD}; client_no_context_takeover`,
  `${PMD}; server_max_window_bits=9`,
  `${PMD}; server_max_window_bits="10"`,
  `${PMD}; client_max_window_bits=9`,
  `${PMD};client_max_window_bits=9 ; server_max_window_bits=9;client_no_context_takeover; server_no_context_takeover`,
];

const BAD_ANSWERS: readonly string[] = [
  `${PMD}; unknown`,
  `${PMD}; server_no_context_takeover; server_no_context_takeover`,
  `${PMD}; server_no_context_takeover=1`,
  `${PMD}; client_max_window_bits`,
  `${PMD}; server_max_window_bits`,
  `${PMD}; server_max_window_bits=7`,
  `${PMD}; server_max_window_bits=16`,
  `${PMD}; server_max_window_bits=08`,
  `${PMD}; server_max_window_bits=1000`,
  `${PMD}; server_max_window_bits=""`,
  `${PMD}; client_max_window_bits=16`,
  `${PMD}, ${PMD}`,
  `${PMD}; ="`,
];

/** Negotiation: 24.1 to 24.5. */
export const negotiation: Section = {
  titles: {
    "24": "Negotiation of permessage-deflate",
    "24.1": "Valid offers",
    "24.2": "Invalid offers",
    "24.3": "Invalid offers before a valid one",
    "24.4": "Valid answers",
    "24.5": "Invalid answers",
  },
  cases: [
    ...OFFERS.map((text, index) => offered(`24.1.${index + 1}`, text)),
    {
      ...offered(`24.1.${OFFERS.length + 1}`, PMD),
      description: `${offers(PMD)} Before it, in a header of its own, an extension that nobody knows (RFC 6455 §11.3.2).`,
      handshake: { headers: { "Sec-WebSocket-Extensions": ["x-unknown", "{}"] } },
    },
    ...BAD_OFFERS.map((text, index): Case => ({
      ...offered(`24.2.${index + 1}`, text),
      expectation:
        "The server declines: the handshake succeeds without the extension (RFC 7692 §5.1), and the messages come back.",
    })),
    ...BAD_OFFERS.map((text, index): Case => ({
      ...offered(`24.3.${index + 1}`, `${text}, ${PMD}`),
      expectation: "The server declines the first offer and accepts the second, and the messages come back. " +
        "A server that accepts neither is UNIMPLEMENTED.",
    })),
    ...ANSWERS.map((text, index): Case => ({
      ...negotiated(`24.4.${index + 1}`, "server", text),
      description: `The fuzzer answers: ${text}. What the client's offer demands besides is added.`,
      expectation:
        "The messages come back, as was agreed. A client that offers nothing to which this is an answer is UNIMPLEMENTED.",
    })),
    ...BAD_ANSWERS.map((text, index) =>
      failedResponse(`24.5.${index + 1}`, [`The fuzzer answers: ${text} (RFC 7692 §7.1).`, {
        headers: { "Sec-WebSocket-Extensions": [text] },
      }])
    ),
  ],
};

function offers(text: string): string {
  return `The fuzzer offers: ${text}.`;
}

function offered(id: string, text: string): Case {
  return {
    ...negotiated(id, "client", text),
    description: offers(text),
    expectation: "The server answers with what the offer allows (RFC 7692 §7.1), and the messages come back, as was agreed. " +
      "A server that does not agree to compress is UNIMPLEMENTED.",
  };
}

function negotiated(id: string, role: "client" | "server", text: string): Omit<Case, "description" | "expectation"> {
  return {
    id,
    role,
    deflate: extension(text),
    steps: [message("binary", NOISE), message("text", HELLO), message("binary", NOISE), closeAfter(1)],
    expected: [ok(gotBinary(NOISE), gotText(HELLO), gotBinary(NOISE))],
    close: NORMAL,
  };
}

function noise(length: number): Uint8Array {
  const { below } = seeded(24);
  return Uint8Array.from({ length }, () => below(256));
}
