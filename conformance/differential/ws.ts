// What comes in: a case. What goes out: what the Receiver of ws 8 makes of it. ws has no types for its inner parts, so what is used of them is
// described here. Next file: websockets.ts.
import { createRequire } from "node:module";
import type { Case, Heard } from "./case.ts";
import { hex } from "./ours.ts";

export async function ws({ role, deflate, limit, chunks }: Case): Promise<Heard> {
  const isServer = role === "server";
  const extensions: Record<string, Deflate> = {};
  if (deflate !== null) {
    const packed = extensions["permessage-deflate"] = new PerMessageDeflate({ isServer, maxPayload: limit });
    packed.params = {
      server_no_context_takeover: !deflate.serverTakeover,
      client_no_context_takeover: !deflate.clientTakeover,
      server_max_window_bits: deflate.serverWindowBits,
      client_max_window_bits: deflate.clientWindowBits,
    };
  }
  const said: string[] = [];
  let end = "open";
  const receiver = new Receiver({ isServer, extensions, maxPayload: limit });
  const over = new Promise<void>((resolve) => {
    receiver.on("message", (data: Buffer, isBinary: boolean) => void said.push(`${isBinary ? "binary" : "text"} ${hex(data)}`));
    receiver.on("ping", (data: Buffer) => void said.push(`ping ${hex(data)}`));
    receiver.on("pong", (data: Buffer) => void said.push(`pong ${hex(data)}`));
    receiver.on("conclude", (code: number) => {
      end = `close ${code}`;
      resolve();
    });
    receiver.on("error", (error: object) => {
      const status = Object.getOwnPropertySymbols(error).find(({ description }) => description === "status-code");
      end = `fail ${status === undefined ? String(error) : Reflect.get(error, status)}`;
      resolve();
    });
    receiver.on("finish", () => resolve());
  });
  // One chunk after the other: where several wait for a message to be inflated, and a fault is found in one of them, ws 8.23.0 reads on in the
  // next and throws a TypeError that nobody can catch.
  for (const chunk of chunks) {
    if (end === "open") await new Promise((resolve) => void receiver.write(Buffer.from(chunk), resolve));
  }
  receiver.end();
  await over;
  extensions["permessage-deflate"]?.cleanup();
  return { said, end };
}

interface Deflate {
  params: object;
  cleanup(): void;
}
interface Reading {
  on(event: string, listener: (...args: any[]) => void): void;
  write(chunk: Buffer, done: (error?: unknown) => void): boolean;
  end(): void;
}
const { Receiver, PerMessageDeflate } = createRequire(import.meta.url)("ws") as {
  readonly Receiver: new (options: object) => Reading;
  readonly PerMessageDeflate: new (options: object) => Deflate;
};
