import { createPrivateKey, X509Certificate } from "node:crypto";
import { mkdir, readdir, stat, writeFile } from "node:fs/promises";
import { connect, createServer, type TLSSocket } from "node:tls";
import { once } from "node:events";
import { join } from "node:path";
import { pino } from "pino";
import { openAuthority } from "./key-ring.ts";
import { day, heldClock, identity, openIn, temporaryFolder } from "./testdata/authority.ts";
import type { Leaf } from "./types.ts";
import { X509Certificate as Parsed } from "./x509.ts";

const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const clean of cleanups.splice(0)) await clean();
});

const uri = "spiffe://cluster.local/ns/shop/sa/reviews";
const mode = async (path: string): Promise<string> => ((await stat(path)).mode & 0o777).toString(8);

describe("leaves", () => {
  it("certify exactly the identity, for both ends of mTLS", async () => {
    const clock = heldClock();
    const ring = await openIn(await temporaryFolder(cleanups), { clock });
    const leaf = await ring.issue(identity);
    const certificate = new X509Certificate(leaf.certificateChain);
    const root = new X509Certificate(ring.bundle());
    expect(certificate.subjectAltName).toBe(`URI:${uri}`);
    expect(certificate.subject ?? "").toBe("");
    expect(certificate.ca).toBe(false);
    expect([...certificate.keyUsage].sort()).toEqual(["1.3.6.1.5.5.7.3.1", "1.3.6.1.5.5.7.3.2"]);
    expect(certificate.checkIssued(root)).toBe(true);
    expect(certificate.verify(root.publicKey)).toBe(true);
    expect(certificate.checkPrivateKey(createPrivateKey(leaf.privateKey))).toBe(true);
    expect(leaf.certificateChain.match(/BEGIN CERTIFICATE/g)).toHaveLength(1); // the root is left out
    expect(leaf.identity).toBe(identity);
    expect(certificate.serialNumber.toLowerCase()).toBe(leaf.serial);
  });

  it("are well-formed in the eyes of another encoder, with a critical SAN as an empty subject demands", async () => {
    const ring = await openIn(await temporaryFolder(cleanups));
    const parsed = new Parsed((await ring.issue(identity)).certificateChain);
    expect(parsed.extensions.map(({ type, critical }) => [type, critical])).toEqual([
      ["2.5.29.17", true],
      ["2.5.29.19", true],
      ["2.5.29.15", true],
      ["2.5.29.37", false],
      ["2.5.29.35", false],
    ]);
    expect(await parsed.verify({ publicKey: new Parsed(ring.bundle()).publicKey, signatureOnly: true })).toBe(true);
    expect(Buffer.from(parsed.issuerName.toArrayBuffer())).toEqual(
      Buffer.from(new Parsed(ring.bundle()).subjectName.toArrayBuffer()),
    );
  });

  it("live 24 h, are backdated 10 minutes, and are renewed around half-life", async () => {
    const clock = heldClock(1_800_000_000_000);
    const ring = await openIn(await temporaryFolder(cleanups), { clock });
    const leaves = await Promise.all(Array.from({ length: 20 }, () => ring.issue(identity)));
    for (const leaf of leaves) {
      const certificate = new X509Certificate(leaf.certificateChain);
      expect(leaf.notBefore).toBe(clock.at - 600_000);
      expect(leaf.notAfter).toBe(clock.at + day);
      expect(certificate.validFromDate.getTime()).toBe(leaf.notBefore);
      expect(certificate.validToDate.getTime()).toBe(leaf.notAfter);
      expect(leaf.renewAt).toBeGreaterThanOrEqual(clock.at + 0.45 * day);
      expect(leaf.renewAt).toBeLessThanOrEqual(clock.at + 0.55 * day);
    }
    for (const part of ["renewAt", "serial", "privateKey"] as const) {
      expect(new Set(leaves.map((leaf) => leaf[part])).size).toBe(leaves.length);
    }
  });

  it("never outlive the CA", async () => {
    const clock = heldClock();
    const ring = await openIn(await temporaryFolder(cleanups), { clock });
    const end = new X509Certificate(ring.bundle()).validToDate.getTime();
    clock.at = end - 3600_000;
    expect((await ring.issue(identity)).notAfter).toBe(end);
    clock.at = end;
    await expect(ring.issue(identity)).rejects.toThrow("expired");
  });

  it.each([
    ["another trust domain", { ...identity, trustDomain: "elsewhere.example" }],
    ["a slash in the namespace", { ...identity, namespace: "shop/sa/admin" }],
    ["a NUL in the service account", { ...identity, serviceAccount: "reviews\0" }],
    ["nothing", { ...identity, serviceAccount: "" }],
  ])("are not made for %s", async (_what, wrong) => {
    const ring = await openIn(await temporaryFolder(cleanups));
    await expect(ring.issue(wrong)).rejects.toThrow(RangeError);
  });

  it("carry a mutual TLS handshake, and only among those who share the root", async () => {
    const ring = await openIn(await temporaryFolder(cleanups));
    const stranger = await openIn(await temporaryFolder(cleanups));
    const server = await ring.issue(identity);
    const client = await ring.issue({ ...identity, serviceAccount: "ratings" });
    expect(await handshake(server, client, ring.bundle())).toBe("URI:spiffe://cluster.local/ns/shop/sa/ratings");
    await expect(handshake(server, await stranger.issue(identity), ring.bundle())).rejects.toThrow();
  });
});

describe("server certificates", () => {
  it("name the server and serve no client", async () => {
    const ring = await openIn(await temporaryFolder(cleanups));
    const { certificateChain } = await ring.issueServer(
      ["heddle.heddle-system.svc", "localhost"],
      ["127.0.0.1", "::1"],
    );
    const certificate = new X509Certificate(certificateChain);
    expect(certificate.checkHost("localhost")).toBe("localhost");
    expect(certificate.checkIP("127.0.0.1")).toBe("127.0.0.1");
    expect(certificate.checkIP("::1")).toBe("::1");
    expect(certificate.keyUsage).toEqual(["1.3.6.1.5.5.7.3.1"]);
    expect(certificate.subjectAltName).not.toContain("URI:");
  });

  it("live as long as asked, at most 90 days", async () => {
    const clock = heldClock(1_800_000_000_000);
    const ring = await openIn(await temporaryFolder(cleanups), { clock });
    expect((await ring.issueServer(["a"], [], 30 * day)).notAfter).toBe(clock.at + 30 * day);
    expect((await ring.issueServer(["a"], [], 3650 * day)).notAfter).toBe(clock.at + 90 * day);
  });

  it.each([
    [["bad name"], []],
    [["UPPER.example"], []],
    [["a\0b"], []],
    [[], ["300.1.1.1"]],
    [[], []],
  ])("are refused for %j %j", async (dns, ips) => {
    const ring = await openIn(await temporaryFolder(cleanups));
    await expect(ring.issueServer(dns, ips)).rejects.toThrow("server certificate");
  });
});

describe("the folder of the CA", () => {
  it("is made once, however many start at the same time, and nobody else may read its keys", async () => {
    const dir = join(await temporaryFolder(cleanups), "state", "ca");
    const rings = await Promise.all(Array.from({ length: 8 }, () => openIn(dir)));
    const bundles = new Set(rings.map((ring) => ring.bundle()));
    expect(bundles.size).toBe(1);
    const made = await rings[0]!.tokens.createToken({ namespace: "shop", serviceAccount: "reviews", ttlMs: 60_000 });
    expect("token" in made && (await rings[7]!.tokens.authenticate(made.token))).toEqual({ identity });
    expect(await readdir(dir)).toEqual(["root", "token"]);
    expect(await Promise.all(["", "root", "token"].map((name) => mode(join(dir, name))))).toEqual([
      "700",
      "700",
      "700",
    ]);
    expect(await mode(join(dir, "root", "key.pem"))).toBe("600");
    expect(await mode(join(dir, "token", "key.pem"))).toBe("600");
  });

  it("keeps the root and the tokens over a restart", async () => {
    const dir = await temporaryFolder(cleanups);
    const before = await openIn(dir);
    const made = await before.tokens.createToken({ namespace: "shop", serviceAccount: "reviews", ttlMs: 60_000 });
    const after = await openIn(dir);
    expect(after.bundle()).toBe(before.bundle());
    expect("token" in made && (await after.tokens.authenticate(made.token))).toEqual({ identity });
  });

  it("recovers from a starter that was killed half-way", async () => {
    const dir = await temporaryFolder(cleanups);
    await mkdir(join(dir, ".root-0123456789abcdef"));
    await writeFile(join(dir, ".root-0123456789abcdef", "key.pem"), "half a key");
    await openIn(dir);
    expect(await readdir(dir)).toEqual(["root", "token"]);
  });

  it("gives a self-signed root of ten years", async () => {
    const clock = heldClock();
    const ring = await openIn(await temporaryFolder(cleanups), { clock });
    const root = new X509Certificate(ring.bundle());
    expect(root.ca).toBe(true);
    expect(root.checkIssued(root)).toBe(true);
    expect(root.validToDate.getTime()).toBe(Math.floor((clock.at + 3650 * day) / 1000) * 1000);
  });

  it.each([
    ["trust domain", { trustDomain: "Not A Domain" }],
    ["leaf's life", { leafTtlMs: 91 * day }],
    ["leaf's life", { leafTtlMs: Number.NaN }],
  ])("is not opened with a wrong %s", async (what, more) => {
    await expect(openIn(await temporaryFolder(cleanups), more)).rejects.toThrow(what);
  });

  it("says so where it cannot be written", async () => {
    const dir = await temporaryFolder(cleanups);
    await writeFile(join(dir, "file"), "");
    await expect(openIn(join(dir, "file", "ca"))).rejects.toThrow(/cannot be written: ENOTDIR/);
  });

  it("must be there, or a plugged-in CA in its place", async () => {
    const options = { trustDomain: "cluster.local", clock: heldClock(), log: pino({ level: "silent" }) };
    await expect(openAuthority(options)).rejects.toThrow("directory");
  });
});

/** A mutual TLS handshake; resolves with the client's names as the server saw them. */
async function handshake(server: Leaf, client: Leaf, ca: string): Promise<string> {
  const listener = createServer({ key: server.privateKey, cert: server.certificateChain, ca, requestCert: true });
  listener.on("tlsClientError", () => undefined);
  listener.listen(0, "127.0.0.1");
  await once(listener, "listening");
  const { port } = listener.address() as { port: number };
  const seen = new Promise<string>((resolve) => {
    listener.on("secureConnection", (socket: TLSSocket) => {
      resolve(socket.getPeerCertificate().subjectaltname ?? "");
      socket.end("welcome");
    });
  });
  const socket = connect({
    host: "127.0.0.1",
    port,
    key: client.privateKey,
    cert: client.certificateChain,
    ca,
    checkServerIdentity: () => undefined,
  });
  try {
    // With TLS 1.3 a refused client learns of it after its own handshake: by an alert, or by the end of the connection.
    const refused = once(socket, "close").then(() => Promise.reject(new Error("closed")));
    await Promise.race([once(socket, "data"), refused]);
    return await seen;
  } finally {
    socket.on("error", () => undefined).destroy();
    await new Promise((resolve) => listener.close(resolve));
  }
}
