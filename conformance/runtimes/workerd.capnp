# The Worker of `npm run echo -- --runtime cloudflare`, for `workerd serve`. workerd.ts writes what is imported here as /made.capnp: the
# modules of dist/, and certificates where there are any. Next file: workerd-client.capnp.
@0xb3a1f7c2d4e58690;

using Workerd = import "/workerd/workerd.capnp";
using Made = import "/made.capnp";

const echo :Workerd.Config = (
  services = [ (name = "main", worker = .worker) ],
  sockets = [ (name = "ws", address = "127.0.0.1:0", tcp = (), service = "main") ],
);

const secureEcho :Workerd.Config = (
  services = [ (name = "main", worker = .worker) ],
  sockets = [ (
    name = "ws",
    address = "127.0.0.1:0",
    tcp = (tlsOptions = (keypair = (privateKey = Made.key, certificateChain = Made.certificate))),
    service = "main",
  ) ],
);

# Compatible with what has node:zlib without a flag.
const worker :Workerd.Worker = (
  modules = Made.modules,
  compatibilityDate = "2026-11-01",
  bindings = [ (name = "SETTINGS", fromEnvironment = "SANSWS_SETTINGS") ],
);
