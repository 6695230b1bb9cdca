import { describe, expect, it } from "vitest";
import type { Event, FaultCode } from "../../core/types.ts";
import { utf8 } from "../frames/encode.ts";
import type { Told, Verdict } from "../frames/oracle.ts";
import type { Frame } from "../frames/reader.ts";
import { disagreement, sameOutput, sameTold, tell } from "./told.ts";

const part = (data: string, first: boolean, last: boolean): Event => ({
  type: "part",
  kind: "text",
  data: utf8(data),
  first,
  last,
});
const piece = (data: string, first: boolean, last: boolean): Told => ({
  type: "piece",
  kind: "text",
  data: utf8(data),
  first,
  last,
});
const ping: Event = { type: "ping", data: utf8("") };
const fault = (code: FaultCode): Told => ({ type: "fault", code, closeCode: 1002 });

describe("tell", () => {
  it("joins pieces between other events and leaves empty ones out, but never the last", () => {
    expect(tell([part("a", true, false), part("b", false, false), part("", false, true)])).toEqual([piece("ab", true, true)]);
    expect(tell([part("", true, false), ping, part("b", false, false), ping, part("", false, true)])).toEqual([
      ping,
      piece("b", true, false),
      ping,
      piece("", false, true),
    ]);
    expect(tell([part("a", true, true), part("b", true, true)])).toEqual([piece("a", true, true), piece("b", true, true)]);
  });

  it("copies raw pieces and reads only what belongs to them", () => {
    const bytes = utf8("xaby");
    expect(tell([{ type: "raw", kind: "text", bytes, start: 1, end: 3, first: true, last: true }])).toEqual([
      piece("ab", true, true),
    ]);
  });

  it("refuses pieces that contradict each other", () => {
    expect(() => tell([part("a", false, true)])).toThrow();
    expect(() => tell([part("a", true, false), part("b", true, true)])).toThrow();
    expect(() => tell([part("a", true, false), { type: "text", data: "b" }])).toThrow();
    expect(() => tell([part("a", true, false), { ...part("b", false, true), kind: "binary" } as Event])).toThrow();
  });
});

describe("disagreement", () => {
  const verdict = (events: readonly Told[], also: readonly FaultCode[] = []): Verdict => ({
    events,
    also,
    closed: { type: "closed", code: 1006, reason: "", clean: false },
  });

  it("is null for the same events, with or without the end", () => {
    const events = [piece("ab", true, false), fault("BAD_UTF8")];
    expect(disagreement(verdict(events), events)).toBe(null);
    expect(disagreement(verdict(events), [...events, verdict([]).closed])).toBe(null);
  });

  it("names what is missing, wrong or too much", () => {
    const events = [piece("ab", true, true), fault("BAD_UTF8")];
    expect(disagreement(verdict(events), events.slice(1))).toMatch("events");
    expect(disagreement(verdict(events), events.slice(0, 1))).toMatch("fault");
    expect(disagreement(verdict(events), [events[0], fault("BAD_MASK")])).toMatch("fault");
    expect(disagreement(verdict(events), [...events, { type: "closed", code: 1000, reason: "", clean: true }])).toMatch("closed");
    expect(disagreement(verdict([piece("ab", true, false), events[1]]), [piece("a", true, false), events[1]])).toMatch(
      "last piece",
    );
  });

  it("lets a reader in larger steps find another fault, and keep octets of that step", () => {
    const expected = verdict([piece("ab", true, false), fault("BAD_UTF8")], ["BAD_DEFLATE"]);
    expect(disagreement(expected, [fault("BAD_DEFLATE")])).toBe(null);
    expect(disagreement(expected, [piece("ax", true, false), fault("BAD_DEFLATE")])).toMatch("last piece");
    expect(disagreement(expected, [fault("MESSAGE_TOO_BIG")])).toMatch("fault");
    expect(disagreement(verdict([], ["BAD_LENGTH"]), [fault("BAD_LENGTH"), expected.closed])).toBe(null);
  });
});

describe("sameTold", () => {
  it("forgives what inflation in steps cannot promise, and nothing else", () => {
    expect(sameTold([piece("ab", true, false), fault("BAD_UTF8")], [fault("BAD_DEFLATE")])).toBe(true);
    expect(sameTold([piece("ab", true, false), fault("BAD_UTF8")], [fault("BAD_UTF8")])).toBe(false);
    expect(sameTold([piece("ab", true, true), fault("BAD_DEFLATE")], [fault("BAD_DEFLATE")])).toBe(false);
    expect(sameTold([piece("ab", true, false)], [])).toBe(false);
  });
});

describe("sameOutput", () => {
  const frame = (opcode: number, data: string): Frame => ({
    fin: true,
    rsv: 0,
    opcode,
    mask: null,
    minimal: true,
    payload: utf8(data),
  });

  it("lets Pongs move and the newest win, but no data frame", () => {
    const [text, close, one, two] = [frame(1, "a"), frame(8, ""), frame(10, "1"), frame(10, "2")];
    expect(sameOutput([text, one, two, close], [two, text, close])).toBe(true);
    expect(sameOutput([text, one, two], [text, one])).toBe(false);
    expect(sameOutput([text, two, one], [text, one, two])).toBe(false);
    expect(sameOutput([text, one], [text])).toBe(false);
    expect(sameOutput([text, close], [close, text])).toBe(false);
  });
});
