// What comes in: the offers of permessage-deflate that the fuzzer made, and a server's answer. What goes out: whether an offer is valid, and
// what is wrong about the answer. The original holds no answer against its offer; sections beyond it do, by the letter of RFC 7692
// §5.1, §7.1.1 and §7.1.2. Next file: head.ts.
import type { DeflateWish } from "../cases/case.ts";
import { EXTENSION, type Extension, parseExtensions } from "./negotiate.ts";

/** What is offered, or answered: `true` is a parameter without a value. */
interface Parameters {
  readonly serverNoContextTakeover: boolean;
  readonly serverBits: number | null;
  readonly clientBits: number | true | null;
}

/** At least one of the offers follows the rules, so a peer that compresses at all can agree to it. */
export function canBeAgreed({ text }: DeflateWish): boolean {
  return text === undefined || validOffers(text).length > 0;
}

/** What is wrong about the answer; null: it is one that a valid offer allows. */
export function judgeAgreement(offers: string, answered: Extension["parameters"]): string | null {
  const answer = readStrictly(answered);
  if (answer === null || answer.clientBits === true) return `the answer breaks a rule of ${EXTENSION}`;
  const { serverNoContextTakeover, serverBits } = answer;
  const clientBits = answer.clientBits;
  const allowed = validOffers(offers).some((offer) => {
    if (offer.serverNoContextTakeover && !serverNoContextTakeover) return false;
    if (offer.serverBits !== null && (serverBits === null || serverBits > offer.serverBits)) return false;
    return clientBits === null || offer.clientBits === true || (offer.clientBits !== null && clientBits <= offer.clientBits);
  });
  return allowed ? null : `no valid offer of ${EXTENSION} allows this answer`;
}

function validOffers(text: string): readonly Parameters[] {
  return parseExtensions(text).flatMap(({ name, parameters }) => {
    const offer = name === EXTENSION ? readStrictly(parameters) : null;
    return offer === null ? [] : [offer];
  });
}

/** null: a parameter that is unknown, stands twice, or has a value that it must not have. */
function readStrictly(parameters: Extension["parameters"]): Parameters | null {
  for (const [name, [value, ...more]] of parameters) {
    if (more.length > 0 || RULES.get(name)?.(value) !== true) return null;
  }
  const serverBits = parameters.get("server_max_window_bits")?.[0];
  const clientBits = parameters.get("client_max_window_bits")?.[0];
  return {
    serverNoContextTakeover: parameters.has("server_no_context_takeover"),
    serverBits: serverBits === undefined ? null : Number(serverBits),
    clientBits: clientBits === undefined ? null : clientBits === true ? true : Number(clientBits),
  };
}

/** RFC 7692 §7.1.2.1: 8 to 15, without leading zeroes. */
function isBits(value: string | true): boolean {
  return typeof value === "string" && /^(?:[89]|1[0-5])$/.test(value);
}
const RULES: ReadonlyMap<string, (value: string | true) => boolean> = new Map([
  ["server_no_context_takeover", (value) => value === true],
  ["client_no_context_takeover", (value) => value === true],
  ["server_max_window_bits", isBits],
  ["client_max_window_bits", (value) => value === true || isBits(value)],
]);
