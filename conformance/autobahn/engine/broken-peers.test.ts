import { describe, expect, it } from "vitest";
import { zlib } from "../../../adapters/zlib.ts";
import { clientConnection, serverConnection } from "../../../core/index.ts";
import { closePayload, concat, encode, type FrameSpec, utf8 } from "../../frames/encode.ts";
import { type Frame, FrameReader } from "../../frames/reader.ts";
import { seededRandom } from "../../support/virtual.ts";
import { CASES } from "../cases/all.ts";
import { acceptOf, cutHead } from "./head.ts";
import { machinePeer, type Peer, run, type RunOptions } from "./in-process.ts";
import type { CaseResult } from "./result.ts";
import { tampered } from "./tampered.ts";
import type { PeerLink } from "./wire.ts";

const quick = CASES.filter(({ id }) => /^(?:[1-7]|10)\./.test(id));
const asClient: RunOptions = { role: "client" };
const asServer: RunOptions = { role: "server" };
const goodServer = machinePeer(() => serverConnection({ deflate: { engine: zlib, threshold: 0 } }));
const goodClient = machinePeer(() => clientConnection({ authority: "a", target: "/" }, { random: seededRandom() }));

function one(peer: Peer, id: string, options: RunOptions): CaseResult {
  const [result] = run(peer, CASES.filter((theCase) => theCase.id === id), options);
  return result;
}
function both(peer: Peer, id: string, options: RunOptions): string {
  const { behavior, behaviorClose } = one(peer, id, options);
  return `${behavior} / ${behaviorClose}`;
}
/** A server by hand: what it does once it is open, and with each frame. */
function server(opened: (link: PeerLink) => void = () => {}, heard: (frame: Frame, link: PeerLink) => void = () => {}): Peer {
  return (link) => {
    const reader = new FrameReader();
    let head: Uint8Array | null = new Uint8Array(0);
    return {
      received(bytes) {
        let rest = bytes;
        if (head !== null) {
          head = concat([head, bytes]);
          const cut = cutHead(head);
          if (cut === null) return;
          const key = /^Sec-WebSocket-Key: (.*)\r$/m.exec(cut.head)![1];
          link.write(
            utf8(
              `HTTP/1.1 101 OK\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${acceptOf(key)}\r\n\r\n`,
            ),
          );
          head = null;
          opened(link);
          rest = cut.rest;
        }
        reader.receive(rest);
        for (let frame = reader.next(); frame !== null; frame = reader.next()) heard(frame, link);
      },
      ended: () => link.end(),
    };
  };
}
function client(opened: (link: PeerLink) => void = () => {}): Peer {
  return (link) => {
    const key = "dGhlIHNhbXBsZSBub25jZQ==";
    link.write(
      utf8(
        `GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: ${key}\r\nSec-WebSocket-Version: 13\r\n\r\n`,
      ),
    );
    let isOpen = false;
    return {
      received() {
        if (!isOpen) opened(link);
        isOpen = true;
      },
      ended: () => link.end(),
    };
  };
}
const withCode =
  (code: number) => (frame: Frame): FrameSpec[] => [frame.opcode === 8 ? { opcode: 8, payload: closePayload(code) } : frame];
const before = (spec: FrameSpec) => (frame: Frame): FrameSpec[] => frame.opcode < 8 ? [spec, frame] : [frame];

describe("a peer that never sends anything", () => {
  const silent = [[server(), asClient], [client(), asServer]] as const;
  const found = silent.map(([peer, options]) => new Map(run(peer, quick, options).map((result) => [result.id, result])));
  const ids = (pattern: RegExp): string[] => quick.map(({ id }) => id).filter((id) => pattern.test(id));

  it("still passes where a dropped connection is an answer, except that it should be the server who drops it", () => {
    const such = ids(/^7\.(?:3\.[26]|5\.1|9\.\d)$/);
    expect(such).toHaveLength(12);
    for (const id of such) {
      expect([id, found[0].get(id)]).toMatchObject([id, { behavior: "OK", behaviorClose: "FAILED BY CLIENT" }]);
      expect([id, found[1].get(id)]).toMatchObject([id, { behavior: "OK", behaviorClose: "OK" }]);
    }
    for (const results of found) {
      const closed = [...results.values()].filter(({ behaviorClose }) => ["OK", "FAILED BY CLIENT"].includes(behaviorClose));
      expect(closed.map(({ id }) => id)).toEqual(such);
    }
  });

  it("is found by its close where nothing at all was to be sent", () => {
    for (const results of found) {
      for (const id of ids(/^(?:2\.[78]|7\.1\.[2-5]|7\.3\.[1345]|7\.7\.\d+)$/)) {
        expect([id, results.get(id)]).toMatchObject([id, {
          behavior: "OK",
          behaviorClose: "UNCLEAN",
          wasCloseHandshakeTimeout: true,
        }]);
      }
      for (const id of ids(/^(?:2\.5|3\.\d|4\.\d\.\d|5\.(?:[12]|9|1[0-8]))$/)) {
        const { behavior, behaviorClose } = results.get(id)!;
        expect([id, ["OK", "NON-STRICT"].includes(behavior), behaviorClose]).toEqual([id, true, "FAILED"]);
      }
    }
  });

  it("fails 2.11 as a published report shows it: its pings octet by octet, then one second for the Close", () => {
    const result = found[1].get("2.11")!;
    expect(result).toMatchObject({
      behavior: "FAILED",
      behaviorClose: "UNCLEAN",
      duration: 4000,
      droppedByMe: true,
      wasNotCleanReason: "peer did not respond (in time) in closing handshake",
      rxFrameStats: {},
      txFrameStats: { 8: 1, 9: 10 },
      txOctetStats: { 1: 110, 2: 1, 208: 1 },
    });
    const kinds = result.wirelog.map(([kind]) => kind).join(" ");
    expect(kinds).toBe(`RO TO TF TO${" TF".repeat(9)} TI${" TO".repeat(109)} TIE TF TO`);
  });

  it("ends 7.x by the close handshake timer, which was armed before the kill timer", () => {
    expect(found[0].get("7.3.3")!.wirelog.some(([kind]) => kind === "KLE")).toBe(false);
    expect(found[0].get("7.5.1")!.localCloseReason).toBe("cebae1bdb9cf83cebcceb5eda080656469746564");
  });
});

describe("a peer that drops TCP behind the opening handshake", () => {
  it("passes 103 of 247 cases", () => {
    for (const [peer, options] of [[server((link) => link.end()), asClient], [client((link) => link.end()), asServer]] as const) {
      const results = run(peer, quick, options);
      expect(results.filter(({ behavior, behaviorClose }) => behavior === "OK" && behaviorClose === "OK")).toHaveLength(103);
    }
  });
});

describe("a peer that closes with a wrong code", () => {
  it("keeps its behavior where it fails the connection, except in section 7", () => {
    expect(both(tampered(goodServer, { frame: withCode(1000) }), "2.5", asClient)).toBe("OK / WRONG CODE");
    expect(both(tampered(goodServer, { frame: withCode(1002) }), "6.3.1", asClient)).toBe("OK / WRONG CODE");
    const result = one(tampered(goodServer, { frame: withCode(1001) }), "7.3.1", asClient);
    expect(result).toMatchObject({
      behavior: "FAILED",
      behaviorClose: "WRONG CODE",
      result: "The close code should have been 1000 or empty",
    });
  });

  it("is unclean if no peer may send that code, in answer to our Close", () => {
    for (const code of [999, 1004, 1012, 5000]) {
      const result = one(tampered(goodServer, { frame: withCode(code) }), "1.1.1", asClient);
      expect(result).toMatchObject({
        behavior: "OK",
        behaviorClose: "UNCLEAN",
        remoteCloseCode: code,
        failedByMe: true,
        droppedByMe: true,
      });
    }
    const short = tampered(goodClient, {
      frame: (frame) => [frame.opcode === 8 ? { opcode: 8, payload: Uint8Array.of(3) } : frame],
    });
    expect(one(short, "1.1.1", asServer)).toMatchObject({ behaviorClose: "UNCLEAN", remoteCloseCode: null });
    const registered = tampered(goodServer, { frame: withCode(1012) });
    expect(one(registered, "7.1.1", { ...asClient, profile: "strict" })).toMatchObject({
      behaviorClose: "WRONG CODE",
      wasClean: true,
    });
  });

  it("fails if it begins with such a code: then we are the ones who fail the connection", () => {
    const result = one(tampered(goodServer, { frame: withCode(5000) }), "2.5", asClient);
    expect(result).toMatchObject({ behavior: "OK", behaviorClose: "FAILED", closedByMe: true, localCloseCode: 1002 });
    expect(result.localCloseReason).toBe("invalid close code 5000");
  });

  it("tears the original down if its reason is not UTF-8", () => {
    const reason = tampered(goodServer, {
      frame: (frame) => [frame.opcode === 8 ? { opcode: 8, payload: closePayload(1000, Uint8Array.of(0xff)) } : frame],
    });
    expect(one(reason, "1.1.1", asClient)).toMatchObject({ behaviorClose: "UNCLEAN", failedByMe: true, remoteCloseReason: null });
  });
});

describe("a server that keeps TCP open behind its Close", () => {
  const keeper = tampered(goodServer, { keepsTcp: true });

  it("is dropped by whichever timer comes first", () => {
    for (const id of ["1.1.1", "6.2.1", "6.5.1"]) {
      const wins = id === "6.2.1" ? "OK / UNCLEAN" : "OK / FAILED BY CLIENT";
      expect([id, both(keeper, id, asClient)]).toEqual([id, wins]);
    }
    expect(one(keeper, "1.1.6", asClient)).toMatchObject({ behaviorClose: "UNCLEAN", wasServerConnectionDropTimeout: true });
    expect(one(keeper, "9.1.1", asClient)).toMatchObject({ behavior: "OK", behaviorClose: "UNCLEAN" });
    expect(one(keeper, "2.5", asClient)).toMatchObject({ behaviorClose: "FAILED BY CLIENT", duration: 1000 });
  });

  it("would let the original wait for ever in 6.4, where no timer is armed yet", () => {
    expect(one(keeper, "6.4.1", asClient).note).toBe("Nothing more would happen.");
  });
});

describe("control frames in between", () => {
  it("fail a case if they are Pongs, and change nothing if they are Pings", () => {
    const pong = tampered(goodServer, { frame: before({ opcode: 10 }) });
    expect(both(pong, "1.1.2", asClient)).toBe("FAILED / WRONG CODE");
    expect(both(tampered(goodServer, { frame: before({ opcode: 9 }) }), "1.1.2", asClient)).toBe("OK / OK");
  });

  it("end 9, 12 and 13 if they are Pongs; the strict profile ignores them", () => {
    const pong = tampered(goodServer, { frame: before({ opcode: 10 }) });
    expect(both(pong, "9.1.1", asClient)).toBe("OK / OK"); // our Close is out, but the echo still counts
    for (const id of ["9.7.1", "12.1.1"]) {
      expect([id, one(pong, id, { ...asClient, messages: 3 })]).toMatchObject([id, { behavior: "FAILED", behaviorClose: "OK" }]);
      const strict = one(pong, id, { ...asClient, messages: 3, profile: "strict" });
      expect([id, strict]).toMatchObject([id, { behavior: "OK", behaviorClose: "OK" }]);
      expect(strict.note).toContain("Strict profile: a Pong was ignored");
    }
  });
});

describe("a peer that sends back something else", () => {
  const other = tampered(goodServer, {
    frame: (frame) => [frame.opcode < 3 ? { ...frame, payload: frame.payload.map((octet) => octet ^ 1) } : frame],
  });

  it("passes 9.x, where the original looks at kind and length only; not by the strict profile", () => {
    for (const id of ["9.1.1", "9.7.2"]) {
      expect([id, both(other, id, asClient)]).toEqual([id, "OK / OK"]);
      const strict = one(other, id, { ...asClient, profile: "strict" });
      expect([id, strict.behavior, strict.result]).toEqual([id, "FAILED", expect.stringContaining("contents differs")]);
    }
  });

  it("fails 12.x by its contents, its kind or its length", () => {
    const corrupt = (change: Partial<FrameSpec>): Peer =>
      tampered(goodServer, { frame: (frame) => [frame.opcode < 3 ? { opcode: 1, rsv: 0, ...change } : frame] });
    const results: readonly [Partial<FrameSpec>, RegExp][] = [
      [{ payload: new Uint8Array(16).fill(0x2a) }, /contents differs from what I sent \(got SHA1 [0-9a-f]{40}, expected SHA1/],
      [{ opcode: 2, payload: new Uint8Array(16) }, /type differs from what I sent \(got binary True, expected binary False\)/],
      [{ payload: utf8("ä".repeat(15)) }, /length differs from what I sent \(got length 15, expected length 16\)/],
    ];
    for (const [change, text] of results) {
      expect(one(corrupt(change), "12.1.1", asClient)).toMatchObject({
        behavior: "FAILED",
        behaviorClose: "OK",
        result: expect.stringMatching(text),
      });
    }
  });

  it("loses the connection if it cannot be inflated", () => {
    const noise = tampered(goodServer, {
      frame: (frame) => [frame.opcode < 3 ? { opcode: 1, rsv: 4, payload: Uint8Array.of(255, 255) } : frame],
    });
    expect(one(noise, "12.1.1", asClient)).toMatchObject({
      behavior: "FAILED",
      behaviorClose: "FAILED",
      droppedByMe: false,
      result: "Case did not finish within 60 seconds.",
    });
  });
});

describe("a peer that breaks the framing", () => {
  it("is failed with 1002 for a mask, and dropped for the second violation", () => {
    const masked = tampered(goodServer, { frame: (frame) => [{ ...frame, mask: new Uint8Array(4) }] });
    expect(one(masked, "1.1.2", asClient)).toMatchObject({
      behavior: "FAILED",
      behaviorClose: "UNCLEAN",
      localCloseReason: "masked server-to-client frame",
      droppedByMe: true,
    });
    const unmasked = tampered(goodClient, { frame: (frame) => [{ ...frame, mask: null }] });
    expect(both(unmasked, "1.1.2", asServer)).toBe("FAILED / UNCLEAN");
    expect(both(unmasked, "2.5", asServer)).toBe("OK / FAILED");
  });

  it("finds text that is not UTF-8 twice: in its octets, and at its end", () => {
    const wrong = tampered(goodServer, {
      frame: (frame) => [frame.opcode === 1 ? { opcode: 1, payload: Uint8Array.of(0x61, 0xff) } : frame],
    });
    expect(one(wrong, "1.1.2", asClient)).toMatchObject({
      localCloseCode: 1007,
      localCloseReason: "encountered invalid UTF-8 while processing text message at payload octet index 1",
      droppedByMe: true,
      wirelog: expect.arrayContaining([["RF", [0, ""], 1, true, 0, false, null]]),
    });
  });

  it("passes 3.7 if it does not look at the reserved bits of a Close", () => {
    const naive = server(() => {}, (frame, link) => {
      if (frame.opcode !== 8) return;
      link.write(encode({ opcode: 8, payload: frame.payload }));
      link.end();
    });
    expect(both(naive, "3.7", asClient)).toBe("OK / OK");
  });

  it("is seen to echo behind our Close", () => {
    const late = server(() => {}, (frame, link) => {
      if (frame.opcode === 1) link.write(encode({ opcode: 1, payload: frame.payload }));
      if (frame.opcode === 8) link.write(encode({ opcode: 8, payload: frame.payload }));
    });
    expect(one(late, "7.1.4", asClient)).toMatchObject({ behavior: "FAILED", received: [["message", "Hello World!", false]] });
  });
});

describe("a handshake that fails", () => {
  it("leaves a record that says so", () => {
    const refusing: Peer = (link) => ({
      received: () => link.write(utf8("HTTP/1.1 403 Forbidden\r\nServer: gate\r\n\r\n")),
      ended: () => {},
    });
    expect(one(refusing, "1.1.1", asClient)).toMatchObject({
      behavior: "FAILED",
      behaviorClose: "FAILED",
      resultClose: "The WebSocket opening handshake was never completed!",
      wasNotCleanReason: "WebSocket connection upgrade failed (403 - Forbidden)",
      duration: null,
      expectedClose: null,
      expected: {},
    });
    const mute: Peer = () => ({ received: () => {}, ended: () => {} });
    expect(one(mute, "10.1.1", asClient)).toMatchObject({
      wasOpenHandshakeTimeout: true,
      wasNotCleanReason: "peer did not finish (in time) the opening handshake",
      result: "WebSocket connection was never open",
      httpResponse: "?",
    });
  });
});
