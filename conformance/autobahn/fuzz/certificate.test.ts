import { describe, expect, it } from "vitest";
import { createPrivateKey, X509Certificate } from "node:crypto";
import { selfSigned } from "./certificate.ts";

describe("a certificate made on the fly", () => {
  it("names what it is for, is valid now, and is signed with its own key", () => {
    const { key, cert } = selfSigned(["192.0.2.7", "fe80::1:2", "host.example"]);
    const parsed = new X509Certificate(cert);
    for (const name of ["localhost", "host.example"]) expect(parsed.checkHost(name)).toBe(name);
    for (const address of ["127.0.0.1", "192.0.2.7", "::1", "fe80::1:2"]) expect(parsed.checkIP(address)).toBe(address);
    expect(parsed.checkHost("elsewhere.example")).toBeUndefined();
    expect(parsed.verify(parsed.publicKey)).toBe(true);
    expect(parsed.checkPrivateKey(createPrivateKey(key))).toBe(true);
    expect(parsed.ca).toBe(false);
    expect(Date.parse(parsed.validFrom)).toBeLessThan(Date.now());
    expect(Date.parse(parsed.validTo)).toBeGreaterThan(Date.now());
  });

  it("is another one each time", () => {
    expect(new X509Certificate(selfSigned().cert).serialNumber).not.toBe(new X509Certificate(selfSigned().cert).serialNumber);
  });
});
