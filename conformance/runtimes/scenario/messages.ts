// Messages: whole ones of every size, fragmented ones, pieces in and out, a raw relay, pings. RFC 6455 §5.4, §5.5.2, §5.6.
// Next file: endings.ts.
import type { Socket } from "../../../adapters/adapter.ts";
import { type Client, first, type Item, noise, same, sameBytes } from "./item.ts";

export const messages: readonly Item[] = [
  { name: "text", client: text },
  { name: "binary", client: binary },
  { name: "1 MiB", client: large },
  { name: "fragmented", client: fragmented },
  { name: "sendParts", client: sendParts },
  { name: "parts", client: parts },
  { name: "raw relay", client: rawRelay },
  { name: "ping", client: ping },
];

async function text({ connect, urls }: Client): Promise<void> {
  await echoed(await connect(`${urls.main}/echo`), [
    "hello",
    "",
    "h\u00e9llo \u{1f600}",
    "\ufeffmark",
    "\u0000",
    "\u6f22".repeat(30_000),
  ]);
}
/** On both sides of every form of the length. */
async function binary({ connect, urls }: Client): Promise<void> {
  await echoed(await connect(`${urls.main}/echo`), [0, 1, 125, 126, 65_535, 65_536].map(noise));
}
async function large({ connect, urls }: Client): Promise<void> {
  await echoed(await connect(`${urls.main}/echo`), [noise(1_048_576), "\u00e9".repeat(524_288)]);
}

/** A ping goes between the fragments. */
async function fragmented({ connect, urls }: Client): Promise<void> {
  const socket = await connect(`${urls.main}/echo`);
  const iterator = socket[Symbol.asyncIterator]();
  void socket.send("one ", { last: false });
  const rtt = socket.ping();
  void socket.send("two ", { last: false });
  void socket.send("three");
  same("joined", (await iterator.next()).value, "one two three");
  same("pong", typeof await rtt, "number");
  await socket.close();
  same("of the server", await first(await connect(`${urls.main}/fragments`)), "from the server");
}

async function sendParts({ connect, urls }: Client): Promise<void> {
  const bytes = noise(200_000);
  const socket = await connect(`${urls.main}/echo`);
  const iterator = socket[Symbol.asyncIterator]();
  same("taken", await socket.sendParts(pieces(bytes)), true);
  sameBytes("joined", (await iterator.next()).value, bytes);
  await socket.close();
  const asking = await connect(`${urls.main}/sendParts`);
  sameBytes("of the server", (await asking[Symbol.asyncIterator]().next()).value, noise(100_000));
  await asking.close();
}
async function* pieces(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.byteLength; at += 9_000) {
    await null;
    yield bytes.subarray(at, at + 9_000);
  }
}

/** This side in pieces, then that side. */
async function parts({ connect, urls }: Client): Promise<void> {
  const bytes = noise(300_000);
  const socket = await connect(`${urls.main}/echo`, { messages: "parts" });
  void socket.send(bytes);
  const joined: number[] = [];
  let count = 0;
  for await (const part of socket) {
    same("first and kind", [part.first, part.kind], [count++ === 0, "binary"]);
    for (const octet of part.data) joined.push(octet);
    if (part.last) break;
  }
  sameBytes("joined", Uint8Array.from(joined), bytes);
  await socket.close();
  const asking = await connect(`${urls.parts}/sum`);
  void asking.send(bytes);
  same("of the server", await first(asking), JSON.stringify({ first: 1, last: 1, length: 300_000 }));
}

/** The server sends borrowed pieces on; this side counts them. */
async function rawRelay({ connect, urls }: Client): Promise<void> {
  let length = 0, messages = 0;
  const socket = await connect(`${urls.raw}/`, { messages: "raw", deflate: null }, {
    raw(socket, { start, end, last }) {
      length += end - start;
      if (last && ++messages === 3) void socket.close(4000);
    },
  });
  for (const message of ["hello", noise(1_048_576), ""]) {
    void socket.send(message);
  }
  same("closed", (await socket.closed).code, 4000);
  same("relayed", [length, messages], [1_048_581, 3]);
  await echoed(await connect(`${urls.raw}/`), ["hello", noise(300_000)]);
}

async function ping({ connect, urls }: Client): Promise<void> {
  const socket = await connect(`${urls.main}/echo`);
  same("round trip", typeof await socket.ping(), "number");
  same("with a payload", typeof await socket.ping(Uint8Array.of(1, 2, 3)), "number");
  await socket.close();
  same("too late", await socket.ping(), null);
  same("of the server", await first(await connect(`${urls.main}/ping`)), "number");
}

async function echoed(socket: Socket, messages: readonly (string | Uint8Array)[]): Promise<void> {
  const iterator = socket[Symbol.asyncIterator]();
  for (const message of messages) {
    void socket.send(message);
    const { value } = await iterator.next();
    if (typeof message === "string") {
      same(`text of ${message.length}`, value === message, true);
    } else sameBytes(`binary of ${message.length}`, value, message);
  }
  same("close", (await socket.close()).clean, true);
}
