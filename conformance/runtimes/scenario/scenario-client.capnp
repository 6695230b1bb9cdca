# The Worker of the scenario's client. `workerd test` wants a file with one configuration.
@0xb3a1f7c2d4e58694;

using Workerd = import "/workerd/workerd.capnp";
using Made = import "/made.capnp";

# It reaches this machine, which Workers may not by default, and one path of the file system.
const client :Workerd.Config = (
  services = [
    (name = "main", worker = .worker),
    (name = "near", external = (address = Made.socket, tcp = ())),
    (name = "internet", network = (allow = ["public", "private"], tlsOptions = (trustedCertificates = [Made.authority]))),
  ],
);

const worker :Workerd.Worker = (
  modules = Made.modules,
  compatibilityDate = "2026-11-01",
  bindings = [ (name = "SETTINGS", fromEnvironment = "SANSWS_SETTINGS"), (name = "NEAR", service = "near") ],
);
