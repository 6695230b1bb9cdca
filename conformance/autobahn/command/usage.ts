// The help of `sansws conform`. In: nothing. Out: a text. Next file: main.ts.
import { FAIL_ON } from "../report/policy.ts";
import { FORMATS } from "../report/write.ts";

/** What `--help` prints. */
export const USAGE: string = `sansws conform: tests WebSocket peers with the cases of the Autobahn Testsuite

  sansws conform server ws://HOST:PORT/... [more URLs]   tests servers: connects to each of them
  sansws conform client [--port 9001]                    tests clients: listens until one asks for the reports

Both
  --spec FILE         a fuzzingclient.json or fuzzingserver.json; what else stands on the command line goes before it
  --cases LIST        1-7, 6.2, 9.1.1-9.2.3, 12.*: sections, ids, ranges, patterns; all: what the original has (the default);
                      beyond: what it does not have
  --exclude LIST      the same
  --list              shows the selected cases and ends
  --messages N        messages per case of round trips, at most 1000, which is what the original sends; default: all of 9.7 and 9.8,
                      and in 12 and 13 at most 500 and 2 MiB
  --timeout SECONDS   gives every case up after so long; default: as long as the case itself may wait
  --profile NAME      compat (the original's verdict in every case) or strict (its known mistakes mended); default compat
  --outdir DIR        default reports/servers or reports/clients
  --format LIST       ${FORMATS.join(", ")}; default html,json
  --fail-on LIST      default, all, none or any of ${FAIL_ON.slice(0, 5).join(", ")},
                      ${FAIL_ON.slice(5).join(", ")}
  --baseline FILE     an earlier index.json: only what is worse than in it fails

server
  --agent NAME        the server's name in the reports; default: its Server header
  --jobs N            cases side by side, 8 by default; 9.x is always played one by one
  --tls               takes ws URLs for wss ones
  --ca FILE           trusts this authority (PEM); --insecure trusts any certificate

client
  --host ADDRESS      where to listen, 127.0.0.1 by default; --port 0 takes any free port
  --tls               wss, with a certificate made for it unless there are --key FILE and --cert FILE (PEM)
  --keep              goes on when a client asks for the reports

Exit code: 0 the policy holds, 1 it does not, 2 the run could not begin.`;
