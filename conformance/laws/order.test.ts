// L4 Order: everything before a fault is reported, and answered, before it. L5 Interleave: control frames between the frames of a message
// change nothing but themselves, compressed or not. RFC 6455 §5.4, §7.1.7; RFC 7692 §6.1. Next file: mirror.test.ts.
import { isDeepStrictEqual } from "node:util";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Connection, DeflateParams, Event, Options, Role } from "../../core/types.ts";
import { concat, encode, encodeAll, type FrameSpec, fromHex } from "../frames/encode.ts";
import { decodeAll, type Told } from "../frames/oracle.ts";
import { agreedDeflate, cut, cutting, delivery, type Stream, validStream } from "../support/arbitraries.ts";
import { collect, type Collected } from "../support/collect.ts";
import { check, PATIENCE } from "../support/law.ts";
import { upgraded } from "../support/machine.ts";
import { tell } from "../support/told.ts";

interface Scene {
  readonly role: Role;
  readonly deflate: DeflateParams | null;
  readonly options: Options;
  readonly stream: Stream;
  readonly sizes: readonly number[];
  readonly drain: "each" | "one" | "late";
}

const scenes: fc.Arbitrary<Scene> = fc.tuple(fc.constantFrom<Role>("client", "server"), agreedDeflate).chain(([role, deflate]) =>
  fc.record({
    role: fc.constant(role),
    deflate: fc.constant(deflate),
    options: fc.record({ messages: delivery }),
    stream: validStream(role, deflate),
    sizes: cutting,
    drain: fc.constantFrom<Scene["drain"]>("each", "one", "late"),
  })
);
function run(
  { role, deflate, options, sizes, drain }: Scene,
  bytes: Uint8Array,
  app = (_: Event, __: Connection): void => {},
): Collected {
  return collect(upgraded(role, deflate, options), cut(bytes, sizes), { drain, app });
}
/** The frames without the Close that ends the stream. */
function openFrames({ specs }: Stream): readonly FrameSpec[] {
  return specs.filter(({ opcode }) => opcode !== 8);
}
const isControl = ({ opcode }: FrameSpec): boolean => opcode >= 8;

describe("L4 order", PATIENCE, () => {
  it("what came before a fault is reported before it, and answered before the Close", () => {
    const mistakes = fc.constantFrom(
      ...[
        "b1",
        "83",
        "8b",
        "00",
        "09",
        "80",
        "c9",
        "88 01",
        "08",
        "81 7e 00 01",
        "82 7f 80",
        "88 02 03 ed",
        "88 82 00 00 00 00 03 ed",
      ],
    );
    const rest = fc.uint8Array({ maxLength: 30 });
    check(fc.tuple(scenes, mistakes, rest), ([scene, mistake, rest]) => {
      const before = encodeAll(openFrames(scene.stream));
      const bytes = concat([before, fromHex(mistake), rest]);
      const { deflate, options: { messages = "whole" }, role } = scene;
      const expected = decodeAll(before, { role, deflate, messages }).events;
      const answered: unknown[] = [];
      const result = run(scene, bytes, (event, machine) => {
        if (event.type !== "ping" && event.type !== "pong" && event.type !== "fault" && event.type !== "open") {
          if (machine.send(`${answered.length}`, { compress: false })) answered.push(event.type);
        }
      });
      const told = result.told.slice(1);
      expect(isDeepStrictEqual(told.slice(0, expected.length), expected)).toBe(true);
      const faults = told.filter(({ type }) => type === "fault");
      expect(faults.length).toBeLessThanOrEqual(1);
      if (faults.length === 0) return;
      expect(told.at(-1)).toBe(faults[0]);
      expect(result.frames.at(-1)?.opcode).toBe(8);
      const echoes = result.frames.filter(({ opcode }) => opcode === 1);
      expect(echoes.map(({ payload }) => new TextDecoder().decode(payload))).toEqual(answered.map((_, i) => `${i}`));
    }, 2);
  });
});

describe("L5 interleave", PATIENCE, () => {
  it("control frames between frames change nothing but themselves", () => {
    const controls = fc.array(fc.tuple(fc.nat(), fc.constantFrom(9, 10), fc.uint8Array({ maxLength: 125 })), {
      minLength: 1,
      maxLength: 6,
    });
    check(fc.tuple(scenes, controls), ([scene, controls]) => {
      const bare = scene.stream.specs.filter((spec) => !isControl(spec) || spec.opcode === 8);
      const mixed = [...bare];
      const mask = scene.role === "server" ? Uint8Array.of(9, 8, 7, 6) : null;
      const closeAt = bare.some(({ opcode }) => opcode === 8) ? bare.length - 1 : bare.length;
      for (const [at, opcode, payload] of controls) mixed.splice(at % (closeAt + 1), 0, { opcode, payload, mask });
      const plain = run(scene, encodeAll(bare));
      const full = run(scene, encodeAll(mixed));
      expect(isDeepStrictEqual(withoutControls(full), withoutControls(plain))).toBe(true);
      expect(full.told.filter(({ type }) => type === "ping" || type === "pong").length).toBe(controls.length);
    }, 2);
  });

  it("nor does a Close in the middle of a message: the part of it is dropped, the code is answered", () => {
    check(fc.tuple(scenes, fc.nat()), ([scene, at]) => {
      const frames = openFrames(scene.stream);
      const some = frames.slice(0, at % (frames.length + 1));
      const mask = scene.role === "server" ? Uint8Array.of(1, 1, 1, 1) : null;
      const bytes = concat([encodeAll(some), encode({ opcode: 8, payload: fromHex("0f a1 62 79 65"), mask })]);
      const { told, frames: output } = run(scene, bytes);
      expect(told.at(-1)).toEqual({ type: "close", code: 4001, reason: "bye" });
      expect(output.at(-1)).toMatchObject({ opcode: 8, payload: fromHex("0f a1") });
    });
  });
});

/** Without Pings and Pongs, so that the pieces on both sides of one are joined. */
function withoutControls({ events }: Collected): readonly Told[] {
  return tell(events.filter(({ type }) => type !== "ping" && type !== "pong"));
}
