import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DEFAULT_FAIL_ON } from "../report/policy.ts";
import { readOptions } from "./options.ts";

let folder = "";
const file = (name: string, text: string): string => {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
};
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "conform-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

describe("the arguments of the command", () => {
  it("have defaults", () => {
    expect(readOptions(["server", "ws://127.0.0.1/"])).toMatchObject({
      do: "server",
      jobs: 8,
      messages: null,
      patience: null,
      profile: "compat",
      outdir: "reports/servers",
      formats: ["html", "json"],
      policy: { failOn: DEFAULT_FAIL_ON, baseline: null },
      servers: [{ url: { authority: "127.0.0.1:80" }, agent: null, tls: {} }],
    });
    expect(readOptions(["client"])).toMatchObject({
      do: "client",
      host: "127.0.0.1",
      port: 9001,
      tls: null,
      keep: false,
      outdir: "reports/clients",
      status: true,
    });
    expect(readOptions(["--help"])).toEqual({ do: "help" });
  });

  it("select cases, of everything or of what a spec file selects", () => {
    const spec = file("few.json", '{"servers":[{"url":"ws://h:1"}],"cases":["1.*"],"exclude-cases":["1.2.*"]}');
    const ids = (...args: string[]): string[] => {
      const options = readOptions(["server", "--list", ...args]);
      return options.do === "list" ? options.cases.map(({ id }) => id) : [];
    };
    expect(ids("--cases", "2.10,1.1.1-1.1.3", "--exclude", "1.1.2")).toEqual(["1.1.1", "1.1.3", "2.10"]);
    expect(ids("--spec", spec)).toHaveLength(8);
    expect(ids("--spec", spec, "--exclude", "1.1.1-1.1.6,2")).toEqual(["1.1.7", "1.1.8"]);
    expect(ids("--spec", spec, "--cases", "2.1")).toEqual(["2.1"]);
    expect(ids()).toHaveLength(517);
    expect(ids("--cases", "all")).toHaveLength(517);
    expect(ids("--cases", "beyond").every((id) => Number.parseInt(id) >= 20)).toBe(true);
    // 20 asks something of servers only, 21 of clients.
    expect(ids("--cases", "20").length).toBeGreaterThan(0);
    expect(() => ids("--cases", "21")).toThrow("no case is selected");
  });

  it("go before what stands in a spec file", () => {
    const spec = file(
      "server.json",
      '{"url":"wss://0.0.0.0:9002","outdir":"there","cases":["*"],"key":"","options":{"failByDrop":true,"version":1}}',
    );
    expect(() => readOptions(["client", "--spec", spec])).toThrow(
      /server\.json: options: a fuzzing server has no option "version"/,
    );
    writeFileSync(spec, '{"url":"wss://0.0.0.0:9002","outdir":"there","cases":["*"],"options":{"failByDrop":true},"webport":1}');
    expect(readOptions(["client", "--spec", spec])).toMatchObject({
      host: "0.0.0.0",
      port: 9002,
      tls: "made",
      outdir: "there",
      settings: { failByDrop: true },
      told: [expect.stringMatching(/server\.json: webport: /)],
    });
    expect(readOptions(["client", "--spec", spec, "--host", "127.0.0.1", "--port", "0", "--outdir", "here"])).toMatchObject({
      host: "127.0.0.1",
      port: 0,
      outdir: "here",
    });
  });

  it("say what to trust", () => {
    const ca = file("ca.pem", "an authority");
    const tls = (...args: string[]): unknown => {
      const options = readOptions(["server", "ws://h/", "--tls", ...args]);
      return options.do === "server" ? [options.servers[0].url.secure, options.servers[0].tls] : null;
    };
    expect(tls()).toEqual([true, {}]);
    expect(tls("--insecure")).toEqual([true, { insecure: true }]);
    expect(tls("--ca", ca)).toEqual([true, { ca: "an authority", insecure: false }]);
  });

  it.each([
    [[], "say what to test, server or client"],
    [["both"], "not both"],
    [["server"], "name the server"],
    [["server", "http://x/"], "is not a ws or wss URL"],
    [["server", "ws://x/#y"], "has a fragment"],
    [["server", "ws://x/", "--port", "1"], "--port has no meaning when a server is tested"],
    [["client", "--jobs", "1"], "--jobs has no meaning when a client is tested"],
    [["client", "ws://x/"], "a fuzzing server listens"],
    [["client", "--port", "65536"], "--port is a number from 0 to 65535"],
    [["client", "--key", "k"], "--key and --cert belong together"],
    [["server", "ws://x/", "--jobs", "0"], "--jobs is a number from 1 to 1000"],
    [["server", "ws://x/", "--messages", "many"], "--messages is a number from 1 to 1000"],
    [["server", "ws://x/", "--cases", "8"], 'There is no case and no section "8"'],
    [["server", "ws://x/", "--cases", "1.1.1", "--exclude", "1"], "no case is selected"],
    [["server", "ws://x/", "--format", "html,pdf"], "--format does not know pdf"],
    [["server", "ws://x/", "--fail-on", "everything"], '--fail-on does not know "everything"'],
    [["server", "ws://x/", "--profile", "lax"], "--profile is compat or strict"],
    [["server", "ws://x/", "--baseline", "/nowhere/index.json"], "/nowhere/index.json: ENOENT"],
    [["server", "--spec", "/nowhere/spec.json"], "/nowhere/spec.json: ENOENT"],
    [["server", "ws://x/", "--unheard-of"], "--unheard-of"],
    [["server", "ws://x/", "--cases"], "--cases"],
  ])("are refused with a sentence: %j", (args, sentence) => {
    expect(() => readOptions(args)).toThrow(sentence);
    expect(() => readOptions(args)).toThrow(expect.objectContaining({ name: "FuzzError" }));
  });
});
