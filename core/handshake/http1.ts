// HTTP/1.1 heads in both directions. What comes in: octets, cut anywhere; or a start line and headers. What goes out: the start
// line and the headers as strings, or a flaw; or octets. RFC 9112 §2 to §5; RFC 6455 §4.1, §4.2.1. Each octet is looked at once,
// and memory follows the octets received. The strict reading only: CRLF, no folded lines, no space before the colon, no control
// characters. Whoever reads heads leniently can be told a different story than the proxy before him. Next file: negotiate.ts.
import { UsageError } from "../errors.ts";
import type { Bytes, Header, Limits } from "../types.ts";
import { isFieldValue, isToken, isVisible, requireFields, trim } from "./headers.ts";

export interface Head<Start> {
  readonly start: Start;
  readonly headers: readonly Header[];
}
/** Why a head cannot be read, with the status a server answers (RFC 9110 §15.5, RFC 6585 §5). */
export interface Flaw {
  readonly status: 400 | 414 | 431;
  readonly message: string;
}
export interface RequestLine {
  readonly method: string;
  readonly target: string;
  /** "1.1" of HTTP/1.1. */
  readonly version: string;
}
export interface StatusLine {
  readonly version: string;
  readonly status: number;
}

/** Reads one head after the other from octets that may be cut anywhere. Several heads share the limit of octets. */
export class HeadReader<Start> {
  readonly #limits: Limits;
  readonly #parseStart: (line: string) => Start | null;
  /** Empty lines that may still come before the start line. */
  #blanks: number;
  /** Octets of all heads so far. */
  #total = 0;
  /** The octets of the line so far, in a buffer that doubles. */
  #line: Uint8Array = NOTHING;
  #length = 0;
  /** The last octet was CR. */
  #carriage = false;
  #start: Start | null = null;
  #headers: Header[] = [];
  #head: Head<Start> | null = null;
  #flaw: Flaw | null = null;

  /** `blanks`: how many empty lines before the start line are skipped; a server skips one (RFC 9112 §2.2). */
  constructor(limits: Limits, parseStart: (line: string) => Start | null, blanks: number) {
    this.#limits = limits;
    this.#parseStart = parseStart;
    this.#blanks = blanks;
  }

  /** The head, once its empty line was read. */
  get head(): Head<Start> | null {
    return this.#head;
  }
  /** Once set, nothing more is read. */
  get flaw(): Flaw | null {
    return this.#flaw;
  }

  /**
   * Reads up to right behind the empty line, or up to the octet that is wrong. Returns the octets used and keeps none of `bytes`.
   */
  read(bytes: Uint8Array, from: number, to: number): number {
    let at = from;
    while (at < to && this.#head === null && this.#flaw === null) this.#octet(bytes[at++]);
    return at - from;
  }

  /** Forgets the head and reads another one: what is left of the limit of octets goes on. */
  again(): void {
    this.#head = null;
    this.#start = null;
    this.#headers = [];
  }

  #octet(octet: number): void {
    if (++this.#total > this.#limits.head) this.#fail(431, "the head is too long");
    else if (this.#carriage && octet === LF) this.#endLine();
    else if (this.#carriage) this.#fail(400, "CR without LF");
    else if (octet === CR) this.#carriage = true;
    else if ((octet < 0x20 && octet !== TAB) || octet === DEL) this.#fail(400, "a control character in the head");
    else if (this.#length === this.#limits.line) this.#fail(this.#start === null ? 414 : 431, "a line of the head is too long");
    else this.#keep(octet);
  }
  #keep(octet: number): void {
    if (this.#length === this.#line.length) {
      const line = new Uint8Array(Math.max(64, this.#length * 2));
      line.set(this.#line);
      this.#line = line;
    }
    this.#line[this.#length++] = octet;
  }
  #endLine(): void {
    const line = latin1(this.#line, this.#length);
    this.#carriage = false;
    this.#length = 0;
    if (line === "") this.#endHead();
    else if (this.#start === null) this.#takeStart(line);
    else this.#takeField(line);
  }
  #endHead(): void {
    if (this.#start !== null) {
      this.#head = { start: this.#start, headers: this.#headers };
      this.#line = NOTHING;
    } else if (this.#blanks-- === 0) this.#fail(400, "an empty line instead of a start line");
  }
  #takeStart(line: string): void {
    this.#start = this.#parseStart(line);
    if (this.#start === null) this.#fail(400, "the start line is malformed");
  }
  #takeField(line: string): void {
    const header = parseField(line);
    if (header === null) this.#fail(400, "a header line is malformed");
    else if (this.#headers.length === this.#limits.headers) this.#fail(431, "the head has too many lines");
    else this.#headers.push(header);
  }
  #fail(status: Flaw["status"], message: string): void {
    this.#flaw = { status, message };
    this.#line = NOTHING;
  }
}

/** method SP request-target SP HTTP-version (RFC 9112 §3), or null. */
export function parseRequestLine(line: string): RequestLine | null {
  const [method, target, protocol, ...more] = line.split(" ");
  if (protocol === undefined || more.length > 0 || !isToken(method) || !isVisible(target)) return null;
  const version = versionOf(protocol);
  return version === null ? null : { method, target, version };
}

/** HTTP-version SP status-code [SP reason-phrase], or null. RFC 9112 §4 wants the last space, but many servers omit it. */
export function parseStatusLine(line: string): StatusLine | null {
  const [protocol, code] = line.split(" ", 2);
  const version = versionOf(protocol);
  return version === null || code === undefined || !/^[1-9][0-9]{2}$/.test(code) ? null : { version, status: Number(code) };
}

/** The octets of a head. Throws BAD_ARGUMENT, before any octet, for anything that would not stay on its line. */
export function headBytes(startLine: string, headers: readonly Header[]): Bytes {
  if (!isFieldValue(startLine)) throw new UsageError("BAD_ARGUMENT", "a start line must be visible ASCII characters and spaces");
  requireFields(headers);
  let text = startLine + "\r\n";
  for (const [name, value] of headers) text += `${name}: ${value}\r\n`;
  text += "\r\n";
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
}

/** A folded line begins with a space, and a space may stand before a colon: neither is a token (RFC 9112 §5.1, §5.2). */
function parseField(line: string): Header | null {
  const colon = line.indexOf(":");
  if (colon === -1) return null;
  const name = line.slice(0, colon);
  return isToken(name) ? [name, trim(line.slice(colon + 1))] : null;
}
function versionOf(protocol: string): string | null {
  return /^HTTP\/[0-9]\.[0-9]$/.test(protocol) ? protocol.slice(5) : null;
}
/** One UTF-16 unit per octet. The label "latin1" of TextDecoder means windows-1252. */
function latin1(bytes: Uint8Array, length: number): string {
  let text = "";
  for (let at = 0; at < length; at += 4096) text += String.fromCharCode(...bytes.subarray(at, Math.min(at + 4096, length)));
  return text;
}

const NOTHING = new Uint8Array(0);
const CR = 0x0d;
const LF = 0x0a;
const TAB = 0x09;
const DEL = 0x7f;
