// What comes in: what one side writes, in the pieces in which it leaves. What goes out: an error at the first octet that a strict reader
// would object to, and counts of what went by. RFC 6455 §5.2 to §5.5; at most one Close, and nothing but Pongs behind it.
// Next file: network.ts.
import type { Role } from "../../core/types.ts";
import type { Tally } from "./tally.ts";

export class Watch {
  readonly #role: Role;
  readonly #tally: Tally;
  /** Behind the HTTP head, if there is one. */
  #framed: boolean;
  #newlines = 0;
  /** The start of the head: a refusal has a body, in which no frame can be. */
  #status = "";
  #inMessage = false;
  #closed = false;
  /** The header at hand, as far as it has come, and its payload that is still to come. */
  readonly #header = new Uint8Array(14);
  #have = 0;
  #left = 0;
  #opcode = 0;
  #code: number[] | null = null;

  constructor(role: Role, tally: Tally, upgraded: boolean) {
    this.#role = role;
    this.#tally = tally;
    this.#framed = upgraded;
  }
  get sentClose(): boolean {
    return this.#closed;
  }
  /** What comes next are frames: a host has taken care of the head. */
  begin(): void {
    this.#framed = true;
  }
  /** Everything that this side writes, in order. */
  see(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length;) {
      if (!this.#framed) at = this.#skipHead(bytes, at);
      else if (this.#left > 0) at = this.#skipPayload(bytes, at);
      else {
        this.#header[this.#have++] = bytes[at++];
        this.#readHeader();
      }
    }
  }

  #skipHead(bytes: Uint8Array, at: number): number {
    for (; at < bytes.length; at++) {
      if (this.#status.length < 12) this.#status += String.fromCharCode(bytes[at]);
      this.#newlines = bytes[at] === (this.#newlines % 2 === 0 ? 13 : 10) ? this.#newlines + 1 : 0;
      if (this.#newlines < 4 || !/^(GET|HTTP.1.1 101)/.test(this.#status)) continue;
      this.#framed = true;
      return at + 1;
    }
    return at;
  }
  #skipPayload(bytes: Uint8Array, at: number): number {
    const end = Math.min(bytes.length, at + this.#left);
    this.#left -= end - at;
    for (; this.#code !== null && this.#code.length < 2 && at < end; at++) {
      const key = this.#role === "client" ? this.#header[2 + this.#code.length] : 0;
      this.#code.push(bytes[at] ^ key);
    }
    if (this.#left === 0) this.#frameEnds();
    return end;
  }
  #readHeader(): void {
    const header = this.#header;
    if (this.#have === 1) return this.#judgeFirst(header[0]);
    const small = header[1] & 127;
    const form = small === 126 ? 2 : small === 127 ? 8 : 0;
    const masked = header[1] >= 128;
    if (this.#have < 2 + form + (masked ? 4 : 0)) return;
    if (masked !== (this.#role === "client")) this.#wrong(masked ? "a mask" : "no mask");
    let length = form === 0 ? small : 0;
    for (let i = 0; i < form; i++) length = length * 256 + header[2 + i];
    if ((form === 2 && length < 126) || (form === 8 && length < 65536)) this.#wrong("a length that is not minimal");
    if (this.#opcode >= 8 && length > 125) this.#wrong("a control frame that is too long");
    if (masked) header.copyWithin(2, 2 + form, 6 + form);
    this.#have = 0;
    this.#left = length;
    this.#code = this.#opcode === 8 ? [] : null;
    if (length === 0) this.#frameEnds();
  }
  #judgeFirst(octet: number): void {
    const opcode = octet & 15, fin = octet >= 128;
    this.#opcode = opcode;
    if ((octet & 0x30) !== 0 || ((octet & 0x40) !== 0 && opcode !== 1 && opcode !== 2)) this.#wrong("a reserved bit");
    if (opcode > 10 || (opcode > 2 && opcode < 8)) this.#wrong(`the opcode ${opcode}`);
    if (this.#closed && opcode !== 10) this.#wrong(opcode === 8 ? "a second Close" : "a frame behind the Close");
    if (opcode >= 8) {
      if (!fin) this.#wrong("a control frame in fragments");
    } else {
      if ((opcode === 0) !== this.#inMessage) {
        this.#wrong(opcode === 0 ? "a continuation of nothing" : "a message inside of another");
      }
      this.#inMessage = !fin;
    }
    this.#tally.count(`frame ${NAMES[opcode]}${(octet & 0x40) !== 0 ? " deflated" : fin || opcode === 0 ? "" : " first"}`);
  }
  #frameEnds(): void {
    if (this.#opcode !== 8) return;
    this.#closed = true;
    const [high, low] = this.#code!;
    this.#tally.count(`close ${high === undefined ? "empty" : high * 256 + low}`);
  }
  #wrong(what: string): never {
    throw new Error(`the ${this.#role} wrote ${what}`);
  }
}

const NAMES: Readonly<Record<number, string>> = { 0: "more", 1: "text", 2: "binary", 8: "close", 9: "ping", 10: "pong" };
