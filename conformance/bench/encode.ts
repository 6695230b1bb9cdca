// What comes in: messages. What goes out: nanoseconds per message, for a server's writer.
// sansws through send, peek and consume, which leaves the bytes in one piece; ws by its Sender on a socket that gathers its pieces once, as
// writev does. Output leaves whenever about 60 KB wait. Next file: deflate.ts.
import { natives } from "../../adapters/node-natives.ts";
import { upgradedConnection } from "../../core/index.ts";
import type { Kind } from "../../core/types.ts";
import { loadWs, type WsSocket } from "./peers.ts";
import type { Contender, Contenders, Figures, Pass } from "./race.ts";
import { type Row, rowOf, sizeName } from "./table.ts";
import { payload } from "./traffic.ts";

const SIZES: readonly number[] = [20, 125, 1024, 16384];
const BATCH = 60_000;
/** Of one pass: short enough not to be interrupted on a busy machine. */
const TOTAL = 240_000;

interface Writer {
  send(data: string | Uint8Array): void;
  /** Lets the output leave; returns how many octets there were. */
  flush(): number;
}

function contender(kind: Kind, open: (kind: Kind) => Writer): Contender {
  const prepare = (name: string): Pass => {
    const size = Number(name);
    const bytes = payload(kind, size);
    const data = kind === "text" ? new TextDecoder().decode(bytes) : Buffer.from(bytes);
    const frame = size + (size < 126 ? 2 : 4);
    const batch = Math.max(1, Math.floor(BATCH / frame));
    const batches = Math.ceil(TOTAL / (batch * frame));
    const writer = open(kind);
    return () => {
      let octets = 0;
      const start = performance.now();
      for (let i = 0; i < batches; i++) {
        for (let j = 0; j < batch; j++) writer.send(data);
        octets += writer.flush();
      }
      const spent = performance.now() - start;
      if (octets !== batches * batch * frame) {
        throw new Error("octets were lost");
      }
      return spent * 1e6 / (batches * batch);
    };
  };
  return { cases: SIZES.map(String), prepare };
}

function sansws(): Writer {
  const agreement = {
    status: 101,
    headers: [],
    protocol: "",
    deflate: null,
  } as const;
  const machine = upgradedConnection(
    "server",
    agreement,
    Object.freeze({ natives }),
  );
  machine.poll();
  return {
    send: (data) => void machine.send(data),
    flush() {
      let octets = 0;
      for (
        let out = machine.peekOutput();
        out !== null;
        out = machine.peekOutput()
      ) {
        octets += out.byteLength;
        machine.consumeOutput(out.byteLength);
      }
      return octets;
    },
  };
}

function ws(kind: Kind): Writer {
  const gathered = Buffer.allocUnsafeSlow(4 * BATCH);
  let at = 0;
  const socket: WsSocket = {
    cork() {},
    uncork() {},
    write(data) {
      if (typeof data === "string") at += gathered.write(data, at);
      else {
        gathered.set(data, at);
        at += data.length;
      }
      return true;
    },
  };
  const { Sender } = loadWs();
  const sender = new Sender(socket);
  const options = {
    binary: kind === "binary",
    compress: false,
    fin: true,
    mask: false,
  } as const;
  return {
    send: (data) => sender.send(data, options),
    flush() {
      const octets = at;
      at = 0;
      return octets;
    },
  };
}

export const contenders: Contenders = {
  "sansws text": contender("text", sansws),
  "sansws binary": contender("binary", sansws),
  "ws text": contender("text", ws),
  "ws binary": contender("binary", ws),
};

const FLOORS: Readonly<Record<Kind, readonly (number | null)[]>> = {
  binary: [4.5],
  text: [3.5, null, 5],
};

export function rows(figures: Figures): Row[] {
  return (["text", "binary"] as const).flatMap((kind) =>
    SIZES.map((size, i): Row => {
      const [ours, peers] = [
        figures[`sansws ${kind}`][size],
        figures[`ws ${kind}`][size],
      ];
      return rowOf(
        `encode ${kind} ${sizeName(size)}`,
        ours,
        "ws",
        peers,
        FLOORS[kind][i],
      );
    })
  );
}
