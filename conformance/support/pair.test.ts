import { describe, expect, it } from "vitest";
import { zlib } from "../../adapters/zlib.ts";
import { violations } from "../frames/well-formed.ts";
import { afterHead } from "../frames/reader.ts";
import { agreementOf } from "./arbitraries.ts";
import { type Pair, pair, type PairOptions } from "./pair.ts";
import { tell } from "./told.ts";

const types = (joined: Pair, side: "client" | "server"): string[] => joined.events(side).map((event) => event.type);

describe("pair", () => {
  it("shakes hands, carries messages both ways, and closes, for any cut of the wire", () => {
    for (const cut of [1, 7, Infinity]) {
      const echo: PairOptions = {
        cut: () => cut,
        app: (event, side, { server }) => void (side === "server" && event.type === "text" && server.send(event.data)),
      };
      const joined = pair(echo);
      joined.settle();
      joined.client.send("hello");
      joined.settle();
      joined.client.close(1000, "bye");
      joined.settle();
      expect(types(joined, "server")).toEqual(["request", "open", "text", "close", "closed"]);
      expect(types(joined, "client")).toEqual(["open", "text", "close", "closed"]);
      expect([joined.client.state, joined.server.state, joined.now]).toEqual(["closed", "closed", 0]);
      expect(joined.transports("server").at(-1)).toBe("end");
    }
  });

  it("logs what each side wrote", () => {
    const joined = pair({ agreement: agreementOf(), seed: 5 });
    joined.settle();
    joined.client.send("hello");
    joined.settle();
    expect(violations(joined.wire("client"), { role: "client", complete: true })).toEqual([]);
    expect(joined.wire("client").byteLength).toBe(11);
    expect(afterHead(joined.wire("server"))).toBe(-1);
  });

  it("starts from an agreement with compression", () => {
    const deflate = { serverWindowBits: 15, clientWindowBits: 15, serverTakeover: true, clientTakeover: true };
    const options = { deflate: { engine: zlib, threshold: 0 }, messages: "raw" } as const;
    const joined = pair({ agreement: agreementOf(deflate), client: options, server: options });
    joined.settle();
    joined.server.send("x".repeat(1000));
    joined.server.send("x".repeat(1000));
    joined.settle();
    const [, ...pieces] = tell(joined.events("client"));
    expect(pieces.map((piece) => piece.type === "piece" && piece.data.byteLength)).toEqual([1000, 1000]);
    expect(joined.wire("server").byteLength).toBeLessThan(60);
  });

  it("moves time from deadline to deadline until everything is over", () => {
    const joined = pair({ accept: null, server: { timers: { handshake: 5000 } } });
    joined.finish();
    expect([joined.client.state, joined.server.state]).toEqual(["closed", "closed"]);
    expect(joined.log.find(({ event }) => event.type === "fault")?.at).toBe(5000);
  });

  it("breaks the wire for both sides", () => {
    const joined = pair();
    joined.settle();
    joined.sever();
    expect(types(joined, "client").slice(-2)).toEqual(["fault", "closed"]);
    expect(types(joined, "server").slice(-2)).toEqual(["fault", "closed"]);
  });
});
