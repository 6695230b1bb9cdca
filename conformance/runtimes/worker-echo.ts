// The echo server as a Worker. In: its settings, as the binding SETTINGS. Out: what the runtime calls for each connection.
// Next file: worker-client.ts.
import { type CloudflareSocket, serve } from "../../adapters/cloudflare.ts";

interface Settings {
  readonly message: number | null;
  readonly deflate: boolean;
}

export default {
  async connect(
    socket: CloudflareSocket,
    env: { readonly SETTINGS: string },
  ): Promise<void> {
    const { message, deflate } = JSON.parse(env.SETTINGS) as Settings;
    const options = {
      ...(message === null ? {} : { limits: { message } }),
      ...(deflate ? {} : { deflate: null }),
    };
    await serve(options, {
      async message(socket, data) {
        await socket.send(data);
      },
    }).connect(socket);
  },
};
