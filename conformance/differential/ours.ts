// What comes in: a case. What goes out: what the core makes of it, and the code of its fault. Next file: ws.ts.
import type { FaultCode } from "../../core/types.ts";
import { collect } from "../support/collect.ts";
import { upgraded } from "../support/machine.ts";
import type { Case, Heard } from "./case.ts";

export function ours({ role, deflate, limit, chunks }: Case): Heard & { readonly fault: FaultCode | null } {
  const { events } = collect(upgraded(role, deflate, { limits: { message: limit } }), chunks);
  const said: string[] = [];
  for (const event of events) {
    switch (event.type) {
      case "text":
        said.push(`text ${hex(new TextEncoder().encode(event.data))}`);
        break;
      case "binary":
      case "ping":
      case "pong":
        said.push(`${event.type} ${hex(event.data)}`);
        break;
      case "close":
        return { said, end: `close ${event.close.code}`, fault: null };
      case "fault":
        return { said, end: `fail ${event.fault.closeCode}`, fault: event.fault.code };
    }
  }
  return { said, end: "open", fault: null };
}
export function hex(octets: Uint8Array): string {
  return Buffer.from(octets.buffer, octets.byteOffset, octets.byteLength).toString("hex");
}
