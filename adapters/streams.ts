// Any pair of web streams of octets: a proxy's tunnel, a channel of WebTransport, what a library hands out. What comes in: `readable` and
// `writable`, opened by somebody else. What goes out: the handle, in either role. RFC 6455 §4.1, §4.2. Next file: deno.ts.
import { failure } from "./socket/errors.ts";
import type { ConnectOptions, Handler, Handlers, Part, ServeOptions, Server, Socket } from "./socket/handle.ts";
import { open } from "./socket/open.ts";
import { type Pulled, pulled } from "./socket/pull.ts";
import { listener } from "./socket/server.ts";
import { parseTarget } from "./socket/target.ts";
import type { Host, Peer } from "./socket/transport.ts";
import { reads, web } from "./socket/web.ts";
import { zlib } from "./zlib.ts";

export { HandshakeError, WebSocketError } from "./socket/errors.ts";
export { UsageError } from "../core/index.ts";
export type { WebSocketErrorCode } from "./socket/errors.ts";
export type * from "./socket/handle.ts";

/** A ReadableStream and a WritableStream, by the methods that are used. Chunks that were read belong to the connection, which changes them. */
export interface ByteStreams {
  readonly readable: { getReader(): ByteReader };
  readonly writable: { getWriter(): ByteWriter };
}
export interface ByteReader {
  read(): Promise<{ readonly done: boolean; readonly value?: Uint8Array | undefined }>;
  cancel(reason?: unknown): Promise<unknown>;
}
export interface ByteWriter {
  write(chunk: Uint8Array): Promise<unknown>;
  close(): Promise<unknown>;
  abort(reason?: unknown): Promise<unknown>;
}

/** A server that listens nowhere: it is handed its connections. Its `url` is empty. */
export interface StreamServer<Data = unknown> extends Server<Data> {
  /** Takes a connection over. `peer` is what the application will see. Throws TypeError for streams that are locked. */
  accept(streams: ByteStreams, peer?: Peer): void;
}
/** Throws UsageError. */
export interface ServeStreams {
  <Data = unknown>(options: ServeOptions<Data> & { messages: "parts" }, handler: Handler<Data, Part>): StreamServer<Data>;
  <Data = unknown>(options: ServeOptions<Data>, handler: Handler<Data>): StreamServer<Data>;
}
/** As `connect` of the other adapters, over streams that lead to the server already. A failure cancels and aborts them. */
export interface ConnectStreams {
  (
    streams: ByteStreams,
    url: string | { readonly href: string },
    options: ConnectOptions & { messages: "parts" },
  ): Promise<Socket<unknown, Part>>;
  (
    streams: ByteStreams,
    url: string | { readonly href: string },
    options?: ConnectOptions,
    handlers?: Handlers,
  ): Promise<Socket>;
}

/** Answers clients on streams that somebody else accepted (RFC 6455 §4.2). */
export const serve: ServeStreams = <Data>(options: ServeOptions<Data>, handler: Handler<Data, any>): StreamServer<Data> => {
  options.signal?.throwIfAborted();
  const core = listener(options, handler, host);
  const accept = (streams: ByteStreams, peer: Peer = unknown): void => core.accept(pulled(streamed(streams)), peer);
  return Object.assign(core.server(() => "", () => {}), { accept });
};

/** Asks a server for the upgrade over streams that somebody else opened; the URL says what for (RFC 6455 §4.1). */
export const connect: ConnectStreams = async (
  streams: ByteStreams,
  url: string | { readonly href: string },
  options: ConnectOptions = {},
  handlers?: Handlers,
): Promise<Socket<any, any>> => {
  const { target, secure } = parseTarget(url, options);
  const dial = async () => ({ transport: pulled(streamed(streams)), peer: { ...unknown, secure } });
  return open(dial, target, options, host, handlers);
};

/**
 * The streams as a Pulled. `release` is called once both have ended, or were aborted. `spares`: where releasing alone is enough to drop what has
 * nothing to write, nothing else is done to it.
 */
export function streamed(streams: ByteStreams, release: () => void = () => {}, spares = false): Pulled {
  const [reader, read] = reading(streams.readable);
  const writer = streams.writable.getWriter();
  let isWriting = false;
  return {
    read,
    async write(chunk) {
      isWriting = true;
      await writer.write(chunk.slice()); // a stream may pass it on long after it has said that it is written
      isWriting = false;
      return chunk.byteLength;
    },
    async closeWrite() {
      await writer.close();
    },
    close: release,
    abort() {
      if (!spares || isWriting) {
        const reason = failure("TERMINATED");
        writer.abort(reason).catch(() => {});
        reader.cancel(reason).catch(() => {});
      }
      release();
    },
  };
}

export const host: Host = Object.freeze({ ...web, deflate: Object.freeze({ engine: zlib }) });

/** Streams of bytes are read into memory of ours: Cloudflare's would give 4 KiB at a time. Others give what they have. */
function reading(readable: ByteStreams["readable"]): [Pick<ByteReader, "cancel">, Pulled["read"]] {
  const filling = filler(readable);
  if (filling !== null) {
    return [
      filling,
      reads(async (room) => {
        const { done, value } = await filling.read(room);
        return done ? null : value!;
      }),
    ];
  }
  const reader = readable.getReader();
  return [reader, async () => {
    const { done, value } = await reader.read();
    return done ? null : value!;
  }];
}
/** A reader into given memory, or null for a stream that has none. */
function filler(readable: { getReader(options?: { mode: "byob" }): unknown }): Filler | null {
  try {
    return readable.getReader({ mode: "byob" }) as Filler;
  } catch {
    return null;
  }
}
interface Filler extends Pick<ByteReader, "cancel"> {
  read(room: Uint8Array): ReturnType<ByteReader["read"]>;
}

const unknown: Peer = Object.freeze({ address: null, port: null, secure: false });
