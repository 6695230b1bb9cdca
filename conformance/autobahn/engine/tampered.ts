// What comes in: a peer that behaves. What goes out: a peer that misbehaves in one way: its frames are changed on their way out, or it
// never lets go of TCP. For trying the fuzzer itself: each verdict has a peer that must earn it. RFC 6455 §5.2. Next file: ../fuzz.
import { concat, encode, type FrameSpec } from "../../frames/encode.ts";
import { type Frame, FrameReader } from "../../frames/reader.ts";
import { cutHead } from "./head.ts";
import type { Peer } from "./in-process.ts";

export interface Tampering {
  /** What leaves instead of a frame. Frames are masked like the one they replace, unless they say otherwise. */
  readonly frame?: (frame: Frame) => readonly FrameSpec[];
  /** TCP stays open, whatever happens. */
  readonly keepsTcp?: boolean;
}

/** The peer, with something wrong about what it sends. Its opening handshake is left alone. */
export function tampered(peer: Peer, { frame: change = (frame) => [frame], keepsTcp = false }: Tampering): Peer {
  return (link) => {
    const reader = new FrameReader();
    let head: Uint8Array | null = new Uint8Array(0);
    const frames = (bytes: Uint8Array): void => {
      reader.receive(bytes);
      for (let frame = reader.next(); frame !== null; frame = reader.next()) {
        for (const spec of change(frame)) link.write(encode({ mask: frame.mask, ...spec }));
      }
    };
    return peer({
      ...link,
      write(bytes) {
        if (head === null) return frames(bytes);
        head = concat([head, bytes]);
        const cut = cutHead(head);
        if (cut === null) return;
        link.write(head.subarray(0, head.byteLength - cut.rest.byteLength));
        head = null;
        frames(cut.rest);
      },
      end: () => keepsTcp || link.end(),
      abort: () => keepsTcp || link.abort(),
    });
  };
}
