// Recording, and living a recorded life again. That any life can be is a property of conformance/simulate. Next file: recorder.ts.
import { describe, expect, it } from "vitest";
import { zlib } from "../../adapters/zlib.ts";
import { seededRandom } from "../../conformance/support/virtual.ts";
import { prepare, UsageError } from "../index.ts";
import type { Agreement, Connection, Event } from "../types.ts";
import { recorder, replay, type Replayed } from "./index.ts";

describe("recorder", () => {
  it("writes a line for each call, with what came of it, and the number of the connection", () => {
    const told: (readonly [string, number])[] = [];
    const recording = recorder((line, connection) => void told.push([line, connection]));
    const one = recording.upgraded("server", AGREED, { limits: { message: Infinity } });
    const two = recording.server({});
    expect(one.poll()?.type).toBe("open");
    one.receive(Uint8Array.of(0x81, 0x82, 1, 2, 3, 4, 0x49, 0x6b), 5);
    one.poll();
    expect(one.nextTimeout(5)).toBe(20_005);
    two.receiveEnd(7, new Error("reset"));
    expect(() => one.close(1005)).toThrow(UsageError);
    expect(told.map(([line, connection]) => `${connection} ${line}`)).toEqual([
      `1 {"do":"upgraded","role":"server","agreement":${JSON.stringify(AGREED)},"options":${
        JSON.stringify({ messages: "whole", limits: { message: "Infinity" }, timers: {}, deflate: null })
      }}`,
      `2 {"do":"server","options":{"messages":"whole","limits":{},"timers":{},"deflate":null}}`,
      `1 {"do":"poll","gives":"open"}`,
      `1 {"do":"receive","now":5,"bytes":"818201020304496b"}`,
      `1 {"do":"poll","gives":"text 2"}`,
      `1 {"do":"nextTimeout","now":5,"gives":20005}`,
      `2 {"do":"receiveEnd","now":7,"error":"reset"}`,
      `1 {"do":"close","code":1005,"gives":"BAD_ARGUMENT"}`,
    ]);
  });

  it("makes machines that look like any other", () => {
    const server = recorder(() => {}).server({}, HEAD);
    expect(server.poll()?.type).toBe("request");
    expect([server.role, server.state, server.transport, server.wantsInput]).toEqual(["server", "connecting", "keep", true]);
    expect([server.bufferedOutput, server.congested]).toEqual([0, false]);
    expect(server.reject({ status: 403 })).toBe(true);
    expect([server.state, server.transport, server.bufferedOutput > 0]).toEqual(["closing", "end", true]);
  });

  it("keeps masking keys and the handshake's, so that a client can be replayed", () => {
    const again = recorded((recording) => {
      const client = recording.client({ authority: "a", target: "/" }, { random: seededRandom(5) });
      take(client);
      client.nextTimeout(0);
      client.handleTimeout(20_000);
      client.poll();
    });
    expect(new TextDecoder().decode(again.output)).toMatch(/^GET \/ HTTP\/1.1\r\n/);
    expect(again.events.map(({ type }) => type)).toEqual(["fault"]);
    expect(again.differs).toBe(null);
  });
});

describe("replay", () => {
  it("makes every call again, the wrong ones included", () => {
    const again = recorded((recording) => {
      const client = recording.upgraded("client", { ...AGREED, deflate: PARAMS }, { random: seededRandom(), deflate: DEFLATE });
      client.poll();
      client.send("text \ud800");
      client.send(Uint8Array.of(1, 2, 3), { give: true, compress: false });
      client.send("first ", { last: false });
      client.send(new TextEncoder().encode("last"), { text: true });
      client.sendPrepared(prepare("news", { compress: DEFLATE }));
      client.sendPrepared(prepare(Uint8Array.of(9)));
      const bytes = Uint8Array.of(0, 7, 8, 0);
      const relayed = client.relay({ type: "raw", kind: "binary", bytes, start: 1, end: 3, first: true, last: true });
      expect([relayed, client.ping(), client.ping(Uint8Array.of(5))]).toEqual([true, true, true]);
      for (
        const wrong of [() => client.send(7 as never), () => client.sendPrepared({} as never), () => client.consumeOutput(1e9)]
      ) {
        expect(wrong).toThrow(UsageError);
      }
      client.close(4000, "done");
      expect(client.close()).toBe(false);
      take(client);
      client.receiveEnd(3);
      client.poll();
    });
    expect(again.differs).toBe(null);
    expect(again.output.length).toBeGreaterThan(60);
    expect(again.connection.state).toBe("closed");
  });

  it("has the octets that were consumed, in any bites", () => {
    const again = recorded((recording) => {
      const server = recording.upgraded("server", AGREED, {});
      server.send("hello");
      server.consumeOutput(0);
      for (const bite of [1, 4, 2]) {
        server.peekOutput();
        server.consumeOutput(bite);
      }
      server.send("!");
      take(server);
    });
    expect(again.differs).toBe(null);
    expect([...again.output]).toEqual([0x81, 5, ...new TextEncoder().encode("hello"), 0x81, 1, 0x21]);
  });
  it("copies raw pieces, which are borrowed", () => {
    const again = recorded((recording) => {
      const server = recording.upgraded("server", AGREED, { messages: "raw" });
      server.receive(Uint8Array.of(0x81, 0x82, 1, 2, 3, 4, 0x49, 0x6b, 0x82, 0x81, 0, 0, 0, 0, 3), 5);
      while (server.poll() !== null);
    });
    const pieces = again.events.filter((event): event is Event & { type: "raw" } => event.type === "raw");
    expect(pieces.map(({ bytes, start, end }) => [[...bytes], start, end])).toEqual([[[0x48, 0x69], 0, 2], [[3], 0, 1]]);
  });

  it("answers a request as it was answered", () => {
    for (const answer of ["accept", "protocol", "reject"] as const) {
      const again = recorded((recording) => {
        const server = recording.server({}, HEAD);
        server.poll();
        if (answer === "accept") server.accept();
        else if (answer === "protocol") server.accept({ protocol: "chat", headers: [["X-A", "b"]] });
        else server.reject({ status: 403, body: Uint8Array.of(110, 111) });
        take(server);
      });
      expect(again.differs).toBe(null);
      expect(new TextDecoder().decode(again.output)).toMatch(answer === "reject" ? /^HTTP\/1.1 403 [^]*no$/ : /^HTTP\/1.1 101 /);
    }
  });

  it("says where a life goes another way now", () => {
    const lines = [
      `{"do":"upgraded","role":"server","agreement":${
        JSON.stringify(AGREED)
      },"options":{"messages":"whole","limits":{},"timers":{},"deflate":null}}`,
      `{"do":"poll","gives":"open"}`,
      "",
      `{"do":"receive","now":5,"bytes":"818201020304496b"}`,
      `{"do":"poll","gives":"text 3"}`,
      `{"do":"poll"}`,
      "  ",
    ];
    expect(replay(lines.join("\n")).differs).toBe(`line 5: poll came to "text 3" once, and now to "text 2"`);
  });

  it("refuses what is no recording", () => {
    expect(() => replay("")).toThrow(TypeError);
    expect(() => replay("{")).toThrow(SyntaxError);
    expect(() => replay(`{"do":"poll"}`)).toThrow(TypeError);
    const [first] = lines((recording) => void recording.server({}));
    expect(() => replay(`${first}\n${first}`)).toThrow("one machine");
    const [packed] = lines((recording) => void recording.server({ deflate: DEFLATE }));
    expect(() => replay(packed)).toThrow("this recording needs an engine");
  });
});

const AGREED: Agreement = { status: 101, headers: [], protocol: "", deflate: null };
const PARAMS = { serverWindowBits: 15, clientWindowBits: 15, serverTakeover: true, clientTakeover: true };
const DEFLATE = { engine: zlib, threshold: 0, contextTakeover: true };
const HEAD = {
  http: 1,
  method: "GET",
  target: "/",
  authority: "",
  headers: [
    ["Host", "a"],
    ["Upgrade", "websocket"],
    ["Connection", "Upgrade"],
    ["Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="],
    ["Sec-WebSocket-Version", "13"],
    ["Sec-WebSocket-Protocol", "chat"],
  ],
} as const;

function lines(run: (recording: ReturnType<typeof recorder>) => void): string[] {
  const told: string[] = [];
  run(recorder((line) => void told.push(line)));
  return told;
}
function recorded(run: (recording: ReturnType<typeof recorder>) => void): Replayed {
  return replay(lines(run).join("\n"), zlib);
}
function take(machine: Connection): void {
  for (let out = machine.peekOutput(); out !== null; out = machine.peekOutput()) machine.consumeOutput(out.length);
}
