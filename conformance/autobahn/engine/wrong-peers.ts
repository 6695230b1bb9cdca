// What comes in: nothing. What goes out: two peers that are wrong about everything, for trying the cases beyond the original: `naive` takes
// whatever comes, `timid` refuses whatever comes. A case that both pass asks for nothing. Neither is a machine of the core: they are written
// over the unchecked frame layer. RFC 6455 §5.2; RFC 7692 §7.2.2. Next file: in-process.ts.
import { constants, inflateRawSync } from "node:zlib";
import { closePayload, concat, encode, type FrameSpec, utf8 } from "../../frames/encode.ts";
import { type Frame, FrameReader } from "../../frames/reader.ts";
import { acceptOf, cutHead, lines, parseHead } from "./head.ts";
import type { Peer } from "./in-process.ts";
import type { PeerLink } from "./wire.ts";

/** Under test as a server or as a client. */
export type Role = "server" | "client";

/**
 * Opens on any head, agrees to anything, looks at no mask, no reserved bit, no length and no opcode, inflates what can be inflated, echoes
 * behind a Close too, and answers every Close with 1000.
 */
export function naive(role: Role): Peer {
  return wrong(role, "HTTP/1.1 101 Switching Protocols", (link, send) => {
    const pieces: Uint8Array[] = [];
    let first: Frame | null = null;
    return (frame) => {
      switch (frame.opcode) {
        case 8:
          send({ opcode: 8, payload: closePayload(1000) });
          // Later, so that everything else it does wrong is on the wire.
          return link.later(100, () => link.end());
        case 9:
          return send({ opcode: 10, payload: frame.payload });
        case 10:
          return;
        default:
          first ??= frame;
          pieces.push(frame.payload);
          if (!frame.fin) return;
          send({ opcode: first.opcode === 2 ? 2 : 1, payload: contents(first, concat(pieces)) });
          pieces.length = 0;
          first = null;
      }
    };
  });
}

/** Refuses every request, and ends TCP on whatever else it gets, be it a response or a frame. */
export function timid(role: Role): Peer {
  return wrong(role, "HTTP/1.1 400 Bad Request", (link) => {
    if (role === "client") link.abort();
    return () => link.end();
  });
}

/** Opens as it should, and then never does anything. */
export function mute(role: Role): Peer {
  return wrong(role, "HTTP/1.1 101 Switching Protocols", () => () => {});
}

type Heard = (frame: Frame) => void;

function wrong(role: Role, answer: string, opened: (link: PeerLink, send: (frame: FrameSpec) => void) => Heard): Peer {
  return (link) => {
    const mask = role === "client" ? new Uint8Array(4) : null;
    const reader = new FrameReader();
    let held: Uint8Array = new Uint8Array(0);
    let heard: Heard | null = null;
    const open = (head: string): void => {
      if (role === "server") link.write(utf8(responseTo(head, answer)));
      heard = opened(link, (frame) => link.write(encode({ mask, ...frame })));
    };
    if (role === "client") link.write(utf8(REQUEST));
    return {
      received(bytes) {
        if (heard === null) {
          held = concat([held, bytes]);
          const cut = cutHead(held);
          if (cut === null) return;
          open(cut.head);
          reader.receive(cut.rest);
        } else {
          reader.receive(bytes);
        }
        for (let frame = reader.next(); frame !== null; frame = reader.next()) heard?.(frame);
      },
      ended: () => link.end(),
    };
  };
}

/** Its first extension is taken as it is. */
function responseTo(head: string, answer: string): string {
  const { headers } = parseHead(head);
  const [offer] = (headers.get("sec-websocket-extensions") ?? "").split(",");
  // Without a value it can only be offered, and everything with compressed messages would end here.
  const extension = offer.replace(/; *client_max_window_bits *(?=;|$)/, "");
  return lines([
    answer,
    "Upgrade: websocket",
    "Connection: Upgrade",
    `Sec-WebSocket-Accept: ${acceptOf(headers.get("sec-websocket-key") ?? "")}`,
    ...(extension === "" ? [] : [`Sec-WebSocket-Extensions: ${extension}`]),
  ]);
}

/** What a message holds, if it can be inflated; what cannot is taken as it is. */
function contents({ rsv, opcode }: Frame, octets: Uint8Array): Uint8Array {
  if (rsv < 4 || opcode > 2) return octets;
  try {
    return inflateRawSync(concat([octets, Uint8Array.of(0, 0, 255, 255)]), {
      finishFlush: constants.Z_SYNC_FLUSH,
      maxOutputLength: MOST,
    });
  } catch {
    return octets;
  }
}

const REQUEST = lines([
  "GET / HTTP/1.1",
  "Host: localhost:9001",
  "Upgrade: websocket",
  "Connection: Upgrade",
  "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
  "Sec-WebSocket-Version: 13",
  "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits",
]);
/** Octets. Even a naive peer is not to fill the memory of a test. */
const MOST = 1 << 20;
