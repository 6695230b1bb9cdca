// What comes in: a plan of what a side says, and a way to say it. What goes out: it is said, at its time, and the ledger knows what was
// taken. The same for a bare machine and for a socket. Next file: bare.ts.
import { prepare, UsageError } from "../../core/index.ts";
import type { Deflate, Prepared, SendOptions } from "../../core/types.ts";
import { utf8 } from "../frames/encode.ts";
import type { Ledger } from "./ledger.ts";
import type { Saying, SidePlan } from "./plan.ts";
import type { Tally } from "./tally.ts";
import type { World } from "./world.ts";

/** What one can say things with. Answers true where it was taken. */
export interface Mouth {
  send(data: string | Uint8Array, options?: SendOptions): boolean;
  sendPrepared(message: Prepared): boolean;
  ping(): boolean;
  close(code: number | undefined): void;
  terminate(): void;
}

export class Talk {
  readonly #world: World;
  readonly #plan: SidePlan;
  readonly #ledger: Ledger;
  readonly #tally: Tally;
  readonly #mouth: Mouth;
  readonly #compress: Deflate | null;
  /** The rest of a message in parts. */
  #rest: (() => void)[] = [];
  #heard = 0;

  constructor(world: World, plan: SidePlan, ledger: Ledger, tally: Tally, mouth: Mouth, compress: Deflate | null) {
    this.#world = world;
    this.#plan = plan;
    this.#ledger = ledger;
    this.#tally = tally;
    this.#mouth = mouth;
    this.#compress = compress;
  }

  /** The connection is open. */
  begin(): void {
    for (const saying of this.#plan.says) this.#world.at(saying.at, () => this.#say(saying));
    const { closesAt, closeCode } = this.#plan;
    if (closesAt < Infinity) {
      this.#world.at(closesAt, () => {
        this.#tally.count("call close");
        this.#mouth.close(closeCode);
      });
    }
  }
  /** A message of the other side has been heard. */
  answer(): void {
    const { answers } = this.#plan;
    // Two sides that answer each other would never stop.
    if (answers > 0 && ++this.#heard % answers === 0 && this.#heard <= 20) {
      this.#message({ size: this.#heard % 200, kind: "text", parts: 1, how: "send" });
    }
  }

  #say(saying: Saying): void {
    switch (saying.what) {
      case "message":
        return this.#message(saying);
      case "ping":
        if (saying.count > 3) this.#tally.count("flood pings");
        for (let i = 0; i < saying.count; i++) this.#try(() => this.#mouth.ping());
        return;
      case "terminate":
        this.#tally.count("call terminate");
        return this.#mouth.terminate();
    }
  }
  #message({ size, kind, parts, how }: Pick<Saying & { what: "message" }, "size" | "kind" | "parts" | "how">): void {
    while (this.#rest.length > 0) this.#rest.shift()!(); // a message in parts ends before the next one starts
    const data = this.#content(size, kind);
    const bytes = typeof data === "string" ? utf8(data) : data;
    const options: SendOptions = how === "plain" ? { compress: false } : how === "give" ? { give: true } : {};
    if (how === "prepared" && parts === 1) {
      const message = prepare(data, this.#compress === null ? {} : { compress: this.#compress });
      return this.#taken(() => this.#mouth.sendPrepared(message), () => this.#ledger.say(kind, bytes, true));
    }
    if (parts === 1) {
      // What is given away may be written to: the ledger keeps a copy.
      const given = typeof data === "string" ? data : data.slice();
      return this.#taken(() => this.#mouth.send(given, options), () => this.#ledger.say(kind, bytes, true));
    }
    const size1 = Math.ceil(bytes.length / parts);
    this.#rest = Array.from({ length: parts }, (_, i) => {
      const part = bytes.slice(i * size1, (i + 1) * size1);
      const last = i === parts - 1;
      const how = { ...options, last, text: kind === "text" };
      return () => this.#taken(() => this.#mouth.send(part.slice(), how), () => this.#ledger.say(kind, part, last));
    });
    this.#continue();
  }
  /** Says some parts now and the rest later. */
  #continue(): void {
    do this.#rest.shift()?.(); while (this.#rest.length > 0 && this.#world.dice.chance(0.5));
    if (this.#rest.length > 0) this.#world.at(this.#world.dice.below(20), () => this.#continue());
  }
  #taken(send: () => boolean, note: () => void): void {
    if (this.#try(send)) note();
  }
  #try(call: () => boolean): boolean {
    try {
      const taken = call();
      this.#tally.count(taken ? "call taken" : "call too-late");
      return taken;
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      this.#tally.count(`call ${error.code}`);
      return false;
    }
  }
  #content(size: number, kind: "text" | "binary"): string | Uint8Array {
    const { dice } = this.#world;
    if (kind === "text") {
      return dice.chance(0.5) ? "a b c d ".repeat(size / 8 + 1).slice(0, size) : UNITS[dice.below(UNITS.length)].repeat(size / 3);
    }
    const bytes = new Uint8Array(size);
    if (dice.chance(0.5)) dice.fill(bytes.subarray(0, 2000));
    else bytes.fill(dice.below(256));
    return bytes;
  }
}

const UNITS: readonly string[] = ["é", "中", "\u{1f600}", "ab\u00ff"];
