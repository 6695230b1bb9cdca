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
  /** The last chunk was the lane's, in front of others. */
  #overtook = false;
  /** Frames in the lane, and octets of their payloads. */
  #frames = 0;
  #octets = 0;

  /** Octets that wait, of the queue and of the lane. */
  length(masked: boolean): number {
    return this.queue.length + this.#octets + this.#frames * (masked ? 6 : 2);
  }
  /** Takes the payload. At most `most` wait; the newest win. */
  pong(payload: Bytes, most: number): void {
    const pongs = this.#pongs ??= [];
    if (pongs.length === most) this.#uncount(pongs.shift()!);
    pongs.push(payload);
    this.#count(payload);
  }
  /** Takes the payload. `watched`: `consume` tells when it has left. */
  ping(payload: Bytes, watched: boolean): void {
    (this.#pings ??= []).push(payload);
    this.#count(payload);
    this.#watched ||= watched;
  }
  /** Moves the lane behind the queue; what is appended next goes behind that. */
  settle(masks: Masks | null): void {
    if (this.#pongs === null && this.#pings === null) return;
    for (const payload of this.#pongs ?? []) appendBytes(this.queue, FIN | PONG, payload, 0, payload.length, masks);
    for (const payload of this.#pings ?? []) appendBytes(this.queue, FIN | PING, payload, 0, payload.length, masks);
    if (this.#watched) this.queue.watch();
    this.#clear();
  }
  /** Pongs that wait are not sent any more. */
  dropPongs(): void {
    for (const payload of this.#pongs ?? []) this.#uncount(payload);
    this.#pongs = null;
  }
  peek(masks: Masks | null): Uint8Array | null {
    // Every other chunk is the queue's, or a flood of pings would keep data and Close waiting for ever. Whose turn it is changes between
    // chunks only: the rest of one that was taken in part is nobody's turn.
    if (this.queue.interruptible) {
      const queued = this.queue.length > 0;
      const overtakes = this.#frames > 0 && !(this.#overtook && queued);
      this.#overtook = overtakes && queued;
      if (overtakes) this.queue.prepend(() => this.settle(masks));
    }
    return this.queue.peek();
  }
  get empty(): boolean {
    return this.queue.length === 0 && this.#pongs === null && this.#pings === null;
  }
  drop(): void {
    this.queue.drop();
    this.#clear();
    this.#overtook = false; // the next connection that leases this starts anew
  }

  #count(payload: Bytes): void {
    this.#frames++;
    this.#octets += payload.length;
  }
  #uncount(payload: Bytes): void {
    this.#frames--;
    this.#octets -= payload.length;
  }
  #clear(): void {
    this.#pongs = this.#pings = null;
    this.#watched = false;
    this.#frames = this.#octets = 0;
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
