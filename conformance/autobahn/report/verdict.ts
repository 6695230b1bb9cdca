// What comes in: nothing. What goes out: what an index.json says of one case, the original's or ours. Next file: run-info.ts.

/** Which side the peer under test plays. */
export type Role = "server" | "client";

/** One case as index.json has it; `duration` in milliseconds. */
export interface Verdict {
  readonly behavior: string;
  readonly behaviorClose: string;
  readonly duration: number;
  readonly remoteCloseCode: number | null;
  readonly reportfile: string;
}
