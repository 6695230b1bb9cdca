import { execFile } from "node:child_process";
import { tmpdir } from "node:os";
import { promisify } from "node:util";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { character } from "../conformance/support/character.ts";
import { installed } from "../conformance/runtimes/binaries.ts";
import { expected } from "../conformance/runtimes/smoke.ts";
import { certificate, key } from "../conformance/support/certificate.ts";
import { textCodec } from "../core/wire/text.ts";
import { connect, host, serve } from "./deno.ts";

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
  it("has TLS over a path too, with Node's sockets, which any runtime of the three has", async () => {
    const path = `${tmpdir()}/sansws-${process.pid}.sock`;
    await using server = await serve(
      { path, tls: { key, cert: certificate } },
      (socket) => void socket.send(`${socket.peer.secure}`),
    );
    const socket = await connect(server.url, { tls: { ca: certificate } });
    expect((await socket[Symbol.asyncIterator]().next()).value).toBe("true");
    expect(await socket.close()).toMatchObject({ clean: true });
    await expect(connect(server.url)).rejects.toMatchObject({ code: "TLS", cause: expect.any(Error) });
  });
  it("decodes and checks a part of an array as the portable functions do, on both sides of 160 octets", () => {
    const portable = textCodec({}), { decodeUtf8, decodeAscii, isUtf8 } = host.natives!;
    const octets = fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      fc.string({ unit: character, maxLength: 120 }).map((text) => new TextEncoder().encode(text)),
      fc.integer({ min: 150, max: 170 }).map((size) => new Uint8Array(size).fill(65)),
    );
    fc.assert(fc.property(octets, fc.nat(9), fc.nat(9), (part, before, behind) => {
      const all = new Uint8Array([...new Uint8Array(before).fill(0xe2), ...part, ...new Uint8Array(behind).fill(0x80)]);
      const end = before + part.length;
      expect(isUtf8!(all, before, end)).toBe(portable.isUtf8(all, before, end));
      expect(decodeUtf8!(all, before, end)).toBe(portable.decodeValid(all, before, end));
      const ascii = all.map((octet) => octet & 0x7f);
      expect(decodeAscii!(ascii, before, end)).toBe(portable.decodeAscii(ascii, before, end));
    }));
  });
});
