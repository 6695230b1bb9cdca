# The Worker of `npm run client -- --runtime cloudflare`. `workerd test` wants a file with one configuration.
@0xb3a1f7c2d4e58692;

using Workerd = import "/workerd/workerd.capnp";
using Made = import "/made.capnp";
using Echo = import "workerd.capnp";

# It reaches this machine, which Workers may not by default.
const client :Workerd.Config = (
  services = [
    (name = "main", worker = Echo.worker),
    (name = "internet", network = (
      allow = ["public", "private"],
      tlsOptions = (trustBrowserCas = true, trustedCertificates = Made.authorities),
    )),
  ],
);
