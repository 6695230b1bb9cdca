// A client's side of the opening handshake in octets. What comes in: where to connect and what to ask, then the octets of
// responses. What goes out: the octets of the request; an agreement, the server's refusal with its body, or a fault. RFC 6455
// §4.1; RFC 9112 §6.3, §8; RFC 9110 §15.2. The rules stand in negotiate.ts, the octets in http1.ts and body.ts.
// Next file: opening.ts.
import { faultOf } from "../errors.ts";
import type { Agreement, Bytes, ClientTarget, Deflate, Fault, FaultCode, Header, Limits } from "../types.ts";
import { BodyReader, framingOf } from "./body.ts";
import { fieldsOf } from "./headers.ts";
import { type Head, headBytes, HeadReader, parseStatusLine, type StatusLine } from "./http1.ts";
import { type Expected, requestHead, verifyResponse } from "./negotiate.ts";

/** What the server's answer came to. */
export type Response =
  | { readonly type: "agreement"; readonly agreement: Agreement }
  | { readonly type: "rejected"; readonly status: number; readonly headers: readonly Header[]; readonly body: Bytes }
  | { readonly type: "fault"; readonly fault: Fault };

/** The octets of the request (RFC 6455 §4.1). Throws BAD_ARGUMENT as `requestHead`. */
export function requestBytes(target: ClientTarget, deflate: Required<Deflate> | null, key: string): Bytes {
  const head = requestHead(target, deflate, key);
  return headBytes(`${head.method} ${head.target} HTTP/1.1`, head.headers);
}

/** Reads the responses to one request up to the final one, and its body if it is not an agreement. */
export class ResponseReader {
  readonly #expected: Expected;
  readonly #limits: Limits;
  readonly #reader: HeadReader<StatusLine>;
  /** A final response other than 101, while its body arrives. */
  #rejected: Rejected | null = null;
  #result: Response | null = null;

  constructor(expected: Expected, limits: Limits) {
    this.#expected = expected;
    this.#limits = limits;
    this.#reader = new HeadReader(limits, parseStatusLine, 0);
  }

  /** null: more octets, the end or a timer must come first. */
  get result(): Response | null {
    return this.#result;
  }

  /** Returns the octets used, nothing once there is a result: what follows a 101 are frames. Keeps none of `bytes`. */
  read(bytes: Uint8Array, from: number, to: number): number {
    let at = from;
    while (at < to && this.#result === null) {
      if (this.#rejected === null) at += this.#readHead(bytes, at, to);
      else at += this.#readBody(this.#rejected, bytes, at, to);
    }
    return at - from;
  }

  /** The stream has ended: it completes a body, and breaks a head. */
  end(): void {
    if (this.#rejected !== null) this.#reject(this.#rejected);
    else this.#fail("BAD_RESPONSE", "the connection ended inside the head of the response");
  }

  /** A timer expired: what is there of a body is the body. Inside of a head nothing changes. */
  expire(): void {
    if (this.#rejected !== null) this.#reject(this.#rejected);
  }

  #readHead(bytes: Uint8Array, from: number, to: number): number {
    const used = this.#reader.read(bytes, from, to);
    const { head, flaw } = this.#reader;
    if (flaw !== null) this.#fail(flaw.status === 400 ? "BAD_RESPONSE" : "HEAD_TOO_LARGE", flaw.message);
    else if (head !== null) this.#takeHead(head);
    return used;
  }
  #takeHead(head: Head<StatusLine>): void {
    const { status, version } = head.start;
    if (!version.startsWith("1.")) this.#fail("BAD_RESPONSE", "the response is not HTTP/1.1");
    else if (status === 101) this.#switch(head);
    else if (status < 200) this.#reader.again();
    else this.#await(head);
  }
  #switch({ start, headers }: Head<StatusLine>): void {
    if (start.version === "1.0") this.#fail("BAD_RESPONSE", "HTTP/1.0 has no 101");
    else this.#result = verifyResponse(this.#expected, start.status, headers);
  }
  #await(head: Head<StatusLine>): void {
    const framing = framingOf(head.start.status, fieldsOf(head.headers));
    if (framing === null) return this.#fail("BAD_RESPONSE", "the Content-Length of the response is malformed");
    this.#rejected = { head, body: new BodyReader(framing, this.#limits) };
    if (this.#rejected.body.complete) this.#reject(this.#rejected);
  }
  #readBody(rejected: Rejected, bytes: Uint8Array, from: number, to: number): number {
    const used = rejected.body.read(bytes, from, to);
    if (rejected.body.complete) this.#reject(rejected);
    return used;
  }

  #reject({ head, body }: Rejected): void {
    this.#result = { type: "rejected", status: head.start.status, headers: head.headers, body: body.content() };
    this.#rejected = null;
  }
  #fail(code: FaultCode, message: string): void {
    this.#result ??= { type: "fault", fault: faultOf(code, message) };
  }
}

/** A final response other than 101, and the reader of its body. */
interface Rejected {
  readonly head: Head<StatusLine>;
  readonly body: BodyReader;
}
