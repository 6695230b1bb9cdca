// Where to listen and whom to trust, in the words of node:net and node:tls, so that a program moves between runtimes without a change. What
// comes in: options, what a runtime said about TLS. What goes out: PEM as text, one typed error. Next file: the adapter of the runtime.
import { failure, type WebSocketError } from "./errors.ts";

/** Text or octets in PEM, as a file holds them. */
export type Pem = string | Uint8Array;

/** Where a server listens. */
export interface Endpoint {
  /** Default: any that is free. */
  readonly port?: number | undefined;
  /** An address or a name of this machine. Default: all addresses that the runtime takes by default. */
  readonly host?: string | undefined;
  /** A path of the file system instead. */
  readonly path?: string | undefined;
  /** Listens for wss. */
  readonly tls?: { readonly key: Pem; readonly cert: Pem } | undefined;
}
/** Whom a client trusts, for wss. */
export interface Trust {
  readonly tls?: {
    /** Authorities to trust. Default: those of the runtime. */
    readonly ca?: Pem | readonly Pem[] | undefined;
    /** The name that the server must prove. Default: the host of the URL. */
    readonly servername?: string | undefined;
  } | undefined;
}

/** The text of a PEM. */
export function pemText(pem: Pem): string {
  return typeof pem === "string" ? pem : new TextDecoder().decode(pem);
}
/** The text of some. */
export function pemTexts(pem: Pem | readonly Pem[]): string[] {
  return typeof pem === "string" || pem instanceof Uint8Array ? [pemText(pem)] : pem.map(pemText);
}

/** The WebSocketError for whatever went wrong between a connection of TCP and one of TLS. */
export function noTls(error: unknown): WebSocketError {
  const { message } = (error ?? {}) as { message?: unknown };
  return failure("TLS", error, typeof message === "string" && message !== "" ? `no TLS connection: ${message}` : undefined);
}
