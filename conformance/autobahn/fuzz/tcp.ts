// What comes in: a socket of node:net, perhaps under TLS. What goes out: the engine's link and its world, over that socket and real time.
// What is written in one turn leaves in one segment (no Nagle); a turn later is another segment, which is what chopped frames are about.
// FIN and RST are told apart (RFC 6455 §7.1.1). Timers end with the connection: some are armed for 1,000 seconds, and each of them holds
// on to its case. Next file: spec.ts.
import { Buffer } from "node:buffer";
import { randomFillSync } from "node:crypto";
import { connect as dialTcp, isIP, type Socket } from "node:net";
import { connect as dialTls, type SecureContext, TLSSocket } from "node:tls";
import type { Link, LinkEvents, World } from "../engine/link.ts";

/** A connection. Nothing is read before `start`. */
export interface Tcp {
  readonly link: Link;
  readonly world: World;
  /** Says who hears of it; a second call hands it on to another. What comes between is kept. */
  start(events: LinkEvents): void;
}

/** Where to dial. */
export interface Address {
  readonly host: string;
  readonly port: number;
  readonly tls: ClientTls | null;
}

/** How a client meets TLS. */
export interface ClientTls {
  /** For SNI and for what the certificate must name; default: the host, where that is a name. */
  readonly servername?: string | undefined;
  /** PEM: authorities to trust instead of the ones that Node knows. */
  readonly ca?: string | undefined;
  /** Take any certificate. */
  readonly insecure?: boolean | undefined;
}

/** Connects. Rejects with the socket's error, or after `seconds`, or when the signal says so. */
export function dial({ host, port, tls }: Address, { seconds = 30, signal }: Dialling = {}): Promise<Tcp> {
  return new Promise((resolve, reject) => {
    const raw = dialTcp({ host, port, noDelay: true });
    const servername = tls?.servername ?? (isIP(host) === 0 ? host : undefined);
    const socket = tls === null ? raw : dialTls({
      socket: raw,
      ...(servername === undefined ? {} : { servername }),
      ...(tls.ca === undefined ? {} : { ca: tls.ca }),
      rejectUnauthorized: tls.insecure !== true,
      ALPNProtocols: ["http/1.1"],
      // An address has no SNI, but the certificate must name it all the same.
      ...(servername === undefined ? { host } : {}),
    });
    const fail = (error: unknown): void => {
      settle();
      raw.destroy();
      reject(error);
    };
    const timer = setTimeout(() => fail(new Error(`no connection within ${seconds} seconds`)), seconds * 1000);
    const abort = (): void => fail(signal?.reason);
    const closed = (): void => fail(new Error("the peer closed the connection during the TLS handshake"));
    const settle = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", abort);
      socket.off("close", closed);
    };
    raw.on("error", fail);
    socket.on("error", fail); // stays: an error after that is followed by `close`
    socket.on("close", closed);
    signal?.addEventListener("abort", abort);
    socket.once(tls === null ? "connect" : "secureConnect", () => {
      settle();
      resolve(tcp(socket, raw));
    });
  });
}

interface Dialling {
  readonly seconds?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** A connection that a server was given; with a context it speaks TLS. */
export function accept(raw: Socket, tls: SecureContext | null): Tcp {
  raw.setNoDelay(true);
  return tcp(tls === null ? raw : new TLSSocket(raw, { isServer: true, secureContext: tls, ALPNProtocols: ["http/1.1"] }), raw);
}

/** `socket` is what speaks, `raw` what lies under it: only that knows RST. */
function tcp(socket: Socket, raw: Socket): Tcp {
  const timers = new Set<NodeJS.Timeout>();
  let events: LinkEvents | null = null;
  let isLost = false;
  let isOver = false;
  let pieces: Uint8Array[] = [];

  const lose = (): void => {
    if (isLost) return;
    isLost = true;
    for (const timer of timers) clearTimeout(timer);
    timers.clear();
    events?.lost();
  };
  const flush = (): void => {
    if (pieces.length === 0) return;
    const bytes = pieces.length === 1 ? pieces[0] : Buffer.concat(pieces);
    pieces = [];
    if (!socket.destroyed) socket.write(bytes);
  };
  const linger = (): void => {
    setTimeout(() => raw.destroy(), LINGER).unref();
  };
  for (const one of new Set([socket, raw])) one.on("error", ignore);
  socket.on("close", lose);
  raw.on("close", lose);
  socket.on("end", () => {
    lose();
    linger();
  });
  socket.on("data", (chunk: Uint8Array) => {
    if (isLost || isOver) return;
    for (let at = 0; at < chunk.byteLength; at += READ) events?.received(chunk.subarray(at, at + READ));
  });
  socket.pause();

  return {
    link: {
      write(bytes) {
        if (isOver || bytes.byteLength === 0) return;
        pieces.push(bytes);
        if (pieces.length === 1) process.nextTick(flush);
      },
      end() {
        if (isOver) return;
        isOver = true;
        flush();
        socket.end(() => {
          lose();
          linger();
        });
      },
      abort() {
        isOver = true;
        pieces = [];
        if (raw.destroyed) return lose();
        raw.resetAndDestroy();
      },
    },
    world: {
      now: () => performance.now(),
      date: () => Date.now(),
      later(milliseconds, then) {
        if (isLost) return;
        if (milliseconds <= 0) return void setImmediate(then);
        const wait = (delay: number, patience: number): void => {
          const due = performance.now() + delay, before = performance.eventLoopUtilization();
          const timer = setTimeout(() => {
            timers.delete(timer);
            const busy = performance.now() - due > STANDSTILL || performance.eventLoopUtilization(before).utilization > BUSY;
            if (busy && patience > 0) wait(GRACE, patience - 1);
            // What has arrived is read first: the loop runs what is due before it looks at the sockets.
            else setImmediate(() => isLost || then());
          }, delay);
          timers.add(timer);
        };
        wait(milliseconds, PATIENCE);
      },
      random: (bytes) => void randomFillSync(bytes),
    },
    start(to) {
      events = to;
      if (isLost) to.lost();
      else socket.resume();
    },
  };
}

/**
 * Nobody is blamed for what this process had no time for: a timer that is so many milliseconds late, or whose loop hardly ever waited for anybody,
 * waits so many milliseconds once more, and so many times.
 */
const STANDSTILL = 50;
const BUSY = 0.8;
const GRACE = 250;
const PATIENCE = 20;

function ignore(): void {
  // "close" follows, and says all that matters.
}

/** The most octets that one read gives: what Node asks the kernel for, and the original too. */
const READ = 65_536;
/** Milliseconds that a peer has to close its half, once nothing is read from it any more. */
const LINGER = 2000;
