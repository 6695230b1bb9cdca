// What comes in: masked frames in chunks of 64 KiB. What goes out: nanoseconds per message, for a server's reader.
// sansws through receive and poll, with the natives that the Node adapter gives it; ws by its Receiver, without the WebSocket around
// it; websocket-driver by parse. Every pass counts messages and their length. Next file: encode.ts.
import { natives } from "../../adapters/node-natives.ts";
import { upgradedConnection } from "../../core/index.ts";
import type { Kind, Natives } from "../../core/types.ts";
import { loadWs, nativeUnmask, openDriver } from "./peers.ts";
import type { Contender, Contenders, Figures, Pass } from "./race.ts";
import { type Row, rowOf, sizeName } from "./table.ts";
import { memoryFor, timeChunks, type Traffic, traffic } from "./traffic.ts";

const SIZES: readonly number[] = [20, 125, 1024, 16384, 1048576];

/** What a reader has seen so far. */
interface Tally {
  messages: number;
  length: number;
}
type Feed = (chunk: Buffer) => void;

function contender(
  kind: Kind,
  open: (tally: Tally) => Feed,
  env: Contender["env"] = {},
): Contender {
  const prepare = (name: string): Pass => {
    const size = Number(name);
    const stream = traffic(kind, size);
    const memory = memoryFor(stream);
    const tally: Tally = { messages: 0, length: 0 };
    const feed = open(tally);
    return () => {
      tally.messages = tally.length = 0;
      const figure = timeChunks(stream, memory, feed);
      check(tally, stream);
      return figure;
    };
  };
  return { cases: SIZES.map(String), prepare, env };
}
function check(tally: Tally, { messages, size }: Traffic): void {
  if (tally.messages !== messages || tally.length !== messages * size) {
    throw new Error("messages were lost");
  }
}

function sansws(
  messages: "whole" | "raw",
  faster: Partial<Natives> = {},
): (tally: Tally) => Feed {
  const options = Object.freeze({
    messages,
    natives: { ...natives, ...faster },
  });
  return (tally) => {
    const machine = upgradedConnection("server", {
      status: 101,
      headers: [],
      protocol: "",
      deflate: null,
    }, options);
    let now = 0;
    return (chunk) => {
      machine.receive(chunk, now++);
      for (let event = machine.poll(); event !== null; event = machine.poll()) {
        if (event.type === "text" || event.type === "binary") {
          tally.messages++;
          tally.length += event.data.length;
        } else if (event.type === "raw") {
          if (event.last) tally.messages++;
          tally.length += event.end - event.start;
        }
      }
    };
  };
}
/** The native function that ws uses, in the place that sansws has for one. */
function withNativeUnmask(messages: "whole" | "raw"): (tally: Tally) => Feed {
  return (tally) => {
    const unmask = nativeUnmask();
    const key = new Uint8Array(4);
    return sansws(messages, {
      unmask(bytes, from, to, mask, phase) {
        for (let i = 0; i < 4; i++) key[i] = mask[(phase + i) & 3];
        unmask(bytes.subarray(from, to), key);
      },
    })(tally);
  };
}
function ws(toText: boolean): (tally: Tally) => Feed {
  return (tally) => {
    const { Receiver } = loadWs();
    const receiver = new Receiver({ isServer: true });
    receiver.on("message", (data) => {
      tally.messages++;
      tally.length += toText ? data.toString().length : data.length;
    });
    return (chunk) => void receiver.write(chunk);
  };
}
function driver(tally: Tally): Feed {
  const reader = openDriver();
  reader.on("message", ({ data }) => {
    tally.messages++;
    tally.length += data.length;
  });
  return (chunk) => reader.parse(chunk);
}

const PLAIN_JS = { WS_NO_BUFFER_UTIL: "1" };

export const contenders: Contenders = {
  "sansws text": contender("text", sansws("whole")),
  "sansws text raw": contender("text", sansws("raw")),
  "sansws binary": contender("binary", sansws("whole")),
  "sansws binary, native unmask": contender(
    "binary",
    withNativeUnmask("whole"),
  ),
  "ws text": contender("text", ws(false)),
  "ws text to string": contender("text", ws(true)),
  "ws binary": contender("binary", ws(false)),
  "ws text to string, no bufferutil": contender("text", ws(true), PLAIN_JS),
  "ws binary, no bufferutil": contender("binary", ws(false), PLAIN_JS),
  "websocket-driver text": contender("text", driver),
  "websocket-driver binary": contender("binary", driver),
};

export function rows(figures: Figures): Row[] {
  return RACES.flatMap(([label, mine, theirs, floors]) =>
    SIZES.map((size, i): Row => {
      const [ours, peers] = [figures[mine][size], figures[theirs][size]];
      return rowOf(
        `decode ${label} ${sizeName(size)}`,
        ours,
        theirs.replace(/ (text|binary)\b/, ""),
        peers,
        floors[i],
      );
    })
  );
}

/** Who against whom, with the least ratio for each size. */
const RACES: readonly (readonly [
  label: string,
  mine: string,
  theirs: string,
  floors: readonly (number | null)[],
])[] = [
  ["text to string", "sansws text", "ws text to string", [6, 3.5, 2]],
  ["text to string", "sansws text", "ws text to string, no bufferutil", []],
  ["text to string", "sansws text", "websocket-driver text", []],
  ["text raw", "sansws text raw", "ws text", [10]],
  ["binary", "sansws binary", "ws binary", [4, 3.2, 2.1, 0.8, 0.8]],
  ["binary", "sansws binary", "ws binary, no bufferutil", [
    null,
    null,
    null,
    8,
    8,
  ]],
  ["binary, native unmask", "sansws binary, native unmask", "ws binary", [
    null,
    null,
    null,
    1,
    1,
  ]],
  ["binary", "sansws binary", "websocket-driver binary", []],
];
