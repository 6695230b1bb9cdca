// What comes in: the port of a server, and for each connection where it is to break. What goes out: a port that leads there, and breaks both
// streams with RST as soon as so many octets have gone one way. It knows a connection by the number in its target. Next file: reset.ts.
import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";

/** `up`: from client to server. */
export interface Break {
  readonly way: "up" | "down";
  readonly octets: number;
}
export interface Proxy {
  readonly port: number;
  /** Octets that have gone each way, by number. */
  readonly passed: ReadonlyMap<number, Readonly<Record<Break["way"], number>>>;
  close(): void;
}

export async function proxy(to: number, breaks: (number: number) => Break | null): Promise<Proxy> {
  const passed = new Map<number, Record<Break["way"], number>>();
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (near) => {
    near.on("error", () => near.destroy()).once("data", (head: Buffer) => {
      const number = Number(/^GET \/(\d+) /.exec(head.toString("latin1"))?.[1]);
      const far = connect({ port: to, host: "127.0.0.1", allowHalfOpen: true, noDelay: true }).on("error", () => near.destroy());
      const counts = { up: 0, down: 0 };
      passed.set(number, counts);
      const at = breaks(number);
      const cut = (): void => {
        near.resetAndDestroy();
        far.resetAndDestroy();
      };
      const pass = (way: Break["way"], out: Socket) => (chunk: Buffer): void => {
        const most = at?.way === way ? at.octets - counts[way] : Infinity;
        const part = chunk.subarray(0, most);
        counts[way] += part.length;
        if (part.length === most) out.write(part, cut);
        else out.write(part);
      };
      const up = pass("up", far);
      up(head);
      near.on("data", up).on("end", () => far.end());
      far.on("data", pass("down", near)).on("end", () => near.end());
    });
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  return { port: (server.address() as AddressInfo).port, passed, close: () => void server.close() };
}
