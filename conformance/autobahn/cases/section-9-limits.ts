// What comes in: nothing. What goes out: section 9, large messages, many frames, many writes, many round trips. The peer's time is reported.
// RFC 6455 §5.2 to §5.4 allow all of this; no peer may break, and a peer with limits fails with 1009 (§7.4.1).
// Next file: section-10-auto-fragmentation.ts.
import { count, frame, type FrameHow, fromHex, KIB, message, MIB, NORMAL, pattern, type Section, size } from "./build.ts";
import type { Case, Conduct, Kind, Payload, Step } from "./case.ts";

type OneEcho = Extract<Conduct, { type: "one-echo" }>;

const TEXT_PATTERN = "BAsd7&jh23";
const BINARY_PATTERN: Uint8Array = fromHex("00 fe 23 fa f0");
const STAR: Uint8Array = Uint8Array.of(0x2a);
const FE: Uint8Array = Uint8Array.of(0xfe);

const SIZES = [64 * KIB, 256 * KIB, MIB, 4 * MIB, 8 * MIB, 16 * MIB];
const TEXT_SECONDS = [10, 10, 100, 100, 100, 100];
const BINARY_SECONDS = [10, 10, 10, 10, 100, 100];
const FRAGMENTS = [64, 256, KIB, 4 * KIB, 16 * KIB, 64 * KIB, 256 * KIB, MIB, 4 * MIB];
const CHOPS = [64, 128, 256, 512, 1024, 2048];
const TRIPS: readonly (readonly [length: number, seconds: number])[] = [
  [0, 60],
  [16, 60],
  [64, 60],
  [256, 120],
  [1024, 240],
  [4096, 480],
];

/** Limits and performance: 9.1 to 9.8. */
export const limits: Section = {
  titles: {
    "9": "Limits and performance",
    "9.1": "Text messages of growing size",
    "9.2": "Binary messages of growing size",
    "9.3": "Text of 4 MiB in fragments of growing size",
    "9.4": "Binary of 4 MiB in fragments of growing size",
    "9.5": "Text of 1 MiB in writes of growing size",
    "9.6": "Binary of 1 MiB in writes of growing size",
    "9.7": "Round trips of text messages of growing size",
    "9.8": "Round trips of binary messages of growing size",
  },
  cases: [
    ...SIZES.map((length, index) => wholeMessage(`9.1.${index + 1}`, "text", length, TEXT_SECONDS[index])),
    ...SIZES.map((length, index) => wholeMessage(`9.2.${index + 1}`, "binary", length, BINARY_SECONDS[index])),
    ...FRAGMENTS.map((fragment, index) => inFragments(`9.3.${index + 1}`, "text", STAR, fragment)),
    // The first case of 9.4 sends other octets than the rest; the lengths are what is compared.
    ...FRAGMENTS.map((fragment, index) => inFragments(`9.4.${index + 1}`, "binary", index === 0 ? FE : STAR, fragment)),
    ...CHOPS.map((chop, index) => inPieces(`9.5.${index + 1}`, "text", chop)),
    ...CHOPS.map((chop, index) => inPieces(`9.6.${index + 1}`, "binary", chop)),
    ...TRIPS.map(([length, seconds], index) => roundTrips(`9.7.${index + 1}`, "text", length, seconds)),
    ...TRIPS.map(([length, seconds], index) => roundTrips(`9.8.${index + 1}`, "binary", length, seconds)),
  ],
};

function wholeMessage(id: string, kind: Kind, length: number, seconds: number): Case {
  const description = `A ${kind} message of ${size(length)} in one frame.`;
  return oneEcho(id, description, oneFrame(kind, length), { type: "one-echo", kind, length, seconds });
}

function inFragments(id: string, kind: Kind, octet: Uint8Array, fragment: number): Case {
  const length = 4 * MIB;
  const frames = length / fragment;
  const description = frames === 1
    ? `A ${kind} message of 4 MiB whose fragments may have 4 MiB, so that it is one frame.`
    : `A ${kind} message of 4 MiB in ${count(frames)} frames of ${size(fragment)} each, and an empty one with FIN.`;
  const conduct: OneEcho = { type: "one-echo", kind, length, seconds: 100 };
  return oneEcho(
    id,
    description,
    message(kind, pattern(octet, length), fragment),
    kind === "binary" ? { ...conduct, misnamed: true } : conduct,
  );
}

function inPieces(id: string, kind: Kind, chop: number): Case {
  const description = `A ${kind} message of 1 MiB in one frame, written ${count(chop)} octets at a time.`;
  return oneEcho(id, description, oneFrame(kind, MIB, { chop }), { type: "one-echo", kind, length: MIB, seconds: 1000 });
}

function oneEcho(id: string, description: string, step: Step, conduct: OneEcho): Case {
  return {
    id,
    description,
    expectation: `A ${conduct.kind} message of ${size(conduct.length)} comes back within ${count(conduct.seconds)} seconds, ` +
      "in as many frames as the peer likes.",
    steps: [step],
    conduct,
    expected: [],
    close: NORMAL,
  };
}

function oneFrame(kind: Kind, length: number, how?: FrameHow): Step {
  const payload: Payload = pattern(kind === "text" ? TEXT_PATTERN : BINARY_PATTERN, length);
  return frame(kind === "text" ? 1 : 2, payload, how);
}

function roundTrips(id: string, kind: Kind, length: number, seconds: number): Case {
  const what = length === 0 ? "without payload" : `of ${size(length)}`;
  return {
    id,
    description: `1,000 ${kind} messages ${what}, each sent when the echo of the one before is there.`,
    expectation: `Each comes back with its kind and length, all 1,000 within ${seconds} seconds.`,
    steps: [],
    conduct: {
      type: "ping-pong",
      kind,
      count: 1000,
      length,
      seconds,
      content: { octet: kind === "text" ? 0x2a : 0xfe },
      fragment: 0,
    },
    expected: [],
    close: NORMAL,
  };
}
