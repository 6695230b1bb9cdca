// Tests of junit.ts, markdown.ts, github.ts, table.ts and write.ts: what CI systems read, and what hostile names do to them.
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { caseResult, runInfo, stratus519, websock517, websock55, websock716 } from "./fixtures.test.support.ts";
import { annotations, stepSummary } from "./github.ts";
import { junit } from "./junit.ts";
import { markdown } from "./markdown.ts";
import { DEFAULT_FAIL_ON, type Index } from "./policy.ts";
import { report } from "./report.ts";
import { terminal } from "./table.ts";
import { FORMATS, write } from "./write.ts";

const evil = `]]></failure>"'&<script>|\`@org/team\u0000\x1b[2J\n::error::x`;
const unimplemented = caseResult({ id: "13.3.1", behavior: "UNIMPLEMENTED" });
const some = [stratus519(), websock55(), websock716(), unimplemented];
const info = runInfo({ ids: ["5.5"], agents: [{ name: "websock server", url: null, ids: ["5.5", "5.6", "7.1.6"] }] });

function baselineOf(behavior: string): Index {
  const verdict = { behavior, behaviorClose: "OK", duration: 1, remoteCloseCode: 1000, reportfile: "" };
  return new Map([["websock server", new Map([["5.5", verdict]])]]);
}

describe("JUnit XML", () => {
  it("has a suite per agent and a test case per case, with what the policy minds as failures", () => {
    const text = junit(report(some, info));
    expect(text).toContain(
      '<testsuites name="sansws conformance 1.2.3" tests="6" failures="2" errors="2" skipped="1" time="32.410">',
    );
    expect(text).toContain('<testsuite name="websock server" tests="4" failures="1" errors="1" skipped="1"');
    expect(text).toContain('<testsuite name="stratus@2" tests="2" failures="1" errors="1" skipped="0"');
    expect(text).toContain(
      '<failure type="OK / UNCLEAN" message="OK / UNCLEAN: Actual events match at least one expected. The spec',
    );
    expect(text.match(/<testcase /g)).toHaveLength(6);
  });

  it("skips what the baseline knows", () => {
    const before: Index = new Map([[
      "websock server",
      new Map([["5.5", { ...baselineOf("OK").get("websock server")!.get("5.5")!, behaviorClose: "UNCLEAN" }]]),
    ]]);
    const text = junit(report([websock55()], runInfo(), { failOn: DEFAULT_FAIL_ON, baseline: before }));
    expect(text).toContain('failures="0" errors="0" skipped="1"');
    expect(text).toContain('<skipped message="known from the baseline: 5.5 OK / UNCLEAN"/>');
  });

  it("stays well-formed whatever peers send", () => {
    const bad = { behavior: "FAILED", agent: evil, result: evil, description: evil, httpRequest: evil } as const;
    const findings = [{ agent: evil, text: evil }];
    const text = junit(report([caseResult(bad)], runInfo({ titles: { "1": evil }, findings })));
    // Every character is XML's, every tag is closed in its order, and no text holds a raw mark.
    expect(text).not.toMatch(/[^\n\P{Cc}]/u);
    const open: string[] = [];
    for (const [, close, name, rest] of text.matchAll(/<(\/?)([a-z]+)((?: [a-z]+="[^"<&]*(?:&#\d+;[^"<&]*)*")*\/?)>/g)) {
      if (close === "/") expect(open.pop()).toBe(name);
      else if (!rest.endsWith("/")) open.push(name);
    }
    expect(open).toEqual([]);
    const outside = text.replace(/<\?xml[^>]*>|<\/?[a-z]+(?: [a-z]+="[^"]*")*\/?>/g, "");
    expect(outside).not.toMatch(/[<>]/);
  });
});

describe("Markdown", () => {
  it("has a row per section and a column per agent", () => {
    const text = markdown(report(some, info));
    expect(text).toContain("**Failed: 4 cases.**");
    expect(text).toContain("| Section | Cases | `websock server` | `stratus@2` |");
    expect(text).toContain("| 5 Fragmentation | 3 | 0/2: 1 Missing, 1 Unclean | 0/2: 1 Missing, 1 Fail, 1 Unclean |");
    expect(text).toMatch(/^\| 7 .* \| 1 \| 0\/1: 1 Info \| not run \|$/m);
    expect(text).toContain("| `stratus@2` | 5.19 | FAILED / UNCLEAN |  |");
  });

  it("keeps every row a row, whatever agents are called", () => {
    const text = markdown(report([caseResult({ agent: evil, behavior: "FAILED" })], runInfo()));
    const rows = text.split("\n").filter((line) => line.startsWith("| "));
    const columns = rows.map((row) => row.replaceAll("\\|", "").split("|").length);
    expect(new Set(columns.slice(0, 4))).toEqual(new Set([5]));
    expect(text).not.toContain("\x1b");
  });
});

describe("GitHub", () => {
  it("annotates what fails with its reason, and what became better", () => {
    const lines = annotations(report([websock55()], runInfo(), { failOn: DEFAULT_FAIL_ON, baseline: baselineOf("FAILED") }))
      .split("\n");
    expect(lines[0]).toBe(
      "::error title=websock server 5.5%3A OK / UNCLEAN::Actual events match at least one expected. " +
        "The spec requires the connection to be failed cleanly here. The baseline has FAILED / OK.",
    );
    expect(lines[1]).toBe("::notice title=websock server 5.5 is better than the baseline::OK / UNCLEAN, was FAILED / OK");
  });

  it("says how many more there are, because GitHub drops all after the tenth in silence", () => {
    const many = Array.from({ length: 25 }, (_, index) => caseResult({ id: `1.1.${index + 1}`, behavior: "FAILED" }));
    const lines = annotations(report(many, runInfo())).trim().split("\n");
    expect(lines).toHaveLength(10);
    expect(lines[9]).toBe("::error title=Conformance::and 16 more: see the step summary");
  });

  it("has an error when nothing was tested, and no line at all when nothing is to be told", () => {
    expect(annotations(report([], runInfo()))).toBe("::error title=Conformance::Failed: no case gave a result.\n");
    expect(annotations(report([caseResult()], runInfo()))).toBe("");
    expect(stepSummary(report([caseResult()], runInfo()))).toContain("Passed: nothing fails.");
  });

  it("lets no peer write a command", () => {
    const text = annotations(report([caseResult({ agent: evil, behavior: "FAILED", result: evil })], runInfo()));
    expect(text.trim().split("\n")).toHaveLength(1);
    expect(text.startsWith("::error title=")).toBe(true);
  });
});

describe("the table for a terminal", () => {
  it("counts verdicts by section, names what fails, and ends with the judgement", () => {
    const text = terminal(report(some, info));
    const rows = text.split("\n").map((line) => line.trim().split(/ {2,}/));
    expect(rows).toContainEqual(["5 Fragmentation", "2", "1", "-", "-", "-", "-", "1", "0.0", "1 UNCLEAN"]);
    expect(rows).toContainEqual(["stratus@2 5.19", "FAILED / UNCLEAN"]);
    expect(text.endsWith("\n\nFailed: 4 cases.\n")).toBe(true);
  });

  it("is not driven by peers", () => {
    expect(terminal(report([caseResult({ agent: evil })], runInfo()))).not.toMatch(/[^\n\P{Cc}]/u);
  });
});

describe("writing", () => {
  it("makes the folder, writes the formats wanted and no other, and gives their paths", () => {
    const folder = mkdtempSync(join(tmpdir(), "sansws-report-"));
    try {
      const outdir = join(folder, "reports", "servers");
      const all = report([websock55(), websock517()], runInfo());
      expect(write(all, outdir, ["junit", "json"]).map((path) => path.slice(outdir.length + 1))).toEqual([
        "index.json",
        "run.json",
        "websock_server_case_5_5.json",
        "websock_secure_server_case_5_17.json",
        "junit.xml",
      ]);
      expect(readdirSync(outdir)).toHaveLength(5);
      const index = JSON.parse(readFileSync(join(outdir, "index.json"), "utf8"));
      const { reportfile } = index["websock server"]["5.5"];
      expect(JSON.parse(readFileSync(join(outdir, reportfile), "utf8"))).toMatchObject({ id: "5.5", behaviorClose: "UNCLEAN" });
      const written = write(all, outdir, FORMATS);
      expect(new Set(written).size).toBe(written.length);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
