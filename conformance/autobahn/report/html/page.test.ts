// Tests of page.ts, matrix.ts and model.ts as text; what the page does is tested in browser.test.ts.
import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { caseResult, runInfo, stratus519, websock55, websock716, wholeRun } from "../fixtures.test.support.ts";
import { report } from "../report.ts";
import { type Model, model } from "./model.ts";
import { page } from "./page.ts";

const none = { json: false, text: false };

function dataOf(html: string): Model {
  return JSON.parse(html.match(/<script type="application\/json" id="data">([^]*?)<\/script>/)![1]);
}

describe("the page", () => {
  it("allows by its policy exactly the style and the script that it has, and nothing from elsewhere", () => {
    const html = page(report([websock55()], runInfo()));
    const policy = html.match(/http-equiv="Content-Security-Policy" content="([^"]*)"/)![1];
    const hash = (text: string): string => `'sha256-${createHash("sha256").update(text).digest("base64")}'`;
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain(`style-src ${hash(html.match(/<style>([^]*?)<\/style>/)![1])};`);
    expect(policy).toContain(`script-src ${hash(html.match(/<script>([^]*?)<\/script>/)![1])};`);
    expect(policy).not.toContain("unsafe");
    expect(html).not.toMatch(/\s(?:src|style|on[a-z]+)=/);
    expect(html).not.toMatch(/https?:\/\/(?!www\.w3\.org\/2000\/svg)/);
  });

  it("has one data block and two scripts, whatever peers send", () => {
    const evil = `</script><script>alert(1)</script><!-- <img src=x onerror=alert(1)> "'`;
    const html = page(
      report(
        [caseResult({ agent: evil, result: evil, httpRequest: evil, description: evil, received: [["pong", evil]] })],
        runInfo(),
      ),
    );
    expect(html.match(/<script/g)).toHaveLength(2);
    expect(html.match(/<!--|<img|<\/body>/g)).toEqual(["</body>"]);
    expect(dataOf(html).agents[0].name).toBe(evil);
  });

  it("stays small: 517 cases of one agent below five megabytes", () => {
    expect(page(report(wholeRun(["peer"]), runInfo())).length).toBeLessThan(5e6);
  });

  it("has a row for every case and a cell for every agent, missing results too", () => {
    const html = page(report([websock55(), stratus519()], runInfo({ ids: ["5.5", "5.19"] })));
    expect([...html.matchAll(/<tr data-id="([^"]*)"/g)].map(([, id]) => id)).toEqual(["5.5", "5.19"]);
    expect(html.match(/class="cell missing"/g)).toHaveLength(2);
    expect(html).toContain('href="#5.19/stratus_2"');
  });
});

describe("the data of the page", () => {
  it("holds everything that the report of a case shows", () => {
    const { results, closing } = model(report([stratus519()], runInfo()), { json: true, text: true });
    const result = results[0]["5.19"];
    expect(closing).toHaveLength(13);
    expect(result.closing).toHaveLength(13);
    expect(result.wire).toHaveLength(stratus519().wirelog.length + 1);
    expect(result.stats.map(({ rows }) => rows.at(-1))).toEqual([["Total", 1, 232], ["Total", 9, 287], ["Total", 0], [
      "Total",
      8,
    ]]);
    expect(result.sets[0].rows.map(([, , state]) => state)).toEqual(["first", "after", "after"]);
    expect(result.files).toEqual(["stratus_2_case_5_19.json", "stratus_2_case_5_19.txt"]);
    expect(result.wanted.map(({ good }) => good)).toEqual([true, false, true]);
  });

  it("shows which of two sets came, if one did", () => {
    const of = (received: readonly (readonly ["timeout", string])[]): boolean[] =>
      model(report([caseResult({ expected: { OK: [["timeout", "A"]], "NON-STRICT": [] }, received })], runInfo()), none)
        .results[0]["1.1.2"].sets.map(({ equal }) => equal);
    expect(of([])).toEqual([false, true]);
    expect(of([["timeout", "A"]])).toEqual([true, false]);
    expect(of([["timeout", "B"]])).toEqual([false, false]);
  });

  it("says why a log has gaps", () => {
    const off = caseResult({ wirelog: [["WLM", false], ["WLM", true]], times: [1, 2] });
    expect(model(report([off], runInfo()), none).results[0]["1.1.2"].gaps).toHaveLength(1);
    expect(model(report([websock716()], runInfo()), none).results[0]["7.1.6"].gaps).toEqual([]);
  });
});
