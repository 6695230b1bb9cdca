// What the server of the scenario does, on every runtime: a target of the request names a behaviour. In: the connections of a listener. Out:
// options and a handler for it. A connection that gives itself an `id` leaves a note, which other connections ask for: the runtimes have no
// other channel in common. Next file: server.ts, or worker-server.ts for workerd.
import type { Handler, Part, ServeOptions, Server, Socket, UpgradeRequest } from "../../../adapters/adapter.ts";
import { ended, type Listening, noise, type Note, pause, until } from "./item.ts";

/** What a listener differs from the others by. */
export function optionsOf(listening: Listening): ServeOptions {
  const common: ServeOptions = {
    upgrade: ({ target }) => target.startsWith("/nowhere") ? { status: 404 } : { data: null },
    error: () => {}, // what the behaviours throw, and what clients break off
  };
  switch (listening) {
    case "parts":
    case "raw":
      return { ...common, messages: listening };
    case "plain":
      return { ...common, deflate: null };
    case "stall":
      return { ...common, timers: { stall: 300, handshake: 1_000 } };
    case "untrusted":
      return { ...common, timers: { handshake: 1_000 } };
    default:
      return { ...common, protocols: ["chat.v2", "chat.v1"] };
  }
}

/** `listen`: opens one more listener, where the runtime lets a program do so. */
export function handlerOf(listening: Listening, listen: Listen | null): Handler<any, any> {
  switch (listening) {
    case "raw":
      return { raw: (socket, piece) => void socket.relay(piece) };
    case "parts":
      return sum;
    case "unix":
      return (socket, request) => void socket.send(request.target);
    default:
      return (socket, request) => behave(socket, request, listen);
  }
}
export type Listen = (options: ServeOptions, handler: Handler) => Promise<Server>;

async function behave(socket: Socket, { target }: UpgradeRequest, listen: Listen | null): Promise<void> {
  const { pathname, searchParams: query } = new URL(target, "ws://localhost");
  const note = noteOf(query.get("id") ?? "");
  const isAsking = pathname === "/noted" || pathname === "/go";
  if (!isAsking) void socket.closed.then((closed) => note.closed = ended(closed));
  switch (pathname) {
    case "/echo":
      for await (const message of socket) await socket.send(message);
      return;
    case "/late": // what comes behind a message is seen a while later
      for await (const message of socket) {
        await pause(50);
        void socket.send(message);
      }
      return;
    case "/protocol":
      return say(socket, socket.protocol);
    case "/fragments":
      void socket.send("from ", { last: false });
      void socket.ping();
      void socket.send("the ", { last: false });
      return say(socket, "server");
    case "/sendParts":
      await socket.sendParts([noise(100_000).subarray(0, 1), noise(100_000).subarray(1)]);
      return void await socket.closed;
    case "/ping":
      return say(socket, typeof await socket.ping());
    case "/close":
      return void await socket.close(...codeOf(query));
    case "/throw":
      throw new Error("on purpose");
    case "/done":
      return;
    case "/flood":
      return await flood(socket, note, Number(query.get("count")));
    case "/hold":
      return await hold(socket, note);
    case "/noted":
      await until(() => Boolean(note[query.get("field") as keyof Note]));
      return say(socket, JSON.stringify(note));
    case "/go":
      note.go = true;
      return say(socket, "gone");
    case "/farewell":
      return await farewell(socket, listen);
    default:
      return void await socket.close(4404);
  }
}

/** The client closes. */
async function say(socket: Socket, text: string): Promise<void> {
  void socket.send(text);
  await socket.closed;
}

/** Numbered messages of 64 KiB, with backpressure. */
async function flood(socket: Socket, note: Note, count: number): Promise<void> {
  const chunk = noise(65_536);
  for (let i = 0; i < count; i++) {
    chunk[0] = i;
    const taken = socket.send(chunk);
    note.sent++;
    note.waiting = taken !== true;
    if (!await taken) return;
    note.waiting = false;
  }
  await socket.closed;
}

/** Reads when it is told to, and says how many messages came before the end. */
async function hold(socket: Socket, note: Note): Promise<void> {
  await until(() => note.go);
  let count = 0;
  for await (const message of socket) {
    if (message === "end") void socket.send(String(count));
    else count++;
  }
}

/** What came in pieces: how many first ones, last ones, octets. */
async function sum(socket: Socket<any, Part>): Promise<void> {
  const found = { first: 0, last: 0, length: 0 };
  for await (const { first, last, data } of socket) {
    found.first += Number(first);
    found.last += Number(last);
    found.length += data.byteLength;
    if (last) void socket.send(JSON.stringify(found));
  }
}

/** Opens a listener, says where, closes it when told to, says how many sockets it has left. */
async function farewell(socket: Socket, listen: Listen | null): Promise<void> {
  if (listen === null) throw new Error("no listener can be opened here");
  const server = await listen({}, async (socket) => {
    for await (const message of socket) await socket.send(message);
  });
  void socket.send(server.url);
  const iterator = socket[Symbol.asyncIterator]();
  await iterator.next();
  await server.close({ reason: "restart" });
  void socket.send(String(server.sockets.size));
  await iterator.next(); // reads on, or the client's Close would not be seen
}

function noteOf(id: string): Note {
  let note = notes.get(id);
  if (note === undefined) notes.set(id, note = { waiting: false, sent: 0, go: false, closed: null });
  return note;
}
function codeOf(query: URLSearchParams): [code?: number, reason?: string] {
  const code = query.get("code");
  return code === null ? [] : [Number(code), query.get("reason") ?? ""];
}

const notes = new Map<string, Note>();
