// The machine: everything else wired together. What comes in: octets, ends, time, commands. What goes out: events by `poll`, octets by
// `peekOutput`, a deadline, an instruction for the transport. The states are those of RFC 6455 §4 and §7; the table of what happens in
// each stands in README.md beside this file. Next file: outbound/encoder.ts for commands.
import { faultOf, UsageError } from "./errors.ts";
import type { Deflation } from "./deflate/deflation.ts";
import type { Inflation } from "./deflate/inflation.ts";
import { stageOf } from "./deflate/stage.ts";
import { acceptBytes, refusalBody, refusalBytes, refusalHeaders } from "./handshake/server.ts";
import { agree } from "./handshake/negotiate.ts";
import { ClientOpening, type Opening, type Outcome, ServerOpening } from "./handshake/opening.ts";
import { Decoder, INVALID_TEXT, RawPiece, wholeMessage } from "./inbound/decoder.ts";
import { EMPTY, type Input, leaseInput, releaseInput } from "./inbound/input.ts";
import type { Settings } from "./options.ts";
import { appendBytes, appendText } from "./outbound/encoder.ts";
import { NONE, queueBytes, queuePrepared, queueText, requireKind, type Unfinished } from "./outbound/message.ts";
import { leaseOutput, type Output, releaseOutput } from "./outbound/output.ts";
import { isBytes, PreparedMessage } from "./outbound/prepared.ts";
import { type Bits, BROKEN, CLOSE_RECEIVED, CLOSE_SENT, CLOSE_WAITS, CLOSED, CONGESTED, CONNECTING, DESTROY } from "./state.ts";
import { DISCARDING, END, ENDED, FAULTED, LATE, NOT_OPEN, NOT_PLAIN, OVER, PARTS, PINGED, REFUSED, SERVER } from "./state.ts";
import { roleOf, stateOf, transportOf } from "./state.ts";
import { type Due, IS_HELD, IS_OPEN, IS_PINGED, IS_WAITING, Timers } from "./timers.ts";
import type { Acceptance, Agreement, Close, Event, Fault, Kind, Millis, Prepared, RawEvent, Refusal } from "./types.ts";
import type { Role, SendOptions, ServerConnection, State } from "./types.ts";
import { ABNORMAL, closePayload, faultPayload, twoOctets } from "./wire/close.ts";
import { BINARY, CLOSE, CONTROL_MAX, FIN, TEXT } from "./wire/frame.ts";

export class WebSocketMachine implements ServerConnection {
  readonly #settings: Settings;
  readonly #timers = new Timers();
  #bits: Bits;
  #opening: Opening | null;
  #input: Input | null = null;
  #decoder: Decoder | null = null;
  #raw: RawPiece | null = null;
  #inflation: Inflation | null = null;
  #deflation: Deflation | null = null;
  #output: Output | null = null;
  #unfinished: Unfinished = NONE;
  /** Events that are due before anything else is read. */
  #owed: Event[] | null = null;
  /** CLOSE_RECEIVED: the peer's Close. Before: why the stream failed, which is reported behind the input that came before. */
  #cause: Close | Fault | null = null;

  private constructor(settings: Settings, opening: Opening | null) {
    this.#settings = settings;
    this.#opening = opening;
    this.#bits = CONNECTING | (settings.masks === null ? SERVER : 0) | (settings.messages === "parts" ? PARTS : 0);
  }
  /** A machine before its opening handshake. */
  static opening(settings: Settings, opening: ServerOpening | ClientOpening): WebSocketMachine {
    const machine = new WebSocketMachine(settings, opening);
    if (opening instanceof ClientOpening) machine.#takeOutput().queue.append(opening.request, false);
    return machine;
  }
  /** A machine behind an opening handshake. */
  static upgraded(settings: Settings, agreement: Agreement): WebSocketMachine {
    const machine = new WebSocketMachine(settings, null);
    machine.#agree(agreement);
    return machine;
  }

  get role(): Role {
    return roleOf(this.#bits);
  }
  get state(): State {
    return stateOf(this.#bits);
  }
  get transport(): "keep" | "end" | "destroy" {
    return transportOf(this.#bits);
  }
  get wantsInput(): boolean {
    const input = this.#input;
    return input === null || input.empty || (this.#bits & CONNECTING) !== 0;
  }
  get bufferedOutput(): number {
    return this.#output === null ? 0 : this.#output.length(this.#settings.masks !== null);
  }
  get congested(): boolean {
    return (this.#bits & CONGESTED) !== 0 || this.bufferedOutput > this.#settings.limits.highWaterMark;
  }

  // ---- Inputs with a clock

  receive(bytes: Uint8Array, now: Millis): void {
    if (bytes.length === 0) return this.#timers.tick(now);
    this.#timers.heard(now);
    this.#bits &= ~PINGED;
    if ((this.#bits & (DISCARDING | ENDED)) === 0) (this.#input ??= leaseInput()).push(bytes);
  }
  receiveEnd(now: Millis, error?: unknown): void {
    this.#timers.tick(now);
    if ((this.#bits & ENDED) !== 0) return;
    this.#bits |= ENDED;
    if (error === undefined) {
      // What waits to be read may still be answered: a peer that has ended can read (RFC 9293 §3.6).
      if ((this.#bits & CONNECTING) !== 0 || this.wantsInput) this.#bits |= OVER;
      return;
    }
    this.#bits |= BROKEN | OVER;
    this.#dropOutput();
    this.#fails(faultOf("TRANSPORT", undefined, error));
  }
  handleTimeout(now: Millis): void {
    this.#timers.tick(now);
    for (let due: Due | null; (due = this.#timers.due(this.#settings.timers, this.#situation())) !== null;) this.#expire(due);
  }
  nextTimeout(now: Millis): Millis | null {
    this.#timers.tick(now);
    const { timers } = this.#settings;
    const bits = this.#bits;
    if ((bits & DESTROY) !== 0 || ((bits & CLOSED) !== 0 && this.#output === null)) return null;
    return this.#timers.next(timers, (bits & CONNECTING) !== 0 ? timers.handshake : timers.close, this.#situation());
  }

  // ---- Events

  poll(): Event | null {
    // The fast path: a whole message in the chunk at hand, and nothing that has to come before it.
    if (this.#decoder === null && this.#owed === null && (this.#bits & NOT_PLAIN) === 0) {
      const input = this.#input;
      if (input !== null) {
        const event = wholeMessage(input, (this.#bits & SERVER) !== 0, this.#settings, this.#raw);
        if (event !== null) return event === INVALID_TEXT ? this.#fail(faultOf("BAD_UTF8")) : event;
        if (input.empty) this.#dropInput(input);
      }
      if (this.#input === null && (this.#bits & ENDED) === 0) return null;
    }
    return this.#pollSlow();
  }

  #pollSlow(): Event | null {
    for (;;) {
      const owed = this.#owed;
      if (owed !== null) {
        const event = owed.shift()!;
        if (owed.length === 0) this.#owed = null;
        return event;
      }
      const bits = this.#bits;
      if ((bits & CLOSED) !== 0) return null;
      if ((bits & DISCARDING) !== 0) return this.#finish();
      const input = this.#input;
      if ((bits & CONNECTING) !== 0) {
        const outcome = this.#opening!.read(input ?? NOTHING);
        if (outcome !== null) this.#settleOpening(outcome);
        else if ((bits & ENDED) !== 0) this.#settleOpening(this.#opening!.ended(this.#failure()));
        else if (input === null || input.available()) return null;
        else this.#input = releaseInput(input);
        continue;
      }
      if (input === null) return this.#finish();
      const decoder = this.#decoder ?? new Decoder();
      const event = decoder.poll(input, (bits & SERVER) !== 0, this.#settings, this.#inflation, this.#raw);
      this.#decoder = decoder.idle ? null : decoder;
      if (event !== null) return this.#react(event);
      this.#dropInput(input);
    }
  }

  /** Everything in it has been read. */
  #dropInput(input: Input): void {
    this.#raw?.forget();
    this.#input = releaseInput(input);
  }
  /** What an event of the peer changes before the application sees it. */
  #react(event: Event): Event {
    switch (event.type) {
      case "ping":
        if ((this.#bits & BROKEN) === 0) this.#takeOutput().pong(event.data.slice(), this.#settings.limits.pongs);
        return event;
      case "close":
        this.#cause = event.close;
        this.#sendClose(event.close.code === 1005 ? EMPTY : twoOctets(event.close.code));
        this.#bits |= CLOSE_RECEIVED;
        this.#stopReading();
        return event;
      case "fault":
        return this.#fail(event.fault);
      default:
        return event;
    }
  }

  /** RFC 6455 §7.1.7: one Close, then nothing more is read; a server ends, a client waits for it. */
  #fail(fault: Fault): Event {
    this.#sendClose(faultPayload(fault.closeCode, fault.message, this.#settings.text));
    this.#bits |= FAULTED;
    this.#stopReading();
    return { type: "fault", fault };
  }

  /** Everything has been read: the end of the stream is next, if there is one. */
  #finish(): Event | null {
    const bits = this.#bits;
    if ((bits & ENDED) === 0) return null;
    const agreed = (bits & (CLOSE_RECEIVED | FAULTED)) === CLOSE_RECEIVED;
    const failure = this.#failure();
    if (failure !== null && (bits & (FAULTED | REFUSED)) === 0) {
      this.#bits |= FAULTED;
      return { type: "fault", fault: failure };
    }
    this.#bits |= CLOSED | END;
    // A Close that answers a fault, or a refusal, may still be on its way; without one there is nothing to wait for.
    if (!agreed && ((bits & (FAULTED | REFUSED)) === 0 || (bits & BROKEN) !== 0)) this.#destroy();
    this.#release(); // the close timer goes on, for output that still waits
    return { type: "closed", close: agreed ? this.#cause as Close : ABNORMAL, clean: agreed };
  }

  // ---- The opening handshake

  /** The connection is open. */
  #agree(agreement: Agreement): void {
    const settings = this.#settings;
    this.#opening = null;
    this.#bits &= ~CONNECTING;
    this.#timers.open();
    if (settings.messages === "raw") this.#raw = new RawPiece();
    const { inflation, deflation } = stageOf(this.role, agreement.deflate, settings);
    this.#inflation = inflation;
    this.#deflation = deflation;
    this.#owe({ type: "open", agreement });
  }
  accept(answer: Acceptance = {}): boolean {
    const opening = this.#awaited();
    if (opening === null) return false;
    const agreement = agree(opening.request!, answer, this.#settings.deflate);
    if (opening.http === 2) this.#owe({ type: "respond", status: agreement.status, headers: agreement.headers });
    else this.#takeOutput().queue.append(acceptBytes(agreement), false);
    this.#agree(agreement);
    return true;
  }
  reject(answer: Refusal): boolean {
    const opening = this.#awaited();
    if (opening === null) return false;
    this.#refuse(opening.http, answer);
    return true;
  }
  /** The request that waits for an answer; null: it is too late for one. */
  #awaited(): ServerOpening | null {
    const opening = this.#opening;
    if ((this.#bits & (LATE | SERVER)) !== SERVER || !(opening instanceof ServerOpening)) return null;
    if (opening.request === null) throw new UsageError("TOO_EARLY", "there is no request to answer yet");
    return opening;
  }
  #refuse(http: 1 | 2, answer: Refusal): void {
    if (http === 2) {
      this.#owe({ type: "respond", status: answer.status, headers: refusalHeaders(answer) });
      const body = refusalBody(answer);
      if (body.length > 0) this.#takeOutput().queue.append(body, false);
    } else {
      const response = refusalBytes(answer); // throws before there is output
      this.#takeOutput().queue.append(response, false);
    }
    this.#bits = (this.#bits & ~CONNECTING) | REFUSED | END;
    this.#timers.restartEnding();
    this.#release();
  }
  #settleOpening(outcome: Outcome): void {
    switch (outcome.type) {
      case "request":
        return this.#owe(outcome);
      case "refused":
        this.#refuse((this.#opening as ServerOpening).http, outcome);
        this.#bits |= FAULTED;
        return this.#owe({ type: "fault", fault: outcome.fault });
      case "agreement":
        return this.#agree(outcome.agreement);
      case "rejected":
        this.#abandon();
        return this.#owe(outcome);
      case "fault":
        this.#abandon();
        this.#bits |= FAULTED;
        return this.#owe(outcome);
    }
  }
  /** The handshake is over without an agreement, and there is nothing to say to the peer. */
  #abandon(): void {
    this.#bits = (this.#bits & ~CONNECTING) | REFUSED | ENDED | OVER;
    this.#destroy();
    this.#release();
  }

  // ---- Output

  peekOutput(): Uint8Array | null {
    return this.#output === null ? null : this.#output.peek(this.#settings.masks);
  }
  consumeOutput(count: number): void {
    if (count === 0) return;
    const output = this.#output;
    if (output === null || !(Number.isInteger(count) && count > 0 && count <= output.queue.peeked)) {
      throw new UsageError("OVERCONSUMED", `cannot consume ${count} octets of ${output?.queue.peeked ?? 0}`);
    }
    const { highWaterMark } = this.#settings.limits;
    const before = output.length(this.#settings.masks !== null);
    if (output.queue.consume(count) && (this.#bits & PINGED) !== 0) this.#timers.startPong();
    if (before > highWaterMark) this.#bits |= CONGESTED;
    if (2 * (before - count) <= highWaterMark) this.#bits &= ~CONGESTED;
    this.#timers.restartStall();
    if ((this.#bits & (CLOSE_WAITS | FAULTED)) === CLOSE_WAITS) {
      this.#timers.restartEnding();
      if (output.queue.length === 0) this.#bits &= ~CLOSE_WAITS;
    }
    this.#tidyOutput();
  }
  /** Gives the output back as soon as nothing waits in it. */
  #tidyOutput(): void {
    if (this.#output?.empty !== true) return;
    this.#output = releaseOutput(this.#output);
    this.#bits &= ~CONGESTED;
  }

  // ---- Commands

  send(data: string | Uint8Array, options?: SendOptions): boolean {
    if (options === undefined && this.#deflation === null && this.#idleOutput()) {
      if (typeof data === "string") {
        appendText(this.#takeOutput().queue, FIN | TEXT, data, this.#settings.masks, this.#settings.text);
        return true;
      }
      if (data instanceof Uint8Array) {
        appendBytes(this.#takeOutput().queue, FIN | BINARY, data, 0, data.length, this.#settings.masks);
        return true;
      }
    }
    if (typeof data === "string") return this.#sendText(data, options ?? NO_OPTIONS);
    if (!isBytes(data)) throw new UsageError("BAD_ARGUMENT", "a message must be a string or a Uint8Array");
    const how = options ?? NO_OPTIONS;
    return this.#sendBytes(how.text === true ? "text" : "binary", data, 0, data.length, how);
  }
  relay(piece: RawEvent): boolean {
    if (piece.first && piece.last && this.#deflation === null && this.#idleOutput()) {
      const first = piece.kind === "text" ? FIN | TEXT : FIN | BINARY;
      appendBytes(this.#takeOutput().queue, first, piece.bytes, piece.start, piece.end, this.#settings.masks);
      return true;
    }
    if ((this.#bits & NOT_OPEN) === 0 && piece.first === (this.#unfinished !== NONE)) {
      throw new UsageError("MIXED_MESSAGE", piece.first ? "another message is not finished" : "its first piece was not sent");
    }
    return this.#sendBytes(piece.kind, piece.bytes, piece.start, piece.end, piece);
  }
  sendPrepared(message: Prepared): boolean {
    if (!(message instanceof PreparedMessage)) throw new UsageError("BAD_ARGUMENT", "a prepared message comes from prepare()");
    if (!this.#mayCommand()) return false;
    if (this.#unfinished !== NONE) throw new UsageError("MIXED_MESSAGE", "another message is not finished");
    queuePrepared(this.#takeOutput().queue, message, this.#settings.masks, this.#deflation);
    return true;
  }
  ping(data: Uint8Array = EMPTY): boolean {
    if (!isBytes(data) || data.length > CONTROL_MAX) {
      throw new UsageError("BAD_ARGUMENT", `a ping carries a Uint8Array of at most ${CONTROL_MAX} octets`);
    }
    if (!this.#mayCommand()) return false;
    this.#takeOutput().ping(new Uint8Array(data), false);
    return true;
  }
  close(code?: number, reason?: string): boolean {
    const payload = closePayload(code, reason, this.#settings.text);
    const bits = this.#bits;
    if ((bits & LATE) !== 0) return false;
    if ((bits & CONNECTING) === 0) {
      this.#sendClose(payload);
      this.#bits |= CLOSE_WAITS;
    } else if ((bits & SERVER) !== 0) {
      this.#refuse((this.#opening as ServerOpening).http, { status: 503, body: "the server closes\n" });
    } else this.#abandon();
    return true;
  }

  #sendBytes(kind: Kind, bytes: Uint8Array, from: number, to: number, how: SendOptions): boolean {
    if (!this.#mayCommand()) return false;
    requireKind(this.#unfinished, kind);
    const { queue } = this.#takeOutput();
    this.#unfinished = queueBytes(queue, this.#unfinished, kind, bytes, from, to, how, this.#settings.masks, this.#deflation);
    return true;
  }
  #sendText(data: string, how: SendOptions): boolean {
    if (how.text === false) throw new UsageError("BAD_ARGUMENT", "a string cannot be sent as a binary message");
    if (this.#deflation !== null) {
      const bytes = this.#settings.text.encode(data);
      return this.#sendBytes("text", bytes, 0, bytes.length, { ...how, give: true });
    }
    if (!this.#mayCommand()) return false;
    requireKind(this.#unfinished, "text");
    this.#unfinished = queueText(
      this.#takeOutput().queue,
      this.#unfinished,
      data,
      how.last ?? true,
      this.#settings.masks,
      this.#settings.text,
    );
    return true;
  }
  /** The fast path of a command: open, between messages, and little waits. */
  #idleOutput(): boolean {
    if ((this.#bits & NOT_OPEN) !== 0 || this.#unfinished !== NONE) return false;
    return this.#output === null || this.#output.queue.length < this.#settings.calm;
  }
  /** false: too late. Throws TOO_EARLY and OUTPUT_FULL. */
  #mayCommand(): boolean {
    if ((this.#bits & LATE) !== 0) return false;
    if ((this.#bits & CONNECTING) !== 0) throw new UsageError("TOO_EARLY", "the connection is not open yet");
    const waiting = this.bufferedOutput, { output } = this.#settings.limits;
    if (waiting > output) throw new UsageError("OUTPUT_FULL", `${waiting} octets wait already, the limit is ${output}`);
    return true;
  }

  // ---- Endings

  /** Queues our Close behind everything accepted, unless there is one. */
  #sendClose(payload: Uint8Array): void {
    if ((this.#bits & CLOSE_SENT) !== 0) return;
    this.#bits |= CLOSE_SENT;
    this.#timers.startEnding();
    if ((this.#bits & BROKEN) !== 0) return;
    const output = this.#takeOutput();
    output.settle(this.#settings.masks);
    appendBytes(output.queue, FIN | CLOSE, payload, 0, payload.length, this.#settings.masks);
  }
  /** Nothing of what the peer sends counts any more. */
  #stopReading(): void {
    this.#output?.dropPongs();
    this.#tidyOutput();
    if ((this.#bits & SERVER) !== 0) this.#bits |= END;
    this.#timers.startEnding();
    this.#release();
  }
  #expire(due: Due): void {
    switch (due) {
      case "ping":
        this.#bits |= PINGED;
        return this.#takeOutput().ping(twoOctets(this.#timers.age), true);
      case "idle":
        return this.#owe(this.#fail(faultOf("IDLE_TIMEOUT")));
      case "pong":
        return this.#owe(this.#fail(faultOf("PONG_TIMEOUT")));
      case "stall":
        return this.#cut(faultOf("STALL_TIMEOUT"));
      case "ending":
        this.#timers.stopEnding();
        if ((this.#bits & CONNECTING) !== 0) return this.#settleOpening(this.#opening!.expired());
        this.#release();
        return this.#cut(faultOf("CLOSE_TIMEOUT"));
    }
  }
  /** The transport is given up; the fault is reported unless the connection has ended in another way already. */
  #cut(fault: Fault): void {
    this.#destroy();
    this.#bits |= ENDED | BROKEN | OVER;
    this.#fails(fault);
  }
  #destroy(): void {
    this.#bits |= DESTROY;
    this.#dropOutput();
  }
  #dropOutput(): void {
    this.#output?.drop();
    this.#tidyOutput();
  }
  /** Gives back everything that reading and compressing needs. */
  #release(): void {
    if (this.#input !== null) releaseInput(this.#input);
    this.#inflation?.close();
    this.#deflation?.close();
    this.#input = this.#decoder = this.#opening = null;
    this.#raw = this.#inflation = this.#deflation = null;
  }

  // ---- Small things

  #fails(fault: Fault): void {
    if ((this.#bits & CLOSE_RECEIVED) === 0) this.#cause ??= fault;
  }
  #failure(): Fault | null {
    return (this.#bits & CLOSE_RECEIVED) === 0 ? this.#cause as Fault | null : null;
  }
  #owe(event: Event): void {
    (this.#owed ??= []).push(event);
  }
  #takeOutput(): Output {
    return this.#output ??= leaseOutput();
  }
  #situation(): number {
    const bits = this.#bits;
    return ((bits & (NOT_OPEN | ENDED)) === 0 ? IS_OPEN : 0) | (this.wantsInput ? 0 : IS_HELD) |
      (this.#output?.empty === false ? IS_WAITING : 0) |
      ((bits & PINGED) !== 0 ? IS_PINGED : 0);
  }
}

const NO_OPTIONS: SendOptions = Object.freeze({});
/** What is read while no octet has come. */
const NOTHING: Input = leaseInput();
