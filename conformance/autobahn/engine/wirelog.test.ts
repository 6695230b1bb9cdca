import { describe, expect, it } from "vitest";
import { fromHex, utf8 } from "../../frames/encode.ts";
import { hexPreview, textPreview, Wirelog } from "./wirelog.ts";

describe("previews", () => {
  it("show up to 60 octets, and of more the first 64 with dots, even if those are all", () => {
    const sized = (length: number): string => textPreview(new Uint8Array(length).fill(0x61));
    expect([0, 60, 61, 64, 65].map(sized)).toEqual([
      "",
      "a".repeat(60),
      ...[61, 64, 64].map((count) => "a".repeat(count) + " ..."),
    ]);
    expect(hexPreview(new Uint8Array(61))).toBe("00".repeat(61) + " ...");
  });

  it("fall back to hexadecimal digits where text is not UTF-8, or is cut inside of a character", () => {
    expect(textPreview(fromHex("61 ff"))).toBe("0x61ff");
    expect(textPreview(utf8("a" + "ä".repeat(40)))).toBe(`0x61${"c3a4".repeat(31)}c3 ...`);
    expect(textPreview(utf8("\ufeffa"))).toBe("\ufeffa");
  });
});

describe("Wirelog", () => {
  it("counts while it is switched off, and writes the rows of timers all the same", () => {
    let now = 5;
    const log = new Wirelog(() => now);
    log.octetsIn(Uint8Array.of(1, 2));
    now = 8;
    log.enable(false);
    log.enable(false);
    log.octetsOut(Uint8Array.of(3), true);
    log.frameIn({ opcode: 9, fin: true, rsv: 0, mask: null }, new Uint8Array(0));
    log.timer(["KL", 1]);
    log.enable(true);
    log.frameOut({
      opcode: 1,
      fin: false,
      rsv: 4,
      mask: Uint8Array.of(1, 2, 3, 255),
      payload: utf8("ab"),
      repeated: 5,
      chop: 2,
      sync: false,
    });
    expect(log.rows).toEqual([
      ["RO", [2, "0102"]],
      ["WLM", false],
      ["KL", 1],
      ["WLM", true],
      ["TF", [2, "ab"], 1, false, 4, "010203ff", 5, 2, false],
    ]);
    expect(log.times).toEqual([0, 3, 3, 3, 3]);
    expect([log.rxOctetStats, log.txOctetStats, log.rxFrameStats, log.txFrameStats]).toEqual([{ 2: 1 }, { 1: 1 }, { 9: 1 }, {
      1: 1,
    }]);
  });
});
