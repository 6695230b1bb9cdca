// What comes in: nothing. What goes out: a conversation of 20 KB, half of it in each direction, that both ends of a connection know by heart:
// short and long headers, fragments, compressed messages and others, and a Close. A message that is heard and is not the next of these has
// been made up by somebody. Next file: victim.ts, which has the conversation.
import type { Message, Socket } from "../../adapters/adapter.ts";
import { seededRandom } from "../support/virtual.ts";

/** Said by the client, and echoed. */
export const MESSAGES: readonly Message[] = [
  "hello",
  "",
  Uint8Array.of(1, 2, 3),
  "x".repeat(200),
  noise(126, 1),
  noise(5000, 2),
  "compress me ".repeat(300),
  noise(4000, 3),
];
/** Said behind them, as the fragments of one message. */
export const PARTS: readonly string[] = ["frag", "", "ment", "s".repeat(300)];
/** What an end hears, in order, if it hears everything. */
export const HEARD: readonly Message[] = [...MESSAGES, PARTS.join("")];

/** Says everything; stops where the connection ends. */
export async function say(socket: Socket): Promise<void> {
  for (const message of MESSAGES) if (!await socket.send(message)) return;
  await socket.sendParts(PARTS);
}
/** Whether this is the message with that number. */
export function isNext(message: Message, number: number): boolean {
  const expected = HEARD[number];
  if (typeof message === "string" || typeof expected === "string" || expected === undefined) return message === expected;
  return message.length === expected.length && message.every((octet, i) => octet === expected[i]);
}

/** Octets that do not compress. */
function noise(size: number, seed: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(size);
  seededRandom(seed)(bytes);
  return bytes;
}
