import { describe, expect, it } from "vitest";
import { zlib } from "../../adapters/zlib.ts";
import { settle } from "../options.ts";
import type { DeflateParams, Role } from "../types.ts";
import { stageOf } from "./stage.ts";

const params: DeflateParams = { serverWindowBits: 9, clientWindowBits: 12, serverTakeover: true, clientTakeover: false };
const settings = settle({ deflate: { engine: zlib, threshold: 77 } });
const noise = Uint8Array.from({ length: 1500 }, (_, i) => (i * i * 7919) >>> 9);

describe("stageOf", () => {
  it("is nothing without an agreement, and without an engine", () => {
    expect(stageOf("server", null, settings)).toEqual({ inflation: null, deflation: null });
    expect(stageOf("server", params, settle({}))).toEqual({ inflation: null, deflation: null });
  });
  it.each<[Role, Role]>([["server", "client"], ["client", "server"]])(
    "of a %s inflates what the %s deflates, each with its own parameters",
    (ours, theirs) => {
      const sender = stageOf(theirs, params, settings).deflation!, reader = stageOf(ours, params, settings).inflation!;
      expect(sender.windowBits).toBe(theirs === "server" ? 9 : 12);
      expect(sender.threshold).toBe(77);
      const sizes = [noise, noise.slice(1400)].map((octets) => {
        const wire = sender.compress(octets, 0, octets.length, true).slice();
        const back = new Uint8Array(2000);
        reader.begin();
        expect(reader.run(wire, 0, wire.length, back, 0, back.length, true)).toBe(true);
        expect(Buffer.compare(back.subarray(0, reader.written), octets)).toBe(0);
        expect(reader.finish()).toBe(true);
        return wire.length;
      });
      // The end of the first message comes again: only with takeover it is known.
      expect(sizes[1] < 30).toBe(theirs === "server");
    },
  );
});
