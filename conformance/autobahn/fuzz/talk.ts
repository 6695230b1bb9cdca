// What comes in: an accepted connection, and what is to be said on it. What goes out: the small conversations of a fuzzing server beside its
// cases: one text and a Close, or the direct commands of a peer that drives the fuzzer itself. The endpoint is the one that plays the
// cases, so closing and its timers are the same. RFC 6455 §4.2, §7.1. Next file: server.ts.
import { utf8 } from "../../frames/encode.ts";
import { createEndpoint, type Endpoint } from "../engine/endpoint.ts";
import type { Answer } from "../engine/handshake.ts";
import { DEFAULTS, type Settings } from "../engine/settings.ts";
import { Wirelog } from "../engine/wirelog.ts";
import type { Tcp } from "./tcp.ts";

/** A conversation. */
export interface Talk {
  /** Says a text, or nothing, and closes without a code. */
  end(text?: string): void;
}

/** Begins one: the answer to the request is written. `heard` gets the texts of the peer. */
export function talk(
  { link, world, start }: Tcp,
  { response, failed }: Answer,
  rest: Uint8Array,
  settings: Partial<Settings>,
  heard: (text: string, endpoint: Endpoint) => void = () => {},
): Talk {
  const wirelog = new Wirelog(() => world.now());
  wirelog.writes = false;
  const endpoint = createEndpoint({
    role: "server",
    profile: "compat",
    settings: { ...DEFAULTS, ...settings },
    link,
    world,
    wirelog,
    message: (binary, octets) => binary || heard(new TextDecoder().decode(octets), endpoint),
    pong() {},
    mended() {},
    gone() {},
  });
  endpoint.write(utf8(response));
  if (failed === null) endpoint.open(null);
  else endpoint.refuse(failed, "end");
  start({ received: (bytes) => endpoint.receive(bytes), lost: () => endpoint.lost() });
  if (rest.byteLength > 0) endpoint.receive(rest);
  return {
    end(text) {
      if (text !== undefined) endpoint.sender.message("text", utf8(text));
      endpoint.close();
    },
  };
}

/** Does what a text says: `["sendframe", {...}]`, `["sendframes", [{...}, ...]]` or `["close", {...}]`; anything else is passed over. */
export function direct(text: string, endpoint: Endpoint): void {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return;
  }
  const [command, given] = Array.isArray(json) ? json : [];
  if (typeof given !== "object" || given === null) return;
  switch (command) {
    case "sendframe":
      return sendFrame(given, endpoint);
    case "sendframes":
      return Array.isArray(given) ? given.forEach((one) => sendFrame(one ?? {}, endpoint)) : undefined;
    case "close": {
      const { code, reason } = given as { code?: unknown; reason?: unknown };
      return endpoint.close(
        Number.isInteger(code) ? (code as number) & 0xffff : undefined,
        typeof reason === "string" && Number.isInteger(code) ? utf8(reason).subarray(0, 123) : undefined,
      );
    }
  }
}

function sendFrame(given: Readonly<Record<string, unknown>>, { sender }: Endpoint): void {
  const { opcode = 1, payload = "", fin = true, rsv = 0, payload_len: length = null, chopsize: chop = null, sync = false } =
    given;
  const octets = utf8(String(payload));
  const size = Number.isInteger(length) ? Math.min(Math.max(length as number, 0), MOST) : octets.byteLength;
  sender.frame({
    opcode: Number(opcode) & 15,
    fin: Boolean(fin),
    rsv: Number(rsv) & 7,
    payload: size === octets.byteLength ? octets : { pattern: octets.byteLength === 0 ? Uint8Array.of(0) : octets, length: size },
    chop: Number.isInteger(chop) ? (chop as number) : undefined,
    sync: Boolean(sync),
  });
}

/** The longest payload that a command may ask for. */
const MOST = 16 * 1_048_576;
