// What comes in: raw pieces of a connection. What goes out: the same pieces on that connection or on another, whose ledger knows what was
// taken. A message is passed on whole or not at all. RFC 6455 §5.4. Next file: talk.ts.
import { UsageError } from "../../core/index.ts";
import type { RawEvent } from "../../core/types.ts";
import type { Ledger } from "./ledger.ts";
import type { Mouth, Stage } from "./stage.ts";

export class Relay {
  readonly #mouth: Mouth;
  readonly #said: Ledger;
  readonly #stage: Stage;
  #passing = false;

  /** `mouth` says it, and `said` is what that side says. */
  constructor(mouth: Mouth, said: Ledger, stage: Stage) {
    this.#mouth = mouth;
    this.#said = said;
    this.#stage = stage;
  }
  pass(piece: RawEvent): void {
    if (piece.first) this.#passing = true;
    if (!this.#passing) return;
    const { kind, first, last } = piece;
    const bytes = piece.bytes.slice(piece.start, piece.end);
    this.#passing = this.#stage.world.dice.chance(0.8) ? this.#taken(piece) : this.#lent(piece, bytes);
    if (this.#passing) this.#said.say(kind, bytes, last, first);
  }
  /** From memory that is used for something else right afterwards. */
  #lent(piece: RawEvent, bytes: Uint8Array): boolean {
    const memory = new Uint8Array(bytes.length + 6);
    memory.set(bytes, 3);
    const taken = this.#taken({ ...piece, bytes: memory, start: 3, end: 3 + bytes.length });
    memory.fill(0x5a);
    return taken;
  }
  #taken(piece: RawEvent): boolean {
    const { tally } = this.#stage;
    try {
      const taken = this.#mouth.relay(piece);
      tally.count(taken ? `call relayed-${this.#stage.plan.relays}` : "call too-late");
      return taken;
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      tally.count(`call ${error.code}`); // another message is in progress, or too much waits
      return false;
    }
  }
}
