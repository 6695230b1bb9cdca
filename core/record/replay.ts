// What comes in: the lines of a recording. What goes out: the same life once more, with the same events and the same octets; and the first
// line where it went another way, which is how one sees that a bug has been mended. Next file: ../machine.ts, which is asked again.
import { clientConnection, serverConnection, upgradedConnection } from "../connection.ts";
import { UsageError } from "../errors.ts";
import { ownMemory, within } from "../outbound/queue.ts";
import type { Bytes, ClientOptions, Connection, DeflateEngine, Event, ServerConnection } from "../types.ts";
import { brief, type Call, dataFrom, type Line, octets, optionsFrom, preparedFrom, sumOf } from "./lines.ts";

export interface Replayed {
  readonly connection: Connection;
  /** As polled; bytes of raw pieces are copied. */
  readonly events: readonly Event[];
  /** All octets that were consumed. */
  readonly output: Bytes;
  /** The first line that came to something else than on record, as a sentence; null: none did. */
  readonly differs: string | null;
}

/**
 * Lives a recorded life again, line by line. `engine`: for a connection that may compress; zlib may compress the same message in another
 * way after a reset, so octets of compressed output may differ without context takeover. Throws SyntaxError or TypeError for text that is
 * no recording.
 */
export function replay(text: string, engine?: DeflateEngine): Replayed {
  const lines = text.split("\n").map((line) => line.trim() === "" ? null : JSON.parse(line) as Line);
  const draws = lines.filter((line) => line?.do === "random").map(({ bytes }) => octets(bytes));
  const random = (into: Bytes): void => into.set(draws.shift() ?? new Uint8Array(into.length));
  const memory = ownMemory();
  const connection = within(memory, () => made(lines[0], random, engine));
  const heard: Heard = { events: [], output: [], chunk: null };
  let differs: string | null = null;
  lines.forEach((line, i) => {
    if (i === 0 || line === null || line.do === "random") return;
    const gives = within(memory, () => outcome(connection, line, heard));
    const was = "gives" in line ? line.gives ?? null : null;
    if (gives !== was) differs ??= `line ${i + 1}: ${line.do} came to ${show(was)} once, and now to ${show(gives)}`;
  });
  return { connection, events: heard.events, output: joined(heard.output), differs };
}

/** What the machine has said so far, and the chunk that is handed out. */
interface Heard {
  readonly events: Event[];
  readonly output: Uint8Array[];
  chunk: Uint8Array | null;
}

function made(first: Line | null, random: ClientOptions["random"], engine: DeflateEngine | undefined): ServerConnection {
  switch (first?.do) {
    case "client":
      return clientConnection(first.target, { ...optionsFrom(first.options, engine), random }) as ServerConnection;
    case "server":
      return serverConnection(optionsFrom(first.options, engine), first.head);
    case "upgraded": {
      const options = { ...optionsFrom(first.options, engine), random };
      return (first.role === "server"
        ? upgradedConnection("server", first.agreement, options)
        : upgradedConnection("client", first.agreement, options)) as ServerConnection;
    }
    default:
      throw new TypeError("a recording starts with how its machine was made");
  }
}

/** Makes the call of a line; answers what came of it, in the words of the recorder. */
function outcome(
  connection: ServerConnection,
  line: Exclude<Line, { do: "random" }>,
  heard: Heard,
): unknown {
  switch (line.do) {
    case "receive":
      connection.receive(octets(line.bytes), line.now);
      return null;
    case "receiveEnd":
      connection.receiveEnd(line.now, line.error === undefined ? undefined : new Error(line.error));
      return null;
    case "client":
    case "server":
    case "upgraded":
      throw new TypeError("a recording is that of one machine");
    default:
      try {
        return call(connection, line, heard) ?? null;
      } catch (error) {
        if (error instanceof UsageError) return error.code;
        throw error;
      }
  }
}
function call(connection: ServerConnection, line: Call, heard: Heard): unknown {
  switch (line.do) {
    case "handleTimeout":
      return connection.handleTimeout(line.now);
    case "nextTimeout":
      return connection.nextTimeout(line.now);
    case "poll": {
      const event = connection.poll();
      if (event !== null) heard.events.push(event.type === "raw" ? { ...event, ...ownPiece(event) } : event);
      return brief(event);
    }
    case "peekOutput":
      return sumOf(heard.chunk = connection.peekOutput());
    case "consumeOutput":
      connection.consumeOutput(line.count);
      if (heard.chunk !== null) heard.output.push(heard.chunk.slice(0, line.count));
      heard.chunk = null;
      return null;
    case "send":
      return connection.send(dataFrom(line.data), line.options);
    case "sendPrepared":
      return connection.sendPrepared(preparedFrom(line.message));
    case "relay": {
      const bytes = octets(line.bytes);
      const { kind, first, last } = line;
      return connection.relay({ type: "raw", kind, bytes, start: 0, end: bytes.length, first, last });
    }
    case "ping":
      return line.data === undefined ? connection.ping() : connection.ping(dataFrom(line.data) as Bytes);
    case "close":
      return connection.close(line.code, line.reason);
    case "accept":
      return connection.accept(line.answer);
    case "reject":
      return connection.reject({ status: line.status, headers: line.headers, body: dataFrom(line.body) });
  }
}
function ownPiece({ bytes, start, end }: { readonly bytes: Uint8Array; readonly start: number; readonly end: number }) {
  return { bytes: bytes.slice(start, end), start: 0, end: end - start };
}
function joined(pieces: readonly Uint8Array[]): Bytes {
  const whole = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}
function show(value: unknown): string {
  return JSON.stringify(value);
}
