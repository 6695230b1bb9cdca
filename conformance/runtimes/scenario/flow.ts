// A peer that reads slowly is waited for, one that never reads is dropped. Nothing here measures time: that TCP is full is told by a send()
// that waits while nobody reads. RFC 6455 has no word about it; TCP does. Next file: reach.ts.
import { type Client, ended, first, type Item, noise, noted, pause, type Raw, same } from "./item.ts";

export const flow: readonly Item[] = [
  { name: "slow reader", client: slow },
  { name: "stalled reader dropped", client: stalledServer, raw: stalledClient },
  { name: "silent client dropped", raw: ({ dialSilent }) => silentClient(dialSilent("stall")) },
  { name: "silent client dropped in TLS", raw: ({ dialSilent }) => silentClient(dialSilent("untrusted")) },
];

async function slow(at: Client): Promise<void> {
  await slowClient(at);
  await slowServer(at);
}

/** The server sends 16 MiB, which no kernel keeps, and stops until this side reads. */
async function slowClient(at: Client): Promise<void> {
  const id = `${at.run}-flood`;
  const socket = await at.connect(`${at.urls.main}/flood?id=${id}&count=256`, { deflate: null });
  let stopped = false;
  for (let sent = -1; !stopped;) { // it waits now, and has not gone on since the last look
    const note = await noted(at, id, "waiting");
    stopped = note.sent === sent;
    sent = note.sent;
    await pause(50);
  }
  let count = 0;
  for await (const message of socket) {
    same("order and length", [(message as Uint8Array)[0], message.length], [count & 255, 65_536]);
    if (++count === 256) break;
  }
  same("close", (await socket.close()).clean, true);
}

/** This side sends until it has to wait, then the server reads. */
async function slowServer(at: Client): Promise<void> {
  const id = `${at.run}-hold`;
  const socket = await at.connect(`${at.urls.main}/hold?id=${id}`, { deflate: null });
  const iterator = socket[Symbol.asyncIterator]();
  const chunk = noise(65_536);
  let count = 0;
  let drained: Promise<boolean> = Promise.resolve(true);
  for (let waits = false; !waits; count++) {
    if (count === 512) {
      throw new Error("nothing waits after 32 MiB that nobody reads");
    }
    const taken = socket.send(chunk);
    if (typeof taken === "boolean") continue;
    drained = taken;
    waits = !await Promise.race([taken, pause(100).then(() => false)]);
  }
  same("octets wait", socket.bufferedAmount > 0, true);
  await first(await at.connect(`${at.urls.main}/go?id=${id}`));
  same("drained", await drained, true);
  void socket.send("end");
  same("messages", (await iterator.next()).value, String(count));
  same("close", (await socket.close()).clean, true);
}

/** Sends to a peer that answered 101 and never reads again. */
async function stalledServer({ connect, peers }: Client): Promise<void> {
  const socket = await connect(`${peers}/stall`, { timers: { stall: 300 }, deflate: null });
  const chunk = noise(65_536);
  let sent = 0;
  while (sent < 1_024 && await socket.send(chunk)) sent++;
  same("something waits", sent < 1_024, true);
  const { code, clean, error } = ended(await socket.closed);
  same("closed", [code, clean, error], [1006, false, "STALL_TIMEOUT"]);
}
/** The listener `stall` has a short deadline. */
async function stalledClient({ dial, connect, urls, run }: Raw): Promise<void> {
  const id = `${run}-stall`;
  const peer = await dial("stall", `/flood?id=${id}&count=1024`);
  peer.pause();
  const { closed } = await noted({ connect, urls }, id, "closed");
  same("closed", [closed?.code, closed?.clean, closed?.error], [1006, false, "STALL_TIMEOUT"]);
  peer.reset();
}

/** The two listeners have a short deadline for the handshake. */
async function silentClient(dialing: ReturnType<Raw["dialSilent"]>): Promise<void> {
  await (await dialing).ended;
}
