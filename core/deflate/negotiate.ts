// Who compresses how: the parameters of permessage-deflate. What comes in: what the peer offers or answers, and our own wishes.
// What goes out: our offer, our answer, or the parameters in force. RFC 7692 §5.1, §7.1. Nothing here throws. `windowBits` bounds
// our own compressor: as a server it becomes server_max_window_bits, as a client client_max_window_bits. A peer's window is
// inflated whatever its size. Without `contextTakeover` both sides are asked to drop their windows, so that nobody keeps one.
// Next file: stage.ts.
import type { Extension, Param } from "../handshake/headers.ts";
import type { Deflate, DeflateParams } from "../types.ts";

/** The four parameters of an offer or an answer (RFC 7692 §7.1). */
export interface Terms {
  readonly clientNoTakeover: boolean;
  readonly serverNoTakeover: boolean;
  /** server_max_window_bits; null: absent. */
  readonly serverBits: number | null;
  /** client_max_window_bits; null: absent. Without a value, in an offer only: the client can bound its window. */
  readonly clientBits: number | "no value" | null;
}
export interface Answer {
  readonly params: DeflateParams;
  /** The value of Sec-WebSocket-Extensions. */
  readonly response: string;
}

/** A client's offer, as the value of Sec-WebSocket-Extensions. */
export function offer(deflate: Required<Deflate>): string {
  return print(offered(deflate));
}

/**
 * The terms of a client's offer.
 *
 * | parameter | offered |
 * |-|-|
 * | client_no_context_takeover, server_no_context_takeover | without contextTakeover |
 * | server_max_window_bits | never (RFC 7692 asks for a value; the peer's window is the peer's choice) |
 * | client_max_window_bits | without a value, or windowBits below 15; never if the engine cannot do 8: it may be answered |
 */
export function offered({ engine, contextTakeover, windowBits }: Required<Deflate>): Terms {
  return {
    clientNoTakeover: !contextTakeover,
    serverNoTakeover: !contextTakeover,
    serverBits: null,
    clientBits: engine.deflateBits[0] > MIN_BITS ? null : windowBits < MAX_BITS ? windowBits : "no value",
  };
}

/**
 * A server's answer to the first offer it can take, or null: the connection opens without compression. An offer with an unknown,
 * repeated or malformed parameter is declined, and the next one tried (RFC 7692 §5.1, §7.1).
 *
 * | parameter | not offered | offered |
 * |-|-|-|
 * | server_no_context_takeover | answered without contextTakeover | answered |
 * | client_no_context_takeover | answered without contextTakeover | answered: it saves us a window |
 * | server_max_window_bits | answered with windowBits below 15 | N: at most N and windowBits; declined if the engine cannot |
 * | client_max_window_bits | never answered | no value: not answered; N below 15: answered, it saves us memory |
 */
export function answer(offers: readonly Extension[], deflate: Required<Deflate>): Answer | null {
  for (const { name, params } of offers) {
    const asked = name === NAME ? termsOf(params) : null;
    if (asked === null) continue;
    const serverBits = Math.min(asked.serverBits ?? MAX_BITS, deflate.windowBits);
    if (serverBits < deflate.engine.deflateBits[0]) continue;
    const clientBits = typeof asked.clientBits === "number" ? asked.clientBits : MAX_BITS;
    const terms: Terms = {
      clientNoTakeover: asked.clientNoTakeover || !deflate.contextTakeover,
      serverNoTakeover: asked.serverNoTakeover || !deflate.contextTakeover,
      serverBits: asked.serverBits !== null || serverBits < MAX_BITS ? serverBits : null,
      clientBits: clientBits < MAX_BITS ? clientBits : null,
    };
    return {
      params: {
        serverWindowBits: serverBits,
        clientWindowBits: clientBits,
        serverTakeover: !terms.serverNoTakeover,
        clientTakeover: !terms.clientNoTakeover,
      },
      response: print(terms),
    };
  }
  return null;
}

/**
 * What a server's answer means for a client that asked for something, or null: the connection must fail (RFC 7692 §7.1).
 *
 * | parameter in the answer | not asked for | asked for |
 * |-|-|-|
 * | server_no_context_takeover | obeyed | absent: accepted, a window is kept |
 * | client_no_context_takeover | obeyed | absent: our choice |
 * | server_max_window_bits | 8 to 15 accepted | N: a value up to N; absent: null |
 * | client_max_window_bits | null | 8 to 15, up to an offered value; no value: null |
 */
export function verify(
  response: readonly Param[],
  deflate: Required<Deflate>,
  asked: Terms = offered(deflate),
): DeflateParams | null {
  const got = termsOf(response);
  if (got === null || got.clientBits === "no value") return null;
  if (asked.serverBits !== null && (got.serverBits === null || got.serverBits > asked.serverBits)) return null;
  if (got.clientBits !== null && asked.clientBits === null) return null;
  if (got.clientBits !== null && typeof asked.clientBits === "number" && got.clientBits > asked.clientBits) return null;
  return {
    serverWindowBits: got.serverBits ?? MAX_BITS,
    clientWindowBits: Math.min(got.clientBits ?? MAX_BITS, deflate.windowBits),
    serverTakeover: !got.serverNoTakeover,
    clientTakeover: !got.clientNoTakeover && deflate.contextTakeover,
  };
}

/** Reads parameters; null: one is unknown, repeated, or has a value it must not have (RFC 7692 §7.1). */
function termsOf(params: readonly Param[]): Terms | null {
  const values = new Map(params);
  if (values.size < params.length || !params.every(([name, value]) => fits(name, value))) return null;
  const bits = (name: string): number | null => values.has(name) ? Number(values.get(name)) : null;
  return {
    clientNoTakeover: values.has(CLIENT_NO_TAKEOVER),
    serverNoTakeover: values.has(SERVER_NO_TAKEOVER),
    serverBits: bits(SERVER_BITS),
    clientBits: values.get(CLIENT_BITS) === null ? "no value" : bits(CLIENT_BITS),
  };
}
function fits(name: string, value: string | null): boolean {
  switch (name) {
    case CLIENT_NO_TAKEOVER:
    case SERVER_NO_TAKEOVER:
      return value === null;
    case SERVER_BITS:
      return value !== null && isBits(value);
    case CLIENT_BITS:
      return value === null || isBits(value);
    default:
      return false;
  }
}
/** 8 to 15 without leading zeros (RFC 7692 §7.1.2.1). */
function isBits(value: string): boolean {
  return /^(?:[89]|1[0-5])$/.test(value);
}

function print(terms: Terms): string {
  const parts = [NAME];
  if (terms.clientNoTakeover) parts.push(CLIENT_NO_TAKEOVER);
  if (terms.serverNoTakeover) parts.push(SERVER_NO_TAKEOVER);
  if (terms.serverBits !== null) parts.push(`${SERVER_BITS}=${terms.serverBits}`);
  if (terms.clientBits !== null) parts.push(terms.clientBits === "no value" ? CLIENT_BITS : `${CLIENT_BITS}=${terms.clientBits}`);
  return parts.join("; ");
}

const NAME = "permessage-deflate";
const CLIENT_NO_TAKEOVER = "client_no_context_takeover";
const SERVER_NO_TAKEOVER = "server_no_context_takeover";
const CLIENT_BITS = "client_max_window_bits";
const SERVER_BITS = "server_max_window_bits";
const MIN_BITS = 8;
const MAX_BITS = 15;
