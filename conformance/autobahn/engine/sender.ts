// What comes in: frames, messages, and the parts of a frame that is sent little by little. What goes out: their octets through the writer,
// and a row for each frame. Nothing is checked: a case may send whatever it likes. A message, unlike a frame, is sent only while the
// connection is open. RFC 6455 §5.2 to §5.4, §6.1; RFC 7692 §7.2.1. Next file: inbound.ts.
import { Buffer } from "node:buffer";
import type { Kind, Payload } from "../cases/case.ts";
import { encode } from "../../frames/encode.ts";
import type { Compress } from "./deflate.ts";
import type { World } from "./link.ts";
import { applyMask } from "./mask.ts";
import type { Flow } from "./traffic.ts";
import type { Wirelog } from "./wirelog.ts";
import type { EndpointState, How, Write } from "./writer.ts";

export interface SenderOptions {
  readonly write: Write;
  readonly world: World;
  readonly wirelog: Wirelog;
  /** The outgoing half of the traffic. */
  readonly flow: Flow;
  /** Frames are masked: the fuzzer is the client. */
  readonly masks: boolean;
  readonly state: () => EndpointState;
}

/** A frame as a case wants it. */
export interface Outgoing extends How {
  readonly opcode: number;
  /** Default true. */
  readonly fin?: boolean | undefined;
  /** Three bits, RSV1 the highest. Default 0. */
  readonly rsv?: number | undefined;
  readonly payload: Payload;
  /** As a step of a case has it. */
  readonly mask?: "reversed" | "zero" | undefined;
  readonly form?: 2 | 8 | undefined;
  readonly declare?: number | undefined;
}

export interface MessageHow extends How {
  /** Payload octets per frame, compressed ones where it is compressed; absent: `fragment` of the sender. */
  readonly fragment?: number | undefined;
  /** The message as `compress` would leave it, where that is known. */
  readonly compressed?: Uint8Array | undefined;
}

/** The sending half of the fuzzer's endpoint. */
export interface Sender {
  /** Payload octets per frame of a message; 0: one frame. */
  fragment: number;
  /** Set once deflate is agreed: every message is compressed. */
  compress: Compress | null;
  /** In any state. The payload is copied. */
  frame(frame: Outgoing): void;
  message(kind: Kind, octets: Uint8Array, how?: MessageHow): void;
  /** The header of a text or binary frame without FIN. */
  beginFrame(kind: Kind, length: number): void;
  /** Payload of that frame. */
  frameData(octets: Uint8Array): void;
  /** An empty final continuation. */
  endMessage(): void;
}

export function createSender({ write, world, wirelog, flow, masks, state }: SenderOptions): Sender {
  /** Of the frame that is being sent little by little. */
  let openMask: Uint8Array | null = null;
  let sent = 0;
  const newMask = (how?: Outgoing["mask"]): Uint8Array | null => {
    if (masks === (how === "reversed")) return null;
    const mask = new Uint8Array(4);
    if (how !== "zero") world.random(mask);
    return mask;
  };
  const frame = ({ opcode, fin = true, rsv = 0, payload, chop, sync = false, mask: how, form, declare }: Outgoing): void => {
    const mask = newMask(how);
    const raw = form === undefined && declare === undefined ? octetsOf({ opcode, fin, rsv, mask }, payload) : encode({
      opcode,
      fin,
      rsv,
      mask,
      payload: expand(payload),
      ...(form === undefined ? {} : { form }),
      ...(declare === undefined ? {} : { declare }),
    });
    if (opcode <= 2) flow.frames++;
    const repeated = payload instanceof Uint8Array ? null : payload.length;
    wirelog.frameOut({ opcode, fin, rsv, mask, payload: patternOf(payload), repeated, chop: chop ?? null, sync });
    write(raw, { chop, sync });
  };

  const sender: Sender = {
    fragment: 0,
    compress: null,
    frame,
    message(kind, octets, { fragment = sender.fragment, compressed, chop, sync } = {}) {
      if (state() !== "open") return;
      const payload = compressed ?? sender.compress?.(octets) ?? octets;
      flow.messages++;
      flow.app += octets.byteLength;
      flow.webSocket += payload.byteLength;
      const size = fragment > 0 ? fragment : Infinity;
      const opcode = kind === "text" ? 1 : 2;
      const rsv = sender.compress === null ? 0 : 4;
      // Where the size divides the whole, the last frame is an empty one.
      for (let at = 0, fin = payload.byteLength <= size;; at += size) {
        frame({
          opcode: at === 0 ? opcode : 0,
          rsv: at === 0 ? rsv : 0,
          fin,
          payload: payload.subarray(at, at + size),
          chop,
          sync,
        });
        if (fin) return;
        fin = at + 2 * size > payload.byteLength;
      }
    },
    beginFrame(kind, length) {
      if (state() !== "open") return;
      openMask = newMask();
      sent = 0;
      flow.messages++;
      flow.frames++;
      write(encode({ opcode: kind === "text" ? 1 : 2, fin: false, mask: openMask, declare: length }));
    },
    frameData(octets) {
      if (state() !== "open") return;
      const payload = octets.slice();
      if (openMask !== null) applyMask(payload, openMask, sent);
      sent += payload.byteLength;
      flow.app += payload.byteLength;
      flow.webSocket += payload.byteLength;
      write(payload);
    },
    endMessage() {
      if (state() === "open") frame({ opcode: 0, payload: NOTHING });
    },
  };
  return sender;
}

/** How many octets a payload has once it is repeated. */
export function sizeOf(payload: Payload): number {
  return payload instanceof Uint8Array ? payload.byteLength : payload.length;
}

/** The octets of a payload; a pattern is written out. */
export function expand(payload: Payload): Uint8Array {
  if (payload instanceof Uint8Array) return payload;
  const octets = new Uint8Array(payload.length);
  fill(octets, payload);
  return octets;
}

interface Head {
  readonly opcode: number;
  readonly fin: boolean;
  readonly rsv: number;
  readonly mask: Uint8Array | null;
}

/** One array for header and payload: of large messages there is no second copy. Measured: small frames are what 12 and 13 are slow with. */
function octetsOf({ opcode, fin, rsv, mask }: Head, payload: Payload): Uint8Array {
  const size = sizeOf(payload);
  const form = size < 126 ? 0 : size < 65536 ? 2 : 8;
  const at = 2 + form + (mask === null ? 0 : 4);
  const raw = new Uint8Array(at + size);
  raw[0] = (fin ? 0x80 : 0) | (rsv << 4) | opcode;
  raw[1] = (mask === null ? 0 : 0x80) | (form === 0 ? size : form === 2 ? 126 : 127);
  for (let i = 0, left = size; i < form; i++, left = Math.floor(left / 256)) raw[1 + form - i] = left % 256;
  if (mask !== null) raw.set(mask, at - 4);
  const body = raw.subarray(at);
  fill(body, payload);
  if (mask !== null) applyMask(body, mask);
  return raw;
}

function fill(octets: Uint8Array, payload: Payload): void {
  if (payload instanceof Uint8Array) octets.set(payload);
  else Buffer.from(octets.buffer, octets.byteOffset, octets.byteLength).fill(payload.pattern);
}
function patternOf(payload: Payload): Uint8Array {
  return payload instanceof Uint8Array ? payload : payload.pattern;
}

const NOTHING = new Uint8Array(0);
