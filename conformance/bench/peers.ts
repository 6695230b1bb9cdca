// What comes in: nothing. What goes out: the inner parts of ws and websocket-driver that have no types, as far as they are raced against.
// Loaded when they are asked for, so that no process holds code that it does not measure. Next file: decode.ts.
import { createRequire } from "node:module";

export interface WsReceiver {
  on(
    event: "message",
    listener: (data: Buffer, isBinary: boolean) => void,
  ): void;
  write(chunk: Buffer): boolean;
}
export interface WsSender {
  send(
    data: string | Uint8Array,
    options: WsSendOptions,
    callback?: () => void,
  ): void;
}
export interface WsSendOptions {
  readonly binary: boolean;
  readonly compress: boolean;
  readonly fin: true;
  readonly mask: false;
}
/** What a Sender needs of a socket. */
export interface WsSocket {
  cork(): void;
  uncork(): void;
  write(
    data: string | Uint8Array,
    encodingOrCallback?: unknown,
    callback?: () => void,
  ): boolean;
}
export interface WsDeflate {
  accept(
    offers: readonly Readonly<Record<string, readonly unknown[]>>[],
  ): unknown;
}
export interface Ws {
  readonly Receiver: new (
    options: {
      isServer: boolean;
      extensions?: Readonly<Record<string, WsDeflate>>;
    },
  ) => WsReceiver;
  readonly Sender: new (
    socket: WsSocket,
    extensions?: Readonly<Record<string, WsDeflate>>,
  ) => WsSender;
  readonly PerMessageDeflate: new (options: object) => WsDeflate;
  readonly WebSocket: new (
    address: null,
    protocols: undefined,
    options: object,
  ) => WsWebSocket;
}
export interface WsWebSocket {
  setSocket(socket: object, head: Buffer, options: object): void;
  on(
    event: "message",
    listener: (this: WsWebSocket, data: Buffer, isBinary: boolean) => void,
  ): void;
  send(data: Buffer, options: object): void;
}
export interface Driver {
  start(): void;
  parse(chunk: Buffer): void;
  on(
    event: "message",
    listener: (event: { readonly data: string | Uint8Array }) => void,
  ): void;
}

export function loadWs(): Ws {
  return require("ws");
}
/** A websocket-driver that has accepted a request. */
export function openDriver(): Driver {
  const headers = {
    "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
    "sec-websocket-version": "13",
    upgrade: "websocket",
    connection: "Upgrade",
  };
  const driver: Driver = require("websocket-driver").http({
    method: "GET",
    url: "/",
    headers,
  });
  driver.start();
  return driver;
}
/** bufferutil's unmask, for whole views: what ws calls for payloads of 48 octets and more. */
export function nativeUnmask(): (buffer: Uint8Array, mask: Uint8Array) => void {
  return require("bufferutil").unmask;
}
export function versionOf(name: string): string {
  return require(`${name}/package.json`).version;
}

const require = createRequire(import.meta.url);
