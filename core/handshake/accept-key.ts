// What comes in: 16 random octets, or the key a client sent. What goes out: Sec-WebSocket-Key and the Sec-WebSocket-Accept that
// answers it. RFC 6455 §1.3, §4.1, §4.2.2. SHA-1 (RFC 3174) and base64 (RFC 4648 §4) are written out: the core has no host
// functions, and those of crypto.subtle are asynchronous. SHA-1 proves here that the peer speaks WebSocket; it protects no
// secret. Next file: headers.ts.
import type { Bytes } from "../types.ts";

/** The value of Sec-WebSocket-Accept for a key (RFC 6455 §4.2.2). The key is ASCII, as `isKey` checks. */
export function acceptKey(key: string): string {
  return base64(sha1(key + GUID));
}

/** A fresh Sec-WebSocket-Key: 16 octets of `random`, in base64 (RFC 6455 §4.1). One for each attempt, never reused. */
export function newKey(random: (into: Bytes) => void): string {
  const nonce = new Uint8Array(16);
  random(nonce);
  return base64(nonce);
}

/**
 * Base64 of exactly 16 octets (RFC 6455 §4.2.1). Pad bits may be set: RFC 4648 §3.5 leaves that open, and nobody decodes the key.
 */
export function isKey(value: string): boolean {
  return /^[A-Za-z0-9+/]{22}==$/.test(value);
}

/** RFC 3174 §6.1, for ASCII text. */
function sha1(text: string): Uint8Array {
  const state = Int32Array.of(0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0);
  const message = pad(text);
  const schedule = new Int32Array(80);
  for (let at = 0; at < message.length; at += 16) {
    schedule.set(message.subarray(at, at + 16));
    for (let t = 16; t < 80; t++) {
      schedule[t] = rotate(schedule[t - 3] ^ schedule[t - 8] ^ schedule[t - 14] ^ schedule[t - 16], 1);
    }
    compress(state, schedule);
  }
  const digest = new Uint8Array(20);
  for (let i = 0; i < 20; i++) digest[i] = state[i >> 2] >>> (24 - 8 * (i & 3));
  return digest;
}
/** The message as big-endian words: a one bit behind it, then zeros, then its length in bits. */
function pad(text: string): Int32Array {
  const words = new Int32Array((((text.length + 8) >> 6) + 1) * 16);
  for (let i = 0; i < text.length; i++) words[i >> 2] |= text.charCodeAt(i) << (24 - 8 * (i & 3));
  words[text.length >> 2] |= 0x80 << (24 - 8 * (text.length & 3));
  words[words.length - 1] = text.length * 8;
  return words;
}
function compress(state: Int32Array, schedule: Int32Array): void {
  let a = state[0], b = state[1], c = state[2], d = state[3], e = state[4];
  for (let t = 0; t < 80; t++) {
    const mixed = t < 20
      ? ((b & c) | (~b & d)) + 0x5a827999
      : t < 40
      ? (b ^ c ^ d) + 0x6ed9eba1
      : t < 60
      ? ((b & c) | (b & d) | (c & d)) + 0x8f1bbcdc
      : (b ^ c ^ d) + 0xca62c1d6;
    const next = (rotate(a, 5) + mixed + e + schedule[t]) | 0;
    e = d;
    d = c;
    c = rotate(b, 30);
    b = a;
    a = next;
  }
  // Stores into an Int32Array wrap around.
  state[0] += a;
  state[1] += b;
  state[2] += c;
  state[3] += d;
  state[4] += e;
}
function rotate(word: number, by: number): number {
  return (word << by) | (word >>> (32 - by));
}

function base64(bytes: Uint8Array): string {
  let text = "";
  for (let i = 0; i < bytes.length; i += 3) {
    const left = bytes.length - i;
    const group = (bytes[i] << 16) | ((left > 1 ? bytes[i + 1] : 0) << 8) | (left > 2 ? bytes[i + 2] : 0);
    text += ALPHABET[group >> 18] + ALPHABET[(group >> 12) & 63];
    text += left > 1 ? ALPHABET[(group >> 6) & 63] : "=";
    text += left > 2 ? ALPHABET[group & 63] : "=";
  }
  return text;
}

const GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
