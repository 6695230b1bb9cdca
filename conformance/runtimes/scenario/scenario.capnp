# The Worker of the scenario's server, for `workerd serve`, and what its client shares. workerd.ts writes what is imported here as /made.capnp:
# the modules of dist/ and the paths of a run; the certificates come from certificates.ts. Next file: scenario-client.capnp.
@0xb3a1f7c2d4e58693;

using Workerd = import "/workerd/workerd.capnp";
using Made = import "/made.capnp";

const server :Workerd.Config = (
  services = [ (name = "main", worker = .worker) ],
  sockets = [
    (name = "main", address = "127.0.0.1:0", tcp = (), service = (name = "main", props = (json = "{\"listening\":\"main\"}"))),
    (name = "parts", address = "127.0.0.1:0", tcp = (), service = (name = "main", props = (json = "{\"listening\":\"parts\"}"))),
    (name = "raw", address = "127.0.0.1:0", tcp = (), service = (name = "main", props = (json = "{\"listening\":\"raw\"}"))),
    (name = "plain", address = "127.0.0.1:0", tcp = (), service = (name = "main", props = (json = "{\"listening\":\"plain\"}"))),
    (name = "stall", address = "127.0.0.1:0", tcp = (), service = (name = "main", props = (json = "{\"listening\":\"stall\"}"))),
    (name = "unix", address = Made.socket, tcp = (), service = (name = "main", props = (json = "{\"listening\":\"unix\"}"))),
    (
      name = "secure",
      address = "127.0.0.1:0",
      tcp = (tlsOptions = (keypair = (privateKey = Made.key, certificateChain = Made.near))),
      service = (name = "main", props = (json = "{\"listening\":\"secure\"}")),
    ),
    (
      name = "untrusted",
      address = "127.0.0.1:0",
      tcp = (tlsOptions = (keypair = (privateKey = Made.key, certificateChain = Made.untrusted))),
      service = (name = "main", props = (json = "{\"listening\":\"untrusted\"}")),
    ),
    (
      name = "misnamed",
      address = "127.0.0.1:0",
      tcp = (tlsOptions = (keypair = (privateKey = Made.key, certificateChain = Made.far))),
      service = (name = "main", props = (json = "{\"listening\":\"misnamed\"}")),
    ),
  ],
);

# Compatible with what has node:zlib without a flag.
const worker :Workerd.Worker = (modules = Made.modules, compatibilityDate = "2026-11-01");
