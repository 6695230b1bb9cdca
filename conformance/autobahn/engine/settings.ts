// What comes in: what a spec file sets. What goes out: how the fuzzer's own endpoint behaves, with the suite's defaults.
// Names are those of the original's spec files. Times are seconds. RFC 6455 §5.1 for masking, §7.1 for closing. Next file: endpoint.ts.

/** How the fuzzer's own endpoint behaves. */
export interface Settings {
  /** Fail by dropping TCP, not by a Close. */
  readonly failByDrop: boolean;
  /** Answer a Close with its own code and reason, not with 1000. */
  readonly echoCloseCodeReason: boolean;
  /** For the peer's half of the opening handshake. */
  readonly openHandshakeTimeout: number;
  /** For the answer to our Close. */
  readonly closeHandshakeTimeout: number;
  /** For a server to drop TCP behind its Close. */
  readonly serverConnectionDropTimeout: number;
  /** Payload octets per frame of a message; 0: one frame. */
  readonly autoFragmentSize: number;
  readonly maskClientFrames: boolean;
  readonly maskServerFrames: boolean;
  readonly requireMaskedClientFrames: boolean;
  readonly acceptMaskedServerFrames: boolean;
}

export const DEFAULTS: Settings = {
  failByDrop: false,
  echoCloseCodeReason: false,
  openHandshakeTimeout: 5,
  closeHandshakeTimeout: 1,
  serverConnectionDropTimeout: 1,
  autoFragmentSize: 0,
  maskClientFrames: true,
  maskServerFrames: false,
  requireMaskedClientFrames: true,
  acceptMaskedServerFrames: false,
};
