// Tests of the page in a real browser, opened from disk: Chromium without a window, at CHROMIUM or /usr/bin/chromium.
// What must hold: no console message and no request but the file itself; search, filters, keys and links; hostile texts are only texts;
// a phone's width needs no sideways scrolling; dark and light, each with enough contrast.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { launch, noChromium as reason } from "../../../support/chromium.ts";
import {
  caseResult,
  runInfo,
  stratus211,
  stratus519,
  websock517,
  websock55,
  websock716,
  wholeRun,
} from "../fixtures.test.support.ts";
import { report } from "../report.ts";
import { page as html } from "./page.ts";

if (reason !== null) console.warn(`The page is not tested in a browser: ${reason}.`);

const evil = `<script>window.ran = 1</script><img src=x onerror="window.ran = 1">"'&`;
const whole = wholeRun(["ws 8.23.0", "websock server"]);
const seeds = [stratus519(), stratus211(), websock55(), websock716(), websock517()];
const hostile = caseResult({
  agent: evil,
  id: "9.9.9",
  description: evil,
  note: evil,
  httpRequest: `GET /${evil} HTTP/1.1\r\n${evil}`,
  remoteCloseReason: evil,
  received: [["message", evil, false]],
  wirelog: [["RF", [9, `</script>${evil}`], 1, true, 0, false, null]],
  times: [1],
});

describe.skipIf(reason !== null)(`the page in Chromium${reason === null ? "" : ` (skipped: ${reason})`}`, () => {
  vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });
  const folder = mkdtempSync(join(tmpdir(), "sansws-page-"));
  const heard: string[] = [];
  const pages = new Map<string, Page>();
  let browser: Browser;
  let page: Page;

  beforeAll(async () => {
    writeFileSync(join(folder, "whole.html"), html(report(whole, runInfo())));
    writeFileSync(
      join(folder, "seeds.html"),
      html(report(seeds, runInfo({ findings: [{ agent: "stratus@2", text: "Silent." }] }))),
    );
    writeFileSync(join(folder, "hostile.html"), html(report([hostile], runInfo({ titles: { "9": evil } }))));
    browser = await launch();
  });
  afterEach(() => {
    expect(heard.splice(0)).toEqual([]);
  });
  afterAll(async () => {
    await browser?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  /**
   * Opens a file, or goes back to its start where it is open: it takes the browser a second or two to load the whole run.
   * Whatever the console says and whatever is asked of the network is heard.
   */
  async function open(name: string, { hash = "", width = 1280, dark = false } = {}): Promise<void> {
    const url = pathToFileURL(join(folder, `${name}.html`)).href;
    const key = `${name} ${width} ${dark}`;
    const before = pages.get(key);
    if (before !== undefined) {
      page = before;
      await page.evaluate(backToStart);
      if (hash !== "") await page.goto(url + hash);
      return;
    }
    page = await browser.newPage({ viewport: { width, height: 844 }, colorScheme: dark ? "dark" : "light" });
    pages.set(key, page);
    page.on("console", (message) => heard.push(message.text()));
    page.on("pageerror", (error) => heard.push(error.message));
    page.on("request", (request) => request.url().split("#")[0] === url || heard.push(request.url()));
    await page.goto(url + hash);
  }

  /** The ids of the rows that are shown. */
  async function shown(): Promise<string[]> {
    return await page.evaluate<string[]>(
      `[...document.querySelectorAll("tr[data-id]")].filter((row) => row.offsetHeight > 0).map((row) => row.dataset.id)`,
    );
  }

  async function text(selector: string): Promise<string> {
    return await page.locator(selector).innerText();
  }

  it("shows all cases with the counts of every agent", async () => {
    await open("whole");
    expect(await shown()).toHaveLength(517);
    expect(await text("h1")).toBe("2 servers compared");
    expect(await page.locator(".card").count()).toBe(2);
    expect(await text("#count")).toBe("517 cases");
  });

  it("finds cases by id, by pattern and by text, and section titles go with their cases", async () => {
    await open("whole");
    for (
      const [query, ids] of [["6.2", ["6.2.1", "6.2.2", "6.2.3", "6.2.4"]], ["*.19", ["5.19", "6.22.19"]], ["6.4.2", [
        "6.4.2",
      ]]] as const
    ) {
      await page.fill("#search", query);
      await expect.poll(shown).toEqual(ids);
    }
    expect(await page.evaluate(`[...document.querySelectorAll(".group")].filter((row) => row.offsetHeight > 0).length`)).toBe(2);
    await page.fill("#search", "reserved bit RSV2");
    await expect.poll(async () => (await shown()).includes("3.2")).toBe(true);
    await page.fill("#search", "no such words anywhere");
    await expect.poll(shown).toEqual([]);
    await page.click("#reset");
    await expect.poll(shown).toHaveLength(517);
  });

  it("filters by verdict and by section, and both together", async () => {
    await open("whole");
    await page.click('.chip[data-key="non-strict"]');
    expect(await shown()).toEqual(["6.4.1", "6.4.2", "6.4.3", "6.4.4"]);
    await page.click('.chip[data-key="info"]');
    expect(await shown()).toHaveLength(6);
    await page.selectOption("#section", "7.13");
    expect(await shown()).toEqual(["7.13.1", "7.13.2"]);
    expect(await text("#count")).toBe("2 of 517 cases");
  });

  it("opens a case by link, with every section of its report and the first difference", async () => {
    await open("seeds", { hash: "#5.19/stratus_2" });
    const titles = await page.locator("#case h3").allInnerTexts();
    expect(titles).toEqual([
      "Case description",
      "Case expectation",
      "Outcome",
      "How it had to close",
      "Timeline",
      "Opening handshake",
      "Closing behavior",
      "Wire statistics",
      "Wire log",
    ]);
    expect(await text(".difference")).toBe("Event 1: expected a pong “pongme 1!”, but nothing came.");
    expect(await text(".events.wrong tr.first")).toContain("pongme 1!");
    expect(await text(".flow .differs")).toContain("TCP ended by the peer");
    expect(await page.locator(".closing tr").count()).toBe(13);
    expect(await page.locator(".wire li").count()).toBe(stratus519().wirelog.length + 1);
    expect(await text(".wire li:last-child")).toContain("022 TCP DROPPED BY PEER");
    expect(await page.locator(".scale .tick.sent").count()).toBeGreaterThan(5);
  });

  it("draws time from left to right: what is later stands further right", async () => {
    await open("seeds", { hash: "#5.19/stratus_2" });
    const places = await page.evaluate<number[]>(
      `[...document.querySelectorAll(".scale .tick")].map((tick) => tick.x1.baseVal.value)`,
    );
    expect(places).toEqual([...places].sort((one, other) => one - other));
    expect(places[0]).toBeLessThan(10);
    expect(places.at(-1)).toBeGreaterThan(990);
  });

  it("is used with keys alone", async () => {
    await open("whole");
    await page.keyboard.press("/");
    await page.keyboard.type("5.1");
    await expect.poll(shown).toEqual(["5.1"]);
    await page.keyboard.press("Escape");
    await expect.poll(shown).toHaveLength(517);
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("ArrowRight");
    await page.keyboard.press("Enter");
    await page.waitForSelector("#case:not([hidden])");
    expect(await page.evaluate("location.hash")).toBe("#1.1.2/websock_server");
    await page.keyboard.press("n");
    await expect.poll(() => text("#case-title")).toContain("Case 1.1.3");
    await page.keyboard.press("p");
    await expect.poll(() => text("#case-title")).toContain("Case 1.1.2");
    await page.keyboard.press("Escape");
    expect(await page.locator("#case").isHidden()).toBe(true);
    expect(await page.evaluate("document.activeElement.getAttribute('href')")).toBe("#1.1.2/websock_server");
  });

  it("goes from one case shown to the next, and back out with the browser's button", async () => {
    await open("whole");
    await page.click('.chip[data-key="non-strict"]');
    await page.click('tr[data-id="6.4.1"] a.cell');
    await page.click('#case [aria-label="Next case"]');
    await expect.poll(() => text("#case-title")).toContain("Case 6.4.2");
    await page.goBack();
    expect(await page.locator("#case").isHidden()).toBe(true);
  });

  it("shows hostile texts as texts, everywhere", async () => {
    await open("hostile");
    expect(await text("h1")).toBe(evil);
    expect(await text("thead .agent")).toBe(evil);
    await page.click("a.cell");
    await page.waitForSelector("#case:not([hidden])");
    expect(await text(".wire li:first-child pre")).toContain(`</script>${evil}`);
    expect(await text(".note")).toBe(evil);
    expect(await page.evaluate("window.ran")).toBeUndefined();
    expect(await page.locator("img").count()).toBe(0);
  });

  it("would run no script, take up no HTML and load no image that got into it all the same", async () => {
    await open("hostile");
    const attempt = (code: string): Promise<string> =>
      page.evaluate<string>(`(() => { try { ${code}; return "done"; } catch (error) { return error.name; } })()`);
    expect(await attempt('document.body.innerHTML = "<p>"')).toBe("TypeError");
    expect(await attempt('document.createElement("script").textContent = "window.ran = 1"')).toBe("TypeError");
    const blocked = await page.evaluate<string>(`new Promise((done) => {
      addEventListener("securitypolicyviolation", (event) => done(event.effectiveDirective));
      new Image().src = "https://example.invalid/x";
    })`);
    expect(blocked).toBe("img-src");
    expect(await page.evaluate("window.ran")).toBeUndefined();
    // The browser complains of all three; that is the point.
    expect(heard.splice(0).length).toBeGreaterThanOrEqual(3);
  });

  it.each(["whole", "seeds", "hostile"])("needs no sideways scrolling on a phone: %s", async (name) => {
    await open(name, { width: 390 });
    const wide =
      `Math.max(...[document.scrollingElement, document.getElementById("list"), document.getElementById("case")].map((box) => box.scrollWidth))`;
    expect(await page.evaluate(wide)).toBeLessThanOrEqual(390);
    await page.locator("a.cell").first().click();
    await page.waitForSelector("#case:not([hidden])");
    expect(await page.evaluate(wide)).toBeLessThanOrEqual(390);
    await page.click('[aria-label="Close the report"]');
    expect(await page.locator("#list").isVisible()).toBe(true);
  });

  it("keeps the agents' names in sight while the matrix scrolls", async () => {
    await open("whole");
    const top = await page.evaluate<number>(
      `(() => { document.getElementById("list").scrollTop = 9000; return document.querySelector("thead .agent").getBoundingClientRect().top; })()`,
    );
    expect(top).toBeGreaterThan(0);
    expect(top).toBeLessThan(200);
  });

  it("is dark or light as the system is, until its button says otherwise, and remembers that", async () => {
    const ground = "getComputedStyle(document.body).backgroundColor";
    await open("seeds", { dark: true });
    const dark = await page.evaluate(ground);
    await page.click("#theme");
    expect(await text("#theme")).toBe("Theme: light");
    const light = await page.evaluate(ground);
    expect(light).not.toBe(dark);
    await page.reload();
    expect(await page.evaluate(ground)).toBe(light);
    await page.click("#theme");
    expect(await page.evaluate(ground)).toBe(dark);
    await page.click("#theme");
    expect(await text("#theme")).toBe("Theme: system");
  });

  it.each([true, false])("has a contrast of 4.5:1 or more in every text, dark: %s", async (dark) => {
    await open("seeds", { hash: "#5.19/stratus_2", dark });
    await page.evaluate(
      `document.getElementById("legend").open = true; document.querySelector(".chip").setAttribute("aria-pressed", "true")`,
    );
    expect(await page.evaluate<string[]>(poorContrast)).toEqual([]);
  });
});

// As if it had just been loaded: no case is open, nothing is filtered, scrolled or focused.
const backToStart = `(() => {
  history.replaceState(null, "", location.pathname);
  dispatchEvent(new Event("hashchange"));
  document.getElementById("reset").click();
  document.getElementById("legend").open = false;
  document.getElementById("list").scrollTop = 0;
  document.activeElement.blur();
})()`;

// WCAG 2.2, "contrast ratio" and "relative luminance", over every element that has text of its own.
const poorContrast = `(() => {
  const channels = (color) => color.match(/[\\d.]+/g).map(Number);
  const light = (color) => {
    const [r, g, b] = channels(color).map((value) => value / 255).map((value) => value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ground = (element) => {
    const color = getComputedStyle(element).backgroundColor;
    return channels(color)[3] === 0 ? ground(element.parentElement) : color;
  };
  const own = (element) => [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim() !== "");
  return [...document.body.querySelectorAll("*")].filter((element) => own(element) && element.offsetWidth > 1).flatMap((element) => {
    const [one, other] = [light(getComputedStyle(element).color), light(ground(element))].sort((a, b) => b - a);
    const ratio = (one + 0.05) / (other + 0.05);
    return ratio >= 4.5 ? [] : [element.className + " " + element.textContent.slice(0, 30) + " " + ratio.toFixed(2)];
  });
})()`;
