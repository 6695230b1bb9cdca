import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { settle } from "../options.ts";
import { readKey } from "../wire/mask.ts";
import { EMPTY, Input, leaseInput, releaseInput } from "./input.ts";

const portable = settle({});
const KEY = Uint8Array.of(0x37, 0xfa, 0x21, 0xbd);

describe("Input", () => {
  it("gives the octets in the order of the pushes, whenever more arrive and however far it has been read", () => {
    const push = fc.uint8Array({ maxLength: 5 });
    const read = fc.nat(4);
    fc.assert(fc.property(fc.array(fc.oneof(push, read), { maxLength: 40 }), (steps) => {
      const input = new Input();
      const model: number[] = [];
      for (const step of steps) {
        if (typeof step !== "number") {
          input.push(step);
          model.push(...step);
        } else {
          for (let i = 0; i < step && input.available(); i++) expect(input.chunk[input.at++]).toBe(model.shift());
        }
        expect(input.length).toBe(model.length);
        expect(input.empty).toBe(model.length === 0);
      }
      while (input.available()) expect(input.chunk[input.at++]).toBe(model.shift());
      expect(model).toEqual([]);
    }));
  });
  it("neither copies nor joins chunks, except for tiny ones that wait", () => {
    const input = new Input();
    const chunks = [Uint8Array.of(1, 2), new Uint8Array(257), Uint8Array.of(3), Uint8Array.of(4, 5), new Uint8Array(600)];
    chunks.forEach((chunk) => input.push(chunk));
    const seen: Uint8Array[] = [];
    while (input.available()) {
      seen.push(input.chunk.subarray(0, input.end));
      input.at = input.end;
    }
    expect(seen).toEqual([chunks[0], chunks[1], Uint8Array.of(3, 4, 5), chunks[4]]);
    for (const [i, at] of [[0, 0], [1, 1], [3, 4]]) expect(seen[i].buffer).toBe(chunks[at].buffer);
  });
  it("counts 100,000 chunks in no more steps than one", () => {
    const input = new Input();
    for (let i = 0; i < 100_000; i++) input.push(Uint8Array.of(i));
    for (let i = 0, sum = 0; i < 100_000; i++) {
      sum += input.length;
      if (!input.available() || input.chunk[input.at++] !== (i & 255) || sum < 0) expect.fail(`octet ${i}`);
    }
    expect(input.length).toBe(0);
  });
  it("forgets everything when it is discarded", () => {
    const input = new Input();
    input.push(Uint8Array.of(1));
    input.push(Uint8Array.of(2));
    input.discard();
    expect(input.available()).toBe(false);
    expect(input.chunk).toBe(EMPTY);
    expect(input.length).toBe(0);
  });
});

describe("unmask", () => {
  it("is the definition for every offset, length up to 600 and place in a buffer, and leaves the neighbours alone", () => {
    for (let size = 0; size <= 600; size++) {
      for (let shift = 0; shift < 8; shift++) {
        // With much behind it the range is long enough for word views from the start; without, octets are counted.
        const behind = size & 1 ? 600 : 0;
        const buffer = new Uint8Array(shift + 3 + size + behind + 5).map((_, i) => i * 31);
        const expected = masked(buffer, shift + 3, size);
        const input = new Input();
        input.push(buffer.subarray(shift, buffer.length - 5));
        const high = input.unmask(3, 3 + size, readKey(KEY, 0), portable);
        if (Buffer.compare(buffer, expected) !== 0) expect(buffer, `size ${size}, offset ${shift}`).toEqual(expected);
        if (high === 0) expect(expected.subarray(shift + 3, shift + 3 + size).every((octet) => octet < 128)).toBe(true);
      }
    }
  });
  it("knows short ASCII when it sees it", () => {
    for (const size of [1, 63, 64, 127]) {
      const clear = new Uint8Array(400).fill(0x61);
      const input = new Input();
      input.push(masked(clear, 5, size));
      expect(input.unmask(5, 5 + size, readKey(KEY, 0), portable)).toBe(0);
      expect(input.chunk).toEqual(clear);
    }
  });
  it("leaves long ranges to the host's function, with the key in its order, and gives the same", () => {
    const calls: number[] = [];
    const settings = settle({
      natives: {
        unmask(bytes, from, to, mask, phase) {
          calls.push(to - from);
          for (let i = from; i < to; i++) bytes[i]! ^= mask[(phase + i - from) & 3]!;
        },
      },
    });
    for (const size of [2047, 2048, 5000]) {
      const bytes = new Uint8Array(size + 20).fill(9);
      const input = new Input();
      input.push(bytes.slice());
      input.unmask(7, 7 + size, readKey(KEY, 0), settings);
      expect(Buffer.compare(input.chunk, masked(bytes, 7, size))).toBe(0);
    }
    expect(calls).toEqual([2048, 5000]);
  });
});

describe("leaseInput", () => {
  it("gives empty inputs, also those that were given back full", () => {
    const input = leaseInput();
    input.push(Uint8Array.of(1, 2, 3));
    input.push(Uint8Array.of(4));
    expect(releaseInput(input)).toBe(null);
    const again = leaseInput();
    expect(again.available()).toBe(false);
    expect(again.chunk).toBe(EMPTY);
  });
  it("never gives one to two connections", () => {
    const leased = Array.from({ length: 40 }, leaseInput);
    leased.forEach(releaseInput);
    const again = Array.from({ length: 40 }, leaseInput);
    expect(new Set(again).size).toBe(40);
  });
});

/** A copy with `size` octets from `at` on XORed with the key. */
function masked(bytes: Uint8Array, at: number, size: number): Uint8Array {
  const copy = Uint8Array.from(bytes);
  for (let i = 0; i < size; i++) copy[at + i] ^= KEY[i & 3];
  return copy;
}
