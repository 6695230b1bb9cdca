// What comes in: how a pair begins. What goes out: its machines. On HTTP/2 two hosts exchange the heads, and a client's machine begins with
// the agreement (RFC 8441 §5); what the heads say is no octet of the connection. Next file: lifetime.ts.
import { verifyResponse } from "../../core/index.ts";
import type { Recorder } from "../../core/record/recorder.ts";
import type { ClientOptions, ClientTarget, Header, Options } from "../../core/types.ts";
import { agreementOf } from "../support/agreement.ts";
import { Bare } from "./bare.ts";
import type { PairPlan } from "./plan.ts";
import type { Side, Stage } from "./stage.ts";

export const TARGET: ClientTarget = { authority: "localhost", target: "/" };

/** A bare side, or what becomes one. */
export function bareSide(stage: Stage, { opening, deflate }: PairPlan, options: Options, make: Recorder): Bare | Asking {
  const { role } = stage.port, { random } = stage.world;
  const forClient: ClientOptions = { ...options, random };
  const forRole = role === "client" ? forClient : options;
  if (opening === "upgraded") return new Bare(make.upgraded(role, agreementOf(deflate), forRole), stage);
  if (role === "server") return new Bare(make.server(options, stage.head), stage);
  return opening === "http2" ? new Asking(stage, forClient, make) : new Bare(make.client(TARGET, forClient), stage);
}

/** A client's host on HTTP/2, which waits for the answer to `requestHead`. */
export class Asking implements Side {
  readonly #stage: Stage;
  readonly #options: ClientOptions;
  readonly #make: Recorder;
  #side: Bare | null = null;
  /** There is no connection, and never will be. */
  #refused = false;

  constructor(stage: Stage, options: ClientOptions, make: Recorder) {
    this.#stage = stage;
    this.#options = options;
    this.#make = make;
  }
  start(): void {
    this.#stage.port.ask(this);
  }
  answered(status: number, headers: readonly Header[]): void {
    if (this.#refused) return;
    const verdict = verifyResponse(TARGET, this.#options, status, headers);
    if (verdict.type === "fault") return this.#refuse(verdict.fault.code);
    if (status >= 300) throw new Error(`an agreement with status ${status}`);
    this.#side = new Bare(this.#make.upgraded("client", verdict.agreement, this.#options), this.#stage);
    this.#side.start();
  }
  ended(): void {
    if (!this.#refused) this.#refuse("ended");
  }
  get closed(): boolean {
    return this.#side?.closed ?? this.#refused;
  }
  get clean(): boolean {
    return this.#side?.clean === true;
  }
  buried(): void {
    if (this.#side !== null) return this.#side.buried();
    if (!this.#refused) throw new Error("no answer, and no end");
    if (!this.#stage.port.released) throw new Error("the stream is not released");
  }

  #refuse(why: string): void {
    this.#refused = true;
    this.#stage.tally.count(`refused ${why}`);
    this.#stage.port.destroy();
  }
}
