// The watch over what is written: what it lets pass, and what not. Next file: watch.ts.
import { describe, expect, it } from "vitest";
import { encodeAll, type FrameSpec, utf8 } from "../frames/encode.ts";
import { Tally } from "./tally.ts";
import { Watch } from "./watch.ts";

const MASK = Uint8Array.of(1, 2, 3, 4);

function watched(frames: readonly FrameSpec[], role: "client" | "server" = "server"): Tally {
  const tally = new Tally();
  const bytes = encodeAll(frames.map((frame) => ({ mask: role === "client" ? MASK : null, ...frame })));
  for (const size of [1, 3, bytes.length]) {
    const watch = new Watch(role, size === 1 ? tally : new Tally(), true);
    for (let at = 0; at < bytes.length; at += size) watch.see(bytes.subarray(at, at + size));
  }
  return tally;
}

describe("the watch", () => {
  it("lets frames pass that are in order, and counts them", () => {
    const frames: FrameSpec[] = [
      { opcode: 1, fin: false, rsv: 4, payload: utf8("a") },
      { opcode: 9 },
      { opcode: 0, payload: new Uint8Array(70_000) },
      { opcode: 2, payload: new Uint8Array(200) },
      { opcode: 8, payload: Uint8Array.of(3, 232) },
      { opcode: 10 },
    ];
    for (const role of ["client", "server"] as const) {
      expect(watched(frames, role).entries).toEqual([
        ["frame text deflated", 1],
        ["frame ping", 1],
        ["frame more", 1],
        ["frame binary", 1],
        ["frame close", 1],
        ["close 1000", 1],
        ["frame pong", 1],
      ]);
    }
    expect(watched([{ opcode: 8 }]).get("close empty")).toBe(1);
  });

  const wrong: Readonly<Record<string, readonly FrameSpec[]>> = {
    "a reserved bit": [{ opcode: 1, rsv: 2 }],
    "a compressed continuation": [{ opcode: 1, fin: false }, { opcode: 0, rsv: 4 }],
    "an opcode that is reserved": [{ opcode: 3 }],
    "a second Close": [{ opcode: 8 }, { opcode: 8 }],
    "data behind the Close": [{ opcode: 8 }, { opcode: 1 }],
    "a mask of a server": [{ opcode: 1, mask: MASK }],
    "a length that is not minimal": [{ opcode: 1, payload: utf8("a"), form: 2 }],
    "a Ping in fragments": [{ opcode: 9, fin: false }],
    "a Ping that is too long": [{ opcode: 9, payload: new Uint8Array(126) }],
    "a message inside of another": [{ opcode: 1, fin: false }, { opcode: 2 }],
    "a continuation of nothing": [{ opcode: 0 }],
  };
  it.each(Object.entries(wrong))("objects to %s", (_, frames) => {
    expect(() => watched(frames)).toThrow("the server wrote");
  });

  it("looks behind the head of a handshake, and not into the body of a refusal", () => {
    const see = (head: string, rest: Uint8Array): Tally => {
      const tally = new Tally();
      const watch = new Watch("server", tally, false);
      for (const octet of [...utf8(head), ...rest]) watch.see(Uint8Array.of(octet));
      return tally;
    };
    expect(see("HTTP/1.1 101 Switching Protocols\r\n\r\n", encodeAll([{ opcode: 9 }])).get("frame ping")).toBe(1);
    expect(see("HTTP/1.1 403 Forbidden\r\n\r\n", utf8("no frames")).entries).toEqual([]);
  });
});
