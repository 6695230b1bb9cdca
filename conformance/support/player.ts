// What comes in: a life. What goes out: everything that the machine said, wrote and asked for on the way. It plays the host and the
// application, checks what must hold after every single call, and otherwise judges nothing. Next file: ../laws.
import { prepare, UsageError } from "../../core/index.ts";
import type { Bytes, Connection, Event, Millis, ServerConnection, State, UsageCode } from "../../core/types.ts";
import { concat } from "../frames/encode.ts";
import { afterHead } from "../frames/reader.ts";
import { born, type Command, type Life, type Step } from "./life.ts";
import { EAGER, startMemoryAnew } from "./machine.ts";

/** What a command came to: taken, too late, or thrown. */
export type Answer = boolean | UsageCode;
/** What can be seen of a machine from outside without changing it. */
export interface Sight {
  readonly state: State;
  readonly transport: Connection["transport"];
  readonly wantsInput: boolean;
  readonly bufferedOutput: number;
  readonly congested: boolean;
}
/** The same after a step, with the next deadline, and how many events had been told by then. */
export interface Moment extends Sight {
  readonly next: Millis | null;
  readonly told: number;
}
export interface Player {
  readonly machine: Connection;
  /** As polled; bytes of raw pieces are copied. */
  readonly events: readonly Event[];
  readonly answers: readonly Answer[];
  /** What was seen after each step. */
  readonly sights: readonly Moment[];
  readonly now: Millis;
  /** The transport has failed: nothing more could be written. */
  readonly broken: boolean;
  /** Everything written, and the frames of it, if it came to frames. */
  written(): Bytes;
  frames(): Bytes;
  step(step: Step): void;
  /** Lets time pass and nothing else until the machine is closed; `flush`: output is consumed on the way. */
  finish(flush?: boolean): void;
}
export interface Playing {
  /** Added to every clock. */
  readonly shift?: Millis;
  /** Called behind each call of an input, a command or a poll, before the next deadline is asked for. */
  readonly nudge?: (machine: Connection, now: Millis) => void;
  /** Other connections live at the same time. */
  readonly beside?: boolean;
}

/** Lives a whole life. */
export function play(life: Life, playing: Playing = {}): Player {
  const living = player(life, playing);
  for (const step of life.steps) living.step(step);
  return living;
}

export function player({ birth, stream }: Life, { shift = 0, nudge = () => {}, beside = false }: Playing = {}): Player {
  if (!beside) startMemoryAnew();
  const machine = born(birth);
  const events: Event[] = [];
  const answers: Answer[] = [];
  const sights: Moment[] = [];
  const written: Bytes[] = [];
  let now = shift;
  let at = 0;
  let broken = false;
  /** The memory beside the chunks that were received. */
  const guards: Uint8Array[] = [];
  /** The chunk that is handed out, and what it held then. */
  let sealed: { readonly chunk: Uint8Array; readonly copy: Bytes } | null = null;

  const hear = (bytes: Uint8Array): void => {
    // In the middle of other memory, of which nothing may be read or written.
    const room = new Uint8Array(bytes.byteLength + 16).fill(GUARD);
    room.set(bytes, 8);
    machine.receive(room.subarray(8, 8 + bytes.byteLength), now);
    guards.push(room.subarray(0, 8), room.subarray(8 + bytes.byteLength));
  };
  const poll = (most: number): void => {
    for (let count = 0; count < most; count++) {
      const event = machine.poll();
      if (event === null) return;
      if (count > ENDLESS) throw new Error("poll does not come to an end");
      events.push(settled(event));
    }
  };
  const peek = (): Uint8Array | null => {
    const chunk = machine.peekOutput();
    if (chunk === null) {
      if (sealed !== null && !broken && machine.transport !== "destroy") {
        throw new Error("a chunk vanished before it was consumed");
      }
      return null; // and a transport may still be reading what was dropped
    }
    if (sealed !== null && !startsWith(chunk, sealed.copy)) throw new Error("a chunk changed before it was consumed");
    sealed = { chunk, copy: new Uint8Array(chunk) };
    return chunk;
  };
  const flush = (most: number): void => {
    for (let left = most, chunk = peek(); chunk !== null && left > 0; chunk = peek()) {
      const part = new Uint8Array(chunk.subarray(0, left));
      machine.consumeOutput(part.byteLength);
      written.push(part);
      left -= part.byteLength;
      const rest = chunk.subarray(part.byteLength);
      sealed = rest.byteLength === 0 ? null : { chunk: rest, copy: new Uint8Array(rest) };
    }
  };
  const act = (step: Step): void => {
    switch (step.do) {
      case "hear":
        hear(stream.subarray(at, at + step.size));
        at = Math.min(stream.byteLength, at + step.size);
        return;
      case "noise":
        return hear(step.bytes);
      case "end":
        broken ||= step.error;
        return machine.receiveEnd(now, step.error ? new Error("connection reset") : undefined);
      case "wait":
        now += step.by;
        return machine.handleTimeout(now);
      case "poll":
        return poll(step.most);
      case "peek":
        return void peek();
      case "flush":
        return flush(step.most);
      default:
        answers.push(answer(machine, step));
    }
  };
  const settle = (): void => {
    nudge(machine, now);
    const next = machine.nextTimeout(now);
    if (next !== null && !(next > now - 1)) throw new Error(`a deadline at ${next} lies before ${now}`);
    sights.push({ ...sight(machine), next, told: events.length });
    if (sealed !== null && !startsWith(sealed.chunk, sealed.copy)) {
      throw new Error("a chunk was written to while it was handed out");
    }
    if (guards.some((guard) => guard.some((octet) => octet !== GUARD))) throw new Error("octets beside a chunk were changed");
  };
  const result: Player = {
    machine,
    events,
    answers,
    sights,
    get now() {
      return now;
    },
    get broken() {
      return broken;
    },
    written: () => concat(written),
    frames() {
      const bytes = concat(written);
      if (!events.some(({ type }) => type === "open")) return new Uint8Array(0);
      return birth.from === "upgraded" ? bytes : afterHead(bytes) === -1 ? new Uint8Array(0) : bytes.slice(afterHead(bytes));
    },
    step(step) {
      act(step);
      settle();
    },
    finish(consume = true) {
      for (let count = 0; count < STEPS; count++) {
        poll(Infinity);
        if (consume) flush(Infinity);
        settle();
        if (machine.state === "closed") return;
        const next = machine.nextTimeout(now);
        if (next === null) throw new Error(`${machine.state}, but no deadline ahead`);
        now = Math.max(now, next);
        machine.handleTimeout(now);
      }
      throw new Error(`still ${machine.state} after ${STEPS} deadlines`);
    },
  };
  settle();
  return result;
}

/** Gives one command and says what came of it. Anything else that is thrown is a bug. */
export function answer(machine: Connection, command: Command): Answer {
  try {
    switch (command.do) {
      case "send":
        return machine.send(typeof command.data === "string" ? command.data : command.data.slice(), command.options);
      case "prepared":
        return machine.sendPrepared(prepare(command.data, command.compress ? { compress: EAGER } : {}));
      case "relay": {
        const { kind, data, first, last } = command;
        return machine.relay({ type: "raw", kind, bytes: data.slice(), start: 0, end: data.byteLength, first, last });
      }
      case "ping":
        return machine.ping(command.data.slice());
      case "close":
        return machine.close(command.code, command.reason);
      case "accept":
        return isServer(machine) ? machine.accept(command.protocol === null ? {} : { protocol: command.protocol }) : false;
      case "reject":
        return isServer(machine) ? machine.reject({ status: command.status, body: command.body }) : false;
      case "overconsume":
        machine.consumeOutput(command.count);
        return true;
    }
  } catch (error) {
    if (error instanceof UsageError) return error.code;
    throw error;
  }
}

export function sight({ state, transport, wantsInput, bufferedOutput, congested }: Connection): Sight {
  return { state, transport, wantsInput, bufferedOutput, congested };
}

/** An event that can be kept and compared. */
function settled(event: Event): Event {
  switch (event.type) {
    case "raw":
      return { ...event, bytes: event.bytes.slice(event.start, event.end), start: 0, end: event.end - event.start };
    case "request":
      return { ...event, request: { ...event.request, header: noHeader } };
    default:
      return event;
  }
}
function noHeader(): null {
  return null;
}
function isServer(machine: Connection): machine is ServerConnection {
  return machine.role === "server";
}
function startsWith(bytes: Uint8Array, start: Uint8Array): boolean {
  return Buffer.compare(bytes.subarray(0, start.byteLength), start) === 0;
}

const GUARD = 0xa5;
const ENDLESS = 1_000_000;
const STEPS = 50;
