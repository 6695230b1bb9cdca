// Rows H1, H19, R1, R8 and C9 on real sockets: heads that never end, clients that leave inside of the handshake, and those that change their
// mind. Nothing here asserts how long something takes.
import { afterEach, describe, expect, it } from "vitest";
import { encode } from "../frames/encode.ts";
import { octets, requestText } from "../support/machine.ts";
import { forget, listening, type Raw, raw, until, upgradedRaw } from "./raw.ts";
import { here, type Victim, victim } from "./victims.ts";

afterEach(forget);

describe.each(here)("on %s", (runtime) => {
  it("H1: 2,000 half-open heads leave room for the 2,001st client; when the server closes, all of them are let go", async () => {
    const one = await victim(runtime);
    const port = await one.tell("serve", { timers: { handshake: 120_000 } });
    const { files } = await one.tell("tally");
    const half = requestText().slice(0, 100);
    const attackers = await Promise.all(Array.from({ length: 2000 }, async (_, i) => {
      const attacker = await raw(port);
      attacker.socket.write(half.slice(0, i % 100));
      return attacker;
    }));
    const good = await upgradedRaw(port);
    expect(good.text()).toMatch(/^HTTP\/1\.1 101 /);
    expect(attackers.filter(({ socket }) => socket.readableEnded || socket.destroyed)).toEqual([]);
    good.socket.destroy();
    for (const { socket } of attackers.slice(0, 1000)) socket.resetAndDestroy();
    for (const { socket } of attackers.slice(1000)) socket.end();
    await until(async () => (await one.tell("tally")).files <= files + SPARE);
    expect(await one.tell("tally")).toMatchObject({ sockets: 0, unhandled: [] });
    expect(await one.leave()).toBe(0);
  }, 60_000);

  it("H1: heads that grow by an octet at a time are answered with 408 while they still grow", async () => {
    const one = await victim(runtime);
    const port = await one.tell("serve", { timers: { handshake: 400, close: 200 } });
    const endless = octets(`GET /${"x".repeat(4000)}`);
    const attackers = await Promise.all(Array.from({ length: 50 }, () => raw(port)));
    const dribble = attackers.map(async ({ socket, received }) => {
      let sent = 0;
      for (; received().length === 0; sent++) {
        socket.write(endless.subarray(sent, sent + 1));
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      return sent;
    });
    for (const sent of await Promise.all(dribble)) expect(sent).toBeLessThan(endless.length);
    await Promise.all(attackers.map(({ ended }) => ended));
    for (const { text } of attackers) expect(text()).toMatch(/^HTTP\/1\.1 408 .*\r\nConnection: close\r\n/s);
    expect(await one.tell("tally")).toMatchObject({ sockets: 0, failed: 50, unhandled: [] });
    expect(await one.leave()).toBe(0);
  }, 60_000);

  it("H19: clients that are gone while the application decides are told to it once each, and are never open", async () => {
    const one = await victim(runtime);
    const port = await one.tell("serve", { pending: true });
    const attackers: Raw[] = [];
    for (let i = 0; i < 200; i++) {
      const attacker = await raw(port);
      attacker.socket.write(requestText());
      attackers.push(attacker);
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
    attackers.forEach(({ socket }, i) => i % 2 === 0 ? socket.resetAndDestroy() : socket.end());
    await until(async () => (await one.tell("tally")).aborted === attackers.length);
    expect(await one.tell("tally")).toMatchObject({ sockets: 0, aborted: 200, unhandled: [] });
    expect(await one.leave()).toBe(0);
  }, 60_000);

  it("H19: connections that are reset before or inside of their heads keep nobody out", async () => {
    const one = await victim(runtime);
    const port = await one.tell("serve", {});
    const { files } = await one.tell("tally");
    const request = requestText();
    for (let i = 0; i < 600; i++) {
      const { socket } = await raw(port);
      socket.write(request.slice(0, i % request.length), () => socket.resetAndDestroy());
    }
    const good = await upgradedRaw(port);
    expect(good.text()).toMatch(/^HTTP\/1\.1 101 /);
    good.socket.destroy();
    await until(async () => (await one.tell("tally")).files <= files + SPARE);
    expect(await one.tell("tally")).toMatchObject({ sockets: 0, unhandled: [] });
    expect(await one.leave()).toBe(0);
  }, 60_000);

  it("C9, R8: 400 clients that change their mind, whatever the server has said by then, leave nothing behind", async () => {
    const one = await victim(runtime);
    const answers = [
      "",
      "HTTP/1.1 101 Swit",
      "HTTP/1.1 100 Continue\r\n\r\n",
      "HTTP/1.1 403 Forbidden\r\nContent-Length: 9\r\n\r\nno",
    ];
    let arrived = 0;
    const port = await listening(({ socket }) => {
      socket.on("end", () => socket.destroy()).write(answers[arrived++ % answers.length]);
    });
    await one.tell("churn", { port, count: 50, after: 5 }); // what is made once is made now
    const before = await one.tell("tally");
    const told = await one.tell("churn", { port, count: 400, after: 5 });
    expect(told).toEqual(["enough"]);
    await until(async () => (await one.tell("tally")).files <= before.files + SPARE);
    const after = await one.tell("tally");
    expect(after).toMatchObject({ unhandled: [] });
    // Octets for each. Bun is not asked to collect its garbage.
    if (runtime !== "bun") expect((after.heap - before.heap) / 400).toBeLessThan(2000);
    expect(await one.leave()).toBe(0);
  }, 60_000);

  it("R1: 500 frames that declare 1 GiB, and bring an octet, cost what has arrived", async () => {
    const one = await victim(runtime);
    const port = await one.tell("serve", { limits: { message: 2 ** 31 }, deflate: "none" });
    const frame = encode({ opcode: 2, declare: 2 ** 30, payload: new Uint8Array(1), mask: Uint8Array.of(1, 2, 3, 4) });
    const open = (count: number): Promise<readonly Raw[]> => Promise.all(Array.from({ length: count }, () => upgradedRaw(port)));
    const idle = await open(500);
    await echoes(one, port);
    const before = await one.tell("tally");
    for (const { socket } of idle) socket.write(frame);
    await echoes(one, port);
    const after = await one.tell("tally");
    expect(after).toMatchObject({ sockets: 500, unhandled: [] });
    // Half a TiB was declared. Runtimes read into 64 KiB at a time.
    expect(after.resident - before.resident).toBeLessThan(100 << 20);
    expect(await one.leave()).toBe(0);
  }, 60_000);
});

/** File descriptors that a runtime makes for itself. */
const SPARE = 10;

/** What was written before has been read: a session behind it has been echoed. */
async function echoes(one: Victim, port: number): Promise<void> {
  const [client] = await one.tell("sessions", { port, numbers: [1] });
  expect(client).toMatchObject({ clean: true, wrong: null });
}
