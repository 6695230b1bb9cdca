// L21 Negotiation: whatever both sides are configured to, they agree on the same parameters, keep them, and use nothing that RFC 7692
// forbids; whatever a peer offers or answers, nothing throws; and no CR, LF or NUL of a caller reaches the wire. RFC 6455 §4, §9.1;
// RFC 7692 §5.1, §7.1; RFC 9112 §5. Next file: ../../core/deflate/negotiate.ts.
import { isDeepStrictEqual } from "node:util";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { zlib } from "../../adapters/zlib.ts";
import { requestHead, serverConnection, UsageError, verifyResponse } from "../../core/index.ts";
import type { Agreement, Connection, Deflate, DeflateParams, Event, Header, Role } from "../../core/types.ts";
import { utf8 } from "../frames/encode.ts";
import { afterHead } from "../frames/reader.ts";
import { violations } from "../frames/well-formed.ts";
import { check, PATIENCE } from "../support/law.ts";
import { freshClient, freshServer, octets, requestOf, requestText, responseText } from "../support/machine.ts";
import { pair } from "../support/pair.ts";

const deflate: fc.Arbitrary<Deflate | null> = fc.option(
  fc.record({
    engine: fc.constant({ ...zlib }),
    threshold: fc.constant(0),
    contextTakeover: fc.boolean(),
    windowBits: fc.integer({ min: 8, max: 15 }),
  }),
  { nil: null, freq: 5 },
);

describe("L21 negotiation", PATIENCE, () => {
  it("both sides agree, each message survives, and each side keeps within what it was asked", () => {
    const cases = fc.record({
      client: deflate,
      server: deflate,
      protocols: fc.uniqueArray(fc.constantFrom("a", "b", "c.d", "x-1"), { maxLength: 3 }),
      messages: fc.array(fc.string({ minLength: 1, maxLength: 300 }), { maxLength: 4 }),
    });
    check(cases, ({ client, server, protocols, messages }) => {
      const both = pair({
        client: { deflate: client },
        server: { deflate: server },
        target: { protocols },
        accept: { protocol: protocols.at(-1) ?? null },
      });
      both.settle();
      const [there, here] = [agreement(both.events("client")), agreement(both.events("server"))];
      expect(there.protocol).toBe(protocols.at(-1) ?? "");
      expect(here.protocol).toBe(there.protocol);
      expect(there.deflate === null).toBe(client === null || server === null);
      expect(here.deflate === null).toBe(there.deflate === null);
      // Each side may know that it uses less of its own window than it may; never more than the other expects.
      if (there.deflate !== null && here.deflate !== null) {
        expect(there.deflate.clientWindowBits).toBeLessThanOrEqual(here.deflate.clientWindowBits);
        expect(here.deflate.serverWindowBits).toBeLessThanOrEqual(there.deflate.serverWindowBits);
        expect(here.deflate.clientTakeover || !there.deflate.clientTakeover).toBe(true);
        expect(there.deflate.serverTakeover || !here.deflate.serverTakeover).toBe(true);
        expect(here.deflate.serverWindowBits).toBeLessThanOrEqual(server?.windowBits ?? 15);
        expect(there.deflate.clientWindowBits).toBeLessThanOrEqual(client?.windowBits ?? 15);
      }
      const sent = messages.flatMap((message) => [message, message]);
      for (const message of sent) {
        both.client.send(message);
        both.server.send(message);
      }
      both.client.close(1000);
      both.finish();
      for (const [reader, writer, agreed] of [["client", "server", there], ["server", "client", here]] as const) {
        const texts = both.events(reader).filter((event) => event.type === "text").map(({ data }) => data);
        expect(texts).toEqual(sent);
        const wire = both.wire(writer);
        // The reader's view of the window: a distance beyond it is a fault of the oracle.
        expect(violations(wire.slice(afterHead(wire)), { role: writer, deflate: agreed.deflate, complete: true })).toEqual([]);
      }
    });
  });

  it("a server answers any extension header with at most what RFC 7692 §7.1 allows, and never throws", () => {
    check(fc.tuple(offers, deflate), ([header, deflate]) => {
      const server = freshServer({ deflate });
      server.receive(octets(requestText([`Sec-WebSocket-Extensions: ${header}`])), 0);
      const event = server.poll();
      const answered = event?.type === "request" ? server.accept() : false;
      const head = text(server);
      if (!answered) return void expect(head).toMatch(/^HTTP\/1\.1 400 /);
      expect(head).toMatch(/^HTTP\/1\.1 101 /);
      const response = /^Sec-WebSocket-Extensions: (.*)\r$/m.exec(head)?.[1] ?? null;
      if (response === null) return;
      expect(deflate).not.toBe(null);
      const answer = strict(response);
      expect(answer).not.toBe(null);
      // Some offer of the header must allow each parameter of the answer.
      const allowing = header.split(",").map(strict).filter((offer) =>
        offer !== null && answer !== null && allows(offer, answer, "server")
      );
      expect(allowing.length, `${response} to ${header}`).toBeGreaterThan(0);
    }, 4);
  });

  it("a client takes of any answer only what RFC 7692 §7.1 allows, and never throws", () => {
    check(fc.tuple(offers, deflate), ([header, deflate]) => {
      const client = freshClient({ deflate });
      const request = requestOf(client);
      const offer = strict(/^Sec-WebSocket-Extensions: (.*)\r$/m.exec(request)?.[1] ?? "");
      client.receive(octets(responseText(request, [`Sec-WebSocket-Extensions: ${header}`])), 0);
      const event = client.poll();
      const elements = header.split(",").map((element) => element.trim()).filter((element) => element !== "");
      const answer = elements.length === 1 ? strict(elements[0]) : null;
      if (event?.type !== "open") return void expect(event).toMatchObject({ type: "fault", fault: { code: "BAD_EXTENSION" } });
      expect(offer).not.toBe(null);
      expect(answer).not.toBe(null);
      if (offer !== null && answer !== null) expect(allows(offer, answer, "client")).toBe(true);
    }, 4);
  });

  it("HTTP/2 agrees on the same", () => {
    check(fc.tuple(deflate, deflate), ([mine, yours]) => {
      const target = { authority: "localhost", target: "/chat" };
      const server = serverConnection({ deflate: yours }, requestHead(target, { deflate: mine }));
      expect(server.poll()?.type).toBe("request");
      server.accept();
      const respond = server.poll();
      const open = server.poll();
      if (respond?.type !== "respond" || open?.type !== "open") throw new Error("no answer");
      const verdict = verifyResponse(target, { deflate: mine }, respond.status, respond.headers);
      expect(verdict.type).toBe("agreement");
      if (verdict.type !== "agreement") return;
      expect(verdict.agreement.deflate === null).toBe(open.agreement.deflate === null);
      expect(respond.headers.every(([name]) => name === name.toLowerCase())).toBe(true);
    });
  });
});

describe("L21: nothing a caller gives can start another line", PATIENCE, () => {
  const nasty = fc.array(
    fc.constantFrom(
      "a",
      "Z",
      "1",
      "-",
      "/",
      ":",
      ".",
      "?",
      "#",
      "@",
      "\r",
      "\n",
      "\r\n",
      "\0",
      " ",
      "\t",
      "é",
      "\u010d\u010a",
      '"',
      ",",
    ),
    {
      maxLength: 6,
    },
  ).map((parts) => parts.join(""));
  const headers: fc.Arbitrary<readonly Header[]> = fc.array(
    fc.tuple(fc.oneof(nasty, fc.constantFrom("X-A", "Host", "Upgrade", "Content-Length")), nasty),
    { maxLength: 2 },
  );

  it("of a client", () => {
    const targets = fc.record({
      authority: fc.oneof(fc.constant("localhost"), nasty),
      target: fc.oneof(fc.constant("/"), nasty.map((path) => "/" + path)),
      headers,
      origin: fc.option(nasty, { nil: undefined }),
      protocols: fc.array(nasty, { maxLength: 2 }),
    }, { requiredKeys: ["authority", "target"] });
    check(targets, (target) => {
      const given = Object.fromEntries(Object.entries(target).filter(([, value]) => value !== undefined));
      const head = attempt(() => requestOf(freshClient({}, given)));
      if (head === null) return;
      const lines = 6 + (target.headers?.length ?? 0) + (target.origin === undefined ? 0 : 1) +
        (target.protocols?.length ? 1 : 0);
      expectLines(head, lines);
    }, 4);
  });

  it("of a server", () => {
    const answers = fc.record({
      accept: fc.boolean(),
      protocol: fc.option(fc.oneof(fc.constant("chat"), nasty)),
      headers,
      status: fc.integer({ min: 190, max: 610 }),
      body: fc.oneof(fc.constant(""), nasty),
    });
    check(answers, ({ accept, protocol, headers, status, body }) => {
      const server = freshServer();
      server.receive(octets(requestText(["Sec-WebSocket-Protocol: chat"])), 0);
      server.poll();
      const head = attempt(() => {
        if (accept) server.accept({ protocol, headers });
        else server.reject({ status, headers, body });
        return text(server);
      });
      if (head === null) return void expect(server.peekOutput()).toBe(null);
      const bytes = octets(head);
      const end = afterHead(bytes);
      expect(isDeepStrictEqual(bytes.slice(end), accept ? new Uint8Array(0) : utf8(body))).toBe(true);
      const [start, ...lines] = head.slice(0, end - 4).split("\r\n");
      expect(start).toMatch(/^HTTP\/1\.1 [1-5][0-9]{2} [ -~]*$/);
      expect(lines.filter((line) => headers.some(([name, value]) => line === `${name}: ${value}`)).length)
        .toBeGreaterThanOrEqual(new Set(headers.map(String)).size);
      for (const line of lines) expect(line).toMatch(/^[!-9;-~]+: [\t -~]*$/);
    }, 4);
  });
});

/** Extension headers around the grammar and around the limits of permessage-deflate. */
const parameter = fc.oneof(
  fc.constantFrom(
    "client_no_context_takeover",
    "server_no_context_takeover",
    "client_max_window_bits",
    "server_max_window_bits",
    "client_no_context_takeover=1",
    "unknown",
    "__proto__=1",
    "constructor",
  ),
  fc.tuple(fc.constantFrom("client", "server"), fc.constantFrom("7", "8", "9", "08", "10", '"10"', "15", "16", "1000", "-1", ""))
    .map((
      [side, bits],
    ) => `${side}_max_window_bits=${bits}`),
);
const oneOffer = fc.tuple(
  fc.constantFrom("permessage-deflate", "permessage-deflate", "permessage-deflate", "x-webkit-deflate-frame", "toString", ""),
  fc.array(parameter, { maxLength: 4 }),
).map(([name, parameters]) => [name, ...parameters].join("; "));
const offers = fc.array(oneOffer, { minLength: 1, maxLength: 3 }).map((list) => list.join(", "));

interface Terms {
  readonly names: ReadonlySet<string>;
  readonly serverBits: number | null;
  readonly clientBits: number | null;
}
/** One extension with parameters as RFC 7692 §7.1 has them, or null. */
function strict(offer: string): Terms | null {
  const [name, ...params] = offer.split(";").map((part) => part.trim());
  if (name !== "permessage-deflate") return null;
  const names = new Set<string>();
  const bits = { server: null as number | null, client: null as number | null };
  for (const param of params) {
    const [, key, side, , value] = /^((client|server)_(no_context_takeover|max_window_bits))(?:="?([0-9]+)"?)?$/.exec(param) ??
      [];
    if (key === undefined || names.has(key)) return null;
    names.add(key);
    const flag = key.endsWith("takeover");
    if (flag ? value !== undefined : value === undefined ? side === "server" : !/^(8|9|1[0-5])$/.test(value)) return null;
    if (!flag && value !== undefined) bits[side as "server" | "client"] = Number(value);
  }
  return { names, serverBits: bits.server, clientBits: bits.client };
}
/** Whether an answer is allowed to an offer: the tables of RFC 7692 §7.1. A client may take less than it asked for. */
function allows(offer: Terms, answer: Terms, reader: Role): boolean {
  const asked = (name: string): boolean => offer.names.has(name);
  const fresh = "server_no_context_takeover";
  if (reader === "server" && asked(fresh) && !answer.names.has(fresh)) return false;
  if (offer.serverBits !== null && (answer.serverBits === null || answer.serverBits > offer.serverBits)) return false;
  if (answer.names.has("client_max_window_bits")) {
    if (!asked("client_max_window_bits") || answer.clientBits === null) return false;
    if (offer.clientBits !== null && answer.clientBits > offer.clientBits) return false;
  }
  return true;
}

function agreement(events: readonly Event[]): Agreement & { readonly deflate: DeflateParams | null } {
  const open = events.find((event) => event.type === "open");
  if (open === undefined) throw new Error("not open");
  return open.agreement;
}
function text(machine: Connection): string {
  return new TextDecoder("latin1").decode(machine.peekOutput() ?? new Uint8Array(0));
}
/** What was made, or null where the caller was told that he is wrong. */
function attempt<T>(make: () => T): T | null {
  try {
    return make();
  } catch (error) {
    if (error instanceof UsageError) return null;
    throw error;
  }
}
function expectLines(head: string, lines: number): void {
  expect(head.endsWith("\r\n\r\n")).toBe(true);
  expect(head.slice(0, -4).split("\r\n").length).toBe(lines);
  expect(head).not.toMatch(/[^\t\r\n -~]/);
  expect(head.replaceAll("\r\n", "")).not.toMatch(/[\r\n]/);
}
