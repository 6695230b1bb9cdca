import { describe, expect, it } from "vitest";
import { type Pulled, pulled } from "./pull.ts";
import type { Driver } from "./transport.ts";

interface Rig {
  readonly log: string[];
  readonly driver: Driver;
  readonly io: Pulled;
  /** Settles the read in progress. */
  read: { resolve(chunk: Uint8Array | null): void; reject(error: unknown): void } | null;
}
function rig(write: (chunk: Uint8Array) => Promise<number> = (chunk) => Promise.resolve(chunk.length)): Rig {
  const log: string[] = [];
  const made: Rig = {
    log,
    read: null,
    driver: {
      received: (bytes) => void log.push(`received ${bytes.length}`),
      wrote: (count) => void log.push(`wrote ${count}`),
      ended: (error) => void log.push(error === undefined ? "ended" : `ended ${(error as Error).message}`),
    },
    io: {
      read() {
        if (made.read !== null) throw new Error("two reads at once");
        return new Promise((resolve, reject) => {
          made.read = {
            resolve: (chunk) => (made.read = null, resolve(chunk)),
            reject: (error) => (made.read = null, reject(error)),
          };
        });
      },
      write,
      closeWrite: () => Promise.resolve(void log.push("closeWrite")),
      close: () => void log.push("close"),
      abort: () => void log.push("abort"),
    },
  };
  return made;
}
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe("a transport of promises", () => {
  it("reads one chunk after the other until the end, and releases when both directions have ended", async () => {
    const made = rig(), transport = pulled(made.io);
    transport.start(made.driver);
    made.read!.resolve(new Uint8Array(3));
    await turn();
    made.read!.resolve(null);
    await turn();
    expect(made.log).toEqual(["received 3", "ended"]);
    transport.end();
    await turn();
    expect(made.log.slice(2)).toEqual(["closeWrite", "close"]);
    transport.destroy();
    expect(made.log.length).toBe(4);
  });
  it("releases in the other order, too", async () => {
    const made = rig(), transport = pulled(made.io);
    transport.start(made.driver);
    transport.end();
    await turn();
    made.read!.resolve(null);
    await turn();
    expect(made.log).toEqual(["closeWrite", "ended", "close"]);
  });
  it("stops reading while it is paused, after the read in progress", async () => {
    const made = rig(), transport = pulled(made.io);
    transport.start(made.driver);
    transport.pause();
    made.read!.resolve(new Uint8Array(1));
    await turn();
    expect([made.log, made.read]).toEqual([["received 1"], null]);
    transport.resume();
    transport.resume();
    expect(made.read).not.toBe(null);
  });
  it("answers a write when it is done, with what was written, or with the error", async () => {
    const counts = [5, new Error("broken pipe")];
    const made = rig(() => {
      const next = counts.shift()!;
      return typeof next === "number" ? Promise.resolve(next) : Promise.reject(next);
    });
    const transport = pulled(made.io);
    transport.start(made.driver);
    expect(transport.write(new Uint8Array(9))).toBe(0);
    await turn();
    transport.write(new Uint8Array(4));
    await turn();
    expect(made.log).toEqual(["wrote 5", "ended broken pipe"]);
  });
  it("says nothing after destroy", async () => {
    const made = rig(), transport = pulled(made.io);
    transport.start(made.driver);
    transport.destroy();
    transport.destroy();
    made.read!.reject(new Error("interrupted"));
    await turn();
    expect(made.log).toEqual(["abort"]);
  });
  it("survives a closeWrite that fails", async () => {
    const made = rig(), transport = pulled({ ...made.io, closeWrite: () => Promise.reject(new Error("gone")) });
    transport.start(made.driver);
    made.read!.resolve(null);
    transport.end();
    await turn();
    expect(made.log).toEqual(["ended", "close"]);
  });
});
