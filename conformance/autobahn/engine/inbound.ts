// What comes in: octets from the peer, in any pieces, and the rules of the connection. What goes out: whole messages and control frames,
// and every broken rule. A broken rule stops nothing: the frame is read to its end all the same, until the endpoint says `stopped`, so a
// frame may break several, and the order in which they are found decides how the connection ends.
// RFC 6455 §5.2 to §5.5, §8.1; RFC 7692 §7.2.2. Next file: endpoint.ts.
import type { Inflate } from "./deflate.ts";
import { Growing } from "./growing.ts";
import { applyMask } from "./mask.ts";
import type { Flow } from "./traffic.ts";
import { Utf8Watch } from "./utf8.ts";
import type { FrameIn } from "./wirelog.ts";

/** What the endpoint does with what was read. */
export interface Receiver {
  /** Nothing more is read. */
  stopped(): boolean;
  /** The connection was failed: messages are read, but not kept. */
  failed(): boolean;
  /** Traffic counts. */
  open(): boolean;
  /** RFC 6455 §7.1.7 with 1002. */
  violation(reason: string): void;
  /** The same with 1007. */
  invalid(reason: string): void;
  /** A whole frame, before its consequences; the payload is borrowed, and empty once the connection was failed. */
  frame(frame: FrameIn, payload: Uint8Array): void;
  /** The octets are borrowed. */
  message(binary: boolean, octets: Uint8Array): void;
  /** Any opcode above 7. The payload is the receiver's. */
  control(opcode: number, payload: Uint8Array): void;
  /** Compressed octets make no sense: the original's program stops reading at this point. */
  broken(): void;
}

export interface InboundOptions {
  readonly receiver: Receiver;
  /** The incoming half of the traffic. */
  readonly flow: Flow;
  /** What is wrong with a mask, or with none; null: nothing. */
  readonly judgeMask: (masked: boolean) => string | null;
  readonly inflate: Inflate | null;
}

interface Frame extends FrameIn {
  readonly length: number;
  /** Octets of the payload so far. */
  got: number;
  /** Of a data frame: where its payload begins in the message. */
  readonly from: number;
}

/** The receiving half of the fuzzer's endpoint. */
export class Inbound {
  readonly #receiver: Receiver;
  readonly #flow: Flow;
  readonly #judgeMask: InboundOptions["judgeMask"];
  readonly #inflate: Inflate | null;
  readonly #header = new Uint8Array(14);
  #have = 0;
  #frame: Frame | null = null;
  #insideMessage = false;
  #binary = false;
  #compressed = false;
  #validates = false;
  readonly #utf8 = new Utf8Watch();
  readonly #message = new Growing();
  readonly #control = new Growing();

  constructor({ receiver, flow, judgeMask, inflate }: InboundOptions) {
    this.#receiver = receiver;
    this.#flow = flow;
    this.#judgeMask = judgeMask;
    this.#inflate = inflate;
  }

  /** One read. The bytes are unmasked in place. */
  receive(bytes: Uint8Array): void {
    for (let at = 0; !this.#receiver.stopped();) {
      if (this.#frame === null) {
        at = this.#fillHeader(bytes, at, 2);
        if (this.#have < 2) return;
        // Measured on the original: while the rest of a header is still to come, each read judges its first two octets anew.
        this.#judgeFlags(this.#header[0], this.#header[1]);
        const size = headerSize(this.#header[1]);
        at = this.#fillHeader(bytes, at, size);
        if (this.#have < size) return;
        this.#beginFrame(size);
        if (at === bytes.byteLength && this.#frame!.length > 0) return;
      } else {
        const frame = this.#frame;
        const end = Math.min(bytes.byteLength, at + frame.length - frame.got);
        this.#payload(frame, bytes.subarray(at, end));
        at = end;
        if (frame.got === frame.length) this.#endFrame(frame);
        if (at === bytes.byteLength) return;
      }
    }
  }

  #fillHeader(bytes: Uint8Array, from: number, size: number): number {
    let at = from;
    while (this.#have < size && at < bytes.byteLength) this.#header[this.#have++] = bytes[at++];
    return at;
  }

  #judgeFlags(byte0: number, byte1: number): void {
    const rsv = (byte0 >> 4) & 7;
    const opcode = byte0 & 15;
    const length = byte1 & 127;
    const compressed = this.#inflate !== null && rsv === 4;
    const no = (reason: string): void => this.#receiver.violation(reason);
    if (rsv !== 0 && !compressed) no(`RSV = ${rsv} and no extension negotiated`);
    const wrongMask = this.#judgeMask(byte1 >= 128);
    if (wrongMask !== null) no(wrongMask);
    if (opcode > 7) {
      if (byte0 < 128) no("fragmented control frame");
      if (length > 125) no("control frame with payload length > 125 octets");
      if (opcode > 10) no(`control frame using reserved opcode ${opcode}`);
      if (opcode === 8 && length === 1) no("received close control frame with payload len 1");
      if (compressed) no("received compressed control frame [permessage-deflate]");
      return;
    }
    if (opcode > 2) no(`data frame using reserved opcode ${opcode}`);
    if (!this.#insideMessage && opcode === 0) no("received continuation data frame outside fragmented message");
    if (this.#insideMessage && opcode !== 0) no("received non-continuation data frame while inside fragmented message");
    if (this.#insideMessage && compressed) no("received continuation data frame with compress bit set [permessage-deflate]");
  }

  #beginFrame(size: number): void {
    const header = this.#header;
    const view = new DataView(header.buffer);
    const small = header[1] & 127;
    const length = small === 126 ? view.getUint16(2) : small === 127 ? Number(view.getBigUint64(2)) : small;
    if (small === 127 && header[2] >= 128) this.#receiver.violation("invalid data frame length (>2^63)");
    if ((small === 126 && length < 126) || (small === 127 && length < 65536)) {
      this.#receiver.violation("invalid data frame length (not using minimal length encoding)");
    }
    const frame: Frame = {
      opcode: header[0] & 15,
      fin: header[0] >= 128,
      rsv: (header[0] >> 4) & 7,
      mask: header[1] >= 128 ? header.slice(size - 4, size) : null,
      length,
      got: 0,
      from: this.#insideMessage ? this.#message.length : 0,
    };
    this.#have = 0;
    this.#frame = frame;
    if (frame.opcode > 7) this.#control.length = 0;
    else if (!this.#insideMessage) this.#beginMessage(frame);
  }

  #beginMessage({ opcode, rsv, length }: Frame): void {
    this.#insideMessage = true;
    this.#binary = opcode === 2;
    this.#compressed = this.#inflate !== null && rsv === 4;
    this.#validates = opcode === 1;
    this.#message.length = 0;
    this.#message.reserve(Math.min(length, MOST_AT_ONCE));
    if (this.#compressed) this.#inflate!.begin();
    this.#utf8.begin();
  }

  #payload(frame: Frame, bytes: Uint8Array): void {
    if (frame.mask !== null) applyMask(bytes, frame.mask, frame.got);
    frame.got += bytes.byteLength;
    if (frame.opcode > 7) {
      this.#control.append(bytes);
      return;
    }
    const message = this.#message;
    const from = message.length;
    if (!this.#compressed) message.append(bytes);
    else if (!this.#inflating((inflate) => inflate.push(bytes, message))) return;
    const octets = message.room.subarray(from, message.length);
    if (this.#receiver.open()) {
      this.#flow.webSocket += bytes.byteLength;
      this.#flow.app += octets.byteLength;
    }
    if (this.#validates && !this.#utf8.push(octets)) {
      this.#receiver.invalid(
        `encountered invalid UTF-8 while processing text message at payload octet index ${this.#utf8.at}`,
      );
    }
    if (this.#receiver.failed()) message.length = from;
  }

  #endFrame(frame: Frame): void {
    const receiver = this.#receiver;
    this.#frame = null;
    if (frame.opcode > 7) {
      const payload = this.#control.octets.slice();
      receiver.frame(frame, payload);
      receiver.control(frame.opcode, payload);
      return;
    }
    const message = this.#message;
    if (receiver.open()) this.#flow.frames++;
    receiver.frame(frame, message.room.subarray(frame.from, message.length));
    if (!frame.fin) return;
    if (this.#compressed && !this.#inflating((inflate) => inflate.end())) return;
    if (this.#validates && !this.#utf8.complete) {
      receiver.invalid(`UTF-8 text message payload ended within Unicode code point at payload octet index ${this.#utf8.at}`);
    }
    if (receiver.open()) this.#flow.messages++;
    this.#insideMessage = false;
    if (!receiver.failed()) receiver.message(this.#binary, message.octets);
  }

  #inflating(run: (inflate: Inflate) => void): boolean {
    try {
      run(this.#inflate!);
      return true;
    } catch {
      this.#receiver.broken();
      return false;
    }
  }
}

function headerSize(byte1: number): number {
  const small = byte1 & 127;
  return 2 + (small === 126 ? 2 : small === 127 ? 8 : 0) + (byte1 >= 128 ? 4 : 0);
}

/** A length is only a promise: no more than this is set aside for it. */
const MOST_AT_ONCE = 32 * 1024 * 1024;
