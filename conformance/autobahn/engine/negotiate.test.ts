import { describe, expect, it } from "vitest";
import type { DeflateRow, DeflateWish } from "../cases/case.ts";
import { acceptOffer, type Offer, offersText, parseExtensions, readAnswer, readOffer } from "./negotiate.ts";

const row = (noContextTakeover = false, windowBits = 0): DeflateRow => ({ noContextTakeover, windowBits });
const wish = (...rows: readonly DeflateRow[]): DeflateWish => ({ offers: rows, accepts: rows });
const parametersOf = (header: string) => parseExtensions(header)[0].parameters;
function offer(header: string): Offer {
  const read = readOffer(parametersOf(header));
  if ("wrong" in read) throw new Error(read.wrong);
  return read.value;
}

describe("parseExtensions", () => {
  it("splits lists and parameters, without case and quotes", () => {
    const [first, second, ...more] = parseExtensions(' X-A;b ; C="1" , permessage-deflate; client_max_window_bits = 10,, ');
    expect([first.name, [...first.parameters]]).toEqual(["x-a", [["b", [true]], ["c", ["1"]]]]);
    expect([second.name, [...second.parameters]]).toEqual(["permessage-deflate", [["client_max_window_bits", ["10"]]]]);
    expect(more).toEqual([]);
  });
});

describe("readOffer", () => {
  it("reads what the client asks of the server, and whether it takes a window", () => {
    expect(offer("permessage-deflate")).toEqual({ serverNoContextTakeover: false, serverWindowBits: 0, takesWindowBits: false });
    expect(offer("permessage-deflate; server_no_context_takeover; server_max_window_bits=10; client_max_window_bits")).toEqual({
      serverNoContextTakeover: true,
      serverWindowBits: 10,
      takesWindowBits: true,
    });
  });

  it("refuses what RFC 7692 §7.1 does not allow", () => {
    const wrong = [
      "server_max_window_bits",
      "server_max_window_bits=7",
      "server_max_window_bits=16",
      "client_max_window_bits=x",
      "client_no_context_takeover=1",
      "server_no_context_takeover; server_no_context_takeover",
      "unknown",
    ];
    for (const parameter of wrong) {
      expect([parameter, readOffer(parametersOf(`permessage-deflate; ${parameter}`))]).toEqual([parameter, {
        wrong: expect.any(String),
      }]);
    }
  });
});

describe("readAnswer", () => {
  it("needs a value for a window, and takes 15 bits for one that is not mentioned", () => {
    expect(readAnswer(parametersOf("permessage-deflate; client_max_window_bits=9; server_no_context_takeover"))).toEqual({
      value: { server: { noContextTakeover: true, windowBits: 15 }, client: { noContextTakeover: false, windowBits: 9 } },
    });
    expect(readAnswer(parametersOf("permessage-deflate; client_max_window_bits"))).toEqual({
      wrong: expect.stringContaining("'True'"),
    });
  });
});

describe("offersText", () => {
  it("names what the client takes, then what it asks for", () => {
    expect(offersText(null)).toBe(null);
    expect(offersText(wish(row(true, 9), row()))).toBe(
      "permessage-deflate; client_no_context_takeover; client_max_window_bits; server_no_context_takeover; server_max_window_bits=9, " +
        "permessage-deflate; client_no_context_takeover; client_max_window_bits",
    );
  });
});

describe("acceptOffer", () => {
  it("takes the first wish that an offer can meet, and answers for both directions", () => {
    const plain = offer("permessage-deflate; server_no_context_takeover");
    const able = offer("permessage-deflate; client_max_window_bits");
    expect(acceptOffer([plain], wish(row(false, 9)))).toBe(null);
    expect(acceptOffer([], wish(row()))).toBe(null);
    expect(acceptOffer([able], null)).toBe(null);
    expect(acceptOffer([plain, able], wish(row(true, 9), row()))?.text).toBe(
      "permessage-deflate; client_no_context_takeover; client_max_window_bits=9",
    );
    expect(acceptOffer([plain], wish(row(true, 9), row(true)))).toEqual({
      text: "permessage-deflate; server_no_context_takeover; client_no_context_takeover",
      agreement: { server: { noContextTakeover: true, windowBits: 15 }, client: { noContextTakeover: true, windowBits: 15 } },
    });
  });
});
