// What comes in: a machine and the chunks of a stream. What goes out: everything it said, wrote and asked of the transport.
// The smallest adapter there is, with a choice of when to look. Laws L1 to L5, L7, L13 to L16, L19. Next file: arbitraries.ts.
import type { Bytes, Connection, Event, Millis, State } from "../../core/types.ts";
import { concat } from "../frames/encode.ts";
import type { Told } from "../frames/oracle.ts";
import { afterHead, type Frame, readFrames } from "../frames/reader.ts";
import { tell } from "./told.ts";

export interface Feeding {
  /** When events are polled and output is taken: after each chunk; one event after each chunk and the rest at the end; at the end. */
  readonly drain?: "each" | "one" | "late";
  /** What follows the last chunk. Default "open": nothing. */
  readonly end?: "open" | "eof" | "error";
  /** The most octets of output consumed at a time. */
  readonly bite?: number;
  readonly now?: Millis;
  /** The application: called with each event before the next is polled. */
  readonly app?: (event: Event, machine: Connection) => void;
}
export interface Collected {
  /** As polled; bytes of raw pieces are copied. */
  readonly events: readonly Event[];
  /** In the form in which they are compared. */
  readonly told: readonly Told[];
  /** Everything written. `head` is the HTTP part of it, `frames` the rest, `stray` octets that are no whole frame. */
  readonly output: Bytes;
  readonly head: string;
  readonly frames: readonly Frame[];
  readonly stray: number;
  readonly transport: Connection["transport"];
  /** Every value that `transport` had, in order. */
  readonly transports: readonly Connection["transport"][];
  readonly state: State;
}

/** Runs a machine over chunks. Each chunk is copied first, since the machine unmasks in place. Throws if bytes of an event change later. */
export function collect(machine: Connection, chunks: Iterable<Uint8Array>, feeding: Feeding = {}): Collected {
  const { drain = "each", end = "open", bite = Infinity, now = 0, app = () => {} } = feeding;
  const events: Event[] = [];
  const written: Bytes[] = [];
  const transports = [machine.transport];
  const look = (most: number): void => {
    for (let count = 0; count < most; count++) {
      const event = machine.poll();
      if (event === null) break;
      events.push(
        event.type === "raw"
          ? { ...event, bytes: event.bytes.slice(event.start, event.end), start: 0, end: event.end - event.start }
          : event,
      );
      app(event, machine);
    }
    for (let out = machine.peekOutput(); out !== null; out = machine.peekOutput()) {
      const part = new Uint8Array(out.subarray(0, bite));
      written.push(part);
      machine.consumeOutput(part.byteLength);
    }
    machine.nextTimeout(now);
    if (machine.transport !== transports.at(-1)) transports.push(machine.transport);
  };
  if (drain !== "late") look(Infinity);
  const seen = { count: 0, copies: [] as (Bytes | null)[] };
  const remember = (): void => {
    for (; seen.count < events.length; seen.count++) seen.copies.push(bytesOf(events[seen.count])?.slice() ?? null);
  };
  for (const chunk of chunks) {
    machine.receive(chunk.slice(), now);
    if (drain === "late") continue;
    look(drain === "each" ? Infinity : 1);
    remember();
  }
  if (end !== "open") machine.receiveEnd(now, end === "error" ? new Error("connection reset") : undefined);
  look(Infinity);
  remember();
  events.forEach((event, i) => {
    const copy = seen.copies[i];
    if (copy !== null && Buffer.compare(copy, bytesOf(event) ?? copy) !== 0) {
      throw new Error(`the bytes of a ${event.type} changed later`);
    }
  });
  const output = concat(written);
  const frameAt = startsWithHead(output) ? Math.max(0, afterHead(output)) : 0;
  const { frames, rest } = readFrames(output.subarray(frameAt));
  const head = LATIN1.decode(output.subarray(0, frameAt));
  return {
    events,
    told: tell(events),
    output,
    head,
    frames,
    stray: rest,
    transport: machine.transport,
    transports,
    state: machine.state,
  };
}

/** "HTTP/" or "GET ": no well-formed frame starts with one of them. */
function startsWithHead(output: Uint8Array): boolean {
  return output[0] === 0x48 || output[0] === 0x47;
}

function bytesOf(event: Event): Uint8Array<ArrayBufferLike> & Bytes | null {
  return "data" in event && typeof event.data !== "string" ? event.data : null;
}

const LATIN1 = new TextDecoder("latin1");
