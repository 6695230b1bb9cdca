// What comes in: octets at the cursor of an input. What goes out: one event at a time. Two ways: `wholeMessage` for an unfragmented
// message that lies whole in its chunk, which is nearly always so, and a Decoder for everything else, which exists only between
// frames of a message and inside of a frame. RFC 6455 §5, RFC 7692 §6. Next file: ../machine.ts.
import { faultOf } from "../errors.ts";
import type { Settings } from "../options.ts";
import type { Bytes, Event, FaultCode, Kind, RawEvent } from "../types.ts";
import type { Inflation } from "../deflate/inflation.ts";
import { parseClose } from "../wire/close.ts";
import { CLOSE, CONTINUATION, CONTROL_MAX, FIN, MASK, PING, RSV1, RSV23, TEXT } from "../wire/frame.ts";
import { readKey, rotate } from "../wire/mask.ts";
import { Assembler } from "./assembler.ts";
import { EMPTY, type Input } from "./input.ts";
import { keep, mayView } from "./keep.ts";
import { SHORT_TEXT, shortText } from "./short-text.ts";
import { ACCEPT, firstInvalid, REJECT, validate } from "./utf8.ts";

/** The one RawEvent of a machine, filled anew for each piece. */
export class RawPiece implements RawEvent {
  readonly type = "raw";
  kind: Kind = "binary";
  bytes: Uint8Array = EMPTY;
  start = 0;
  end = 0;
  first = true;
  last = true;

  set(kind: Kind, bytes: Uint8Array, start: number, end: number, first: boolean, last: boolean): RawEvent {
    if (this.kind !== kind) this.kind = kind;
    if (this.bytes !== bytes) this.bytes = bytes;
    this.start = start;
    this.end = end;
    this.first = first;
    this.last = last;
    return this;
  }
  /** Lets go of the chunk, which an idle connection must not keep. */
  forget(): void {
    this.bytes = EMPTY;
    this.start = this.end = 0;
  }
}

/** What `wholeMessage` answers for text that is not UTF-8: known by identity, so that the fast path compares no strings. */
export const INVALID_TEXT: Event = failure("BAD_UTF8");

/**
 * The message at the cursor, if an unfragmented, uncompressed one lies whole in the chunk and in the limit; else null, nothing read.
 * The caller must be at a message boundary. `raw`: report it there instead of as text or binary.
 */
export function wholeMessage(input: Input, masked: boolean, settings: Settings, raw: RawPiece | null): Event | null {
  const chunk = input.chunk, at = input.at, limit = input.end;
  if (limit - at < 2) return null;
  const first = chunk[at]!;
  if (first !== WHOLE_TEXT && first !== WHOLE_BINARY) return null;
  let size = chunk[at + 1]!, from = at + 2;
  if (masked) {
    size -= MASK;
    from += 4;
  }
  if (size < 0 || size > 126) return null;
  if (size === 126) {
    from += 2;
    if (from > limit) return null;
    size = (chunk[at + 2]! << 8) | chunk[at + 3]!;
    if (size < 126) return null;
  }
  const to = from + size;
  if (to > limit || size > settings.limits.message) return null;
  input.at = to;

  const kind = first === WHOLE_TEXT ? "text" : "binary";
  if (raw !== null) return wholePiece(input, at, masked, settings, raw.set(kind, chunk, from, to, true, true));
  if (kind === "text") return wholeText(input, from, to, masked, settings);
  return { type: "binary", data: keep(input, from, to, masked ? readKey(chunk, from - 4) : 0, settings) };
}

/** Unmasks the piece where it lies. `at`: where its frame starts. */
function wholePiece(input: Input, at: number, masked: boolean, settings: Settings, piece: RawEvent): Event | null {
  const { kind, bytes, start, end } = piece;
  const high = masked ? input.unmask(start, end, readKey(bytes, start - 4), settings) : 1;
  if (kind === "binary" || high === 0 || validate(bytes, start, end, ACCEPT, settings.isUtf8) === ACCEPT) return piece;
  input.at = at; // the Decoder finds the octet and reports what is before it
  if (masked) input.unmask(start, end, readKey(bytes, start - 4), settings);
  return null;
}
function wholeText(input: Input, from: number, to: number, masked: boolean, settings: Settings): Event {
  const chunk = input.chunk, size = to - from;
  let text: string | null = null;
  if (size <= SHORT_TEXT) {
    text = masked
      ? shortText(chunk, from, size, chunk[from - 4]!, chunk[from - 3]!, chunk[from - 2]!, chunk[from - 1]!)
      : shortText(chunk, from, size, 0, 0, 0, 0);
  }
  if (text === null) {
    const isAscii = masked && input.unmask(from, to, readKey(chunk, from - 4), settings) === 0;
    text = isAscii ? settings.text.decodeAscii(chunk, from, to) : settings.text.decode(chunk, from, to);
  }
  return text === null ? INVALID_TEXT : { type: "text", data: text };
}

/** The part of the inbound direction that outlives a chunk: a header, a frame or a message of which only a part has arrived. */
export class Decoder {
  /** Header: octets read so far; -1: the payload is next. */
  #read = 0;
  #first = 0;
  /** Octets of the header, without the masking key. */
  #header = 2;
  #high = 0;
  #low = 0;
  #key = 0;
  /** Octets of the payload still to come, and those of them that are unmasked already. */
  #left = 0;
  #clear = 0;
  /** The inflater has filled its room and may hold more. */
  #full = false;
  /** The message in progress; "" between messages. */
  #kind: Kind | "" = "";
  #compressed = false;
  #frames = 0;
  /** Octets of the message before inflation, and after it. */
  #wire = 0;
  #size = 0;
  #utf8 = ACCEPT;
  /** Parts and raw: a piece has been reported. */
  #begun = false;
  #assembler: Assembler | null = null;
  #control = EMPTY;
  /** Reported behind the piece before it. */
  #failed: FaultCode | null = null;

  /** At a message boundary: nothing is remembered, the Decoder may be dropped. */
  get idle(): boolean {
    return this.#read === 0 && this.#kind === "" && this.#failed === null;
  }

  /** The next event, or null: everything has been read. After a fault it must not be asked again. */
  poll(input: Input, masked: boolean, settings: Settings, inflation: Inflation | null, raw: RawPiece | null): Event | null {
    for (;;) {
      if (this.#failed !== null) return failure(this.#failed);
      if (this.#read >= 0) {
        const wrong = this.#readHeader(input, masked, settings, inflation);
        if (wrong !== null) return failure(wrong);
        if (this.#read >= 0) return null;
      }
      if (this.#left > 0 && !this.#full && !input.available()) return null;
      const event = (this.#first & 0x08) !== 0
        ? this.#readControl(input, settings)
        : this.#compressed
        ? this.#readCompressed(input, settings, inflation!, raw)
        : this.#readPlain(input, settings, raw);
      if (event !== null) return event;
    }
  }

  /** Reads octet by octet, so that each mistake is found as soon as its octet is there; leaves #read at -1 when it is complete. */
  #readHeader(input: Input, masked: boolean, settings: Settings, inflation: Inflation | null): FaultCode | null {
    while (this.#read < this.#header + (masked ? 4 : 0)) {
      if (!input.available()) return null;
      const octet = input.chunk[input.at++]!;
      const index = this.#read++;
      if (index === 0) {
        const wrong = this.#startHeader(octet, inflation);
        if (wrong !== null) return wrong;
      } else if (index === 1) {
        if ((octet >= MASK) !== masked) return "BAD_MASK";
        this.#low = octet & ~MASK;
        if (this.#low > CONTROL_MAX) {
          if ((this.#first & 0x08) !== 0) return "BAD_CONTROL";
          this.#header = this.#low === 126 ? 4 : 10;
          this.#low = 0;
        }
        if (this.#header === 2 && this.#exceeds(settings)) return this.#exceeds(settings);
      } else if (index < this.#header) {
        if (this.#header === 10 && index < 6) this.#high = (this.#high << 8) | octet;
        else this.#low = ((this.#low << 8) | octet) >>> 0;
        if (this.#header === 10 && index === 2 && octet > 127) return "BAD_LENGTH";
        if (this.#header === 10 && index === 7 && this.#high === 0 && this.#low === 0) return "BAD_LENGTH";
        if (this.#header === 4 && index === 3 && this.#low < 126) return "BAD_LENGTH";
        if (index === this.#header - 1 && this.#exceeds(settings)) return this.#exceeds(settings);
      } else this.#key |= octet << ((index - this.#header) << 3);
    }
    this.#read = -1;
    this.#left = this.#length();
    this.#clear = 0;
    if ((this.#first & 0x08) !== 0) this.#control = new Uint8Array(this.#left);
    else {
      this.#frames++;
      this.#wire += this.#left;
      if (this.#kind === "") {
        this.#kind = (this.#first & 0x0f) === TEXT ? "text" : "binary";
        this.#compressed = (this.#first & RSV1) !== 0;
        if (this.#compressed) inflation!.begin();
      }
    }
    return null;
  }

  #startHeader(octet: number, inflation: Inflation | null): FaultCode | null {
    this.#first = octet;
    this.#header = 2;
    this.#high = this.#low = this.#key = 0;
    const opcode = octet & 0x0f;
    if ((octet & RSV23) !== 0) return "RESERVED_BIT";
    if ((octet & RSV1) !== 0 && (inflation === null || opcode === CONTINUATION || opcode > 2)) return "RESERVED_BIT";
    if (opcode > 10 || (opcode > 2 && opcode < 8)) return "RESERVED_OPCODE";
    if (opcode >= 8) return octet < FIN ? "BAD_CONTROL" : null;
    return (opcode === CONTINUATION) === (this.#kind === "") ? "BAD_FRAGMENT" : null;
  }

  #length(): number {
    return (this.#high >>> 0) * 0x1_0000_0000 + this.#low;
  }

  /** Limits, on the header alone. What is compressed may be a little longer than what comes out of it. */
  #exceeds(settings: Settings): FaultCode | null {
    if ((this.#first & 0x08) !== 0) return null;
    const { message, fragments } = settings.limits;
    const compressed = this.#kind === "" ? (this.#first & RSV1) !== 0 : this.#compressed;
    const most = compressed ? message + message / 8 + 1024 : message;
    if (this.#wire + this.#length() > most) return "MESSAGE_TOO_BIG";
    return this.#frames + 1 > fragments ? "TOO_MANY_FRAGMENTS" : null;
  }

  #readControl(input: Input, settings: Settings): Event | null {
    const payload = this.#control;
    const take = Math.min(this.#left, input.end - input.at);
    const done = payload.length - this.#left;
    for (let i = 0; i < take; i++) payload[done + i] = input.chunk[input.at + i]! ^ (this.#key >>> (((done + i) & 3) << 3));
    input.at += take;
    this.#left -= take;
    if (this.#left > 0) return null;
    this.#read = 0;
    this.#control = EMPTY;
    const opcode = this.#first & 0x0f;
    if (opcode !== CLOSE) return { type: opcode === PING ? "ping" : "pong", data: payload };
    const close = parseClose(payload, settings.text);
    return typeof close === "string" ? failure(close) : { type: "close", close };
  }

  /** A piece of an uncompressed data frame: as much as lies in this chunk. */
  #readPlain(input: Input, settings: Settings, raw: RawPiece | null): Event | null {
    const chunk = input.chunk, from = input.at;
    const take = Math.min(this.#left, input.end - from), to = from + take;
    const whole = settings.messages === "whole", key = this.#key;
    if (take > 0) {
      input.at = to;
      this.#left -= take;
      this.#key = rotate(key, take);
      if (key !== 0) input.unmask(from, to, key, settings);
    }
    const valid = this.#validUntil(chunk, from, to, settings);
    if (whole && this.#failed === null && take > 0) {
      const ahead = this.#first >= FIN ? this.#left : Infinity;
      (this.#assembler ??= new Assembler()).append(chunk, from, to, ahead);
    }
    return this.#endPiece(whole, input, chunk, from, valid, settings, raw);
  }

  /** A run of the inflater over what lies in this chunk; there may be more to come from the same octets. */
  #readCompressed(input: Input, settings: Settings, inflation: Inflation, raw: RawPiece | null): Event | null {
    const chunk = input.chunk, from = input.at;
    const take = Math.min(this.#left, input.end - from);
    if (this.#clear === 0 && take > 0) {
      if (this.#key !== 0) input.unmask(from, from + take, this.#key, settings);
      this.#key = rotate(this.#key, take);
      this.#clear = take;
    }
    const whole = settings.messages === "whole";
    const most = settings.limits.message + 1 - this.#size;
    const want = Math.min(Math.max(4 * this.#clear, 256), INFLATE_ROOM);
    const assembler = whole ? (this.#assembler ??= new Assembler()) : null;
    const room = assembler !== null ? assembler.room(want, INFLATE_ROOM) : new Uint8Array(Math.min(want, most));
    const at = assembler !== null ? assembler.used : 0;
    const end = Math.min(room.length, at + most);
    const final = this.#first >= FIN && this.#clear === this.#left;
    const ok = inflation.run(chunk, from, from + this.#clear, room, at, end, final);
    const { read, written } = inflation;
    input.at += read;
    this.#left -= read;
    this.#clear -= read;
    this.#size += written;
    let to = at + written;
    if (!ok) this.#failed = "BAD_DEFLATE";
    if (this.#size > settings.limits.message) {
      this.#failed = "MESSAGE_TOO_BIG";
      to--;
    }
    const valid = this.#validUntil(room, at, to, settings);
    if (assembler !== null) assembler.wrote(written);
    this.#full = this.#failed === null && at + written === end;
    const more = this.#full || (this.#failed === null && this.#clear > 0);
    if (more && whole) return null;
    return this.#endPiece(whole, null, room, at, valid, settings, raw, more, inflation);
  }

  /** Where valid UTF-8 ends in bytes[from, to); sets #failed if that is before `to`. */
  #validUntil(bytes: Uint8Array, from: number, to: number, settings: Settings): number {
    if (this.#kind !== "text" || from === to) return to;
    const before = this.#utf8;
    this.#utf8 = validate(bytes, from, to, before, settings.isUtf8);
    if (this.#utf8 !== REJECT) return to;
    this.#failed = "BAD_UTF8";
    return firstInvalid(bytes, from, to, before);
  }

  /** Closes the frame and the message where this piece ends them, and makes the event for it. `input`: the piece is still in its chunk. */
  #endPiece(
    whole: boolean,
    input: Input | null,
    bytes: Uint8Array,
    from: number,
    to: number,
    settings: Settings,
    raw: RawPiece | null,
    more = false,
    inflation: Inflation | null = null,
  ): Event | null {
    const frameEnds = this.#left === 0 && !more;
    const messageEnds = frameEnds && this.#first >= FIN;
    if (messageEnds && this.#failed === null) {
      if (inflation !== null && !inflation.finish()) this.#failed = "BAD_DEFLATE";
      else if (this.#utf8 !== ACCEPT) this.#failed = "BAD_UTF8";
    }
    const failed = this.#failed !== null;
    if (frameEnds) this.#read = 0;
    if (whole) {
      if (failed) return failure(this.#failed!);
      if (!messageEnds) return null;
      const message = this.#assembler === null ? EMPTY.slice() : this.#assembler.take();
      const text = this.#kind === "text";
      this.#endMessage();
      return text
        ? { type: "text", data: settings.text.decodeValid(message, 0, message.length) }
        : { type: "binary", data: message };
    }
    const last = messageEnds && !failed;
    if (from === to && !last) return null;
    const first = !this.#begun, kind = this.#kind as Kind;
    this.#begun = true;
    if (last) this.#endMessage();
    if (raw !== null) return raw.set(kind, bytes, from, to, first, last);
    const data = input !== null ? keep(input, from, to, 0, settings) : trim(bytes as Bytes, from, to);
    return { type: "part", kind, data, first, last };
  }

  #endMessage(): void {
    this.#kind = "";
    this.#compressed = false;
    this.#frames = this.#wire = this.#size = 0;
    this.#utf8 = ACCEPT;
    this.#begun = false;
    this.#assembler = null;
  }
}

/** An array to keep, out of one that only this piece uses. */
function trim(bytes: Bytes, from: number, to: number): Bytes {
  return mayView(to - from, bytes.buffer.byteLength) ? bytes.subarray(from, to) : bytes.slice(from, to);
}
function failure(code: FaultCode): Event {
  return { type: "fault", fault: faultOf(code) };
}

const WHOLE_TEXT = 0x81;
const WHOLE_BINARY = 0x82;
const INFLATE_ROOM = 16 * 1024;
