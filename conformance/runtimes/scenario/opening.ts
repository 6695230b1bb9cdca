// The handshake: open, a refusal, a subprotocol, and compression agreed on or not. RFC 6455 §4, RFC 7692 §5. Next file: messages.ts.
import { HandshakeError, type Socket } from "../../../adapters/adapter.ts";
import { zlib } from "../../../adapters/zlib.ts";
import { type Client, type Item, noted, same } from "./item.ts";

export const opening: readonly Item[] = [
  { name: "open", client: open },
  { name: "subprotocol", client: subprotocol },
  { name: "deflate on", client: deflateOn },
  { name: "deflate off", client: deflateOff },
];

async function open({ connect, urls, run }: Client): Promise<void> {
  const id = `${run}-open`;
  const socket = await connect(`${urls.main}/echo?id=${id}`, { data: 7 });
  same("state", [socket.role, socket.state, socket.protocol, socket.data], ["client", "open", "", 7]);
  same("closed", (await socket.close(1000)).clean, true);
  same("state", socket.state, "closed");
  same("of the server", (await noted({ connect, urls }, id, "closed")).closed?.code, 1000);
  const error = await connect(`${urls.main}/nowhere`).catch((error: unknown) => error);
  same("refused", error instanceof HandshakeError && [error.code, error.status], ["BAD_RESPONSE", 404]);
}

/** The server's order counts. */
async function subprotocol({ connect, urls }: Client): Promise<void> {
  for (const [protocols, expected] of [[["chat.v1", "chat.v2"], "chat.v2"], [["other"], ""]] as const) {
    const socket = await connect(`${urls.main}/protocol`, { protocols });
    const { value } = await socket[Symbol.asyncIterator]().next();
    same("subprotocol", [socket.protocol, value], [expected, expected]);
    await socket.close();
  }
}

async function deflateOn({ connect, urls }: Client): Promise<void> {
  for (const contextTakeover of [false, true]) {
    const socket = await connect(`${urls.main}/echo`, { deflate: { engine: zlib, contextTakeover } });
    same("agreed", compresses(socket), true);
    await echoes(socket);
  }
}
async function deflateOff({ connect, urls }: Client): Promise<void> {
  const [unasked, refused] = [await connect(`${urls.main}/echo`, { deflate: null }), await connect(`${urls.plain}/echo`)];
  same("agreed", [unasked, refused].map(compresses), [false, false]);
  await Promise.all([unasked, refused].map(echoes));
}

function compresses({ headers }: Socket): boolean {
  return headers.some(([name, value]) =>
    name.toLowerCase() === "sec-websocket-extensions" &&
    /^permessage-deflate/.test(value)
  );
}
async function echoes(socket: Socket): Promise<void> {
  const messages = ["the same words again, ".repeat(5_000), "x", "", "the same words again, ".repeat(100)];
  const iterator = socket[Symbol.asyncIterator]();
  for (const message of messages) {
    void socket.send(message);
    same("echo", (await iterator.next()).value === message, true);
  }
  same("close", (await socket.close()).clean, true);
}
