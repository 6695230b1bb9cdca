// The one browser of the tests: Chromium without a window, at CHROMIUM or /usr/bin/chromium. What comes in: flags beside those that keep it
// quiet. What goes out: a browser, or why there is none, which a test that needs it says and is skipped for.
import { existsSync } from "node:fs";
import process from "node:process";
import type { Browser } from "playwright-core";

const binary = process.env["CHROMIUM"] ?? "/usr/bin/chromium";

/** Why there is no browser, or null. */
export const noChromium: string | null = existsSync(binary)
  ? null
  : `there is no Chromium at ${binary}; set CHROMIUM or install it`;

export async function launch(flags: readonly string[] = []): Promise<Browser> {
  const { chromium } = await import("playwright-core");
  return chromium.launch({ executablePath: binary, args: [...QUIET, ...flags] });
}

/** It runs as root where CI does, and asks nobody for anything. */
const QUIET: readonly string[] = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];
