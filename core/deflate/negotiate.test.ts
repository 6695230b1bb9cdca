import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseExtensions } from "../handshake/headers.ts";
import type { Deflate, DeflateEngine } from "../types.ts";
import { answer, offer, type Terms, verify } from "./negotiate.ts";

function config(options: Partial<Deflate> = {}, bits: readonly [number, number] = [8, 15]): Required<Deflate> {
  const engine: DeflateEngine = {
    deflateBits: bits,
    inflater: () => expect.unreachable(),
    deflater: () => expect.unreachable(),
  };
  return { engine, level: 1, threshold: 0, contextTakeover: false, windowBits: 15, ...options };
}
const answered = (offers: string, deflate: Required<Deflate>) => answer(parseExtensions(offers)!, deflate);
const verified = (response: string, deflate: Required<Deflate>, asked?: Terms) =>
  verify(parseExtensions(response)![0].params, deflate, asked);

const deflates = fc.tuple(fc.integer({ min: 8, max: 9 }), fc.boolean(), fc.nat({ max: 7 })).map((
  [least, contextTakeover, less],
) => config({ contextTakeover, windowBits: Math.max(least, 15 - less) }, [least, 15]));
const bits = fc.integer({ min: 8, max: 15 });
/** Any offer RFC 7692 allows, of peers that wish for more than we do. */
const offers = fc.record({
  clientNoTakeover: fc.boolean(),
  serverNoTakeover: fc.boolean(),
  serverBits: fc.option(bits),
  clientBits: fc.oneof(bits, fc.constant("no value" as const), fc.constant(null)),
});
function written(terms: Terms): string {
  const parts = ["permessage-deflate"];
  if (terms.clientBits !== null) {
    parts.push(terms.clientBits === "no value" ? "client_max_window_bits" : `client_max_window_bits=${terms.clientBits}`);
  }
  if (terms.serverNoTakeover) parts.push("server_no_context_takeover");
  if (terms.serverBits !== null) parts.push(`server_max_window_bits="${terms.serverBits}"`);
  if (terms.clientNoTakeover) parts.push("client_no_context_takeover");
  return parts.join(";");
}
/** What RFC 7692 §7.1 forbids a server, read from the text of the answer and written down apart from the code under test. */
function expectLegal(response: string, asked: Terms): void {
  const params = Object.fromEntries(response.split("; ").slice(1).map((part) => part.split("=")));
  expect(response.startsWith("permessage-deflate")).toBe(true);
  for (const name of ["client_max_window_bits", "server_max_window_bits"]) {
    if (name in params) expect(params[name]).toMatch(/^(8|9|10|11|12|13|14|15)$/);
  }
  if (asked.serverNoTakeover) expect(params).toHaveProperty("server_no_context_takeover");
  if (asked.serverBits !== null) expect(Number(params["server_max_window_bits"])).toBeLessThanOrEqual(asked.serverBits);
  if (asked.clientBits === null) expect(params).not.toHaveProperty("client_max_window_bits");
  if (typeof asked.clientBits === "number" && "client_max_window_bits" in params) {
    expect(Number(params["client_max_window_bits"])).toBeLessThanOrEqual(asked.clientBits);
  }
}

describe("a client's offer", () => {
  it.each([
    [
      "by default",
      config(),
      "permessage-deflate; client_no_context_takeover; server_no_context_takeover; client_max_window_bits",
    ],
    ["with takeover", config({ contextTakeover: true }), "permessage-deflate; client_max_window_bits"],
    ["with a small window", config({ contextTakeover: true, windowBits: 9 }), "permessage-deflate; client_max_window_bits=9"],
    ["with an engine that cannot do 8", config({ contextTakeover: true }, [9, 15]), "permessage-deflate"],
  ])("is as written %s", (_, deflate, text) => {
    expect(offer(deflate)).toBe(text);
  });
});

describe("a server's answer", () => {
  it.each([
    ["permessage-deflate", "permessage-deflate; client_no_context_takeover; server_no_context_takeover"],
    ["permessage-deflate; client_max_window_bits", "permessage-deflate; client_no_context_takeover; server_no_context_takeover"],
    [
      "permessage-deflate; server_max_window_bits=8",
      "permessage-deflate; client_no_context_takeover; server_no_context_takeover; server_max_window_bits=8",
    ],
    [
      'permessage-deflate; server_max_window_bits="10"; client_max_window_bits="11"',
      "permessage-deflate; client_no_context_takeover; server_no_context_takeover; server_max_window_bits=10; client_max_window_bits=11",
    ],
    [
      "permessage-deflate; server_max_window_bits=15; client_max_window_bits=15",
      "permessage-deflate; client_no_context_takeover; server_no_context_takeover; server_max_window_bits=15",
    ],
  ])("to %s is %s", (offered, response) => {
    expect(answered(offered, config())?.response).toBe(response);
  });
  it("with takeover drops a window only where the client asks for it", () => {
    const deflate = config({ contextTakeover: true });
    expect(answered("permessage-deflate", deflate)).toEqual({
      params: { serverWindowBits: 15, clientWindowBits: 15, serverTakeover: true, clientTakeover: true },
      response: "permessage-deflate",
    });
    expect(answered("permessage-deflate; server_no_context_takeover", deflate)?.params).toMatchObject({
      serverTakeover: false,
      clientTakeover: true,
    });
    expect(answered("permessage-deflate; client_no_context_takeover", deflate)?.params).toMatchObject({
      serverTakeover: true,
      clientTakeover: false,
    });
  });
  it("announces a smaller window of its own, asked or not", () => {
    const deflate = config({ contextTakeover: true, windowBits: 10 });
    expect(answered("permessage-deflate", deflate)?.response).toBe("permessage-deflate; server_max_window_bits=10");
    expect(answered("permessage-deflate; server_max_window_bits=12", deflate)?.response).toBe(
      "permessage-deflate; server_max_window_bits=10",
    );
    expect(answered("permessage-deflate; server_max_window_bits=9", deflate)?.params.serverWindowBits).toBe(9);
  });
  it("declines a window that the engine cannot keep to, and takes the next offer", () => {
    const deflate = config({ contextTakeover: true, windowBits: 9 }, [9, 15]);
    expect(answered("permessage-deflate; server_max_window_bits=8", deflate)).toBe(null);
    expect(answered("permessage-deflate; server_max_window_bits=8, permessage-deflate", deflate)?.response).toBe(
      "permessage-deflate; server_max_window_bits=9",
    );
  });
  it.each([
    "permessage-deflate; unknown",
    "permessage-deflate; constructor",
    "permessage-deflate; __proto__=1",
    "permessage-deflate; Client_max_window_bits",
    "permessage-deflate; server_no_context_takeover=1",
    "permessage-deflate; client_no_context_takeover=true",
    "permessage-deflate; server_no_context_takeover; server_no_context_takeover",
    "permessage-deflate; client_max_window_bits; client_max_window_bits=9",
    "permessage-deflate; server_max_window_bits",
    "permessage-deflate; server_max_window_bits=7",
    "permessage-deflate; server_max_window_bits=16",
    "permessage-deflate; server_max_window_bits=08",
    'permessage-deflate; server_max_window_bits="08"',
    "permessage-deflate; server_max_window_bits=8.0",
    "permessage-deflate; server_max_window_bits=1e1",
    "permessage-deflate; server_max_window_bits=0x9",
    "permessage-deflate; server_max_window_bits=1000",
    "permessage-deflate; client_max_window_bits=7",
    "permessage-deflate; client_max_window_bits=016",
    "permessage-deflate; client_max_window_bits=-9",
    "x-webkit-deflate-frame",
    "permessage-bzip2",
  ])("declines %s and takes the offer behind it", (offered) => {
    const deflate = config({ contextTakeover: true });
    expect(answered(offered, deflate)).toBe(null);
    expect(answered(`${offered}, permessage-deflate`, deflate)?.response).toBe("permessage-deflate");
  });
  it("takes the first offer that fits, whatever follows", () => {
    const deflate = config({ contextTakeover: true });
    expect(answered("permessage-deflate; server_max_window_bits=9, permessage-deflate", deflate)?.params.serverWindowBits).toBe(
      9,
    );
  });
});

describe("a client's check of the answer", () => {
  const takeover = config({ contextTakeover: true });
  const asked = (terms: Partial<Terms>): Terms => ({
    clientNoTakeover: false,
    serverNoTakeover: false,
    serverBits: null,
    clientBits: null,
    ...terms,
  });
  const plain = { serverWindowBits: 15, clientWindowBits: 15, serverTakeover: true, clientTakeover: true };

  it.each([
    ["server_no_context_takeover", {}, { ...plain, serverTakeover: false }],
    ["server_no_context_takeover", { serverNoTakeover: true }, { ...plain, serverTakeover: false }],
    ["", { serverNoTakeover: true }, plain],
    ["client_no_context_takeover", {}, { ...plain, clientTakeover: false }],
    ["client_no_context_takeover", { clientNoTakeover: true }, { ...plain, clientTakeover: false }],
    ["", { clientNoTakeover: true }, plain],
    ["server_max_window_bits=8", {}, { ...plain, serverWindowBits: 8 }],
    ["server_max_window_bits=15", {}, plain],
    ["server_max_window_bits=10", { serverBits: 10 }, { ...plain, serverWindowBits: 10 }],
    ["server_max_window_bits=9", { serverBits: 10 }, { ...plain, serverWindowBits: 9 }],
    ["server_max_window_bits=11", { serverBits: 10 }, null],
    ["", { serverBits: 10 }, null],
    ["client_max_window_bits=10", {}, null],
    ["client_max_window_bits=8", { clientBits: "no value" }, { ...plain, clientWindowBits: 8 }],
    ["client_max_window_bits", { clientBits: "no value" }, null],
    ["", { clientBits: "no value" }, plain],
    ["client_max_window_bits=10", { clientBits: 10 }, { ...plain, clientWindowBits: 10 }],
    ["client_max_window_bits=11", { clientBits: 10 }, null],
    ["client_max_window_bits=7", { clientBits: "no value" }, null],
    ["client_max_window_bits=16", { clientBits: "no value" }, null],
    ["server_max_window_bits", {}, null],
    ["server_max_window_bits=7", {}, null],
    ["server_max_window_bits=16", {}, null],
    ["server_max_window_bits=1000", {}, null],
    ["server_max_window_bits=09", {}, null],
    ["server_max_window_bits=9; server_max_window_bits=9", {}, null],
    ["server_no_context_takeover; server_no_context_takeover", {}, null],
    ["server_no_context_takeover=1", {}, null],
    ["unknown", {}, null],
    ["__proto__", {}, null],
  ] as [string, Partial<Terms>, object | null][])("of %j against %j gives %j", (params, terms, expected) => {
    expect(verified(`permessage-deflate${params && "; "}${params}`, takeover, asked(terms))).toEqual(expected);
  });
  it("drops its own window without takeover even if the server does not ask for it", () => {
    expect(verified("permessage-deflate", config())).toEqual({ ...plain, clientTakeover: false });
  });
  it("keeps its own window below windowBits even if the server allows more", () => {
    expect(verified("permessage-deflate", config({ contextTakeover: true, windowBits: 10 }))).toEqual({
      ...plain,
      clientWindowBits: 10,
    });
    expect(
      verified("permessage-deflate; client_max_window_bits=9", config({ contextTakeover: true, windowBits: 10 }))
        ?.clientWindowBits,
    ).toBe(9);
    expect(verified("permessage-deflate; client_max_window_bits=11", config({ contextTakeover: true, windowBits: 10 }))).toBe(
      null,
    );
  });
});

describe("law L21, negotiation", () => {
  it("any client of ours and any server of ours agree on the same parameters", () => {
    fc.assert(fc.property(deflates, deflates, (client, server) => {
      const result = answered(offer(client), server)!;
      const params = verified(result.response, client)!;
      // An engine that cannot do 8 says nothing of its own window: it may be smaller than the server knows.
      const silent = client.engine.deflateBits[0] > 8;
      expect(params).toEqual(silent ? { ...result.params, clientWindowBits: client.windowBits } : result.params);
      expect(params.clientWindowBits).toBeLessThanOrEqual(Math.min(result.params.clientWindowBits, client.windowBits));
      expect(params.serverWindowBits).toBeLessThanOrEqual(server.windowBits);
      if (!client.contextTakeover || !server.contextTakeover) {
        expect(params).toMatchObject({ serverTakeover: false, clientTakeover: false });
      }
    }));
  });
  it("a server answers any offer within RFC 7692, and any client that keeps to it understands the same", () => {
    fc.assert(fc.property(offers, deflates, (asked, server) => {
      const result = answered(written(asked), server);
      if (result === null) {
        expect(asked.serverBits).toBeLessThan(server.engine.deflateBits[0]);
        return;
      }
      expectLegal(result.response, asked);
      expect(result.params.serverWindowBits).toBeGreaterThanOrEqual(server.engine.deflateBits[0]);
      expect(verified(result.response, config({ contextTakeover: true }), asked)).toEqual(result.params);
    }));
  });
  it("any list of offers, sound or not, gets an answer or none, and nothing is thrown", () => {
    const value = fc.constantFrom(null, "7", "8", "08", "10", "15", "16", "x");
    const name = fc.constantFrom(
      "client_no_context_takeover",
      "server_no_context_takeover",
      "client_max_window_bits",
      "server_max_window_bits",
      "constructor",
      "__proto__",
    );
    const extension = fc.record({
      name: fc.constantFrom("permessage-deflate", "permessage-bzip2", "toString"),
      params: fc.array(fc.tuple(name, value), { maxLength: 5 }),
    });
    fc.assert(fc.property(fc.array(extension, { maxLength: 5 }), deflates, (list, server) => {
      const result = answer(list, server);
      // The offer taken is the first sound one, on its own it gets the same answer.
      const first = list.findIndex((offer) => answer([offer], server) !== null);
      expect(result).toEqual(first === -1 ? null : answer([list[first]], server));
    }));
  });
});
