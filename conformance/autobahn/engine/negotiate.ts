// What comes in: the values of Sec-WebSocket-Extensions headers, and what a case wishes. What goes out: offers and answers of
// permessage-deflate, and what they agree on. RFC 7692 §5, §7.1, read as the original suite reads it: an offer that breaks the rules
// fails the whole handshake, and an answer is not held against the offer. Next file: head.ts.
import type { DeflateRow, DeflateWish } from "../cases/case.ts";
import type { DeflateAgreement, Direction } from "./deflate.ts";

/** One extension of a header: the values of each parameter, `true` where there is none. */
export interface Extension {
  readonly name: string;
  readonly parameters: ReadonlyMap<string, readonly (string | true)[]>;
}

/** What a client offers. */
export interface Offer {
  readonly serverNoContextTakeover: boolean;
  /** 0: not mentioned. */
  readonly serverWindowBits: number;
  /** The client knows `client_max_window_bits`. */
  readonly takesWindowBits: boolean;
}

/** A sentence where a rule is broken. */
export type Judged<T> = { readonly value: T } | { readonly wrong: string };

/** Splits a header (RFC 6455 §9.1), tolerantly: names lose their case, values their quotes. */
export function parseExtensions(header: string): readonly Extension[] {
  return header.split(",").map((part) => part.trim()).filter((part) => part !== "").map((part) => {
    const [name, ...rest] = part.split(";").map((piece) => piece.trim());
    const parameters = new Map<string, (string | true)[]>();
    for (const parameter of rest) {
      const [key, ...value] = parameter.split("=").map((piece) => piece.trim());
      const values = parameters.get(key.toLowerCase()) ?? [];
      values.push(value.length === 0 ? true : value.join("=").replace(/^"/, "").replace(/"$/, ""));
      parameters.set(key.toLowerCase(), values);
    }
    return { name: name.toLowerCase(), parameters };
  });
}

/** Reads an offer of permessage-deflate. */
export function readOffer(parameters: Extension["parameters"]): Judged<Offer> {
  const read = readParameters(parameters, true);
  if ("wrong" in read) return read;
  const { server, client } = read.value;
  return {
    value: {
      serverNoContextTakeover: server.noContextTakeover,
      serverWindowBits: server.windowBits,
      takesWindowBits: client.windowBits !== 0,
    },
  };
}

/** Reads an answer to such an offer; what is not mentioned is a window of 15 bits that is kept. */
export function readAnswer(parameters: Extension["parameters"]): Judged<DeflateAgreement> {
  const read = readParameters(parameters, false);
  if ("wrong" in read) return read;
  return { value: { server: filled(read.value.server), client: filled(read.value.client) } };
}

/** The offers of a fuzzing client as one header value; null: none. */
export function offersText(wish: DeflateWish | null): string | null {
  if (wish?.text !== undefined) return wish.text;
  if (wish === null || wish.offers.length === 0) return null;
  return wish.offers.map((row) => `${EXTENSION}; client_no_context_takeover; client_max_window_bits${rowText(row, "server")}`)
    .join(", ");
}

/** The answer of a fuzzing server: the first of its wishes that one of the offers can meet. */
export function acceptOffer(
  offers: readonly Offer[],
  wish: DeflateWish | null,
): { readonly text: string; readonly agreement: DeflateAgreement } | null {
  if (wish?.text !== undefined) return acceptText(offers, wish.text);
  for (const row of wish?.accepts ?? []) {
    const offer = offers.find(({ takesWindowBits }) => row.windowBits === 0 || takesWindowBits);
    if (offer === undefined) continue;
    const server: DeflateRow = { noContextTakeover: offer.serverNoContextTakeover, windowBits: offer.serverWindowBits };
    return {
      text: `${EXTENSION}${rowText(server, "server")}${rowText(row, "client")}`,
      agreement: { server: filled(server), client: filled(row) },
    };
  }
  return null;
}

/** The answer as a case has it, and what the offer demands besides. */
function acceptText(offers: readonly Offer[], answer: string): ReturnType<typeof acceptOffer> {
  const offer = offers.find(({ takesWindowBits }) => takesWindowBits || !answer.includes("client_max_window_bits"));
  if (offer === undefined) return null;
  const has = (name: string): boolean => answer.includes(name);
  const text = answer + rowText({
    noContextTakeover: offer.serverNoContextTakeover && !has("server_no_context_takeover"),
    windowBits: has("server_max_window_bits") ? 0 : offer.serverWindowBits,
  }, "server");
  const read = readAnswer(parseExtensions(text)[0].parameters);
  return "value" in read ? { text, agreement: read.value } : null;
}

export const EXTENSION = "permessage-deflate";

interface Rows {
  readonly server: DeflateRow;
  readonly client: DeflateRow;
}

function readParameters(parameters: Extension["parameters"], hints: boolean): Judged<Rows> {
  const rows = {
    server: { noContextTakeover: false, windowBits: 0 },
    client: { noContextTakeover: false, windowBits: 0 },
  };
  for (const [name, [value, ...more]] of parameters) {
    if (more.length > 0) return { wrong: `multiple occurrence of extension parameter '${name}' for extension '${EXTENSION}'` };
    const [, side, what] = /^(server|client)_(no_context_takeover|max_window_bits)$/.exec(name) ?? [];
    if (side !== "server" && side !== "client") {
      return { wrong: `illegal extension parameter '${name}' for extension '${EXTENSION}'` };
    }
    if (what === "no_context_takeover" && value === true) {
      rows[side].noContextTakeover = true;
      continue;
    }
    const isHint = hints && side === "client" && value === true;
    const bits = isHint ? 15 : typeof value === "string" && /^\s*\+?\d+\s*$/.test(value) ? Number(value) : NaN;
    if (what === "no_context_takeover" || !(bits >= 8 && bits <= 15)) {
      const shown = value === true ? "True" : value;
      return { wrong: `illegal extension parameter value '${shown}' for parameter '${name}' of extension '${EXTENSION}'` };
    }
    rows[side].windowBits = bits;
  }
  return { value: rows };
}

function rowText({ noContextTakeover, windowBits }: DeflateRow, side: "server" | "client"): string {
  return `${noContextTakeover ? `; ${side}_no_context_takeover` : ""}${
    windowBits === 0 ? "" : `; ${side}_max_window_bits=${windowBits}`
  }`;
}
function filled({ noContextTakeover, windowBits }: DeflateRow): Direction {
  return { noContextTakeover, windowBits: windowBits === 0 ? 15 : windowBits };
}
