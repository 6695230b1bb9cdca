// Tests of timeline.ts and difference.ts: what is folded together, and where a case begins to differ.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { EventRow } from "../engine/result.ts";
import { firstDifference } from "./difference.ts";
import { caseResult, stratus211, stratus519, websock716 } from "./fixtures.test.support.ts";
import { timeline } from "./timeline.ts";

const event = fc.oneof(
  fc.tuple(fc.constant("message" as const), fc.constantFrom("a", "b"), fc.boolean()),
  fc.tuple(fc.constant("pong" as const), fc.constantFrom("a", "b")),
);

describe("the first difference", () => {
  it("is none exactly if the events equal a set", () => {
    fc.assert(fc.property(fc.array(event, { maxLength: 3 }), fc.array(event, { maxLength: 3 }), (expected, received) => {
      const difference = firstDifference({ expected: { OK: expected }, received });
      expect(difference === null).toBe(JSON.stringify(expected) === JSON.stringify(received));
    }));
  });

  it("has the same events before it, and other ones at it", () => {
    fc.assert(fc.property(fc.array(event), fc.array(event), fc.array(event), (ok, lax, received) => {
      const expected: Record<string, readonly EventRow[]> = { OK: ok, "NON-STRICT": lax };
      const difference = firstDifference({ expected, received });
      fc.pre(difference !== null);
      const events = expected[difference.set];
      expect(events.slice(0, difference.index)).toEqual(received.slice(0, difference.index));
      expect(events[difference.index]).not.toEqual(received[difference.index] ?? null);
    }));
  });

  it("is looked for in the set that agrees longest, the stricter one first", () => {
    const received: EventRow[] = [["timeout", "A"], ["timeout", "C"]];
    const expected: Record<string, EventRow[]> = { OK: [["timeout", "A"]], "NON-STRICT": [["timeout", "A"], ["timeout", "B"]] };
    expect(firstDifference({ expected, received })).toMatchObject({ set: "OK", index: 1, expected: null });
  });

  it.each([
    [[["pong", ""]], [], "Event 1: expected a pong (empty), but nothing came."],
    [[], [["pong", "x"]], "Event 1: nothing more was expected, but a pong “x” came."],
    [[["message", "a", true]], [["message", "a", false]], "Event 1: expected a binary message “a”, but a text message “a” came."],
    [[["pong", "1"], ["pong", "2"]], [["pong", "1"]], "Event 2: expected a pong “2”, but nothing more came."],
  ] as [EventRow[], EventRow[], string][])("%j against %j", (expected, received, sentence) => {
    expect(firstDifference({ expected: { OK: expected }, received })?.sentence).toBe(sentence);
  });

  it("is not looked for where there are no sets (9, 12, 13)", () => {
    expect(firstDifference({ expected: {}, received: [["pong", ""]] })).toBeNull();
  });
});

describe("the timeline", () => {
  it("shows one mark per frame, the handshake and the end, and folds the octets into them", () => {
    expect(timeline(caseResult()).map(({ way, label }) => `${way}: ${label}`)).toEqual([
      "sent: Handshake sent, 244 octets",
      "received: Handshake received, 166 octets",
      "sent: Text, 125 octets",
      "timer: Fail the connection in 1 s, unless it is closed by then",
      "received: Text, 125 octets",
      "sent: Close 1000",
      "received: Close 1000",
      "end: TCP ended by the peer",
    ]);
  });

  it("gathers the writes of a chopped frame", () => {
    const labels = timeline(stratus211()).map(({ label }) => label);
    expect(labels).toContain("109 octets in 109 writes");
    expect(labels.length).toBeLessThan(20);
  });

  it("shows a repeated pattern with its whole length, and reads that belong to no frame alone", () => {
    const labels = timeline(websock716()).map(({ label }) => label);
    expect(labels).toContain("Text, 262,144 octets");
    expect(labels).toContain("65,536 octets in 1 read");
  });

  it("never goes back in time, and begins each mark at a row of its own", () => {
    for (const result of [caseResult(), stratus519(), stratus211(), websock716()]) {
      const times = timeline(result).map(({ at }) => at ?? 0);
      expect(times).toEqual([...times].sort((one, other) => one - other));
      const rows = timeline(result).map(({ row }) => row);
      expect(rows).toEqual([...new Set(rows)].sort((one, other) => one - other));
    }
  });

  it("marks the frame that brought the wrong event", () => {
    const wrong = caseResult({ received: [["message", "other", false]] });
    expect(timeline(wrong).find(({ differs }) => differs !== null)).toMatchObject({ way: "received", label: "Text, 125 octets" });
  });

  it("marks the end if the event never came", () => {
    expect(timeline(stratus519()).at(-1)).toMatchObject({ way: "end", differs: expect.stringContaining("pongme 1!") });
  });

  it("reads the code of a Close whose octets happen to be UTF-8", () => {
    const close = caseResult({
      wirelog: [["RF", [2, "\u0000\u0000"], 8, true, 0, false, null], ["RF", [0, ""], 8, true, 0, false, null]],
    });
    expect(timeline(close).map(({ label }) => label).slice(0, 2)).toEqual(["Close 0", "Close, empty"]);
  });
});
