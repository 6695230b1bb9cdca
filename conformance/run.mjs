// The launcher behind the npm scripts: `node conformance/run.mjs NAME ...arguments`. Node 20 cannot run TypeScript, so the sources are
// built into dist/ first (incremental: a second, and silent unless it fails); then the command runs in this same process, so that
// signals and exit codes are its own. A command is a module that exports `main(args: string[]): Promise<number>`, or an example.
// SANSWS_NO_BUILD=1 runs what dist/ holds, without building.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import process from "node:process";
import { fileURLToPath } from "node:url";

const commands = {
  start: "examples/echo-node",
  echo: "conformance/runtimes/echo",
  client: "conformance/runtimes/client",
  scenario: "conformance/runtimes/scenario/main",
  autobahn: "conformance/autobahn/genuine/main",
  conform: "conformance/autobahn/command/main",
  compare: "conformance/autobahn/compare/main",
  attacks: "conformance/attacks/main",
  bench: "conformance/bench/main",
  differential: "conformance/differential/main",
  fuzz: "conformance/fuzz/main",
  laws: "conformance/laws/main",
  simulate: "conformance/simulate/main",
  "peer-ws": "conformance/autobahn/genuine/peer-ws",
};

const root = new URL("../", import.meta.url);
const [name, ...args] = process.argv.slice(2);
if (!Object.hasOwn(commands, name ?? "")) {
  console.error(`usage: node conformance/run.mjs ${Object.keys(commands).join("|")} ...arguments`);
  process.exit(2);
}
const module = new URL(`dist/${commands[name]}.js`, root);
if (process.env.SANSWS_NO_BUILD !== "1") build();
else if (!existsSync(module)) {
  console.error(`SANSWS_NO_BUILD=1, but ${fileURLToPath(module)} is not there`);
  process.exit(2);
}
process.argv.splice(2, 1); // an example reads its own arguments
const { main } = await import(module.href);
if (main !== undefined) process.exit(await main(args));

function build() {
  const tsc = fileURLToPath(new URL("node_modules/typescript/bin/tsc", root));
  const projects = ["core", "adapters", "conformance", "examples"];
  const { status, stdout, stderr } = spawnSync(process.execPath, [tsc, "-b", ...projects], {
    cwd: fileURLToPath(root),
    encoding: "utf8",
  });
  if (status === 0) return;
  console.error(`${stdout}${stderr}the sources do not compile, so nothing was run (SANSWS_NO_BUILD=1 runs the last build)`);
  process.exit(1);
}
