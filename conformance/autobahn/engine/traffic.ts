// What comes in: counts from both directions. What goes out: the statistics of sections 12 and 13, octets at three levels: on the wire,
// as payload of frames, and as the application's messages. Only an open connection counts. RFC 7692 §7. Next file: wirelog.ts.
import type { TrafficStats } from "./result.ts";

/** Running counts of one direction. */
export interface Flow {
  /** Octets while the connection was open, headers included. */
  wire: number;
  /** Payload of data frames: compressed, if it was. */
  webSocket: number;
  /** Messages as applications see them. */
  app: number;
  frames: number;
  messages: number;
  /** Octets of the opening handshake. */
  preopen: number;
}

/** Both directions of a connection. */
export interface Traffic {
  readonly incoming: Flow;
  readonly outgoing: Flow;
}

export function newTraffic(): Traffic {
  const flow = (): Flow => ({ wire: 0, webSocket: 0, app: 0, frames: 0, messages: 0, preopen: 0 });
  return { incoming: flow(), outgoing: flow() };
}

/** The statistics now. */
export function trafficStats({ incoming, outgoing }: Traffic): TrafficStats {
  return {
    incomingOctetsWireLevel: incoming.wire,
    incomingOctetsWebSocketLevel: incoming.webSocket,
    incomingOctetsAppLevel: incoming.app,
    incomingWebSocketFrames: incoming.frames,
    incomingWebSocketMessages: incoming.messages,
    incomingCompressionRatio: share(incoming.webSocket, incoming.app),
    incomingWebSocketOverhead: share(incoming.wire - incoming.webSocket, incoming.webSocket),
    outgoingOctetsWireLevel: outgoing.wire,
    outgoingOctetsWebSocketLevel: outgoing.webSocket,
    outgoingOctetsAppLevel: outgoing.app,
    outgoingWebSocketFrames: outgoing.frames,
    outgoingWebSocketMessages: outgoing.messages,
    outgoingCompressionRatio: share(outgoing.webSocket, outgoing.app),
    outgoingWebSocketOverhead: share(outgoing.wire - outgoing.webSocket, outgoing.webSocket),
    preopenIncomingOctetsWireLevel: incoming.preopen,
    preopenOutgoingOctetsWireLevel: outgoing.preopen,
  };
}

function share(part: number, whole: number): number | null {
  return whole > 0 ? part / whole : null;
}
