// What comes in: nothing. What goes out: how the engine meets a peer and the time: two small interfaces, so that the same engine plays
// over a socket in real time and against a machine in virtual time. Next file: endpoint.ts, the fuzzer's own WebSocket.

/** The byte stream to a peer. One direction each; nothing here knows WebSocket. */
export interface Link {
  /** One write. The link may keep the bytes, and may join writes of one turn into one segment. */
  write(bytes: Uint8Array): void;
  /**
   * Close when everything written has left: FIN. Nothing that arrives later is used, so `lost` follows at once then, without waiting for
   * the peer; whoever owns the socket may let it linger.
   */
  end(): void;
  /** Drop the connection at once: RST. */
  abort(): void;
}

/** What a link tells the engine. No method throws. */
export interface LinkEvents {
  /** The bytes are the engine's. */
  received(bytes: Uint8Array): void;
  /** The stream is gone in both directions, whoever ended it. Once, and last. */
  lost(): void;
}

/** Time and randomness. */
export interface World {
  /** Milliseconds, monotonic. */
  now(): number;
  /** Milliseconds since 1970 for reports; 0 on a virtual clock. */
  date(): number;
  /** Runs `then` once, later; 0 is the next turn. Never cancelled: the engine looks at its state instead. */
  later(milliseconds: number, then: () => void): void;
  /** Fills a masking key or a handshake key. */
  random(bytes: Uint8Array): void;
}
