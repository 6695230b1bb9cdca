// What comes in: a machine, or a call that must fail. What goes out: what it says and writes, in words. For tests of single connections in
// this folder. Next file: attacks-opening.test.ts.
import { UsageError } from "../../core/index.ts";
import type { Connection, Event } from "../../core/types.ts";
import { concat, type FrameSpec, utf8 } from "../frames/encode.ts";
import { type Frame, readFrames } from "../frames/reader.ts";

export const text = (data: string, more: Partial<FrameSpec> = {}): FrameSpec => ({ opcode: 1, payload: utf8(data), ...more });
/** A frame in words: octets in hexadecimal, a Close with its code only. */
export function written({ opcode, payload }: Frame): string {
  if (opcode === 8) return payload.byteLength === 0 ? "close" : `close ${payload[0] * 256 + payload[1]}`;
  return `${KINDS[opcode] ?? opcode} ${Buffer.from(payload).toString("hex")}`.trim();
}
const KINDS: Readonly<Record<number, string>> = { 1: "text", 2: "binary", 9: "ping", 10: "pong" };

export function events(machine: Connection): Event[] {
  const polled: Event[] = [];
  for (let event = machine.poll(); event !== null; event = machine.poll()) polled.push(event);
  return polled;
}
export function types(machine: Connection): string[] {
  return events(machine).map((event) => event.type === "fault" ? event.fault.code : event.type);
}
/** Takes all output. */
export function output(machine: Connection): Uint8Array {
  const pieces: Uint8Array[] = [];
  for (let out = machine.peekOutput(); out !== null; out = machine.peekOutput()) {
    pieces.push(new Uint8Array(out));
    machine.consumeOutput(out.byteLength);
  }
  return concat(pieces);
}
export function words(machine: Connection): string[] {
  return readFrames(output(machine)).frames.map(written);
}
export function asText(bytes: Uint8Array): string {
  return new TextDecoder("latin1").decode(bytes);
}
export function code(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof UsageError) return error.code;
    throw error;
  }
  return "nothing thrown";
}
