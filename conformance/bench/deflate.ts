// What comes in: JSON messages. What goes out: nanoseconds per message through permessage-deflate, both directions, on a server.
// Both sides compress at level 1 with the same context takeover; ws waits for zlib's threads, so a pass ends when its last message is there.
// Next file: echo.ts.
import { natives } from "../../adapters/node-natives.ts";
import { zlib } from "../../adapters/zlib.ts";
import { upgradedConnection } from "../../core/index.ts";
import type { Bytes, Connection } from "../../core/types.ts";
import { constants, deflateRawSync } from "node:zlib";
import { concat, utf8 } from "../frames/encode.ts";
import { loadWs, type WsDeflate } from "./peers.ts";
import type { Contender, Contenders, Figures, Pass } from "./race.ts";
import { type Row, rowOf } from "./table.ts";
import { memoryFor, type Traffic, traffic } from "./traffic.ts";

const LEVEL = 1;
const CASES: readonly string[] = [
  "64 B",
  "64 B, takeover",
  "1 KiB",
  "1 KiB, takeover",
];
const MESSAGES = 512;

interface Setting {
  readonly size: number;
  readonly takeover: boolean;
}
function settingOf(name: string): Setting {
  return {
    size: name.startsWith("64 B") ? 64 : 1024,
    takeover: name.endsWith("takeover"),
  };
}

/** A record with other numbers in each message. */
function json(size: number, i: number): Bytes {
  let text = "";
  for (let n = i * 37; text.length < size; n++) {
    text += `{"id":${10_000 + n % 9_000},"op":"move","x":${n % 97}.25,"y":-${n % 13}.5,"name":"Jane"} `;
  }
  return utf8(text.slice(0, size));
}
/** What a client would send: raw DEFLATE, its tail removed. */
function compressed({ size, takeover }: Setting): Traffic {
  let history: Bytes = new Uint8Array(0);
  const pack = (_: Bytes, i: number): Bytes => {
    const data = json(size, i);
    const dictionary = history.byteLength > 0 ? { dictionary: history } : {};
    const packed = deflateRawSync(data, {
      level: LEVEL,
      finishFlush: constants.Z_SYNC_FLUSH,
      ...dictionary,
    });
    if (takeover) history = concat([history, data]).slice(-32768);
    return new Uint8Array(packed.subarray(0, -4));
  };
  return traffic("text", size, pack, 4, MESSAGES * (size + 8));
}

function contender(prepare: (setting: Setting) => Pass): Contender {
  return { cases: CASES, prepare: (name) => prepare(settingOf(name)) };
}

function machine(takeover: boolean): Connection {
  const deflate = {
    serverWindowBits: 15,
    clientWindowBits: 15,
    serverTakeover: takeover,
    clientTakeover: takeover,
  };
  const options = {
    natives,
    deflate: {
      engine: zlib,
      level: LEVEL,
      threshold: 0,
      contextTakeover: takeover,
    },
  };
  const connection = upgradedConnection("server", {
    status: 101,
    headers: [],
    protocol: "",
    deflate,
  }, Object.freeze(options));
  connection.poll();
  return connection;
}
function extension({ takeover }: Setting): Readonly<Record<string, WsDeflate>> {
  const { PerMessageDeflate } = loadWs();
  const deflate = new PerMessageDeflate({
    isServer: true,
    threshold: 0,
    zlibDeflateOptions: { level: LEVEL },
  });
  deflate.accept([
    takeover ? {} : {
      server_no_context_takeover: [true],
      client_no_context_takeover: [true],
    },
  ]);
  return { "permessage-deflate": deflate };
}

function inflateSansws(setting: Setting): Pass {
  const stream = compressed(setting);
  const memory = memoryFor(stream);
  const connection = machine(setting.takeover);
  return () => {
    stream.chunks.forEach((chunk, i) => memory[i].set(chunk));
    let length = 0;
    const start = performance.now();
    for (const chunk of memory) {
      connection.receive(chunk, 0);
      for (
        let event = connection.poll();
        event !== null;
        event = connection.poll()
      ) {
        if (event.type === "text") length += event.data.length;
      }
    }
    const spent = performance.now() - start;
    if (length !== stream.messages * setting.size) {
      throw new Error("messages were lost");
    }
    return spent * 1e6 / stream.messages;
  };
}
function inflateWs(setting: Setting): Pass {
  const stream = compressed(setting);
  const memory = memoryFor(stream);
  const { Receiver } = loadWs();
  const receiver = new Receiver({
    isServer: true,
    extensions: extension(setting),
  });
  let length = 0;
  let done = (): void => {};
  receiver.on("message", (data) => {
    length += data.toString().length;
    if (length === stream.messages * setting.size) done();
  });
  return async () => {
    stream.chunks.forEach((chunk, i) => memory[i].set(chunk));
    length = 0;
    const finished = new Promise<void>((resolve) => done = resolve);
    const start = performance.now();
    for (const chunk of memory) receiver.write(chunk);
    await finished;
    return (performance.now() - start) * 1e6 / stream.messages;
  };
}

function strings({ size }: Setting): string[] {
  return Array.from(
    { length: MESSAGES },
    (_, i) => new TextDecoder().decode(json(size, i)),
  );
}
function deflateSansws(setting: Setting): Pass {
  const messages = strings(setting);
  const connection = machine(setting.takeover);
  return () => {
    const start = performance.now();
    for (const message of messages) {
      connection.send(message, COMPRESS);
      for (
        let out = connection.peekOutput();
        out !== null;
        out = connection.peekOutput()
      ) {
        connection.consumeOutput(out.byteLength);
      }
    }
    return (performance.now() - start) * 1e6 / MESSAGES;
  };
}
function deflateWs(setting: Setting): Pass {
  const messages = strings(setting);
  const gathered = Buffer.allocUnsafeSlow(1 << 16);
  const write = (data: string | Uint8Array, ...rest: unknown[]): boolean => {
    if (typeof data === "string") gathered.write(data, 0);
    else gathered.set(data, 0);
    const callback = rest.at(-1);
    if (typeof callback === "function") callback();
    return true;
  };
  const { Sender } = loadWs();
  const sender = new Sender(
    { cork() {}, uncork() {}, write },
    extension(setting),
  );
  const options = {
    binary: false,
    compress: true,
    fin: true,
    mask: false,
  } as const;
  return () =>
    new Promise((resolve) => {
      let left = messages.length;
      const start = performance.now();
      const sent = (): void => {
        if (--left === 0) resolve((performance.now() - start) * 1e6 / MESSAGES);
      };
      for (const message of messages) sender.send(message, options, sent);
    });
}

const COMPRESS = { compress: true } as const;

export const contenders: Contenders = {
  "sansws inflate": contender(inflateSansws),
  "ws inflate": contender(inflateWs),
  "sansws deflate": contender(deflateSansws),
  "ws deflate": contender(deflateWs),
};

const FLOORS: Readonly<Record<string, number>> = {
  "inflate 64 B": 40,
  "deflate 64 B": 8,
};

export function rows(figures: Figures): Row[] {
  return (["inflate", "deflate"] as const).flatMap((way) =>
    CASES.map((name): Row => {
      const [ours, peers] = [
        figures[`sansws ${way}`][name],
        figures[`ws ${way}`][name],
      ];
      return rowOf(
        `${way} ${name}`,
        ours,
        "ws",
        peers,
        FLOORS[`${way} ${name}`],
      );
    })
  );
}
