// What comes in: what both sides agreed on. What goes out: the two halves of permessage-deflate for one connection. RFC 7692 §7.1.
// Next file: codec.ts.
import type { Settings } from "../options.ts";
import type { DeflateParams, Role } from "../types.ts";
import { deflaters, inflaters } from "./codec.ts";
import { Deflation } from "./deflation.ts";
import { Inflation } from "./inflation.ts";

export interface Stage {
  readonly inflation: Inflation | null;
  readonly deflation: Deflation | null;
}

/** Each side compresses with its own window and context, and inflates with the other's. */
export function stageOf(role: Role, params: DeflateParams | null, settings: Settings): Stage {
  if (params === null || settings.deflate === null) return { inflation: null, deflation: null };
  const { engine, level, threshold } = settings.deflate;
  const server = { bits: params.serverWindowBits, takeover: params.serverTakeover };
  const client = { bits: params.clientWindowBits, takeover: params.clientTakeover };
  const [ours, theirs] = role === "server" ? [server, client] : [client, server];
  return {
    inflation: new Inflation(inflaters(engine, theirs.bits), theirs.bits, theirs.takeover),
    deflation: new Deflation(deflaters(engine, ours.bits, level), ours.bits, ours.takeover, threshold),
  };
}
