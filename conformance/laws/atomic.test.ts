// L17 Atomic: a command that throws, or answers false, changes nothing: not an event, not an octet, not a deadline. Two machines live the
// same life; one of them hears more commands than the other. L18 Roles: a server never masks and has no use for randomness, a client masks
// every frame with octets that nobody has used before. RFC 6455 §5.1, §5.3. Next file: clock.test.ts.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { clientConnection, serverConnection, upgradedConnection } from "../../core/index.ts";
import type { Bytes, ClientOptions } from "../../core/types.ts";
import { readFrames } from "../frames/reader.ts";
import { agreementOf } from "../support/arbitraries.ts";
import { check, PATIENCE } from "../support/law.ts";
import { type Command, commands, life, type Step } from "../support/life.ts";
import { octets, responseText } from "../support/machine.ts";
import { answer, type Player, player, sight } from "../support/player.ts";
import { seededRandom } from "../support/virtual.ts";

describe("L17 atomic", PATIENCE, () => {
  it("a call that throws or answers false changes nothing", () => {
    const extras = fc.array(fc.tuple(fc.nat(), commands), { minLength: 1, maxLength: 12 });
    check(fc.tuple(life, extras), ([life, extras]) => {
      const disturbed = player(life);
      const taken: Turn[] = [];
      for (const turn of withExtras(life.steps, extras)) {
        const before = sight(disturbed.machine);
        const deadline = disturbed.machine.nextTimeout(disturbed.now);
        if (!turn.extra) disturbed.step(turn.step);
        else if (answer(disturbed.machine, turn.step) !== true) {
          expect(sight(disturbed.machine)).toEqual(before);
          expect(disturbed.machine.nextTimeout(disturbed.now)).toBe(deadline);
          continue;
        }
        taken.push(turn);
      }
      finish(disturbed);

      const plain = player(life);
      for (const turn of taken) {
        if (turn.extra) expect(answer(plain.machine, turn.step)).toBe(true);
        else plain.step(turn.step);
        plain.machine.nextTimeout(plain.now);
      }
      finish(plain);
      expect(disturbed.answers).toEqual(plain.answers);
      expect(disturbed.events).toEqual(plain.events);
      expect(disturbed.sights).toEqual(plain.sights);
      expect(Buffer.compare(disturbed.written(), plain.written())).toBe(0);
    });
  });
});

describe("L18 roles", PATIENCE, () => {
  it("a client masks every frame with a key of its own, drawn from its randomness and never used before", () => {
    const messages = fc.array(fc.oneof(fc.string({ maxLength: 30 }), fc.uint8Array({ maxLength: 200 })), { maxLength: 40 });
    check(fc.tuple(messages, fc.nat(), fc.integer({ min: 0, max: 1500 })), ([messages, seed, before]) => {
      const drawn: Bytes[] = [];
      const fill = seededRandom(seed);
      const random = (into: Bytes): void => {
        fill(into);
        drawn.push(new Uint8Array(into));
      };
      const client = clientConnection({ authority: "localhost", target: "/" }, { random });
      const request = new TextDecoder("latin1").decode(client.peekOutput() ?? undefined);
      client.consumeOutput(request.length);
      // RFC 6455 §4.1: the key is 16 fresh octets, in base64.
      expect(request).toContain(`Sec-WebSocket-Key: ${Buffer.from(drawn[0]).toString("base64")}\r\n`);
      expect(drawn[0].byteLength).toBe(16);
      client.receive(octets(responseText(request)), 0);
      client.poll();
      for (let i = 0; i < before; i++) client.send("");
      for (const message of messages) {
        client.send(message);
        client.ping();
      }
      client.close();
      const { frames } = readFrames(output(client));
      expect(frames.length).toBe(before + 2 * messages.length + 1);
      const keys = frames.map(({ mask }) => Buffer.from(mask ?? []).toString("hex"));
      const pool = drawn.slice(1).flatMap((octets) => Buffer.from(octets).toString("hex").match(/.{8}/g) ?? []);
      // Each key is another slot of the pool; equal keys are equal draws.
      for (const key of keys) {
        const at = pool.indexOf(key);
        expect(at).toBeGreaterThanOrEqual(0);
        pool.splice(at, 1);
      }
    }, 0.3);
  });

  it("a server has no use for randomness and masks nothing, in any life", () => {
    check(life, (life) => {
      if (life.birth.role === "client") return;
      const living = player(life);
      for (const step of life.steps) living.step(step);
      living.step({ do: "flush", most: Infinity });
      for (const { mask } of readFrames(living.frames()).frames) expect(mask).toBe(null);
    });
    const random = (): never => {
      throw new Error("a server asked for randomness");
    };
    const options: ClientOptions = { random };
    for (const server of [upgradedConnection("server", agreementOf(), options), serverConnection(options)]) {
      server.receive(Uint8Array.of(0x88, 0x80, 0, 0, 0, 0), 0);
      for (let event = server.poll(); event !== null; event = server.poll());
      server.close();
      output(server);
    }
  });
});

type Turn = { readonly extra: false; readonly step: Step } | { readonly extra: true; readonly step: Command };
/** The steps of a life with commands in between. */
function withExtras(steps: readonly Step[], extras: readonly (readonly [at: number, extra: Command])[]): readonly Turn[] {
  const turns: Turn[] = steps.map((step) => ({ extra: false, step }));
  for (const [at, step] of extras) turns.splice(at % (turns.length + 1), 0, { extra: true, step });
  return turns;
}
function finish(living: Player): void {
  living.step({ do: "poll", most: Infinity });
  living.step({ do: "flush", most: Infinity });
}
function output(machine: { peekOutput(): Uint8Array | null; consumeOutput(count: number): void }): Bytes {
  const written: number[] = [];
  for (let out = machine.peekOutput(); out !== null; out = machine.peekOutput()) {
    written.push(...out);
    machine.consumeOutput(out.byteLength);
  }
  return Uint8Array.from(written);
}
