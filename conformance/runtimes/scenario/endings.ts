// Ends: close codes from both sides, an abort in each phase, half-close, a reset inside of a frame, a server that shuts down.
// RFC 6455 §5.5.1, §7. The raw peers that are named by a target are in peers.ts. Next file: flow.ts.
import type { Closed } from "../../../adapters/adapter.ts";
import { closePayload, encode, encodeAll, utf8 } from "../../frames/encode.ts";
import { readFrames } from "../../frames/reader.ts";
import { type Client, type Ended, ended, failing, first, type Item, noted, type Raw, same, until } from "./item.ts";

export const endings: readonly Item[] = [
  { name: "close codes", client: closeCodes },
  { name: "abort in each phase", client: abort },
  { name: "abort inside TLS", client: (at) => abortHandshake(at, "tls", at.peers.replace("ws:", "wss:")) },
  { name: "half-close", client: halfClose, raw: halfCloseOfClient },
  { name: "reset mid-frame", client: resetByServer, raw: resetByClient },
  { name: "graceful server close", client: gracefulClose },
];

async function closeCodes(at: Client): Promise<void> {
  const { connect, urls, run } = at;
  for (const [code, reason, told] of [[4001, "bye", 4001], [1000, "", 1000], [undefined, "", 1005]] as const) {
    const id = `${run}-close-${code}`;
    const socket = await connect(`${urls.main}/echo?id=${id}`);
    const closed = code === undefined ? await socket.close() : await socket.close(code, reason);
    same("of this side", ended(closed), clean(told, "")); // the answer has the code, and no reason
    same("as the server saw it", (await noted(at, id, "closed")).closed, clean(told, reason));
  }
  const ends = [["/close?code=4002&reason=gone", 4002, "gone"], ["/close", 1005, ""], ["/throw", 1011, ""], [
    "/done",
    1000,
    "",
  ]] as const;
  for (const [target, code, reason] of ends) {
    const socket = await connect(urls.main + target);
    for await (const _ of socket); // ends without an error
    same(`of ${target}`, ended(await socket.closed), clean(code, reason));
  }
}

/** Whatever the phase: the reason comes back, and nothing stays open. */
async function abort(at: Client): Promise<void> {
  const { connect, urls, peers, run } = at;
  const reason = new Error("changed my mind");
  const aborted = new AbortController();
  aborted.abort(reason);
  const before = connect(`${peers}/silent`, { signal: aborted.signal });
  same("before", await before.catch((error: unknown) => error === reason), true);

  const dialing = new AbortController();
  const dialed = connect(`${peers}/silent`, { signal: dialing.signal });
  dialing.abort(reason);
  same("while dialing", await dialed.catch((error: unknown) => error === reason), true);

  await abortHandshake(at, "silent", `${peers}/silent`);

  const open = new AbortController();
  const id = `${run}-abort`;
  const socket = await connect(`${urls.main}/echo?id=${id}`, { signal: open.signal });
  open.abort(reason);
  same("open", terminated(await socket.closed, reason), true);
  same("as the server saw it", (await noted(at, id, "closed")).closed?.clean, false);

  const closing = new AbortController();
  const deaf = await connect(`${peers}/deaf`, { signal: closing.signal });
  void deaf.close();
  await until(async () => await living(at, "deaf") === 1);
  closing.abort(reason);
  same("closing", terminated(await deaf.closed, reason), true);
  await until(async () => await living(at, "deaf") === 0);
}
/** A server that takes the connection and says nothing. */
async function abortHandshake(at: Client, name: string, url: string): Promise<void> {
  await until(async () => await living(at, name) === 0);
  const abort = new AbortController();
  const connecting = at.connect(url, { signal: abort.signal }).catch((error: unknown) => error);
  await until(async () => await living(at, name) === 1);
  abort.abort("changed my mind");
  same("rejected with", await connecting, "changed my mind");
  await until(async () => await living(at, name) === 0);
}
/** How many connections a raw peer has. */
async function living({ connect, peers }: Client, name: string): Promise<number> {
  return Number(await first(await connect(`${peers}/living?name=${name}`)));
}
function terminated({ code, clean, error }: Closed, reason: unknown): boolean {
  return code === 1006 && !clean && error?.code === "TERMINATED" && error.cause === reason;
}

/** A server that has nothing more to say, with a Close and without. */
async function halfClose({ connect, peers }: Client): Promise<void> {
  const told = await connect(`${peers}/fin`);
  for await (const message of told) same("before the Close", message, "last words");
  same("closed", ended(await told.closed), clean(4003, ""));
  await until(async () => await first(await connect(`${peers}/living?name=answered`)) === "1"); // our Close, and our FIN

  const cut = await connect(`${peers}/cut`);
  const iterator = cut[Symbol.asyncIterator]();
  same("before the end", (await iterator.next()).value, "last words");
  const next = await iterator.next().catch((error: { code: string }) => error.code);
  same("truncated", [next, ended(await cut.closed)], ["LOST", { ...clean(1006, ""), clean: false, error: "LOST" }]);
}
async function halfCloseOfClient({ dial, connect, urls, run }: Raw): Promise<void> {
  const ask = utf8("ask"), close = closePayload(1000);
  const answers = async (target: string): Promise<[opcode: number, payload: number[]][]> => {
    const peer = await dial("main", target);
    peer.write(encodeAll([{ opcode: 1, payload: ask, mask }, { opcode: 8, payload: close, mask }]));
    peer.end();
    same("the end", await peer.ended, "end");
    return readFrames(peer.received()).frames.map(({ opcode, payload }) => [opcode, [...payload]]);
  };
  same("answers", await answers("/echo"), [[1, [...ask]], [8, [...close]]]);
  same("the Close long behind our FIN", (await answers("/late")).at(-1), [8, [...close]]);

  const id = `${run}-cut`;
  const cut = await dial("main", `/echo?id=${id}`);
  cut.write(encode({ opcode: 1, payload: utf8("ask"), mask }));
  cut.end();
  await cut.ended;
  const { closed } = await noted({ connect, urls }, id, "closed");
  same("truncated", [closed?.code, closed?.clean, closed?.error], [1006, false, "LOST"]);
}

/** The Pong tells that what came before the reset was read: libuv tells data and a reset that come together as data and an end. */
async function resetByServer({ connect, peers }: Client): Promise<void> {
  const socket = await connect(`${peers}/reset`);
  same("closed", ended(await socket.closed), RESET);
  same("before the answer", await failing(connect(`${peers}/reset-early`)), "TRANSPORT cause");
}
async function resetByClient({ dial, connect, urls, run }: Raw): Promise<void> {
  const id = `${run}-reset`;
  const peer = await dial("main", `/echo?id=${id}`);
  peer.write(encodeAll([{ opcode: 9, mask }, { opcode: 1, payload: utf8("half"), declare: 100, mask }]));
  await until(() => peer.received().byteLength > 0);
  peer.reset();
  same("closed", (await noted({ connect, urls }, id, "closed")).closed, RESET);
}

/** A listener that is there for this only: it is asked to close while it has clients. */
async function gracefulClose({ connect, urls }: Client): Promise<void> {
  const control = await connect(`${urls.main}/farewell`);
  const iterator = control[Symbol.asyncIterator]();
  const url = String((await iterator.next()).value);
  const sockets = await Promise.all([connect(url), connect(url), connect(url)]);
  for (const socket of sockets) {
    void socket.send("in use");
    for await (const message of socket) {
      same("echo", message, "in use");
      break;
    }
  }
  void control.send("close");
  for (const socket of sockets) same("closed", ended(await socket.closed), clean(1001, "restart"));
  same("sockets left", (await iterator.next()).value, "0");
  same("nobody listens", await failing(connect(url)), "CONNECT cause");
  await control.close();
}

function clean(code: number, reason: string): Ended {
  return { code, reason, clean: true, error: null, cause: false };
}
const RESET: Ended = { code: 1006, reason: "", clean: false, error: "TRANSPORT", cause: true };
const mask = Uint8Array.of(1, 2, 3, 4);
