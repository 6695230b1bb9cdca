import { execFile } from "node:child_process";
import { promisify } from "node:util";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { installed } from "../conformance/runtimes/binaries.ts";
import { expected } from "../conformance/runtimes/smoke.ts";
import { textCodec } from "../core/wire/text.ts";
import { connect, host, serve, UsageError } from "./deno.ts";

const run = promisify(execFile);
const program = installed("deno");
const script = new URL("../conformance/runtimes/smoke.ts", import.meta.url).pathname;

describe.skipIf(program === null)("in Deno (skipped where its program is not installed)", () => {
  it("serve and connect work together over TCP, TLS and paths, and fail with typed errors", async () => {
    const { stdout } = await run(program!, ["run", "--quiet", "--allow-all", script, "deno"], { timeout: 30_000 });
    expect(JSON.parse(stdout)).toEqual(expected);
  }, 30_000);
});

describe("the adapter of Deno", () => {
  it("has no TLS over a path, and says so before it does anything", async () => {
    await expect(serve({ path: "/tmp/x", tls: { key: "", cert: "" } }, {})).rejects.toThrow(UsageError);
    await expect(connect("wss+unix:/tmp/x")).rejects.toThrow(UsageError);
  });
  it("decodes and checks a part of an array as the portable functions do, on both sides of 160 octets", () => {
    const portable = textCodec({}), { decodeUtf8, isUtf8 } = host.natives!;
    const octets = fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      fc.string({ unit: "binary", maxLength: 120 }).map((text) => new TextEncoder().encode(text)),
      fc.integer({ min: 150, max: 170 }).map((size) => new Uint8Array(size).fill(65)),
    );
    fc.assert(fc.property(octets, fc.nat(9), fc.nat(9), (part, before, behind) => {
      const all = new Uint8Array([...new Uint8Array(before).fill(0xe2), ...part, ...new Uint8Array(behind).fill(0x80)]);
      const end = before + part.length;
      expect(isUtf8!(all, before, end)).toBe(portable.isUtf8(all, before, end));
      expect(decodeUtf8!(all, before, end)).toBe(portable.decodeValid(all, before, end));
    }));
  });
});
