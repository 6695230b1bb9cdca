// Rows R3, R4 and K10 on real sockets: peers that do not read, that read slowly, that stand still, and that never answer a Close.
// Nothing here asserts how long something takes.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { afterEach, describe, expect, it } from "vitest";
import { afterHead, type Frame, FrameReader } from "../frames/reader.ts";
import { requestText } from "../support/machine.ts";
import { forget, type Raw, until, upgradedRaw } from "./raw.ts";
import { here, victim } from "./victims.ts";

afterEach(forget);

describe.each(here)("on %s", (runtime) => {
  it("R4: a peer that never reads delays nobody, and is dropped at the limit of what waits for it", async () => {
    const one = await victim(runtime);
    const port = await one.tell("serve", { limits: { output: 1 << 20 }, deflate: "none" });
    const deaf = await upgradedRaw(port, `/${DEAF}`);
    deaf.socket.pause();
    const readers = await Promise.all(Array.from({ length: 5 }, () => upgradedRaw(port)));
    const heard = readers.map((reader) => framesBehind(reader, ({ payload }) => [payload.length, payload[0]]));
    const [size, count] = [65_536, 600];
    const { most, ends } = await one.tell("broadcast", { size, count, deaf: DEAF });
    expect(ends).toEqual(["SLOW_PEER"]);
    expect(most).toBeGreaterThan(1 << 20); // it was full before it was dropped
    expect(most).toBeLessThanOrEqual((1 << 20) + 2 * (size + 10));
    for (const frames of heard) {
      await until(() => frames.length >= count);
      expect(frames).toEqual(Array.from({ length: count }, (_, i) => [size, i & 255]));
    }
    expect(await one.tell("tally")).toMatchObject({ sockets: 5, unhandled: [] });
    expect(await one.leave()).toBe(0);
  }, 60_000);

  it("R4: a peer that reads a little at a time hears everything, in order", async () => {
    const one = await victim(runtime);
    const port = await one.tell("serve", { limits: { output: 64 << 20 }, deflate: "none" });
    const slow = await upgradedRaw(port, `/${DEAF}`);
    slow.socket.pause();
    const heard = framesBehind(slow, ({ payload }) => payload[0]);
    const [size, count] = [50_000, 200];
    await one.tell("broadcast", { size, count, deaf: DEAF });
    while (heard.length < count) {
      slow.socket.resume();
      await once(slow.socket, "data");
      slow.socket.pause();
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(heard).toEqual(Array.from({ length: count }, (_, i) => i & 255));
    expect(await one.leave()).toBe(0);
  }, 60_000);

  it("R3: a peer whose process stands still is asked, and dropped when it does not answer", async () => {
    const one = await victim(runtime);
    const port = await one.tell("serve", { timers: { ping: 300, pong: 300, close: 300 } });
    const frozen = spawn(process.execPath, ["-e", FROZEN, String(port), requestText().replace("/chat", "/7")], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    await once(frozen.stdout, "data");
    frozen.kill("SIGSTOP");
    try {
      const [seen] = await one.tell("seen", [7]); // waits until no socket is left
      expect(seen).toMatchObject({ opened: 1, closed: 1, clean: false, code: 1006, error: "PONG_TIMEOUT" });
    } finally {
      frozen.kill("SIGKILL");
    }
    expect(await one.leave()).toBe(0);
  }, 60_000);

  it("K10: a peer that never answers a Close, and goes on sending, is dropped", async () => {
    const one = await victim(runtime);
    await one.tell("serve", { timers: { close: 300 } }).then((port) => upgradedRaw(port)).then(({ socket }) => {
      const noise = setInterval(() => socket.write(Uint8Array.of(0x8a, 0x80, 0, 0, 0, 0)), 10); // Pongs
      socket.on("close", () => clearInterval(noise));
    });
    expect(await one.leave()).toBe(0); // it closes with a deadline of 0, and nothing holds it
  }, 60_000);
});

/** What is seen of each frame behind the head, as they come: 40 MB are read by each, and once. */
function framesBehind<Seen>({ socket, received }: Raw, see: (frame: Frame) => Seen): readonly Seen[] {
  const reader = new FrameReader();
  const seen: Seen[] = [];
  const hear = (bytes: Uint8Array): void => {
    reader.receive(bytes);
    for (let frame = reader.next(); frame !== null; frame = reader.next()) seen.push(see(frame));
  };
  hear(received().subarray(afterHead(received())));
  socket.on("data", hear);
  return seen;
}

const DEAF = 9;
/** A client that is open, says so, and then leaves it to the kernel. */
const FROZEN = "const [, port, request] = process.argv; const socket = require('node:net').connect(Number(port), '127.0.0.1');" +
  "socket.write(request); socket.once('data', () => console.log('open')).on('error', () => {});";
