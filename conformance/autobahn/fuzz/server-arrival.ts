// What comes in: an accepted connection. What goes out: its request, once the head is whole and judged, or an end to it.
// Host may name any port: containers map ports, and what the original compares there protects nothing. RFC 6455 §4.2.1; RFC 9112 §2.
// Next file: server.ts.
import { concat, utf8 } from "../../frames/encode.ts";
import { answerRequest, judgeRequest, refusalText, type Request } from "../engine/handshake.ts";
import { cutHead, parseHead } from "../engine/head.ts";
import type { Case } from "../cases/case.ts";
import type { Opening } from "../engine/play.ts";
import type { Tcp } from "./tcp.ts";

/** A request for a WebSocket. */
export interface Arrival {
  readonly request: Request;
  /** What a player needs to begin; `theCase` says what may be agreed. */
  opening(theCase: Case | null): Opening;
  /** Sends an HTTP response instead, behind which the connection ends. */
  refuse(response: string): void;
}

/** What to do with who arrives. */
export interface Doors {
  upgrade(arrival: Arrival): void;
  /** There was no Upgrade header: the response for this path. */
  page(path: string): string;
}

/** Waits for a request; a peer that sends none in so many seconds is dropped. */
export function arrive({ link, world, start }: Tcp, seconds: number, doors: Doors): void {
  const reads: Uint8Array[] = [];
  let isWaiting = true;
  const say = (response: string): void => {
    link.write(utf8(response));
    link.end();
  };
  world.later(seconds * 1000, () => {
    if (isWaiting) link.abort();
  });
  start({
    received(bytes) {
      if (!isWaiting) return;
      reads.push(bytes);
      const all = concat(reads);
      const cut = cutHead(all);
      if ((cut?.head.length ?? all.byteLength) > MOST) {
        isWaiting = false;
        return say(refusalText(431, "Request Header Fields Too Large"));
      }
      if (cut === null) return;
      isWaiting = false;
      const judged = judgeRequest(cut.head);
      if ("failed" in judged) return say(judged.response ?? doors.page(pathOf(cut.head)));
      const { request } = judged;
      doors.upgrade({
        request,
        refuse: say,
        opening: (theCase) => ({ ...answerRequest(request, theCase?.deflate ?? null), reads, request: cut.head, rest: cut.rest }),
      });
    },
    lost() {
      isWaiting = false;
    },
  });
}

function pathOf(head: string): string {
  return parseHead(head).first.split(" ")[1]?.split(/[?#]/)[0] ?? "/";
}

/** The longest head. */
const MOST = 65_536;
