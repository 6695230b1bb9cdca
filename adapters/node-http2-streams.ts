// The streams of HTTP/2 that are WebSockets, and how a client gets one. What comes in: streams of node:http2; where to, for a client. What goes
// out: transports; for a client with what was agreed, since a stream of HTTP/2 has its head apart. RFC 8441 §4, §5. The file before: node-http2.ts.
import { Buffer } from "node:buffer";
import { connect as dialSession, constants } from "node:http2";
import type { ClientHttp2Session, ClientHttp2Stream, Http2Stream, IncomingHttpHeaders, ServerHttp2Stream } from "node:http2";
import type { ConnectionOptions } from "node:tls";
import { verifyResponse } from "../core/index.ts";
import type { Bytes, Header, Options, RequestHead } from "../core/types.ts";
import { coming, unlessAborted } from "./node-events.ts";
import { NodeTransport } from "./node-sockets.ts";
import { noTls } from "./socket/endpoint.ts";
import { failure, faulted, HandshakeError } from "./socket/errors.ts";
import type { Target } from "./socket/target.ts";
import type { Dial, Driver } from "./socket/transport.ts";

export interface Http2Connect {
  /** A session with the server of the URL, which many sockets may share; it stays open. Default: one that ends with the socket. */
  readonly session?: ClientHttp2Session | undefined;
  /** Certificates and the like for a session of our own to a wss URL. */
  readonly tls?: ConnectionOptions | undefined;
}

/** A stream of HTTP/2: its end is END_STREAM, its destruction RST_STREAM (RFC 8441 §5). */
export class Http2Transport extends NodeTransport {
  readonly #stream: Http2Stream;
  #driver: Driver | null = null;
  #destroyed = false;

  constructor(stream: Http2Stream) {
    super(stream);
    this.#stream = stream;
  }
  override get address(): string | null {
    return this.#stream.session?.socket.remoteAddress ?? null;
  }
  override get port(): number | null {
    return this.#stream.session?.socket.remotePort ?? null;
  }
  override get secure(): boolean {
    return this.#stream.session?.encrypted === true;
  }
  override start(driver: Driver): void {
    this.#driver = driver;
    const stream = this.#stream;
    stream.on("aborted", () => {
      if (!this.#destroyed) driver.ended(new Error(`the stream was reset with code ${stream.rstCode}`));
    });
    super.start(driver);
  }
  respond(status: number, headers: readonly Header[]): void {
    const stream = this.#stream as ServerHttp2Stream;
    if (stream.destroyed || stream.closed) return;
    try {
      stream.respond({ ":status": status, ...grouped(headers) });
    } catch (error) {
      // Headers of the application that HTTP/2 has not, or not twice: Keep-Alive, two of Content-Type.
      stream.respond({ ":status": 500 }, { endStream: true });
      this.#driver!.ended(error);
    }
  }
  /** Node ends the stream before it resets it, where it was open. */
  override destroy(): void {
    this.#destroyed = true;
    this.#stream.close(constants.NGHTTP2_CANCEL);
  }
}

/** Opens a stream, in a session of its own unless there is one, and asks for the WebSocket. */
export async function dial(
  to: Target,
  head: RequestHead,
  settings: Options,
  { session, tls }: Http2Connect,
  signal: AbortSignal,
): ReturnType<Dial> {
  const line = session ?? dialSession(originOf(to), { ...tls, ...(to.unix === null ? {} : { path: to.unix }) });
  if (session === undefined) line.on("error", () => {}); // its streams tell
  let stream: ClientHttp2Stream | null = null;
  try {
    await offersWebSockets(line, to.secure, signal);
    const place = { ":authority": head.authority, ":path": head.target, ":scheme": to.secure ? "https" : "http" };
    stream = line.request({ ":method": "CONNECT", ":protocol": "websocket", ...place, ...grouped(head.headers) }, {
      endStream: false,
    });
    const transport = new Http2Transport(stream);
    const [headers] = await unlessAborted(coming<[IncomingHttpHeaders]>(stream, "response"), signal);
    const status = Number(headers[":status"]), fields = fieldsOf(headers);
    if (status < 200 || status > 299) {
      const body = await unlessAborted(bodyOf(stream, settings.limits?.body ?? 65_536), signal);
      throw new HandshakeError({ status, headers: fields, body });
    }
    const verdict = verifyResponse(to.target, settings, status, fields);
    if (verdict.type === "fault") throw faulted(verdict.fault);
    if (session === undefined) stream.once("close", () => line.close());
    return { transport, peer: transport, agreement: verdict.agreement };
  } catch (error) {
    stream?.close(constants.NGHTTP2_CANCEL);
    if (session === undefined) line.destroy();
    throw error;
  }
}
/** Header fields without those that start with a colon (RFC 9113 §8.3). */
export function fieldsOf(headers: IncomingHttpHeaders): Header[] {
  return Object.entries(headers).flatMap(([name, value]) =>
    name.startsWith(":") || value === undefined ? [] : [value].flat().map((one): Header => [name, one])
  );
}

/** Waits for what the server says of itself first (RFC 9113 §3.4). */
async function offersWebSockets(session: ClientHttp2Session, secure: boolean, signal: AbortSignal): Promise<void> {
  if (session.closed || session.destroyed) throw new Error("the session is closed");
  // Once the server has acknowledged our settings, its own have come.
  const isKnown = !session.connecting && session.pendingSettingsAck === false;
  if (!isKnown && session.remoteSettings?.enableConnectProtocol !== true) {
    let settings = awaited.get(session);
    if (settings === undefined) awaited.set(session, settings = coming(session, "remoteSettings"));
    try {
      await unlessAborted(settings, signal);
    } catch (error) {
      throw secure && !signal.aborted && !(error as { syscall?: string }).syscall ? noTls(error) : error;
    }
  }
  if (session.remoteSettings.enableConnectProtocol !== true) {
    throw failure("CONNECT", undefined, "the server offers no WebSockets over HTTP/2 (RFC 8441 §3)");
  }
}
function originOf({ secure, host: name, port }: Target): string {
  return `${secure ? "https" : "http"}://${name.includes(":") ? `[${name}]` : name}:${port}`;
}
async function bodyOf(stream: ClientHttp2Stream, most: number): Promise<Bytes> {
  const parts: Uint8Array[] = [];
  let left = most;
  for await (const chunk of stream as AsyncIterable<Uint8Array>) {
    parts.push(chunk.subarray(0, left));
    left -= parts.at(-1)!.byteLength;
    if (left === 0) break;
  }
  return new Uint8Array(Buffer.concat(parts));
}
/** One listener for all sockets that wait for the settings of a session. */
const awaited = new WeakMap<ClientHttp2Session, Promise<unknown>>();

function grouped(headers: readonly Header[]): Record<string, string[]> {
  const fields: Record<string, string[]> = Object.create(null);
  for (const [name, value] of headers) (fields[name.toLowerCase()] ??= []).push(value);
  return fields;
}
