// Tests of escape.ts: what a hostile text can do in each language, which must be nothing.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { character } from "../../support/character.ts";
import { githubData, githubProperty, html, markdown, markdownCode, scriptJson, visible, xml } from "./escape.ts";

const hostile = fc.oneof(
  fc.string({ unit: character }),
  fc.array(
    fc.constantFrom(
      "<",
      ">",
      "&",
      '"',
      "'",
      "`",
      "|",
      "\n",
      "\r",
      "%",
      ":",
      ",",
      "]]>",
      "</script>",
      "<!--",
      "\u202e",
      "\u0000",
      "\ud800",
      "a",
    ),
  )
    .map((parts) => parts.join("")),
);

function unescapeEntities(text: string): string {
  return text.replace(/&#(\d+);/g, (_, code) => String.fromCharCode(Number(code)));
}

describe("texts of peers", () => {
  it("reach a terminal without control characters, direction marks and lone surrogates", () => {
    fc.assert(fc.property(hostile, (text) => {
      const shown = visible(text);
      expect(shown).not.toMatch(/[\p{Cc}\p{Cs}\u202a-\u202e\u2066-\u2069]/u);
    }));
    expect(visible("\x1b[2Ja\u202eb\ud800\nκόσμε 😀")).toBe("\\x1b[2Ja\\u202eb\\ud800\\x0aκόσμε 😀");
  });

  it("end neither a text nor an attribute of HTML, and come back whole", () => {
    fc.assert(fc.property(hostile, (text) => {
      expect(html(text)).not.toMatch(/[<>"']/);
      expect(unescapeEntities(html(text))).toBe(visible(text));
    }));
  });

  it("are always XML 1.0 characters", () => {
    fc.assert(fc.property(hostile, (text) => {
      expect(xml(text)).not.toMatch(/[<>"'\n\ufffe\uffff\p{Cc}\p{Cs}]/u);
    }));
  });

  it("cannot end a script element, and JSON gives them back", () => {
    fc.assert(fc.property(hostile, (text) => {
      const data = scriptJson({ text });
      expect(data).not.toMatch(/[<>\u2028\u2029]/);
      expect(JSON.parse(data)).toEqual({ text });
    }));
  });

  it("stay one line of one cell in Markdown, and as code are no mention and no HTML", () => {
    fc.assert(fc.property(hostile, (text) => {
      for (const shown of [markdown(text), markdownCode(text)]) {
        expect(shown).not.toContain("\n");
        expect(shown.replaceAll("\\|", "")).not.toContain("|");
      }
      const fence = markdownCode(text).match(/^`+/)![0];
      expect(markdownCode(text).slice(fence.length, -fence.length).match(/`+/g) ?? []).not.toContain(fence);
    }));
    expect(markdownCode("@org/team")).toBe("`@org/team`");
    expect(markdown("<b>[a](b)")).toBe("\\<b\\>\\[a\\](b)");
  });

  it("cannot begin a workflow command of their own", () => {
    fc.assert(fc.property(hostile, (text) => {
      expect(githubData(text)).not.toMatch(/[\r\n]/);
      expect(githubProperty(text)).not.toMatch(/[\r\n:,]/);
    }));
    expect(githubData("100 %\n::error::x")).toBe("100 %25%0A::error::x");
  });
});
