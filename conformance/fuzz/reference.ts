// What comes in: a whole string of octets. What goes out: what a machine must report of it and write, as digests. RFC 6455 §5, §7; RFC 7692
// §6, §7.2. It says the same as ../frames/oracle.ts, in numbers and without garbage, so that it can judge each of millions of inputs; where
// it and the machine differ, and now and then where they agree, the oracle is asked. No code of the core. Next file: inputs.ts.
import type { FaultCode } from "../../core/types.ts";
import { closeCodeOf, isCloseCode } from "../frames/oracle.ts";
import { inflate } from "../frames/inflate.ts";
import { BINARY, CLOSE, CLOSED, CLOSED_CLEAN, Digest, FAULT, PING, PONG, TEXT } from "./digest.ts";

export interface Rules {
  readonly isServer: boolean;
  readonly deflate: boolean;
  /** What the peer compresses with may refer to earlier messages. */
  readonly takeover: boolean;
  readonly whole: boolean;
  readonly message: number;
  readonly fragments: number;
}

export class Reference {
  readonly digest: Digest = new Digest();
  /** The code of the Close that must be written; 0: none, 1005: an empty one. */
  close = 0;
  /** The Pings, the last of which must be answered: where their payloads stand in `pings`. */
  readonly pings: Uint8Array = new Uint8Array(1 << 16);
  readonly pingEnds: number[] = [];
  #bytes: Uint8Array = new Uint8Array(0);
  #end = 0;
  #rules: Rules = NO_RULES;
  /** The message at hand, unmasked, and what is known of it. */
  readonly #message = new Uint8Array(1 << 20);
  #size = 0;
  #given = 0;
  #opcode = 0;
  #packed = false;
  #frames = 0;
  #declared = 0;
  #history: Uint8Array = NOTHING;
  #done = false;
  #fault: FaultCode | null = null;

  /** Judges the first `end` octets. */
  judge(bytes: Uint8Array, end: number, rules: Rules): void {
    this.digest.reset();
    this.close = 0;
    this.pingEnds.length = 0;
    this.#bytes = bytes;
    this.#end = end;
    this.#rules = rules;
    this.#opcode = 0;
    this.#history = NOTHING;
    this.#done = false;
    this.#fault = null;
    for (let at = 0; at < end && !this.#done;) at = this.#frame(at);
    if (this.close > 0 && this.#fault === null) return;
    this.digest.event(CLOSED);
    this.digest.put(1006);
    this.digest.text("");
  }
  /** One frame as far as it is there; answers where the next one starts. */
  #frame(at: number): number {
    const bytes = this.#bytes, end = this.#end, rules = this.#rules;
    const first = bytes[at], opcode = first & 15, fin = first >= 128, packed = (first & 0x40) !== 0;
    const starts = opcode === 1 || opcode === 2;
    if ((first & 0x30) !== 0 || (packed && !(rules.deflate && starts))) return this.#fail("RESERVED_BIT");
    if (opcode > 10 || (opcode > 2 && opcode < 8)) return this.#fail("RESERVED_OPCODE");
    if (opcode >= 8 && !fin) return this.#fail("BAD_CONTROL");
    if (opcode < 3 && starts === (this.#opcode !== 0)) return this.#fail("BAD_FRAGMENT");
    if (starts) {
      this.#opcode = opcode;
      this.#packed = packed;
      this.#size =
        this.#given =
        this.#frames =
        this.#declared =
          0;
    }
    if (at + 1 === end) return end;
    const second = bytes[at + 1], small = second & 127;
    if (second >= 128 !== rules.isServer) return this.#fail("BAD_MASK");
    if (opcode >= 8 && small > 125) return this.#fail("BAD_CONTROL");
    const form = small === 126 ? 2 : small === 127 ? 8 : 0;
    let length = form === 0 ? small : 0;
    const there = Math.min(form, end - at - 2);
    for (let i = 0; i < there; i++) length = length * 256 + bytes[at + 2 + i];
    // What has come of the length may say already that it is too long.
    if (form === 8 && there > 0 && bytes[at + 2] >= 128) return this.#fail("BAD_LENGTH");
    if (there < form) {
      const least = length * 256 ** (form - there), most = least + 256 ** (form - there) - 1;
      if (most < (form === 2 ? 126 : 65536)) return this.#fail("BAD_LENGTH");
      return end;
    }
    if ((form === 2 && length < 126) || (form === 8 && length < 65536)) return this.#fail("BAD_LENGTH");
    if (opcode < 8 && this.#judgeSize(opcode, length)) return end;
    const payloadAt = at + 2 + form + (rules.isServer ? 4 : 0);
    const next = payloadAt + length;
    if (opcode >= 8) return this.#control(opcode, payloadAt, length, next);
    this.#data(payloadAt, Math.min(next, end), length, next <= end, fin);
    return Math.min(next, end);
  }
  #judgeSize(opcode: number, length: number): boolean {
    if (opcode >= 8) return false;
    const { message, fragments } = this.#rules;
    const ceiling = this.#packed ? message + message / 8 + 1024 : message;
    if (this.#declared + length > ceiling) this.#fail("MESSAGE_TOO_BIG");
    else if (this.#frames + 1 > fragments) this.#fail("TOO_MANY_FRAGMENTS");
    return this.#done;
  }
  #octet(payloadAt: number, i: number): number {
    const octet = this.#bytes[payloadAt + i];
    return this.#rules.isServer ? octet ^ this.#bytes[payloadAt - 4 + (i & 3)] : octet;
  }

  #control(opcode: number, payloadAt: number, length: number, next: number): number {
    const end = this.#end;
    const whole = next <= end;
    if (opcode === 8 && length === 1) return whole ? this.#fail("BAD_CLOSE") : end;
    const size = Math.max(0, Math.min(length, end - payloadAt));
    const payload = CONTROL;
    for (let i = 0; i < size; i++) payload[i] = this.#octet(payloadAt, i);
    if (opcode !== 8) {
      if (!whole) return end;
      this.digest.event(opcode === 9 ? PING : PONG);
      this.digest.octets(payload, 0, size);
      this.digest.put(-size - 1000);
      if (opcode === 9) {
        const at = this.pingEnds.at(-1) ?? 0;
        this.pings.set(payload.subarray(0, size), at);
        this.pingEnds.push(at + size);
      }
      return next;
    }
    // A Close frame that was cut short may be condemned already: that is a matter of taste, and left to the oracle.
    if (size >= 2) {
      if (!isCloseCode(payload[0] * 256 + payload[1])) return whole ? this.#fail("BAD_CLOSE") : end;
      const wrong = utf8(payload, 2, size);
      if (wrong !== FINE && (whole || wrong >= 0)) return whole ? this.#fail("BAD_UTF8") : end;
    }
    if (!whole) return end;
    this.#done = true;
    this.close = length === 0 ? 1005 : payload[0] * 256 + payload[1];
    const reason = decode(payload, 2, Math.max(2, size));
    for (const kind of [CLOSE, CLOSED_CLEAN]) {
      this.digest.event(kind);
      this.digest.put(this.close);
      this.digest.text(reason);
    }
    return end;
  }
  #data(from: number, to: number, length: number, whole: boolean, fin: boolean): void {
    const before = this.#size;
    this.#frames++;
    this.#declared += length;
    for (let i = 0; i < to - from; i++) this.#message[this.#size++] = this.#octet(from, i);
    const complete = whole && fin;
    if (this.#packed) return this.#unpacked(complete);
    const isText = this.#opcode === 1;
    const wrong = isText ? utf8(this.#message, characterAt(this.#message, before), this.#size) : FINE;
    if (isText && (wrong >= 0 || (complete && wrong === OPEN))) {
      this.#tellPiece(this.#message, wrong >= 0 ? wrong : this.#size, false);
      this.#fail("BAD_UTF8");
      return;
    }
    this.#tellPiece(this.#message, this.#size, complete);
    if (complete) this.#tellWhole(this.#message, this.#size);
  }
  #unpacked(complete: boolean): void {
    const rules = this.#rules;
    const payload = this.#message.subarray(0, this.#size);
    const { output, stop } = inflate(payload, this.#history, 15, rules.message + 1);
    const size = output.length;
    const wrong = this.#opcode === 1 ? utf8(output, 0, size) : FINE;
    const full = size > rules.message;
    let fault: FaultCode | null = null;
    let good = size;
    if (wrong >= 0) [fault, good] = ["BAD_UTF8", wrong];
    if (full && good >= size - 1 && fault === null) [fault, good] = ["MESSAGE_TOO_BIG", size - 1];
    const border = size === 0 && payload.length === 0 ||
      (payload.length >= 4 && payload.at(-1) === 255 && payload.at(-2) === 255 && payload.at(-3) === 0 && payload.at(-4) === 0);
    const ends = stop === "tail" || stop === "final" || (stop === "border" && border);
    if (fault === null && (stop === "corrupt" || (complete && !ends))) fault = "BAD_DEFLATE";
    if (fault === null && complete && wrong === OPEN) fault = "BAD_UTF8";
    this.#tellPiece(output, good, complete && fault === null);
    if (fault !== null) {
      this.#fail(fault);
      return;
    }
    if (!complete) return;
    this.#tellWhole(output, size);
    if (rules.takeover) {
      const all = new Uint8Array(this.#history.length + size);
      all.set(this.#history);
      all.set(output, this.#history.length);
      this.#history = all.subarray(-32768);
    }
  }
  #tellPiece(bytes: Uint8Array, to: number, last: boolean): void {
    if (this.#rules.whole) return;
    this.digest.piece(this.#opcode === 1, bytes, this.#given, to, last);
    this.#given = to;
    if (last) this.#opcode = 0;
  }
  #tellWhole(bytes: Uint8Array, size: number): void {
    if (!this.#rules.whole) return;
    this.digest.event(this.#opcode === 1 ? TEXT : BINARY);
    if (this.#opcode === 1) this.digest.text(decode(bytes, 0, size));
    else {
      this.digest.octets(bytes, 0, size);
      this.digest.put(-size - 1000);
    }
    this.#opcode = 0;
  }
  #fail(code: FaultCode): number {
    this.#done = true;
    this.#fault = code;
    this.close = closeCodeOf(code);
    this.digest.event(FAULT);
    this.digest.text(code);
    this.digest.put(this.close);
    return this.#end;
  }
}

/** Where a character starts that these octets before `at` have not finished, or `at`. */
function characterAt(bytes: Uint8Array, at: number): number {
  for (let back = 1; back <= 3 && back <= at; back++) {
    const octet = bytes[at - back];
    if (octet < 0x80) return at;
    if (octet >= 0xc0) return (octet >= 0xf0 ? 4 : octet >= 0xe0 ? 3 : 2) > back ? at - back : at;
  }
  return at;
}
/** The first octet that is wrong, OPEN if the last character is not complete, or FINE. RFC 3629 §4. */
function utf8(bytes: Uint8Array, from: number, to: number): number {
  for (let i = from; i < to;) {
    const octet = bytes[i++];
    if (octet < 0x80) continue;
    if (octet < 0xc2 || octet > 0xf4) return i - 1;
    let more = octet < 0xe0 ? 1 : octet < 0xf0 ? 2 : 3;
    let low = octet === 0xe0 ? 0xa0 : octet === 0xf0 ? 0x90 : 0x80;
    let high = octet === 0xed ? 0x9f : octet === 0xf4 ? 0x8f : 0xbf;
    for (; more > 0; more--, i++) {
      if (i === to) return OPEN;
      if (bytes[i] < low || bytes[i] > high) return i;
      low = 0x80;
      high = 0xbf;
    }
  }
  return FINE;
}
/** Octets that are UTF-8, as a string. */
function decode(bytes: Uint8Array, from: number, to: number): string {
  let text = "";
  for (let i = from; i < to;) {
    const octet = bytes[i++];
    if (octet < 0x80) text += String.fromCharCode(octet);
    else {
      let code = octet < 0xe0 ? octet & 31 : octet < 0xf0 ? octet & 15 : octet & 7;
      for (let more = octet < 0xe0 ? 1 : octet < 0xf0 ? 2 : 3; more > 0; more--) code = code * 64 + (bytes[i++] & 63);
      text += String.fromCodePoint(code);
    }
  }
  return text;
}

const FINE = -1;
const OPEN = -2;
const NOTHING = new Uint8Array(0);
const CONTROL = new Uint8Array(128);
const NO_RULES: Rules = { isServer: false, deflate: false, takeover: false, whole: true, message: 0, fragments: 0 };
