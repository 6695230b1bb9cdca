// `sansws conform`: the conformance suite as a command. In: arguments. Out: reports, a table, an exit code: 0 if the policy holds, 1 if it
// does not, 2 if the run could not begin (a wrong argument, a bad spec file, a peer that cannot be reached), with one sentence why.
// Next files: options.ts, what the arguments mean; test-server.ts and test-client.ts, the two runs; finish.ts, what comes after both.
import { FuzzError } from "../fuzz/errors.ts";
import { readOptions } from "./options.ts";
import { testClients } from "./test-clients.ts";
import { testServers } from "./test-servers.ts";
import { USAGE } from "./usage.ts";

export { USAGE };

/** Runs the command; resolves to the exit code. `args` stand behind the word `conform`. */
export async function main(args: readonly string[]): Promise<number> {
  try {
    const options = readOptions(args);
    switch (options.do) {
      case "help":
        console.log(USAGE);
        return 0;
      case "list":
        for (const { id, description } of options.cases) console.log(`${id.padEnd(8)}${description}`);
        return 0;
      case "server":
        return await testServers(options);
      case "client":
        return await testClients(options);
    }
  } catch (error) {
    if (!(error instanceof FuzzError)) throw error;
    console.error(`sansws conform: ${error.message}`);
    return 2;
  }
}
