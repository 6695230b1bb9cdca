import { createHash } from "node:crypto";
import { deflateRawSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { judgeUtf8 } from "../../frames/utf8.ts";
import type { DocumentName } from "./case.ts";
import { documentOctets, DOCUMENTS } from "./documents.ts";

/** The originals: how far zlib at level 6 compresses them, and their SHA-1, so that a copy would be seen. */
const ORIGINALS: Readonly<Record<DocumentName, { readonly ratio: number; readonly sha1: string }>> = {
  json: { ratio: 0.0435, sha1: "29a6391ee3ef8be4e76625707124af339ccc73bb" },
  html: { ratio: 0.0554, sha1: "1fdd46e75af0e5e5f246b2b1cf0956b1bb2e4a75" },
  prose: { ratio: 0.389, sha1: "92183e58d19126b4caf19fafd78ef4511b3260c8" },
  bitmap: { ratio: 0.851, sha1: "f1aef32df26d8a750d2d68dc455d9930f4db621d" },
  mixed: { ratio: 0.758, sha1: "22ec22672f9d79b655bddf2eec4c6e405e8742b2" },
};
const NAMES = Object.keys(DOCUMENTS) as DocumentName[];
const LONGEST_MESSAGE = 131_072;

describe.each(NAMES)("the document %s", (name) => {
  const octets = documentOctets(name);

  it("has the size that its title names, more than the longest message", () => {
    expect(octets.byteLength).toBe(DOCUMENTS[name].size);
    expect(DOCUMENTS[name].title).toContain(octets.byteLength.toLocaleString("en"));
    expect(octets.byteLength).toBeGreaterThan(LONGEST_MESSAGE);
  });

  it("compresses about as far as the original, and is another file", () => {
    const { ratio, sha1 } = ORIGINALS[name];
    const mine = deflateRawSync(octets).byteLength / octets.byteLength;
    expect(mine / ratio).toBeGreaterThan(0.88);
    expect(mine / ratio).toBeLessThan(1.12);
    expect(createHash("sha1").update(octets).digest("hex")).not.toBe(sha1);
  });

  it("is made once", () => expect(documentOctets(name)).toBe(octets));
});

describe("the documents that are text", () => {
  it("are UTF-8 of characters that take one UTF-16 unit each", () => {
    for (const name of ["json", "html", "prose"] as const) {
      const octets = documentOctets(name);
      expect(judgeUtf8(octets)).toEqual({ wrongAt: -1, open: false });
      expect(octets.every((octet) => octet < 0xf0)).toBe(true);
    }
  });

  it("are more than ASCII where slices shall be cut between characters", () => {
    const html = documentOctets("html");
    expect(html.some((octet) => octet >= 0xc2 && octet < 0xe0)).toBe(true);
    expect(html.some((octet) => octet >= 0xe0)).toBe(true);
    expect(documentOctets("json").every((octet) => octet < 0x80)).toBe(true);
    expect([...documentOctets("prose").subarray(0, 3)]).toEqual([0xef, 0xbb, 0xbf]);
  });

  it("hold a report in JSON that can be read, on three agents with as many cases each", () => {
    const report = JSON.parse(new TextDecoder().decode(documentOctets("json"))) as Record<string, Record<string, unknown>>;
    expect(Object.values(report).map((cases) => Object.keys(cases).length)).toEqual([313, 313, 313]);
  });
});

/** The documents of every run and every host are these. Change them knowingly: times are no longer comparable then. */
it("are the same in every run", () => {
  const sums = NAMES.map((name) => createHash("sha1").update(documentOctets(name)).digest("hex").slice(0, 12));
  expect(sums).toMatchInlineSnapshot(`
    [
      "01889eece976",
      "c8e446c1aabf",
      "743ca44364ab",
      "fef02f0200df",
      "f09c4863bd38",
    ]
  `);
});
