// Ways to a server, and what stops a client on its way: TLS with an authority of our own, paths of the file system, nobody there. Each failure
// is one typed error with the same code on every runtime, and with that runtime's error as its cause. RFC 6455 §4.1.
// Next file: items.ts, the list of all.
import type { Socket } from "../../../adapters/adapter.ts";
import { authority } from "./certificates.ts";
import { type Client, failing, first, type Item, same } from "./item.ts";

export const reach: readonly Item[] = [
  { name: "TLS, wrong CA", client: wrongAuthority },
  { name: "TLS, name mismatch", client: misnamed },
  { name: "TLS, own CA", client: ownAuthority }, // last: a session that is resumed, on whatever port of the name, asks for no certificate
  { name: "no TLS there", client: noTls },
  { name: "unix socket", client: unix },
  { name: "refused", client: refused },
  { name: "no such name", client: noName },
];

const tls = { ca: authority };

/** By its name and by its address. */
async function ownAuthority({ connect, urls }: Client): Promise<void> {
  for (const url of [urls.secure, urls.secure.replace("127.0.0.1", "localhost")]) {
    const socket = await connect(`${url}/echo`, { tls });
    same("peer", [socket.peer.address ?? "127.0.0.1", socket.peer.secure], ["127.0.0.1", true]); // workerd knows what it dialed
    const iterator = socket[Symbol.asyncIterator]();
    void socket.send("x".repeat(1_000_000));
    same("echo", (await iterator.next()).value?.length, 1_000_000);
    same("close", (await socket.close(4000)).code, 4000);
  }
}
async function wrongAuthority({ connect, urls }: Client): Promise<void> {
  same("error", await failing(connect(`${urls.untrusted}/echo`, { tls })), "TLS cause");
}
async function misnamed({ connect, urls }: Client): Promise<void> {
  same("error", await failing(connect(`${urls.misnamed}/echo`, { tls })), "TLS cause");
  const told: Socket = await connect(`${urls.misnamed}/protocol`, { tls: { ...tls, servername: "elsewhere.example" } });
  same("with the name given", await first(told), "");
}
async function noTls({ connect, urls }: Client): Promise<void> {
  same("error", await failing(connect(`${urls.main.replace("ws:", "wss:")}/echo`, { tls })), "TLS cause");
}
async function unix({ connect, urls }: Client): Promise<void> {
  const socket = await connect(`${urls.unix}:/target?x`);
  same("target", (await socket[Symbol.asyncIterator]().next()).value, "/target?x");
  same("peer", [socket.peer.address, socket.peer.port, socket.peer.secure], [null, null, false]);
  same("close", (await socket.close(4000)).code, 4000);
}
async function refused({ connect }: Client): Promise<void> {
  same("error", await failing(connect("ws://127.0.0.1:1/")), "CONNECT cause");
}
async function noName({ connect }: Client): Promise<void> {
  same("error", await failing(connect("ws://no-such-name.invalid/")), "CONNECT cause");
}
