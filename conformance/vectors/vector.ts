// What comes in: one attack of a peer as octets. What goes out: what must come of it, and the octets that a peer would send to get there.
// RFC 6455 §4 to §8, RFC 7692. The rows are those of README.md beside this file. Data of this type stands in attacks-handshake.ts,
// attacks-frames.ts, attacks-deflate.ts and regressions.ts. Next file: played.ts, which plays them.
import type { Bytes, DeflateParams, Options, Role } from "../../core/types.ts";
import { encodeAll, type FrameSpec, fromHex } from "../frames/encode.ts";

export interface Attack {
  /** The row of the table in README.md. */
  readonly row: string;
  readonly name: string;
  /** Who reads the input. */
  readonly role: Role;
  /** true: the input starts with the opening handshake; otherwise that is behind. */
  readonly opening?: true;
  readonly options?: Options;
  /** Subprotocols that a client asks for. */
  readonly protocols?: readonly string[];
  /** What was agreed on, where the opening handshake is behind. */
  readonly deflate?: DeflateParams;
  readonly input: Bytes;
  /** What is reported, in the words of `inShort`; `open` only where the handshake is part of the input. */
  readonly events: readonly string[];
  /** The status of a refusal, or the code of our Close frame, 1005 for an empty one; null: neither is written. */
  readonly answer: number | null;
  /** Headers of a server's answer; null: there is none of that name. */
  readonly headers?: Readonly<Record<string, string | null>>;
}

/** Everything but what differs from one attack of a row to the next. */
export type Rest = Partial<Pick<Attack, "options" | "deflate">>;

/** Frames as the peer of `role` sends them: masked to a server unless they say otherwise. */
export function framesTo(role: Role, frames: readonly FrameSpec[]): Bytes {
  return encodeAll(role === "server" ? frames.map((frame) => ({ mask: MASK, ...frame })) : frames);
}
/** Frames that mean the same to a server and to a client. */
export function toBoth(
  row: string,
  name: string,
  frames: readonly FrameSpec[],
  events: readonly string[],
  answer: number | null = null,
  rest: Rest = {},
): Attack[] {
  return (["server", "client"] as const).map((role) => ({
    row,
    name: `${name}, to a ${role}`,
    role,
    input: framesTo(role, frames),
    events,
    answer,
    ...rest,
  }));
}

export const MASK: Bytes = fromHex("37 fa 21 3d");
