// Bun's sockets, which tell what happens by one record of functions for all of them, keep no queue and copy what they take. A socket opens before
// its TLS does, and what TLS failed with comes as an event, or as an end. What comes in: those events. What goes out: a Transport. Bun is described
// by what is used of it: its own types change the globals of every file. RFC 6455 §7.1.1. The file before: bun.ts.
import { noTls } from "./socket/endpoint.ts";
import type { Driver, Peer, Transport } from "./socket/transport.ts";

/** `pending`: how long TLS may take; null without TLS. `arrived` or `failed` is called once, `opened` before them. */
export function events(
  pending: number | null,
  arrived: (transport: BunTransport) => void,
  failed: (error: unknown) => void,
  opened: (transport: BunTransport) => void = () => {},
): SocketEvents {
  return {
    open(wire) {
      const transport = wire.data = new BunTransport(wire, pending !== null);
      wire.setNoDelay(true);
      opened(transport);
      if (pending === null) return arrived(transport);
      const timer = pending === Infinity ? undefined : setTimeout(() => wire.terminate(), pending);
      transport.unproven = (error) => {
        clearTimeout(timer);
        transport.unproven = null;
        if (error === null) return arrived(transport);
        wire.terminate();
        failed(noTls(error));
      };
    },
    handshake: (wire, proven, error) => wire.data.unproven?.(proven ? null : error ?? CLOSED),
    data: (wire, chunk) => wire.data.driver?.received(chunk),
    drain: (wire) => wire.data.drained(),
    end: (wire) => wire.data.ended(),
    close(wire, error) {
      wire.data.unproven?.(error ?? CLOSED);
      wire.data.ended(error);
    },
    error: (wire, error) => wire.data.ended(error),
    connectError() {}, // the promise of Bun.connect rejects with the same
  };
}

/** A socket. It is its own Peer. */
export class BunTransport implements Transport, Peer {
  driver: Driver | null = null;
  /** What waits for TLS; called with null for success. */
  unproven: ((error: unknown) => void) | null = null;
  readonly secure: boolean;
  readonly #wire: Wire;
  /** It took less than it was given, and will say when there is room. */
  #full = false;
  #readEnded = false;
  #writeEnded = false;

  constructor(wire: Wire, secure: boolean) {
    this.#wire = wire;
    this.secure = secure;
  }
  get address(): string | null {
    return this.#wire.remoteAddress ?? null;
  }
  get port(): number | null {
    return this.#wire.remotePort ?? null;
  }

  start(driver: Driver): void {
    this.driver = driver;
    if (this.#readEnded) driver.ended();
  }
  write(chunk: Uint8Array): number {
    const count = Math.max(0, this.#wire.write(chunk)); // -1 for a socket that is gone: `close` tells
    this.#full = count < chunk.byteLength;
    return count;
  }
  end(): void {
    this.#writeEnded = true;
    if (this.#readEnded) this.#wire.end();
    else this.#wire.shutdown();
  }
  destroy(): void {
    if (this.#full) this.#wire.terminate();
    else this.#wire.end();
  }
  pause(): void {
    this.#wire.pause();
  }
  resume(): void {
    this.#wire.resume();
  }

  drained(): void {
    if (!this.#full) return;
    this.#full = false;
    this.driver?.wrote(0);
  }
  ended(error?: unknown): void {
    this.#readEnded = true;
    this.driver?.ended(error);
    if (this.#writeEnded) this.#wire.end();
  }
  /** The attempt was given up; harmless once it has succeeded. */
  abandon(): void {
    if (this.driver === null) this.#wire.terminate();
  }
}

const CLOSED = new Error("the stream was closed");

/** The global of that name. */
export interface BunApi {
  listen(options: Options & { tls?: { key: string; cert: string } }): { readonly port: number; stop(): void };
  connect(options: Options & { tls?: { serverName: string; ca?: string[] } }): Promise<unknown>;
}
interface Wire {
  data: BunTransport;
  readonly remoteAddress?: string;
  readonly remotePort?: number;
  setNoDelay(on: boolean): unknown;
  /** The octets taken, or -1 when it is closed. */
  write(chunk: Uint8Array): number;
  /** Half-close. */
  shutdown(): void;
  end(): unknown;
  /** RST. */
  terminate(): void;
  pause(): void;
  resume(): void;
}
export interface SocketEvents {
  /** Before the handshake of TLS, if there is one. */
  open(wire: Wire): void;
  handshake(wire: Wire, proven: boolean, error: unknown): void;
  data(wire: Wire, chunk: Uint8Array): void;
  drain(wire: Wire): void;
  end(wire: Wire): void;
  close(wire: Wire, error?: unknown): void;
  error(wire: Wire, error: unknown): void;
  connectError(wire: Wire, error: unknown): void;
}
type Options = { socket: SocketEvents; allowHalfOpen: boolean } & ({ hostname: string; port: number } | { unix: string });
