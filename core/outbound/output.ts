// What comes in: frames from the encoder, and pings and pongs. What goes out: the chunks of the Queue, pings and pongs first.
// The queue keeps the order of the calls; the lane overtakes it between frames, and newer pongs replace older ones, so that a flood of
// pings costs a bounded amount. A Close overtakes nothing. RFC 6455 §5.4, §5.5.2, §5.5.3. Next file: ../timers.ts.
import type { Bytes } from "../types.ts";
import { FIN, PING, PONG } from "../wire/frame.ts";
import { appendBytes } from "./encoder.ts";
import type { Masks } from "./masks.ts";
import { Queue } from "./queue.ts";

/** Output of one connection. Leased: an idle connection has none. */
export class Output {
  readonly queue: Queue = new Queue();
  #pongs: Bytes[] | null = null;
  #pings: Bytes[] | null = null;
  #watched = false;

  /** Octets that wait, of the queue and of the lane. */
  length(masked: boolean): number {
    if (this.#pongs === null && this.#pings === null) return this.queue.length;
    return this.queue.length + octets(this.#pongs, masked) + octets(this.#pings, masked);
  }
  /** Takes the payload. At most `most` wait; the newest win. */
  pong(payload: Bytes, most: number): void {
    const pongs = this.#pongs ??= [];
    if (pongs.length === most) pongs.shift();
    pongs.push(payload);
  }
  /** Takes the payload. `watched`: `consume` tells when it has left. */
  ping(payload: Bytes, watched: boolean): void {
    (this.#pings ??= []).push(payload);
    this.#watched ||= watched;
  }
  /** Moves the lane behind the queue; what is appended next goes behind that. */
  settle(masks: Masks | null): void {
    if (this.#pongs === null && this.#pings === null) return;
    for (const payload of this.#pongs ?? []) appendBytes(this.queue, FIN | PONG, payload, 0, payload.length, masks);
    for (const payload of this.#pings ?? []) appendBytes(this.queue, FIN | PING, payload, 0, payload.length, masks);
    if (this.#watched) this.queue.watch();
    this.#pongs = this.#pings = null;
    this.#watched = false;
  }
  /** Pongs that wait are not sent any more. */
  dropPongs(): void {
    this.#pongs = null;
  }
  peek(masks: Masks | null): Uint8Array | null {
    if ((this.#pongs !== null || this.#pings !== null) && this.queue.interruptible) this.queue.prepend(() => this.settle(masks));
    return this.queue.peek();
  }
  get empty(): boolean {
    return this.queue.length === 0 && this.#pongs === null && this.#pings === null;
  }
  drop(): void {
    this.queue.drop();
    this.#pongs = this.#pings = null;
    this.#watched = false;
  }
}

export function leaseOutput(): Output {
  return spare.pop() ?? new Output();
}
/** Gives back an empty output. Answers null, to be stored in its place. */
export function releaseOutput(output: Output): null {
  if (spare.length < SPARE) spare.push(output);
  return null;
}

const spare: Output[] = [];
const SPARE = 16;

function octets(payloads: readonly Bytes[] | null, masked: boolean): number {
  let sum = 0;
  if (payloads !== null) { for (const payload of payloads) sum += payload.length + (masked ? 6 : 2); }
  return sum;
}
