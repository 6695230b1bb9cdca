// What comes in: nothing. What goes out: section 10, one case: a sender that cuts its messages by itself.
// RFC 6455 §5.4: how a message is cut is the sender's business and means nothing. Next file: compression.ts.
import { gotText, killAfter, message, NORMAL, ok, repeated, type Section } from "./build.ts";

const PAYLOAD: Uint8Array = repeated(0x2a, 65_536);

/** Automatic fragmentation: 10.1. */
export const autoFragmentation: Section = {
  titles: { "10": "Automatic fragmentation", "10.1": "Frames of 1,300 octets" },
  cases: [
    {
      id: "10.1.1",
      description:
        "A text message of 65,536 octets, cut into frames of 1,300 octets by the sender: 50 full ones and a last one of 536.",
      expectation: "One text message with the same 65,536 octets comes back. " +
        "The fuzzer also counts its own frames: one text frame and 50 continuations.",
      steps: [message("text", PAYLOAD), killAfter(10)],
      expected: [ok(gotText(PAYLOAD))],
      close: NORMAL,
      autoFragment: 1300,
      ruling: "fragments-counted",
    },
  ],
};
