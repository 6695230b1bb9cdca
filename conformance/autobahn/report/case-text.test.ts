// Tests of case-text.ts and wire-text.ts: lines of reports that the original published, and peers' texts that try to be lines of their own.
import { describe, expect, it } from "vitest";
import { caseText } from "./case-text.ts";
import { caseResult, stratus211, stratus519, websock55, websock716 } from "./fixtures.test.support.ts";
import { eventsText, expectedText, octetRows, wireLines } from "./wire-text.ts";

describe("the text of a case", () => {
  it("has the lines of published report 5.19", () => {
    const text = caseText(stratus519());
    for (const line of published519.trim().split("\n")) expect(text.split("\n")).toContain(line);
  });

  it("has the order of published report 2.11: one octet, the other frames, the timer, the other octets", () => {
    const lines = caseText(stratus211()).split("\n").filter((line) => /^\d\d\d /.test(line));
    expect(lines).toHaveLength(127);
    expect([3, 4, 13, 14, 122, 123, 125, 126].map((row) => lines[row])).toEqual([
      "003 TX OCTETS: 89",
      "004 TX FRAME : OPCODE=9, FIN=True, RSV=0, PAYLOAD-LEN=9, MASK=None, PAYLOAD-REPEAT-LEN=None, CHOPSIZE=1, SYNC=False",
      "013 CLOSE CONNECTION AFTER 3.000000 sec",
      "014 TX OCTETS: 09",
      "122 TX OCTETS: 39",
      "123 CLOSING CONNECTION",
      "125 TX OCTETS: 8800",
      "126 TCP DROPPED BY ME",
    ]);
    expect(octetRows(stratus211().txOctetStats)).toEqual([["1", 110, 110], ["2", 1, 2], ["208", 1, 208], ["Total", 112, 320]]);
  });

  it("prints expected and observed as published report 7.1.6 does", () => {
    const { expected, received } = websock716();
    expect(expectedText(expected)).toBe("{'OK': [('message', u'Hello World!', False)], 'NON-STRICT': []}");
    expect(eventsText(received)).toBe(
      "[('message', u'BAsd7&jh23BAsd7&jh23BAsd7&jh23BAsd7&jh23BAsd7&jh23BAsd7&jh23BAsd ...', False), ('message', u'Hello World!', False)]",
    );
  });

  // Each as CPython 2.7 prints it.
  it.each([
    ["κό", "u'\\u03ba\\u03cc'"],
    ["µ", "u'\\xb5'"],
    ["\u{10ffff}", "u'\\U0010ffff'"],
    ["it's", 'u"it\'s"'],
    ["'\"", "u'\\'\"'"],
    ["\\\n", "u'\\\\\\n'"],
    ["0x00fffe", "'0x00fffe'"],
    ["", "u''"],
  ])("writes the payload %j as %s", (payload, literal) => {
    expect(eventsText([["pong", payload]])).toBe(`[('pong', ${literal})]`);
  });

  it("names the first difference", () => {
    expect(caseText(stratus519())).toContain("Event 1: expected a pong “pongme 1!”, but nothing came.");
    expect(caseText(websock55())).not.toContain("First Difference");
  });

  it("breaks previews at 100 columns and indents the rest", () => {
    const octets = `${"ab".repeat(64)} ...`;
    const rows = wireLines({
      wirelog: [["RO", [900, octets]], ["RF", [900, `0x${octets}`], 2, true, 0, false, null]],
      droppedByMe: false,
    });
    expect(rows[0]).toEqual([`000 RX OCTETS: ${"ab".repeat(50)}`, `${" ".repeat(15)}${"ab".repeat(14)} ...`]);
    expect(rows[1].slice(1)).toEqual([`${" ".repeat(15)}0x${"ab".repeat(49)}`, `${" ".repeat(15)}${"ab".repeat(15)} ...`]);
  });

  it("lets no peer write a line of its own, or drive a terminal", () => {
    const evil = "x\n000 TX OCTETS: 00\x1b[2J\u202e";
    const text = caseText(caseResult({
      agent: evil,
      remoteCloseReason: evil,
      httpRequest: `GET /${evil} HTTP/1.1\r\n\r\n`,
      received: [["message", evil, false]],
      wirelog: [["RF", [12, evil], 1, true, 0, false, null]],
    }));
    expect(text).not.toMatch(/[^\n\P{Cc}]|\u202e/u);
    // Handshakes have lines: theirs is the only one that a peer can begin.
    expect(text.split("\n").filter((line) => line.startsWith("000 TX OCTETS"))).toHaveLength(1);
  });
});

const published519 = `
stratus@2 - Case 5.19 : Fail - 2003 ms @ 2026-04-02T15:18:08.966Z
Actual events differ from any expected.
{'OK': [('pong', u'pongme 1!'), ('pong', u'pongme 2!'), ('message', u'fragment1fragment2fragment3fragment4fragment5', False)]}
[]
The spec requires the connection to be failed cleanly here (UNCLEAN)
| Chop Size | Count | Octets |
| 232 | 1 | 232 |
| Total | 1 | 232 |
| 2 | 1 | 2 |
| 11 | 7 | 77 |
| 208 | 1 | 208 |
| Total | 9 | 287 |
| Opcode | Count |
| Total | 0 |
| 0 | 4 |
| 1 | 1 |
| 8 | 1 |
| 9 | 2 |
| Total | 8 |
000 RX OCTETS: 474554202f72756e436173653f636173653d3633266167656e743d737472617475732534303220485454502f312e310d0a68
002 TX FRAME : OPCODE=1, FIN=False, RSV=0, PAYLOAD-LEN=9, MASK=None, PAYLOAD-REPEAT-LEN=None, CHOPSIZE=None, SYNC=False
               fragment1
003 TX OCTETS: 0109667261676d656e7431
006 TX FRAME : OPCODE=9, FIN=True, RSV=0, PAYLOAD-LEN=9, MASK=None, PAYLOAD-REPEAT-LEN=None, CHOPSIZE=None, SYNC=False
008 DELAY 1.000000 sec for TAG None
009 DELAY TIMEOUT on TAG None
018 CLOSE CONNECTION AFTER 1.000000 sec
019 CLOSING CONNECTION
020 TX FRAME : OPCODE=8, FIN=True, RSV=0, PAYLOAD-LEN=0, MASK=None, PAYLOAD-REPEAT-LEN=None, CHOPSIZE=None, SYNC=False
021 TX OCTETS: 8800
022 TCP DROPPED BY PEER
`;
