// What comes in: octets, and how they shall leave: as they are, in pieces, or in a turn of their own. What goes out: writes on the link,
// each one a row of the log. A piece or a synchronous frame waits for a turn of the event loop, so that it travels alone; whatever is
// written while the queue is not empty stands in line behind it. RFC 6455 §5.4 does not care, peers do. Next file: sender.ts.
import type { Link, World } from "./link.ts";
import type { Flow } from "./traffic.ts";
import type { Wirelog } from "./wirelog.ts";

/** The states of the fuzzer's own endpoint (RFC 6455 §4.1, §7.1). */
export type EndpointState = "connecting" | "open" | "closing" | "closed";

export interface WriterOptions {
  readonly link: Link;
  readonly world: World;
  readonly wirelog: Wirelog;
  /** The outgoing half of the traffic. */
  readonly flow: Flow;
  readonly state: () => EndpointState;
}

/** How octets leave. */
export interface How {
  /** Octets per piece. */
  readonly chop?: number | undefined;
  /** In a turn of its own. */
  readonly sync?: boolean | undefined;
}

/** Writes what it is given; the bytes are the link's from then on. */
export type Write = (bytes: Uint8Array, how?: How) => void;

interface Waiting {
  readonly bytes: Uint8Array;
  readonly sync: boolean;
}

export function createWriter({ link, world, wirelog, flow, state }: WriterOptions): Write {
  let queue: Waiting[] = [];
  let next = 0;
  /** A turn is under way. It outlives the queue by one turn. */
  let running = false;

  const put = (bytes: Uint8Array, sync: boolean): void => {
    link.write(bytes);
    const now = state();
    if (now === "open") flow.wire += bytes.byteLength;
    else if (now === "connecting") flow.preopen += bytes.byteLength;
    wirelog.octetsOut(bytes, sync);
  };
  const turn = (): void => {
    if (next === queue.length) {
      queue = [];
      next = 0;
      running = false;
      return;
    }
    const { bytes, sync } = queue[next++];
    if (state() !== "closed") put(bytes, sync);
    world.later(0, turn);
  };
  const start = (): void => {
    if (running) return;
    running = true;
    turn();
  };

  return (bytes, { chop = 0, sync = false } = {}) => {
    if (chop > 0) {
      let at = 0;
      do queue.push({ bytes: bytes.subarray(at, at + chop), sync: true }); while ((at += chop) < bytes.byteLength);
      start();
    } else if (sync || next < queue.length) {
      queue.push({ bytes, sync });
      start();
    } else {
      put(bytes, false);
    }
  };
}
