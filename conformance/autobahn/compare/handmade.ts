// What comes in: a role, a list of flaws. What goes out: an echo peer by hand that is correct but for them.
// It is built on the frame layer of the tests, not on the core: the fuzzer must be tried with peers that do what no peer of ours can do.
// Frames are judged whole, so broken UTF-8 is noticed when a message is complete, not before (NON-STRICT in 6.4).
// RFC 6455 §5 to §8. Next file: peers.ts, the table of those that are used.
import { closePayload, concat, encode, type FrameSpec, utf8 } from "../../frames/encode.ts";
import { isCloseCode } from "../../frames/oracle.ts";
import { type Frame, FrameReader } from "../../frames/reader.ts";
import { judgeUtf8 } from "../../frames/utf8.ts";
import { acceptOf, cutHead, lines, parseHead } from "../engine/head.ts";
import type { Peer } from "../engine/in-process.ts";
import type { Role } from "../genuine/verdicts.ts";

/** What a peer does wrong, or does differently. */
export interface Flaws {
  /** Nothing leaves behind the opening handshake but the end of TCP. */
  readonly silent?: boolean;
  /** FIN right behind the opening handshake. */
  readonly dropsAtOnce?: boolean;
  /** TCP is never ended by this peer. */
  readonly keepsTcp?: boolean;
  /** What is done with a Close: default it is answered. "drops": with FIN instead, and faults as well. */
  readonly close?: "ignores" | "drops";
  /** The code of every Close that is sent; default the code received, or that of the fault. */
  readonly closeCode?: number;
  /** Text is not checked. */
  readonly anyText?: boolean;
  /** Reserved bits and opcodes are not checked. */
  readonly anyHeader?: boolean;
  /** A server masks, a client does not. */
  readonly wrongMask?: boolean;
  /** Lengths are written in a longer form than needed. */
  readonly longLengths?: boolean;
  /** Milliseconds from a Ping to its Pong. */
  readonly pongDelay?: number;
  /** A Pong that nobody asked for goes before each message. */
  readonly heartbeat?: boolean;
  /** A frame of a fragmented message is a fault, 1003. */
  readonly wholeMessagesOnly?: boolean;
  /** Each frame of a fragmented message comes back as a message. */
  readonly ignoresFin?: boolean;
  /** Messages come back in so many frames of equal size, which is allowed. */
  readonly pieces?: number;
  /** One bit of each binary message is turned. */
  readonly corruptsBinary?: boolean;
}

export interface Handmade {
  readonly role: Role;
  readonly flaws: Flaws;
  /** Its half of the opening handshake: a client's request (nothing was received yet), a server's answer to the request received. */
  readonly head: (received: string) => string;
  /** Hears a message instead of sending it back. */
  readonly heard?: (payload: Uint8Array) => void;
}

/** The peer. */
export function handmade({ role, flaws, head, heard }: Handmade): Peer {
  return (link) => {
    const mask = (role === "client") !== (flaws.wrongMask ?? false) ? MASK : null;
    const reader = new FrameReader();
    let opening: Uint8Array | null = new Uint8Array(0);
    let message: { readonly opcode: number; readonly pieces: Uint8Array[] } | null = null;
    let isOver = false;

    const send = (spec: FrameSpec): void => {
      const form = flaws.longLengths === true && spec.opcode < 3 ? { form: 8 as const } : {};
      if (flaws.silent !== true) link.write(encode({ mask, ...form, ...spec }));
    };
    const end = (): void => {
      if (flaws.keepsTcp !== true) link.end();
    };
    /** The last frame. A server drops TCP behind it, a client leaves that to the server (RFC 6455 §7.1.1). */
    const close = (code: number | null): void => {
      isOver = true;
      if (flaws.close === "drops") return end();
      const sent = flaws.closeCode ?? code;
      send({ opcode: 8, payload: sent === null ? NOTHING : closePayload(sent) });
      if (role === "server" && flaws.silent !== true) end();
    };
    const echo = (opcode: number, payload: Uint8Array): void => {
      if (heard !== undefined) return heard(payload);
      if (flaws.heartbeat === true) send({ opcode: 10, payload: utf8("heartbeat") });
      const octets = flaws.corruptsBinary === true && opcode === 2 ? corrupted(payload) : payload;
      const size = Math.max(1, Math.ceil(octets.byteLength / (flaws.pieces ?? 1)));
      for (let at = 0; at === 0 || at < octets.byteLength; at += size) {
        const fin = at + size >= octets.byteLength;
        send({ opcode: at === 0 ? opcode : 0, fin, payload: octets.subarray(at, at + size) });
      }
    };
    const hear = (frame: Frame): void => {
      const { opcode, payload } = frame;
      const fault = faultOf(frame, message !== null, flaws);
      if (fault !== null) return close(fault);
      if (opcode === 8) {
        if (flaws.close !== "ignores") close(payload.byteLength === 0 ? null : payload[0] * 256 + payload[1]);
      } else if (opcode === 9) {
        const pong = (): void => isOver ? undefined : send({ opcode: 10, payload });
        if (flaws.pongDelay === undefined) pong();
        else link.later(flaws.pongDelay, pong);
      } else if (opcode < 3) {
        gather(frame);
      }
    };
    const gather = ({ opcode, fin, payload }: Frame): void => {
      if (flaws.ignoresFin === true) return echo(opcode === 2 ? 2 : 1, payload);
      message ??= { opcode, pieces: [] };
      message.pieces.push(payload);
      if (!fin) return;
      const whole = { opcode: message.opcode, payload: concat(message.pieces) };
      message = null;
      if (whole.opcode === 1 && flaws.anyText !== true && !isText(whole.payload)) close(1007);
      else echo(whole.opcode, whole.payload);
    };

    if (role === "client") link.write(utf8(head("")));
    return {
      received(bytes) {
        let rest = bytes;
        if (opening !== null) {
          opening = concat([opening, bytes]);
          const cut = cutHead(opening);
          if (cut === null) return;
          opening = null;
          rest = cut.rest;
          if (role === "server") link.write(utf8(head(cut.head)));
          if (flaws.dropsAtOnce === true) {
            isOver = true;
            end();
          }
        }
        reader.receive(rest);
        for (let frame = reader.next(); frame !== null && !isOver; frame = reader.next()) hear(frame);
      },
      ended() {
        isOver = true;
        end();
      },
    };
  };
}

/** A request for a WebSocket, as short as it can be. */
export function requestOf(authority: string, resource: string): string {
  return lines([
    `GET ${resource} HTTP/1.1`,
    `Host: ${authority}`,
    "Upgrade: websocket",
    "Connection: Upgrade",
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
    "Sec-WebSocket-Version: 13",
  ]);
}

/** The answer to a request. No extension is agreed to. */
export function answerTo(request: string): string {
  const key = parseHead(request).headers.get("sec-websocket-key") ?? "";
  return lines([
    "HTTP/1.1 101 Switching Protocols",
    "Upgrade: websocket",
    "Connection: Upgrade",
    `Sec-WebSocket-Accept: ${acceptOf(key)}`,
  ]);
}

/** The close code that a frame asks for; null: nothing is wrong with it. */
function faultOf({ opcode, fin, rsv, payload }: Frame, insideMessage: boolean, flaws: Flaws): number | null {
  if (flaws.anyHeader !== true && (rsv !== 0 || !OPCODES.has(opcode))) return 1002;
  if (opcode > 7) {
    if (!fin || payload.byteLength > 125) return 1002;
    return opcode === 8 ? faultOfClose(payload, flaws) : null;
  }
  if (flaws.ignoresFin === true) return null;
  if (opcode < 3 && (opcode === 0) !== insideMessage) return 1002;
  return flaws.wholeMessagesOnly === true && !fin ? 1003 : null;
}

function faultOfClose(payload: Uint8Array, flaws: Flaws): number | null {
  if (payload.byteLength === 0) return null;
  if (payload.byteLength === 1 || !isCloseCode(payload[0] * 256 + payload[1])) return 1002;
  return flaws.anyText === true || isText(payload.subarray(2)) ? null : 1007;
}

function isText(octets: Uint8Array): boolean {
  const { wrongAt, open } = judgeUtf8(octets);
  return wrongAt < 0 && !open;
}

function corrupted(octets: Uint8Array): Uint8Array {
  return octets.map((octet, i) => i === octets.byteLength - 1 ? octet ^ 1 : octet);
}

const OPCODES: ReadonlySet<number> = new Set([0, 1, 2, 8, 9, 10]);
const NOTHING = new Uint8Array(0);
/** The masking key of RFC 6455 §5.7. Fixed: nobody but the fuzzer is to be found out here. */
const MASK = Uint8Array.of(0x37, 0xfa, 0x21, 0x3d);
