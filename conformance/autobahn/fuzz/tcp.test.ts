import { afterEach, describe, expect, it } from "vitest";
import { once } from "node:events";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import type { LinkEvents } from "../engine/link.ts";
import { dial, type Tcp } from "./tcp.ts";

let server: Server;
afterEach(async () => {
  await new Promise((resolve) => server.close(resolve));
});

/** A connection and its far end, which notes what it hears. */
async function pair(): Promise<{ near: Tcp; far: Socket; heard: string[]; ended: Promise<void> }> {
  server = createServer({ allowHalfOpen: true, noDelay: true });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const coming = once(server, "connection");
  const near = await dial({ host: "127.0.0.1", port: (server.address() as AddressInfo).port, tls: null });
  const [far] = await coming as [Socket];
  const heard: string[] = [];
  far.on("data", (chunk) => void heard.push(String(chunk)));
  far.on("end", () => void heard.push("FIN"));
  far.on("error", (error) => void heard.push((error as NodeJS.ErrnoException).code ?? ""));
  return { near, far, heard, ended: new Promise((resolve) => void far.on("close", () => resolve())) };
}
const octets = (text: string): Uint8Array => new TextEncoder().encode(text);

function events(lost: () => void, received: (size: number) => void = () => {}): LinkEvents {
  return { received: (bytes) => received(bytes.byteLength), lost };
}

describe("a link over TCP", () => {
  it("joins the writes of a turn, and ends with FIN behind them", async () => {
    const { near, far, heard } = await pair();
    const lost = new Promise<void>((resolve) => near.start(events(resolve)));
    near.link.write(octets("one "));
    near.link.write(octets("two"));
    near.link.end();
    near.link.write(octets("never"));
    await lost;
    if (!heard.includes("FIN")) await once(far, "end");
    expect(heard).toEqual(["one two", "FIN"]);
    far.destroy();
  });

  it("drops what was written in this turn with RST", async () => {
    const { near, heard, ended } = await pair();
    const lost = new Promise<void>((resolve) => near.start(events(resolve)));
    near.link.write(octets("never"));
    near.link.abort();
    await lost;
    await ended;
    expect(heard).toEqual(["ECONNRESET"]);
  });

  it("gives the peer its time once more if this process was too busy to hear it", async () => {
    const { near, far } = await pair();
    let received = 0;
    near.start(events(() => {}, (size) => received += size));
    const fired = new Promise<number>((resolve) => near.world.later(10, () => resolve(received)));
    const until = performance.now() + 50;
    const work = (): void => void (performance.now() < until ? setImmediate(work) : far.write("late"));
    work();
    expect(await fired).toBe(4);
    far.destroy();
  });

  it("is lost once, at the peer's FIN, and then its timers are gone", async () => {
    const { near, far } = await pair();
    let losses = 0;
    const lost = new Promise<void>((resolve) => near.start(events(() => resolve(void losses++))));
    let fired = false;
    near.world.later(20, () => fired = true);
    far.end();
    await lost;
    near.link.abort();
    await new Promise((resolve) => setTimeout(resolve, 40));
    expect([losses, fired]).toEqual([1, false]);
    far.destroy();
  });

  it("gives no read of more than 65,536 octets, and keeps what comes before it is started", async () => {
    const { near, far } = await pair();
    far.end(new Uint8Array(1_000_000));
    const sizes: number[] = [];
    await new Promise<void>((resolve) => near.start(events(resolve, (size) => void sizes.push(size))));
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(1_000_000);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(65_536);
    far.destroy();
  });
});
