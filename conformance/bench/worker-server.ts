// The echo servers of the benchmark as a Worker. In: which one, as the binding WHAT. Out: what the runtime calls for each connection.
// Next file: workerd.capnp.
import { type CloudflareSocket, serve } from "../../adapters/cloudflare.ts";

interface Environment {
  readonly WHAT: string;
}
interface Half {
  binaryType: string;
  accept(): void;
  addEventListener(
    type: "message",
    listener: (event: { readonly data: unknown }) => void,
  ): void;
  send(data: unknown): void;
}
declare const WebSocketPair: new () => readonly [Half, Half];

const handlers = serve({ deflate: null }, {
  message: (socket, data) => void socket.send(data),
});

export default {
  async connect(
    socket: CloudflareSocket,
    { WHAT }: Environment,
  ): Promise<void> {
    if (WHAT === "handlers") return handlers.connect(socket);
    const reader = socket.readable.getReader(),
      writer = socket.writable.getWriter();
    for (
      let chunk = await reader.read();
      !chunk.done;
      chunk = await reader.read()
    ) await writer.write(chunk.value!);
  },
  fetch(): Response {
    const pair = new WebSocketPair();
    const [client, server] = [pair[0], pair[1]];
    server.binaryType = "arraybuffer";
    server.accept();
    server.addEventListener("message", ({ data }) => server.send(data));
    return new Response(
      null,
      { status: 101, webSocket: client } as ResponseInit,
    );
  },
};
