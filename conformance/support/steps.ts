// What comes in: something to run. What goes out: how much work the core did, in steps and in octets of memory, without a clock: how often
// V8 ran each block of its code, and how much the built-in functions moved that are one step in the code but not in the machine.
// Laws L8 and L10. Next file: ../laws/linear.test.ts.
import { Session } from "node:inspector";
import process from "node:process";
import v8 from "node:v8";
import vm from "node:vm";

/** Blocks run in core/, and elements moved by built-in functions meanwhile. */
export function stepsOf(run: () => void): number {
  v8.setFlagsFromString("--no-opt"); // optimised code counts its blocks only now and then
  const session = new Session();
  session.connect();
  try {
    session.post("Profiler.enable");
    session.post("Profiler.startPreciseCoverage", { callCount: true, detailed: true });
    session.post("Profiler.takePreciseCoverage"); // what was counted before
    const moved = countMoves(run);
    let blocks = 0;
    session.post("Profiler.takePreciseCoverage", (error, coverage) => {
      if (error !== null) throw error;
      for (const { url, functions } of coverage.result) {
        if (!/\/core\/(?!.*\.test\.)/.test(url)) continue;
        for (const { ranges } of functions) for (const { count } of ranges) blocks += count;
      }
    });
    if (blocks === 0) throw new Error("no code of core/ was counted");
    return blocks + moved;
  } finally {
    session.disconnect();
    v8.setFlagsFromString("--opt"); // for whatever runs next in this process
  }
}

/**
 * Octets that each of `count` things keeps alive, in the heap and outside of it. It takes two collections of garbage to free all, and each
 * goes through the heap of the whole process: what is less than `most` behind the first is not measured again, since it can only shrink.
 */
export function retainedBy(make: () => unknown, count: number, most = 0): number {
  for (let i = 0; i < count; i++) make(); // what is made once is made now
  const kept: unknown[] = [];
  collect();
  const before = used();
  for (let i = 0; i < count; i++) kept.push(make());
  const retained = (used() - before) / kept.length;
  return retained < most ? retained : (used() - before) / kept.length;
}

/** Behind one collection; what that leaves behind is counted. */
function used(): number {
  collect();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}
v8.setFlagsFromString("--expose-gc");
const collect = vm.runInNewContext("gc") as () => void;

function countMoves(run: () => void): number {
  let moved = 0;
  const restore: (() => void)[] = [];
  const watch = (holder: object, name: string, size: (self: { length: number }, given: unknown[]) => number): void => {
    const original = Reflect.get(holder, name) as (...given: unknown[]) => unknown;
    const counting = function (this: { length: number }, ...given: unknown[]): unknown {
      moved += size(this, given);
      return original.apply(this, given);
    };
    Object.defineProperty(holder, name, { value: counting, configurable: true, writable: true });
    restore.push(() => Object.defineProperty(holder, name, { value: original, configurable: true, writable: true }));
  };
  const octets = Object.getPrototypeOf(Uint8Array.prototype) as object;
  watch(octets, "set", (_, [source]) => (source as { length: number }).length);
  watch(octets, "copyWithin", ({ length }, [, from = 0, to = length]) => (to as number) - (from as number));
  watch(octets, "slice", ({ length }, [from = 0, to = length]) => (to as number) - (from as number));
  watch(octets, "fill", ({ length }, [, from = 0, to = length]) => (to as number) - (from as number));
  const plain = globalThis.Uint8Array;
  globalThis.Uint8Array = new Proxy(plain, {
    construct(target, given, self) {
      if (typeof given[0] === "number") moved += given[0]; // new memory is cleared
      return Reflect.construct(target, given, self) as object;
    },
  });
  restore.push(() => globalThis.Uint8Array = plain);
  for (const name of ["shift", "unshift", "splice", "slice", "concat"]) watch(Array.prototype, name, ({ length }) => length);
  try {
    run();
  } finally {
    for (const undo of restore) undo();
  }
  return moved;
}
