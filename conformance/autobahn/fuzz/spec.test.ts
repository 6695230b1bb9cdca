import { describe, expect, it } from "vitest";
import { FuzzError } from "./errors.ts";
import { readClientSpec, readServerSpec } from "./spec.ts";

const client = (more: object = {}): string =>
  JSON.stringify({ servers: [{ url: "ws://127.0.0.1:9001" }], cases: ["*"], "exclude-cases": [], ...more });
const server = (more: object = {}): string => JSON.stringify({ url: "ws://127.0.0.1:9001", cases: ["*"], ...more });

describe("fuzzingclient.json", () => {
  it("is read as the original's own sample has it", () => {
    const text = `{
      "outdir": "./reports/servers",
      "options": {"failByDrop": false, "version": 18},
      "servers": [
        {"agent": "AutobahnServer", "url": "ws://localhost:9001", "options": {"version": 18}},
        {"agent": "", "url": "wss://[::1]/echo?x=1", "hostname": "example.com", "origin": "http://o", "protocols": ["a", "b"],
         "options": {"openHandshakeTimeout": 9, "failByDrop": true}}
      ],
      "cases": ["9.[1-3].*", "5.19", "5.19"],
      "exclude-cases": ["9.3.*", "9.9.1"],
      "exclude-agent-cases": {"Auto*": ["9.1.1"]}
    }`;
    const spec = readClientSpec(text);
    expect(spec.cases.map(({ id }) => id)).toEqual([
      "5.19",
      ...["9.1", "9.2"].flatMap((s) => [1, 2, 3, 4, 5, 6].map((n) => `${s}.${n}`)),
    ]);
    expect(spec.told).toEqual([]);
    expect(spec.outdir).toBe("./reports/servers");
    const [first, second] = spec.servers;
    expect(first).toMatchObject({
      agent: "AutobahnServer",
      origin: null,
      tls: { insecure: true },
      settings: { failByDrop: false },
    });
    expect(second).toMatchObject({
      agent: null,
      origin: "http://o",
      protocols: ["a", "b"],
      tls: { servername: "example.com" },
      settings: { failByDrop: true, openHandshakeTimeout: 9 },
      url: { secure: true, host: "::1", port: 443, authority: "[::1]:443", resource: "/echo?x=1" },
    });
    expect(spec.excludes("AutobahnServer", "9.1.1")).toBe(true);
    expect(spec.excludes("autobahnServer", "9.1.1")).toBe(false);
    expect(spec.excludes("AutobahnServer", "9.1.2")).toBe(false);
  });

  it("selects with the original's patterns, which fit the start of an id", () => {
    const count = (...patterns: string[]): number => readClientSpec(client({ cases: patterns })).cases.length;
    expect([count("*"), count("1*"), count("*.1"), count("6.2*")]).toEqual([517, 233, 273, 60]);
  });

  it("tells what it does not follow, and keeps quiet where that changes nothing", () => {
    const told = readClientSpec(client({
      options: { allowHixie76: false, tcpNoDelay: true, autoPingInterval: 0, version: 10, maxMessagePayloadSize: 7 },
      webport: 8080,
    })).told;
    expect(told.map((sentence) => sentence.split(":")[0])).toEqual(["version", "maxMessagePayloadSize", "webport"]);
  });

  it.each([
    ["{", "it is not JSON"],
    ["[]", "the file is not an object"],
    [client({ servers: undefined }), '"servers" is not a list'],
    [client({ servers: [] }), '"servers" names no server'],
    [client({ servers: [{}] }), 'servers[0] has no "url"'],
    [client({ servers: [{ url: "http://x" }] }), '"http://x" is not a ws or wss URL'],
    [client({ servers: [{ url: "ws://x", options: { webStatus: true } }] }), 'a fuzzing client has no option "webStatus"'],
    [client({ cases: undefined }), 'the file has no "cases"'],
    [client({ cases: "*" }), '"cases" is not a list of texts'],
    [client({ cases: ["99.1"] }), 'There is no case "99.1"'],
    [client({ cases: ["one"] }), '"one" is neither'],
    [client({ cases: [] }), "it selects no case"],
    [client({ options: { failByDrop: 1 } }), '"failByDrop" must be true or false'],
    [client({ options: { closeHandshakeTimeout: -1 } }), '"closeHandshakeTimeout" must be a number'],
    [client({ options: { constructor: 1 } }), 'no option "constructor"'],
  ])("is refused with a sentence: %s", (text, sentence) => {
    expect(() => readClientSpec(text)).toThrow(FuzzError);
    expect(() => readClientSpec(text)).toThrow(sentence);
  });
});

describe("fuzzingserver.json", () => {
  it("is read as the original's own sample has it", () => {
    const spec = readServerSpec(server({
      outdir: "./reports/clients",
      options: {
        failByDrop: false,
        requireMaskedClientFrames: false,
        webStatus: false,
        maxConnections: 0,
        allowedOrigins: ["*"],
      },
      cases: ["1.*", "2.*"],
      "exclude-agent-cases": {},
    }));
    expect(spec.cases).toHaveLength(27);
    expect(spec.settings).toEqual({ failByDrop: false, requireMaskedClientFrames: false });
    expect(spec).toMatchObject({ status: false, key: null, cert: null, outdir: "./reports/clients", told: [] });
    expect(spec.url).toMatchObject({ host: "127.0.0.1", port: 9001, secure: false });
  });

  it("takes 0 seconds for no limit, as the original does", () => {
    expect(readServerSpec(server({ options: { openHandshakeTimeout: 0 } })).settings.openHandshakeTimeout).toBeGreaterThan(3600);
  });

  it("has its own options, and key and cert only together", () => {
    expect(() => readServerSpec(server({ options: { maskClientFrames: true } }))).toThrow('no option "maskClientFrames"');
    expect(() => readServerSpec(server({ key: "k.pem" }))).toThrow("belong together");
    expect(readServerSpec(server({ protocols: ["a"], options: { versions: [0] } })).told).toHaveLength(2);
  });
});
