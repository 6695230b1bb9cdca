// What comes in: everything one side wrote behind its opening handshake. What goes out: a list of what is wrong with it, best empty.
// Law L19; RFC 6455 §5 and §7, RFC 7692 §6 and §7.2.1. A sender is judged by what a strict reader would say, and by the rules that
// only bind a sender. Next file: ../support/told.ts.
import type { DeflateParams, Role } from "../../core/types.ts";
import { decodeAll } from "./oracle.ts";
import { type Frame, readFrames } from "./reader.ts";

export interface SenderOptions {
  /** Who wrote it: a client masks. */
  readonly role: Role;
  readonly deflate?: DeflateParams | null;
  /** true: the stream must not stop inside a frame or a message. Default false. */
  readonly complete?: boolean;
}

/** Every violation in an output stream, as sentences. */
export function violations(bytes: Uint8Array, { role, deflate = null, complete = false }: SenderOptions): readonly string[] {
  const { frames, rest } = readFrames(bytes);
  const closeAt = frames.findIndex(isClose);
  const found = new Set(frames.flatMap((frame, i) => ruleBreaks(frame, closeAt !== -1 && i > closeAt, role)));
  const reader = role === "client" ? "server" : "client";
  const { events } = decodeAll(bytes, {
    role: reader,
    deflate,
    messages: "parts",
    limits: { message: Infinity, fragments: Infinity },
  });
  for (const event of events) if (event.type === "fault") found.add(`a strict reader fails with ${event.code}`);
  if (complete) {
    if (rest > 0) found.add(`${rest} octets of an unfinished frame`);
    const last = frames.findLast((frame) => frame.opcode < 8);
    if (last !== undefined && !last.fin && closeAt === -1) found.add("an unfinished message");
  }
  return [...found];
}

/** Rules that a reader does not see, or does not look at behind a Close. */
function ruleBreaks(frame: Frame, behindClose: boolean, role: Role): string[] {
  const found: string[] = [];
  if ((frame.mask !== null) !== (role === "client")) {
    found.push(`a ${role} sent a frame ${frame.mask === null ? "without" : "with"} a mask`);
  }
  if (!frame.minimal) found.push("a length that is not in its shortest form");
  if (frame.opcode >= 8 && (!frame.fin || frame.rsv !== 0 || frame.payload.byteLength > 125)) {
    found.push("a malformed control frame");
  }
  // RFC 6455 §5.5.1: no data behind a Close, and only one of it. A Pong may follow ours, until the peer's has come.
  if (behindClose && frame.opcode !== 10) found.push(isClose(frame) ? "a second Close" : "a frame behind the Close");
  return found;
}
function isClose(frame: Frame): boolean {
  return frame.opcode === 8;
}
