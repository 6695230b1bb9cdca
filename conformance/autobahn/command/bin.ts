#!/usr/bin/env node
// The program of the package: `sansws conform server|client ...`. In: the arguments of the process. Out: its exit code.
// Next file: main.ts.
import process from "node:process";
import { main, USAGE } from "./main.ts";

const [name, ...args] = process.argv.slice(2);
if (name === "conform") {
  process.exit(await main(args));
} else if (name === "--help" || name === "-h") {
  console.log(USAGE);
} else {
  console.error(
    `sansws: ${name === undefined ? "a command is missing" : `there is no command ${name}`}; there is conform (--help)`,
  );
  process.exit(2);
}
