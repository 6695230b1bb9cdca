// What comes in: octets, and sizes of chunks. What goes out: the octets in chunks of these sizes. Next file: collect.ts.

/** Cuts bytes as a cutting says. The chunks are views. */
export function cut(bytes: Uint8Array, sizes: readonly number[]): Uint8Array[] {
  const chunks: Uint8Array[] = [];
  for (let at = 0, i = 0; at < bytes.byteLength; i++) {
    const next = Math.min(bytes.byteLength, at + sizes[i % sizes.length]);
    chunks.push(bytes.subarray(at, next));
    at = next;
  }
  return chunks;
}
