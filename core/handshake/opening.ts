// The opening handshake as the machine drives it, one class for each role with the same three inputs: octets, the end, the clock.
// What comes in: an Input. What goes out: at most one outcome at a time. RFC 6455 §4. Next file: ../inbound/decoder.ts.
import { faultOf } from "../errors.ts";
import type { Input } from "../inbound/input.ts";
import type { Settings } from "../options.ts";
import type { Agreement, Bytes, ClientTarget, Fault, Header, RequestHead, UpgradeRequest } from "../types.ts";
import { newKey } from "./accept-key.ts";
import { requestBytes, ResponseReader } from "./client.ts";
import { checkRequest, refuse, type Refused } from "./negotiate.ts";
import { RequestReader } from "./server.ts";

export type Outcome =
  | { readonly type: "request"; readonly request: UpgradeRequest }
  | Refused
  | { readonly type: "agreement"; readonly agreement: Agreement }
  | { readonly type: "rejected"; readonly status: number; readonly headers: readonly Header[]; readonly body: Bytes }
  | { readonly type: "fault"; readonly fault: Fault };

export interface Opening {
  /** Reads until there is an outcome; null: more octets are needed, or the application's answer. */
  read(input: Input): Outcome | null;
  /** The stream ended, or failed; everything before it has been read. */
  ended(failure: Fault | null): Outcome;
  /** The handshake took too long. */
  expired(): Outcome;
}

export class ServerOpening implements Opening {
  /** The request that was reported and waits for accept() or reject(). */
  request: UpgradeRequest | null = null;
  readonly http: 1 | 2;
  readonly #settings: Settings;
  #reader: RequestReader | null = null;
  #given: Outcome | null = null;

  /** `head`: the host has read it already. */
  constructor(settings: Settings, head: RequestHead | undefined) {
    this.#settings = settings;
    this.http = head?.http ?? 1;
    if (head === undefined) this.#reader = new RequestReader(settings.limits);
    else this.#given = checkRequest(head);
  }
  read(input: Input): Outcome | null {
    if (this.request !== null) {
      // Frames may come before the answer, but no more of them than another head would be.
      return input.length <= this.#settings.limits.head
        ? null
        : refuse(400, "BAD_REQUEST", "too many octets came before the answer");
    }
    let outcome = this.#given;
    for (const reader = this.#reader; outcome === null && reader !== null && input.available();) {
      input.at += reader.read(input.chunk, input.at, input.end);
      outcome = reader.result;
    }
    if (outcome?.type === "request") this.request = outcome.request;
    return outcome;
  }
  ended(failure: Fault | null): Outcome {
    return lost("BAD_REQUEST", failure);
  }
  expired(): Outcome {
    return this.request === null
      ? refuse(408, "HANDSHAKE_TIMEOUT", "the request took too long")
      : refuse(503, "HANDSHAKE_TIMEOUT", "the answer took too long");
  }
}

export class ClientOpening implements Opening {
  /** The octets of the request. */
  readonly request: Bytes;
  readonly #reader: ResponseReader;

  constructor(target: ClientTarget, settings: Settings, random: (into: Bytes) => void) {
    const key = newKey(random);
    this.request = requestBytes(target, settings.deflate, key);
    this.#reader = new ResponseReader({ target, deflate: settings.deflate, key }, settings.limits);
  }
  read(input: Input): Outcome | null {
    const reader = this.#reader;
    while (reader.result === null && input.available()) input.at += reader.read(input.chunk, input.at, input.end);
    return reader.result;
  }
  ended(failure: Fault | null): Outcome {
    this.#reader.end();
    const result = this.#reader.result;
    return result?.type === "rejected" ? result : lost("BAD_RESPONSE", failure);
  }
  expired(): Outcome {
    this.#reader.expire();
    return this.#reader.result ?? { type: "fault", fault: faultOf("HANDSHAKE_TIMEOUT") };
  }
}

function lost(code: "BAD_REQUEST" | "BAD_RESPONSE", failure: Fault | null): Outcome {
  return { type: "fault", fault: failure ?? faultOf(code, "the stream ended inside of the opening handshake") };
}
