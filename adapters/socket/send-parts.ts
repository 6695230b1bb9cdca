// What comes in: pieces of one message, from an iterable. What goes out: a fragment each, with backpressure (RFC 6455 §5.4), so that ten
// gigabytes need no more memory than a piece. The last fragment is empty, since only the end of the source tells that it is there.
// Next file: socket.ts.
import type { SendOptions } from "../../core/types.ts";

export type Pieces = AsyncIterable<string | Uint8Array> | Iterable<string | Uint8Array>;

/** The socket as this file needs it. */
export interface Outlet {
  /** Sends a fragment. false: too late. A promise: taken, wait. Throws UsageError. */
  fragment(data: string | Uint8Array, options: SendOptions): boolean | Promise<boolean>;
  /** Calls when the connection ends; null: not any more. */
  whenEnded(run: (() => void) | null): void;
  /** The message cannot be finished: nothing can follow it but a Close. */
  abandon(): void;
}

/** Resolves to whether all of it was taken; rejects with what the source threw. A source that waits does not hold up the end. */
export function sendParts(outlet: Outlet, source: Pieces, options: { text?: boolean; compress?: boolean }): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const iterator = iterate(source);
    let over = false;
    const finish = (): void => {
      over = true;
      outlet.whenEnded(null);
    };
    const stop = (): void => {
      if (over) return;
      finish();
      dismiss(iterator);
      resolve(false);
    };
    const pump = async (): Promise<void> => {
      const { text, compress } = options;
      const kind: SendOptions = { ...(text === undefined ? {} : { text }), ...(compress === undefined ? {} : { compress }) };
      let last: string | Uint8Array = EMPTY;
      while (!over) {
        const { value, done } = await iterator.next();
        if (over) return;
        if (done === true) {
          const taken = outlet.fragment(last, { ...kind, last: true });
          finish();
          return resolve(await taken);
        }
        if (typeof value === "string") last = "";
        const taken = outlet.fragment(value, { ...kind, last: false });
        if (taken !== true && !await taken) stop();
      }
    };
    outlet.whenEnded(stop);
    pump().catch((error) => {
      if (over) return;
      finish();
      outlet.abandon();
      dismiss(iterator);
      reject(error);
    });
  });
}

type Iterating = AsyncIterator<string | Uint8Array> | Iterator<string | Uint8Array>;

function iterate(source: Pieces): Iterating {
  return Symbol.asyncIterator in source ? source[Symbol.asyncIterator]() : source[Symbol.iterator]();
}
/** Tells a source that nobody asks for more, and waits for no answer. */
function dismiss(iterator: Iterating): void {
  Promise.resolve().then(() => iterator.return?.()).catch(() => {});
}

const EMPTY = new Uint8Array(0);
