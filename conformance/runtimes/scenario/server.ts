// The server of the scenario as a program, for runtimes that run programs. In: the adapter, a folder for the socket in the file system. Out: one
// line of JSON with the URLs of its listeners; it ends with its standard input. Next file: client.ts.
import process from "node:process";
import { certificate, key } from "../../support/certificate.ts";
import { type Adapter, adapterOf, type SocketRuntime } from "../adapter-of.ts";
import { handlerOf, optionsOf } from "./behaviours.ts";
import { far, near } from "./certificates.ts";
import { overHttp, overHttp2 } from "./http.ts";
import { listeners, type Listening, type Urls } from "./item.ts";

const [name, folder] = process.argv.slice(2);
const { serve }: Pick<Adapter, "serve"> = name === "http"
  ? overHttp
  : name === "http2"
  ? overHttp2
  : await adapterOf(name as SocketRuntime);
const at = { host: "127.0.0.1", port: 0 };

const urls: [Listening, string][] = [];
for (const listening of listeners) {
  const server = await serve(
    { ...optionsOf(listening), ...whereOf(listening) },
    handlerOf(listening, (options, handler) => serve({ ...options, ...at }, handler)),
  );
  urls.push([listening, server.url]);
}
console.log(JSON.stringify(Object.fromEntries(urls) satisfies Partial<Urls>));
process.stdin.on("end", () => process.exit()).resume();

function whereOf(listening: Listening) {
  switch (listening) {
    case "secure":
      return { ...at, tls: { key, cert: near } };
    case "untrusted":
      return { ...at, tls: { key, cert: certificate } };
    case "misnamed":
      return { ...at, tls: { key, cert: far } };
    case "unix":
      return { path: `${folder}/socket` };
    default:
      return at;
  }
}
