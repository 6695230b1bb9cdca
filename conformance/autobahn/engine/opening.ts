// What comes in: the fuzzer's ordinary half of an opening handshake, what a case changes about it, and a server's answer to what is wrong.
// What goes out: the head as it goes on the wire, and a judgement of the refusal. Only sections beyond the original change heads; every
// other case passes through here untouched. Pure. RFC 6455 §4.1, §4.2; RFC 9112 §2, §3, §5. Next file: negotiate-strict.ts.
import type { Handshake, Refusal } from "../cases/case.ts";
import { lines, parseHead } from "./head.ts";
import type { Behavior } from "./result.ts";

/** A head with the changes of a case. */
export function reshape(head: string, handshake: Handshake | undefined): string {
  if (handshake === undefined) return head;
  const { before = "", line, extra = [], headers = {} } = handshake;
  const [first, ...rest] = head.split("\r\n").slice(0, -2);
  const left = new Map(Object.entries(headers));
  const changed = rest.flatMap((ordinary) => {
    const [name, value] = ordinary.split(/: (.*)/s);
    const values = left.get(name);
    left.delete(name);
    return values === undefined ? [ordinary] : values.map((one) => `${name}: ${one.replaceAll("{}", value)}`);
  });
  const added = [...left].flatMap(([name, values]) => values.map((one) => `${name}: ${one}`));
  return before + lines([line?.replaceAll("{}", first.split(" ")[1]) ?? first, ...extra, ...changed, ...added]);
}

/** What a server's answer to such a head is worth; `head` null: TCP ended without one; null: it says 101, and the case may go on. */
export function judgeRefusal(
  { statuses, carries, mayDrop = false, mayOpen = false }: Refusal,
  head: string | null,
): { readonly behavior: Behavior; readonly result: string } | null {
  const found = (behavior: Behavior, result: string): { behavior: Behavior; result: string } => ({ behavior, result });
  if (head === null) return found(mayDrop ? "OK" : "NON-STRICT", "The peer dropped TCP without an answer.");
  const { first, headers } = parseHead(head);
  const status = Number(/^HTTP\/\d\.\d (\d{3})(?: |$)/.exec(first)?.[1]);
  if (status === 101) return mayOpen ? null : found("FAILED", "The peer opened the connection, which it must refuse.");
  if (!(status >= 200)) return found("FAILED", `The peer's answer is no refusal: '${first}'`);
  if (carries !== undefined && !headers.has(carries.toLowerCase())) {
    return found("FAILED", `The peer refused with ${status}, but without the header ${carries}.`);
  }
  if (statuses.includes(status)) return found("OK", `The peer refused with ${status}.`);
  return found("NON-STRICT", `The peer answered with ${status} instead of ${statuses.join(" or ")}.`);
}

/** A head as records have it: not the whole of one that is long because its case is about that. */
export function shown(head: string): string {
  return head.length <= MOST_SHOWN ? head : `${head.slice(0, MOST_SHOWN)} ... (${head.length} characters)`;
}

/** The subprotocols that a request asks for, as far as they may be chosen: only tokens (RFC 6455 §4.1, item 10; RFC 9110 §5.6.2). */
export function protocolsOf(request: string): readonly string[] {
  const value = parseHead(request).headers.get("sec-websocket-protocol") ?? "";
  return value.split(",").map((name) => name.trim()).filter((name) => /^[!#$%&'*+.^_`|~\w-]+$/.test(name));
}

const MOST_SHOWN = 65_536;
