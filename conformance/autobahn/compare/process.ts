// What comes in: `server NAME --port N`, or `client NAME --url URL --agent NAME --jobs N`. What goes out: that peer of the table as a process,
// over sockets, with the arguments and the output of the project's own echo server and client, so that either suite can start it.
// A client follows the convention that all clients of the suite share: getCaseCount, runCase, updateReports. It plays several cases at a
// time, as a peer that keeps silent would take eight minutes otherwise. Next file: selection.ts.
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import process from "node:process";
import { parseArgs } from "node:util";
import type { Peer } from "../engine/in-process.ts";
import { urlOf } from "../fuzz/target.ts";
import { accept, dial, type Tcp } from "../fuzz/tcp.ts";
import { handmade, requestOf } from "./handmade.ts";
import { type BrokenPeer, PEERS, type Where } from "./peers.ts";

/** Runs the peer; resolves to the exit code. */
export async function main(args: string[]): Promise<number> {
  const text = { type: "string", default: "" } as const;
  const options = { port: { ...text, default: "0" }, url: text, agent: text, jobs: { ...text, default: "8" } };
  const { values, positionals: [role, name] } = parseArgs({ args, allowPositionals: true, options });
  const peer = PEERS[name];
  if (role === "client") return await client(peer, values.url, encodeURIComponent(values.agent), Number(values.jobs));
  const { port, close } = await listen(peer, Number(values.port));
  console.log(`listening on ws://127.0.0.1:${port}/`);
  await Promise.race([once(process, "SIGTERM"), once(process, "SIGINT")]);
  close();
  return 0;
}

/** A server that listens on 127.0.0.1. */
export async function listen(peer: BrokenPeer, at = 0): Promise<{ readonly port: number; close(): void }> {
  const server = createServer((socket) => {
    open.add(socket);
    socket.once("close", () => open.delete(socket));
    void converse(accept(socket, null), peer.make("server", NOWHERE));
  });
  const open = new Set<{ destroy(): void }>();
  await once(server.listen(at, "127.0.0.1"), "listening");
  const { port } = server.address() as AddressInfo;
  return {
    port,
    close() {
      server.close();
      for (const socket of open) socket.destroy();
    },
  };
}

/** Has all cases played by a fuzzing server at `url`, `jobs` of them at a time, and its reports written. */
export async function client(peer: BrokenPeer, url: string, agent: string, jobs: number): Promise<number> {
  const { host, port, authority } = urlOf(url);
  const at = async (make: (where: Where) => Peer, resource: string): Promise<void> =>
    await converse(await dial({ host, port, tls: null }), make({ authority, resource }));
  let count = 0;
  const correct = ({ authority, resource }: Where): Peer =>
    handmade({
      role: "client",
      flaws: {},
      head: () => requestOf(authority, resource),
      heard: (payload) => count = Number(new TextDecoder().decode(payload)),
    });
  await at(correct, "/getCaseCount");
  const cases = Array.from({ length: count }, (_, index) => index + 1).values();
  await Promise.all(Array.from({ length: jobs }, async () => {
    for (const number of cases) await at((where) => peer.make("client", where), `/runCase?case=${number}&agent=${agent}`);
  }));
  await at(correct, `/updateReports?agent=${agent}`);
  return 0;
}

/** Resolves when TCP is gone. */
function converse({ link, world, start }: Tcp, peer: Peer): Promise<void> {
  return new Promise((resolve) => {
    const events = peer({ ...link, now: world.now, later: world.later });
    start({
      received: events.received,
      lost() {
        events.ended("end");
        resolve();
      },
    });
  });
}

const NOWHERE: Where = { authority: "", resource: "" };
