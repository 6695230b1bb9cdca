# The echo servers of the benchmark on Cloudflare's runtime, one configuration each. What is imported as /made.capnp is written by
# ../runtimes/workerd.ts: the modules of dist/.
@0xc7d1e0a94f3b2568;

using Workerd = import "/workerd/workerd.capnp";
using Made = import "/made.capnp";

const raw :Workerd.Config = (
  services = [ (name = "main", worker = (modules = Made.modules, compatibilityDate = "2026-11-01", bindings = [ (name = "WHAT", text = "raw TCP") ])) ],
  sockets = [ (name = "echo", address = "127.0.0.1:0", tcp = (), service = "main") ],
);

const handlers :Workerd.Config = (
  services = [ (name = "main", worker = (modules = Made.modules, compatibilityDate = "2026-11-01", bindings = [ (name = "WHAT", text = "handlers") ])) ],
  sockets = [ (name = "echo", address = "127.0.0.1:0", tcp = (), service = "main") ],
);

const native :Workerd.Config = (
  services = [ (name = "main", worker = (modules = Made.modules, compatibilityDate = "2026-11-01", bindings = [ (name = "WHAT", text = "native") ])) ],
  sockets = [ (name = "echo", address = "127.0.0.1:0", http = (), service = "main") ],
);
