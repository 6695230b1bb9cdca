// Every attack on a server, over TCP: a raw socket sends the octets to the echo server of Node's adapter and reads what comes back until
// the server ends the stream. What must come back is what attacks.test.ts expects of the core. Behind them all the servers still serve.
// RFC 6455 §7.1.1. Next file: ../../adapters/node.ts.
import { once } from "node:events";
import { connect as dial } from "node:net";
import { afterAll, describe, expect, it } from "vitest";
import { connect, serve, type Server } from "../../adapters/node.ts";
import type { Options } from "../../core/types.ts";
import { closePayload, concat, encode } from "../frames/encode.ts";
import { afterHead, readFrames } from "../frames/reader.ts";
import { PATIENCE } from "../support/law.ts";
import { requestText } from "../support/machine.ts";
import { ATTACKS, echoed, headerOf, lastPing, lastPong, offerOf, optionsFor, queued, statusFor } from "./played.ts";
import { type Attack, MASK } from "./vector.ts";

const attacks = ATTACKS.filter(({ role }) => role === "server");
const short = attacks.filter(({ input }) => input.byteLength <= 400);

/** A server for each set of options, since those are the server's. */
const servers = new Map<string, Promise<Server<unknown>>>();
function serverFor(attack: Attack): Promise<Server<unknown>> {
  const options: Options = optionsFor(attack);
  const key = JSON.stringify(options, (_, value) => value === Infinity ? "Infinity" : value as unknown);
  const server = servers.get(key) ?? serve({ port: 0, host: "127.0.0.1", deflate: null, ...options }, async (socket) => {
    for await (const message of socket) await socket.send(message);
  });
  servers.set(key, server);
  return server;
}
afterAll(async () => {
  for (const server of servers.values()) await (await server).close();
});

describe("the echo server of Node's adapter", PATIENCE, () => {
  it("answers every attack as its row says, and ends the stream", async () => {
    expect(await failures(attacks, Infinity)).toEqual([]);
  });

  it("does the same with short ones octet by octet", async () => {
    expect(await failures(short, 1)).toEqual([]);
  });

  it("serves good clients afterwards, on every server that was attacked", async () => {
    for (const { options = {}, server } of await all()) {
      const limit = Math.min(options.limits?.message ?? 5, 5);
      const socket = await connect((await server).url);
      await socket.send("Hello".slice(0, limit));
      expect((await socket[Symbol.asyncIterator]().next()).value).toBe("Hello".slice(0, limit));
      expect((await socket.close(1000)).clean).toBe(true);
    }
    expect(servers.size).toBeGreaterThan(5);
  });
});

async function all(): Promise<readonly { readonly options?: Options; readonly server: Promise<Server<unknown>> }[]> {
  const seen = new Set<Promise<Server<unknown>>>();
  return attacks.map((attack) => ({ ...attack, server: serverFor(attack) })).filter(({ server }) =>
    !seen.has(server) && seen.add(server)
  );
}

/** What differs from what the rows say; so many attacks at a time. */
async function failures(attacks: readonly Attack[], size: number): Promise<readonly unknown[]> {
  const found: unknown[] = [];
  const left = [...attacks];
  const worker = async (): Promise<void> => {
    for (let attack = left.shift(); attack !== undefined; attack = left.shift()) {
      const [expected, actual] = [expectation(attack), report(attack, await replies(attack, size))];
      if (JSON.stringify(expected) !== JSON.stringify(actual)) {
        found.push({ row: attack.row, name: attack.name, expected, actual });
      }
    }
  };
  await Promise.all(Array.from({ length: 32 }, worker));
  return found;
}

function expectation(attack: Attack): unknown {
  const { headers = {}, answer } = attack;
  const frames = echoed(attack);
  return {
    status: statusFor(attack) ?? 101,
    headers,
    frames: answer === null && isWhole(attack) ? [...frames, CLOSED] : frames,
    pong: lastPing(attack),
    stray: 0,
  };
}
function report(attack: Attack, bytes: Uint8Array): unknown {
  const at = Math.max(0, afterHead(bytes));
  const head = new TextDecoder("latin1").decode(bytes.subarray(0, at));
  const status = Number(head.slice(9, 12));
  const { frames, rest } = status === 101 ? readFrames(bytes.subarray(at)) : { frames: [], rest: 0 };
  return {
    status,
    headers: Object.fromEntries(Object.keys(attack.headers ?? {}).map((name) => [name, headerOf(head, name)])),
    frames: queued(frames),
    pong: lastPong(frames),
    stray: status === 101 ? rest : bytes.length - at - Number(headerOf(head, "content-length")),
  };
}

/**
 * Sends the attack in pieces of so many octets, and behind what a server survives a Close. Resolves to everything the server wrote until
 * it ended the stream; a stream that is reset instead rejects.
 */
async function replies(attack: Attack, size: number): Promise<Uint8Array> {
  const server = await serverFor(attack);
  const socket = dial({ port: Number(new URL(server.url).port), host: "127.0.0.1", allowHalfOpen: true, noDelay: true });
  const pieces: Uint8Array[] = [];
  let have = 0;
  socket.on("data", (piece) => {
    pieces.push(piece as Uint8Array);
    have += piece.length;
    socket.emit("more");
  });
  const ended = once(socket, "end");
  ended.catch(() => {}); // awaited below
  await once(socket, "connect");
  if (attack.opening === undefined) {
    socket.write(requestText(attack.deflate === undefined ? [] : [`Sec-WebSocket-Extensions: ${offerOf(attack.deflate)}`]));
    while (afterHead(concat(pieces)) === -1 || have === 0) await once(socket, "more");
    const head = new TextDecoder("latin1").decode(concat(pieces));
    if (attack.deflate !== undefined && headerOf(head, "sec-websocket-extensions") === null) throw new Error("no compression");
  }
  for (let at = 0; at < attack.input.length; at += size) {
    const piece = attack.input.subarray(at, at + size);
    await new Promise<void>((resolve) => socket.write(piece, () => resolve()));
    // Lets the server read it before the next.
    if (size === 1) await new Promise<void>((resolve) => setImmediate(resolve));
  }
  if (attack.answer === null && isWhole(attack)) socket.write(CLOSE);
  else if (attack.answer === null) socket.end();
  await ended;
  socket.end();
  if (!socket.destroyed) await once(socket, "close");
  return concat(pieces);
}
/** The octets end where a frame does, so that a Close can follow. */
function isWhole({ opening, input }: Attack): boolean {
  return opening === true || readFrames(input).rest === 0;
}

const CLOSE = encode({ opcode: 8, payload: closePayload(1000), mask: MASK });
const CLOSED = "8 03e8";
