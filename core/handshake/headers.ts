// The grammar of header fields: tokens, lists, extension lists, authorities, and what we may write. What comes in: strings, one
// UTF-16 unit per octet as read. What goes out: their parts, or null where the grammar does not fit. RFC 9110 §5.5, §5.6;
// RFC 6455 §9.1; RFC 3986 §3.2. Linear: a cursor that only moves on, or a search for one character of a class. Names from the
// peer are data in arrays and Maps, so that "__proto__" is a name like any other.
// obs-text (octets 128 to 255) is accepted in values we read, one UTF-16 unit per octet; never interpreted, never written by us.
// Next file: http1.ts.
import { UsageError } from "../errors.ts";
import type { Header } from "../types.ts";

/** A parameter of an extension; null: it has no value. */
export type Param = readonly [name: string, value: string | null];
export interface Extension {
  readonly name: string;
  readonly params: readonly Param[];
}
/** Values by lower-case name, in the order of arrival. */
export type Fields = ReadonlyMap<string, readonly string[]>;

/** RFC 9110 §5.6.2. */
export function isToken(text: string): boolean {
  return text !== "" && !NOT_TOKEN.test(text);
}
/** Visible ASCII characters only, at least one. */
export function isVisible(text: string): boolean {
  return text !== "" && !NOT_VISIBLE.test(text);
}
/** What we write behind a name: visible ASCII, space and tab (RFC 9110 §5.5 without obs-text). */
export function isFieldValue(text: string): boolean {
  return !NOT_FIELD.test(text);
}
/** host[:port] (RFC 3986 §3.2) without userinfo and never empty (RFC 9110 §4.2.1, §4.2.4). */
export function isAuthority(text: string): boolean {
  return AUTHORITY.test(text);
}
/**
 * path[?query] in origin-form (RFC 9112 §3.2.1). Looser than RFC 3986, since browsers send `|` and `{` as they are; no fragment.
 */
export function isOriginForm(text: string): boolean {
  return text.startsWith("/") && isVisible(text) && !text.includes("#");
}

/** Without the optional whitespace around it (RFC 9110 §5.6.3). */
export function trim(text: string): string {
  let from = 0;
  let to = text.length;
  while (from < to && isSpace(text.charCodeAt(from))) from++;
  while (to > from && isSpace(text.charCodeAt(to - 1))) to--;
  return text.slice(from, to);
}

/** The elements between commas; empty ones are ignored (RFC 9110 §5.6.1.2). */
export function listOf(value: string): string[] {
  return value.split(",").map(trim).filter((element) => element !== "");
}

/** Indexes headers by name, without case and without the whitespace around values. */
export function fieldsOf(headers: readonly Header[]): Fields {
  const fields = new Map<string, string[]>();
  for (const [name, value] of headers) {
    const key = name.toLowerCase();
    const values = fields.get(key);
    if (values === undefined) fields.set(key, [trim(value)]);
    else values.push(trim(value));
  }
  return fields;
}

/**
 * One value by lower-case name, repeated ones joined (RFC 9110 §5.3). A cookie may come in crumbs on HTTP/2 (RFC 9113 §8.2.3).
 */
export function joined(fields: Fields, name: string): string | null {
  const values = fields.get(name);
  return values === undefined ? null : values.join(name === "cookie" ? "; " : ", ");
}

/**
 * Throws BAD_ARGUMENT for a name or a value that must not reach the wire, so that nobody can smuggle a line into a head (RFC 9110
 * §5).
 */
export function requireFields(headers: readonly Header[]): void {
  for (const [name, value] of headers) {
    if (typeof name !== "string" || !isToken(name)) {
      throw new UsageError("BAD_ARGUMENT", `${JSON.stringify(name)} is not the name of a header`);
    }
    if (typeof value !== "string" || !isFieldValue(value)) {
      throw new UsageError("BAD_ARGUMENT", `the value of ${name} must be a string of visible ASCII characters, spaces and tabs`);
    }
  }
}

/** As `requireFields`, and for headers that the handshake or the framing of HTTP owns, but for one. */
export function requireFree(headers: readonly Header[], but = ""): void {
  requireFields(headers);
  for (const [name] of headers) {
    const key = name.toLowerCase();
    if (key !== but && (OWNED.has(key) || key.startsWith("sec-websocket-"))) {
      throw new UsageError("BAD_ARGUMENT", `${name} is set by the handshake`);
    }
  }
}

/** Headers as the version of HTTP writes them (RFC 9113 §8.2.1). */
export function named(http: 1 | 2, headers: readonly Header[]): readonly Header[] {
  return http === 1 ? headers : headers.map(([name, value]) => [name.toLowerCase(), value]);
}

/**
 * The extension list of RFC 6455 §9.1, or null: a peer that sends anything else MUST be failed. Whitespace is allowed between all
 * parts (the implied rule of RFC 2616 §2.1), a quoted value counts unquoted and must then be a token, empty elements are ignored.
 */
export function parseExtensions(value: string): Extension[] | null {
  const cursor: Cursor = { text: value, at: 0 };
  const extensions: Extension[] = [];
  do {
    skipSpace(cursor);
    if (cursor.at === value.length || value.charCodeAt(cursor.at) === COMMA) continue;
    const extension = readExtension(cursor);
    if (extension === null) return null;
    extensions.push(extension);
  } while (take(cursor, COMMA));
  return cursor.at === value.length && extensions.length > 0 ? extensions : null;
}

interface Cursor {
  readonly text: string;
  at: number;
}
function readExtension(cursor: Cursor): Extension | null {
  const name = readToken(cursor);
  if (name === "") return null;
  const params: Param[] = [];
  while (take(cursor, SEMICOLON)) {
    const param = readParam(cursor);
    if (param === null) return null;
    params.push(param);
  }
  return { name, params };
}
function readParam(cursor: Cursor): Param | null {
  skipSpace(cursor);
  const name = readToken(cursor);
  if (name === "") return null;
  if (!take(cursor, EQUALS)) return [name, null];
  skipSpace(cursor);
  const value = take(cursor, QUOTE) ? readQuoted(cursor) : readToken(cursor);
  return value === "" ? null : [name, value];
}
function readToken(cursor: Cursor): string {
  const from = cursor.at;
  while (cursor.at < cursor.text.length && isTokenCode(cursor.text.charCodeAt(cursor.at))) cursor.at++;
  return cursor.text.slice(from, cursor.at);
}
/** Behind the opening quote: the token inside, or "" if there is none or no end. */
function readQuoted(cursor: Cursor): string {
  let token = "";
  while (cursor.at < cursor.text.length) {
    let code = cursor.text.charCodeAt(cursor.at++);
    if (code === QUOTE) return token;
    if (code === BACKSLASH) {
      if (cursor.at === cursor.text.length) return "";
      code = cursor.text.charCodeAt(cursor.at++);
    }
    if (!isTokenCode(code)) return "";
    token += String.fromCharCode(code);
  }
  return "";
}
/** Takes one character, with whitespace before it. */
function take(cursor: Cursor, code: number): boolean {
  skipSpace(cursor);
  if (cursor.at === cursor.text.length || cursor.text.charCodeAt(cursor.at) !== code) return false;
  cursor.at++;
  return true;
}
function skipSpace(cursor: Cursor): void {
  while (cursor.at < cursor.text.length && isSpace(cursor.text.charCodeAt(cursor.at))) cursor.at++;
}
function isSpace(code: number): boolean {
  return code === 0x20 || code === 0x09;
}
function isTokenCode(code: number): boolean {
  return code < 0x80 && TOKEN_CODES[code] === 1;
}

const QUOTE = 0x22;
const COMMA = 0x2c;
const SEMICOLON = 0x3b;
const EQUALS = 0x3d;
const BACKSLASH = 0x5c;
const NOT_TOKEN = /[^!#$%&'*+\-.^_`|~0-9A-Za-z]/;
const NOT_VISIBLE = /[^!-~]/;
const NOT_FIELD = /[^\t -~]/;
// The class before the port holds no colon, so there is nothing to try twice.
const AUTHORITY = /^(?:\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9\-._~%!$&'()*+,;=]+)(?::[0-9]{0,5})?$/;
const TOKEN_CODES = Uint8Array.from({ length: 128 }, (_, code) => isToken(String.fromCharCode(code)) ? 1 : 0);
/** The handshake writes them, or they frame messages, or HTTP/2 forbids them (RFC 9113 §8.2.2). */
const OWNED: ReadonlySet<string> = new Set([
  "connection",
  "content-length",
  "host",
  "keep-alive",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);
