// What comes in: a published report. What goes out: the record that our engine leaves of the same case with a peer that does the same, on a
// virtual clock, with the random octets that the original drew. Where the report tells the sizes of its reads, the peer's octets arrive in
// those. Next file: published.test.ts.
import { concat, fromHex, utf8 } from "../../frames/encode.ts";
import { virtualHost } from "../../support/virtual.ts";
import { CASES } from "../cases/all.ts";
import { answerRequest, judgeRequest } from "../engine/handshake.ts";
import { lines } from "../engine/head.ts";
import type { Peer } from "../engine/in-process.ts";
import type { World } from "../engine/link.ts";
import { type CommonOptions, type Opening, play, type Player } from "../engine/play.ts";
import type { CaseResult } from "../engine/result.ts";
import { createWire } from "../engine/wire.ts";
import { handmade } from "./handmade.ts";
import type { Published } from "./published.ts";

/** Plays the case of a report again. */
export function replay(published: Published): CaseResult {
  const { id, agent, fuzzer, request, response, random, peer: flaws, reads } = published;
  const theCase = CASES.find((one) => one.id === id)!;
  const host = virtualHost();
  const wire = createWire(host);
  const drawn = [...(random.key === "" ? [] : [fromBase64(random.key)]), ...random.masks.map(fromHex)];
  const world: World = {
    now: () => host.now(),
    date: () => 0,
    later: (milliseconds, then) => void host.after(milliseconds, then),
    random: (bytes) => bytes.set(drawn.shift()!),
  };
  let result: CaseResult | null = null;
  const common: CommonOptions = { link: wire.fuzzer, world, index: 1, done: (found) => result = found };
  const role = fuzzer === "server" ? "client" : "server";
  const peer = handmade({ role, flaws, head: () => lines(role === "client" ? request : response) });
  const start = fuzzer === "server"
    ? (): Player => play(theCase, { ...common, role: "server", agent, opening: openingOf(lines(request)) })
    : (): Player => play(theCase, { ...common, role: "client", agent, target: fuzzer });
  if (fuzzer === "server") {
    // Who owns the socket reads the request, so the player comes into being with it.
    let player: Player | null = null;
    wire.connect({
      received: (bytes) => player === null ? void (player = start()) : player.received(bytes),
      lost: () => player?.lost(),
    }, peer(wire.peer));
  } else {
    wire.connect(start(), inReads(peer, reads ?? [])(wire.peer));
  }
  while (result === null && host.next());
  return result!;
}

function openingOf(head: string): Opening {
  const judged = judgeRequest(head);
  if ("failed" in judged) throw new Error(judged.failed);
  return { ...answerRequest(judged.request, null), reads: [utf8(head)], request: head, rest: new Uint8Array(0) };
}

/** The peer, whose octets arrive in reads of these sizes, each in a turn of its own; what is beyond them as it comes. */
function inReads(peer: Peer, reads: readonly number[]): Peer {
  return (link) => {
    const sizes = [...reads];
    let held: Uint8Array = new Uint8Array(0);
    let ends = false;
    let isWaiting = false;
    const turn = (): void => {
      isWaiting = false;
      const size = sizes[0] ?? held.byteLength;
      if (held.byteLength >= size && size > 0) {
        sizes.shift();
        link.write(held.slice(0, size));
        held = held.subarray(size);
        wake();
      } else if (ends) {
        link.end();
      }
    };
    const wake = (): void => {
      if (!isWaiting) link.later(0, turn);
      isWaiting = true;
    };
    return peer({
      ...link,
      write(bytes) {
        held = concat([held, bytes]);
        wake();
      },
      end() {
        ends = true;
        wake();
      },
    });
  };
}

function fromBase64(text: string): Uint8Array {
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
}
