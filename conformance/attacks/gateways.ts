// What comes in: the port of a server. What goes out: the port of a real gateway in front of it (RFC 9110 §3.7), nginx or HAProxy, set up as
// their manuals say for WebSocket, with one rule of its own: nobody gets /secret. Each needs a folder for its files, and no service.
// Next file: gateways.test.ts.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { type AddressInfo, connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { until } from "./raw.ts";

export interface Gateway {
  readonly port: number;
  /** Kills it in the midst of whatever it does; resolves once it is gone. */
  kill(): Promise<void>;
}
export type GatewayName = "nginx" | "haproxy";

/** Why there is no such gateway, or null. */
export function missing(name: GatewayName): string | null {
  const { binary } = GATEWAYS[name];
  return existsSync(binary) ? null : `there is no ${name} at ${binary}; set ${name.toUpperCase()} or install it`;
}
/** Starts one; `idle`: how many milliseconds of silence it bears. Resolves when it listens. */
export async function gateway(name: GatewayName, to: number, idle = 60_000): Promise<Gateway> {
  const { binary, args, settings } = GATEWAYS[name];
  const folder = mkdtempSync(join(tmpdir(), `sansws-${name}-`));
  const port = await freePort();
  writeFileSync(join(folder, "conf"), settings({ folder, port, to, idle }));
  const child = spawn(binary, args(folder), { stdio: ["ignore", "ignore", "pipe"] });
  let complaints = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => complaints += text);
  const left = once(child, "close");
  const kill = async (): Promise<void> => {
    child.kill("SIGKILL");
    await left;
    rmSync(folder, { recursive: true, force: true });
  };
  await until(async () => hasLeft(child) || await listens(port));
  if (!hasLeft(child)) return { port, kill };
  await kill();
  throw new Error(`${name} did not start: ${complaints}`);
}

interface Settings {
  readonly folder: string;
  readonly port: number;
  readonly to: number;
  readonly idle: number;
}
function hasLeft({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode !== null || signalCode !== null;
}
function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1", () => {
      socket.destroy();
      resolve(true);
    }).on("error", () => resolve(false));
  });
}
/** Neither of them says which port it was given. */
async function freePort(): Promise<number> {
  const server = createServer();
  await once(server.listen(0, "127.0.0.1"), "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

// One process each, so that a signal reaches all of it. Debian's packages are built for all that is used here.
const GATEWAYS: Readonly<
  Record<GatewayName, {
    readonly binary: string;
    args(folder: string): string[];
    settings(settings: Settings): string;
  }>
> = {
  nginx: {
    binary: process.env["NGINX"] ?? "/usr/sbin/nginx",
    args: (folder) => ["-p", folder, "-c", join(folder, "conf"), "-e", "stderr"],
    settings: ({ folder, port, to, idle }) => `
daemon off;
master_process off;
pid ${folder}/pid;
events {}
http {
  access_log off;
  ${["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map((name) => `${name}_temp_path ${folder}/${name};`).join(" ")}
  map $http_upgrade $connection_upgrade { default upgrade; "" close; }
  server {
    listen 127.0.0.1:${port};
    location /secret { return 403; }
    location / {
      proxy_pass http://127.0.0.1:${to};
      proxy_http_version 1.1;
      proxy_read_timeout ${idle}ms;
      proxy_set_header Host $http_host;
      proxy_set_header Upgrade $http_upgrade;
      proxy_set_header Connection $connection_upgrade;
    }
  }
}`,
  },
  haproxy: {
    binary: process.env["HAPROXY"] ?? "/usr/sbin/haproxy",
    args: (folder) => ["-db", "-f", join(folder, "conf")],
    settings: ({ port, to, idle }) => `
global
  maxconn 100
  nbthread 1
defaults
  mode http
  timeout connect 10s
  timeout client 60s
  timeout server 60s
  timeout tunnel ${idle}ms
frontend all
  bind 127.0.0.1:${port}
  http-request deny if { path_beg /secret }
  default_backend server
backend server
  server one 127.0.0.1:${to}
`,
  },
};
