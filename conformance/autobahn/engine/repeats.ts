// What comes in: messages of a document, one behind the other, and a compressor. What goes out: the same messages compressed; a series
// that was compressed before is given again from memory. Sections 12 and 13 send 216 series, but only some dozens of different ones: the
// slices are always the same, rows differ in how frames are cut, and many cases agree on the same parameters. A compressor that starts
// afresh makes the same octets of the same series, takeover or not (RFC 7692 §7.2.1). Next file: conduct.ts.

/** Compresses the next message of a series; the octets are borrowed and not to be written to. */
export type NextCompressed = (octets: Uint8Array) => Uint8Array;

/**
 * The series `name` of `count` messages: from memory if the whole of it is there, otherwise through `compress`, which must be a fresh
 * compressor. The name says everything that the octets depend on.
 */
export function createSeries(name: string, count: number, compress: NextCompressed): NextCompressed {
  const kept = store.get(name);
  if (kept !== undefined && kept.messages.length >= count) {
    let at = 0;
    return () => kept.messages[at++];
  }
  const messages: Uint8Array[] = [];
  let size = 0;
  return (octets) => {
    const compressed = compress(octets);
    size += compressed.byteLength;
    if (size <= ROOM) messages.push(compressed.slice());
    else messages.length = 0;
    if (messages.length === count) keep(name, { messages, size });
    return compressed;
  };
}

interface Series {
  readonly messages: readonly Uint8Array[];
  readonly size: number;
}

/** Drops the oldest series until there is room. */
function keep(name: string, series: Series): void {
  store.delete(name);
  let total = series.size;
  for (const { size } of store.values()) total += size;
  for (const [old, { size }] of store) {
    if (total <= ROOM) break;
    store.delete(old);
    total -= size;
  }
  store.set(name, series);
}

const store = new Map<string, Series>();
/** Octets. Enough for the texts with all 1,000 messages, and for everything with 200. */
const ROOM = 64 * 1024 * 1024;
