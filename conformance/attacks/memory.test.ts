// Row P11: what a connection keeps in the resident memory of a process after one compressed message, on Node, in a process of its own. Where no
// context is taken over no codec may stay with it; a deflater of zlib alone would be 240 KB. Figures of a quieter machine: npm run bench.
import { once } from "node:events";
import { constants, deflateRawSync } from "node:zlib";
import { afterEach, expect, it } from "vitest";
import { encode, utf8 } from "../frames/encode.ts";
import { forget, type Raw, upgradedRaw } from "./raw.ts";
import { victim } from "./victims.ts";

afterEach(forget);

const TEXT = utf8("twenty octets or so.");
const MESSAGE = encode({
  opcode: 1,
  rsv: 4,
  payload: deflateRawSync(TEXT, { finishFlush: constants.Z_SYNC_FLUSH }).subarray(0, -4),
  mask: Uint8Array.of(1, 2, 3, 4),
});

it.each([["takeover", 64], ["fresh", 24]] as const)(
  "P11: a connection behind one compressed message, %s: at most %i KiB",
  async (deflate, most) => {
    const one = await victim("node");
    const port = await one.tell("serve", deflate === "takeover" ? { deflate } : {});
    const open = async (count: number): Promise<readonly Raw[]> => {
      const raws: Raw[] = [];
      for (let i = 0; i < count; i++) {
        const client = await upgradedRaw(port, "/1", ["Sec-WebSocket-Extensions: permessage-deflate"]);
        const behind = client.length;
        client.socket.write(MESSAGE);
        while (client.length === behind) await once(client.socket, "data");
        raws.push(client);
      }
      return raws;
    };
    await open(100);
    const before = await one.tell("tally");
    await open(250);
    const after = await one.tell("tally");
    expect(after).toMatchObject({ sockets: 350, unhandled: [] });
    expect((after.resident - before.resident) / 250).toBeLessThan(most * 1024);
    expect(await one.leave()).toBe(0);
  },
  60_000,
);
