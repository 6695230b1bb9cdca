// What comes in: a plan of what a side says, and a way to say it. What goes out: it is said, at its time, and the ledger knows what was
// taken. The same for a bare machine and for a socket. Memory that was lent is used for something else at once. RFC 6455 §5.4 to §5.6.
// Next file: application.ts.
import { prepare, UsageError } from "../../core/index.ts";
import type { Kind, Prepared, SendOptions } from "../../core/types.ts";
import { utf8 } from "../frames/encode.ts";
import type { Message, Saying } from "./plan.ts";
import type { Mouth, Stage } from "./stage.ts";

export class Talk {
  readonly #stage: Stage;
  readonly #mouth: Mouth;
  /** The rest of a message in parts. */
  #rest: (() => void)[] = [];
  #heard = 0;

  constructor(stage: Stage, mouth: Mouth) {
    this.#stage = stage;
    this.#mouth = mouth;
    stage.crowd.push(this);
  }

  /** The connection is open. */
  begin(): void {
    const { world, plan } = this.#stage;
    for (const saying of plan.says) world.at(saying.at, () => this.#say(saying));
    if (plan.closesAt < Infinity) world.at(plan.closesAt, () => this.#close("close"));
  }
  /** A message of the other side has been heard. */
  answer(): void {
    const { answers } = this.#stage.plan;
    // Two sides that answer each other would never stop.
    if (answers > 0 && ++this.#heard % answers === 0 && this.#heard <= 20) {
      this.#message({ size: this.#heard % 200, kind: "text", parts: 1, how: "send" });
    }
  }

  #say(saying: Saying): void {
    const { tally } = this.#stage;
    switch (saying.what) {
      case "message":
        return this.#message(saying);
      case "ping":
        if (saying.count > 3) tally.count("flood pings");
        for (let i = 0; i < saying.count; i++) this.#ping(saying.size);
        return;
      case "terminate":
        tally.count("call terminate");
        return this.#mouth.terminate();
    }
  }
  #message({ size, kind, parts, how }: Message): void {
    while (this.#rest.length > 0) this.#rest.shift()!(); // a message in parts ends before the next one starts
    const data = this.#content(size, kind);
    if (how === "prepared") return this.#prepared(data);
    const options: SendOptions = how === "plain" ? { compress: false } : how === "give" ? { give: true } : {};
    if (parts === 1) return this.#send(kind, how === "give" ? octetsOf(data) : data, how === "send" ? undefined : options);
    const pieces = cut(this.#stage.world.dice.chance(0.5) ? data : octetsOf(data), parts);
    this.#rest = pieces.map((piece, i) => () => this.#send(kind, piece, { ...options, last: i === parts - 1 }));
    this.#continue();
  }
  /** Says some parts now and the rest later; a Ping or a Close may come between. */
  #continue(): void {
    const { world: { dice }, world, tally } = this.#stage;
    for (let more = true; more;) {
      this.#rest.shift()?.();
      if (this.#rest.length === 0) return;
      if (dice.chance(0.2)) {
        tally.count("call ping-inside");
        this.#ping(dice.pick([0, 125]));
      } else if (dice.chance(0.02)) this.#close("close-inside");
      more = dice.chance(0.5);
    }
    world.at(dice.below(20), () => this.#continue());
  }
  #send(kind: Kind, data: string | Uint8Array, how: SendOptions | undefined): void {
    const { said, tally } = this.#stage;
    const lent = typeof data === "string" ? data : data.slice();
    const options = typeof data === "string" || kind === "binary" ? how : { ...how, text: true };
    if (how?.give === true && data.length >= 65_536) tally.count("call give-big");
    this.#taken(() => this.#mouth.send(lent, options), () => said.say(kind, octetsOf(data), how?.last !== false));
    if (how?.give !== true) spoil(lent);
  }
  /** Prepared once, for this connection and for any other. */
  #prepared(data: string | Uint8Array): void {
    const { compress, crowd, world } = this.#stage;
    const lent = typeof data === "string" ? data : data.slice();
    const message = prepare(lent, compress === null ? {} : { compress });
    spoil(lent);
    const bytes = octetsOf(data);
    for (const talk of crowd) if (talk === this || world.dice.chance(0.5)) talk.#cast(message, bytes);
  }
  /** Perhaps too early, or inside of another message: the machine knows. */
  #cast(message: Prepared, bytes: Uint8Array): void {
    this.#taken(() => this.#mouth.sendPrepared(message), () => this.#stage.said.say(message.kind, bytes, true, true));
  }
  #ping(size: number): void {
    const { world, said } = this.#stage;
    const payload = new Uint8Array(size);
    world.dice.fill(payload.subarray(0, 4));
    const lent = payload.slice();
    this.#taken(() => this.#mouth.ping(lent), () => said.ping(payload));
    spoil(lent);
  }
  #close(name: string): void {
    this.#stage.tally.count(`call ${name}`);
    this.#mouth.close(this.#stage.plan.closeCode);
  }
  #taken(call: () => boolean, note: () => void): void {
    const { tally } = this.#stage;
    try {
      const taken = call();
      tally.count(taken ? "call taken" : "call too-late");
      if (taken) note();
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      tally.count(`call ${error.code}`);
    }
  }
  #content(size: number, kind: Kind): string | Uint8Array {
    const { dice } = this.#stage.world;
    if (kind === "text") {
      return dice.chance(0.5) ? "a b c d ".repeat(size / 8 + 1).slice(0, size) : UNITS[dice.below(UNITS.length)].repeat(size / 3);
    }
    const bytes = new Uint8Array(size);
    if (dice.chance(0.5)) dice.fill(bytes.subarray(0, 2000));
    else bytes.fill(dice.below(256));
    return bytes;
  }
}

function octetsOf(data: string | Uint8Array): Uint8Array {
  return typeof data === "string" ? utf8(data) : data;
}
/** So many pieces, some of them empty where there is little; octets are cut anywhere, a string between characters. */
function cut(data: string | Uint8Array, parts: number): (string | Uint8Array)[] {
  const size = Math.ceil(data.length / parts / 2) * 2; // no unit of text has another length than 1, 2 or 4
  return Array.from({ length: parts }, (_, i) => data.slice(i * size, (i + 1) * size));
}
/** Whoever lent it may do with it what he likes. */
function spoil(lent: string | Uint8Array): void {
  if (typeof lent !== "string") lent.fill(0x5a);
}

const UNITS: readonly string[] = ["é", "中", "\u{1f600}", "ab\u00ff"];
