// The order of sends when one of them takes time. What comes in: sends, while a message of many pieces is on its way. What goes out: the
// same sends in the same order, once it is through, since no frame of another message may come between its fragments (RFC 6455 §5.4).
// Next file: send-parts.ts.

export class Exclusive {
  #busy = false;
  #octets = 0;
  #waiting: Waiting[] = [];

  get busy(): boolean {
    return this.#busy;
  }
  /** Octets that wait here. */
  get octets(): number {
    return this.#octets;
  }
  /** Calls `run` now, or when everything before has left; it is alone until `leave`. */
  enter(run: () => void): void {
    if (this.#busy) this.#waiting.push({ run, octets: 0, enters: true });
    else {
      this.#busy = true;
      run();
    }
  }
  /** Only while busy: calls `run` when everything before has left. */
  add(run: () => void, octets: number): void {
    this.#waiting.push({ run, octets, enters: false });
    this.#octets += octets;
  }
  leave(): void {
    this.#busy = false;
    while (!this.#busy && this.#waiting.length > 0) {
      const { run, octets, enters } = this.#waiting.shift()!;
      this.#octets -= octets;
      this.#busy = enters;
      run();
    }
  }
}

interface Waiting {
  readonly run: () => void;
  readonly octets: number;
  /** Another message of many pieces: what is behind it waits on. */
  readonly enters: boolean;
}
