import { beforeAll, describe, expect, it } from "vitest";
import { zlib } from "../../../adapters/zlib.ts";
import { clientConnection, serverConnection } from "../../../core/index.ts";
import type { DeflateEngine, Limits } from "../../../core/types.ts";
import type { Frame } from "../../frames/reader.ts";
import { seededRandom } from "../../support/virtual.ts";
import { BEYOND } from "../cases/beyond/all.ts";
import type { Case } from "../cases/case.ts";
import { isFor } from "../cases/select.ts";
import { machinePeer, type Peer, run } from "./in-process.ts";
import { tampered, type Tampering } from "./tampered.ts";
import { mute, naive, type Role, timid } from "./wrong-peers.ts";

const ROLES: readonly Role[] = ["server", "client"];
const fuzzerFor = (role: Role): Role => role === "server" ? "client" : "server";

/** A machine of the core that echoes. */
function core(role: Role, contextTakeover = false, engine: DeflateEngine = zlib, limits: Partial<Limits> = {}): Peer {
  const options = { deflate: { engine, contextTakeover, threshold: 0 }, limits };
  return machinePeer(() =>
    role === "server"
      ? serverConnection(options)
      : clientConnection({ authority: "localhost", target: "/" }, { ...options, random: seededRandom() })
  );
}
/** The ids of the cases that a peer passes. */
function passed(peer: Peer, role: Role, cases: readonly Case[] = BEYOND): readonly string[] {
  return run(peer, cases, { role: fuzzerFor(role) })
    .filter(({ behavior, behaviorClose }) => behavior === "OK" && behaviorClose === "OK").map(({ id }) => id);
}
function idsFor(role: Role, pattern: RegExp = /./): readonly string[] {
  return BEYOND.filter((one) => isFor(one, fuzzerFor(role)) && pattern.test(one.id)).map(({ id }) => id);
}
/** True for every 400th data frame. */
function isOneOfMany(): (frame: Frame) => boolean {
  let count = 0;
  return ({ opcode }) => opcode < 3 && ++count % 400 === 0;
}
const DEFLATING = /^2[45]\./;
const within = (pattern: RegExp): readonly Case[] => BEYOND.filter(({ id }) => pattern.test(id));
/** The peer has to refuse something. */
const isNegative = ({ id, close, handshake }: Case): boolean =>
  !close.closedByMe || handshake?.refusal !== undefined || id.startsWith("24.2.") || /^26\.1\.[1-8]$/.test(id);

describe("the cases beyond the original, in process", { timeout: 30_000 }, () => {
  for (const role of ROLES) {
    it(`are passed by the core's ${role}`, () => {
      expect(passed(core(role), role)).toEqual(idsFor(role));
    });

    it(`are passed by the core's ${role} with context takeover`, () => {
      expect(passed(core(role, true), role, within(DEFLATING))).toEqual(idsFor(role, DEFLATING));
    });

    it(`leave the same records of a ${role} twice`, () => {
      const fast = within(/^2(?:[1-4]|0\.[1-5])\./);
      const play = () => JSON.stringify(run(core(role), fast, { role: fuzzerFor(role) }));
      expect(play()).toBe(play());
    });
  }

  describe.each(ROLES)("a %s that is wrong about everything", (role) => {
    let naiveOnes: readonly string[];
    beforeAll(() => {
      naiveOnes = passed(naive(role), role);
    }, 30_000);

    it("passes no case in which something is to be refused, if it takes whatever comes", () => {
      const negative = BEYOND.filter(isNegative).map(({ id }) => id);
      expect(naiveOnes.filter((id) => negative.includes(id))).toEqual([]);
    });

    it("passes no other case, if it refuses whatever comes", () => {
      const timidOnes = passed(timid(role), role);
      expect(naiveOnes.filter((id) => timidOnes.includes(id))).toEqual([]);
      const positive = BEYOND.filter((one) => !isNegative(one)).map(({ id }) => id);
      expect(timidOnes.filter((id) => positive.includes(id))).toEqual([]);
    });

    it("passes no case at all, if it never does anything", () => {
      expect(passed(mute(role), role)).toEqual([]);
    });
  });

  it("find a compressor whose window is larger than was agreed", () => {
    const greedy: DeflateEngine = { ...zlib, deflateBits: [8, 15], deflater: (_, level) => zlib.deflater(15, level) };
    // It shows in the second of two equal messages, so not where contexts are not kept; 24.4.4 and 24.4.5 bind the other direction.
    const small = /^24\.(?:1\.(?:[789]|10)|4\.[4567])$/;
    expect(passed(core("server", true, greedy), "server", within(small))).toEqual(["24.1.10"]);
    expect(passed(core("client", true, greedy), "client", within(small))).toEqual(["24.4.4", "24.4.5", "24.4.7"]);
  });

  it("find a peer that sends a second Close, where that is their point", () => {
    const twice: Tampering = { frame: (frame) => frame.opcode === 8 ? [frame, frame] : [frame] };
    for (const role of ROLES) {
      const such = within(/^(?:26\.[1-4]|25\.1\.7)/);
      expect(passed(tampered(core(role), twice), role, such)).toEqual([]);
      expect(run(tampered(core(role), twice), such, { role: fuzzerFor(role) }).map(({ result }) => result)).toEqual(
        such.map(() => "The peer sent more than one Close frame."),
      );
    }
  });

  it("find floods under which a peer gives up, loses a message, or answers an old Ping instead of the newest", () => {
    const without = (isLost: (frame: Frame) => boolean): Tampering => ({ frame: (frame) => isLost(frame) ? [] : [frame] });
    const isLast = ({ payload }: Frame): boolean => new TextDecoder().decode(payload) === "last";
    for (const role of ROLES) {
      const few = core(role, false, zlib, { fragments: 1000 });
      expect(passed(few, role, within(/^27\.2\./))).toEqual([]);
      expect(passed(tampered(core(role), without(isOneOfMany())), role, within(/^27\.3\.[1-3]/))).toEqual([]);
      expect(passed(tampered(core(role), without(isLast)), role, within(/^27\.1\./))).toEqual(["27.1.4"]);
    }
  });
});
