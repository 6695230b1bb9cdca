// What comes in: parameters of compression, a subprotocol. What goes out: what an opening handshake would have agreed on. Apart from
// arbitraries.ts, so that long runs do not load fast-check. Next file: machine.ts.
import type { Agreement, DeflateParams } from "../../core/types.ts";

/** What an opening handshake would have agreed on. */
export function agreementOf(deflate: DeflateParams | null = null, protocol = ""): Agreement {
  return { status: 101, headers: [], protocol, deflate };
}
