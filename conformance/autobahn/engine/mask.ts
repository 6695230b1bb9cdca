// What comes in: octets and a masking key. What goes out: the same octets, masked or unmasked, in place (RFC 6455 §5.3).
// Four at a time, because sections 9, 12 and 13 move gigabytes. Measured: octet by octet costs six times as much.
// Next file: utf8.ts.

/** XORs octet i of `bytes` with octet `(phase + i) mod 4` of `key`, in place. */
export function applyMask(bytes: Uint8Array, key: Uint8Array, phase = 0): void {
  const size = bytes.byteLength;
  let at = 0;
  for (; at < size && ((bytes.byteOffset + at) & 3) !== 0; at++) bytes[at] ^= key[(phase + at) & 3];
  const count = (size - at) >> 2;
  if (count >= WORTHWHILE) {
    const words = new Int32Array(bytes.buffer, bytes.byteOffset + at, count);
    const word = wordOf(key, phase + at);
    for (let i = 0; i < count; i++) words[i] ^= word;
    at += count << 2;
  }
  for (; at < size; at++) bytes[at] ^= key[(phase + at) & 3];
}

/** The key, turned to where it stands at `phase`, in the byte order of this machine. */
function wordOf(key: Uint8Array, phase: number): number {
  for (let i = 0; i < 4; i++) turned[i] = key[(phase + i) & 3];
  return turnedWord[0];
}

const WORTHWHILE = 8;
const turned = new Uint8Array(4);
const turnedWord = new Int32Array(turned.buffer);
