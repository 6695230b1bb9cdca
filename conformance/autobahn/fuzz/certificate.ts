// What comes in: names. What goes out: a new key and a certificate that it signs for itself, for TLS without any preparation.
// Node makes keys and signatures but no certificates, so the few structures of X.509 (RFC 5280 §4.1) are written out here in DER:
// a tag, a length, contents. Not an authority: some TLS libraries refuse one as a server's own certificate. Next file: server.ts.
import { Buffer } from "node:buffer";
import { generateKeyPairSync, randomBytes, sign } from "node:crypto";
import { isIP, isIPv4 } from "node:net";

/** Two PEM texts. */
export interface KeyPair {
  readonly key: string;
  readonly cert: string;
}

/** A certificate for localhost, 127.0.0.1, ::1 and these names or addresses. It lasts from yesterday for 30 days. */
export function selfSigned(names: readonly string[] = []): KeyPair {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const name = sequence(set(sequence(oid("2.5.4.3"), der(0x0c, Buffer.from("localhost")))));
  const now = Date.now();
  const serial = randomBytes(16);
  serial[0] = (serial[0] & 0x7f) | 0x40; // positive, and no zero in front
  const body = sequence(
    der(0xa0, der(0x02, Buffer.of(2))), // version 3
    der(0x02, serial),
    sequence(oid(ECDSA_WITH_SHA256)),
    name,
    sequence(time(now - DAY), time(now + 30 * DAY)),
    name,
    publicKey.export({ type: "spki", format: "der" }),
    der(0xa3, sequence(alternatives([...new Set(["localhost", "127.0.0.1", "::1", ...names])]), ...FIXED)),
  );
  const signature = sign("sha256", body, privateKey);
  return {
    key: privateKey.export({ type: "pkcs8", format: "pem" }) as string,
    cert: pem(sequence(body, sequence(oid(ECDSA_WITH_SHA256)), bits(signature))),
  };
}

/** The extension subjectAltName (RFC 5280 §4.2.1.6). */
function alternatives(names: readonly string[]): Buffer {
  const each = names.map((name) => isIP(name) === 0 ? der(0x82, Buffer.from(name, "latin1")) : der(0x87, addressOctets(name)));
  return sequence(oid("2.5.29.17"), der(0x04, sequence(...each)));
}

function addressOctets(address: string): Buffer {
  if (isIPv4(address)) return Buffer.from(address.split(".").map(Number));
  const [head, tail] = address.split("%")[0].split("::");
  const words = (part: string | undefined): string[] => part === undefined || part === "" ? [] : part.split(":");
  const [before, after] = [words(head), words(tail)];
  const all = [...before, ...Array(8 - before.length - after.length).fill("0"), ...after];
  return Buffer.from(all.map((word) => word.padStart(4, "0")).join(""), "hex");
}

function der(tag: number, ...contents: readonly Uint8Array[]): Buffer {
  const body = Buffer.concat(contents);
  const size = body.byteLength;
  const length = size < 128 ? [size] : size < 256 ? [0x81, size] : [0x82, size >> 8, size & 255];
  return Buffer.concat([Buffer.of(tag, ...length), body]);
}
function sequence(...contents: readonly Uint8Array[]): Buffer {
  return der(0x30, ...contents);
}
function set(...contents: readonly Uint8Array[]): Buffer {
  return der(0x31, ...contents);
}
function bits(contents: Uint8Array): Buffer {
  return der(0x03, Buffer.of(0), contents);
}
function time(milliseconds: number): Buffer {
  const digits = new Date(milliseconds).toISOString().replace(/\D/g, "");
  return der(0x17, Buffer.from(`${digits.slice(2, 14)}Z`));
}
function oid(dotted: string): Buffer {
  const [first, second, ...rest] = dotted.split(".").map(Number);
  const octets = rest.flatMap((arc) => {
    const groups = [arc & 127];
    for (let left = arc >> 7; left > 0; left >>= 7) groups.unshift((left & 127) | 128);
    return groups;
  });
  return der(0x06, Buffer.of(first * 40 + second, ...octets));
}
function pem(contents: Uint8Array): string {
  const lines = Buffer.from(contents).toString("base64").replace(/.{64}/g, "$&\n").trimEnd();
  return `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`;
}

const DAY = 86_400_000;
const ECDSA_WITH_SHA256 = "1.2.840.10045.4.3.2";
/** The extensions basicConstraints (no authority; critical) and extendedKeyUsage (serverAuth). */
const FIXED: readonly Buffer[] = [
  sequence(oid("2.5.29.19"), der(0x01, Buffer.of(0xff)), der(0x04, sequence())),
  sequence(oid("2.5.29.37"), der(0x04, sequence(oid("1.3.6.1.5.5.7.3.1")))),
];
