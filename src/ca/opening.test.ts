import { chmod, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { AuthorityError } from "./authority-error.ts";
import { day, ecKey, heldClock, makeCertificate, openIn, pkcs8, rsaKey } from "./testdata/authority.ts";
import { pluggedInForSuite, type PluggedInTexts } from "./testdata/plugged-in.ts";
import { BasicConstraintsExtension, KeyUsageFlags, KeyUsagesExtension } from "./x509.ts";

const ca = pluggedInForSuite();

describe("F51: a CA that is not sound does not start, and says which file is at fault", () => {
  const refusal = async (parts: PluggedInTexts, now?: number): Promise<string> => {
    const pluggedIn = await ca().plugIn(parts);
    const clock = heldClock(now);
    const outcome = openIn(await ca().folder(), { pluggedIn, clock });
    const error: unknown = await outcome.then(
      () => undefined,
      (reason: unknown) => reason,
    );
    expect(error).toBeInstanceOf(AuthorityError);
    return (error as Error).message;
  };

  it.each([0o644, 0o604, 0o660, 0o601])("a key that others may use (mode %o)", async (mode) => {
    const pluggedIn = await ca().plugIn({});
    await chmod(pluggedIn.key, mode);
    const opening = openIn(await ca().folder(), { pluggedIn });
    await expect(opening).rejects.toThrow(`CA key ${pluggedIn.key} is open to other users (mode 0${mode.toString(8)})`);
  });

  it.each([0o600, 0o400, 0o440])("but not one that Kubernetes mounts (mode %o)", async (mode) => {
    const pluggedIn = await ca().plugIn({});
    await chmod(pluggedIn.key, mode);
    await expect(openIn(await ca().folder(), { pluggedIn })).resolves.toBeDefined();
  });

  it("its own key, once somebody opened it", async () => {
    const dir = await ca().folder();
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
    const leaf = await makeCertificate({ name: "CN=leaf", issuer: ca().root, extensions });
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
    const odd = await makeCertificate({ name: "CN=odd", issuer: ca().root, extensions });
    expect(await refusal({ certificate: odd.pem, key: pkcs8(odd.key) })).toMatch(
      /CA certificate .*ca-cert.pem is not a CA/,
    );
  });

  it("a certificate of another root, even of the same name", async () => {
    const other = await makeCertificate({ name: "CN=root" });
    expect(await refusal({ root: other.pem })).toMatch(
      /CA certificate .*ca-cert.pem does not lead to a root of .*root-cert.pem/,
    );
    expect(await refusal({ certificate: ca().signing.pem })).toMatch(/does not lead to a root/); // the intermediate is missing
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
    const pluggedIn = { ...(await ca().plugIn({})), key: "/nonexistent/key.pem" };
    await expect(openIn(await ca().folder(), { pluggedIn })).rejects.toThrow(
      "CA key /nonexistent/key.pem cannot be read: ENOENT",
    );
    const dir = await ca().folder();
    await mkdir(join(dir, "root"));
    await writeFile(join(dir, "root", "certificate.pem"), ca().root.pem);
    await expect(openIn(dir)).rejects.toThrow(`CA key ${join(dir, "root", "key.pem")} cannot be read: ENOENT`);
  });
});
