// Row H17, and a peer that no other test has: the WebSocket of a real browser, Chromium without a window.
// A browser sends cookies and Origin with every upgrade, from whatever page (RFC 6455 §10.2); where the server refuses, its page must learn
// nothing but an error and 1006 (§7.1.5). Then what any browser's page may expect: permessage-deflate, large messages, close codes both ways.
import { once } from "node:events";
import { createServer } from "node:http";
import { createSecureServer } from "node:http2";
import type { AddressInfo, Server as NetServer } from "node:net";
import type { Browser, Frame, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import type { Closed, Handlers, ServeOptions, Socket } from "../../adapters/adapter.ts";
import { serve } from "../../adapters/node.ts";
import { attach } from "../../adapters/node-http.ts";
import { attach as attachHttp2 } from "../../adapters/node-http2.ts";
import { zlib } from "../../adapters/zlib.ts";
import { certificate, key } from "../support/certificate.ts";
import { launch, noChromium as missing } from "../support/chromium.ts";
import { FLAGS, NOISE, PAGE, source, talk, type Told } from "./browser.ts";
import { proxy } from "./proxy.ts";
import { until } from "./raw.ts";
import { HEARD } from "./session.ts";
import { here, victim } from "./victims.ts";

if (missing !== null) console.warn(`No browser is a peer: ${missing}.`);

describe.skipIf(missing !== null)(`Chromium${missing === null ? "" : ` (skipped: ${missing})`}`, () => {
  vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });
  const pages = createServer((_, response) => response.setHeader("Content-Type", "text/html").end(PAGE));
  const undo: (() => unknown)[] = [];
  const complaints: string[] = [];
  let home: number;
  let browser: Browser;
  let page: Page;

  beforeAll(async () => {
    home = await listen(pages);
    browser = await launch(FLAGS);
    page = await browser.newPage();
    page.on("console", (message) => complaints.push(message.text()));
  });
  afterEach(async () => {
    for (const run of undo.splice(0).reverse()) await run();
    complaints.length = 0;
  });
  afterAll(async () => {
    await browser?.close();
    pages.closeAllConnections();
    pages.close();
  });

  /** A server that echoes, what asked it to upgrade, what it refused, and how its first connection ended. */
  async function echoing(options: ServeOptions = {}, handlers: Handlers = {}) {
    const asked: (string | null)[] = [], refused: string[] = [], ends: Closed[] = [];
    const server = await serve({
      host: "127.0.0.1",
      port: 0,
      upgrade(request) {
        asked.push(request.header("cookie"));
        return { data: null };
      },
      error: (error) => void refused.push((error as Error).message),
      ...options,
    }, {
      message: async (socket, data) => void await socket.send(data),
      close: (_, closed) => void ends.push(closed),
      ...handlers,
    });
    undo.push(() => server.close({ deadline: 0 }));
    const end = async (): Promise<Closed> => {
      await until(() => ends.length > 0);
      return ends[0];
    };
    return { url: server.url, server, asked, refused, end };
  }
  const origin = (host: string): string => `http://${host}:${home}`;
  /** Goes to the page there, unless it is shown already: a page holds nothing between two talks. */
  async function visit(host = "127.0.0.1"): Promise<void> {
    if (page.url() !== `${origin(host)}/`) await page.goto(origin(host));
  }

  it("H17: a page on another port would come with its user's cookies; by default it is refused before anybody is asked", async () => {
    await visit();
    await page.evaluate(`document.cookie = "session=1"`);
    const open = await echoing({ origins: "any" });
    expect(await talk(page, open.url, [`"hi"`])).toMatchObject({ events: ["open", "close"], echoed: 1, wasClean: true });
    expect(open.asked).toEqual(["session=1"]); // cookies know no ports (RFC 6265 §8.5)

    const { url, asked, refused } = await echoing();
    expect(await talk(page, url, [`"hi"`])).toEqual(REFUSED);
    await until(() => complaints.length > 0);
    expect(complaints).toEqual([expect.stringMatching(/response code: 403$/)]);
    expect(asked).toEqual([]);
    expect(refused).toContainEqual(expect.stringContaining(JSON.stringify(origin("127.0.0.1"))));
  });

  it("H17: a page from the same host and port is let in by default", async () => {
    const http = createServer((_, response) => response.setHeader("Content-Type", "text/html").end(PAGE));
    const port = await listen(http);
    const server = attach(http, {}, { message: async (socket, data) => void await socket.send(data) });
    undo.push(() => http.close(), () => http.closeAllConnections(), () => server.close({ deadline: 0 }));
    await page.goto(`http://127.0.0.1:${port}/`);
    expect(await talk(page, `ws://127.0.0.1:${port}/`, [`"hi"`])).toMatchObject({ echoed: 1, code: 1000, wasClean: true });
  });

  it("takes its WebSockets over HTTP/2 where its page came by that, and both are one connection", async () => {
    const http = createSecureServer({ key, cert: certificate }, (_, response) => {
      response.setHeader("Content-Type", "text/html");
      response.end(PAGE);
    });
    const sessions: { destroy(): void }[] = [];
    http.on("session", (session) => void sessions.push(session));
    const port = await listen(http);
    const asked: unknown[] = [];
    const server = attachHttp2(http, {
      deflate: { engine: zlib, contextTakeover: true },
      upgrade: ({ http, method, origin }) => {
        asked.push([http, method, origin]);
        return { data: null };
      },
    }, { message: async (socket, data) => void await socket.send(data) });
    const own = await browser.newPage({ ignoreHTTPSErrors: true });
    const cut = (): void => sessions.forEach((session) => session.destroy());
    undo.push(() => http.close(), cut, () => server.close({ deadline: 0 }), () => own.close());
    await own.goto(`https://127.0.0.1:${port}/`);
    const told = await talk(own, `wss://127.0.0.1:${port}/`, [`"hi"`, NOISE]);
    expect(told).toMatchObject({ events: ["open", "close"], echoed: 2, code: 1000, wasClean: true });
    expect(asked).toEqual([[2, "CONNECT", `https://127.0.0.1:${port}`]]);
    expect(sessions).toHaveLength(1);
  });

  it.each([
    ["good.example", "open"],
    ["good.example.evil.example", "error"],
    ["evil-good.example", "error"],
    ["www.good.example", "error"],
  ])("H17: a list with good.example decides on a page of %s: %s", async (host, first) => {
    const { url, asked } = await echoing({ origins: [origin("good.example")] });
    await visit(host);
    const { events } = await talk(page, url);
    expect(events).toEqual([first, "close"]);
    expect(asked).toHaveLength(first === "open" ? 1 : 0);
  });

  it("H17: a page without an origin says null, which only those let in who say so", async () => {
    const heard: string[] = [];
    const refuseAll = (origin: string): boolean => {
      heard.push(origin);
      return false;
    };
    const policies: readonly (readonly [ServeOptions["origins"], first: string])[] = [
      ["same", "error"],
      [[origin("127.0.0.1")], "error"],
      [["null"], "open"],
      ["any", "open"],
      [refuseAll, "error"],
    ];
    const sandboxed = async (): Promise<Frame> => {
      await visit();
      await page.evaluate(`nest()`);
      return page.frames()[1];
    };
    const data = async (): Promise<Frame> => {
      await page.goto(`data:text/html,${encodeURIComponent(PAGE)}`);
      return page.mainFrame();
    };
    for (const frame of [sandboxed, data]) {
      const on = await frame();
      for (const [origins, first] of policies) {
        const { url } = await echoing({ origins });
        expect((await talk(on, url)).events, String(origins)).toEqual([first, "close"]);
      }
    }
    expect(heard).toEqual(["null", "null"]);
  });

  it.each([["no context takeover", false], ["context takeover", true]])(
    "agrees on permessage-deflate, with %s",
    async (_, contextTakeover) => {
      const { url, end } = await echoing({ origins: "any", deflate: { engine: zlib, contextTakeover } });
      const between = await proxy(Number(new URL(url).port), () => null);
      undo.push(() => between.close());
      await visit();
      const say = [`"compress me ".repeat(1 << 16)`, NOISE, "new Uint8Array(1 << 20)", `""`, `"\u{1f600}é"`, "new Uint8Array(0)"];
      const told = await talk(page, `ws://127.0.0.1:${between.port}/1`, say);
      expect(told).toMatchObject({ echoed: say.length, others: [], code: 1000, wasClean: true });
      expect(told.extensions).toBe(
        `permessage-deflate${contextTakeover ? "" : "; client_no_context_takeover; server_no_context_takeover"}`,
      );
      expect(await end()).toMatchObject({ code: 1000, clean: true, error: null });
      // 1 MiB that does not compress, and 1.75 MiB that does
      for (const octets of Object.values(between.passed.get(1)!)) expect(octets).toBeLessThan(1.1 * (1 << 20));
    },
  );

  it("does without an extension where the server has none", async () => {
    const { url } = await echoing({ origins: "any", deflate: null });
    await visit();
    expect(await talk(page, url, [NOISE, `"é".repeat(1 << 16)`])).toMatchObject({ echoed: 2, extensions: "", wasClean: true });
  });

  it("hears the fragments of a message as one, and answers Pings", async () => {
    const trips: (number | null)[] = [];
    const { url } = await echoing({ origins: "any" }, {
      async open(socket) {
        trips.push(await socket.ping());
        await socket.sendParts(["one ", "", "message ", "compressed ".repeat(500)]);
        void socket.close();
      },
    });
    await visit();
    expect(await talk(page, url, [], null)).toMatchObject({
      others: [`one message ${"compressed ".repeat(500)}`],
      wasClean: true,
    });
    expect(trips).toEqual([expect.any(Number)]);
  });

  it.each<readonly [args: readonly unknown[], code: number, why: string]>([
    [[], 1005, ""],
    [[1000], 1000, ""],
    [[3000, "why"], 3000, "why"],
    [[4999, "é".repeat(61)], 4999, "é".repeat(61)],
  ])("hears of its close(%j) the code alone, and the server hears everything", async (args, code, why) => {
    const { url, end } = await echoing({ origins: "any" });
    await visit();
    expect(await talk(page, url, [`"hi"`], args)).toMatchObject({ events: ["open", "close"], code, reason: "", wasClean: true });
    expect(await end()).toEqual({ code, reason: why, clean: true, error: null });
  });

  it.each<readonly [name: string, act: (socket: Socket) => unknown, code: number, why: string, clean: boolean]>([
    ["close()", (socket) => socket.close(), 1005, "", true],
    ["close(1000)", (socket) => socket.close(1000), 1000, "", true],
    ["close(1008, reason)", (socket) => socket.close(1008, "é".repeat(61)), 1008, "é".repeat(61), true],
    ["close(4001, reason)", (socket) => socket.close(4001, "bye"), 4001, "bye", true],
    ["terminate()", (socket) => socket.terminate(), 1006, "", false],
  ])("hears the %s of a server", async (_, act, code, why, wasClean) => {
    const { url, end } = await echoing({ origins: "any" }, { open: (socket) => void act(socket) });
    await visit();
    expect(await talk(page, url, [], null)).toMatchObject({ code, reason: why, wasClean });
    expect(await end()).toMatchObject({ code, clean: wasClean });
  });

  it("hears 1001 from a server that closes, and says 1001 when its user goes elsewhere", async () => {
    const { url, end, server } = await echoing({ origins: "any" }, { open: () => void server.close() });
    await visit();
    expect(await talk(page, url, [], null)).toMatchObject({ code: 1001, wasClean: true });
    expect(await end()).toMatchObject({ code: 1001, clean: true });

    const left = await echoing({ origins: "any" });
    void talk(page, left.url, [], null).catch(() => {}); // nobody is left to tell of it
    await until(() => left.server.sockets.size === 1);
    await page.goto(origin("good.example"));
    expect(await left.end()).toMatchObject({ code: 1001, clean: true, error: null });
  });

  it.each(here)("says the whole session to %s, and hears it", async (runtime) => {
    const one = await victim(runtime);
    const port = await one.tell("serve", { deflate: "takeover" });
    // That server has no pages: the browser is told what stands there.
    const place = `http://127.0.0.1:${port}/`;
    await page.route(place, (route) => route.fulfill({ contentType: "text/html", body: PAGE }));
    await page.goto(place);
    expect(await talk(page, `ws://127.0.0.1:${port}/5`, HEARD.map(source))).toMatchObject({
      echoed: HEARD.length,
      wasClean: true,
    });
    const [seen] = await one.tell("seen", [5]);
    expect(seen).toMatchObject({ opened: 1, closed: 1, heard: HEARD.length, clean: true, code: 1000, wrong: null });
    expect(await one.leave()).toBe(0);
  });

  async function listen(http: NetServer): Promise<number> {
    await once(http.listen(0, "127.0.0.1"), "listening");
    return (http.address() as AddressInfo).port;
  }
});

/** All that a page may learn of a refusal. */
const REFUSED: Told = {
  events: ["error", "close"],
  echoed: 0,
  others: [],
  extensions: "",
  code: 1006,
  reason: "",
  wasClean: false,
};
