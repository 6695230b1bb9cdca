import { describe, expect, it } from "vitest";
import { concat } from "../../conformance/frames/encode.ts";
import { readFrames } from "../../conformance/frames/reader.ts";
import { seededRandom } from "../../conformance/support/virtual.ts";
import { appendBytes } from "./encoder.ts";
import { masksOf } from "./masks.ts";
import { leaseOutput, Output, releaseOutput } from "./output.ts";
import { ownMemory, Queue, STRETCH, within } from "./queue.ts";

const octets = (...values: number[]): Uint8Array<ArrayBuffer> => Uint8Array.from(values);

describe("the lane", () => {
  it("goes before data that waits, pongs before pings", () => {
    const output = new Output();
    data(output, 1);
    output.ping(octets(7), false);
    output.pong(octets(8), 16);
    data(output, 2);
    expect(sent(output)).toEqual(["pong 8", "ping 7", "data 1", "data 2"]);
  });
  it("does not go into a chunk that was handed out, nor before one that is half gone, but before the next frame", () => {
    const output = new Output();
    data(output, 1);
    const chunk = output.peek(null)!;
    output.pong(octets(8), 16);
    expect(output.peek(null)).toBe(chunk);
    output.queue.consume(1);
    data(output, 2);
    expect(output.peek(null)!.length).toBe(chunk.length - 1);
    output.queue.consume(chunk.length - 1);
    expect(sent(output)).toEqual(["pong 8", "data 2"]);
  });
  it("waits behind the payload of a frame whose header has left", () => {
    const output = new Output();
    output.queue.append(octets(0x82, 2), true);
    output.queue.append(octets(5, 6), false);
    output.peek(null);
    output.queue.consume(2);
    output.pong(octets(8), 16);
    expect(output.peek(null)).toEqual(octets(5, 6));
    output.queue.consume(2);
    expect(sent(output)).toEqual(["pong 8"]);
  });
  it("holds the newest pongs only, and every ping", () => {
    const output = new Output();
    for (let i = 0; i < 40; i++) {
      output.pong(octets(i), 3);
      output.ping(octets(i), false);
    }
    const frames = sent(output);
    expect(frames.slice(0, 3)).toEqual(["pong 37", "pong 38", "pong 39"]);
    expect(frames.slice(3)).toHaveLength(40);
  });
  it("keeps its order although it reaches over the end of the shared memory", () => {
    within(ownMemory(), () => {
      const other = new Queue(), output = new Output();
      other.commit(other.reserve(1, true) + STRETCH - 20);
      for (let i = 0; i < 8; i++) output.ping(octets(i), false);
      const chunk = output.peek(null)!;
      expect(readFrames(chunk).frames.length).toBeLessThan(8);
      output.ping(octets(8), false);
      output.queue.consume(chunk.length);
      const frames = readFrames(chunk).frames.map(({ payload }) => `ping ${payload[0]}`);
      expect([...frames, ...sent(output)]).toEqual(Array.from({ length: 9 }, (_, i) => `ping ${i}`));
    });
  });
  it("is moved behind the queue by settle, so that a Close can follow everything", () => {
    const output = new Output();
    data(output, 1);
    output.pong(octets(8), 16);
    output.ping(octets(7), false);
    output.settle(null);
    data(output, 2);
    expect(sent(output)).toEqual(["data 1", "pong 8", "ping 7", "data 2"]);
  });
  it("loses its pongs by dropPongs, and nothing else", () => {
    const output = new Output();
    output.pong(octets(8), 16);
    output.ping(octets(7), false);
    data(output, 1);
    output.dropPongs();
    expect(sent(output)).toEqual(["ping 7", "data 1"]);
  });
  it("is masked for a client", () => {
    const output = new Output(), masks = masksOf(seededRandom(1));
    output.pong(octets(1, 2, 3), 16);
    const chunk = output.peek(masks)!;
    expect(readFrames(chunk).frames).toMatchObject([{ opcode: 10, payload: octets(1, 2, 3), mask: expect.any(Uint8Array) }]);
    output.queue.consume(chunk.length);
  });
});

describe("length", () => {
  it("is what will be written, whether the lane has been encoded or not", () => {
    for (const masks of [null, masksOf(seededRandom(1))]) {
      const output = new Output();
      appendBytes(output.queue, 0x82, octets(1, 2, 3), 0, 3, masks);
      output.ping(octets(7), false);
      for (let i = 0; i < 20; i++) output.pong(new Uint8Array(i), 3);
      const before = output.length(masks !== null);
      expect(before).toBe((masks === null ? 2 : 6) * 5 + 3 + 1 + 17 + 18 + 19);
      let written = 0;
      for (let chunk; (chunk = output.peek(masks)) !== null;) {
        expect(output.length(masks !== null)).toBe(before - written);
        output.queue.consume(chunk.length);
        written += chunk.length;
      }
      expect(written).toBe(before);
      expect(output.empty).toBe(true);
    }
  });
  it("counts neither dropped pongs nor a dropped queue", () => {
    const output = new Output();
    output.pong(octets(1), 16);
    output.ping(octets(1, 2), false);
    output.dropPongs();
    expect(output.length(false)).toBe(4);
    data(output, 1);
    output.drop();
    expect(output.length(false)).toBe(0);
    expect(output.empty).toBe(true);
    expect(output.peek(null)).toBe(null);
  });
});

describe("a watched Ping", () => {
  it("is told when it has left, with nothing behind it, and others are not", () => {
    const output = new Output();
    data(output, 1);
    output.ping(octets(7), true);
    output.pong(octets(8), 16);
    data(output, 2);
    expect(leavings(output)).toEqual(["pong 8, ping 7: watched", "data 1, data 2"]);
    output.ping(octets(7), false);
    expect(leavings(output)).toEqual(["ping 7"]);
  });
  it("is told behind the queue too", () => {
    const output = new Output();
    data(output, 1);
    output.ping(octets(7), true);
    output.settle(null);
    expect(leavings(output)).toEqual(["data 1, ping 7: watched"]);
  });
  it("is forgotten when the output is dropped", () => {
    const output = new Output();
    output.ping(octets(7), true);
    output.drop();
    output.ping(octets(1), false);
    expect(leavings(output)).toEqual(["ping 1"]);
  });
});

describe("leaseOutput", () => {
  it("leaves every other chunk to the queue, although each octet that leaves brings a ping (simulated lifetime 279775638)", () => {
    const output = new Output();
    output.pong(octets(0), 16);
    data(output, 1);
    const left: number[] = [];
    for (let taken = 0; taken < 40; taken++) {
      left.push(output.peek(null)![0]!);
      output.queue.consume(1);
      output.pong(octets(taken), 16);
    }
    expect(left.indexOf(0x82)).toBeGreaterThan(0);
  });
  it("starts anew with the next connection, even if the lane had just overtaken when it was dropped", () => {
    const output = leaseOutput();
    data(output, 1);
    output.pong(octets(8), 16);
    output.peek(null); // the pong, before the data
    output.drop();
    releaseOutput(output);
    const next = leaseOutput();
    expect(next).toBe(output);
    data(next, 2);
    next.pong(octets(9), 16);
    expect(sent(next)).toEqual(["pong 9", "data 2"]);
  });
  it("gives empty outputs, and none to two connections", () => {
    const leased = Array.from({ length: 40 }, leaseOutput);
    for (const output of leased) {
      expect(output.empty).toBe(true);
      expect(releaseOutput(output)).toBe(null);
    }
    expect(new Set(Array.from({ length: 40 }, leaseOutput)).size).toBe(40);
  });
});

function data(output: Output, value: number): void {
  appendBytes(output.queue, 0x82, octets(value), 0, 1, null);
}
function sent(output: Output): string[] {
  const chunks: Uint8Array[] = [];
  for (let chunk; (chunk = output.peek(null)) !== null;) {
    chunks.push(chunk.slice());
    output.queue.consume(chunk.length);
  }
  return told(concat(chunks));
}
/** The frames of each chunk, and whether a watched Ping was among them. */
function leavings(output: Output): string[] {
  const chunks: string[] = [];
  for (let chunk; (chunk = output.peek(null)) !== null;) {
    const frames = told(chunk).join(", ");
    chunks.push(output.queue.consume(chunk.length) ? `${frames}: watched` : frames);
  }
  return chunks;
}
function told(bytes: Uint8Array): string[] {
  const { frames, rest } = readFrames(bytes);
  expect(rest).toBe(0);
  return frames.map(({ opcode, payload }) => `${opcode === 9 ? "ping" : opcode === 10 ? "pong" : "data"} ${payload.join(" ")}`);
}
