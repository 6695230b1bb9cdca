// What comes in: what a page shall say, and to which server. What goes out: how the page saw that, in a real browser with its own WebSocket.
// RFC 6455 §10.2. Next file: browser.test.ts.
import type { Frame, Page } from "playwright-core";
import type { Message } from "../../adapters/adapter.ts";

/** How a page saw its connection. */
export interface Told {
  readonly events: readonly string[];
  /** Messages that came back as they were said, in order; `others`: texts that nobody had said. */
  readonly echoed: number;
  readonly others: readonly string[];
  readonly extensions: string;
  readonly code: number;
  readonly reason: string;
  readonly wasClean: boolean;
}

/** Lets a page that was made of PAGE say all of these, each as JavaScript; when all came back it calls close() with these; null: never. */
export function talk(
  on: Page | Frame,
  url: string,
  say: readonly string[] = [],
  close: readonly unknown[] | null = [1000],
): Promise<Told> {
  return on.evaluate<Told>(`talk(${JSON.stringify(url)}, [${say}], ${JSON.stringify(close)})`);
}
/** A message as JavaScript. */
export function source(message: Message): string {
  return typeof message === "string" ? JSON.stringify(message) : `Uint8Array.of(${message})`;
}

/** 1 MiB that does not compress, as JavaScript. */
export const NOISE = `Uint8Array.from({ length: 1 << 20 }, () => Math.random() * 256)`;
export const PAGE = `<!doctype html><script>
  const isSame = (data, said) =>
    typeof data === "string" || typeof said !== "object"
      ? data === said
      : data.byteLength === said.byteLength && new Uint8Array(data).every((octet, i) => octet === said[i]);
  const talk = (url, say, close) => new Promise((done) => {
    const told = { events: [], echoed: 0, others: [] };
    const socket = new WebSocket(url);
    const closeWhenDone = () => { if (told.echoed === say.length && close) socket.close(...close); };
    socket.binaryType = "arraybuffer";
    socket.onopen = () => {
      told.events.push("open");
      for (const each of say) socket.send(each);
      closeWhenDone();
    };
    socket.onmessage = ({ data }) => {
      if (!isSame(data, say[told.echoed])) return told.others.push(String(data));
      told.echoed++;
      closeWhenDone();
    };
    socket.onerror = () => told.events.push("error");
    socket.onclose = ({ code, reason, wasClean }) => {
      told.events.push("close");
      done({ ...told, extensions: socket.extensions, code, reason, wasClean });
    };
  });
  /** Puts this page into itself, without an origin. */
  const nest = () => new Promise((onload) => {
    document.documentElement.append(
      Object.assign(document.createElement("iframe"), { sandbox: "allow-scripts", src: "/", onload }),
    );
  });
</script>`;

export const FLAGS: readonly string[] = [
  // Names of origins, of which none is looked up.
  "--host-resolver-rules=MAP *.example 127.0.0.1",
  // A page that came from no address would ask its user whether it may reach 127.0.0.1, and nobody is here to answer.
  "--disable-features=LocalNetworkAccessChecks",
];
