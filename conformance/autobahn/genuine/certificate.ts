// A self-signed certificate for 127.0.0.1 and localhost, made once with the openssl program and kept in .cache/tls/.
// In: nothing. Out: two PEM files; the certificate is also the authority that a client has to trust. Next file: processes.ts.
import { spawnSync } from "node:child_process";
import { X509Certificate } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import process from "node:process";
import { cache, Unable } from "./places.ts";

/** Paths of PEM files. */
export interface Certificate {
  readonly key: string;
  readonly cert: string;
}

/** The pair in .cache/tls/, made anew if it is not there or about to expire. Throws Unable without an openssl program. */
export function certificate(): Certificate {
  const folder = `${cache}tls/`;
  const pair = { key: `${folder}key.pem`, cert: `${folder}cert.pem` };
  if (existsSync(pair.key) && existsSync(pair.cert) && lasts(pair.cert)) return pair;
  const making = `${cache}tls-${process.pid}/`;
  mkdirSync(making, { recursive: true });
  writeFileSync(`${making}openssl.cnf`, config);
  const args = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-sha256", "-days", "365", "-config", `${making}openssl.cnf`];
  const run = spawnSync("openssl", [...args, "-keyout", `${making}key.pem`, "-out", `${making}cert.pem`], { encoding: "utf8" });
  if (run.status !== 0) {
    rmSync(making, { recursive: true });
    throw new Unable(
      `TLS needs a certificate: install openssl, or give --key and --cert (${run.error?.message ?? run.stderr.trim()})`,
    );
  }
  rmSync(`${making}openssl.cnf`);
  // A whole folder is put in place at once: another process may be making the same pair.
  rmSync(folder, { recursive: true, force: true });
  renameSync(making, folder);
  return pair;
}

function lasts(cert: string): boolean {
  const day = 24 * 60 * 60 * 1_000;
  return Date.parse(new X509Certificate(readFileSync(cert)).validTo) - Date.now() > day;
}

// Not a CA: rustls refuses an authority as a server's own certificate.
const config = `
[req]
distinguished_name = name
x509_extensions = extensions
prompt = no
[name]
CN = localhost
[extensions]
basicConstraints = critical, CA:FALSE
subjectAltName = IP:127.0.0.1, DNS:localhost
extendedKeyUsage = serverAuth
`;
