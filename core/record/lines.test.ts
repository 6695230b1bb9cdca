// Everything that a recording can hold, seen from the recording: each kind of event, options with and without end, errors of all kinds.
import { describe, expect, it } from "vitest";
import { concat, encode, utf8 } from "../../conformance/frames/encode.ts";
import { octets, requestOf, responseText } from "../../conformance/support/machine.ts";
import { seededRandom } from "../../conformance/support/virtual.ts";
import type { Agreement, Connection } from "../types.ts";
import { recorder, replay } from "./index.ts";
import { sumOf } from "./lines.ts";

const AGREED: Agreement = { status: 101, headers: [], protocol: "", deflate: null };
const MASK = Uint8Array.of(1, 2, 3, 4);

describe("a recording", () => {
  it("has each event in a few words", () => {
    const { told, lines } = recorded((recording) => {
      const server = recording.upgraded("server", AGREED, { messages: "parts", limits: { message: Infinity, fragments: 9 } });
      server.receive(
        concat([
          encode({ opcode: 1, fin: false, payload: utf8("abc"), mask: MASK }),
          encode({ opcode: 0, fin: false, payload: utf8("d"), mask: MASK }),
          encode({ opcode: 0, payload: utf8("ef"), mask: MASK }),
          encode({ opcode: 8, payload: Uint8Array.of(3, 232), mask: MASK }),
        ]),
        0,
      );
      drain(server);
      server.receiveEnd(1);
      drain(server);
    });
    expect(told).toEqual([
      "open",
      "part text 3 first",
      "part text 1",
      "part text 2 last",
      "close 1000",
      null,
      "closed 1000 clean",
      null,
    ]);
    const again = replay(lines.join("\n"));
    expect([again.differs, again.connection.state]).toEqual([null, "closed"]);
  });
  it("has raw pieces by their size, wherever they stand", () => {
    const { told } = recorded((recording) => {
      const server = recording.upgraded("server", AGREED, { messages: "raw" });
      server.receive(
        concat([encode({ opcode: 2, payload: utf8("abc"), mask: MASK }), encode({ opcode: 1, payload: utf8("de"), mask: MASK })]),
        0,
      );
      drain(server);
    });
    expect(told).toEqual(["open", "raw binary 3 first last", "raw text 2 first last", null]);
  });
  it("has limits with and without end, and a replay keeps to them", () => {
    const { told, lines } = recorded((recording) => {
      const limits = { message: 2, fragments: Infinity };
      const server = recording.upgraded("server", AGREED, { limits });
      server.receive(encode({ opcode: 2, payload: utf8("abc"), mask: MASK }), 0);
      drain(server);
    });
    expect(JSON.parse(lines[0]).options.limits).toEqual({ message: 2, fragments: "Infinity" });
    expect(told).toEqual(["open", "fault MESSAGE_TOO_BIG", null]);
    expect(replay(lines.join("\n")).differs).toBe(null);
  });
  it("has the answers of HTTP by their status", () => {
    const h2 = recorded((recording) => {
      const server = recording.server({}, { ...HEAD, http: 2, method: "CONNECT", protocol: "websocket" });
      drain(server);
      server.accept();
      drain(server);
    });
    expect(h2.told).toEqual(["request", null, "respond 200", "open", null]);
    expect(replay(h2.lines.join("\n")).differs).toBe(null);
    const refused = recorded((recording) => {
      const client = recording.client({ authority: "a", target: "/" }, { random: seededRandom() });
      client.receive(octets("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n"), 0);
      drain(client);
    });
    expect(refused.told).toEqual(["rejected 403", "closed 1006", null]);
    expect(replay(refused.lines.join("\n")).differs).toBe(null);
  });
  it("says of an error what it says, and of anything else what it looks like", () => {
    const { lines } = recorded((recording) => {
      for (const error of [new Error("reset"), "text", null, { message: 5 }]) {
        recording.upgraded("server", AGREED, {}).receiveEnd(0, error);
      }
    });
    const errors = lines.map((line) => JSON.parse(line)).filter((line) => line.do === "receiveEnd").map(({ error }) => error);
    expect(errors).toEqual(["reset", "text", "null", "[object Object]"]);
  });
  it("has a stream that failed, which fails again", () => {
    const { lines } = recorded((recording) => {
      const server = recording.upgraded("server", AGREED, {});
      server.receiveEnd(0, new Error("reset"));
      drain(server);
    });
    const { events, differs } = replay(lines.join("\n"));
    expect(differs).toBe(null);
    expect(events).toMatchObject([{ type: "open" }, { type: "fault", fault: { cause: { message: "reset" } } }, {
      type: "closed",
    }]);
  });
  it("has a call that failed because of the host, and passes the error on", () => {
    const { lines } = recorded((recording) => {
      const client = recording.upgraded("client", AGREED, {
        random() {
          throw new RangeError("no entropy");
        },
      });
      expect(() => client.send("a")).toThrow(RangeError);
    });
    expect(JSON.parse(lines.at(-1)!)).toEqual({ do: "send", data: { text: "a" }, gives: "an error" });
  });
});

describe("sumOf", () => {
  it("is the length and the FNV-1a hash", () => {
    expect([null, new Uint8Array(0), utf8("a"), utf8("foobar")].map(sumOf)).toEqual([
      null,
      "0 811c9dc5",
      "1 e40c292c",
      "6 bf9cf968",
    ]);
  });
});

describe("replay", () => {
  it("draws zeros where the recording has no more octets, and refuses a second machine of any kind", () => {
    const { lines } = recorded((recording) => {
      const client = recording.client({ authority: "a", target: "/" }, { random: seededRandom() });
      client.receive(octets(responseText(requestOf(client))), 0);
      drain(client);
    });
    const forgetful = lines.filter((line) => !line.includes('"random"'));
    expect(replay(forgetful.join("\n")).events.map(({ type }) => type)).toEqual(["fault", "closed"]); // it asked with another key
    for (const first of lines.filter((line) => line.includes('"options"'))) {
      expect(() => replay([...lines, first].join("\n"))).toThrow("one machine");
    }
    const upgraded = recorded((recording) => void recording.upgraded("server", AGREED, {})).lines[0];
    expect(() => replay(`${upgraded}\n${upgraded}`)).toThrow("one machine");
  });
  it("passes on what is no mistake of the caller", () => {
    const { lines } = recorded((recording) => void recording.upgraded("server", AGREED, {}));
    expect(() => replay(`${lines[0]}\n{"do":"sendPrepared","message":{"kind":"text"}}`)).toThrow(TypeError);
  });
});

const HEAD = { http: 1, method: "GET", target: "/", authority: "a", headers: [["Sec-WebSocket-Version", "13"]] } as const;

function drain(machine: Connection): void {
  while (machine.poll() !== null);
}
/** The lines, and what polls came to. */
function recorded(run: (recording: ReturnType<typeof recorder>) => void): { readonly lines: string[]; readonly told: unknown[] } {
  const lines: string[] = [];
  run(recorder((line) => void lines.push(line)));
  return { lines, told: lines.map((line) => JSON.parse(line)).filter((line) => line.do === "poll").map(({ gives }) => gives) };
}
