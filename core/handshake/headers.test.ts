import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { UsageError } from "../errors.ts";
import {
  fieldsOf,
  isAuthority,
  isFieldValue,
  isOriginForm,
  isToken,
  joined,
  listOf,
  named,
  parseExtensions,
  requireFields,
  requireFree,
  trim,
} from "./headers.ts";

const TCHARS = "!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const token = fc.string({ unit: fc.constantFrom(...TCHARS), minLength: 1, maxLength: 12 });
const space = fc.string({ unit: fc.constantFrom(" ", "\t"), maxLength: 3 });
const latin1 = fc.string({ unit: fc.integer({ min: 0, max: 255 }).map((code) => String.fromCharCode(code)), maxLength: 40 });

describe("tokens and values", () => {
  it("knows the 77 characters of a token among all octets", () => {
    for (let code = 0; code < 0x180; code++) {
      const text = String.fromCharCode(code);
      expect(isToken(text)).toBe(TCHARS.includes(text));
      expect(isToken(`a${text}b`)).toBe(TCHARS.includes(text));
    }
    expect(isToken("")).toBe(false);
  });
  it("writes visible ASCII, space and tab only", () => {
    for (let code = 0; code < 0x180; code++) {
      expect(isFieldValue(`a${String.fromCharCode(code)}`)).toBe(code === 9 || (code >= 32 && code < 127));
    }
    expect(isFieldValue("")).toBe(true);
  });
  it("trims spaces and tabs, and nothing else", () => {
    fc.assert(fc.property(space, latin1, space, (before, text, after) => {
      expect(trim(before + text + after)).toBe(text.replace(/^[ \t]+/, "").replace(/[ \t]+$/, ""));
    }));
    expect(trim("\u00a0a\u000b")).toBe("\u00a0a\u000b");
  });
  it("splits lists and ignores empty elements", () => {
    expect(listOf(" ,a ,, b\t,")).toEqual(["a", "b"]);
    expect(listOf(" , ")).toEqual([]);
    expect(listOf("")).toEqual([]);
  });
});

describe("authorities and targets", () => {
  it.each([
    "localhost",
    "localhost:8080",
    "127.0.0.1:80",
    "[::1]",
    "[::ffff:127.0.0.1]:8080",
    "xn--bcher-kva.example",
    "under_score.example:",
    "%41.example",
  ])("takes the authority %s", (text) => {
    expect(isAuthority(text)).toBe(true);
  });
  it.each([
    "",
    ":80",
    "a:b",
    "a:80:80",
    "u@h",
    "a b",
    "a/b",
    "a?b",
    "a#b",
    "[::1",
    "::1",
    "[]",
    "b\u00fccher",
    "a\r\n",
    "a:123456",
    "a, b",
  ])(
    "refuses the authority %j",
    (text) => {
      expect(isAuthority(text)).toBe(false);
    },
  );
  it("takes paths with what browsers leave as it is, and no fragment", () => {
    for (const text of ["/", "/a?b=c", "/?{}|^\"'<>", "//x"]) expect(isOriginForm(text)).toBe(true);
    for (const text of ["", "a", "*", "/a b", "/a#b", "/\u00fc", "/\r", "/\u0000", "http://a/"]) {
      expect(isOriginForm(text)).toBe(false);
    }
  });
});

describe("fields", () => {
  it("finds values without case, in order, without the space around them", () => {
    const fields = fieldsOf([["A", " 1 "], ["b", "2"], ["a", "3\t"]]);
    expect(fields.get("a")).toEqual(["1", "3"]);
    expect(joined(fields, "a")).toBe("1, 3");
    expect(joined(fields, "c")).toBe(null);
  });
  it("joins the crumbs of a cookie with semicolons (RFC 9113 §8.2.3)", () => {
    expect(joined(fieldsOf([["cookie", "a=1"], ["cookie", "b=2"]]), "cookie")).toBe("a=1; b=2");
  });
  it("treats names of Object.prototype as data", () => {
    const fields = fieldsOf([["__proto__", "x"], ["constructor", "y"]]);
    expect(fields.get("__proto__")).toEqual(["x"]);
    expect(fields.get("constructor")).toEqual(["y"]);
    expect(joined(fields, "toString")).toBe(null);
    expect(({} as Record<string, unknown>)["x"]).toBe(undefined);
  });
  it("writes names in lower case for HTTP/2 only", () => {
    expect(named(1, [["X-Y", "Z"]])).toEqual([["X-Y", "Z"]]);
    expect(named(2, [["X-Y", "Z"]])).toEqual([["x-y", "Z"]]);
  });
  it("lets no text through that would not stay on its line", () => {
    fc.assert(fc.property(latin1, latin1, (name, value) => {
      try {
        requireFields([["ok", "ok"], [name, value]]);
      } catch (error) {
        expect(error).toBeInstanceOf(UsageError);
        return;
      }
      expect(name).toMatch(/^[!-~]+$/);
      expect(value).toMatch(/^[\t -~]*$/);
    }));
  });
  it.each([
    ["a number as value", [["a", 1]]],
    ["no value", [["a"]]],
    ["no name", [[undefined, "a"]]],
  ])("refuses %s, as JavaScript callers may give it", (_, headers) => {
    expect(() => requireFields(headers as unknown as [string, string][])).toThrow(UsageError);
  });
  it("keeps the handshake's own headers from callers, in any case", () => {
    for (
      const name of [
        "HOST",
        "Connection",
        "upgrade",
        "Content-Length",
        "Transfer-Encoding",
        "TE",
        "Sec-WebSocket-Accept",
        "sec-websocket-x",
      ]
    ) {
      expect(() => requireFree([[name, "x"]])).toThrow(UsageError);
    }
    expect(() => requireFree([["Set-Cookie", "a"], ["Sec-Fetch-Mode", "websocket"]])).not.toThrow();
    expect(() => requireFree([["Sec-WebSocket-Version", "13"]], "sec-websocket-version")).not.toThrow();
  });
});

describe("extension lists", () => {
  const value = fc.oneof(
    fc.constant(null),
    token.map((text) => ({ text, written: text })),
    // A quoted value, each character perhaps behind a backslash.
    fc.tuple(token, fc.infiniteStream(fc.boolean())).map(([text, escapes]) => {
      const inside = [...text].map((char) => (escapes.next().value ? `\\${char}` : char)).join("");
      return { text, written: `"${inside}"` };
    }),
  );
  const param = fc.record({ name: token, value, spaces: fc.tuple(space, space, space, space) });
  const extension = fc.record({ name: token, params: fc.array(param, { maxLength: 4 }), spaces: fc.tuple(space, space) });

  it("reads back whatever fits the grammar, with space between all parts and with empty elements", () => {
    fc.assert(fc.property(fc.array(extension, { minLength: 1, maxLength: 4 }), fc.boolean(), (list, empty) => {
      const text = list.map(({ name, params, spaces: [a, b] }) => {
        const written = params.map(({ name, value, spaces: [c, d, e, f] }) => {
          return `${c};${d}${name}` + (value === null ? "" : `${e}=${f}${value.written}`);
        });
        return a + name + written.join("") + b;
      }).join(empty ? ", ," : ",");
      expect(parseExtensions(empty ? `, ${text},` : text)).toEqual(
        list.map(({ name, params }) => ({ name, params: params.map(({ name, value }) => [name, value?.text ?? null]) })),
      );
    }));
  });
  it("never throws, whatever comes", () => {
    fc.assert(fc.property(latin1, (text) => {
      const list = parseExtensions(text);
      expect(list === null || list.length > 0).toBe(true);
    }));
  });
  it.each([
    ["nothing", ""],
    ["only commas", " , ,"],
    ["no name", ";a"],
    ["no parameter", "x;"],
    ["no parameter before the next one", "x;;a"],
    ["no value", "x;a="],
    ["an empty quoted value", 'x;a=""'],
    ["an unclosed quote", 'x;a="b'],
    ["a backslash at the end", 'x;a="b\\'],
    ["a quoted value that is no token", 'x;a="b c"'],
    ["a quoted comma", 'x;a="b,c"'],
    ["text behind a quoted value", 'x;a="b"c'],
    ["two names", "x y"],
    ["a quoted name", '"x"'],
    ["obs-text", "x\u00ff"],
    ["a line end", "x\r\ny"],
  ])("refuses %s", (_, text) => {
    expect(parseExtensions(text)).toBe(null);
  });
  it("treats names of Object.prototype as data", () => {
    expect(parseExtensions("constructor; __proto__=1; toString")).toEqual([
      { name: "constructor", params: [["__proto__", "1"], ["toString", null]] },
    ]);
  });
  it.each([
    ["an unclosed quote full of escapes", 'x;a="' + "\\c".repeat(2000)],
    ["spaces without end", "x" + " ".repeat(8000) + "!"],
    ["commas without end", ",".repeat(8000) + "x"],
    ["parameters without end", "x" + ";a".repeat(4000)],
    ["extensions without end", "x,".repeat(4000)],
  ])("looks at each character of %s at most four times", (_, text) => {
    let looks = 0;
    const counting = {
      length: text.length,
      charCodeAt: (at: number) => (looks++, text.charCodeAt(at)),
      slice: (from: number, to: number) => text.slice(from, to),
    };
    parseExtensions(counting as unknown as string);
    expect(looks).toBeLessThanOrEqual(4 * text.length);
  });
});
