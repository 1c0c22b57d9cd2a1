import { X509Certificate } from "node:crypto";
import { chmod, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { AuthorityError } from "./authority-error.ts";
import {
  caExtensions,
  day,
  ecKey,
  heldClock,
  identity,
  makeCertificate,
  openIn,
  pkcs8,
  recordedLog,
  rsaKey,
  temporaryFolder,
  writePluggedIn,
  type Made,
} from "./testdata/authority.ts";
import type { KeyRing, PluggedInFiles } from "./types.ts";
import { BasicConstraintsExtension, KeyUsageFlags, KeyUsagesExtension, SubjectKeyIdentifierExtension } from "./x509.ts";

const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const clean of cleanups.splice(0)) await clean();
});

let root: Made;
let intermediate: Made;
let signing: Made;
beforeAll(async () => {
  root = await makeCertificate({ name: "CN=root" });
  intermediate = await makeCertificate({ name: "CN=intermediate", issuer: root });
  signing = await makeCertificate({ name: "CN=mesh", issuer: intermediate });
});

async function plugIn(
  parts: Partial<{ certificate: string; key: string; root: string; chain: string }>,
): Promise<PluggedInFiles> {
  const dir = await temporaryFolder(cleanups);
  return writePluggedIn(dir, {
    certificate: signing.pem + intermediate.pem,
    key: pkcs8(signing.key),
    root: root.pem,
    ...parts,
  });
}

async function openWith(parts: Parameters<typeof plugIn>[0]): Promise<KeyRing> {
  return openIn(await temporaryFolder(cleanups), { pluggedIn: await plugIn(parts) });
}

const certificatesOf = (pem: string): X509Certificate[] =>
  (pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----\n/g) ?? []).map(
    (one) => new X509Certificate(one),
  );

describe("a plugged-in CA", () => {
  it("signs with the intermediates in the chain and the root left out", async () => {
    const ring = await openWith({});
    const chain = certificatesOf((await ring.issue(identity)).certificateChain);
    expect(chain.map((one) => one.subject)).toEqual([undefined, "CN=mesh", "CN=intermediate"]);
    const full = [...chain, new X509Certificate(ring.bundle())];
    for (const [i, issuer] of full.slice(1).entries()) {
      expect(full[i]!.checkIssued(issuer)).toBe(true);
      expect(full[i]!.verify(issuer.publicKey)).toBe(true);
    }
    expect(ring.bundle()).toBe(new X509Certificate(root.pem).toString());
  });

  it("finds its intermediates in a chain file, in any order, with the root among them", async () => {
    const ring = await openWith({ certificate: signing.pem, chain: root.pem + intermediate.pem + signing.pem });
    const chain = certificatesOf((await ring.issue(identity)).certificateChain);
    expect(chain.map((one) => one.subject)).toEqual([undefined, "CN=mesh", "CN=intermediate"]);
  });

  it("does without a chain file that is not there", async () => {
    const pluggedIn = { ...(await plugIn({})), chain: "/nonexistent/cert-chain.pem" };
    const ring = await openIn(await temporaryFolder(cleanups), { pluggedIn });
    expect(certificatesOf((await ring.issue(identity)).certificateChain)).toHaveLength(3);
  });

  it("may be a root that signs by itself", async () => {
    const ring = await openWith({ certificate: root.pem, key: pkcs8(root.key) });
    expect(certificatesOf((await ring.issue(identity)).certificateChain)).toHaveLength(1);
  });

  it.each([
    ["ECDSA P-384", () => ecKey("secp384r1"), (made: Made) => pkcs8(made.key)],
    ["RSA", () => rsaKey(2048), (made: Made) => pkcs8(made.key)],
    ["RSA in PKCS#1", () => rsaKey(2048), (made: Made) => made.key.export({ type: "pkcs1", format: "pem" }).toString()],
    ["EC in SEC1", () => ecKey(), (made: Made) => made.key.export({ type: "sec1", format: "pem" }).toString()],
  ])("may have a key of type %s", async (_what, makeKey, write) => {
    const own = await makeCertificate({ name: "CN=own", key: makeKey() });
    const ring = await openWith({ certificate: own.pem, key: write(own), root: own.pem });
    const [leaf] = certificatesOf((await ring.issue(identity)).certificateChain);
    expect(leaf!.verify(new X509Certificate(own.pem).publicKey)).toBe(true);
  });

  it("is named in its leaves by the key id it says it has", async () => {
    const keyId = "0102030405060708";
    const own = await makeCertificate({
      name: "CN=own",
      extensions: [...caExtensions, new SubjectKeyIdentifierExtension(keyId)],
    });
    const ring = await openWith({ certificate: own.pem, key: pkcs8(own.key), root: own.pem });
    const [leaf] = certificatesOf((await ring.issue(identity)).certificateChain);
    expect(leaf!.checkIssued(new X509Certificate(own.pem))).toBe(true);
    expect(leaf!.raw.toString("hex")).toContain(keyId);
  });

  it("gives out certificates alone, whatever else the root file holds", async () => {
    const ring = await openWith({ root: `${pkcs8(root.key)}${root.pem}# a note\n${root.pem}` });
    expect(ring.bundle()).toBe(new X509Certificate(root.pem).toString());
  });

  it("caps leaves at the first end on the way to the root", async () => {
    const end = Math.floor((Date.now() + 3600_000) / 1000) * 1000;
    const short = await makeCertificate({ name: "CN=short", issuer: root, to: end });
    const below = await makeCertificate({ name: "CN=below", issuer: short });
    const ring = await openWith({ certificate: below.pem + short.pem, key: pkcs8(below.key) });
    expect((await ring.issue(identity)).notAfter).toBe(end);
  });

  it("takes up renewed files, and tells of a new bundle", async () => {
    const files = await plugIn({});
    const ring = await openIn(await temporaryFolder(cleanups), { pluggedIn: files });
    let told = 0;
    const end = ring.onBundle(() => (told += 1));
    await ring.reload();
    expect(told).toBe(0); // nothing changed
    const next = await makeCertificate({ name: "CN=next root" });
    await writeFile(files.root, root.pem + next.pem);
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
    const files = await plugIn({});
    const ring = await openIn(await temporaryFolder(cleanups), { pluggedIn: files });
    const before = ring.bundle();
    await writeFile(files.key, "not a key");
    await writeFile(files.root, (await makeCertificate({ name: "CN=next root" })).pem);
    await expect(ring.reload()).rejects.toThrow(AuthorityError);
    expect(ring.bundle()).toBe(before);
    expect(certificatesOf((await ring.issue(identity)).certificateChain)).toHaveLength(3);
  });
});

describe("F51: a CA that is not sound does not start, and says which file is at fault", () => {
  const refusal = async (parts: Parameters<typeof plugIn>[0], now?: number): Promise<string> => {
    const pluggedIn = await plugIn(parts);
    const clock = heldClock(now);
    const outcome = openIn(await temporaryFolder(cleanups), { pluggedIn, clock });
    const error: unknown = await outcome.then(
      () => undefined,
      (reason: unknown) => reason,
    );
    expect(error).toBeInstanceOf(AuthorityError);
    return (error as Error).message;
  };

  it.each([0o644, 0o604, 0o660, 0o601])("a key that others may use (mode %o)", async (mode) => {
    const pluggedIn = await plugIn({});
    await chmod(pluggedIn.key, mode);
    const opening = openIn(await temporaryFolder(cleanups), { pluggedIn });
    await expect(opening).rejects.toThrow(`CA key ${pluggedIn.key} is open to other users (mode 0${mode.toString(8)})`);
  });

  it.each([0o600, 0o400, 0o440])("but not one that Kubernetes mounts (mode %o)", async (mode) => {
    const pluggedIn = await plugIn({});
    await chmod(pluggedIn.key, mode);
    await expect(openIn(await temporaryFolder(cleanups), { pluggedIn })).resolves.toBeDefined();
  });

  it("its own key, once somebody opened it", async () => {
    const dir = await temporaryFolder(cleanups);
    await openIn(dir);
    await chmod(join(dir, "token", "key.pem"), 0o644);
    await expect(openIn(dir)).rejects.toThrow(`CA key ${join(dir, "token", "key.pem")} is open to other users`);
    await chmod(join(dir, "root", "key.pem"), 0o644);
    await expect(openIn(dir)).rejects.toThrow(`CA key ${join(dir, "root", "key.pem")} is open to other users`);
  });

  it("the key of another certificate", async () => {
    expect(await refusal({ key: pkcs8(ecKey()) })).toMatch(
      /CA key .*ca-key.pem does not belong to CA certificate .*ca-cert.pem/,
    );
  });

  it("an expired certificate, wherever it is on the way to the root", async () => {
    expect(await refusal({}, Date.now() + 400 * day)).toMatch(/CA certificate .*ca-cert.pem expired on 20/);
    const old = await makeCertificate({ name: "CN=old", from: Date.now() - 20 * day, to: Date.now() - day });
    const under = await makeCertificate({ name: "CN=under", issuer: old });
    expect(await refusal({ certificate: under.pem, key: pkcs8(under.key), root: old.pem })).toMatch(
      /CA certificate .*root-cert.pem expired on 20/,
    );
  });

  it("a certificate that is not valid yet", async () => {
    expect(await refusal({}, Date.now() - 30 * day)).toMatch(/CA certificate .*ca-cert.pem is not valid before/);
  });

  it("a certificate without CA:true", async () => {
    const extensions = [new BasicConstraintsExtension(false, undefined, true)];
    const leaf = await makeCertificate({ name: "CN=leaf", issuer: root, extensions });
    expect(await refusal({ certificate: leaf.pem, key: pkcs8(leaf.key) })).toMatch(
      /CA certificate .*ca-cert.pem is not a CA/,
    );
    const plain = await makeCertificate({ name: "CN=plain", extensions });
    expect(await refusal({ certificate: plain.pem, key: pkcs8(plain.key), root: plain.pem })).toMatch(
      /CA certificate .* is not a CA/,
    );
  });

  it("a certificate whose key may not sign certificates", async () => {
    const extensions = [
      new BasicConstraintsExtension(true, undefined, true),
      new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
    ];
    const odd = await makeCertificate({ name: "CN=odd", issuer: root, extensions });
    expect(await refusal({ certificate: odd.pem, key: pkcs8(odd.key) })).toMatch(
      /CA certificate .*ca-cert.pem is not a CA/,
    );
  });

  it("a certificate of another root, even of the same name", async () => {
    const other = await makeCertificate({ name: "CN=root" });
    expect(await refusal({ root: other.pem })).toMatch(
      /CA certificate .*ca-cert.pem does not lead to a root of .*root-cert.pem/,
    );
    expect(await refusal({ certificate: signing.pem })).toMatch(/does not lead to a root/); // the intermediate is missing
  });

  it("a weak or odd key", async () => {
    const weak = await makeCertificate({ name: "CN=weak", key: rsaKey(1024) });
    expect(await refusal({ certificate: weak.pem, key: pkcs8(weak.key), root: weak.pem })).toMatch(
      /CA key .*ca-key.pem is of a type/,
    );
  });

  it.each([
    ["key", { key: "" }],
    ["key", { key: "-----BEGIN PRIVATE KEY-----\nCANARY\n-----END PRIVATE KEY-----\n" }],
    ["certificate", { certificate: "CANARY" }],
    ["certificate", { certificate: "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n" }],
    ["certificate", { root: "" }],
  ])("a %s that cannot be read (%j)", async (what, parts) => {
    const message = await refusal(parts);
    expect(message.startsWith(`CA ${what} /`)).toBe(true);
    expect(message).toContain("holds no");
    expect(message).not.toContain("CANARY");
  });

  it("files that are not there", async () => {
    const pluggedIn = { ...(await plugIn({})), key: "/nonexistent/key.pem" };
    await expect(openIn(await temporaryFolder(cleanups), { pluggedIn })).rejects.toThrow(
      "CA key /nonexistent/key.pem cannot be read: ENOENT",
    );
    const dir = await temporaryFolder(cleanups);
    await mkdir(join(dir, "root"));
    await writeFile(join(dir, "root", "certificate.pem"), root.pem);
    await expect(openIn(dir)).rejects.toThrow(`CA key ${join(dir, "root", "key.pem")} cannot be read: ENOENT`);
  });
});

describe("F52: no key gets out", () => {
  it("by the log or by an error", async () => {
    const { log, text } = recordedLog();
    const dir = await temporaryFolder(cleanups);
    const ring = await openIn(dir, { log });
    const leaf = await ring.issue(identity);
    const made = await ring.tokens.createToken({ namespace: "shop", serviceAccount: "reviews", ttlMs: 60_000 });
    if (!("token" in made)) throw new Error(made.refused);
    log.info({ ring }, "the ring itself");
    const messages: string[] = [];
    const note = (error: unknown): void =>
      void messages.push(String(error), String((error as Error).stack), JSON.stringify(error));
    // A key cut in half, a key where a certificate belongs: what a parser says of it must not quote it.
    const key = pkcs8(signing.key);
    for (const parts of [
      { key: key.slice(0, 120) },
      { certificate: key },
      { root: key },
      { key: pkcs8(ecKey()) },
      { key: `${key}junk` },
    ]) {
      const pluggedIn = await plugIn(parts);
      await openIn(await temporaryFolder(cleanups), { pluggedIn, log }).catch(note);
    }
    await ring.tokens.authenticate(`${made.token}x`).then((answer) => messages.push(JSON.stringify(answer)));
    await ring.signCsr(identity, key).then((answer) => messages.push(JSON.stringify(answer)));
    expect(messages.length).toBeGreaterThan(8);
    const canaries = [leaf.privateKey, key, made.token].map((secret) =>
      secret.replace(/-----[^\n]*\n/, "").slice(0, 40),
    );
    for (const canary of canaries) expect(messages.join("\n") + text()).not.toContain(canary);
    expect(text()).toContain("CA opened");
  });
});
