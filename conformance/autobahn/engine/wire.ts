// What comes in: a virtual clock. What goes out: a connection without a network, whose ends behave like those of TCP: what is written in
// one turn arrives together in the next, FIN behind what was written, RST instead of it. No time passes on the way.
// RFC 6455 §7.1.1 for why the difference matters. Next file: in-process.ts.
import type { VirtualHost } from "../../support/virtual.ts";
import { concat } from "../../frames/encode.ts";
import type { Link, LinkEvents } from "./link.ts";

/** How a direction ended: FIN or RST. */
export type Ending = "end" | "abort";

/** What a peer hears. */
export interface PeerEvents {
  /** The bytes are the peer's. */
  received(bytes: Uint8Array): void;
  /** Nothing more comes, and after "abort" nothing more arrives at the other end either. Once. */
  ended(how: Ending): void;
}

/** The end that a peer writes to; it knows the time. */
export interface PeerLink extends Link {
  now(): number;
  /** Runs `then` once, so many milliseconds later. */
  later(milliseconds: number, then: () => void): void;
}

export interface Wire {
  readonly fuzzer: Link;
  readonly peer: PeerLink;
  /** Says who listens; before the first turn. */
  connect(fuzzer: LinkEvents, peer: PeerEvents): void;
}

export function createWire(host: VirtualHost): Wire {
  let fuzzerEvents: LinkEvents | null = null;
  let peerEvents: PeerEvents | null = null;
  let isLost = false;
  /** The fuzzer closes its socket whenever either direction has ended. */
  const lose = (): void => {
    if (isLost) return;
    isLost = true;
    fuzzer.end();
    fuzzerEvents?.lost();
  };
  const fuzzer = lane(host, (bytes) => peerEvents?.received(bytes), (how) => {
    peerEvents?.ended(how);
    lose();
  });
  const peer = lane(host, (bytes) => isLost || fuzzerEvents?.received(bytes), lose);
  return {
    fuzzer,
    peer: { ...peer, now: () => host.now(), later: (milliseconds, then) => void host.after(milliseconds, then) },
    connect(fuzzer, peer) {
      fuzzerEvents = fuzzer;
      peerEvents = peer;
    },
  };
}

/** One direction. */
function lane(host: VirtualHost, deliver: (bytes: Uint8Array) => void, finish: (how: Ending) => void): Link {
  let pieces: Uint8Array[] = [];
  let ending: Ending | null = null;
  let isWaiting = false;
  let isOver = false;
  const turn = (): void => {
    isWaiting = false;
    const bytes = concat(pieces);
    pieces = [];
    for (let at = 0; at < bytes.byteLength; at += READ) deliver(bytes.subarray(at, at + READ));
    if (ending === null || isOver) return;
    isOver = true;
    finish(ending);
  };
  const wake = (): void => {
    if (isWaiting) return;
    isWaiting = true;
    host.after(0, turn);
  };
  return {
    write(bytes) {
      if (ending !== null) return;
      pieces.push(bytes);
      wake();
    },
    end() {
      ending ??= "end";
      wake();
    },
    abort() {
      pieces = [];
      ending = "abort";
      wake();
    },
  };
}

/** The most octets that one read gives. */
const READ = 65_536;
