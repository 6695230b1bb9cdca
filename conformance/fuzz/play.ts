// What comes in: an input, and how it is cut. What goes out: what a machine reported of it and wrote, as digests, and an error for what must
// not be: a throw (L2), an end that does not come (L2), too much that waits (L8). Next file: fuzzer.ts.
import { upgradedConnection } from "../../core/index.ts";
import type { Connection, DeflateParams, Options } from "../../core/types.ts";
import { agreementOf } from "../support/agreement.ts";
import { EAGER } from "../support/machine.ts";
import { Digest } from "./digest.ts";
import type { Reference, Rules } from "./reference.ts";

/** Rules, and machines that follow them. */
export interface Setting extends Rules {
  readonly name: string;
  readonly params: DeflateParams | null;
  readonly options: Options;
  make(): Connection;
}
export function setting(
  { isServer, deflate, takeover, messages, message, fragments }: Omit<Rules, "whole"> & {
    readonly messages: "whole" | "parts" | "raw";
  },
): Setting {
  const params = deflate
    ? { serverWindowBits: 15, clientWindowBits: 15, serverTakeover: takeover, clientTakeover: takeover }
    : null;
  const agreement = agreementOf(params);
  const options = Object.freeze({ messages, limits: { message, fragments }, ...(deflate ? { deflate: EAGER } : {}) });
  const forClient = Object.freeze({ ...options, random: noRandom });
  return {
    name: `${isServer ? "server" : "client"} ${messages}${deflate ? takeover ? " deflate takeover" : " deflate" : ""} ${message}`,
    isServer,
    deflate,
    takeover,
    whole: messages === "whole",
    message,
    fragments,
    params,
    options,
    make: () => isServer ? upgradedConnection("server", agreement, options) : upgradedConnection("client", agreement, forClient),
  };
}

/** What became of an input. */
export class Played {
  /** Of the events, `closed` included. */
  readonly digest: Digest = new Digest();
  /** Of the octets that were written. */
  readonly output: Digest = new Digest();
  /** The code of the Close that was written, as Reference has it. */
  close = 0;
  /** Pongs that were written. */
  pongs = 0;
  #pongEnds: number[] = [];
  readonly #pongs = new Uint8Array(1 << 13);

  /** Plays the first `size` octets, in chunks that end at `cuts` and at the end; the octets are copied. */
  play(setting: Setting, bytes: Uint8Array, size: number, cuts: readonly number[]): void {
    const machine = setting.make();
    this.digest.reset();
    if (machine.poll()?.type !== "open") throw new Error("not open");
    let most = 2 * size + 8;
    for (let i = 0, at = 0; i <= cuts.length; i++) {
      const end = i === cuts.length ? size : cuts[i];
      machine.receive(bytes.slice(at, end), 0);
      at = end;
      most -= this.#drain(machine, most);
    }
    if (!machine.wantsInput) throw new Error("everything is read, and yet no input is wanted");
    this.#write(machine);
    machine.receiveEnd(0);
    this.#drain(machine, most);
    if (machine.state !== "closed") throw new Error(`${machine.state} at the end of the stream`);
  }
  /** Whether the output is what it must be. */
  answers({ close, pings, pingEnds }: Reference): boolean {
    if (this.close !== close) return false;
    const due = Math.min(pingEnds.length, PONGS);
    if (this.pongs !== due) return false;
    for (let i = 0; i < due; i++) {
      const which = pingEnds.length - due + i;
      const from = which === 0 ? 0 : pingEnds[which - 1], mine = i === 0 ? 0 : this.#pongEnds[i - 1];
      const size = pingEnds[which] - from;
      if (this.#pongEnds[i] - mine !== size) return false;
      for (let k = 0; k < size; k++) if (this.#pongs[mine + k] !== pings[from + k]) return false;
    }
    return true;
  }

  #drain(machine: Connection, most: number): number {
    let count = 0;
    for (let event = machine.poll(); event !== null; event = machine.poll()) {
      if (++count > most) throw new Error("more events than octets");
      this.digest.tell(event);
    }
    return count;
  }
  /** Takes all output, which has the masks that change nothing. */
  #write(machine: Connection): void {
    this.output.reset();
    this.close = this.pongs = 0;
    this.#pongEnds.length = 0;
    const waiting = machine.bufferedOutput;
    if (waiting > MOST) throw new Error(`${waiting} octets wait`);
    if (waiting === 0) return;
    const isClient = machine.role === "client";
    let total = 0, stored = 0;
    for (let out = machine.peekOutput(); out !== null; out = machine.peekOutput()) {
      total += out.length;
      this.output.octets(out, 0, out.length);
      // A chunk holds whole frames here: all of them are short.
      for (let at = 0; at < out.length;) {
        const size = out[at + 1] & 127, from = at + (isClient ? 6 : 2);
        if ((out[at + 1] >= 128) !== isClient) throw new Error("a mask that should not be, or none");
        if (out[at] === 0x8a) {
          this.#pongs.set(out.subarray(from, from + size), stored);
          this.#pongEnds.push(stored += size);
          this.pongs++;
        } else if (out[at] === 0x88 && this.close === 0) this.close = size === 0 ? 1005 : out[from] * 256 + out[from + 1];
        else throw new Error(`a frame ${out[at]} was written`);
        at = from + size;
      }
      machine.consumeOutput(out.length);
    }
    if (total !== waiting) throw new Error(`${waiting} octets were waiting, ${total} came`);
  }
}

function noRandom(): void {}
/** The default of `limits.pongs`. */
const PONGS = 16;
/** Pongs, a Close. */
const MOST = (PONGS + 1) * 131;
