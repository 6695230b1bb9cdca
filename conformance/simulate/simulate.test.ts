// The simulation itself: a short run, which must exercise what it is made for; that it sees a machine that is wrong; and that a lifetime
// which was recorded can be lived again. Next file: lifetime.ts.
import { isDeepStrictEqual } from "node:util";
import { describe, expect, it } from "vitest";
import type { UsageError } from "../../core/index.ts";
import { recorder, replay } from "../../core/record/index.ts";
import type { Recorder } from "../../core/record/recorder.ts";
import type { Bytes, Connection, Event } from "../../core/types.ts";
import { concat } from "../frames/encode.ts";
import { PATIENCE, runsOf } from "../support/law.ts";
import { EAGER } from "../support/machine.ts";
import { live, PLAIN } from "./lifetime.ts";
import { Tally } from "./tally.ts";

describe("simulated lifetimes", PATIENCE, () => {
  it("hold, and meet every kind of trouble there is", async () => {
    const tally = new Tally();
    for (let seed = 0; seed < runsOf(10); seed++) await live(seed, { tally });
    const met = ["stall", "hang", "cut", "reset", "corrupt", "pause", "short-write"].map((kind) => `link ${kind}`);
    const faults = ["TRANSPORT", "IDLE_TIMEOUT", "PONG_TIMEOUT", "STALL_TIMEOUT", "CLOSE_TIMEOUT"].map((code) => `fault ${code}`);
    const more = ["time jump", "flood pings", "call throws", "call terminate", "call drain"];
    const done = [
      "life calm",
      "life wild",
      "closed clean",
      "closed unclean",
      "deflate on",
      "deflate off",
      "life crowded",
      "life proxied",
    ];
    const calls = [
      "relayed-back",
      "relayed-on",
      "give-big",
      "ping-inside",
      "close-inside",
      "pause",
      "MIXED_MESSAGE",
      "TOO_EARLY",
    ];
    const said = [...calls.map((name) => `call ${name}`), "respond 200", "opening http2"];
    for (const name of [...said, ...met, ...faults, ...more, ...done]) expect(tally.get(name), name).toBeGreaterThan(0);
  });

  it("are the same for the same seed", async () => {
    for (let seed = 0; seed < 20; seed++) {
      const stories = [0, 1].map((): string[] => []);
      for (const history of stories) await live(seed, { tally: new Tally(), history });
      expect(stories[0]).toEqual(stories[1]);
    }
  });
});

describe("a machine that is wrong", PATIENCE, () => {
  const mistakes: Readonly<Record<string, (machine: Connection) => void>> = {
    "loses a message": (machine) =>
      afterPoll(machine, (event, count) => isData(event) && count % 7 === 6 ? machine.poll() : event),
    "tells of a message twice": (machine) => {
      let again: Event | null = null;
      const poll = machine.poll.bind(machine);
      machine.poll = () => {
        const event = again ?? poll();
        again = again === null && event?.type === "binary" ? event : null;
        return event;
      };
    },
    "changes an octet": (machine) =>
      afterPoll(machine, (event, count) => {
        if (event?.type === "binary" && count > 5) event.data[event.data.length - 1] ^= 1;
        return event;
      }),
    "forgets to say that it is closed": (machine) => afterPoll(machine, (event) => event?.type === "closed" ? null : event),
    "leaves a timer": (machine) => {
      const next = machine.nextTimeout.bind(machine);
      machine.nextTimeout = (now) => next(now) ?? now + 1e6;
    },
    "writes into a chunk that is handed out": (machine) => {
      let out: Uint8Array | null = null;
      const peek = machine.peekOutput.bind(machine), receive = machine.receive.bind(machine);
      machine.peekOutput = () => out = peek();
      machine.receive = (bytes, now) => {
        if (out !== null && out.length > 8) out[7] ^= 255;
        receive(bytes, now);
      };
    },
    "writes a Close twice": (machine) => {
      let last: Uint8Array | null = null;
      const peek = machine.peekOutput.bind(machine), consume = machine.consumeOutput.bind(machine);
      machine.peekOutput = () => last ?? (last = peek());
      machine.consumeOutput = (count) => {
        if (last !== null && (last[0] & 15) === 8 && count === last.length && machine.role === "server") {
          last = last.slice();
          machine.consumeOutput = consume;
        } else last = null;
        consume(count);
      };
    },
    "relays the wrong octets": (machine) => {
      const relay = machine.relay.bind(machine);
      machine.relay = (piece) => relay(piece.end > 9 ? { ...piece, start: piece.start + 1 } : piece);
    },
    "takes a prepared message inside of another": (machine) => {
      const prepared = machine.sendPrepared.bind(machine), send = machine.send.bind(machine);
      machine.sendPrepared = (message) => {
        try {
          return prepared(message);
        } catch (error) {
          if ((error as UsageError).code !== "MIXED_MESSAGE") throw error;
          return send(new Uint8Array(0), { last: false, text: message.kind === "text" });
        }
      };
    },
    "keeps what was only lent": (machine) => {
      const ping = machine.ping.bind(machine), consume = machine.consumeOutput.bind(machine);
      let late: (() => void) | null = null;
      machine.ping = (data) => {
        late?.();
        late = () => void ping(data);
        return machine.state === "open";
      };
      machine.consumeOutput = (count) => {
        consume(count);
        late?.();
        late = null;
      };
    },
    "tells of a Pong twice": (machine) => {
      const poll = machine.poll.bind(machine);
      let again: Event | null = null;
      machine.poll = () => {
        const event = again ?? poll();
        again = again === null && event?.type === "pong" ? event : null;
        return event;
      };
    },
    "agrees before it responds": (machine) => {
      let later: Event | null = null;
      const poll = machine.poll.bind(machine);
      machine.poll = () => {
        const event = later ?? poll();
        later = later === null && event?.type === "respond" ? event : null;
        return later === null ? event : poll();
      };
    },
    "never reads on": (machine) => Object.defineProperty(machine, "wantsInput", { get: () => false }),
  };
  it.each(Object.entries(mistakes))("that %s is found out", async (_, mistake) => {
    await expect((async () => {
      for (let seed = 0; seed < 400; seed++) await live(seed, { tally: new Tally(), record: () => makes(mistake) });
    })()).rejects.toThrow();
  });
});

describe("a lifetime that was recorded", PATIENCE, () => {
  it("can be lived again, with the same events and the same octets", async () => {
    for (let seed = 0; seed < runsOf(2); seed++) {
      const lines = new Map<string, string[]>();
      const told = new Map<string, Event[]>();
      const written = new Map<string, Bytes[]>();
      const record = (name: string): Recorder => {
        const recording: string[] = [], events: Event[] = [];
        lines.set(name, recording);
        told.set(name, events);
        return spying(recorder((line) => void recording.push(line)), (machine) => {
          afterPoll(machine, (event) => {
            if (event !== null) events.push(settled(event));
            return event;
          });
        });
      };
      await live(seed, { tally: new Tally(), record, written });
      for (const [name, recording] of lines) {
        if (recording.length === 0) continue; // a client whose host was refused
        const again = replay(recording.join("\n"), EAGER.engine);
        expect(again.differs, `seed ${seed}, ${name}`).toBe(null);
        expect(isDeepStrictEqual(again.events.map(settled), told.get(name)), `seed ${seed}, ${name}`).toBe(true);
        // Of a stream that was torn down the network may have taken more than it could report.
        const sent = concat(written.get(name)!);
        expect(Buffer.compare(again.output, sent.subarray(0, again.output.length)), `seed ${seed}, ${name}`).toBe(0);
        if (again.connection.transport !== "destroy") expect(sent.length).toBe(again.output.length);
      }
    }
  });
});

/** Changes what a machine says. */
function afterPoll(machine: Connection, change: (event: Event | null, count: number) => Event | null): void {
  const poll = machine.poll.bind(machine);
  let count = 0;
  machine.poll = () => change(poll(), count++);
}
function isData(event: Event | null): boolean {
  return event?.type === "text" || event?.type === "binary" || event?.type === "part" || event?.type === "raw";
}
/** Makes machines with a mistake. */
function makes(mistake: (machine: Connection) => void): Recorder {
  return spying(PLAIN, mistake);
}
function spying(recorder: Recorder, spy: (machine: Connection) => void): Recorder {
  const watched = <Made extends Connection>(machine: Made): Made => {
    spy(machine);
    return machine;
  };
  return {
    client: (...given) => watched(recorder.client(...given)),
    server: (...given) => watched(recorder.server(...given)),
    upgraded: (...given) => watched(recorder.upgraded(...given)),
  };
}
/** An event that can be kept and compared. */
function settled(event: Event): Event {
  switch (event.type) {
    case "raw":
      return { ...event, bytes: event.bytes.slice(event.start, event.end), start: 0, end: event.end - event.start };
    case "binary":
    case "part":
    case "ping":
    case "pong":
      return { ...event, data: event.data.slice() };
    case "request":
      return { ...event, request: { ...event.request, header: noHeader } };
    case "fault":
      return { ...event, fault: { ...event.fault, cause: String(event.fault.cause) } };
    default:
      return event;
  }
}
function noHeader(): null {
  return null;
}
