import { X509Certificate } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { AuthorityError } from "./authority-error.ts";
import {
  caExtensions,
  ecKey,
  identity,
  makeCertificate,
  openIn,
  pkcs8,
  rsaKey,
  type Made,
} from "./testdata/authority.ts";
import { pluggedInForSuite } from "./testdata/plugged-in.ts";
import { SubjectKeyIdentifierExtension } from "./x509.ts";

const ca = pluggedInForSuite();

const certificatesOf = (pem: string): X509Certificate[] =>
  (pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----\n/g) ?? []).map(
    (one) => new X509Certificate(one),
  );

describe("a plugged-in CA", () => {
  it("signs with the intermediates in the chain and the root left out", async () => {
    const ring = await ca().openWith({});
    const chain = certificatesOf((await ring.issue(identity)).certificateChain);
    expect(chain.map((one) => one.subject)).toEqual([undefined, "CN=mesh", "CN=intermediate"]);
    const full = [...chain, new X509Certificate(ring.bundle())];
    for (const [i, issuer] of full.slice(1).entries()) {
      expect(full[i]!.checkIssued(issuer)).toBe(true);
      expect(full[i]!.verify(issuer.publicKey)).toBe(true);
    }
    expect(ring.bundle()).toBe(new X509Certificate(ca().root.pem).toString());
  });

  it("finds its intermediates in a chain file, in any order, with the root among them", async () => {
    const ring = await ca().openWith({
      certificate: ca().signing.pem,
      chain: ca().root.pem + ca().intermediate.pem + ca().signing.pem,
    });
    const chain = certificatesOf((await ring.issue(identity)).certificateChain);
    expect(chain.map((one) => one.subject)).toEqual([undefined, "CN=mesh", "CN=intermediate"]);
  });

  it("does without a chain file that is not there", async () => {
    const pluggedIn = { ...(await ca().plugIn({})), chain: "/nonexistent/cert-chain.pem" };
    const ring = await openIn(await ca().folder(), { pluggedIn });
    expect(certificatesOf((await ring.issue(identity)).certificateChain)).toHaveLength(3);
  });

  it("may be a root that signs by itself", async () => {
    const ring = await ca().openWith({ certificate: ca().root.pem, key: pkcs8(ca().root.key) });
    expect(certificatesOf((await ring.issue(identity)).certificateChain)).toHaveLength(1);
  });

  it.each([
    ["ECDSA P-384", () => ecKey("secp384r1"), (made: Made) => pkcs8(made.key)],
    ["RSA", () => rsaKey(2048), (made: Made) => pkcs8(made.key)],
    ["RSA in PKCS#1", () => rsaKey(2048), (made: Made) => made.key.export({ type: "pkcs1", format: "pem" }).toString()],
    ["EC in SEC1", () => ecKey(), (made: Made) => made.key.export({ type: "sec1", format: "pem" }).toString()],
  ])("may have a key of type %s", async (_what, makeKey, write) => {
    const own = await makeCertificate({ name: "CN=own", key: makeKey() });
    const ring = await ca().openWith({ certificate: own.pem, key: write(own), root: own.pem });
    const [leaf] = certificatesOf((await ring.issue(identity)).certificateChain);
    expect(leaf!.verify(new X509Certificate(own.pem).publicKey)).toBe(true);
  });

  it("is named in its leaves by the key id it says it has", async () => {
    const keyId = "0102030405060708";
    const own = await makeCertificate({
      name: "CN=own",
      extensions: [...caExtensions, new SubjectKeyIdentifierExtension(keyId)],
    });
    const ring = await ca().openWith({ certificate: own.pem, key: pkcs8(own.key), root: own.pem });
    const [leaf] = certificatesOf((await ring.issue(identity)).certificateChain);
    expect(leaf!.checkIssued(new X509Certificate(own.pem))).toBe(true);
    expect(leaf!.raw.toString("hex")).toContain(keyId);
  });

  it("gives out certificates alone, whatever else the root file holds", async () => {
    const ring = await ca().openWith({ root: `${pkcs8(ca().root.key)}${ca().root.pem}# a note\n${ca().root.pem}` });
    expect(ring.bundle()).toBe(new X509Certificate(ca().root.pem).toString());
  });

  it("caps leaves at the first end on the way to the root", async () => {
    const end = Math.floor((Date.now() + 3600_000) / 1000) * 1000;
    const short = await makeCertificate({ name: "CN=short", issuer: ca().root, to: end });
    const below = await makeCertificate({ name: "CN=below", issuer: short });
    const ring = await ca().openWith({ certificate: below.pem + short.pem, key: pkcs8(below.key) });
    expect((await ring.issue(identity)).notAfter).toBe(end);
  });

  it("takes up renewed files, and tells of a new bundle", async () => {
    const files = await ca().plugIn({});
    const ring = await openIn(await ca().folder(), { pluggedIn: files });
    let told = 0;
    const end = ring.onBundle(() => (told += 1));
    await ring.reload();
    expect(told).toBe(0); // nothing changed
    const next = await makeCertificate({ name: "CN=next root" });
    await writeFile(files.root, ca().root.pem + next.pem);
    await ring.reload();
    expect(told).toBe(1);
    expect(certificatesOf(ring.bundle()).map((one) => one.subject)).toEqual(["CN=root", "CN=next root"]);
    await writeFile(files.certificate, next.pem);
    await writeFile(files.key, pkcs8(next.key));
    await ring.reload();
    expect(certificatesOf((await ring.issue(identity)).certificateChain)[0]!.issuer).toBe("CN=next root");
    end();
    await writeFile(files.root, next.pem);
    await ring.reload();
    expect(told).toBe(1);
  });

  it("stays as it was where the renewed files are bad", async () => {
    const files = await ca().plugIn({});
    const ring = await openIn(await ca().folder(), { pluggedIn: files });
    const before = ring.bundle();
    await writeFile(files.key, "not a key");
    await writeFile(files.root, (await makeCertificate({ name: "CN=next root" })).pem);
    await expect(ring.reload()).rejects.toThrow(AuthorityError);
    expect(ring.bundle()).toBe(before);
    expect(certificatesOf((await ring.issue(identity)).certificateChain)).toHaveLength(3);
  });
});
