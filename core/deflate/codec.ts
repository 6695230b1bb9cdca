// The contract of a compression engine is `Codec` and `DeflateEngine` in ../types.ts; this file lends its codecs out. A codec is needed
// only while a message is being worked on, unless the context is taken over, so that few serve many connections. RFC 7692 §7.1.1.
// Next file: inflation.ts.
import type { Codec, DeflateEngine } from "../types.ts";

/** Where codecs of one kind are taken from and given back to. */
export interface Lender {
  take(): Codec;
  /** Gives back a codec in any state. */
  give(codec: Codec): void;
}

export function inflaters(engine: DeflateEngine, windowBits: number): Lender {
  return lender(engine, `inflate ${windowBits}`, () => engine.inflater(windowBits));
}
export function deflaters(engine: DeflateEngine, windowBits: number, level: number): Lender {
  return lender(engine, `deflate ${windowBits} ${level}`, () => engine.deflater(windowBits, level));
}

const lenders = new WeakMap<DeflateEngine, Map<string, Lender>>();

function lender(engine: DeflateEngine, kind: string, make: () => Codec): Lender {
  let kinds = lenders.get(engine);
  if (kinds === undefined) lenders.set(engine, kinds = new Map());
  let known = kinds.get(kind);
  if (known === undefined) kinds.set(kind, known = stock(make));
  return known;
}

/** Measured: making a deflater costs 10 to 20 times what resetting one does; a connection works on one message at a time, so one is enough. */
function stock(make: () => Codec): Lender {
  let spare: Codec | null = null;
  return {
    take() {
      const codec = spare ?? make();
      spare = null;
      return codec;
    },
    give(codec) {
      if (spare !== null) return codec.close();
      codec.reset();
      spare = codec;
    },
  };
}
