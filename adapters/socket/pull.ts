// What comes in: a socket that is read and written with promises (Deno, Cloudflare, any pair of WHATWG streams). What goes out: a Transport.
// Reading stops while the core wants no input; a write may be partial and is never followed by another before it is done.
// Next file: the adapter of the runtime.
import type { Driver, Transport } from "./transport.ts";

/** A byte stream of promises. None of these is called again after `close` or `abort`. */
export interface Pulled {
  /** Fresh memory each time; null at the end. Rejects when the stream fails. */
  read(): Promise<Uint8Array | null>;
  /** Resolves to the octets written, perhaps fewer, when the chunk is not needed any more. */
  write(chunk: Uint8Array): Promise<number>;
  closeWrite(): Promise<void>;
  /** Both directions have ended: release. Never throws. */
  close(): void;
  /** Release at once. Never throws. */
  abort(): void;
}

export function pulled(io: Pulled): Transport {
  return new PulledTransport(io);
}

class PulledTransport implements Transport {
  readonly #io: Pulled;
  #driver: Driver | null = null;
  #reading = false;
  #paused = false;
  #readEnded = false;
  #writeEnded = false;
  #released = false;

  constructor(io: Pulled) {
    this.#io = io;
  }
  start(driver: Driver): void {
    this.#driver = driver;
    void this.#read();
  }
  write(chunk: Uint8Array): number {
    this.#io.write(chunk).then((count) => this.#driver!.wrote(count), (error) => this.#ended(error));
    return 0;
  }
  end(): void {
    const ended = (): void => {
      this.#writeEnded = true;
      this.#tidy();
    };
    this.#io.closeWrite().then(ended, ended);
  }
  destroy(): void {
    if (this.#released) return;
    this.#released = true;
    this.#io.abort();
  }
  pause(): void {
    this.#paused = true;
  }
  resume(): void {
    this.#paused = false;
    void this.#read();
  }

  async #read(): Promise<void> {
    if (this.#reading) return;
    this.#reading = true;
    try {
      while (!this.#paused && !this.#released && !this.#readEnded) {
        const chunk = await this.#io.read();
        if (chunk === null) this.#ended();
        else this.#driver!.received(chunk);
      }
    } catch (error) {
      this.#ended(error);
    } finally {
      this.#reading = false;
    }
  }
  #ended(error?: unknown): void {
    this.#readEnded = true;
    if (this.#released) return;
    this.#driver!.ended(error);
    this.#tidy();
  }
  #tidy(): void {
    if (!this.#readEnded || !this.#writeEnded || this.#released) return;
    this.#released = true;
    this.#io.close();
  }
}
